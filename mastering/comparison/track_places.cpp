// SPDX-License-Identifier: Apache-2.0
// Where what changes and stays began. Windows of seconds and frames have found that it did; the place is the most
// likely one in a finer trace. (The rest of TrackJudge is in track_judge.cpp.)
#include "mastering/comparison/track_judge.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kWindow_s = static_cast<double>(LevelWindows::kWindow_s);
constexpr double kFilters_s = 0.004;   // what filters, hops and clocks leave
constexpr double kCapstan_s = 0.005;   // how it comes to another speed is not known
constexpr double kShare = 0.5;         // of what was found that the change must account for
constexpr double kBefore_s = 10.0;     // of frames, before the ten seconds that are off
constexpr double kBehind_s = 20.0;     // and from their beginning on
constexpr double kRoomFrames = 2.0;    // a frame's place is known to a frame and a neighbour's length
constexpr std::size_t kOverFrames = 4; // before the place: less and it was so from the beginning

constexpr std::array<double, 6> kLevelRamps_s{0.0, 0.01, 0.02, 0.05, 0.1, 0.2};
constexpr std::array<double, 6> kAzimuthRamps_s{0.0, 0.01, 0.02, 0.03, 0.05, 0.08};
constexpr std::array<double, 1> kNoRamp_s{0.0};

bool accounts_for(double change, double figure) {
    return change * figure > 0.0 && std::abs(change) > kShare * std::abs(figure);
}

} // namespace

TrackJudge::Place TrackJudge::placed(double origin_s, const ChangePoint& change, double behind_s) const {
    const double length_s = static_cast<double>(plan_.frames) / rate_hz_;
    const double within_s = std::max(change.latest_s - change.begin_s, change.begin_s - change.earliest_s);
    return {std::clamp(origin_s + change.begin_s + behind_s, 0.0, length_s), within_s + kFilters_s};
}

TrackJudge::Place TrackJudge::level_place(int channel, double window_s, double change_db, bool highs) const {
    const std::size_t from = trace_.step_at(window_s - kWindow_s);
    const std::size_t to = trace_.step_at(window_s + 2.0 * kWindow_s);
    std::vector<TraceLane> lanes;
    for (std::size_t band = highs ? 1 : 0; band < dsp::kEnergyBands; ++band) {
        lanes.push_back(trace_.lane(channel, band, from, to));
    }
    // A sum over a step weighs like the square of a Hann window twice as long.
    const TraceLane drive = trace_.drive(channel, from, to);
    const auto change = find_change(lanes, {trace_.step_s(), 2.0 * trace_.step_s(), kLevelRamps_s, drive});
    const bool accounts = change && std::any_of(change->change.begin(), change->change.end(),
                                                [&](double by) { return accounts_for(by, change_db); });
    if (!accounts || (!highs && !accounts_for(change->change.front(), change_db))) {
        return {window_s, window_s > 0.0 ? std::optional(kWindow_s) : std::nullopt};
    }
    return placed(trace_.middle_s(from), *change, 0.0);
}

