// SPDX-License-Identifier: Apache-2.0
// What the delays of a track's frames say: speed, azimuth, wow. (The rest of TrackJudge is in track_judge.cpp.)
#include "base/units.hpp"
#include "mastering/comparison/track_judge.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr std::size_t kDelayFewest = 8;    // sure frames for a figure of delay
constexpr double kTrend_s = 10.0;          // of the delay, for a change of speed
constexpr double kAzimuth_s = 10.0;        // averaging time of azimuth
constexpr std::size_t kAzimuthFewest = 30; // of the 117 frames in it
constexpr double kReference_ips = 15.0;    // at which the limit of azimuth is stated
constexpr float kFound = 0.6F;             // correlation of a delay that wow may rest on: wow itself blurs a frame
constexpr double kPpmPerPercent = 1e4;
constexpr double kSplit_s = 1.0;

double median(std::vector<double> values) {
    return *median_of(values);
}

double spread_of(const std::vector<double>& values, double middle) {
    double sum = 0.0;
    for (const double value : values) {
        sum += (value - middle) * (value - middle);
    }
    return std::sqrt(sum / static_cast<double>(values.size()));
}

} // namespace

std::vector<TrackJudge::DelayPoint> TrackJudge::delay_points(const PrintFacts& facts) const {
    std::vector<DelayPoint> points;
    for (const auto& seen : facts.delay.observations()) {
        if (seen.reference_frame < plan_.first_frame || seen.reference_frame >= plan_.first_frame + plan_.frames) {
            continue;
        }
        DelayPoint point;
        point.at_s = static_cast<double>(seen.reference_frame - plan_.first_frame) / rate_hz_;
        point.sure = seen.sure;
        for (int channel = 0; channel < 2; ++channel) {
            if (seen.sure[static_cast<std::size_t>(channel)] > 0.0F) {
                point.delay_s[static_cast<std::size_t>(channel)] = facts.delay.delay_s(seen, channel, facts.clocks);
            }
        }
        points.push_back(point);
    }
    return points;
}

void TrackJudge::judge_delay(const PrintFacts& facts, TrackResult& result,
                             const std::vector<DelayPoint>& points) const {
    const bool live = facts.config.mode == ComparisonMode::Live;
    std::vector<double> all;
    std::vector<std::vector<double>> trend;
    for (const DelayPoint& point : points) {
        const auto slot = static_cast<std::size_t>(point.at_s / kTrend_s);
        trend.resize(std::max(trend.size(), slot + 1));
        const double delay =
            point.both() ? 0.5 * (point.delay_s[0] + point.delay_s[1]) : point.delay_s[point.sure[0] > 0.0F ? 0 : 1];
        all.push_back(delay);
        trend[slot].push_back(delay);
    }
    const bool calibrated = live && facts.config.calibrated_head_delay_s > 0.0;
    result.speed_source = !live        ? "not known: told by who plays the reel"
                          : calibrated ? "head delay against calibrated delay"
                                       : "not known: no head delay is stored from a calibration tape";
    if (all.size() < kDelayFewest) {
        if (calibrated) {
            result.speed_source = "not known: not enough programme to follow the delay";
        }
        for (const char* figure : {"delay_ms", "speed_change_ppm", "speed_error_ppm"}) {
            result.withheld.push_back({figure, live ? "not_enough_signal" : "not_in_this_mode"});
        }
        return;
    }
    const double delay_s = median(all);
    result.delay_ms = delay_s * 1e3;
    if (calibrated) {
        result.speed_error_ppm = (facts.config.calibrated_head_delay_s / delay_s - 1.0) * 1e6;
    } else {
        result.withheld.push_back({"speed_error_ppm", live ? "no_calibration" : "not_in_this_mode"});
    }
    if (!live || !facts.start_delay_s) {
        result.withheld.push_back({"speed_change_ppm", live ? "no_slate" : "not_in_this_mode"});
        return;
    }
    const auto change_of = [&](double delay) { return (*facts.start_delay_s / delay - 1.0) * 1e6; };
    double worst = change_of(delay_s);
    for (const auto& slot : trend) {
        if (slot.size() >= 3 * kDelayFewest) {
            const double change = change_of(median(slot));
            worst = std::abs(change) > std::abs(worst) ? change : worst;
        }
    }
    result.speed_change_ppm = worst;
}

