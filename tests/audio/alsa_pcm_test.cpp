// SPDX-License-Identifier: Apache-2.0
// A session with the card: bit for bit, with frame numbers that stay true to time whatever happens.
#include "alsa_rig.hpp"
#include "audio/audio_thread.hpp"
#include "audio/loop_delay.hpp"

#include <algorithm>

namespace overbias::audio {
namespace {

using namespace testing;
using deck_sim::test::WiredCard;

class AlsaLoop : public AlsaSession, public ::testing::WithParamInterface<double> {};
using AlsaPcmSession = AlsaSession;

// A machine that holds everybody up for longer than the buffers are long makes an xrun that proves nothing: again.
constexpr int kTries = 5;

TEST_P(AlsaLoop, WhatIsPlayedComesBackBitForBitAndTheTimestampsTellTheRoundTrip) {
    const double rate_hz = GetParam();
    CardRig card(CardRig::Behind::WiredCard, rate_hz);
    Turned side(card.timeline, wired_config(rate_hz));
    const Result<void> opened = side.pcm.open();
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(side.pcm.present());
    ASSERT_TRUE(side.engine.start());
    for (int attempt = 1;; ++attempt) {
        const std::uint64_t xruns = side.xruns();
        const auto programme = marked_programme(static_cast<std::size_t>(rate_hz), static_cast<std::uint32_t>(attempt));
        ASSERT_TRUE(side.until([&] { return side.engine.queue_writable_frames() > programme.size() / 2; }));
        ASSERT_EQ(side.engine.queue_write(programme), programme.size() / 2);
        side.engine.queue_finish();
        side.engine.start_playing();
        const std::size_t enough =
            side.heard.size() / 2 + programme.size() / 2 + card.fifo_frames + kPlaybackBuffer + 2000;
        ASSERT_TRUE(side.until([&] { return side.heard.size() / 2 > enough; }));
        if (side.xruns() != xruns && attempt < kTries) {
            side.engine.stop_playing();
            continue;
        }
        const auto place = place_of(programme, side.heard);
        ASSERT_TRUE(place) << "not all of the programme came back as it was";
        EXPECT_NEAR(side.round_trip(side.engine.played_from(), side.number_of(*place)), WiredCard::kRoundTrip, 1.0);
        break;
    }
    const AlsaPcm::Report report = side.pcm.report();
    const std::string rate = std::to_string(std::lround(rate_hz));
    EXPECT_EQ(report.capture_format, "S32_LE, interleaved, 4 channels, " + rate + " Hz, 240 x 68");
    EXPECT_EQ(report.playback_format, "S32_LE, interleaved, 4 channels, " + rate + " Hz, 240 x 34");
    EXPECT_FALSE(report.linked) << "a plug-in can't be linked";
    EXPECT_FALSE(report.playback_drift_ppm) << "not after a second";
    side.engine.stop();
}
INSTANTIATE_TEST_SUITE_P(Rates, AlsaLoop, ::testing::Values(48000.0, 96000.0));

TEST_F(AlsaPcmSession, FromAThreadOfItsOwnAsWell) {
    CardRig card(CardRig::Behind::WiredCard);
    Turned side(card.timeline, wired_config());
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    AudioThread thread(side.engine, [&](std::chrono::milliseconds most) { return side.pcm.rt_wait(most); });
    thread.start();
    const auto give_up = Clock::now() + std::chrono::seconds(10);
    while (side.engine.counters().blocks.load() < 60 && Clock::now() < give_up) {
        static_cast<void>(card.counts()); // the card's thread answers once it has had its turn
    }
    thread.stop();
    side.engine.stop();
    EXPECT_GE(side.engine.counters().blocks.load(), 60U);
    // 60 blocks and the buffer are 0.5 s: the thread waits for the card, it does not spin
    EXPECT_LT(thread.turns(), 400U);
}

TEST_P(AlsaLoop, TheConvertersRoundTripIsMeasuredThroughACable) {
    const double rate_hz = GetParam();
    CardRig card(CardRig::Behind::SimulatedDeck,
                 rate_hz); // its settings: 61.37 frames, 20 ppm between the two crystals
    Turned side(card.timeline, patched_config(rate_hz));
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    // until the clocks' own rates are known to some tenths of a ppm; a second after the start it is a quarter of a
    // frame
    ASSERT_TRUE(side.until([&] { return static_cast<double>(side.heard.size() / 2) > 5.0 * rate_hz; }));
    const auto signal = loop_signal(rate_hz);
    for (int attempt = 1;; ++attempt) {
        const std::uint64_t xruns = side.xruns();
        const std::size_t before = side.heard.size();
        ASSERT_TRUE(side.until([&] { return side.engine.queue_writable_frames() > signal.size() / 2; }));
        ASSERT_EQ(side.engine.queue_write(signal), signal.size() / 2);
        side.engine.queue_finish();
        LoopRecording recording;
        recording.sample_rate_hz = rate_hz;
        recording.played.begin = side.engine.played_timestamp();
        recording.captured.begin = side.engine.return_timestamp();
        side.engine.start_playing();
        const std::size_t enough = before / 2 + signal.size() / 2 + card.fifo_frames + kPlaybackBuffer +
                                   static_cast<std::size_t>(0.25 * rate_hz);
        ASSERT_TRUE(side.until([&] { return side.heard.size() / 2 > enough; }));
        if (side.xruns() != xruns && attempt < kTries) {
            side.engine.stop_playing();
            continue;
        }
        recording.played.end = side.engine.played_timestamp();
        recording.captured.end = side.engine.return_timestamp();
        recording.sent = signal;
        recording.sent_from = side.engine.played_from();
        recording.came_back = std::span(side.heard).subspan(before);
        recording.came_back_from = side.number_of(before / 2);
        const Result<LoopMeasurement> found = measure_loop(recording);
        ASSERT_TRUE(found) << found.error().message;
        EXPECT_EQ(found->problem, "");
        EXPECT_NEAR(found->delay_frames, 61.37, 0.15);
        EXPECT_NEAR(found->channels[0].level_difference_db, 0.0, 0.05);
        break;
    }
    side.engine.stop();
}

/// Frame numbers against the card's own count, which the wired card tells: constant while they are true to time.
struct Places {
    std::int64_t played_ahead = 0;   ///< card's frame of a programme less our number of it
    std::int64_t captured_ahead = 0; ///< our number of what came back less the card's frame
};

std::optional<Places> places_of(Turned& side, CardRig& card, std::uint32_t seed) {
    const auto programme = marked_programme(2400, seed);
    side.engine.stop_playing();
    if (!side.until([&] { return side.engine.queue_write(programme) == programme.size() / 2; })) {
        return std::nullopt;
    }
    side.engine.queue_finish();
    side.engine.start_playing();
    std::optional<std::size_t> heard;
    const bool came = side.until([&] {
        heard = place_of(programme, side.heard);
        return heard.has_value();
    });
    const auto on_card = place_of(programme, card.played());
    if (!came || !on_card) {
        return std::nullopt;
    }
    const auto frame = static_cast<std::int64_t>(*on_card);
    return Places{frame - side.engine.played_from(), side.number_of(*heard) - frame};
}

TEST_F(AlsaPcmSession, AfterAnXrunTheFrameNumbersAreStillTrueToTime) {
    CardRig card(CardRig::Behind::WiredCard);
    Turned side(card.timeline, wired_config());
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    ASSERT_TRUE(side.until([&] { return side.heard.size() / 2 > 24000; }));
    const auto before = places_of(side, card, 11);
    ASSERT_TRUE(before);
    // nobody turns the engine until the card has played the whole buffer and captured more than the other
    const std::size_t then = card.played().size() / 2;
    const auto give_up = Clock::now() + std::chrono::seconds(10);
    while (card.played().size() / 2 < then + 20000 && Clock::now() < give_up) { // waits for the card's thread
    }
    const auto after = places_of(side, card, 12);
    ASSERT_TRUE(after);
    EXPECT_GE(side.engine.counters().playback_xruns.load(), 1U);
    EXPECT_GE(side.engine.counters().capture_xruns.load(), 1U);
    EXPECT_GE(side.runs(), 2U) << "the numbers jump over what was lost";
    EXPECT_NEAR(static_cast<double>(after->played_ahead), static_cast<double>(before->played_ahead), 2.0);
    EXPECT_NEAR(static_cast<double>(after->captured_ahead), static_cast<double>(before->captured_ahead), 2.0);
    // the marks tell the same hole
    std::array<XrunMark, 8> marks;
    const std::size_t count = side.engine.take_xruns(marks);
    std::int64_t lost = 0;
    for (std::size_t i = 0; i < count; ++i) {
        lost += marks[i].playback && !marks[i].queue_underrun ? marks[i].frames : 0;
    }
    EXPECT_GT(lost, 20000 - static_cast<std::int64_t>(kPlaybackBuffer));
    side.engine.stop();
}

TEST_F(AlsaPcmSession, ACardThatLosesFramesByItselfIsFollowedToo) {
    CardRig card(CardRig::Behind::WiredCard);
    Turned side(card.timeline, wired_config());
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    ASSERT_TRUE(side.until([&] { return side.heard.size() / 2 > 24000; }));
    const auto before = places_of(side, card, 21);
    ASSERT_TRUE(before);
    for (int loss = 1; loss <= 3; ++loss) {
        card.on_card([&](CardBridge&) {
            card.wired->lose_capture();
            card.wired->lose_playback();
        });
        ASSERT_TRUE(side.until([&] {
            return side.engine.counters().playback_xruns.load() >= static_cast<std::uint64_t>(loss) &&
                   side.pcm.playback().rt_state() == StreamState::Running;
        }));
        const auto after = places_of(side, card, static_cast<std::uint32_t>(21 + loss));
        ASSERT_TRUE(after) << loss;
        EXPECT_NEAR(static_cast<double>(after->played_ahead), static_cast<double>(before->played_ahead), 2.0) << loss;
        EXPECT_NEAR(static_cast<double>(after->captured_ahead), static_cast<double>(before->captured_ahead), 2.0)
            << loss;
        // what had been written ahead is lost: no number is given twice, and the loss is marked
        std::array<XrunMark, 8> marks;
        const std::size_t count = side.engine.take_xruns(marks);
        EXPECT_TRUE(std::any_of(marks.begin(), marks.begin() + static_cast<std::ptrdiff_t>(count),
                                [](const XrunMark& mark) { return mark.playback && !mark.queue_underrun; }))
            << loss;
    }
    side.engine.stop();
}

TEST_F(AlsaPcmSession, APulledCableIsALostCardAndItCanBeOpenedAgain) {
    CardRig card(CardRig::Behind::WiredCard);
    Turned side(card.timeline, wired_config());
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    for (int round = 0; round < 2; ++round) {
        const std::size_t heard = side.heard.size();
        ASSERT_TRUE(side.until([&] { return side.heard.size() > heard + 2 * 9600; }));
        card.on_card([](CardBridge& bridge) { bridge.unplug(); });
        const auto pulled = Clock::now();
        ASSERT_TRUE(side.until([&] { return side.engine.counters().lost.load(); }));
        EXPECT_LT(Clock::now() - pulled, std::chrono::milliseconds(250));
        EXPECT_EQ(side.pcm.capture().rt_state() == StreamState::Lost ||
                      side.pcm.playback().rt_state() == StreamState::Lost,
                  true);
        const auto waited = Clock::now();
        EXPECT_FALSE(side.pcm.rt_wait(std::chrono::milliseconds(5))) << "there is nothing more to come";
        EXPECT_GE(Clock::now() - waited, std::chrono::milliseconds(5)) << "and it does not spin";
        side.engine.stop();
        EXPECT_FALSE(side.pcm.present());
        const Result<void> absent = side.pcm.open();
        ASSERT_FALSE(absent);
        EXPECT_NE(absent.error().message.find("no such card"), std::string::npos) << absent.error().message;
        EXPECT_FALSE(side.engine.start()) << "it was not opened";

        card.on_card([](CardBridge& bridge) { bridge.plug_in(); });
        EXPECT_TRUE(side.pcm.present());
        const Result<void> again = side.pcm.open();
        ASSERT_TRUE(again) << again.error().message;
        ASSERT_TRUE(side.engine.start());
    }
    side.engine.stop();
}

TEST_F(AlsaPcmSession, ACardWhoseProcessIsGoneIsLostAsWell) {
    auto card = std::make_unique<CardRig>(CardRig::Behind::WiredCard);
    SteadyTimeline timeline;
    Turned side(timeline, wired_config());
    ASSERT_TRUE(side.pcm.open());
    ASSERT_TRUE(side.engine.start());
    ASSERT_TRUE(side.until([&] { return side.heard.size() > 9600; }));
    card.reset();
    const auto gone = Clock::now();
    ASSERT_TRUE(side.until([&] { return side.engine.counters().lost.load(); }));
    EXPECT_LT(Clock::now() - gone, std::chrono::milliseconds(250));
    side.engine.stop();
}

} // namespace
} // namespace overbias::audio
