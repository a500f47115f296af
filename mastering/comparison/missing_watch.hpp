// SPDX-License-Identifier: Apache-2.0
// Stretches in which the programme was sent and the return holds none of it: longer than any drop-out, so no ratio to
// what is usual is needed; and stretches in which it came suddenly much weaker and stayed so, as a track does that is
// recorded without bias, where something is left of what is loud. Analysis frames say that; their edges are found in
// the short-term energies, windows of 3 ms. Silence within such a stretch belongs to it.
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/energy_track.hpp"
#include "mastering/comparison/level_windows.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace overbias::mastering {

struct MissingStretch {
    int channel = 0;
    std::int64_t from = 0, to = 0; ///< reference frames
    bool remainder = false;        ///< something came, but much less than before
};

class MissingWatch {
  public:
    MissingWatch(double rate_hz, std::int64_t frame_size, std::int64_t hop_frames, double least_s);

    void begin(std::int64_t first_frame, std::array<double, 2> gain, const LaneEnergies& noise_hop);
    /// Which channels' frame fell, or is missing.
    std::array<bool, 2> add(std::int64_t frame, const FrameFigures& figures, const std::array<FrameUse, 2>& use,
                            const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks,
                            std::array<double, 2> lag);
    /// Ends what is open at the track's end.
    void finish();
    [[nodiscard]] const std::vector<MissingStretch>& stretches() const noexcept { return stretches_; }
    /// How long both channels' programme, or the one that has any, has been missing by now.
    [[nodiscard]] double missing_now_s() const noexcept;

  private:
    struct Open {
        bool open = false;
        std::int64_t from = 0, last = 0;
        double edge = 0.0;
        int remainders = 0; ///< frames in which something came, less those in which nothing did
    };
    /// How a channel came back before, and what a cubic law takes there.
    struct Usual {
        double db = 0.0, loss_db = 0.0;
        int frames = 0;
    };
    enum class Seen { Nothing, Programme, Missing };
    struct Place {
        const EnergyTrack& sent;
        const EnergyTrack& came;
        const ClockMap& clocks;
        double lag;
        std::size_t channel;
        double edge; ///< of what should have come: less is missing
    };
    [[nodiscard]] double came_db(const FrameFigures& figures, std::size_t channel) const noexcept;
    static void note(double came_db, double loss_db, Usual& usual) noexcept;
    [[nodiscard]] Seen at(std::int64_t hop, const Place& place) const;
    [[nodiscard]] std::int64_t beginning(std::int64_t frame, const Place& place) const;
    [[nodiscard]] std::int64_t ending(std::int64_t frame, const Place& place) const;
    void close(std::size_t channel, std::int64_t to);

    double rate_hz_;
    std::int64_t size_, hop_frames_, least_frames_, first_frame_ = 0;
    std::array<double, 2> gain_{1.0, 1.0};
    LaneEnergies noise_hop_{};
    std::array<Open, 2> open_{};
    std::array<Usual, 2> usual_{};
    std::vector<MissingStretch> stretches_;
};

} // namespace overbias::mastering
