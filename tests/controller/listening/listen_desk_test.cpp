// SPDX-License-Identifier: Apache-2.0
// Source/tape A/B over a simulated deck, on simulated deck time; sound is brought together on its own thread meanwhile.
#include "controller/listening/listen_desk.hpp"

#include "audio/oscillator.hpp"
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "dsp/generator/signal.hpp"

#include <algorithm>
#include <atomic>
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

class ListenRig : public ::testing::Test {
  protected:
    void open(bool monitors, bool browser) {
        settings_.monitor_playback = monitors;
        settings_.monitor_heard = [this](std::int64_t, std::int32_t left, std::int32_t) {
            peak_ = std::max(peak_, std::abs(static_cast<double>(left) / 2147483648.0));
        };
        config_.listening.browser = browser;
        config_.listening.browser_listeners = 1;
        if (monitors) {
            config_.listening.monitor_channels = {3, 4};
        }
        config_.tape.speed_ips = 15.0;
        config_.deck.record_to_reproduce_mm = 38.1; // 100 ms
        config_.audio.round_trip_frames = 48.0;     // 1 ms
        config_.audio.levels.play_dbfs_at_operating_level = -14.0;
        config_.audio.levels.capture_dbfs_at_operating_level = -18.0;
        deck_ = std::make_unique<deck_sim::SimulatedDeck>(timeline_, settings_, std::vector<deck_sim::Fault>{});
        engine_ = std::make_unique<audio::BlockEngine>(deck_->pcm(), audio::EngineConfig{});
        oscillator_ = &engine_->add_oscillator();
        runner_ = std::make_unique<JobRunner>(
            timeline_, JobRunner::Hooks{.make_safe = [] {}, .where = {}, .event = {}, .keep = {}, .ended = {}});
        desk_ = std::make_unique<ListenDesk>(ListenDesk::Parts{
            .config = config_,
            .engine = *engine_,
            .played = deck_->pcm().playback().format(),
            .captured = deck_->pcm().capture().format(),
            .runner = *runner_,
            .commanded = [this](const std::string& command,
                                const std::string& answer) { logged_.push_back(command + ": " + answer); },
            .changed = [this] { ++changes_; }});
        desk_->add_command(registry_);
        ASSERT_TRUE(engine_->start().ok());
        tick_ = std::make_unique<PeriodicTimer>(timeline_, milliseconds(10), [this] {
            engine_->rt_process();
            desk_->tick();
        });
    }
    ~ListenRig() override {
        tick_.reset();
        desk_.reset();
    }
    Reply call(const json::object& parameters) {
        Reply got;
        registry_.call("listen", parameters, {}, [&](Reply reply) { got = std::move(reply); });
        return got;
    }
    /// Deck time goes on until it is so; false: it never was.
    bool until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            peak_ = 0.0;
            timeline_.run_for(milliseconds(20));
        }
        return true;
    }
    [[nodiscard]] double peak_dbfs() const { return peak_ > 0.0 ? 20.0 * std::log10(peak_) : -999.0; }

    SimulatedTimeline timeline_;
    deck_sim::Settings settings_;
    Config config_;
    std::unique_ptr<deck_sim::SimulatedDeck> deck_;
    std::unique_ptr<audio::BlockEngine> engine_;
    audio::Oscillator* oscillator_ = nullptr;
    std::unique_ptr<JobRunner> runner_;
    CommandRegistry registry_;
    std::unique_ptr<ListenDesk> desk_;
    std::unique_ptr<PeriodicTimer> tick_;
    std::vector<std::string> logged_;
    int changes_ = 0;
    double peak_ = 0.0;
};

TEST_F(ListenRig, WithoutMonitorsAndBrowsersItIsRefusedInWords) {
    open(false, false);
    const Reply refused = call({{"what", "tape"}});
    EXPECT_EQ(refused.code, ErrorCode::Refused);
    EXPECT_THAT(refused.message, HasSubstr("audio.monitor_channels"));
    EXPECT_TRUE(call({{"what", "off"}}).ok());
    EXPECT_TRUE(call({}).ok());
    EXPECT_TRUE(desk_->state().at("monitor").is_null());
    EXPECT_TRUE(desk_->state().at("browser").is_null());
    const web_ui::AudioOpening opening = desk_->open("tape", [] {});
    EXPECT_EQ(opening.status, 404);
    EXPECT_THAT(opening.why, HasSubstr("listening.browser"));
    EXPECT_FALSE(opening.listener);
    EXPECT_TRUE(logged_.empty());
}

