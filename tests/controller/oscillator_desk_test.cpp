// SPDX-License-Identifier: Apache-2.0
// The oscillator's command over a simulated deck whose card can be pulled out, on simulated deck time.
#include "controller/oscillator_desk.hpp"

#include "controller/supervisor.hpp"
#include "losable_card.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using testing::HasSubstr;

/// Plays a programme of ones for a while.
class PlayingJob final : public transport::Job {
  public:
    PlayingJob(Timeline& timeline, audio::BlockEngine& engine) : timeline_(timeline), engine_(engine) {}
    ~PlayingJob() override { engine_.stop_playing(); }
    PlayingJob(const PlayingJob&) = delete;
    PlayingJob& operator=(const PlayingJob&) = delete;
    [[nodiscard]] std::string name() const override { return "trial"; }
    [[nodiscard]] transport::JobProgress progress() const override { return {}; }
    Task<transport::JobOutcome> run() override {
        engine_.queue_write(std::vector<std::int32_t>(2 * 4800, 1 << 8));
        engine_.queue_finish();
        engine_.start_playing();
        while (engine_.played_to() < 0) {
            co_await timeline_.sleep_for(milliseconds(10));
        }
        co_return transport::JobOutcome{transport::JobVerdict::Pass, {}, {}};
    }

  private:
    Timeline& timeline_;
    audio::BlockEngine& engine_;
};

class OscillatorRig : public ::testing::Test {
  protected:
    OscillatorRig() {
        supervisor_ = std::make_unique<Supervisor>(
            Supervisor::Parts{back_ends_.timeline(), transport_, back_ends_, engine_, runner_, profile_}, [] {});
        desk_ = std::make_unique<OscillatorDesk>(OscillatorDesk::Parts{
            .oscillator = engine_.add_oscillator(),
            .levels = {.play_dbfs_at_operating_level = -14.0, .capture_dbfs_at_operating_level = -14.0},
            .runner = runner_,
            .obstacle = [this] { return supervisor_->card_lost() ? supervisor_->card_problem() : std::string(); },
            .commanded = [this](const std::string& command,
                                const std::string& answer) { logged_.push_back(command + ": " + answer); },
            .changed = [this] { told_.push_back(json::serialize(desk_->state())); }});
        desk_->add_command(registry_);
        EXPECT_TRUE(supervisor_->start().ok());
        tick_ = std::make_unique<PeriodicTimer>(back_ends_.timeline(), milliseconds(10), [this] {
            supervisor_->tick();
            desk_->tick();
        });
        run(milliseconds(500));
    }
    ~OscillatorRig() override {
        tick_.reset();
        runner_.abandon();
        transport_.stop();
        supervisor_.reset();
    }
    void run(milliseconds length) { back_ends_.simulated_timeline().run_for(length); }
    bool until(const std::function<bool()>& done) {
        auto& time = back_ends_.simulated_timeline();
        return time.run_until(done, time.now() + std::chrono::seconds(60));
    }
    Reply call(const json::object& parameters) {
        Reply got;
        registry_.call("oscillator", parameters, {}, [&](Reply reply) { got = std::move(reply); });
        return got;
    }
    [[nodiscard]] json::value state() const { return desk_->state(); }
    /// Peaks of what went to the card in the 100 ms that follow, dBFS, left and right; -999: not one bit.
    std::pair<double, double> peaks() {
        std::vector<std::int32_t> frames(2 * 96000);
        while (played_.read(frames).frames > 0) {
        }
        run(milliseconds(100));
        std::pair<double, double> most{0.0, 0.0};
        for (auto block = played_.read(frames); block.frames > 0; block = played_.read(frames)) {
            for (std::size_t n = 0; n < block.frames; ++n) {
                most.first = std::max(most.first, std::abs(static_cast<double>(frames[2 * n]) / 2147483648.0));
                most.second = std::max(most.second, std::abs(static_cast<double>(frames[2 * n + 1]) / 2147483648.0));
            }
        }
        const auto db = [](double peak) { return peak > 0.0 ? 20.0 * std::log10(peak) : -999.0; };
        return {db(most.first), db(most.second)};
    }

