// SPDX-License-Identifier: Apache-2.0
// The simulated deck: mechanics, magnetics, device faces and faults behind the same ports a real deck and a real card
// are reached by. It is written from physics and published tables, never from the product's formulas, so that it can
// contradict the product; and it is not ideal by default. Thread: the timeline's.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/timeline.hpp"
#include "deck-sim/faults.hpp"
#include "deck-sim/settings.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <memory>
#include <vector>

namespace overbias::deck_sim {

/// What really is the case, for tests and benchmarks only.
struct Truth {
    enum class Mode { Stopped, Playing, FastForwarding, Rewinding, TapeOut } mode = Mode::Stopped;
    bool recording = false;
    bool tape_broken = false;
    double place_at_record_head_m = 0; ///< metres from the tape's beginning
    double speed_m_s = 0;
    double supply_radius_m = 0, take_up_radius_m = 0;
};

class SimulatedDeck {
  public:
    SimulatedDeck(Timeline& timeline, const Settings& settings, std::vector<Fault> faults);
    ~SimulatedDeck();
    SimulatedDeck(const SimulatedDeck&) = delete;
    SimulatedDeck& operator=(const SimulatedDeck&) = delete;

    /// Outputs: stop, play, record, fast_forward, rewind (momentary contacts), monitor_input, monitor_sync (relays;
    /// both off = repro). Inputs: tally_stop, tally_play, tally_record, tally_fast_forward, tally_rewind, tape_out.
    [[nodiscard]] transport::Lines& lines();
    [[nodiscard]] transport::Tach& tach();
    [[nodiscard]] audio::Pcm& pcm();
    [[nodiscard]] Truth truth();

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
