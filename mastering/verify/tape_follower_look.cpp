// SPDX-License-Identifier: Apache-2.0
// One look of the follower: a frame of the programme beside the return at the place and speed expected.
#include "mastering/verify/tape_follower_impl.hpp"

#include <cmath>
#include <numbers>

namespace overbias::mastering {
namespace {

constexpr double kFits = 0.75;       ///< correlation that is believed
constexpr double kFitsAtOnce = 0.85; ///< near the place expected: no other is looked for
constexpr double kFarBetter = 0.1;   ///< by which a place farther off has to be better
constexpr double kNear_s = 0.00025;  ///< beyond it a place is looked at once more
constexpr double kApart_s = 0.0002;  ///< channels that differ more do not both mean the same place
constexpr double kAudible = 1e-7;    ///< mean square in the band, -70 dBFS
constexpr double kOverQuiet = 16.0;  ///< 12 dB
constexpr double kLearn = 0.1;

} // namespace

void TapeFollower::Impl::cut(std::int64_t centre_frame, double place, double speed) {
    const auto half = static_cast<std::int64_t>(size / 2);
    const double scale = 2.0 / (static_cast<double>(size) * static_cast<double>(size) * 0.375); // Hann: mean square 3/8
    const auto power_of = [&](const std::vector<std::complex<float>>& bins) {
        double sum = 0.0;
        for (std::size_t k = estimator.first_bin(); k < estimator.last_bin(); ++k) {
            sum += static_cast<double>(std::norm(bins[k]));
        }
        return sum * scale;
    };
    for (std::size_t channel = 0; channel < 2; ++channel) {
        programme.copy(centre_frame - half, channel, time);
        for (std::size_t n = 0; n < size; ++n) {
            time[n] *= window[n];
        }
        fft.forward(time, sent_bins[channel]);
        sent_power[channel] = power_of(sent_bins[channel]);
    }
    piece.resize(2 * size);
    for (std::size_t n = 0; n < size; ++n) {
        const auto pair = came.between(place + (static_cast<double>(n) - static_cast<double>(half)) * speed);
        piece[2 * n] = pair[0] * window[n];
        piece[2 * n + 1] = pair[1] * window[n];
    }
    for (std::size_t channel = 0; channel < 2; ++channel) {
        for (std::size_t n = 0; n < size; ++n) {
            time[n] = piece[2 * n + channel];
        }
        fft.forward(time, came_bins[channel]);
        came_power[channel] = power_of(came_bins[channel]);
    }
}

TapeFollower::Impl::Look TapeFollower::Impl::compare(double reach) {
    Look seen;
    seen.sent_power = sent_power[0] + sent_power[1];
    seen.came_power = came_power[0] + came_power[1];
    seen.audible = seen.sent_power > kAudible &&
                   (gain <= 0.0 || !std::isfinite(quiet) || seen.sent_power * gain > kOverQuiet * quiet);
    double sum = 0.0;
    for (const bool crossed : {swapped, !swapped}) {
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const std::size_t other = crossed ? 1 - channel : channel;
            if (sent_power[other] < 0.25 * kAudible || came_power[channel] <= 0.0) {
                continue;
            }
            dsp::DelayEstimate found = estimator.fine(sent_bins[other], came_bins[channel], 0.0);
            if (std::abs(found.correlation) < kFitsAtOnce && reach > 0.0) {
                const dsp::DelayEstimate wide = estimator.coarse(sent_bins[other], came_bins[channel], 0.0, reach);
                if (std::abs(wide.correlation) > std::abs(found.correlation) + kFarBetter) {
                    found = wide;
                }
            }
            const double correlation = std::abs(found.correlation);
            if (correlation < kFits || std::abs(found.samples) > std::max(reach, 1.0) + kNear_s * rate_hz) {
                seen.correlation = std::max(seen.correlation, correlation);
                continue;
            }
            const double weight = correlation * correlation / (1.01 - correlation * correlation);
            if (seen.fits && std::abs(found.samples - sum / seen.weight) > kApart_s * rate_hz) {
                if (weight < seen.weight) {
                    continue;
                }
                seen.channel = {};
                sum = seen.weight = 0.0;
            }
            seen.fits = true;
            seen.correlation = std::max(seen.correlation, correlation);
            seen.channel[channel] = found.samples;
            seen.weight += weight;
            sum += weight * found.samples;
        }
        if (seen.fits) {
            swapped = crossed;
            break;
        }
    }
    if (seen.fits) {
        seen.off = sum / seen.weight;
    }
    return seen;
}

TapeFollower::Impl::Look TapeFollower::Impl::look(std::int64_t knot, double place, double reach) {
    const double speed = slope / static_cast<double>(hop);
    cut(knot * hop, place, speed);
    Look seen = compare(reach);
    if (seen.fits && std::abs(seen.off) > kNear_s * rate_hz) {
        // Another place than expected: believed when it fits as well with the return cut out there.
        const double moved = seen.off;
        cut(knot * hop, place + moved, speed);
        seen = compare(kNear_s * rate_hz);
        seen.fits = seen.fits && seen.correlation >= kFitsAtOnce;
        seen.off += moved;
        for (auto& channel : seen.channel) {
            if (channel) {
                *channel += moved;
            }
        }
    }
    return seen;
}

/// Gain and noise of the return, for what is audible.
void TapeFollower::Impl::learn(const Look& seen) {
    if (seen.fits && seen.sent_power > kAudible) {
        const double now = seen.came_power / seen.sent_power;
        gain = gain > 0.0 ? gain + kLearn * (now - gain) : now;
    }
    if (!seen.fits && seen.sent_power < kAudible) {
        quiet = std::min(quiet, seen.came_power);
    }
}

} // namespace overbias::mastering
