// SPDX-License-Identifier: Apache-2.0
// ParallelRemote: a deck driven through its parallel remote socket: momentary contacts in, tally lamps out, a tach
// beside.
//
// Pulse widths in use at Revox, Fostex, Tascam, Panasonic lie between 30 and 200 ms (B203: about 200 ms; R8: 50 ms;
// AJ-D750: 100 ms); the default is 100 ms, settable from 50 to 250 ms for each contact. Record is PLAY and RECORD
// together, PLAY leading or both at once. Only one motion contact is ever closed; a new key opens the one before, and
// waits a moment (`gap_s`) for that contact to have opened. STOP never waits. Thread: the timeline's.
#pragma once

#include "transport/deck.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <memory>
#include <string>

namespace overbias::transport {

struct ContactConfig {
    std::string line;
    double pulse_s = 0.100; ///< 0.050 ... 0.250
};

struct ParallelRemoteConfig {
    ContactConfig stop{"stop"};
    ContactConfig play{"play"};
    ContactConfig record{"record"};
    ContactConfig fast_forward{"fast_forward"};
    ContactConfig rewind{"rewind"};
    /// Tally inputs; an empty name: this deck has none.
    std::string tally_stop = "tally_stop";
    std::string tally_play = "tally_play";
    std::string tally_record = "tally_record";
    std::string tally_fast_forward = "tally_fast_forward";
    std::string tally_rewind = "tally_rewind";
    std::string tape_out = "tape_out";
    double debounce_s = 0.010;    ///< a tally must be steady this long
    double record_lead_s = 0.020; ///< PLAY closes this long before RECORD; 0: both at once
    double gap_s = 0.010;         ///< between one contact's opening and the next one's closing
    enum class RecordExit { PressPlay, PressStop } record_exit = RecordExit::PressPlay;
    bool senses_motion_itself = false;
    bool heartbeat_contact = false;
};

class ParallelRemote final : public Deck {
  public:
    /// Throws std::invalid_argument naming every line that is missing, or the setting that is out of range. `tach` may
    /// be null: the deck then has none.
    ParallelRemote(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config);
    /// Opens every contact. That is released, not stopped: call make_safe() and let the timeline run until busy_until()
    /// before.
    ~ParallelRemote() override;

    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override;
    Result<void> press(Key key) override;
    [[nodiscard]] Tallies tallies() const override;
    [[nodiscard]] TachReading tach() override;
    void on_change(std::function<void()> listener) override;
    void make_safe() noexcept override;

    /// When the last contact will have opened; the past when none is closed.
    [[nodiscard]] DeckTime busy_until() const noexcept;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
