// SPDX-License-Identifier: Apache-2.0
// The panel's meters behind a simulated deck and its card, on simulated deck time: a level that is known reads as it
// is, on the way to the deck and off tape, and loudness begins anew where a print's programme does.
#include "controller/panel_link.hpp"

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "dsp/meters/stereo_meters.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <numbers>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

constexpr double kRate_hz = 48000.0;
constexpr std::chrono::seconds kPatience{15}; ///< host time; a test that needs it has failed

/// It does nothing until it is cancelled, but says what it is told to say.
class IdleJob final : public transport::Job {
  public:
    IdleJob(Timeline& timeline, std::string name) : timeline_(timeline), name_(std::move(name)) {}
    [[nodiscard]] std::string name() const override { return name_; }
    Task<transport::JobOutcome> run() override {
        for (;;) {
            co_await timeline_.sleep_for(std::chrono::hours(1));
        }
    }
    [[nodiscard]] transport::JobProgress progress() const override { return {}; }
    void say(const std::string& kind) const { emit({kind, {}, {}, {}}); }

  private:
    Timeline& timeline_;
    std::string name_;
};

class PanelLinkTest : public testing::Test {
  protected:
    void start(const deck_sim::Settings& settings = {}) {
        deck_ = std::make_unique<deck_sim::SimulatedDeck>(timeline_, settings, std::vector<deck_sim::Fault>{});
        engine_ = std::make_unique<audio::BlockEngine>(deck_->pcm(), audio::EngineConfig{});
        own_ = &engine_->add_return_tap(static_cast<std::size_t>(kRate_hz));
        Config config;
        config.simulate = true;
        config.panel.port = 0;
        config.daemon.state_dir = folder_;
        config.audio.levels.play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level;
        config.audio.levels.capture_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level;
        panel_ = std::make_unique<PanelLink>(
            config, *engine_,
            PanelDoor::Hooks{.serve = [](const RpcRequest&, const Caller&, const Answer&) {},
                             .stop = [](const std::function<void()>& done) { done(); },
                             .health_json = [] { return std::string("{}"); },
                             .metrics_text = [] { return std::string(); }});
        ASSERT_TRUE(engine_->start());
        turn_ = std::make_unique<PeriodicTimer>(timeline_, std::chrono::milliseconds(10), [this] {
            engine_->rt_process();
            panel_->tick(engine_->return_timestamp(), runner_);
        });
    }
    void TearDown() override {
        runner_.abandon();
        turn_.reset();
        panel_.reset();
        std::filesystem::remove_all(folder_);
    }

    /// Deck time goes on; the meters, which live on the host's, have seen what came before this returns.
    void run(double duration_s) {
        const double until_s = now_s() + duration_s;
        while (now_s() < until_s - 0.001) {
            timeline_.run_for(std::chrono::milliseconds(100)); // their taps hold 250
            take_own();
            const auto deadline = std::chrono::steady_clock::now() + kPatience;
            const auto captured_ns = [this] {
                const auto reading = panel_->meters().read("test");
                newest_ = reading ? reading->frame : newest_;
                return newest_.capture_time_ns;
            };
            while (static_cast<double>(captured_ns()) * 1e-9 < now_s() - 0.02) {
                ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the meters see nothing";
                std::this_thread::yield();
            }
        }
    }
    void take_own() {
        std::vector<std::int32_t> frames(9600);
        std::vector<float> samples;
        for (auto block = own_->read(frames); block.frames > 0; block = own_->read(frames)) {
            samples.clear();
            for (std::size_t n = 0; n < 2 * block.frames; ++n) {
                samples.push_back(static_cast<float>(frames[n]) / 2147483648.0F);
            }
            own_meters_.process(samples);
        }
    }
    [[nodiscard]] double now_s() const { return seconds(timeline_.now().time_since_epoch()); }

    /// The newest stretch, with nothing older in it.
    [[nodiscard]] web_ui::MeterFrame now() {
        run(0.1);
        return newest_;
    }

    void play_sine(double hz, double dbfs, double duration_s) {
        const double peak = std::pow(10.0, dbfs / 20.0) * 2147483647.0;
        std::vector<std::int32_t> frames;
        for (int n = 0; n < static_cast<int>(duration_s * kRate_hz); ++n) {
            const auto sample =
                static_cast<std::int32_t>(std::lround(peak * std::sin(2.0 * std::numbers::pi * hz * n / kRate_hz)));
            frames.insert(frames.end(), {sample, sample});
        }
        ASSERT_EQ(engine_->queue_write(frames), frames.size() / 2);
        engine_->queue_finish();
        engine_->start_playing();
    }
    void press(const std::vector<std::string>& keys) {
        for (const bool closed : {true, false}) {
            for (const std::string& key : keys) {
                deck_->lines().set(deck_->lines().find_output(key).value(), closed);
            }
            timeline_.run_for(std::chrono::milliseconds(100));
        }
    }
    const IdleJob& job(const std::string& name) {
        auto made = std::make_unique<IdleJob>(timeline_, name);
        const IdleJob& kept = *made;
        EXPECT_TRUE(runner_.start(std::move(made), "job " + std::to_string(++jobs_)));
        return kept;
    }

