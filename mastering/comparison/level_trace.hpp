// SPDX-License-Identifier: Apache-2.0
// The ratio of return to reference of a track, each 5 ms, in the three bands of the short-term energies: where a change
// of level or of treble began is looked up here once the windows of seconds have found one. Two bytes a value, 3.2 kB a
// second.
#pragma once

#include "mastering/comparison/change_point.hpp"
#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/energy_track.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace overbias::mastering {

inline constexpr std::int64_t kTraceHops = 20; ///< of a quarter of a millisecond

class LevelTrace {
  public:
    LevelTrace(double rate_hz, std::int64_t hop_frames)
        : step_s_(static_cast<double>(kTraceHops * hop_frames) / rate_hz), hop_frames_(hop_frames) {}

    /// Makes room for a track of so many frames.
    void expect(std::int64_t frames) {
        steps_.reserve(static_cast<std::size_t>(frames / (kTraceHops * hop_frames_)) + 2);
    }
    void begin(std::int64_t first_frame, std::array<double, 2> gain, const LaneEnergies& noise_hop);
    /// As far as `to_frame` of the reference; what lies before `from_frame` and was not added is not known.
    void add(std::int64_t from_frame, std::int64_t to_frame, const EnergyTrack& sent, const EnergyTrack& came,
             const ClockMap& clocks, std::array<double, 2> lag);

    [[nodiscard]] double step_s() const noexcept { return step_s_; }
    /// Middle of a step, programme time.
    [[nodiscard]] double middle_s(std::size_t step) const noexcept {
        return offset_s_ + (static_cast<double>(step) + 0.5) * step_s_;
    }
    [[nodiscard]] std::size_t step_at(double programme_s) const noexcept;
    /// Steps first ... last - 1 of a band, dB.
    [[nodiscard]] TraceLane lane(int channel, std::size_t band, std::size_t first, std::size_t last) const;
    /// How hard a channel drove the tape, dB.
    [[nodiscard]] TraceLane drive(int channel, std::size_t first, std::size_t last) const;
    [[nodiscard]] std::size_t size() const noexcept { return steps_.size(); }

  private:
    /// Thousandths of a decibel, by band and channel; then how far each channel drove the tape, hundredths of a
    /// decibel.
    using Step = std::array<std::int16_t, 2 * dsp::kEnergyBands + 2>;
    [[nodiscard]] TraceLane values(std::size_t at, float unit, std::size_t first, std::size_t last) const;
    double step_s_, offset_s_ = 0.0;
    std::int64_t hop_frames_, first_hop_ = 0;
    std::array<double, 2> gain_{1.0, 1.0};
    LaneEnergies noise_hop_{};
    std::vector<Step> steps_;
};

} // namespace overbias::mastering
