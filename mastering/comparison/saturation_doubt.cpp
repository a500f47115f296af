// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/saturation_doubt.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kLongHalfWave_s = 0.012; // of the lowest string of a bass, 41 Hz: no loss by saturation is longer
constexpr double kHalfWave_s = 0.008;     // of what usually drives a tape to its limit, 60 Hz
constexpr double kAround_s = 0.3;         // on either side: what the tape makes of programme as loud as this
constexpr double kTopSlope = 0.75;        // spacing: 7 kHz against 16 kHz, 1 : 2 in dB
constexpr double kLowSlope = 0.35;        // the lowest band, 1 : 5 to 1 : 10
constexpr double kMeanFall = 1.25;        // times the limit: what saturation takes over 12 ms and more is less

struct Powers {
    double sent = 0.0, came = 0.0;
};

Powers whole_band(const EnergyTrack& sent, const EnergyTrack& came, std::int64_t from, std::int64_t to, double offset,
                  std::size_t lane) {
    Powers powers;
    from = std::max(
        {from, sent.begin(), static_cast<std::int64_t>(std::ceil(static_cast<double>(came.begin()) - offset))});
    to =
        std::min({to, sent.end(), static_cast<std::int64_t>(std::floor(static_cast<double>(came.end()) - offset)) - 1});
    for (std::int64_t hop = from; hop < to; ++hop) {
        powers.sent += static_cast<double>(sent.at(hop).energy[lane]);
        powers.came += static_cast<double>(came.at(hop + static_cast<std::int64_t>(std::lround(offset))).energy[lane]);
    }
    return powers;
}

/// How far each band is down over the whole hole. Losses that come and go with a bass tone's half waves look deep in
/// their deepest windows; over all of them they are not.
std::array<double, dsp::kEnergyBands> mean_falls_db(const EnergyTrack& sent, const EnergyTrack& came,
                                                    const DoubtfulHole& hole) {
    const auto c = static_cast<std::size_t>(hole.channel);
    const double offset = hole.place - static_cast<double>(hole.first_hop);
    std::array<double, dsp::kEnergyBands> expected{};
    std::array<double, dsp::kEnergyBands> returned{};
    const std::int64_t to = std::min(sent.end(), hole.first_hop + hole.hops);
    for (std::int64_t hop = std::max(sent.begin(), hole.first_hop); hop < to; ++hop) {
        const double place = static_cast<double>(hop) + offset;
        if (!came.has(place, 1)) {
            continue;
        }
        const LaneEnergies there = came.sum(place, 1);
        for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
            expected[band] += hole.usual[band] * static_cast<double>(sent.at(hop).energy[2 * band + c]);
            returned[band] += static_cast<double>(there[2 * band + c]) - hole.noise_hop[band];
        }
    }
    std::array<double, dsp::kEnergyBands> falls{};
    for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
        if (hole.fall_db[band] > 0.0 && expected[band] > 0.0) {
            falls[band] = -power_db(std::max(1e-4, returned[band] / expected[band]));
        }
    }
    return falls;
}

/// The highs down all the way by more than `least_db`, the middle by about half as much, the lowest band hardly.
bool is_shaped_like_spacing(const std::array<double, dsp::kEnergyBands>& fall_db, double least_db) {
    return fall_db[2] > least_db && fall_db[1] < kTopSlope * fall_db[2] && fall_db[0] < kLowSlope * fall_db[2];
}

} // namespace

double drive_of_strain(float strain) noexcept {
    return std::acosh(std::pow(std::max(1.0, static_cast<double>(strain)), 0.25));
}

double taken_from_peaks_db(float strain) noexcept {
    const double drive = drive_of_strain(strain);
    return drive > 0.0 ? amplitude_db(drive / std::tanh(drive)) : 0.0;
}

bool saturation_explains(const EnergyTrack& sent, const EnergyTrack& came, const DoubtfulHole& hole,
                         double hops_per_s) {
    // Treble saturates first, so a loss that grows with frequency must also be deep.
    const bool is_short = static_cast<double>(hole.hops) < kLongHalfWave_s * hops_per_s;
    if (!is_short && is_shaped_like_spacing(mean_falls_db(sent, came, hole), kMeanFall * hole.least_db)) {
        return false;
    }
    const std::size_t lane = 2 * dsp::kWholeBand + static_cast<std::size_t>(hole.channel);
    const double offset = hole.place - static_cast<double>(hole.first_hop);
    // A bass tone passes through nothing twice in a period: less than a half wave of it says nothing.
    const auto half_wave = static_cast<std::int64_t>(kHalfWave_s * hops_per_s);
    const std::int64_t widen = std::max<std::int64_t>(0, half_wave - hole.hops) / 2;
    const std::int64_t from = hole.first_hop - widen;
    const std::int64_t to = hole.first_hop + hole.hops + widen;
    const auto around = static_cast<std::int64_t>(kAround_s * hops_per_s);
    const Powers in = whole_band(sent, came, from, to, offset, lane);
    const Powers before = whole_band(sent, came, from - around, from, offset, lane);
    const Powers after = whole_band(sent, came, to, to + around, offset, lane);
    const double usual = (before.came + after.came) / std::max(1e-20, before.sent + after.sent);
    const double here = in.came / std::max(1e-20, in.sent);
    // The whole band holds the bass, and high-pass filters on the way ring on in a hole; what is shorter than a half
    // wave is diluted with its surroundings, so chance has to be kept out by more. It may also be one half wave, which
    // the tape clips; a longer one has its quiet moments.
    const double least_db = is_short ? std::max(hole.least_db, 0.5 * hole.depth_db) + hole.taken_db : hole.least_db;
    return -power_db(std::max(1e-12, here / std::max(1e-12, usual))) < least_db;
}

} // namespace overbias::mastering
