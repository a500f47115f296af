// SPDX-License-Identifier: Apache-2.0
// The command loop, on simulated deck time: a deck whose monitor is at INPUT is as good as a cable, its converters are
// 61.37 frames apart, and each has a crystal of its own.
#include "controller/loop_command.hpp"

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

namespace overbias::controller {
namespace {

struct Rates {
    double playback_hz, capture_hz;
    double play_ppm = 7.0, capture_ppm = -13.0;
};

/// What may be wrong between output and input.
enum class Cable { Right, Swapped, LeftMissing, RightInverted };

/// A card with that cable; the card itself is the simulated deck's.
class CabledCard final : public audio::Pcm, private audio::CaptureStream {
  public:
    CabledCard(audio::Pcm& card, Cable cable) : card_(card), cable_(cable) {}
    audio::CaptureStream& capture() noexcept override { return *this; }
    audio::PlaybackStream& playback() noexcept override { return card_.playback(); }
    Result<void> start(std::size_t latency_frames) override { return card_.start(latency_frames); }
    void stop() noexcept override { card_.stop(); }

  private:
    [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return card_.capture().format(); }
    audio::StreamState rt_state() noexcept override { return card_.capture().rt_state(); }
    std::size_t rt_available() noexcept override { return card_.capture().rt_available(); }
    bool rt_recover() noexcept override { return card_.capture().rt_recover(); }
    audio::StreamTimestamp rt_timestamp() noexcept override { return card_.capture().rt_timestamp(); }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override {
        const std::size_t frames = card_.capture().rt_read(out, first_frame);
        for (std::size_t i = 0; i < frames; ++i) {
            std::int32_t& left = out[2 * i];
            std::int32_t& right = out[2 * i + 1];
            if (cable_ == Cable::Swapped) {
                std::swap(left, right);
            } else if (cable_ == Cable::LeftMissing) {
                left = 0;
            } else if (cable_ == Cable::RightInverted) {
                right = ~right;
            }
        }
        return frames;
    }

    audio::Pcm& card_;
    Cable cable_;
};

class LoopRig {
  public:
    explicit LoopRig(const Rates& rates, Cable cable = Cable::Right)
        : deck_(timeline_, settings_of(rates), {deck_sim::parse_fault("monitor_input").value()}),
          card_(deck_.pcm(), cable), engine_(card_, config_of(rates.playback_hz)),
          played_(engine_.add_played_tap(192000)), tape_return_(engine_.add_return_tap(192000)) {
        add_loop_command(registry_, {.timeline = timeline_,
                                     .runner = runner_,
                                     .engine = engine_,
                                     .played = played_,
                                     .tape_return = tape_return_,
                                     .return_rate_hz = rates.capture_hz,
                                     .obstacle = [] { return std::string(); },
                                     .starting = [](const std::string&) {},
                                     .measured = [this](double frames) { measured = frames; }});
        EXPECT_TRUE(engine_.start().ok());
        turn_ =
            std::make_unique<PeriodicTimer>(timeline_, std::chrono::milliseconds(10), [this] { engine_.rt_process(); });
        timeline_.run_for(std::chrono::seconds(1));
    }
    Reply loop() {
        std::optional<Reply> reply;
        registry_.call("loop", boost::json::object{}, {}, [&reply](Reply given) { reply = std::move(given); });
        timeline_.run_until([&] { return reply && !runner_.busy(); }, timeline_.now() + std::chrono::seconds(60));
        return reply ? *reply : Reply::error(ErrorCode::InternalError, "no answer within 60 s");
    }

    std::optional<double> measured;

  private:
    static deck_sim::Settings settings_of(const Rates& rates) {
        deck_sim::Settings settings;
        settings.sample_rate_hz = rates.playback_hz;
        settings.capture_sample_rate_hz = rates.capture_hz;
        settings.play_clock_ppm = rates.play_ppm;
        settings.capture_clock_ppm = rates.capture_ppm;
        settings.round_trip_frames = 61.37;
        return settings;
    }
    static audio::EngineConfig config_of(double rate_hz) {
        audio::EngineConfig config;
        config.block_frames = static_cast<std::size_t>(rate_hz / 100.0);
        config.playback_latency_frames = 4 * config.block_frames;
        return config;
    }

    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_;
    CabledCard card_;
    audio::BlockEngine engine_;
    audio::FrameTap& played_;
    audio::FrameTap& tape_return_;
    JobRunner runner_{timeline_,
                      {.make_safe = [] {},
                       .where = [] { return std::string(); },
                       .event = [](const transport::JobEvent&, const std::string&) {},
                       .keep = [](JobEnd end, const std::function<void(JobEnd)>& kept) { kept(std::move(end)); },
                       .ended = [](const JobEnd&) {}}};
    CommandRegistry registry_;
    std::unique_ptr<PeriodicTimer> turn_;
};

class LoopCommand : public ::testing::TestWithParam<Rates> {};

TEST_P(LoopCommand, MeasuresTheConvertersAtWhateverRatesAndCrystals) {
    LoopRig rig(GetParam());
    const Reply reply = rig.loop();
    ASSERT_TRUE(reply.ok()) << reply.message;
    ASSERT_TRUE(rig.measured);
    EXPECT_NEAR(*rig.measured, 61.37, 0.05) << reply.result;
    const auto result = boost::json::parse(reply.result);
    EXPECT_NEAR(result.at("round_trip_frames").to_number<double>(), *rig.measured, 1e-6);
    EXPECT_EQ(result.at("sample_rate_hz").to_number<double>(), GetParam().playback_hz);
}

INSTANTIATE_TEST_SUITE_P(Rates, LoopCommand,
                         ::testing::Values(Rates{48000, 48000}, Rates{96000, 96000}, Rates{96000, 48000},
                                           Rates{48000, 96000}, Rates{48000, 48000, 100.0, -100.0}));

TEST(LoopCommandTrouble, IsRefusedInWordsAndMeasuresNothing) {
    for (const auto& [cable, words] :
         {std::pair(Cable::LeftMissing, "on the left channel"), std::pair(Cable::Swapped, "left and right are swapped"),
          std::pair(Cable::RightInverted, "the right channel comes back inverted")}) {
        LoopRig rig({48000, 48000}, cable);
        const Reply reply = rig.loop();
        EXPECT_FALSE(reply.ok()) << words;
        EXPECT_THAT(reply.message, testing::HasSubstr(words));
        EXPECT_FALSE(rig.measured) << words;
    }
}

} // namespace
} // namespace overbias::controller
