// SPDX-License-Identifier: Apache-2.0
// The flux of a prerecorded tape, made for any stretch of it alone, so that it is made only where a head comes by.
// Thread: any; add() allocates nothing.
#pragma once

#include "deck-sim/tape_content.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

/// What a head narrower than the recorded track reads too high: `most_db` at long wavelengths, half of it at 1.9 mm
/// (200 Hz at 15 ips). A working figure.
[[nodiscard]] double fringing_db(double most_db, double wavelength_m);

class ToneTape {
  public:
    /// Throws std::invalid_argument when the standard does not exist at that speed or a figure is out of range.
    ToneTape(const TapeContent& content, double cell_m);
    /// Adds it to `cells` (interleaved flux, 16 bit), the first of which is cell `first`.
    void add(std::int64_t first, std::span<std::int16_t> cells) const noexcept;

  private:
    struct Stretch {
        double begin_m = 0, end_m = 0;
        double wavelength_m = 0; ///< 0: speech
        double flux = 0;         ///< peak, or rms of speech
        std::uint64_t seed = 0;
    };
    struct Hole {
        double begin_m = 0, end_m = 0, gain = 1;
    };
    void add_tone(const Stretch& stretch, std::int64_t first, std::size_t from, std::size_t to,
                  std::span<std::int16_t> cells) const noexcept;
    void add_speech(const Stretch& stretch, std::int64_t first, std::size_t from, std::size_t to,
                    std::span<std::int16_t> cells) const noexcept;
    [[nodiscard]] double hole_gain(double place_m) const noexcept;

    double cell_m_, speed_m_s_, half_shift_m_;
    std::vector<Stretch> stretches_; ///< in the order of place
    std::vector<Hole> holes_;
};

} // namespace overbias::deck_sim::magnetics
