// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/programme_follower.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {
namespace {

constexpr double kFrame_s = 4096.0 / 48000.0;
constexpr double kLeastCorrelation = 0.5; // below, the frame is noise or something else

std::size_t power_of_two(double samples) {
    std::size_t size = 64;
    while (static_cast<double>(size) < 0.75 * samples) {
        size *= 2;
    }
    return size;
}

} // namespace

ProgrammeFollower::ProgrammeFollower(double rate_hz, double low_hz, double high_hz)
    : size_(power_of_two(kFrame_s * rate_hz)), fft_(size_),
      estimator_(size_, rate_hz, low_hz, std::min(high_hz, 0.45 * rate_hz)), window_(hann_window(size_)),
      windowed_(size_), a_(fft_.bins()), b_(fft_.bins()) {
}

void ProgrammeFollower::begin(std::span<const float> reference, std::span<const float> capture, double lag,
                              double reach) {
    reference_ = reference;
    capture_ = capture;
    lag_ = lag;
    reach_ = std::min(reach, static_cast<double>(size_ / 4));
    sure_ = false;
    upcoming_ = 0;
}

void ProgrammeFollower::transform(std::span<const float> samples, std::size_t at, std::span<std::complex<float>> bins) {
    for (std::size_t n = 0; n < size_; ++n) {
        windowed_[n] = samples[at + n] * window_[n];
    }
    fft_.forward(windowed_, bins);
}

ProgrammeFollower::Look ProgrammeFollower::look() {
    const double whole = std::round(lag_);
    const double place = static_cast<double>(at_) + whole;
    if (place < 0.0 || place + static_cast<double>(size_) > static_cast<double>(capture_.size())) {
        return Look::Lost;
    }
    there_ = static_cast<std::size_t>(place);
    transform(reference_, at_, a_);
    transform(capture_, there_, b_);
    found_ = sure_ ? estimator_.fine(a_, b_, lag_ - whole) : estimator_.coarse(a_, b_, 0.0, reach_);
    if (std::abs(found_.correlation) < kLeastCorrelation) {
        sure_ = false;
        return Look::Lost;
    }
    const bool moved = !sure_ && std::abs(found_.samples) > 1.0;
    lag_ = whole + found_.samples;
    sure_ = true;
    return moved ? Look::Moved : Look::Found;
}

bool ProgrammeFollower::next() {
    while (upcoming_ + size_ <= reference_.size()) {
        at_ = upcoming_;
        upcoming_ += hop();
        Look seen = look();
        if (seen == Look::Moved) { // again in step: with the windows apart they show two pieces of the programme
            seen = look();
        }
        if (seen == Look::Found) {
            return true;
        }
    }
    return false;
}

} // namespace overbias::dsp
