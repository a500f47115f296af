// SPDX-License-Identifier: Apache-2.0
// The tape itself: flux of two tracks at each place, in cells of a fixed length, 16 bit each. Flux 1 is the peak of a 1
// kHz sine at operating level; full scale is 10 (+20 dB). Tape noise lives here, at its place, so that a replay shows
// the same noise again; it is also the dither of the 16 bits (about 1 LSB rms at the default noise level).
//
// The whole reel's address space is reserved at once and the kernel gives memory where it is touched, so nothing is
// allocated later: 4 bytes a cell, 384 MB for 762 m in cells of 7.9375 um. Thread: any one.
#pragma once

#include "deck-sim/magnetics/noise.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

inline constexpr double kFullScaleFlux = 10.0;

struct MediumConfig {
    double length_m = 762.0;
    double cell_m = 7.9375e-6;
    double noise_flux_rms = 4e-4; ///< of recorded tape; bulk-erased tape is 3 dB quieter
    double erase_gain = 1.26e-4;  ///< what the erase head leaves
    double overwrite_gain = 0.01; ///< what recording leaves of a record that was not erased before
    std::uint64_t seed = 1;
    /// What the tape carries before it is first touched, written over `cells` (interleaved, two a cell) from cell
    /// `first` on. Empty: bulk-erased tape.
    std::function<void(std::int64_t first, std::span<std::int16_t> cells)> old_record;
    double old_azimuth_tan = 0; ///< of the head that recorded it
};

/// What the record head adds besides flux.
struct RecordPass {
    float keep = 1.0F;                      ///< of what is there: 1 behind the erase head, else overwrite_gain
    std::array<bool, 2> tracks{true, true}; ///< that are recorded
    std::array<float, 2> noise{1.0F, 1.0F}; ///< against the noise of MediumConfig
    float azimuth_tan = 0.0F;               ///< how the head leans
};

class Medium {
  public:
    /// Throws std::bad_alloc when the address space can't be had.
    explicit Medium(MediumConfig config);
    ~Medium();
    Medium(const Medium&) = delete;
    Medium& operator=(const Medium&) = delete;

    [[nodiscard]] double cell_m() const noexcept { return config_.cell_m; }
    [[nodiscard]] std::int64_t cells() const noexcept { return cells_; }
    /// Bytes of tape touched so far.
    [[nodiscard]] std::size_t touched_bytes() const noexcept;

    /// Flux of cells [first, first + count); nothing beyond the tape's ends.
    void read(std::int64_t first, std::size_t count, float* left, float* right) noexcept;
    /// What cells [first, first + cells.size() / 2) carry, as it is stored; zero beyond the tape's ends. Looking alters
    /// nothing: a stretch that no head has touched reads the same for ever.
    void copy(std::int64_t first, std::span<std::int16_t> cells) noexcept;
    /// The erase head passes; tracks that are not recorded keep what they carry.
    void erase(std::int64_t first, std::size_t count, std::array<bool, 2> tracks = {true, true}) noexcept;
    /// The record head passes: adds flux to what the bias leaves.
    void record(std::int64_t first, std::size_t count, const float* left, const float* right,
                const RecordPass& pass) noexcept;
    /// Another tape of the same length in place of this one, as MediumConfig has it. Gives the memory back.
    void mount(std::function<void(std::int64_t first, std::span<std::int16_t> cells)> old_record,
               double old_azimuth_tan);
    /// How the head leant that recorded here (tangent of its angle); to 256 cells.
    [[nodiscard]] float azimuth_tan(std::int64_t cell) const noexcept {
        const auto at = static_cast<std::size_t>(std::clamp<std::int64_t>(cell, 0, cells_ - 1) / kAzimuthCells);
        return azimuth_[at];
    }
    /// How often a cell was recorded over since the tape was mounted; erasing counts.
    [[nodiscard]] std::uint64_t written_cells() const noexcept { return written_; }
    [[nodiscard]] float overwrite_gain() const noexcept { return static_cast<float>(config_.overwrite_gain); }

    static constexpr std::size_t kMostCells = 16384; ///< of one call

  private:
    void touch(std::int64_t first, std::int64_t last) noexcept;
    bool clip(std::int64_t& first, std::size_t& count, std::size_t& skipped) const noexcept;

    MediumConfig config_;
    std::int64_t cells_ = 0;
    std::size_t mapped_bytes_ = 0;
    std::int16_t* flux_ = nullptr; // interleaved
    std::vector<char> touched_;    // one a chunk
    std::vector<std::int16_t> virgin_;
    static constexpr std::int64_t kAzimuthCells = 256; // 2 mm
    std::vector<float> azimuth_;
    std::uint64_t written_ = 0;
    Noise noise_;
    float noise_lsb_ = 0.0F;
};

} // namespace overbias::deck_sim::magnetics
