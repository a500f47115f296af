// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/frequency_response.hpp"

#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kBlock_s = 0.02;
constexpr double kWithin = 0.05;

} // namespace

ToneLevel tone_level(std::span<const float> samples, double rate_hz, double nominal_hz) {
    ToneLevel result;
    const auto block = std::max(static_cast<std::size_t>(kBlock_s * rate_hz),
                                static_cast<std::size_t>(5.0 * rate_hz / nominal_hz)); // five periods of a low one
    if (samples.size() < 2 * block) {
        return result;
    }
    // Each block begins its search where the one before has found the tone; the first at the strongest of a longer
    // look.
    const std::size_t search = std::min(samples.size(), 4 * block) & ~std::size_t{1};
    const Tone first = strongest_tone(samples.first(search));
    double guess = first.cycles_per_sample;
    if (std::abs(guess * rate_hz / nominal_hz - 1.0) > kWithin) {
        return result;
    }
    double power = 0.0, power_squares = 0.0, cycles = 0.0, count = 0.0;
    for (std::size_t at = 0; at + block <= samples.size(); at += block) {
        const Tone tone = refine_tone(samples.subspan(at, block), guess);
        if (std::abs(tone.cycles_per_sample * rate_hz / nominal_hz - 1.0) > kWithin) {
            continue;
        }
        guess = tone.cycles_per_sample;
        const double square = tone.amplitude * tone.amplitude;
        power += square;
        power_squares += square * square;
        cycles += tone.cycles_per_sample;
        count += 1.0;
    }
    if (count == 0.0 || !(power > 0.0)) {
        return result;
    }
    const double mean = power / count;
    result.frequency_hz = cycles / count * rate_hz;
    result.level_dbfs = 10.0 * std::log10(mean);
    const double relative = std::sqrt(std::max(0.0, power_squares / count - mean * mean)) / mean;
    result.spread_db = 10.0 / std::numbers::ln10 * relative;
    return result;
}

std::vector<ResponsePoint> response_from_tones(std::span<const SentTone> tones, double rate_hz) {
    std::vector<ResponsePoint> points;
    for (const SentTone& sent : tones) {
        const ToneLevel got = tone_level(sent.captured, rate_hz, sent.frequency_hz);
        if (got.frequency_hz > 0.0) {
            const double blocks = static_cast<double>(sent.captured.size()) / (kBlock_s * rate_hz);
            points.push_back({sent.frequency_hz, got.level_dbfs - sent.level_dbfs, 1.0,
                              got.spread_db / std::sqrt(std::max(1.0, blocks))});
        }
    }
    return points;
}

} // namespace overbias::dsp
