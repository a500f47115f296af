// SPDX-License-Identifier: Apache-2.0
// What a monitor hears, against closed forms: tones that are known at every moment.
#include "dsp/listening/rate_servo.hpp"
#include "dsp/listening/source_tape_mixer.hpp"
#include "tests/support/allocation_count.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <numbers>
#include <span>
#include <vector>

namespace overbias::dsp {
namespace {

constexpr double kRate_hz = 48000.0;
constexpr std::int64_t kBlock = 480;

struct Line {
    double hz = 1000.0;
    std::array<double, 2> amplitude{0.5, 0.5};
    double delay = 0.0; ///< frames
    [[nodiscard]] std::vector<float> block(std::int64_t first, std::int64_t frames) const {
        std::vector<float> out;
        for (std::int64_t i = first; i < first + frames; ++i) {
            const double phase = 2.0 * std::numbers::pi * hz * (static_cast<double>(i) - delay) / kRate_hz;
            for (std::size_t channel = 0; channel < 2; ++channel) {
                out.push_back(static_cast<float>(amplitude[channel] * std::sin(phase + static_cast<double>(channel))));
            }
        }
        return out;
    }
};

/// Source and tape as a deck would have them, through the mixer; the source is 100 ms ahead.
class Listening : public testing::Test {
  protected:
    void run(std::int64_t frames) {
        constexpr std::int64_t kAhead = 4800;
        if (at_ == 0) {
            mixer_.push_source(0, source_.block(0, kAhead));
        }
        for (std::int64_t end = at_ + frames; at_ < end; at_ += kBlock) {
            mixer_.push_source(at_ + kAhead, source_.block(at_ + kAhead, kBlock));
            const std::vector<float> tape = tape_.block(at_, kBlock);
            std::vector<float> out(tape.size());
            mixer_.mix(at_, tape, out);
            heard_.insert(heard_.end(), out.begin(), out.end());
        }
    }
    /// Amplitude and phase of the tone on `channel` from frame `from` on, by a least-squares fit.
    [[nodiscard]] std::complex<double> tone(std::int64_t from, std::int64_t frames, std::size_t channel) const {
        double cc = 0, cs = 0, ss = 0, yc = 0, ys = 0;
        for (std::int64_t i = from; i < from + frames; ++i) {
            const double phase = 2.0 * std::numbers::pi * source_.hz * static_cast<double>(i) / kRate_hz;
            const double c = std::cos(phase), s = std::sin(phase);
            const double y = heard_[2 * static_cast<std::size_t>(i) + channel];
            cc += c * c;
            cs += c * s;
            ss += s * s;
            yc += y * c;
            ys += y * s;
        }
        const double det = cc * ss - cs * cs;
        return {(yc * ss - ys * cs) / det, (yc * cs - ys * cc) / det}; // a cos - j b sin
    }
    static double level_db(std::complex<double> a, std::complex<double> b) {
        return 20.0 * std::log10(std::abs(a) / std::abs(b));
    }
    [[nodiscard]] double apart_us(std::complex<double> a, std::complex<double> b) const {
        return 1e6 * std::arg(a / b) / (2.0 * std::numbers::pi * source_.hz);
    }

