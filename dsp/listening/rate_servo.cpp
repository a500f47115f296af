// SPDX-License-Identifier: Apache-2.0
#include "dsp/listening/rate_servo.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace overbias::dsp {

namespace {

constexpr double kSmooth_s = 2.0;
constexpr double kReturn_s = 10.0;
constexpr double kMost = 0.001;

} // namespace

RateServo::RateServo(double rate_hz, std::size_t most_frames)
    : rate_hz_(rate_hz), frames_(most_frames + 8 * SincReader::kHalf) {
}

void RateServo::restart() noexcept {
    frames_.clear();
    pushed_ = read_ = 0;
    fraction_ = 0.0;
    begun_ = false;
}

std::size_t RateServo::process(std::span<const float> interleaved, double fill_frames, double wanted_frames,
                               std::span<float> out) noexcept {
    const std::size_t frames = interleaved.size() / 2;
    if (!begun_) {
        begun_ = true;
        smooth_ = fill_frames - wanted_frames;
        constexpr std::array<float, 4 * SincReader::kHalf> silence{};
        frames_.push(-2 * SincReader::kHalf, silence); // so that the first frame can be read
    }
    const double weight = 1.0 - std::exp(-static_cast<double>(frames) / (rate_hz_ * kSmooth_s));
    smooth_ += weight * (fill_frames - wanted_frames - smooth_);
    // read faster when there is too much: fewer frames come out
    e_ = std::clamp(smooth_ / (rate_hz_ * kReturn_s), -kMost, kMost);
    frames_.push(pushed_, interleaved);
    pushed_ += static_cast<std::int64_t>(frames);
    std::size_t written = 0;
    const std::size_t room = out.size() / 2;
    while (written < room && frames_.holds(read_)) {
        const std::array<float, 2> sample = frames_.at(read_, fraction_);
        out[2 * written] = sample[0];
        out[2 * written + 1] = sample[1];
        ++written;
        fraction_ += 1.0 + e_;
        const double whole = std::floor(fraction_);
        read_ += static_cast<std::int64_t>(whole);
        fraction_ -= whole;
    }
    return written;
}

} // namespace overbias::dsp
