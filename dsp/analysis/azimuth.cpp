// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/azimuth.hpp"

#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kBlock_s = 0.02;
constexpr std::size_t kMostTones = 32;
constexpr double kLeastError_rad = 1e-4;             // two tones can not be weighed by an error of nothing
constexpr double kSure_rad = 0.5 * std::numbers::pi; // three standard errors stay within a quarter turn of the line
constexpr double kOnLine_rad = 0.25 * std::numbers::pi;

struct Line {
    double delay_s = 0.0, error_s = 0.0, worst_rad = 0.0;
    std::size_t used = 0;
};

/// Unwraps from the lowest up, each tone to the turn nearest to the line through those below; stops where that line's
/// own error could miscount. half_turn: added to every phase.
Line fit(std::span<const TonePhase> tones, double half_turn) {
    Line line;
    std::array<double, kMostTones> phase{};
    double weights = 0.0, products = 0.0;
    for (const TonePhase& tone : tones) {
        const double w = kTwoPi * tone.frequency_hz;
        const double here = tone.phase_rad + half_turn;
        if (line.used > 0 && 3.0 * std::hypot(line.error_s * w, tone.error_rad) > kSure_rad) {
            break;
        }
        phase[line.used++] = -w * line.delay_s + std::remainder(here + w * line.delay_s, kTwoPi);
        const double error = std::max(tone.error_rad, kLeastError_rad);
        weights += w * w / (error * error);
        products += w * phase[line.used - 1] / (error * error);
        line.delay_s = -products / weights;
        line.error_s = 1.0 / std::sqrt(weights);
    }
    for (std::size_t n = 0; n < line.used; ++n) {
        const double residual = phase[n] + kTwoPi * tones[n].frequency_hz * line.delay_s;
        line.worst_rad = std::max(line.worst_rad, std::abs(residual));
    }
    return line;
}

} // namespace

double azimuth_of_delay(double delay_s, double track_distance_m, double tape_speed_m_per_s) {
    return std::atan(delay_s * tape_speed_m_per_s / track_distance_m);
}

double delay_of_azimuth(double azimuth_rad, double track_distance_m, double tape_speed_m_per_s) {
    return track_distance_m * std::tan(azimuth_rad) / tape_speed_m_per_s;
}

TonePhase tone_phase(std::span<const float> first, std::span<const float> second, double rate_hz) {
    TonePhase result;
    const std::size_t length = std::min(first.size(), second.size());
    const auto block = static_cast<std::size_t>(kBlock_s * rate_hz);
    if (length < 2 * block) {
        return result;
    }
    const std::size_t search = std::min(length, static_cast<std::size_t>(0.25 * rate_hz)) & ~std::size_t{1};
    const std::size_t from = (length - search) / 2;
    const Tone one = strongest_tone(first.subspan(from, search));
    const Tone other = strongest_tone(second.subspan(from, search));
    const double apart = std::abs(one.cycles_per_sample - other.cycles_per_sample) * rate_hz;
    if (one.share < 0.5 || other.share < 0.5 || apart > 2.0) {
        return result;
    }
    // The mean of the blocks' cross products is free of wrapping; each is the vector of a phase and a common power.
    std::complex<double> sum{};
    const std::size_t blocks = length / block;
    constexpr std::size_t kParts = 8;
    std::array<std::complex<double>, kParts> parts{};
    double squares = 0.0;
    const auto cross = [&](std::size_t n) {
        return std::conj(tone_at(first.subspan(n * block, block), one.cycles_per_sample)) *
               tone_at(second.subspan(n * block, block), one.cycles_per_sample);
    };
    for (std::size_t n = 0; n < blocks; ++n) {
        const auto product = cross(n);
        sum += product;
        parts[n * kParts / blocks] += product;
    }
    result.frequency_hz = one.cycles_per_sample * rate_hz;
    result.phase_rad = std::arg(sum);
    for (std::size_t n = 0; n < blocks; ++n) {
        const double away = std::arg(cross(n) * std::conj(sum));
        squares += away * away;
    }
    result.spread_rad = std::sqrt(squares / static_cast<double>(blocks));
    double part_squares = 0.0;
    const auto used = static_cast<double>(std::min(blocks, kParts));
    for (const auto& part : parts) {
        const double away = std::norm(part) > 0.0 ? std::arg(part * std::conj(sum)) : 0.0;
        part_squares += away * away;
    }
    result.error_rad = std::sqrt(part_squares / (used - 1.0) / used);
    result.averaging_s = static_cast<double>(blocks * block) / rate_hz;
    return result;
}

ToneAzimuth azimuth_from_tones(std::span<const TonePhase> given, double most_s) {
    ToneAzimuth result;
    std::array<TonePhase, kMostTones> sorted{};
    std::size_t count = 0;
    for (const TonePhase& tone : given) {
        if (tone.frequency_hz > 0.0 && count < kMostTones) {
            sorted[count++] = tone;
        }
    }
    if (count == 0) {
        return result;
    }
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count),
              [](const TonePhase& a, const TonePhase& b) { return a.frequency_hz < b.frequency_hz; });
    const auto tones = std::span<const TonePhase>(sorted).first(count);
    const Line straight = fit(tones, 0.0);
    const Line turned = fit(tones, std::numbers::pi);
    // A reversed channel: where both fit, the smaller delay is the likelier.
    const auto good = [&](const Line& line) {
        return line.worst_rad < kOnLine_rad && std::abs(line.delay_s) <= most_s;
    };
    result.reversed = good(turned) && (!good(straight) || std::abs(turned.delay_s) < 0.5 * std::abs(straight.delay_s));
    const Line& line = result.reversed ? turned : straight;
    result.delay_us = line.delay_s * 1e6;
    result.error_us = line.error_s * 1e6;
    result.used = line.used;
    result.worst_residual_deg = line.worst_rad * 360.0 / kTwoPi;
    result.averaging_s = tones[0].averaging_s;
    for (const TonePhase& tone : tones.first(line.used)) {
        result.averaging_s = std::min(result.averaging_s, tone.averaging_s);
    }
    if (most_s > 0.5 / tones[0].frequency_hz) {
        result.verdict = ToneAzimuth::Verdict::LowestTooHigh;
    } else if (line.worst_rad >= kOnLine_rad) {
        result.verdict = ToneAzimuth::Verdict::NotALine;
    } else if (line.used < count) {
        result.verdict = ToneAzimuth::Verdict::StepTooWide;
    } else {
        result.verdict = ToneAzimuth::Verdict::Resolved;
    }
    return result;
}

} // namespace overbias::dsp
