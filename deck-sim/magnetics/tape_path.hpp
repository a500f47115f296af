// SPDX-License-Identifier: Apache-2.0
// The signal's way through the simulated deck: converter -> record chain -> tape -> reproduce chain -> converter. The
// mechanics move it with process(); the card (pcm()) is what the outside sees of it. docs/simulated-deck-magnetics.md
// says what is modelled and what not.
//
// Thread: the timeline's. process(), and with it every rt_ call of the card, allocates nothing: the tape's address
// space is reserved when the object is made, and the kernel gives it memory page by page as it is written.
#pragma once

#include "audio/ports/pcm.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/motion.hpp"
#include "deck-sim/screws.hpp"
#include "deck-sim/settings.hpp"
#include "deck-sim/tape_content.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace overbias::deck_sim {

/// What the deck's line output carries.
enum class Monitor {
    Input, ///< the line input itself
    Sync,  ///< the record head used to reproduce; while recording, a dull leak of the input
    Repro, ///< the reproduce head
};

/// What feeds the deck's line input.
enum class InputFrom {
    Playback,   ///< our converter
    Nothing,    ///< a source that is not plugged in
    Oscillator, ///< 1 kHz at operating level, on both channels
};

class TapePath {
  public:
    /// `now_s`: deck time in seconds. `advance`: brings the deck up to now, which means calling process() for every
    /// step that has ended; every call of the card calls it first. It must not call the card. Throws
    /// std::invalid_argument when a setting can't be simulated (it says which and why) and std::bad_alloc when the tape
    /// can't be reserved.
    TapePath(const Settings& settings, std::span<const Fault> faults, std::function<double()> now_s,
             std::function<void()> advance);
    ~TapePath();
    TapePath(const TapePath&) = delete;
    TapePath& operator=(const TapePath&) = delete;

    /// The next step of deck time: follows the one before without a gap, at most 2 ms long.
    void process(const MotionStep& step) noexcept;
    [[nodiscard]] audio::Pcm& pcm() noexcept;
    /// Turns the monitor switch, effective with the next step. A fault monitor_input or monitor_sync holds it.
    void select_monitor(Monitor monitor) noexcept;
    void select_input(InputFrom from) noexcept;
    /// The deck's speed switch: equalisers and levels of that speed, aligned as those of the first. Allocates when the
    /// speed is new.
    void select_speed(double speed_ips);
    /// Deck time at which the programme's first frame leaves the converter: faults given in programme time count from
    /// here. May lie ahead or up to 4 s back. Call it again for the next programme.
    void programme_starts(double time_s) noexcept;
    /// The deck's screws, effective with the next step. Allocates nothing.
    void turn(const Screws& screws);
    [[nodiscard]] const Screws& screws() const noexcept;
    /// The EQ switches of both sides. Allocates when the pair is new; an Error when a standard does not exist at this
    /// speed, and the switches stay.
    [[nodiscard]] Result<void> select_equalisation(Equalisation record, Equalisation reproduce);
    /// Current through a track's record head as it is now; 0 when that track is not recording.
    [[nodiscard]] double bias_ma(std::size_t track) const noexcept;
    /// Another tape, as long as this one. An Error names what can't be on a tape.
    [[nodiscard]] Result<void> mount(const TapeContent& content);
    void mount_blank();
    /// Cells of the mounted tape that an erase or record head has altered since it was mounted, counted as often as
    /// that happened.
    [[nodiscard]] std::uint64_t altered_cells() const noexcept;
    /// The record amplifier and the erase current fail (or are mended), while the deck goes on showing record.
    void inhibit_record(bool inhibit) noexcept;
    /// Length of a cell of the medium, and what cells [first, first + cells.size() / 2) carry: see Medium::copy.
    [[nodiscard]] double cell_m() const noexcept;
    void copy_tape(std::int64_t first, std::span<std::int16_t> cells) noexcept;
    /// Bytes of tape that carry something (tests and benchmarks).
    [[nodiscard]] std::size_t tape_bytes() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::deck_sim