    std::filesystem::path folder_ = [] {
        std::string made = (std::filesystem::temp_directory_path() / "overbias-panel-link.XXXXXX").string();
        EXPECT_NE(::mkdtemp(made.data()), nullptr);
        return std::filesystem::path(made);
    }();
    SimulatedTimeline timeline_;
    std::unique_ptr<deck_sim::SimulatedDeck> deck_;
    std::unique_ptr<audio::BlockEngine> engine_;
    audio::FrameTap* own_ = nullptr; ///< the tape return, for the test itself
    dsp::StereoMeters own_meters_{{.sample_rate_hz = kRate_hz}};
    std::size_t own_reader_ = own_meters_.add_reader();
    std::unique_ptr<PanelLink> panel_;
    JobRunner runner_{
        timeline_,
        {.make_safe = [] {},
         .where = [] { return std::string(); },
         .event = [this](const transport::JobEvent& event, const std::string&) { panel_->job_event(event); },
         .keep = [](JobEnd end, const std::function<void(JobEnd)>& kept) { kept(std::move(end)); },
         .ended = [](const JobEnd&) {}}};
    std::unique_ptr<PeriodicTimer> turn_;
    int jobs_ = 0;
    web_ui::MeterFrame newest_;
};

TEST_F(PanelLinkTest, LoudnessBeginsAnewWithAPrintAndWithItsFirstTrack) {
    start();
    run(1.5);
    EXPECT_GT(newest_.tape.measured_s, 1.0F);
    const IdleJob& print = job("print");
    run(1.0);
    EXPECT_LT(newest_.tape.measured_s, 1.3F) << "not since the print began";
    EXPECT_GT(newest_.tape.measured_s, 0.5F);
    print.say("section_start"); // the slate
    run(0.5);
    EXPECT_GT(newest_.tape.measured_s, 1.0F);
    print.say("track_start");
    run(0.5);
    EXPECT_LT(newest_.tape.measured_s, 0.8F) << "not since the first track";
    EXPECT_LT(newest_.programme.measured_s, 0.8F);
    print.say("section_start"); // a gap, and the second track
    print.say("track_start");
    run(1.0);
    EXPECT_GT(newest_.tape.measured_s, 1.2F) << "begun anew within the programme";
    runner_.cancel("test");
    job("print");
    run(0.5);
    EXPECT_LT(newest_.tape.measured_s, 0.8F) << "not since the second print began";
}

class PanelLinkLevel : public PanelLinkTest, public testing::WithParamInterface<double> {};

TEST_P(PanelLinkLevel, ReadsInEveryMeterAsTheDecksGainsSay) {
    const double dbfs = GetParam();
    deck_sim::Settings settings;
    settings.record_gain_error_db = {0.2, -0.25};
    settings.reproduce_gain_error_db = {-0.55, 0.65};
    const std::array<double, 2> off_db{-0.35, 0.4}; // both gains of a channel
    start(settings);
    press({"play", "record"});
    run(1.5);
    ASSERT_TRUE(deck_->truth().recording);
    EXPECT_LT(newest_.tape.sample_peak_dbfs[0], -50.0F) << "the tape is not clean";
    play_sine(1000.0, dbfs, 4.0);
    run(2.0);
    const web_ui::MeterFrame frame = now();
    const dsp::StereoReading own = own_meters_.read(own_reader_);
    const double operating_dbfs = settings.play_dbfs_at_operating_level;
    const auto expect = [](float is, double due, double within, const char* what, std::size_t channel) {
        EXPECT_NEAR(is, due, within) << what << ", channel " << channel;
    };
    for (std::size_t channel = 0; channel < 2; ++channel) {
        const auto& sent = frame.programme;
        expect(sent.vu[channel], dbfs - operating_dbfs, 0.02, "sent: VU", channel);
        expect(sent.ppm_type_i_db[channel], dbfs + 18.0, 0.05, "sent: PPM I", channel);
        expect(sent.ppm_type_ii_db[channel], dbfs + 18.0, 0.05, "sent: PPM II", channel);
        expect(sent.sample_peak_dbfs[channel], dbfs, 0.02, "sent: peak", channel);
        const auto& tape = frame.tape;
        const double off = off_db[channel];
        expect(tape.vu[channel], dbfs - operating_dbfs + off, 0.1, "tape: VU", channel);
        expect(tape.ppm_type_i_db[channel], dbfs + 18.0 + off, 0.1, "tape: PPM I", channel);
        expect(tape.ppm_type_ii_db[channel], dbfs + 18.0 + off, 0.1, "tape: PPM II", channel);
        EXPECT_NEAR(own.rms_dbfs[channel], dbfs + off, 0.1) << "tape: rms, channel " << channel;
    }
    // K weighting lifts 1 kHz by what the formula's constant takes off again
    EXPECT_NEAR(frame.programme.momentary_lufs, dbfs, 0.05);
    EXPECT_NEAR(frame.tape.momentary_lufs, dbfs + 0.5 * (off_db[0] + off_db[1]), 0.1);
}

// operating level by the chart of the simulated deck, and 4 dB below
INSTANTIATE_TEST_SUITE_P(Dbfs, PanelLinkLevel, testing::Values(-14.0, -18.0));

TEST_F(PanelLinkTest, LoudnessGoesOnWithAJobThatIsNoPrint) {
    start();
    run(1.0);
    const IdleJob& other = job("slip");
    other.say("track_start");
    run(0.5);
    EXPECT_GT(newest_.tape.measured_s, 1.2F);
}

} // namespace
} // namespace overbias::controller
