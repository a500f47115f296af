// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/patient_match.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kLow_hz = 600.0;
/// Bars are more alike down there: it has to be better, and nothing else nearly as good.
constexpr MatchLimits kLowLimits{
    .least_audible_s = 2.0, .least_correlation = 0.7, .most_runner_up = 0.85, .least_agreeing = 0.7};
constexpr std::ptrdiff_t kSide = 20; ///< taps either side

/// Windowed sinc (Hann), linear phase, no delay.
std::vector<float> low_passed(std::span<const float> stereo) {
    std::vector<float> taps(2 * kSide + 1);
    float sum = 0.0F;
    for (std::ptrdiff_t k = -kSide; k <= kSide; ++k) {
        const double x = 2.0 * kLow_hz / kMatchRate_hz * static_cast<double>(k);
        const double sinc = k == 0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
        const double hann =
            0.5 + 0.5 * std::cos(std::numbers::pi * static_cast<double>(k) / static_cast<double>(kSide + 1));
        taps[static_cast<std::size_t>(k + kSide)] = static_cast<float>(sinc * hann);
        sum += taps[static_cast<std::size_t>(k + kSide)];
    }
    std::vector<float> out(stereo.size());
    const auto frames = static_cast<std::ptrdiff_t>(stereo.size() / 2);
    for (std::ptrdiff_t n = 0; n < frames; ++n) {
        float left = 0.0F, right = 0.0F;
        for (std::ptrdiff_t k = -kSide; k <= kSide; ++k) {
            const std::ptrdiff_t at = n + k;
            if (at >= 0 && at < frames) {
                const float tap = taps[static_cast<std::size_t>(k + kSide)] / sum;
                left += tap * stereo[static_cast<std::size_t>(2 * at)];
                right += tap * stereo[static_cast<std::size_t>(2 * at + 1)];
            }
        }
        out[static_cast<std::size_t>(2 * n)] = left;
        out[static_cast<std::size_t>(2 * n + 1)] = right;
    }
    return out;
}

} // namespace

Result<ProgrammeMatch> match_patiently(std::span<const float> heard, std::span<const float> reference, bool crossed) {
    auto match = match_programme(heard, reference);
    if (match) {
        return match;
    }
    std::vector<float> low_heard = low_passed(heard);
    const std::vector<float> low_reference = low_passed(reference);
    if (auto low = match_programme(low_heard, low_reference, kLowLimits)) {
        return low;
    }
    if (crossed) {
        for (std::size_t n = 0; n + 1 < low_heard.size(); n += 2) {
            std::swap(low_heard[n], low_heard[n + 1]);
        }
        if (auto other = match_programme(low_heard, low_reference, kLowLimits)) {
            return other;
        }
    }
    return match;
}

} // namespace overbias::mastering
