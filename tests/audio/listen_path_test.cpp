// SPDX-License-Identifier: Apache-2.0
// From taps to ears, with two crystals and two rates, against tones that are known at every moment.
#include "audio/listening/listen_path.hpp"
#include "audio/listening/listen_thread.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <numbers>
#include <thread>
#include <vector>

namespace overbias::audio {
namespace {

constexpr double kPlay_hz = 48000.0;
constexpr double kDelay_s = 0.1513;
constexpr double kTone_hz = 3150.0;

std::int32_t sample(double value) {
    return static_cast<std::int32_t>(std::lround(value * 8388608.0)) * 256; // 24 bit
}

/// A deck with a delay between the heads, a card with two crystals: plays a tone, and what comes back is 1.5 dB louder
/// on the left, 1 dB softer on the right.
class ListeningDeck : public testing::Test {
  protected:
    void open(double capture_hz, double capture_ppm, bool one_crystal, double capture_began_s = 0.0) {
        capture_nominal_hz_ = capture_hz;
        capture_hz_ = capture_hz * (1.0 + 1e-6 * capture_ppm);
        capture_began_s_ = capture_began_s;
        path_ = std::make_unique<ListenPath>(played_, tape_,
                                             ListenPath::Config{.play_rate_hz = kPlay_hz,
                                                                .capture_rate_hz = capture_hz,
                                                                .one_crystal = one_crystal,
                                                                .monitor = &feed_});
        path_->add_stream(
            ListenStream::Tape, [this] { return streams_; },
            [this](auto frames) { heard_tape_.insert(heard_tape_.end(), frames.begin(), frames.end()); });
        path_->add_stream(
            ListenStream::Source, [this] { return streams_; },
            [this](auto frames) { heard_source_.insert(heard_source_.end(), frames.begin(), frames.end()); });
        path_->add_stream(
            ListenStream::Monitor, [this] { return streams_; },
            [this](auto frames) { heard_monitor_.insert(heard_monitor_.end(), frames.begin(), frames.end()); });
        wanted_.match = {kDelay_s, {1.5, -1.0}};
        path_->set(wanted_);
    }
    /// 10 ms of the world, then a turn.
    void turn() {
        now_s_ += 0.01;
        std::vector<std::int32_t> frames;
        const std::int64_t played_from = played_to_;
        // the source is in the tap when it is written, 40 ms before it leaves the converter
        for (; static_cast<double>(played_to_) < (now_s_ + 0.04) * kPlay_hz; ++played_to_) {
            for (const double value : tone(static_cast<double>(played_to_) / kPlay_hz)) {
                frames.push_back(sample(0.25 * value));
            }
        }
        played_.rt_push(played_from, frames);
        frames.clear();
        const std::int64_t captured_from = captured_to_;
        for (; static_cast<double>(captured_to_) < (now_s_ - capture_began_s_) * capture_hz_; ++captured_to_) {
            const auto back = tone(capture_began_s_ + static_cast<double>(captured_to_) / capture_hz_ - kDelay_s);
            frames.push_back(sample(0.25 * std::pow(10.0, 1.5 / 20.0) * back[0]));
            frames.push_back(sample(0.25 * std::pow(10.0, -1.0 / 20.0) * back[1]));
        }
        tape_.rt_push(captured_from, frames);
        const auto stamp = [this](double rate_hz, double began_s) {
            const double frame = std::floor((now_s_ - began_s) * rate_hz);
            return StreamTimestamp{static_cast<std::int64_t>(frame), DeckTime(deck_seconds(began_s + frame / rate_hz))};
        };
        path_->clocks(stamp(kPlay_hz, 0.0), stamp(capture_hz_, capture_began_s_));
        listened_ = path_->turn();
        // what plays the monitors
        std::vector<std::int32_t> out(2 * 480);
        feed_.rt_take(out);
        monitors_.insert(monitors_.end(), out.begin(), out.end());
    }
    void turns(int count) {
        for (int i = 0; i < count; ++i) {
            turn();
        }
    }
    static std::array<double, 2> tone(double at_s) {
        const double phase = 2.0 * std::numbers::pi * kTone_hz * at_s;
        return {std::sin(phase), std::sin(phase + 0.5)};
    }
    /// Of the last `frames` of a stream.
    static std::complex<double> last(const std::vector<std::int32_t>& stream, std::size_t channel,
                                     std::size_t frames = 9600) {
        std::complex<double> sum;
        const std::size_t from = stream.size() / 2 - frames;
        for (std::size_t i = 0; i < frames; ++i) { // whole periods: 9600 frames are 630
            const double phase = 2.0 * std::numbers::pi * kTone_hz * static_cast<double>(i) / kPlay_hz;
            sum += static_cast<double>(stream[2 * (from + i) + channel]) * std::polar(1.0, -phase);
        }
        return sum * 2.0 / (static_cast<double>(frames) * 0x1p31);
    }
    void expect_matched() {
        ASSERT_EQ(heard_tape_.size(), heard_source_.size());
        for (const std::size_t channel : {0U, 1U}) {
            const auto a = last(heard_tape_, channel), b = last(heard_source_, channel);
            EXPECT_GT(std::abs(a), 0.2);
            EXPECT_LT(std::abs(20.0 * std::log10(std::abs(a) / std::abs(b))), 0.05) << "channel " << channel;
            EXPECT_LT(std::abs(1e6 * std::arg(a / b) / (2.0 * std::numbers::pi * kTone_hz)), 5.0)
                << "microseconds, channel " << channel;
        }
    }

