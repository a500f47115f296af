// SPDX-License-Identifier: Apache-2.0
// ScrewPositions: how far each screw (or the converter that stands in for it) is turned, 0 to 1, and what that makes of
// the signal. The way from position to dB, milliamperes or radians is the deck's own: it rises all the way, but not in
// a straight line, and differs from track to track by the tolerance of parts. Thread: any one; allocates nothing.
#pragma once

#include "deck-sim/screws.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>

namespace overbias::deck_sim {

enum class Screw {
    ReproduceLevel,
    ReproduceHigh,
    ReproduceLow,
    RecordLevel,
    RecordHigh,
    RecordLow,
    Bias,
    ReproduceAzimuth, ///< this and those that follow are there once, whatever the track
    RecordAzimuth,
    Speed,
};
inline constexpr std::size_t kScrews = 10;

class ScrewPositions {
  public:
    /// Steps of the converters on a deck that has them: 12 bits.
    static constexpr double kStep = 1.0 / 4095.0;

    /// Stands as initial_screws() says.
    explicit ScrewPositions(const Settings& settings);

    [[nodiscard]] const Screws& screws() const noexcept { return screws_; }
    [[nodiscard]] double position(Screw screw, std::size_t track) const noexcept;
    /// Beyond 0 and 1 a screw stays at its end.
    void set(Screw screw, std::size_t track, double position) noexcept;
    /// Takes these values; the positions are the nearest there are.
    void take(const Screws& screws) noexcept;
    /// What a position would make: dB, mA, rad, or share of the speed.
    [[nodiscard]] double value_at(Screw screw, std::size_t track, double position) const noexcept;

  private:
    struct Taper {
        double middle = 0, half = 1; ///< of the range; bias: in dB re 1 mA
        double bend = 0;             ///< below 0.5, so that it rises all the way
    };
    [[nodiscard]] static std::size_t index(Screw screw, std::size_t track) noexcept;
    [[nodiscard]] double* value_of(Screw screw, std::size_t track) noexcept;
    [[nodiscard]] double position_for(Screw screw, std::size_t track, double value) const noexcept;

    Screws screws_;
    std::array<Taper, 2 * kScrews> tapers_{};
    std::array<double, 2 * kScrews> positions_{};
};

} // namespace overbias::deck_sim