TEST_F(ListenRig, SourceIsHeardAsTheTapeWouldBe) {
    open(true, false);
    dsp::Signal sine;
    sine.kind = dsp::Signal::Kind::Sine;
    sine.frequency_hz = 1000.0;
    sine.level_dbfs = -20.0;
    ASSERT_TRUE(oscillator_->play(sine, audio::OscillatorChannels::Both).ok());
    timeline_.run_for(milliseconds(500));
    EXPECT_EQ(peak_, 0.0) << "off is silent";
    EXPECT_EQ(json::parse(call({{"what", "source"}}).result).at("status"), "accepted");
    EXPECT_EQ(json::parse(call({{"what", "source"}}).result).at("status"), "unchanged");
    EXPECT_TRUE(until([this] { return std::abs(peak_dbfs() + 24.0) < 0.05; }))
        << "4 dB below what is sent, by the level chart; got " << peak_dbfs();
    EXPECT_TRUE(call({{"dim", true}, {"mono", true}}).ok());
    EXPECT_TRUE(until([this] { return std::abs(peak_dbfs() + 44.0) < 0.05; })) << peak_dbfs();
    EXPECT_EQ(desk_->state().at("what"), "source");
    EXPECT_EQ(desk_->state().at("dim"), true);
    EXPECT_EQ(desk_->state().at("monitor").at("channels"), (json::array{3, 4}));
    EXPECT_TRUE(call({{"what", "off"}}).ok());
    EXPECT_TRUE(until([this] { return peak_ == 0.0; }));
    EXPECT_EQ(changes_, 3);
    EXPECT_THAT(logged_, testing::ElementsAre(HasSubstr(R"("what":"source")"), HasSubstr("dim"), HasSubstr("off")));
}

TEST_F(ListenRig, TheMatchIsTheConfigurationsUntilAComparisonSaysMore) {
    open(true, false);
    const auto match = [this] { return desk_->state().at("match"); };
    EXPECT_NEAR(match().at("delay_ms").as_double(), 101.0, 1e-6);
    EXPECT_EQ(match().at("level_difference_db"), (json::array{-4.0, -4.0}));
    EXPECT_EQ(match().at("basis"), "configuration");
    config_.deck.calibrated_head_delay_ms = 99.5;
    EXPECT_NEAR(match().at("delay_ms").as_double(), 100.5, 1e-6);
    desk_->job_event(
        {"proven",
         {{"delay_ms", "98.2500"}, {"level_difference_left_db", "0.3000"}, {"level_difference_right_db", "-0.2000"}},
         {},
         {}});
    EXPECT_NEAR(match().at("delay_ms").as_double(), 99.25, 1e-6);
    EXPECT_EQ(match().at("level_difference_db"), (json::array{-3.7, -4.2}));
    EXPECT_EQ(match().at("basis"), "comparison");
    desk_->job_event({"proven", {{"failing", ""}}, {}, {}}); // one that knows no delay
    EXPECT_EQ(match().at("basis"), "comparison");
    desk_->tick(); // no job runs
    EXPECT_EQ(match().at("basis"), "configuration");
}

TEST_F(ListenRig, BrowsersGetWhatIsCaptured) {
    open(false, true);
    EXPECT_EQ(desk_->open("everything", [] {}).status, 400);
    std::atomic<int> woken{0};
    web_ui::AudioOpening opening = desk_->open("tape", [&woken] { ++woken; });
    ASSERT_TRUE(opening.listener);
    EXPECT_EQ(desk_->open("tape", [] {}).status, 503);
    std::string bytes;
    EXPECT_TRUE(until([&] {
        bytes += opening.listener->take();
        return bytes.size() > 5000;
    }));
    EXPECT_EQ(bytes.substr(0, 4), "fLaC");
    EXPECT_GE(woken.load(), 1);
    EXPECT_EQ(desk_->state().at("browser").at("listeners").at("tape"), 1);
    opening.listener.reset();
    EXPECT_EQ(desk_->open("tape", [] {}).status, 200);
    EXPECT_TRUE(call({{"what", "tape"}}).ok()) << "for the stream ab";
}

} // namespace
} // namespace overbias::controller
