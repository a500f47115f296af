// SPDX-License-Identifier: Apache-2.0
#include "transport/tape_counter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace overbias::transport {

TapeCounter::TapeCounter(const TapeCounterConfig& config)
    : config_(config),
      still_time_(deck_seconds(std::max(config.still_least_s, 1.0 / (config.edges_per_metre * config.still_m_s)))) {
    if (!(config.edges_per_metre > 0.0)) {
        throw std::invalid_argument("tape counter: edges_per_metre must be above 0, got " +
                                    std::to_string(config.edges_per_metre) +
                                    "; measure it with a known length of tape");
    }
}

void TapeCounter::commanded_direction(int sign) {
    if (sign == sign_ || sign == 0) {
        return;
    }
    sign_ = sign;
    if (started_ && !last_.direction_known && !still_) {
        // a single-phase tach reversed in motion: how far the tape ran on before it turned is not known; 2 m/s2 is a
        // slow brake
        added_uncertainty_m_ += velocity_m_s_ * velocity_m_s_ / (2.0 * 2.0);
    }
}

void TapeCounter::zero() {
    zero_edges_ = edges_;
    travelled_edges_ = 0;
    added_uncertainty_m_ = 0;
    lost_ = 0;
}

double TapeCounter::position_m() const noexcept {
    return static_cast<double>(edges_ - zero_edges_) / config_.edges_per_metre;
}

double TapeCounter::uncertainty_m() const noexcept {
    return (0.5 + config_.slip * travelled_edges_) / config_.edges_per_metre + added_uncertainty_m_;
}

void TapeCounter::update(DeckTime now, const TachReading& reading) {
    if (!started_) {
        started_ = true;
        last_ = reading;
        rest_since_ = now;
        return;
    }
    if (reading.lost > last_.lost) {
        const std::uint64_t gaps = reading.lost - last_.lost;
        lost_ += gaps;
        added_uncertainty_m_ += static_cast<double>(gaps) / config_.edges_per_metre; // at least one edge a gap
    }
    const std::int64_t raw = reading.edges - last_.edges;
    const std::int64_t delta = reading.direction_known ? raw : std::abs(raw) * sign_;
    if (delta != 0) {
        take_edges(delta, std::clamp(reading.last_edge, last_.last_edge, now));
    }
    last_ = reading;
    estimate_velocity(now);
    // still: the roller has not left the edge it rests on (one edge of dither is allowed) for the still time
    if (std::abs(edges_ - rest_edges_) > 1) {
        rest_edges_ = edges_;
        rest_since_ = std::clamp(reading.last_edge, rest_since_, now);
    }
    const bool still_now = now - rest_since_ >= still_time_;
    if (still_now && !still_) {
        still_since_ = now;
    }
    still_ = still_now;
}

void TapeCounter::take_edges(std::int64_t delta, DeckTime at) {
    edges_ += delta;
    travelled_edges_ += static_cast<double>(std::abs(delta));
    samples_[sample_next_] = {edges_, at};
    sample_next_ = (sample_next_ + 1) % samples_.size();
    sample_count_ = std::min(sample_count_ + 1, samples_.size());
}

void TapeCounter::estimate_velocity(DeckTime now) {
    const auto back = [this](std::size_t n) -> const Sample& {
        return samples_[(sample_next_ + 2 * samples_.size() - 1 - n) % samples_.size()];
    };
    if (sample_count_ < 2) {
        velocity_m_s_ = 0;
        return;
    }
    const Sample& newest = back(0);
    // the oldest sample inside the window, but always at least one interval
    std::size_t oldest = 1;
    while (oldest + 1 < sample_count_ && newest.at - back(oldest).at < deck_seconds(config_.window_s)) {
        ++oldest;
    }
    const double span_s = seconds(newest.at - back(oldest).at);
    const double span_m = static_cast<double>(newest.edges - back(oldest).edges) / config_.edges_per_metre;
    double velocity = span_s > 0.0 ? span_m / span_s : velocity_m_s_;
    // no edge for a while: the tape is no faster than one edge in that while (less what a back end may take to report
    // one)
    constexpr double kReportingDelaySeconds = 0.010;
    const double quiet_s = seconds(now - newest.at) - kReportingDelaySeconds;
    if (quiet_s > 0.0) {
        const double bound = 1.0 / (config_.edges_per_metre * quiet_s);
        velocity = std::clamp(velocity, -bound, bound);
    }
    velocity_m_s_ = seconds(now - newest.at) > seconds(still_time_) ? 0.0 : velocity;
}

} // namespace overbias::transport
