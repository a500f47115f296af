// SPDX-License-Identifier: Apache-2.0
// Deck: what a kind of deck can be told and what it tells. A driver does not decide anything: the machine (machine.hpp)
// does. What a deck does not offer answers with an Error; capabilities() says beforehand. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "transport/io/tach.hpp"
#include "transport/key.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

/// What the deck says of itself; absent when this kind of deck has no such tally (or its link is down).
struct Tallies {
    std::optional<bool> stop, play, record, fast_forward, rewind;
    std::optional<bool> tape_out;
    std::optional<bool> still{}; ///< the deck itself says that the tape does not move (serial decks)
    [[nodiscard]] bool operator==(const Tallies&) const = default;
};

struct DeckCapabilities {
    std::string kind; ///< driver name, e.g. "parallel-remote"
    bool tallies = false;
    bool tach = false; ///< tach() counts: a roller's edges or the deck's own counter
    /// The unit of tach() where it is the deck's own counter (9-pin timer ...): steps a metre. Absent: the roller's,
    /// from profile or configuration.
    std::optional<double> counter_edges_per_metre;
    std::optional<double> counter_still_m_s; ///< of a coarse counter: slower than this is still (TapeCounterConfig)
    bool senses_motion_itself = false;       ///< the deck holds play back until the tape is still
    std::string made_safe_by;                ///< how make_safe() stops it, in words for the operator
    bool heartbeat_contact = false;          ///< a dropped heartbeat presses STOP and opens record-enable
    bool link = false;                       ///< reached over a serial link, which can be lost
    // --- what it can do beyond its keys
    bool shuttle = false;                                        ///< moves the tape at a speed we set
    double slowest_shuttle_m_s = 0.0, fastest_shuttle_m_s = 0.0; ///< either way
    bool library_wind = false;                                   ///< winds slowly and evenly
    bool edit = false;                                           ///< edit (dump) mode
    bool lifter_defeat = false;                                  ///< lays the tape on the heads in wind, or in stop
    std::vector<double> speeds_ips; ///< that we can switch it to; empty: by hand on the deck
    int ready_tracks = 0;           ///< tracks whose record ready/safe we switch; 0: by hand
    bool thread_tension = false;    ///< gives low tension for threading while the tape is out
};

/// What is known of the two reels. Turns are signed: positive in the direction of play.
struct ReelReading {
    std::optional<double> supply_rad_s, take_up_rad_s;
    std::optional<double> supply_tension_n, take_up_tension_n;
    DeckTime at{};
};

/// The way to the deck.
struct LinkState {
    bool up = true;
    std::string problem; ///< when it is down: what happened, and what is being done about it
    [[nodiscard]] bool operator==(const LinkState&) const = default;
};

enum class Direction { Forward, Reverse };

class DeckQuestions;

class Deck {
  public:
    Deck() = default;
    Deck(const Deck&) = delete;
    Deck& operator=(const Deck&) = delete;
    virtual ~Deck() = default;

    [[nodiscard]] virtual const DeckCapabilities& capabilities() const noexcept = 0;
    /// Presses a key (for a momentary contact: starts the pulse; the driver releases it). Never two motion lines at
    /// once: a new key first releases the one before. The error names the line or frame that failed.
    virtual Result<void> press(Key key) = 0;
    [[nodiscard]] virtual Tallies tallies() const = 0;
    [[nodiscard]] virtual TachReading tach() = 0;
    /// Called after every debounced change of a tally, of the link, or of the details; one listener.
    virtual void on_change(std::function<void()> listener) = 0;
    /// The active stop: everything needed to end record and motion, begun before it returns. Safe at any time, any
    /// number of times.
    virtual void make_safe() noexcept = 0;
    /// When everything begun so far (pulses, frames not yet acknowledged) will be through; the past when nothing is.
    [[nodiscard]] virtual DeckTime busy_until() const noexcept { return DeckTime::min(); }

    /// Moves the tape at this speed over the heads' path (signed, m/s; clamped to what the deck can) until another key;
    /// 0 holds it still under tension. Lifters: as in wind.
    virtual Result<void> shuttle(double) { return not_offered("shuttle"); }
    virtual Result<void> library_wind(Direction) { return not_offered("library wind"); }
    /// Edit mode: the operator moves the reels by hand, brakes off; off: as after STOP.
    virtual Result<void> edit(bool) { return not_offered("edit mode"); }
    virtual Result<void> defeat_lifters(bool) { return not_offered("lifter defeat"); }
    virtual Result<void> select_speed(double) { return not_offered("speed select"); }
    /// Track 1 ... ready_tracks.
    virtual Result<void> set_ready(int, bool) { return not_offered("record ready/safe"); }
    virtual Result<void> thread_tension(bool) { return not_offered("threading tension"); }

    [[nodiscard]] virtual ReelReading reels() { return {}; }
    [[nodiscard]] virtual LinkState link() const { return {}; }
    /// The last key that the deck itself would not have, in its own words, until another key or STOP; else empty.
    [[nodiscard]] virtual std::string refusal() const { return {}; }
    /// Null: this kind of deck can't be asked for more than its state (deck_questions.hpp).
    [[nodiscard]] virtual DeckQuestions* questions() noexcept { return nullptr; }
    /// The deck's own words for status and log, e.g. {"device type", "20 25"}, {"servo alarm", "yes"}.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> details() const { return {}; }

  protected:
    [[nodiscard]] Error not_offered(const char* what) const {
        return {std::string(what) + ": this deck (" + capabilities().kind +
                ") does not offer it to a remote; use the deck's own keys"};
    }
};

} // namespace overbias::transport