    tape::DeckProfile profile_ = rig::simulated_profile();
    rig::LosableBackEnds back_ends_;
    transport::Transport transport_{back_ends_.timeline(), back_ends_.deck(), back_ends_.adjust(), {}};
    audio::BlockEngine engine_{back_ends_.pcm(), back_ends_.engine_config()};
    audio::FrameTap& played_ = engine_.add_played_tap(96000);
    JobRunner runner_{back_ends_.timeline(),
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    std::unique_ptr<Supervisor> supervisor_;
    CommandRegistry registry_;
    std::unique_ptr<OscillatorDesk> desk_;
    std::unique_ptr<PeriodicTimer> tick_;
    std::vector<std::string> logged_, told_;
};

TEST_F(OscillatorRig, LevelsAreInDbfsOrReOperatingLevel) {
    EXPECT_EQ(peaks(), std::pair(-999.0, -999.0));
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -20.0}}).ok());
    run(milliseconds(200));
    EXPECT_NEAR(peaks().first, -20.0, 0.01);
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_re_operating_db", 3.0}, {"channel", "left"}}).ok());
    run(milliseconds(200));
    const auto [left, right] = peaks();
    EXPECT_NEAR(left, -11.0, 0.01);
    EXPECT_EQ(right, -999.0);
    EXPECT_EQ(state().at("level_dbfs").to_number<double>(), -11.0);
    EXPECT_EQ(state().at("level_re_operating_db").to_number<double>(), 3.0);
    EXPECT_EQ(state().at("channel"), "left");
    ASSERT_TRUE(
        call({{"signal", "multitone"}, {"level_re_operating_db", -6.0}, {"tones", json::array{"300:0", "3000:-10"}}})
            .ok());
    EXPECT_EQ(state().at("tones").at(0).at("level_dbfs").to_number<double>(), -20.0);
    EXPECT_EQ(state().at("tones").at(1).at("level_re_operating_db").to_number<double>(), -16.0);
    ASSERT_TRUE(call({{"signal", "off"}}).ok());
    run(milliseconds(200));
    EXPECT_EQ(peaks(), std::pair(-999.0, -999.0));
    EXPECT_TRUE(state().is_null());
    EXPECT_THAT(logged_, testing::ElementsAre("oscillator: sine", "oscillator: sine", "oscillator: multitone",
                                              "oscillator: off"));
}

TEST_F(OscillatorRig, WhatDoesNotFitIsRefusedInWordsAndWhatPlaysGoesOn) {
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -20.0}}).ok());
    const auto words = [&](const json::object& parameters) {
        const Reply reply = call(parameters);
        EXPECT_FALSE(reply.ok()) << reply.result;
        EXPECT_EQ(reply.code, ErrorCode::InvalidParams);
        return reply.message;
    };
    EXPECT_THAT(words({{"signal", "sine"}, {"level_re_operating_db", 14.1}}),
                HasSubstr("+14.10 dB re operating level) is more than the converter has; expected 0 dBFS, that is "
                          "+14.00 dB"));
    EXPECT_THAT(words({{"signal", "tones"}, {"level_dbfs", 3.0}, {"tones", json::array{"1000:-20", "1000:-2.5"}}}),
                HasSubstr("+0.50 dBFS"));
    EXPECT_THAT(words({{"signal", "sine"}}), HasSubstr("say at what level"));
    EXPECT_THAT(words({{"signal", "sine"}, {"level_dbfs", -1.0}, {"level_re_operating_db", 0.0}}),
                HasSubstr("give one level"));
    EXPECT_THAT(words({{"signal", "sine"}, {"level_dbfs", -20.0}, {"to_hz", 5.0}}), HasSubstr("does not go with it"));
    EXPECT_THAT(words({{"signal", "sine"}, {"level_dbfs", -20.0}, {"frequency_hz", 47000}}),
                HasSubstr("up to 0.45 of the sample rate"));
    EXPECT_THAT(words({{"signal", "silence"}}), HasSubstr("unknown value 'silence'"));
    EXPECT_THAT(words({{"signal", "off"}, {"level_dbfs", -20.0}}), HasSubstr("nothing goes with 'off'"));
    EXPECT_THAT(words({{"level_dbfs", -20.0}}), HasSubstr("say which signal"));
    run(milliseconds(200));
    EXPECT_NEAR(peaks().first, -20.0, 0.01);
}

