// SPDX-License-Identifier: Apache-2.0
#include "mastering/track_end_finder.hpp"

#include "audio/sound_stretch.hpp"
#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/programme_match.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr double kAgree_s = 0.02;       ///< two looks at different seconds
constexpr double kSpeedChange = 0.0005; ///< between recording and playing: from the place heard on to the end
constexpr double kLeast_s = 0.002;      ///< block of the comparison and clock readings

double rms_dbfs(std::span<const float> stereo) {
    double sum = 1e-12;
    for (const float sample : stereo) {
        sum += static_cast<double>(sample) * static_cast<double>(sample);
    }
    return power_db(sum / std::max<double>(1.0, static_cast<double>(stereo.size())));
}

} // namespace

TrackEndFinder::TrackEndFinder(KnownProgramme programme, std::size_t track)
    : programme_(std::move(programme)), track_(track), speed_m_s_(metres_per_second(programme_.speed_ips)) {
}

Result<TrackEndFinder::Fix> TrackEndFinder::look(const HeardStretch& heard, double end_s, double reach_s) {
    const double to_s = heard.from_s + static_cast<double>(heard.stereo.size() / 2) / heard.rate_hz;
    const double from_m = track().end_m - (end_s - heard.from_s + reach_s) * speed_m_s_;
    const double to_m = track().end_m - (end_s - to_s - reach_s) * speed_m_s_;
    const auto failed = [&](const std::string& why) {
        const KnownTrack& track = this->track();
        trouble_ = "heard " + figure(to_s - heard.from_s, 1) + " s of tape at " + figure(rms_dbfs(heard.stereo), 1) +
                   " dBFS, expected " + track.name + " between " + figure(std::max(0.0, track.programme_s(from_m)), 1) +
                   " s and " + figure(std::clamp(track.programme_s(to_m), 0.0, track.duration_s), 1) + " s: " + why;
        return Error{trouble_};
    };
    const auto stretch = read_stretch(programme_, from_m, to_m);
    if (!stretch) {
        return failed(stretch.error().message);
    }
    const auto match =
        match_programme(audio::at_other_rate(heard.stereo, heard.rate_hz, kMatchRate_hz), stretch->stereo);
    if (!match) {
        return failed("no match: " + match.error().message);
    }
    const double left_s = (track().end_m - stretch->at(match->programme_s, programme_).tape_m) / speed_m_s_;
    const Fix fix{.end_s = heard.from_s + match->heard_s + left_s,
                  .uncertainty_s = kLeast_s + match->uncertainty_s + kSpeedChange * std::abs(left_s),
                  .correlation = match->correlation};
    trouble_.clear();
    fixes_.push_back(fix);
    return fix;
}

std::optional<TrackEndFinder::Fix> TrackEndFinder::last() const {
    return fixes_.empty() ? std::nullopt : std::optional(fixes_.back());
}

std::optional<TrackEndFinder::Fix> TrackEndFinder::known() const {
    if (fixes_.size() < 2) {
        return std::nullopt;
    }
    const Fix& before = fixes_[fixes_.size() - 2];
    Fix now = fixes_.back();
    const double apart_s = std::abs(now.end_s - before.end_s);
    if (apart_s > kAgree_s) {
        return std::nullopt;
    }
    now.uncertainty_s = std::max(now.uncertainty_s, apart_s);
    return now;
}

} // namespace overbias::mastering
