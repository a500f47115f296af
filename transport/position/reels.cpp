// SPDX-License-Identifier: Apache-2.0
#include "transport/position/reels.hpp"

#include "tape/reel.hpp"
#include "transport/position/figures.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace overbias::transport {

namespace {

void check(const ReelGeometry& geometry) {
    const auto positive = [](const char* name, double value) {
        if (!(value > 0.0)) {
            throw std::invalid_argument(std::string("reels: ") + name + " must be above 0, got " +
                                        std::to_string(value) + "; it comes from the tape stock or the configuration");
        }
    };
    positive("hub_radius_m", geometry.hub_radius_m);
    positive("tape_thickness_m", geometry.tape_thickness_m);
    positive("tape_length_m", geometry.tape_length_m);
}

/// rs^2 + rt^2
double both_packs_m2(const ReelGeometry& geometry) {
    const double radius_m = pack_radius_m(geometry, geometry.tape_length_m);
    return radius_m * radius_m + geometry.hub_radius_m * geometry.hub_radius_m;
}

} // namespace

double pack_radius_m(const ReelGeometry& geometry, double length_m) noexcept {
    return tape::pack_radius_m(std::max(length_m, 0.0), geometry.hub_radius_m, geometry.tape_thickness_m);
}

double pack_length_m(const ReelGeometry& geometry, double radius_m) noexcept {
    return tape::pack_length_m(radius_m, geometry.hub_radius_m, geometry.tape_thickness_m);
}

std::optional<double> playing_time_s(double length_m, double speed_m_s) noexcept {
    return speed_m_s > 0.0 ? std::optional(length_m / speed_m_s) : std::nullopt;
}

ReelWatch::ReelWatch(const ReelWatchConfig& config)
    : config_(config), supply_(config.trend_window_s), take_up_(config.trend_window_s) {
    check(config.geometry);
    report_.remaining_m = config.geometry.tape_length_m;
}

void ReelWatch::tape_changed(const ReelGeometry& geometry) {
    ReelWatchConfig config = config_;
    config.geometry = geometry;
    *this = ReelWatch(config);
}

const ReelReport& ReelWatch::update(DeckTime now, const ReelReading& reels, double roller_speed_m_s, double place_m) {
    smooth(now, reels, roller_speed_m_s);
    measure(now, supply_, report_.supply, supply_known_, reels.supply_tension_n);
    measure(now, take_up_, report_.take_up, take_up_known_, reels.take_up_tension_n);
    ask_the_reels(place_m);
    compare(now);
    const double length_m = config_.geometry.tape_length_m;
    report_.remaining_by_reels = report_.supply.tape_m.has_value() && report_.warning.empty();
    if (report_.remaining_by_reels) {
        report_.remaining_m = std::min(*report_.supply.tape_m, length_m);
    } else {
        // a roller that is doubted spoils the radius it is measured with; the reels' own ratio doesn't need it
        const double place = report_.place_by_reels_m.value_or(place_m);
        report_.remaining_m = std::clamp(length_m - place, 0.0, length_m);
    }
    return report_;
}

void ReelWatch::smooth(DeckTime now, const ReelReading& reels, double roller_speed_m_s) {
    const bool fresh = now - reels.at <= deck_seconds(config_.stale_s);
    const bool supply = reels.supply_rad_s && fresh, take_up = reels.take_up_rad_s && fresh;
    const double step_s = updated_ ? seconds(now - *updated_) : 0.0;
    // the same filter for all three, so that starts and stops do not show in their ratios
    const bool anew = !updated_ || supply != supply_known_ || take_up != take_up_known_;
    const double part = anew ? 1.0 : 1.0 - std::exp(-step_s / config_.smooth_s);
    steady_ = true;
    const auto follow = [part, this](double& value, double now_value, double floor) {
        constexpr double kSteady = 0.1;
        const double away = now_value - value;
        steady_ = steady_ && std::abs(away) <= kSteady * std::max(std::abs(value), std::abs(now_value)) + floor;
        value += part * away;
    };
    constexpr double kCreep_m_s = 0.01, kCreep_rad_s = 0.1; // 1 cm/s on a pack of 10 cm
    follow(roller_m_s_, roller_speed_m_s, kCreep_m_s);
    follow(supply_.turn_rad_s, supply ? *reels.supply_rad_s : 0.0, kCreep_rad_s);
    follow(take_up_.turn_rad_s, take_up ? *reels.take_up_rad_s : 0.0, kCreep_rad_s);
    supply_known_ = supply;
    take_up_known_ = take_up;
    updated_ = now;
}

