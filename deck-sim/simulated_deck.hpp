// SPDX-License-Identifier: Apache-2.0
// The simulated deck: mechanics, magnetics, device faces and faults behind the same ports a real deck and a real card
// are reached by. It is written from physics and published tables, never from the product's formulas, so that it can
// contradict the product; and it is not ideal by default. Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/patch.hpp"
#include "deck-sim/remote_deck.hpp"
#include "deck-sim/screw_positions.hpp"
#include "deck-sim/screws.hpp"
#include "deck-sim/settings.hpp"
#include "deck-sim/tape_content.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace overbias::deck_sim {

/// What really is the case, for tests and benchmarks only.
struct Truth {
    enum class Mode {
        Stopped,
        Playing,
        FastForwarding,
        Rewinding,
        TapeOut,
        Shuttling,
        Editing,
    } mode = Mode::Stopped;
    bool recording = false;
    bool tape_broken = false;
    double place_at_record_head_m = 0; ///< metres from the tape's beginning
    double speed_m_s = 0;
    double supply_radius_m = 0, take_up_radius_m = 0;
    double supply_turn_rad_s = 0, take_up_turn_rad_s = 0; ///< positive in the direction of play
    double supply_turned_rad = 0, take_up_turned_rad = 0; ///< since power-on
    /// Pull of the tape beside each reel; 0 when it is not threaded, below zero it would throw a loop.
    double supply_tension_n = 0, take_up_tension_n = 0;
    bool powered = true;
    bool tape_on_heads = true;
    bool library_wind = false;
    double selected_speed_ips = 0;
    std::array<bool, 2> recorded_tracks{}; ///< while `recording`: those that are
};

/// Something that happened to the deck itself, as an outside observer with a stop watch would note it.
struct DeckEvent {
    enum class What {
        RecordOn,  ///< bias and erase current begin to flow
        RecordOff, ///< they end
        Motion,    ///< `mode` begins
        Still,     ///< tape and reels stand
        Moving,    ///< they no longer do
        TapeBroke,
    } what = What::Motion;
    DeckTime at; ///< to the deck's step, 1 ms
    Truth::Mode mode = Truth::Mode::Stopped;
    double place_at_record_head_m = 0;
};

/// One edge of one phase of the tape roller; in play A changes before B.
struct RollerEdge {
    DeckTime at; ///< interpolated within the step
    bool of_b = false;
    bool high = false;
};

class SimulatedDeck {
  public:
    SimulatedDeck(Timeline& timeline, const Settings& settings, std::vector<Fault> faults);
    ~SimulatedDeck();
    SimulatedDeck(const SimulatedDeck&) = delete;
    SimulatedDeck& operator=(const SimulatedDeck&) = delete;

    /// Outputs: stop, play, record, fast_forward, rewind, speed_low, speed_high (momentary contacts: the slowest and
    /// the fastest of Settings::speeds_ips); library_wind (closed with FAST FORWARD or REWIND makes them slow); edit,
    /// lifter_defeat, thread, ready_1, ready_2 (while closed; a track that was never set is as Settings::tracks_ready
    /// says); monitor_input, monitor_sync (relays; both off = repro); route_source, route_oscillator,
    /// route_tape_return, route_mute, route_mono (relays of the patch).
    /// Inputs: tally_stop, tally_play, tally_record, tally_fast_forward, tally_rewind, tape_out.
    [[nodiscard]] transport::Lines& lines();
    [[nodiscard]] transport::Tach& tach();
    [[nodiscard]] audio::Pcm& pcm();
    /// What a serial remote reaches.
    [[nodiscard]] RemoteDeck& remote();
    [[nodiscard]] Truth truth();
    /// How the relays of the patch stand.
    [[nodiscard]] Patch patch();

    /// Told on the deck's next millisecond, in order; one listener each, an empty function removes it.
    void on_event(std::function<void(const DeckEvent&)> listener);
    /// Every edge of the tape roller from now on.
    void on_roller_edge(std::function<void(const RollerEdge&)> listener);
    /// The record-enable loop through an outside contact: opened it ends the recording, and while it is open there is
    /// none.
    void record_enable(bool closed);
    /// The mains. Without them every solenoid drops, so the brakes act, and the lamps are dark; the deck comes back in
    /// stop.
    void power(bool on);
    /// Somebody turns the reels by hand so that the tape moves at this speed (signed); nothing: hands off.
    void hands(std::optional<double> speed_m_s);
    /// The operator threads the tape with this place at the record head. An Error when tape or reels move, the tape is
    /// broken, or the place is not on it.
    [[nodiscard]] Result<void> thread_at(double place_m);

    /// What the tape carries, as stored: cells of tape_cell_m(), two tracks interleaved, cell n from n * tape_cell_m().
    /// Fills cells [first_cell, first_cell + cells.size() / 2).
    void read_tape(std::int64_t first_cell, std::span<std::int16_t> cells);
    [[nodiscard]] double tape_cell_m() const noexcept;

    /// The deck's screws, or the converters in their place, 0 to 1, effective with the next millisecond: `track` 0
    /// or 1.
    void set_screw(Screw screw, std::size_t track, double position);
    [[nodiscard]] double screw(Screw screw, std::size_t track);
    /// What they make of the signal, and how to set that directly.
    [[nodiscard]] const Screws& screws() const noexcept;
    void turn(const Screws& screws);
    /// The EQ switches. An Error when that standard does not exist at the selected speed.
    [[nodiscard]] Result<void> select_equalisation(Equalisation record, Equalisation reproduce);

    /// Another reel in place of the one that is threaded, as long and at the same place. An Error when tape or reels
    /// move, or it names what can't be on a tape.
    [[nodiscard]] Result<void> mount(const TapeContent& content);
    [[nodiscard]] Result<void> mount_blank();
    /// How many cells of the mounted tape an erase or record head has passed while its current flowed.
    [[nodiscard]] std::uint64_t altered_cells();

    /// Current through a track's record head now, 0 when it does not record; and the direct voltage at its test point
    /// (0.25 V a milliampere).
    [[nodiscard]] double bias_ma(std::size_t track);
    [[nodiscard]] double bias_test_point_v(std::size_t track);

    /// Record amplifier and erase fail from here on (or are mended), while the deck shows record: what is on the tape
    /// stays and plays.
    void inhibit_record(bool inhibit);
    /// Faults given in programme_s count from here: the deck time at which the programme's first frame leaves the
    /// converter.
    void programme_starts(DeckTime at);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