/// The first frame from which on the delay lies nearer to the new one than to the old, for a second.
double TrackJudge::change_place_s(double start_delay_s, double change_ppm,
                                  const std::vector<DelayPoint>& points) const {
    const double half_way = start_delay_s / (1.0 + 0.5 * change_ppm * 1e-6);
    double at_s = 0.0;
    std::size_t beyond = 0;
    for (const DelayPoint& point : points) {
        if (!point.any()) {
            continue;
        }
        beyond = (point.delay() < half_way) == (change_ppm > 0.0) ? beyond + 1 : 0;
        at_s = beyond == 1 ? point.at_s : at_s;
        if (static_cast<double>(beyond) * frame_s_ >= kSplit_s) {
            break;
        }
    }
    return at_s;
}

void TrackJudge::judge_speed_change(const PrintFacts& facts, TrackResult& result,
                                    const std::vector<DelayPoint>& points) const {
    if (!result.speed_change_ppm || !facts.start_delay_s || !facts.recorded_well) {
        return; // the delay of a remainder that is all distortion is no speed
    }
    // The start is a mean over some seconds of slate: with wow beyond its limit it is off by as much at most.
    const bool wow = result.wow && result.wow->percent > facts.config.limits.wow_percent;
    const double limit =
        facts.config.limits.speed_change_ppm + (wow ? 2.0 * kPpmPerPercent * result.wow->peak_percent : 0.0);
    if (std::abs(*result.speed_change_ppm) <= limit) {
        return;
    }
    const double half_way_s = change_place_s(*facts.start_delay_s, *result.speed_change_ppm, points);
    const Place place = speed_place(half_way_s, *facts.start_delay_s, *result.speed_change_ppm, points);
    Finding finding{"speed_change",
                    "tape speed changed by " + figure(*result.speed_change_ppm, 0, true) +
                        " ppm against the start of the print, from " + place_text(place.at_s, place.within_s) +
                        " of the track on; limit " + figure(limit, 0) + " ppm",
                    -1};
    finding.from_s = place.at_s;
    finding.place_within_s = place.within_s;
    result.findings.push_back(finding);
}

void TrackJudge::judge_azimuth(const PrintFacts& facts, TrackResult& result,
                               const std::vector<DelayPoint>& points) const {
    std::vector<double> apart; // us, right behind left
    std::vector<std::vector<double>> pieces;
    double sure = 0.0;
    for (const DelayPoint& point : points) {
        if (point.both()) {
            apart.push_back(1e6 * (point.delay_s[1] - point.delay_s[0]));
            const auto slot = static_cast<std::size_t>(point.at_s / kAzimuth_s);
            pieces.resize(std::max(pieces.size(), slot + 1));
            pieces[slot].push_back(apart.back());
            sure += static_cast<double>(std::min(point.sure[0], point.sure[1]));
        }
    }
    result.judged.azimuth = std::min(1.0, static_cast<double>(apart.size()) /
                                              std::max(1.0, static_cast<double>(plan_.frames) / rate_hz_ / frame_s_));
    if (apart.size() < kDelayFewest) {
        result.withheld.push_back({"azimuth", "not_enough_signal"});
        result.withheld.push_back({"phase_deg", "not_enough_signal"});
        return;
    }
    Azimuth azimuth;
    azimuth.mean_us = median(apart);
    azimuth.averaging_s = kAzimuth_s;
    azimuth.frame_s = frame_s_;
    azimuth.spread_us = spread_of(apart, azimuth.mean_us);
    azimuth.confidence = result.judged.azimuth * sure / static_cast<double>(apart.size());
    azimuth.worst_us = azimuth.mean_us;
    const double limit_us =
        facts.config.limits.azimuth_us * std::max(1.0, kReference_ips / facts.config.tape_speed_ips);
    std::optional<double> from_s;
    std::optional<double> to_s;
    for (std::size_t slot = 0; slot < pieces.size(); ++slot) {
        if (pieces[slot].size() < kAzimuthFewest) {
            continue;
        }
        const double middle = median(pieces[slot]);
        const double start_s = static_cast<double>(slot) * kAzimuth_s;
        if (std::abs(middle) > std::abs(azimuth.worst_us)) {
            azimuth.worst_us = middle;
            azimuth.worst_from_s = start_s;
        }
        // 1.25 s / sqrt(n): standard error of a median
        const double error =
            1.25 * spread_of(pieces[slot], middle) / std::sqrt(static_cast<double>(pieces[slot].size()));
        if (std::abs(middle) - 2.0 * error > limit_us) {
            from_s = from_s.value_or(start_s);
            to_s = std::min(start_s + kAzimuth_s, static_cast<double>(plan_.frames) / rate_hz_);
        }
    }
    result.azimuth = azimuth;
    // Right behind left by this time turns a phase at 1 kHz.
    result.phase_deg = 360.0 * 1000.0 * azimuth.mean_us * 1e-6;
    if (std::abs(*result.phase_deg) > facts.config.limits.phase_deg_at_1khz) {
        result.findings.push_back({"phase",
                                   "right against left at 1 kHz: " + figure(*result.phase_deg, 1, true) +
                                       " degrees, limit " + figure(facts.config.limits.phase_deg_at_1khz, 0) +
                                       ": check azimuth",
                                   -1});
    } else if (from_s && facts.config.mode == ComparisonMode::Live) {
        const Place place = azimuth_place(*from_s, azimuth.worst_us, points);
        from_s = place.at_s;
        Finding finding{"azimuth",
                        "right is behind left by " + figure(azimuth.worst_us, 1, true) + " us, " +
                            figure(360.0 * 1e4 * azimuth.worst_us * 1e-6, 0, true) +
                            " degrees at 10 kHz, averaged over " + figure(kAzimuth_s, 0) + " s, from " +
                            place_text(place.at_s, place.within_s) + " to " + clock_time(*to_s) +
                            " of the track; limit " + figure(limit_us, 1) +
                            " us: check the azimuth of the record and the reproduce head",
                        -1};
        finding.from_s = from_s;
        finding.to_s = to_s;
        finding.place_within_s = place.within_s;
        result.findings.push_back(finding);
    }
}

