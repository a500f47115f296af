// SPDX-License-Identifier: Apache-2.0
// Short and shallow drop-outs, found by how much more is missing than anything but the tape can explain.
//
// Windows of 1, 2, 4, 8 and 16 ms, every half or whole millisecond, in the two bands above 3 kHz (3 - 7 - 16 kHz) of
// each channel. What should have come is what was sent times the ratio of came to sent just before and just after
// (60 ms, from 15 ms off), the lesser of both, so that a slow wander of the tape's treble makes none. A window is down
// when more of its energy is missing than
//   - a share: what spectra that move within a band that is not quite flat make of it, by length of window and band;
//     at least one and a half times what a tenth of the windows of 3 ms around come back lower by,
//   - several deviations of what the tape's noise does to it: noise of power N in a window of 2 B T = n degrees of
//     freedom moves the energy of a signal of power S by 2 sqrt(S N / n),
//   - what a place that is wrong moves over the window's edges: a third of a hop of what is sent there, or all that a
//     whole hop's shift takes from the window (an attack at its end),
//   - and what saturation may take, where the tape is driven harder than around it.
// Not judged: where the tape is driven to 6 dB of that, and a band that distortion products of the whole may fill.
// A hole with hard edges under bass is filled with the clicks of its edges: a window of 1 ms that came four times as
// strong as anything near it was sent, and over the distortion products of the whole programme, tells one as well.
// Energies in, places out; the figures of a hole are read from the same sums. docs/proof.md
#pragma once

#include "mastering/comparison/energy_track.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace overbias::mastering {

/// One hole; hops of the reference.
struct FineHole {
    int channel = 0;
    double first_hop = 0.0, hops = 0.0;
    double depth_db = 0.0;
    bool spacing = false;
    bool burst = false; ///< told by the clicks at its edges; may be the edge of a larger one
    bool kind_known = true;
};

class FineDropouts {
  public:
    /// Lanes 2 * (band - 1) + channel.
    static constexpr std::size_t kLanes = 4;
    /// Strain from which the law of saturation says nothing: 6 dB, 1.5 dB over 3 % third harmonic.
    static constexpr float kClips = 4.0F;
    using Figures = std::array<float, kLanes>;
    /// As most windows of 3 ms are in the second around.
    struct Usual {
        Figures ratio{};     ///< came over expected
        Figures strain{};    ///< see push()
        Figures spread_db{}; ///< a tenth of them have a ratio lower than usual by more
    };

    /// `step_hops`: hops in a millisecond.
    FineDropouts(double rate_hz, std::int64_t hop_frames, int step_hops);

    void begin(std::int64_t first_hop, std::array<double, 2> gain, const LaneEnergies& noise_hop);
    /// The next millisecond: hops from `first_hop` on, which came from `place` on. `strain`: power factor by which
    /// saturation may reduce each lane. `out`: not to be judged, and the tracks may not hold it.
    void push(const EnergyTrack& sent, const EnergyTrack& came, std::int64_t first_hop, double place, bool out,
              const Figures& strain);
    /// Judges windows that begin before `hop`, at most half a second of hops behind what was pushed.
    void judge(std::int64_t hop, const Usual& usual);
    /// Ends what is open.
    void finish();
    /// Holes that ended since the last call.
    [[nodiscard]] std::vector<FineHole> take();
    /// First hop of a hole of this channel that is not ended, or that of the next window to be judged.
    [[nodiscard]] std::int64_t settled(int channel) const noexcept;

  private:
    struct Hop { ///< sums of everything before this hop
        std::array<double, kLanes> sent{}, came{};
        std::array<double, 2> whole{}; ///< sent, from 20 Hz on
        std::int64_t out = 0;
        Figures strain{};
    };
    struct Open {
        bool open = false;
        std::int64_t first = 0, end = 0; ///< hops, union of the windows that are down
        double sureness = 0.0;           ///< of the surest window
        std::int64_t best = 0, best_hops = 0;
        std::size_t lane = 0;
        double expected = 0.0; ///< came over sent there
    };
    struct Burst {
        bool open = false;
        std::int64_t first = 0, end = 0; ///< hops, union of the windows that are too loud
        std::int64_t run = 0;            ///< where the last stretch without a pause began
        bool lasting = false;            ///< one went on too long for clicks: a sound, not a hole
    };
    static constexpr std::int64_t kRing = 4096;

    [[nodiscard]] const Hop& at(std::int64_t hop) const { return ring_[static_cast<std::size_t>(hop & (kRing - 1))]; }
    [[nodiscard]] Hop& at(std::int64_t hop) { return ring_[static_cast<std::size_t>(hop & (kRing - 1))]; }
    [[nodiscard]] double sent(std::size_t lane, std::int64_t from, std::int64_t to) const {
        return at(to).sent[lane] - at(from).sent[lane];
    }
    [[nodiscard]] double came(std::size_t lane, std::int64_t from, std::int64_t to) const {
        return at(to).came[lane] - at(from).came[lane] - noise_hop_[lane] * static_cast<double>(to - from);
    }
    [[nodiscard]] double expected_ratio(std::size_t lane, std::int64_t from, std::int64_t to, double usual) const;
    struct Length;
    void judge_window(std::size_t lane, std::int64_t from, std::int64_t to, const Length& length, const Usual& usual);
    void judge_burst(std::size_t lane, std::int64_t from, std::int64_t to, double usual);
    void end_hole(int channel);
    void end_burst(int channel);

    double hops_per_s_;
    std::int64_t step_;
    std::array<double, 2> gain_{1.0, 1.0};
    std::array<double, kLanes> noise_hop_{};
    std::vector<Hop> ring_;
    std::int64_t begin_ = 0, end_ = 0, next_ = 0; ///< hops held; next window to be judged
    std::array<Open, 2> open_{};
    std::array<Burst, 2> burst_{};
    std::vector<FineHole> found_;
};

} // namespace overbias::mastering