    SourceTapeMixer mixer_{kRate_hz, 4.0};
    Line source_, tape_;
    std::vector<float> heard_;
    std::int64_t at_ = 0;
};

TEST_F(Listening, SourceAndTapeAreTheSameInLevelAndTime) {
    for (const double hz : {60.0, 1000.0, 6300.0, 10000.0, 20000.0}) {
        for (const double delay : {61.37, 7213.0, 7213.5, 25001.001}) {
            mixer_ = SourceTapeMixer(kRate_hz, 4.0);
            heard_.clear();
            at_ = 0;
            source_.hz = tape_.hz = hz;
            tape_.delay = delay;
            tape_.amplitude = {0.5 * std::pow(10.0, 1.7 / 20.0), 0.5 * std::pow(10.0, -2.3 / 20.0)};
            mixer_.set_delay(delay);
            mixer_.set_source_gain_db({1.7, -2.3});
            mixer_.hear(Heard::Tape);
            run(48000);
            const std::int64_t to_source = at_;
            mixer_.hear(Heard::Source);
            run(48000);
            for (const std::size_t channel : {0U, 1U}) {
                const auto a = tone(24000, 19200, channel), b = tone(to_source + 9600, 19200, channel);
                EXPECT_LT(std::abs(level_db(a, b)), 0.05) << hz << " Hz, " << delay << " frames";
                EXPECT_LT(std::abs(apart_us(a, b)), 5.0) << hz << " Hz, " << delay << " frames";
                // and while the two change places
                const auto during = tone(to_source, 480, channel);
                EXPECT_LT(std::abs(level_db(during, a)), 0.05) << hz << " Hz, " << delay << " frames";
            }
        }
    }
}

TEST_F(Listening, TapeAndAWholeDelayPassUnchanged) {
    tape_.delay = source_.delay = 0.25; // not on the zero crossings
    mixer_.set_delay(1000.0);
    mixer_.hear(Heard::Tape);
    run(4800);
    mixer_.hear(Heard::Source);
    run(9600);
    const std::vector<float> tape = tape_.block(1000, 100), source = source_.block(9000 - 1000, 100);
    EXPECT_TRUE(std::equal(tape.begin(), tape.end(), heard_.begin() + 2000));
    EXPECT_TRUE(std::equal(source.begin(), source.end(), heard_.begin() + 18000));
}

/// The edge between two levels of a tone may put no more beside it than half a cosine of 8 ms does.
TEST_F(Listening, SwitchingMakesNoClick) {
    source_.amplitude = {0.1, 0.1};
    mixer_.set_delay(0.0);
    mixer_.hear(Heard::Tape);
    run(24000);
    mixer_.hear(Heard::Source);
    run(24000);
    const double width_s = SourceTapeMixer::kFade_s;
    for (const double away_hz :
         {1531.25, 2531.25, 4531.25, 9531.25, 15531.25}) { // a quarter off the zeros of a straight line
        // of the stretch around the edge, under a window that leaves 90 dB for itself this far away (Blackman-Harris)
        const double at_hz = source_.hz + away_hz;
        constexpr std::int64_t kLong = 9600;
        std::complex<double> found;
        for (std::int64_t i = 0; i < kLong; ++i) {
            const double x = 2.0 * std::numbers::pi * static_cast<double>(i) / kLong;
            const double window =
                0.35875 - 0.48829 * std::cos(x) + 0.14128 * std::cos(2 * x) - 0.01168 * std::cos(3 * x);
            found += window * static_cast<double>(heard_[2 * static_cast<std::size_t>(24000 - kLong / 2 + i)]) *
                     std::polar(1.0, -2.0 * std::numbers::pi * at_hz * static_cast<double>(i) / kRate_hz);
        }
        // a step of amplitude a in a tone has a / 2 / (2 pi f) beside it, on either side of zero; the edge less by the
        // factor of the half cosine
        const double step = (0.5 - 0.1) / 2.0 / (2.0 * std::numbers::pi * away_hz) * kRate_hz;
        const double edge = step / (std::pow(2.0 * away_hz * width_s, 2.0) - 1.0);
        const double image = step * away_hz / (away_hz + 2.0 * source_.hz); // from the tone's other sideband
        EXPECT_LT(std::abs(found), 2.0 * edge + 0.003 * image + 0.002) << at_hz << " Hz; a step would make " << step;
        EXPECT_LT(std::abs(found), 0.02 * step) << at_hz << " Hz";
    }
}

TEST_F(Listening, DelayThatChangesSlidesOrCrossFades) {
    mixer_.set_delay(1000.0);
    mixer_.hear(Heard::Source);
    run(9600);
    const auto steepest = [this](std::int64_t from) {
        // of the second difference: of a steady tone a (2 pi f / rate)^2
        double most = 0.0;
        for (std::size_t i = static_cast<std::size_t>(from); i + 2 < heard_.size() / 2; ++i) {
            most = std::max(most, std::abs(static_cast<double>(heard_[2 * i]) - 2.0 * heard_[2 * i + 2] +
                                           static_cast<double>(heard_[2 * i + 4])));
        }
        return most;
    };
    const double steady = 0.5 * std::pow(2.0 * std::numbers::pi * 1000.0 / kRate_hz, 2.0);
    std::int64_t from = at_;
    mixer_.set_delay(1048.5); // within 2 ms: at a thousandth of a frame a frame
    run(24000);
    EXPECT_NEAR(mixer_.delay(), 1024.0, 0.01);
    run(28800);
    EXPECT_DOUBLE_EQ(mixer_.delay(), 1048.5);
    EXPECT_LT(steepest(from), 1.01 * steady);
    from = at_;
    mixer_.set_delay(3020.0);
    run(9600);
    EXPECT_DOUBLE_EQ(mixer_.delay(), 3020.0);
    EXPECT_LT(steepest(from), 1.1 * steady);
    source_.delay = 3020.0; // as heard
    EXPECT_NEAR(heard_[2 * 70000], source_.block(70000, 1)[0], 1e-4);
}

TEST_F(Listening, MonoDimAndMute) {
    tape_.amplitude = {0.4, 0.2};
    mixer_.hear(Heard::Tape);
    mixer_.set_mono(true);
    run(9600);
    // the right channel is one radian ahead
    const double middle = 0.5 * std::abs(std::polar(0.4, 0.0) + std::polar(0.2, 1.0));
    EXPECT_NEAR(std::abs(tone(4800, 4800, 0)), middle, 1e-6);
    EXPECT_NEAR(std::abs(tone(4800, 4800, 1)), middle, 1e-6);
    mixer_.set_mono(false);
    mixer_.set_dim_db(20.0);
    run(9600);
    EXPECT_NEAR(std::abs(tone(14400, 4800, 0)), 0.04, 1e-6);
    EXPECT_NEAR(std::abs(tone(14400, 4800, 1)), 0.02, 1e-6);
    mixer_.set_dim_db(0.0);
    mixer_.set_mute(true);
    run(9600);
    EXPECT_EQ(*std::max_element(heard_.begin() + 2 * 24000, heard_.begin() + 2 * 28800), 0.0F);
    EXPECT_FALSE(mixer_.silent());
    mixer_.set_mute(false);
    mixer_.hear(Heard::Nothing);
    run(9600);
    EXPECT_EQ(*std::max_element(heard_.begin() + 2 * 33600, heard_.end()), 0.0F);
    EXPECT_TRUE(mixer_.silent());
}

TEST_F(Listening, WhatIsNotThereIsSilenceAndAnotherBeginningIsFollowed) {
    mixer_.set_delay(10.0);
    mixer_.hear(Heard::Source);
    std::vector<float> out(2 * kBlock, 1.0F);
    mixer_.mix(0, std::vector<float>(2 * kBlock, 0.0F), out);
    EXPECT_EQ(*std::max_element(out.begin(), out.end()), 0.0F);
    mixer_.push_source(100000, source_.block(100000, 4800));
    mixer_.push_source(0, source_.block(0, 4800)); // the card began anew
    for (std::int64_t at = 0; at < 4 * kBlock; at += kBlock) {
        mixer_.mix(at, std::vector<float>(2 * kBlock, 0.0F), out);
    }
    EXPECT_NEAR(out[0], source_.block(3 * kBlock - 10, 1)[0], 1e-6);
}

TEST(ListeningMemory, NothingIsAllocatedAfterConstruction) {
    SourceTapeMixer mixer(kRate_hz, 4.0);
    RateServo servo(kRate_hz, 1024);
    const std::vector<float> frames(2 * kBlock, 0.1F);
    std::vector<float> out(2 * kBlock + 16);
    ASSERT_TRUE(test_support::AllocationCount::works());
    const test_support::AllocationCount allocations;
    for (std::int64_t at = 0; at < 20 * kBlock; at += kBlock) {
        mixer.hear(at % 2 == 0 ? Heard::Source : Heard::Tape);
        mixer.set_delay(static_cast<double>(at) * 0.7);
        mixer.push_source(at, frames);
        mixer.mix(at, frames, std::span(out).first(2 * kBlock));
        servo.process(frames, 100.0, 2880.0, out);
    }
    EXPECT_EQ(allocations.so_far(), 0U);
}

/// Two crystals 100 ppm apart for ten minutes: the queue stays where it shall be, and the tone is still one.
TEST(RateServoTest, KeepsAQueueBetweenTwoCrystals) {
    RateServo servo(kRate_hz, 1024);
    constexpr double kWanted = 2880.0;
    constexpr double kApart = 1.0001; // frames come faster than they are taken
    double fill = 0.0, come = 0.0;
    double least = 1e9, most = 0.0;
    std::int64_t first = 0;
    Line line;
    std::vector<float> out(2 * 600), last;
    for (int turn = 0; turn < 60000; ++turn) { // 10 ms each
        come += 480.0 * kApart;
        const auto frames = static_cast<std::int64_t>(come);
        come -= static_cast<double>(frames);
        const std::size_t written = servo.process(line.block(first, frames), fill, kWanted, out);
        first += frames;
        fill += static_cast<double>(written);
        if (fill >= 480.0 && (turn > 6 || fill > kWanted)) {
            fill -= 480.0;
        }
        if (turn > 12000) {
            least = std::min(least, fill);
            most = std::max(most, fill);
        }
        if (turn == 59999) {
            last.assign(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(2 * written));
        }
    }
    EXPECT_NEAR(servo.ppm(), 100.0, 10.0);
    EXPECT_GT(least, kWanted - 600.0);
    EXPECT_LT(most, kWanted + 600.0);
    const double steady = 0.5 * std::pow(2.0 * std::numbers::pi * 1000.0 / kRate_hz, 2.0);
    for (std::size_t i = 2; i + 4 < last.size(); i += 2) {
        EXPECT_LT(std::abs(static_cast<double>(last[i - 2]) - 2.0 * last[i] + static_cast<double>(last[i + 2])),
                  1.01 * steady);
    }
}

} // namespace
} // namespace overbias::dsp
