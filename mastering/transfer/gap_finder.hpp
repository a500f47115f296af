// SPDX-License-Identifier: Apache-2.0
// GapFinder: where the programme of a tape begins and ends, from its level alone.
//
// The level is the RMS about the mean of the louder channel, in steps of 10 ms. Noise: the quietest half second heard
// while the tape plays. A step is silent below
//     min(max(noise + over_noise_db, loudest - below_loudest_db), loudest - at_least_below_db)
// (loudest: the loudest half second; the second term is for reels whose leader is quieter than the tape's noise, the
// last keeps a steady tone from being silence). Nothing is silence before something was louder. Sounds shorter than
// 0.1 s with half a second of silence on both sides are clicks; a gap is silence of least_s, clicks or not.
//
// Live figures use what was heard so far; tracks() judges everything by what is known at the end. Thread: one; grows by
// 100 steps a second.
#pragma once

#include "mastering/transfer/transfer_request.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

struct ProgrammePlace {
    std::int64_t first_frame = 0; ///< in the file
    std::int64_t end_frame = 0;   ///< one after the last
    bool operator==(const ProgrammePlace&) const = default;
};

class GapFinder {
  public:
    /// Throws std::invalid_argument for a rate or least_s that is not positive.
    GapFinder(double rate_hz, const GapRule& rule);

    /// Stereo, interleaved. `counts`: the tape plays and nothing is missing; else its level tells nothing.
    void push(std::span<const float> interleaved, bool counts);

    [[nodiscard]] std::optional<double> noise_dbfs() const noexcept { return quietest_db_; }
    [[nodiscard]] std::optional<double> threshold_dbfs() const noexcept;
    /// How long it has been silent after programme; 0 before any.
    [[nodiscard]] double silent_s() const noexcept;
    /// Pieces of programme between gaps, in order.
    [[nodiscard]] std::vector<ProgrammePlace> tracks() const;

  private:
    static constexpr std::size_t kHalfSecond = 50; ///< steps
    struct Step {
        float db;
        bool counts;
    };
    struct Run { ///< of steps that are not silent
        std::size_t first, end;
    };
    void end_step();
    [[nodiscard]] std::vector<Run> sounds() const;

    GapRule rule_;
    std::size_t step_frames_, gathered_ = 0;
    std::array<double, 2> sums_{}, squares_{};
    bool step_counts_ = true;
    std::vector<Step> steps_;
    std::array<double, kHalfSecond> powers_{}; ///< of the last half second
    std::size_t in_a_row_ = 0;                 ///< steps that count, up to the last
    std::optional<double> quietest_db_, loudest_db_;
    std::size_t silent_steps_ = 0, sounding_steps_ = 0;
};

} // namespace overbias::mastering
