// SPDX-License-Identifier: Apache-2.0
#include "transport/tape_counter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace overbias::transport {

TapeCounterConfig TapeCounterConfig::of_deck_counter(double steps_per_metre) {
    TapeCounterConfig config;
    config.edges_per_metre = steps_per_metre;
    config.window_s = 0.5; // of steps 40 ms apart, stamped with the time of a poll
    config.late_s = 0.1;
    config.deck_counter = true;
    config.known_edges = 1.0;
    return config;
}

TapeCounter::TapeCounter(const TapeCounterConfig& config)
    : config_(config),
      still_time_(deck_seconds(std::max(config.still_least_s, 1.0 / (config.edges_per_metre * config.still_m_s)))),
      set_uncertainty_m_(config.known_edges / config.edges_per_metre) {
    if (!(config.edges_per_metre > 0.0)) {
        throw std::invalid_argument("tape counter: edges_per_metre must be above 0, got " +
                                    std::to_string(config.edges_per_metre) +
                                    "; measure it with a known length of tape");
    }
    if (!(config.slip >= 0.0 && config.slip < 1.0)) {
        throw std::invalid_argument("tape counter: slip is a share of the travel, 0 to below 1, got " +
                                    std::to_string(config.slip) + "; measure it by the slip test");
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

void TapeCounter::preset(double position_m) {
    correct(position_m, config_.known_edges / config_.edges_per_metre);
}

void TapeCounter::correct(double position_m, double uncertainty_m) {
    set_edges_ = edges_;
    set_m_ = position_m;
    set_uncertainty_m_ = std::max(uncertainty_m, config_.known_edges / config_.edges_per_metre);
    travelled_edges_ = 0;
    added_uncertainty_m_ = 0;
    lost_ = jumps_ = reversals_ = 0;
}

double TapeCounter::position_m() const noexcept {
    return set_m_ + static_cast<double>(edges_ - set_edges_) / config_.edges_per_metre;
}

double TapeCounter::fine_position_m(DeckTime now) const noexcept {
    if (sample_count_ == 0) {
        return position_m();
    }
    const Sample& newest = samples_[(sample_next_ + samples_.size() - 1) % samples_.size()];
    const double edge_m = 1.0 / config_.edges_per_metre;
    return position_m() + std::clamp(velocity_m_s_ * seconds(now - newest.at), -edge_m, edge_m);
}

double TapeCounter::uncertainty_m() const noexcept {
    return set_uncertainty_m_ +
           (config_.slip * travelled_edges_ + static_cast<double>(reversals_)) / config_.edges_per_metre +
           added_uncertainty_m_;
}

DeckDuration TapeCounter::still_time() const noexcept {
    return still_word_ ? deck_seconds(config_.still_least_s) : still_time_;
}

void TapeCounter::update(DeckTime now, const TachReading& reading) {
    if (!started_) {
        started_ = true;
        last_ = reading;
        updated_ = rest_since_ = now;
        return;
    }
    if (reading.lost > last_.lost) {
        const std::uint64_t gaps = reading.lost - last_.lost;
        lost_ += gaps;
        added_uncertainty_m_ += static_cast<double>(gaps) / config_.edges_per_metre; // at least one edge a gap
    }
    const std::int64_t raw = reading.edges - last_.edges;
    const std::int64_t delta = reading.direction_known ? raw : std::abs(raw) * sign_;
    if (impossible(delta, seconds(now - updated_))) {
        ++lost_;
        ++jumps_;
        added_uncertainty_m_ += static_cast<double>(std::abs(delta)) / config_.edges_per_metre;
        sample_count_ = 0; // no speed can be had across it
    } else if (delta != 0) {
        take_edges(delta, std::clamp(reading.last_edge, last_.last_edge, now));
    }
    last_ = reading;
    updated_ = now;
    estimate_velocity(now);
    judge_still(now, reading);
}

bool TapeCounter::impossible(std::int64_t delta, double since_s) const noexcept {
    if (!config_.deck_counter) {
        return false; // nobody else sets a count of our own
    }
    // a link that is silent for longer than this is a lost one; where the deck itself says that the tape is still, its
    // word can be no older than a reading
    constexpr double kSilence_s = 0.3;
    constexpr double kStepsOfGrace = 2.0;
    const double time_s = since_s + (still_word_.value_or(false) ? config_.late_s : kSilence_s);
    const double most_m = top_speed_m_s_ * time_s + 0.5 * kAcceleration_m_s2 * time_s * time_s;
    return static_cast<double>(std::abs(delta)) > most_m * config_.edges_per_metre + kStepsOfGrace;
}

void TapeCounter::take_edges(std::int64_t delta, DeckTime at) {
    edges_ += delta;
    travelled_edges_ += static_cast<double>(std::abs(delta));
    note_reversal();
    samples_[sample_next_] = {edges_, at};
    sample_next_ = (sample_next_ + 1) % samples_.size();
    sample_count_ = std::min(sample_count_ + 1, samples_.size());
}

void TapeCounter::note_reversal() {
    const std::int64_t beyond = (edges_ - furthest_edges_) * (heading_ == 0 ? 1 : heading_);
    if (heading_ != 0 && beyond >= 0) {
        furthest_edges_ = edges_;
    } else if (std::abs(beyond) > 1) { // one edge of dither is no turn
        reversals_ += heading_ != 0 ? 1 : 0;
        heading_ = edges_ > furthest_edges_ ? 1 : -1;
        furthest_edges_ = edges_;
    }
}

double TapeCounter::newest_m_s() const noexcept {
    double most_m_s = 0.0;
    for (std::size_t n = 0; n + 1 < std::min<std::size_t>(sample_count_, 3); ++n) {
        const std::int64_t edges = back(n).edges - back(n + 1).edges;
        const double span_s = std::max(seconds(back(n).at - back(n + 1).at), config_.late_s / 10.0);
        const double least_m =
            static_cast<double>(std::max<std::int64_t>(std::abs(edges) - 1, 0)) / config_.edges_per_metre;
        if (least_m / span_s > std::abs(most_m_s)) {
            most_m_s = (edges < 0 ? -least_m : least_m) / span_s;
        }
    }
    return most_m_s;
}

void TapeCounter::estimate_velocity(DeckTime now) {
    if (sample_count_ < 2) {
        velocity_m_s_ = 0;
    } else {
        const Sample& newest = back(0);
        // the oldest sample inside the window, but always at least one interval
        std::size_t oldest = 1;
        while (oldest + 1 < sample_count_ && newest.at - back(oldest).at < deck_seconds(config_.window_s)) {
            ++oldest;
        }
        const double span_s = seconds(newest.at - back(oldest).at);
        const double span_m = static_cast<double>(newest.edges - back(oldest).edges) / config_.edges_per_metre;
        double velocity = span_s > 0.0 ? span_m / span_s : velocity_m_s_;
        // no edge for a while: the tape is no faster than one edge in that while (less what a back end may take to
        // report one: a deck's own counter is told of no more often than it is asked)
        double late_s = config_.late_s;
        for (std::size_t n = 0; config_.deck_counter && n < oldest; ++n) {
            late_s = std::max(late_s, 1.5 * seconds(back(n).at - back(n + 1).at));
        }
        const double quiet_s = seconds(now - newest.at) - late_s;
        if (quiet_s > 0.0) {
            const double bound = 1.0 / (config_.edges_per_metre * quiet_s);
            velocity = std::clamp(velocity, -bound, bound);
        }
        velocity_m_s_ = now - newest.at > still_time() ? 0.0 : velocity;
    }
    constexpr double kRemembered_s = 1.0;
    if (std::abs(velocity_m_s_) >= top_speed_m_s_ || now - top_speed_at_ > deck_seconds(kRemembered_s)) {
        top_speed_m_s_ = std::abs(velocity_m_s_);
        top_speed_at_ = now;
    }
}

void TapeCounter::judge_still(DeckTime now, const TachReading& reading) {
    // still: the roller has not left the edge it rests on (one edge of dither is allowed) for the still time
    if (std::abs(edges_ - rest_edges_) > 1) {
        rest_edges_ = edges_;
        rest_since_ = std::clamp(reading.last_edge, rest_since_, now);
    }
    if (still_word_ && !*still_word_) {
        rest_since_ = now;
    }
    const bool still_now = now - rest_since_ >= still_time();
    if (still_now && !still_) {
        still_since_ = now;
    }
    still_ = still_now;
}

} // namespace overbias::transport