    FrameTap played_{96000}, tape_{96000};
    MonitorFeed feed_{2880};
    std::unique_ptr<ListenPath> path_;
    ListenWanted wanted_;
    bool streams_ = true, listened_ = false;
    double now_s_ = 0.0, capture_nominal_hz_ = 0.0, capture_hz_ = 0.0, capture_began_s_ = 0.0;
    std::int64_t played_to_ = 0, captured_to_ = 0;
    std::vector<std::int32_t> heard_tape_, heard_source_, heard_monitor_, monitors_;
};

TEST_F(ListeningDeck, SourceFitsTapeOnOneCrystal) {
    open(48000.0, 0.0, true);
    turns(100);
    expect_matched();
    EXPECT_TRUE(listened_);
}

TEST_F(ListeningDeck, SourceFitsTapeOnTwoCrystalsThatBeganApart) {
    open(48000.0, 85.0, false, 0.0123);
    turns(3000); // half a minute: they are 122 frames apart by then
    expect_matched();
}

TEST_F(ListeningDeck, SourceFitsTapeAtTwoRates) {
    open(96000.0, -40.0, false);
    turns(500);
    expect_matched();
}

TEST_F(ListeningDeck, SwitchGoesToMonitorsAndStream) {
    open(48000.0, 0.0, true);
    turns(50);
    EXPECT_EQ(std::abs(last(monitors_, 0)), 0.0);
    wanted_.heard = dsp::Heard::Tape;
    path_->set(wanted_);
    turns(100);
    EXPECT_NEAR(std::abs(last(monitors_, 0)), 0.25 * std::pow(10.0, 1.5 / 20.0), 1e-4);
    EXPECT_NEAR(std::abs(last(heard_monitor_, 1)), 0.25 * std::pow(10.0, -1.0 / 20.0), 1e-4);
    wanted_.heard = dsp::Heard::Source;
    wanted_.dim = true;
    path_->set(wanted_);
    turns(100);
    EXPECT_NEAR(std::abs(last(monitors_, 0)), 0.025 * std::pow(10.0, 1.5 / 20.0), 1e-4);
    EXPECT_EQ(feed_.underruns(), 0U);
    wanted_.heard = dsp::Heard::Nothing;
    path_->set(wanted_);
    turns(100);
    EXPECT_EQ(std::abs(last(monitors_, 0)), 0.0);
    EXPECT_EQ(feed_.underruns(), 0U); // it was ended, it did not run dry
}

TEST_F(ListeningDeck, MonitorsOnAnotherCrystalNeverRunDry) {
    open(48000.0, 150.0, false);
    streams_ = false;
    wanted_.heard = dsp::Heard::Tape;
    path_->set(wanted_);
    turns(12000);
    EXPECT_EQ(feed_.underruns(), 0U);
    EXPECT_NEAR(path_->servo_ppm(), 150.0, 30.0);
    EXPECT_NEAR(static_cast<double>(feed_.fill_frames()), 2880.0, 700.0);
}

TEST_F(ListeningDeck, NobodyListensAndNothingIsKept) {
    open(48000.0, 0.0, true);
    streams_ = false;
    turns(400); // far more than the taps hold
    EXPECT_FALSE(listened_);
    EXPECT_EQ(played_.dropped_frames(), 0U);
    EXPECT_EQ(tape_.dropped_frames(), 0U);
    EXPECT_TRUE(heard_tape_.empty());
    streams_ = true;
    turns(100);
    expect_matched(); // from now on, with no memory of what was
}

TEST_F(ListeningDeck, CardThatBeginsAnewIsFollowed) {
    open(48000.0, 0.0, true);
    turns(100);
    now_s_ = 0.0;
    played_to_ = captured_to_ = 0;
    turns(100);
    expect_matched();
}

TEST_F(ListeningDeck, ThreadTakesWhatWaits) {
    open(48000.0, 0.0, true);
    streams_ = false;
    played_.rt_push(0, std::vector<std::int32_t>(9600, 1));
    ListenThread thread(*path_);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    bool more = false; // room for what does not fit beside what waited
    while (!more && std::chrono::steady_clock::now() < end) {
        const std::uint64_t dropped = played_.dropped_frames();
        played_.rt_push(4800, std::vector<std::int32_t>(2 * 100000, 1));
        more = played_.dropped_frames() == dropped;
        std::this_thread::yield();
    }
    EXPECT_TRUE(more);
}

} // namespace
} // namespace overbias::audio
