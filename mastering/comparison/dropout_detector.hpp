// SPDX-License-Identifier: Apache-2.0
// Drop-outs: stretches in which the return falls away from what was sent, for some milliseconds.
//
// Windows of 3 ms, one each millisecond, three bands (400 Hz - 3 kHz - 7 kHz - 16 kHz), each channel. A band is judged
// in a window where the programme as it should come back stands 20 dB over the tape's noise. The ratio came / sent is
// compared with its own median over about a second, so that level, response and compression do not count; what was sent
// is taken at its least over +-0.5 ms, so that attacks and flutter do not; and where the programme drives the tape
// harder than in most of that second, the fall has to exceed what saturation can take. Bands together make one event.
// What is shorter or shallower is found by FineDropouts, and reported where no larger one lies. docs/proof.md
#pragma once

#include "mastering/comparison/clock_map.hpp"
#include "mastering/comparison/dropout_fine.hpp"
#include "mastering/comparison/energy_track.hpp"
#include "mastering/off_tape_result.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

struct DropoutEvent {
    int channel = 0;
    double start_frame = 0.0; ///< of the reference
    double length_s = 0.0;
    double depth_db = 0.0;
    bool spacing = false;
    bool over_limit = false; ///< as deep and as long as the settings say: fails the print
    bool kind_known = true;  ///< two bands could be judged, so that their falls tell spacing from flat
};

/// Reference frames that are not to be judged.
struct Excluded {
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
    std::string reason;
};

struct DropoutSettings {
    double rate_hz = 48000.0;
    std::int64_t hop_frames = 12;
    double depth_db = 6.0;
    double length_ms = 3.0;
    double operating_peak = 0.2; ///< sine peak sent for operating level
};

class DropoutDetector {
  public:
    explicit DropoutDetector(const DropoutSettings& settings);

    /// A track: where it lies, came / sent power as the slate showed it, and the tape's noise, mean energy of one hop.
    void begin(std::int64_t first_frame, std::int64_t frames, std::array<double, 2> gain,
               const LaneEnergies& noise_hop);
    /// Judges windows that end before `to_frame` as far as both tracks hold them; on the last call what they do not
    /// hold is left out. Lags as DelayTrack has them.
    void advance(const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks, std::array<double, 2> lag,
                 std::int64_t to_frame, std::span<const Excluded> excluded, bool last_call);
    /// Decides what is still open.
    void finish(const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks);

    [[nodiscard]] const std::vector<DropoutEvent>& events() const noexcept { return events_; }
    /// Events that fail the print.
    [[nodiscard]] std::size_t over_limit() const noexcept { return over_limit_; }
    /// Share of the track's time in which programme above 3 kHz could be judged, mean of both channels.
    [[nodiscard]] double judged_share() const noexcept;
    /// The same of one second of the track.
    [[nodiscard]] float judged_in_second(std::size_t second) const noexcept;
    /// Makes room for a track of so many frames.
    void expect(std::int64_t frames) {
        judged_in_.reserve(static_cast<std::size_t>(static_cast<double>(frames) / settings_.rate_hz) + 2);
    }
    /// Stretches of a second and more in which no band of either channel could be judged, reference frames first and
    /// one-past-last.
    [[nodiscard]] const std::vector<std::array<std::int64_t, 2>>& quiet_stretches() const noexcept { return quiet_; }

  private:
    static constexpr std::size_t kLanes = 6;
    struct Window {
        std::int64_t hop = 0;
        std::array<float, kLanes> ratio{};    ///< came / expected, noise taken out; negative: not judged
        std::array<float, kLanes> low{};      ///< against the least that was sent near by
        std::array<float, kLanes> expected{}; ///< energy that should have come; judged lanes only
        std::array<float, kLanes> strain{};   ///< power factor by which saturation may reduce it
    };
    struct Open {
        bool open = false;
        std::int64_t first = 0, last = 0;              ///< windows
        std::array<float, dsp::kEnergyBands> depth{};  ///< least low / usual of each band; 1 where not judged
        std::array<float, dsp::kEnergyBands> energy{}; ///< most that should have come
        float strain = 1.0F;                           ///< most of any band that was judged
    };
    static constexpr std::int64_t kRing = 2048;

    [[nodiscard]] Window& window(std::int64_t index) { return ring_[static_cast<std::size_t>(index % kRing)]; }
    void measure(Window& w, const EnergyTrack& sent, const EnergyTrack& came, double place) const;
    [[nodiscard]] float drive_of(const EnergyTrack& sent, std::int64_t from, std::int64_t to,
                                 std::size_t channel) const;
    void note_share(const Window& w, bool excluded);
    void decide_up_to(std::int64_t index, const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks);
    void find_usual(std::int64_t index);
    void close(int channel, const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks);
    void end_quiet(std::int64_t frame);
    void add(const DropoutEvent& event);
    void judge_fine(std::int64_t hop);
    void settle_fine(bool last_call);

    DropoutSettings settings_;
    int step_hops_, window_hops_, reach_hops_;
    std::int64_t first_frame_ = 0, end_frame_ = 0, next_hop_ = 0;
    std::array<double, 2> gain_{1.0, 1.0}, lag_{};
    LaneEnergies noise_hop_{};
    std::vector<Window> ring_;
    std::int64_t measured_ = 0, decided_ = 0, usual_until_ = 0;
    std::array<float, kLanes> usual_{};
    std::array<float, kLanes> usual_strain_{};
    std::array<float, kLanes> spread_db_{}; ///< from usual_ down to the ratio that a tenth of windows are below
    std::vector<std::int32_t> values_;      ///< bits of a second's ratios
    std::array<Open, 2> open_{};
    std::int64_t judged_ = 0, windows_ = 0, quiet_from_ = -1;
    struct SecondShare {
        std::uint16_t judged = 0, windows = 0;
    };
    std::vector<SecondShare> judged_in_;
    std::vector<std::array<std::int64_t, 2>> quiet_;
    std::vector<DropoutEvent> events_;
    std::size_t over_limit_ = 0;
    FineDropouts fine_;
    std::vector<FineHole> waiting_; ///< fine holes near which a larger one may yet end
    struct Span {
        int channel = 0;
        double from = 0.0, to = 0.0; ///< hops
    };
    std::vector<Span> settled_; ///< holes that were told, or that saturation explains
};

} // namespace overbias::mastering
