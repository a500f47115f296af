// SPDX-License-Identifier: Apache-2.0
#include "mastering/transfer/hole_watch.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace overbias::mastering {

namespace {

constexpr double kCorner_hz = 500.0;
constexpr std::size_t kShortest = 3, kLongestBoth = 60;                  // steps of 1 ms
const double kHalf = std::pow(10.0, -0.6), kDeep = std::pow(10.0, -1.2); // 6 and 12 dB down
const double kDeeper = 0.01;                                             // 20 dB
const double kOverNoise = std::pow(10.0, 2.5);
const double kSame = std::pow(10.0, 0.3), kNearlySame = std::pow(10.0, 0.4); // 3 and 4 dB

bool alike(double a, double b, double within) {
    return a <= b * within && b <= a * within;
}

} // namespace

HoleWatch::HoleWatch(double rate_hz) : rate_hz_(rate_hz) {
    if (!(rate_hz >= 8000.0)) {
        throw std::invalid_argument("hole watch: the rate must be 8 kHz or more");
    }
    step_frames_ = static_cast<std::size_t>(std::lround(rate_hz / 1000.0));
    high_pass_.fill(dsp::Biquad(dsp::high_pass(kCorner_hz, std::numbers::sqrt2 / 2.0, rate_hz)));
}

void HoleWatch::push(std::span<const float> interleaved, std::optional<double> noise_dbfs) {
    const double noise_power = noise_dbfs ? std::pow(10.0, *noise_dbfs / 10.0) : 1.0; // over which nothing stands
    for (std::size_t i = 0; i + 1 < interleaved.size(); i += 2) {
        for (std::size_t c = 0; c < 2; ++c) {
            const double y = high_pass_[c].rt_process(static_cast<double>(interleaved[i + c]));
            sums_[c] += y * y;
        }
        if (++gathered_ == step_frames_) {
            end_step(noise_power);
        }
    }
}

void HoleWatch::interrupt() {
    whole_since_ = steps_ + 1;
}

double HoleWatch::mean(std::uint64_t first, std::uint64_t end, std::size_t channel) const noexcept {
    double sum = 0.0;
    for (std::uint64_t step = first; step < end; ++step) {
        sum += power(step, channel);
    }
    return sum / static_cast<double>(end - first);
}

void HoleWatch::end_step(double noise_power) {
    for (std::size_t c = 0; c < 2; ++c) {
        ring_[steps_ % kRing][c] = sums_[c] / static_cast<double>(step_frames_);
    }
    sums_ = {};
    gathered_ = 0;
    ++steps_;
    constexpr std::uint64_t kReach = kLongest + 2 * kEdge + kSide; // heard after a hole's first step
    judged_ = std::max(judged_, whole_since_ + kSide + kEdge);
    while (judged_ + kReach < steps_) {
        if (!judge(noise_power)) {
            ++judged_;
        }
    }
}

/// From the first step that is 6 dB down, with the level before it, until it is back.
std::size_t HoleWatch::hole(std::uint64_t first, std::size_t channel) const {
    const double before = mean(first - kEdge - kSide, first - kEdge, channel);
    if (power(first, channel) >= before * kHalf || power(first - 1, channel) < before * kHalf) {
        return 0;
    }
    std::size_t length = 1;
    while (length <= kLongest && power(first + length, channel) < before * kHalf) {
        ++length;
    }
    return length <= kLongest ? length : 0;
}

bool HoleWatch::judge(double noise_power) {
    const std::uint64_t first = judged_;
    const std::array<std::size_t, 2> lengths{hole(first, 0), hole(first, 1)};
    const std::size_t length = std::max(lengths[0], lengths[1]);
    if (length < kShortest) {
        return false;
    }
    const std::uint64_t end = first + length;
    Pair before{}, inside{}, behind{};
    for (std::size_t c = 0; c < 2; ++c) {
        before[c] = mean(first - kEdge - kSide, first - kEdge, c);
        behind[c] = mean(end + kEdge, end + kEdge + kSide, c);
        // its edges may lie within a step
        inside[c] = length > 2 ? mean(first + 1, end - 1, c) : mean(first, end, c);
    }
    const auto fell = [&](std::size_t c, double depth, double same) {
        return before[c] > noise_power * kOverNoise && inside[c] < before[c] * depth &&
               alike(before[c], behind[c], same);
    };
    std::optional<SuspectedHole::Channel> channel;
    if (length <= kLongestBoth && fell(0, kDeeper, kSame) && fell(1, kDeeper, kSame)) {
        channel = SuspectedHole::Channel::Both;
    }
    for (std::size_t c = 0; c < 2 && !channel; ++c) {
        const std::size_t other = 1 - c;
        if (lengths[c] == length && fell(c, kDeep, kNearlySame) && before[other] > noise_power * kOverNoise &&
            alike(before[other], inside[other], kSame) && alike(before[other], behind[other], kSame)) {
            channel = c == 0 ? SuspectedHole::Channel::Left : SuspectedHole::Channel::Right;
        }
    }
    if (!channel) {
        return false;
    }
    ++count_;
    if (found_.size() < kMostKept) {
        const std::size_t c = *channel == SuspectedHole::Channel::Right ? 1 : 0;
        found_.push_back({static_cast<std::int64_t>(first * step_frames_),
                          1000.0 * static_cast<double>(length * step_frames_) / rate_hz_,
                          10.0 * std::log10(before[c] / std::max(inside[c], 1e-20)), *channel});
    }
    judged_ = end + kEdge;
    return true;
}

} // namespace overbias::mastering
