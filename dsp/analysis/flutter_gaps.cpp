// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/flutter_gaps.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {
namespace {

constexpr double kLevelMemory_s = 0.5, kPatience_s = 1.0;

} // namespace

FlutterGaps::FlutterGaps(const FlutterGapConfig& config)
    : below_(std::pow(10.0, config.below_db / 20.0)), widest_(config.widest_deviation),
      step_(1.0 - std::exp(-1.0 / (kLevelMemory_s * config.rate_hz))),
      guard_(static_cast<std::size_t>(std::ceil(config.guard_s * config.rate_hz))),
      patience_(static_cast<std::size_t>(kPatience_s * config.rate_hz)),
      ring_(static_cast<std::size_t>(config.longest_s * config.rate_hz) + 2 * guard_ + 2 * kMean) {
}

void FlutterGaps::rt_reset() noexcept {
    std::fill(ring_.begin(), ring_.end(), Out{});
    at_ = gap_ = since_bad_ = bad_run_ = 0;
    running_ = left_ = 0.0;
    has_left_ = false;
}

FlutterGaps::Out& FlutterGaps::back(std::size_t samples) noexcept {
    return ring_[at_ >= samples ? at_ - samples : at_ + ring_.size() - samples];
}

double FlutterGaps::mean() const noexcept {
    double sum = 0.0;
    for (const Out& one : ring_) {
        sum += static_cast<double>(one.deviation);
    }
    return sum / static_cast<double>(ring_.size());
}

/// The newest sample is out: takes the guard before it along and remembers where the speed was.
void FlutterGaps::rt_open() noexcept {
    double sum = 0.0;
    std::size_t good = 0;
    for (std::size_t n = guard_ + 1; n <= guard_ + kMean; ++n) {
        if (back(n).good) {
            sum += static_cast<double>(back(n).deviation);
            ++good;
        }
    }
    if (good > 0) {
        left_ = sum / static_cast<double>(good);
        has_left_ = true;
    }
    gap_ = guard_ + 1;
    for (std::size_t n = 0; n < gap_; ++n) {
        back(n) = {static_cast<float>(left_), false};
    }
}

/// The newest kMean samples are good again: bridges to them what has not gone out yet.
void FlutterGaps::rt_close() noexcept {
    double right = 0.0;
    for (std::size_t n = 0; n < kMean; ++n) {
        right += static_cast<double>(back(n).deviation) / static_cast<double>(kMean);
    }
    const double left = has_left_ ? left_ : right;
    const std::size_t length = std::min(gap_ - kMean, ring_.size() - kMean);
    for (std::size_t n = 0; n < length; ++n) { // from the newest of the gap to its oldest
        const double share = static_cast<double>(n + 1) / static_cast<double>(length + 1);
        back(kMean + n).deviation = static_cast<float>(right + share * (left - right));
    }
    gap_ = 0;
}

FlutterGaps::Out FlutterGaps::rt_process(FmSample sample) noexcept {
    at_ = at_ + 1 == ring_.size() ? 0 : at_ + 1;
    const Out oldest = ring_[at_];
    const auto level = static_cast<double>(sample.level);
    if (running_ == 0.0) {
        running_ = level;
    }
    const bool bad = !(level > below_ * running_) || std::abs(static_cast<double>(sample.deviation)) > widest_;
    bad_run_ = bad ? bad_run_ + 1 : 0;
    if (!bad || bad_run_ > patience_) {
        running_ += step_ * (level - running_);
    }
    ring_[at_] = {sample.deviation, true};
    if (bad && gap_ == 0) {
        rt_open();
        since_bad_ = 0;
        return oldest;
    }
    if (gap_ == 0) {
        return oldest;
    }
    ++gap_;
    since_bad_ = bad ? 0 : since_bad_ + 1;
    if (bad) { // good ones that came between were none
        for (std::size_t n = 0; n < std::min({gap_, guard_ + kMean, ring_.size()}); ++n) {
            back(n) = {static_cast<float>(left_), false};
        }
    } else if (since_bad_ <= guard_) {
        ring_[at_] = {static_cast<float>(left_), false};
    } else if (since_bad_ == guard_ + kMean) {
        rt_close();
    }
    return oldest;
}

} // namespace overbias::dsp
