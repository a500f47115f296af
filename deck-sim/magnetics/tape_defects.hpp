// SPDX-License-Identifier: Apache-2.0
// Faults of the tape at fixed places: flat drop-outs, and stretches lifted off the head (spacing). They act on what a
// head reads there, so every replay shows them again at the same place.
//
// Spacing is the closed form exp(-2 pi d / wavelength) with d(place) a raised cosine: zero-phase filters for 33
// distances, crossfaded from cell to cell. Thread: any one; no allocation after construction.
#pragma once

#include "deck-sim/magnetics/medium.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace overbias::deck_sim::magnetics {

struct TapeDefect {
    bool spacing = false;
    double begin_m = 0; ///< first half-depth point (spacing) or edge (flat)
    double end_m = 0;
    double depth_db = 0; ///< spacing: at 10 kHz and nominal speed
    std::array<bool, 2> channels{true, true};
};

class TapeDefects {
  public:
    /// `most`: how many defects there can be; `most_cells`: the longest window applied at once.
    TapeDefects(double speed_ips, double cell_m, std::size_t most, std::size_t most_cells);

    /// Prepares the filters of a spacing depth (allocates).
    void prepare(double depth_db);
    /// Adds a defect; spacing only at a depth that was prepared. When there is no room the oldest gives way.
    void add(const TapeDefect& defect) noexcept;
    /// Changes a window that was read from the medium at cells [first, first + count).
    void apply(Medium& medium, std::int64_t first, std::size_t count, float* left, float* right) noexcept;

  private:
    static constexpr std::size_t kLevels = 33;
    static constexpr std::size_t kTaps = 255;
    struct Bank {
        double depth_db = 0;
        std::vector<std::vector<float>> filters; // kLevels, from no distance to the full one
    };
    void apply_spacing(Medium& medium, const TapeDefect& defect, std::int64_t first, std::size_t count,
                       const std::array<float*, 2>& window) noexcept;

    double speed_ips_;
    double cell_m_;
    std::size_t most_;
    std::vector<TapeDefect> defects_;
    std::size_t next_ = 0; // which one gives way
    std::vector<Bank> banks_;
    std::array<std::vector<float>, 2> wide_;
};

} // namespace overbias::deck_sim::magnetics
