// SPDX-License-Identifier: Apache-2.0
// ParallelRemote: a deck driven through its parallel remote socket: momentary contacts in, tally lamps out, a tach
// beside, and whatever held lines the deck takes (lifter defeat, speed select, record ready ...).
//
// Pulse widths in use at Revox, Fostex, Tascam, Panasonic lie between 30 and 200 ms (B203: about 200 ms; R8: 50 ms;
// AJ-D750: 100 ms); the default is 100 ms, settable from 50 to 250 ms for each contact. Record is PLAY and RECORD
// together, PLAY leading or both at once. Only one motion contact is ever closed; a new key opens the one before, and
// waits a moment (`gap_s`) for that contact to have opened. STOP never waits. Thread: the timeline's.
#pragma once

#include "transport/deck.hpp"
#include "transport/drivers/display_bus.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

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
    std::string tally_still;      ///< lit while the tape does not move
    double debounce_s = 0.010;    ///< a tally must be steady this long
    double record_lead_s = 0.020; ///< PLAY closes this long before RECORD, LIBRARY before its wind key; 0: both at once
    double gap_s = 0.010;         ///< between one contact's opening and the next one's closing
    enum class RecordExit { PressPlay, PressStop } record_exit = RecordExit::PressPlay;
    bool senses_motion_itself = false;
    bool heartbeat_contact = false;

    // --- beyond the five keys; an empty line: not offered
    ContactConfig edit{""}; ///< STOP ends edit mode
    bool edit_held = false; ///< closed until the next key; else a pulse
    std::string library_wind;
    bool library_wind_held = false; ///< held while the wind lasts; else closed and opened with the wind key
    std::string lifter_defeat;      ///< held
    std::string thread;             ///< held: low tension for threading; any key opens it
    std::vector<std::string> ready; ///< held: record ready; from track 1
    /// A speed the deck is switched to by its lines or by its key.
    struct Speed {
        double speed_ips = 0.0;
        std::vector<std::string> closed{}; ///< at this speed; the lines of the other speeds are open
        ContactConfig key{""};
    };
    std::vector<Speed> speeds;
    double speed_at_start_ips = 0.0; ///< switched to at once, where the deck can be
    struct Lamp {
        std::string name, line;
    };
    std::vector<Lamp> lamps; ///< only told, in details()
    /// The deck's own counter, read off its display bus: it counts in place of a tach.
    std::optional<DisplayBusConfig> display_bus{};
    std::optional<double> counter_still_m_s{}; ///< DeckCapabilities, of that counter
};

class ParallelRemote final : public Deck {
  public:
    /// Throws std::invalid_argument naming every line that is missing, or the setting that is out of range. `tach` may
    /// be null: the deck then has none but its display bus.
    ParallelRemote(Timeline& timeline, Lines& lines, Tach* tach, const ParallelRemoteConfig& config);
    /// Opens every contact and held line but those of the speed. That is released, not stopped: call make_safe() and
    /// let the timeline run until busy_until() before.
    ~ParallelRemote() override;

    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override;
    Result<void> press(Key key) override;
    [[nodiscard]] Tallies tallies() const override;
    [[nodiscard]] TachReading tach() override;
    void on_change(std::function<void()> listener) override;
    void make_safe() noexcept override;
    /// When the last contact will have opened; the past when none is closed. Held lines do not count.
    [[nodiscard]] DeckTime busy_until() const noexcept override;

    Result<void> library_wind(Direction direction) override;
    Result<void> edit(bool on) override;
    Result<void> defeat_lifters(bool on) override;
    Result<void> select_speed(double ips) override;
    Result<void> set_ready(int track, bool ready) override;
    Result<void> thread_tension(bool on) override;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const override;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