/// In the stretches that were looked at closely around the place; the one that says it most clearly counts.
std::optional<TrackJudge::Place> TrackJudge::close_place(const Close& close) const {
    std::optional<Place> best;
    double evidence = 0.0;
    for (const auto& stretch : close_up_.stretches()) {
        const double origin_s = static_cast<double>(stretch.first_frame - plan_.first_frame) / rate_hz_;
        const double end_s = origin_s + close_up_.step_s() * static_cast<double>(DelayCloseUp::kSteps - 1);
        if (close.from_s > end_s || close.to_s < origin_s) {
            continue;
        }
        TraceLane lane;
        const auto known = [&](std::size_t c) {
            return std::count_if(stretch.delay_s[c].begin(), stretch.delay_s[c].end(),
                                 [](float delay) { return std::isfinite(delay); });
        };
        // One channel has to do where the other has nothing.
        const bool left = close.apart || known(0) * 2 > known(1);
        const bool right = close.apart || known(1) * 2 > known(0);
        for (std::size_t n = 0; n < DelayCloseUp::kSteps; ++n) {
            const float l = stretch.delay_s[0][n];
            const float r = stretch.delay_s[1][n];
            lane.push_back(1e6F * (close.apart ? r - l : (left && right) ? 0.5F * (l + r) : left ? l : r));
        }
        const auto change = find_change({&lane, 1}, {close_up_.step_s(), close_up_.window_s(), close.ramps_s});
        if (!change || !accounts_for(change->change.front(), close.change_us) || change->evidence < evidence) {
            continue;
        }
        const double at_s = origin_s + change->begin_s;
        if (at_s > close.from_s && at_s < close.to_s) {
            best = placed(origin_s, *change, close.behind_s);
            evidence = change->evidence;
        }
    }
    return best;
}

TrackJudge::Place TrackJudge::azimuth_place(double slot_s, double figure_us,
                                            const std::vector<DelayPoint>& points) const {
    // By frames first.
    const double from_s = std::max(0.0, slot_s - kBefore_s);
    TraceLane frames(static_cast<std::size_t>((slot_s + kBehind_s - from_s) / frame_s_) + 1,
                     std::numeric_limits<float>::quiet_NaN());
    for (const DelayPoint& point : points) {
        const double at = (point.at_s - from_s) / frame_s_;
        if (point.both() && at >= 0.0 && at < static_cast<double>(frames.size())) {
            frames[static_cast<std::size_t>(at)] = static_cast<float>(1e6 * (point.delay_s[1] - point.delay_s[0]));
        }
    }
    const auto change = find_change({&frames, 1}, {frame_s_, frame_s_, kNoRamp_s});
    if (!change || !accounts_for(change->change.front(), figure_us)) {
        return {slot_s, slot_s > 0.0 ? std::optional(kBefore_s) : std::nullopt};
    }
    const double first_s = from_s + 0.5 * frame_s_;
    Close close;
    close.from_s = first_s + change->earliest_s - kRoomFrames * frame_s_;
    close.to_s = first_s + change->latest_s + kRoomFrames * frame_s_;
    close.change_us = change->change.front();
    close.apart = true;
    close.ramps_s = kAzimuthRamps_s;
    return close_place(close).value_or(placed(first_s, *change, 0.0));
}

/// Programme that was on its way from head to head when the speed changed comes sooner or later already, the more so
/// the later it was recorded: the change itself is where that ends.
TrackJudge::Place TrackJudge::speed_place(double half_way_s, double start_delay_s, double change_ppm,
                                          const std::vector<DelayPoint>& points) const {
    std::size_t before = 0;
    double old_s = 0.0; // the last frame that has the delay from before
    for (const DelayPoint& point : points) {
        if (point.any() && point.at_s < half_way_s) {
            ++before;
            old_s = point.at_s;
        }
    }
    if (before < kOverFrames) {
        return {half_way_s, {}};
    }
    const double half_s = 0.5 * start_delay_s;
    std::array<double, 8> ramps_s{0.0, 0.5, 0.8, 1.0, 1.15, 1.3, 1.6, 2.0};
    for (double& ramp_s : ramps_s) {
        ramp_s *= start_delay_s;
    }
    Close close;
    close.from_s = old_s - half_s - frame_s_;
    close.to_s = half_way_s - half_s + frame_s_;
    close.change_us = -change_ppm * start_delay_s;
    close.behind_s = start_delay_s;
    close.ramps_s = ramps_s;
    const Place between{0.5 * (old_s + half_way_s) + half_s, 0.5 * (half_way_s - old_s) + frame_s_};
    std::optional<Place> place = close_place(close);
    if (place) {
        *place->within_s += kCapstan_s;
    }
    return place.value_or(between);
}

} // namespace overbias::mastering
