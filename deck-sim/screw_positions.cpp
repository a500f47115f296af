// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/screw_positions.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <algorithm>

namespace overbias::deck_sim {

namespace {

struct Range {
    double low, high;
};
/// In the order of Screw; bias in dB re 1 mA (1.3 to 14 mA). Working figures.
constexpr std::array<Range, kScrews> kRanges{
    {{-6, 6}, {-6, 6}, {-6, 6}, {-6, 6}, {-6, 6}, {-6, 6}, {2, 23}, {-8e-3, 8e-3}, {-8e-3, 8e-3}, {-0.01, 0.01}}};
constexpr double kRangeTolerance = 0.05, kMiddleTolerance = 0.03; // of half the range
constexpr double kBend = 0.2, kBendTolerance = 0.1;

} // namespace

ScrewPositions::ScrewPositions(const Settings& settings) {
    magnetics::Random random(settings.seed * 13 + 7);
    const auto off = [&random](double most) { return most * (2.0 * random.uniform() - 1.0); };
    for (std::size_t i = 0; i < tapers_.size(); ++i) {
        const Range range = kRanges[i / 2];
        const double half = 0.5 * (range.high - range.low);
        tapers_[i].middle = 0.5 * (range.high + range.low) + off(kMiddleTolerance * half);
        tapers_[i].half = half * (1.0 + off(kRangeTolerance));
        tapers_[i].bend = kBend + off(kBendTolerance);
    }
    take(initial_screws(settings));
}

std::size_t ScrewPositions::index(Screw screw, std::size_t track) noexcept {
    return 2 * static_cast<std::size_t>(screw) +
           (screw >= Screw::ReproduceAzimuth ? 0 : std::min<std::size_t>(track, 1));
}

double* ScrewPositions::value_of(Screw screw, std::size_t track) noexcept {
    TrackScrews& of = screws_.tracks[std::min<std::size_t>(track, 1)];
    switch (screw) {
    case Screw::ReproduceLevel:
        return &of.reproduce_level_db;
    case Screw::ReproduceHigh:
        return &of.reproduce_high_db;
    case Screw::ReproduceLow:
        return &of.reproduce_low_db;
    case Screw::RecordLevel:
        return &of.record_level_db;
    case Screw::RecordHigh:
        return &of.record_high_db;
    case Screw::RecordLow:
        return &of.record_low_db;
    case Screw::Bias:
        return &of.bias_ma;
    case Screw::ReproduceAzimuth:
        return &screws_.reproduce_azimuth_rad;
    case Screw::RecordAzimuth:
        return &screws_.record_azimuth_rad;
    case Screw::Speed:
        break;
    }
    return &screws_.speed_trim;
}

double ScrewPositions::value_at(Screw screw, std::size_t track, double position) const noexcept {
    const Taper& taper = tapers_[index(screw, track)];
    const double x = 2.0 * std::clamp(position, 0.0, 1.0) - 1.0;
    const double value = taper.middle + taper.half * (x + taper.bend * (1.0 - x * x));
    return screw == Screw::Bias ? amplitude_from_db(value) : value;
}

double ScrewPositions::position_for(Screw screw, std::size_t track, double value) const noexcept {
    double low = 0.0;
    double high = 1.0;
    for (int i = 0; i < 50; ++i) { // it rises all the way
        const double middle = 0.5 * (low + high);
        (value_at(screw, track, middle) < value ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

double ScrewPositions::position(Screw screw, std::size_t track) const noexcept {
    return positions_[index(screw, track)];
}

void ScrewPositions::set(Screw screw, std::size_t track, double position) noexcept {
    positions_[index(screw, track)] = std::clamp(position, 0.0, 1.0);
    *value_of(screw, track) = value_at(screw, track, position);
}

void ScrewPositions::take(const Screws& screws) noexcept {
    screws_ = screws;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
        const auto screw = static_cast<Screw>(i / 2);
        positions_[i] = position_for(screw, i % 2, *value_of(screw, i % 2));
    }
}

} // namespace overbias::deck_sim
