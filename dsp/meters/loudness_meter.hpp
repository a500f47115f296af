// SPDX-License-Identifier: Apache-2.0
// LoudnessMeter: ITU-R BS.1770-5 loudness of a programme of any number of channels, with the windows, gates and update
// rates of EBU Tech 3341 and 3342 v2023 (programme_loudness.hpp says how). Plain scalar code; the fused stereo pass
// (stereo_meters.hpp) is checked against it.
//
// Weights: 1.0 for left, right and centre, 1.41 for the surrounds, 0 for what is left out (LFE). M, S and their maxima
// are renewed every 10 ms.
// Thread: one; no allocation after construction.
#pragma once

#include "dsp/meters/k_weighting.hpp"
#include "dsp/meters/programme_loudness.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::dsp {

class LoudnessMeter {
  public:
    /// Left, right.
    explicit LoudnessMeter(double sample_rate_hz);
    /// One weight a channel. Throws std::invalid_argument (rate, no channels, a negative weight).
    LoudnessMeter(double sample_rate_hz, std::vector<double> channel_weights);

    /// Whole frames, interleaved; a last frame that lacks channels is left out.
    void process(std::span<const float> interleaved) noexcept;

    [[nodiscard]] double momentary_lufs() const noexcept { return programme_.momentary_lufs(); }
    [[nodiscard]] double short_term_lufs() const noexcept { return programme_.short_term_lufs(); }
    /// Highest since the last call of the same function.
    [[nodiscard]] double highest_momentary_lufs() noexcept;
    [[nodiscard]] double highest_short_term_lufs() noexcept;
    /// None before a block has passed the gate.
    [[nodiscard]] std::optional<double> integrated_lufs() const noexcept { return programme_.integrated_lufs(); }
    [[nodiscard]] std::optional<LoudnessRange> range() const noexcept { return programme_.range(); }
    void restart() noexcept { programme_.restart(); }

  private:
    double rate_hz_;
    std::vector<double> weights_;
    std::vector<KWeighting> filters_;
    ProgrammeLoudness programme_;
    std::uint64_t ticks_ = 0;     ///< whole ticks gone by
    std::size_t tick_frames_ = 0; ///< of the tick that runs
    std::size_t gathered_ = 0;    ///< frames of it that are in
    double energy_ = 0.0;         ///< their energy
    double highest_momentary_ = 0.0, highest_short_term_ = 0.0;
};

} // namespace overbias::dsp