void TrackJudge::judge_wow(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const {
    const bool live = facts.config.mode == ComparisonMode::Live;
    DelayTrace trace(static_cast<std::size_t>(static_cast<double>(plan_.frames) / rate_hz_ / frame_s_) + 1);
    const double apart_s = result.azimuth ? result.azimuth->mean_us * 1e-6 : 0.0;
    for (const DelayPoint& point : points) {
        const auto slot = static_cast<std::size_t>(point.at_s / frame_s_);
        const std::array<double, 2> middle{point.delay_s[0] + 0.5 * apart_s, point.delay_s[1] - 0.5 * apart_s};
        if (slot >= trace.size()) {
            continue;
        }
        if (point.sure[0] >= kFound && point.sure[1] >= kFound) {
            trace[slot] = 0.5 * (middle[0] + middle[1]);
        } else if (point.sure[0] >= kFound || point.sure[1] >= kFound) {
            trace[slot] = middle[point.sure[0] >= kFound ? 0 : 1];
        }
    }
    // A step of speed is no wow: what lies before and behind it is looked at apart.
    if (result.speed_change_ppm && std::abs(*result.speed_change_ppm) > facts.config.limits.speed_change_ppm) {
        const double step_s = change_place_s(*facts.start_delay_s, *result.speed_change_ppm, points);
        const auto slot = static_cast<std::size_t>(step_s / frame_s_);
        for (std::size_t k = slot - std::min<std::size_t>(slot, 2); k < std::min(slot + 3, trace.size()); ++k) {
            trace[k].reset();
        }
    }
    const double tau_s = live ? result.delay_ms.value_or(0.0) * 1e-3 : 0.0;
    if (live && !(tau_s > 0.0)) {
        result.withheld.push_back({"wow", "not_enough_signal"});
        return;
    }
    const double limit = facts.config.limits.wow_percent;
    const auto found = wow_of(trace, frame_s_, tau_s, limit);
    if (!found) {
        const bool brief = static_cast<double>(plan_.frames) < 10.0 * rate_hz_;
        result.withheld.push_back({"wow", brief ? "too_short" : "not_enough_signal"});
        return;
    }
    result.wow = found->wow;
    if (live && found->wow.percent > limit && found->from_s) {
        const auto place = wow_place(trace, frame_s_, *found->from_s);
        const double from_s = place ? place->at_s : *found->from_s;
        const auto within_s = place ? std::optional(place->within_s) : std::nullopt;
        Finding finding{"wow",
                        "speed varies by " + figure(found->wow.percent, 2) + " % (two standard deviations, " +
                            figure(found->wow.from_hz, 1) + " to " + figure(found->wow.to_hz, 1) + " Hz) from " +
                            place_text(from_s, within_s) + " to " + clock_time(*found->to_s) + " of the track; limit " +
                            figure(limit, 2) + " %",
                        -1};
        finding.from_s = from_s;
        finding.place_within_s = within_s;
        finding.to_s = std::min(*found->to_s, static_cast<double>(plan_.frames) / rate_hz_);
        finding.from_hz = found->wow.from_hz;
        finding.to_hz = found->wow.to_hz;
        result.findings.push_back(finding);
    }
}

} // namespace overbias::mastering