void ReelWatch::measure(DeckTime now, Side& side, ReelSide& out, bool known,
                        const std::optional<double>& tension_n) const {
    if (!known) {
        out.radius_m.reset(); // it may have been moved by hand meanwhile
        out.tape_m.reset();
        out.radius_trend_m_s.reset();
        side.radius.clear();
    } else if (std::abs(roller_m_s_) >= config_.least_speed_m_s && roller_m_s_ * side.turn_rad_s > 0.0) {
        out.radius_m = roller_m_s_ / side.turn_rad_s;
        const double wound_on_m = (&side == &supply_ ? -1.0 : 1.0) * roller_m_s_ * config_.smooth_s; // since the mean
        out.tape_m = std::max(pack_length_m(config_.geometry, *out.radius_m) + wound_on_m, 0.0);
        side.radius.add(now, *out.radius_m);
        out.radius_trend_m_s = side.radius.slope_per_s();
    }
    out.tension_n = tension_n;
    if (tension_n) {
        side.tension.add(now, *tension_n);
        out.tension_trend_n_s = side.tension.slope_per_s();
    } else {
        side.tension.clear();
        out.tension_trend_n_s.reset();
    }
}

void ReelWatch::ask_the_reels(double place_m) {
    report_.speed_by_reels_m_s.reset();
    const double supply = supply_.turn_rad_s, take_up = take_up_.turn_rad_s;
    const ReelGeometry& geometry = config_.geometry;
    if (supply_known_ && take_up_known_) {
        constexpr double kTurning_rad_s = 0.2; // two turns a minute; a full reel in play does 28
        if (std::min(std::abs(supply), std::abs(take_up)) < kTurning_rad_s || supply * take_up < 0.0) {
            return;
        }
        const double packs_m2 = both_packs_m2(geometry);
        const double speed = std::sqrt(packs_m2 / (1.0 / (supply * supply) + 1.0 / (take_up * take_up)));
        report_.speed_by_reels_m_s = std::copysign(speed, take_up);
        const double ratio = supply / take_up;
        const double supply_radius_m = std::sqrt(packs_m2 / (1.0 + ratio * ratio));
        report_.place_by_reels_m = geometry.tape_length_m - pack_length_m(geometry, supply_radius_m) +
                                   *report_.speed_by_reels_m_s * config_.smooth_s;
    } else {
        report_.place_by_reels_m.reset();
        if (supply_known_) {
            report_.speed_by_reels_m_s = supply * pack_radius_m(geometry, geometry.tape_length_m - place_m);
        } else if (take_up_known_) {
            report_.speed_by_reels_m_s = take_up * pack_radius_m(geometry, place_m);
        }
    }
}

bool ReelWatch::trust_roller_now() noexcept {
    if (!report_.speed_by_reels_m_s || std::abs(*report_.speed_by_reels_m_s) < config_.least_speed_m_s ||
        roller_m_s_ * *report_.speed_by_reels_m_s <= 0.0) {
        return false;
    }
    trust_ = roller_m_s_ / *report_.speed_by_reels_m_s;
    doubted_since_.reset();
    report_.warning.clear();
    return true;
}

void ReelWatch::compare(DeckTime now) {
    const double reels_m_s = report_.speed_by_reels_m_s.value_or(0.0) * trust_;
    const double faster_m_s = std::max(std::abs(reels_m_s), std::abs(roller_m_s_));
    if (!report_.speed_by_reels_m_s || !steady_ || faster_m_s < config_.least_speed_m_s) {
        doubted_since_.reset(); // nothing to see now; a warning stays until they have been seen to agree
        return;
    }
    if (std::abs(roller_m_s_ - reels_m_s) <= config_.doubt_share * faster_m_s) {
        doubted_since_.reset();
        report_.warning.clear();
        return;
    }
    doubted_since_ = doubted_since_.value_or(now);
    if (now - *doubted_since_ < deck_seconds(config_.doubt_after_s)) {
        return;
    }
    const bool against = roller_m_s_ * reels_m_s < 0.0;
    const bool slow = std::abs(roller_m_s_) < std::abs(reels_m_s);
    report_.warning = "roller and reels disagree: roller says " + speed_text(roller_m_s_) + ", reels say " +
                      speed_text(reels_m_s) + "; " +
                      (against ? "one of them turns the wrong way: check the direction of the tach"
                       : slow  ? "the roller slips or stands: clean it and run the slip test; do not trust the counter"
                              : "the roller counts too much, or the reels' tape length, thickness or hub radius is not "
                                "as configured: check these, then calibrate the tach");
}

} // namespace overbias::transport