TEST_F(OscillatorRig, EveryChangeIsToldAndTheFrameWithIt) {
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -20.0}}).ok());
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_THAT(told_[0], HasSubstr(R"("from_frame":null)"));
    run(milliseconds(100));
    ASSERT_EQ(told_.size(), 2U);
    EXPECT_THAT(told_[1], testing::Not(HasSubstr(R"("from_frame":null)")));
    const auto from = state().at("from_frame").to_number<std::int64_t>();
    EXPECT_EQ(state().at("settled_frame").to_number<std::int64_t>(),
              from + static_cast<std::int64_t>(engine_.sample_rate_hz() / 100.0));
    ASSERT_TRUE(call({{"signal", "tones"}, {"tones", json::array{"1000:-20:0.2"}}}).ok());
    ASSERT_TRUE(until([&] { return state().is_null(); })) << "it ends by itself";
    run(milliseconds(20));
    EXPECT_EQ(told_.back(), "null");
    const auto nothing = json::parse(call({}).result);
    EXPECT_TRUE(nothing.at("oscillator").is_null());
    EXPECT_EQ(json::parse(call({{"signal", "off"}}).result).at("status"), "unchanged");
}

TEST_F(OscillatorRig, AJobTakesTheOutputsAndNothingComesBack) {
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -14.0}}).ok());
    run(milliseconds(100));
    ASSERT_TRUE(runner_.reserve("trial").ok());
    const Reply refused = call({{"signal", "sine"}, {"level_dbfs", -20.0}});
    EXPECT_EQ(refused.code, ErrorCode::Refused);
    EXPECT_THAT(refused.message, HasSubstr("oscillator was refused: the deck belongs to 'trial'"));
    EXPECT_FALSE(state().is_null()) << "the job may still be refused itself";
    desk_->end("a trial begins");
    EXPECT_TRUE(state().is_null());
    ASSERT_TRUE(runner_.start(std::make_unique<PlayingJob>(back_ends_.timeline(), engine_), "id").ok());
    EXPECT_TRUE(call({{"signal", "off"}}).ok()) << "never refused";
    ASSERT_TRUE(until([&] { return !runner_.busy(); }));
    EXPECT_EQ(runner_.last()->ending, JobEnding::Pass);
    run(milliseconds(300));
    EXPECT_EQ(peaks(), std::pair(-999.0, -999.0));
    EXPECT_TRUE(state().is_null());
}

TEST_F(OscillatorRig, AJobThatWasNotAnnouncedTakesThemToo) {
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -14.0}}).ok());
    run(milliseconds(100));
    ASSERT_TRUE(runner_.start(std::make_unique<PlayingJob>(back_ends_.timeline(), engine_), "id").ok());
    ASSERT_TRUE(until([&] { return !runner_.busy(); }));
    run(milliseconds(300));
    EXPECT_EQ(peaks(), std::pair(-999.0, -999.0));
    EXPECT_EQ(told_.back(), "null");
}

TEST_F(OscillatorRig, ACardPulledOutWhileItPlaysEndsIt) {
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -14.0}}).ok());
    run(milliseconds(200));
    back_ends_.losable_card().unplug();
    run(milliseconds(50));
    EXPECT_TRUE(supervisor_->card_lost());
    EXPECT_TRUE(state().is_null());
    EXPECT_EQ(told_.back(), "null");
    const Reply refused = call({{"signal", "sine"}, {"level_dbfs", -20.0}});
    EXPECT_EQ(refused.code, ErrorCode::Refused);
    EXPECT_THAT(refused.message, HasSubstr("the sound card (hw:CARD=Test) is gone"));
    back_ends_.losable_card().plugged = true;
    ASSERT_TRUE(until([&] { return !supervisor_->card_lost(); }));
    run(milliseconds(300));
    EXPECT_EQ(peaks(), std::pair(-999.0, -999.0)) << "nothing resumes by itself";
    EXPECT_TRUE(state().is_null());
    ASSERT_TRUE(call({{"signal", "sine"}, {"level_dbfs", -20.0}}).ok());
    run(milliseconds(200));
    EXPECT_NEAR(peaks().first, -20.0, 0.01);
}

} // namespace
} // namespace overbias::controller
