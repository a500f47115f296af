// SPDX-License-Identifier: Apache-2.0
#include "calibration/measure/measured_stretch.hpp"

#include "dsp/analysis/azimuth.hpp"
#include "dsp/analysis/distortion.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace overbias::calibration {

namespace {

constexpr double kSameTone = 0.05;       ///< both channels of a tape carry the same one
constexpr double kNoTone_percent = 90.0; ///< of what is in a channel is something else: it carries no tone
constexpr double kLeastConfidence = 0.3; ///< less is no estimate
constexpr double kFlutterFrom_hz = 900.0, kFlutterTo_hz = 14000.0;

std::optional<dsp::Distortion> distortion_of(std::span<const float> channel, double rate_hz, double about_hz) {
    try {
        const dsp::Distortion found = dsp::measure_distortion(channel, rate_hz, {.fundamental_hz = about_hz});
        const bool its =
            std::abs(found.fundamental_hz / about_hz - 1.0) <= kSameTone && found.thd_n_percent < kNoTone_percent;
        return its ? std::optional(found) : std::nullopt;
    } catch (const std::invalid_argument&) { // no tone in this channel
        return std::nullopt;
    }
}

} // namespace

ToneFigures measure_tone(const Channels& stretch, double rate_hz, double about_hz) {
    ToneFigures out;
    for (const auto& channel : stretch) {
        const auto found = distortion_of(channel, rate_hz, about_hz);
        const auto or_empty = [&](double value) {
            return found && std::isfinite(value) ? std::optional(value) : std::nullopt;
        };
        const dsp::Distortion& it = found ? *found : dsp::Distortion{};
        out.frequency_hz.push_back(or_empty(it.fundamental_hz));
        out.level_dbfs.push_back(or_empty(it.fundamental_dbfs));
        out.thd_percent.push_back(or_empty(it.thd_f_percent));
        out.thd_r_percent.push_back(or_empty(it.thd_r_percent));
        out.h3_percent.push_back(or_empty(it.third_percent()));
        out.thd_n_percent.push_back(or_empty(it.thd_n_percent));
    }
    return out;
}

std::optional<FlutterOfChannel> measure_flutter(const Channels& stretch, double rate_hz, double about_hz) {
    if (about_hz > 0.0 && (about_hz < kFlutterFrom_hz || about_hz > kFlutterTo_hz)) {
        return std::nullopt;
    }
    std::optional<FlutterOfChannel> best;
    for (std::size_t c = 0; c < stretch.size(); ++c) {
        try {
            dsp::WowFlutterConfig config;
            config.rate_hz = rate_hz;
            config.nominal_carrier_hz = 0.0;
            dsp::WowFlutterReport report = dsp::measure_wow_flutter(stretch[c], config);
            if (report.reading.carrier_present && report.reading.weighted_two_sigma_percent &&
                (!best || report.reading.excluded_share < best->report.reading.excluded_share)) {
                best = FlutterOfChannel{c, std::move(report)};
            }
        } catch (const std::invalid_argument&) { // no carrier in this channel
            continue;
        }
    }
    return best;
}

void azimuth_of_tones(const std::vector<Channels>& tones, std::size_t longest, double rate_hz, StereoFigures& figures) {
    std::vector<dsp::TonePhase> phases;
    for (std::size_t t = 0; t < tones.size(); ++t) {
        const dsp::TonePhase phase = dsp::tone_phase(tones[t].at(0), tones[t].at(1), rate_hz);
        if (phase.frequency_hz <= 0.0) {
            continue;
        }
        if (t == longest) {
            figures.phase_deg_at_carrier = phase.phase_rad * 180.0 / std::numbers::pi;
        }
        phases.push_back(phase);
    }
    const dsp::ToneAzimuth azimuth = dsp::azimuth_from_tones(phases);
    if (azimuth.verdict == dsp::ToneAzimuth::Verdict::Resolved ||
        azimuth.verdict == dsp::ToneAzimuth::Verdict::StepTooWide) {
        figures.azimuth_from = AzimuthFrom::Tones;
        figures.azimuth_us = azimuth.delay_us;
        figures.azimuth_error_us = azimuth.error_us;
        figures.azimuth_averaging_s = azimuth.averaging_s;
    } else if (azimuth.verdict == dsp::ToneAzimuth::Verdict::LowestTooHigh) {
        const dsp::TonePhase& lowest = *std::min_element(
            phases.begin(), phases.end(), [](const auto& a, const auto& b) { return a.frequency_hz < b.frequency_hz; });
        const double us_per_rad = 1e6 / (2.0 * std::numbers::pi * lowest.frequency_hz);
        figures.azimuth_from = AzimuthFrom::AmbiguousTone;
        figures.azimuth_us = -lowest.phase_rad * us_per_rad;
        figures.azimuth_error_us = lowest.error_rad * us_per_rad;
        figures.azimuth_period_us = 1e6 / lowest.frequency_hz;
        figures.azimuth_averaging_s = lowest.averaging_s;
    }
}

void azimuth_of_programme(const Channels& stretch, double rate_hz, StereoFigures& figures) {
    dsp::ProgrammeAzimuthConfig config;
    config.rate_hz = rate_hz;
    dsp::ProgrammeAzimuth analyser(config);
    if (stretch.at(0).size() < analyser.frame()) {
        return;
    }
    const dsp::AzimuthEstimate estimate = analyser.alone(stretch.at(0), stretch.at(1));
    if (!estimate.found || estimate.confidence < kLeastConfidence) {
        return;
    }
    figures.azimuth_from = AzimuthFrom::Programme;
    figures.azimuth_us = estimate.delay_us;
    figures.azimuth_error_us = estimate.error_us;
    figures.azimuth_confidence = estimate.confidence;
    figures.azimuth_averaging_s = estimate.averaging_s;
}

} // namespace overbias::calibration
