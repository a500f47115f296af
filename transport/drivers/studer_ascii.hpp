// SPDX-License-Identifier: Apache-2.0
// StuderAscii: a Studer or Revox deck over its RS-232 socket in the ASCII protocol of Studer norm 10.85.1330
// (controller card 1.810.751; 1.820.751 is the ES-bus card, another protocol): 9600 8-N-1, XON/XOFF by the host's line
// discipline.
//
// Three capital letters and CR; the deck acknowledges with CR LF (Revox C278 manual p. 26), answers a query (which ends
// in ?) with a line, an unknown command with "?", a wrong parameter with "INPUT FORMAT ERROR". Several decks on one
// line have addresses: "15 PLY". CX (0x18) resets the communication and is sent first; an error that answers the first
// characters after power-on means nothing, and for about 3 s after that a C278 is not ready.
//
// Only PLY, STP and SD? are built in: two sources agree on these. Every other mnemonic is text from the profile, and
// what the profile leaves out this deck does not offer. Behind every command goes a query: its answer shows that the
// deck has read the command, and whether it knew it. STP and its query are sent again until they are answered, also
// after the link was lost with a command under way: nobody knows what the deck made of that. Thread: the timeline's.
#pragma once

#include "transport/deck.hpp"
#include "transport/deck_questions.hpp"
#include "transport/io/serial_link.hpp"
#include "transport/io/tach.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport {

/// A mnemonic with its parameters, as sent ("RWD", "SPD 2"), without address and CR. Empty: the deck does not offer it.
struct StuderCommands {
    std::string play = "PLY", stop = "STP"; ///< sure
    std::string fast_forward, rewind;
    std::string record;      ///< from play into record
    std::string record_exit; ///< out of record, playing on; without it the key answers with an Error and sends STP
    std::string edit_on, edit_off;
    std::string library_wind_forward, library_wind_reverse;
    std::string lifter_defeat_on, lifter_defeat_off;
};

struct StuderSpeed {
    double speed_ips = 0.0;
    std::string command;
};

/// The deck's own tape timer.
struct StuderTimer {
    std::string query;           ///< empty: none
    std::string answer;          ///< a StuderAnswer pattern with a time, e.g. "{sign}{h}:{m}:{s}"
    double most_wind_m_s = 20.0; ///< faster than any deck winds: the timer was set, not run
};

/// What a tally reads when the status answer is so.
struct StuderStatusRule {
    std::string answer; ///< a StuderAnswer pattern
    /// Tallies that are lit then, by name: stop, play, record, fast_forward, rewind, tape_out, still.
    std::vector<std::string> lit;
};

struct StuderStatusBit {
    std::string tally; ///< as in StuderStatusRule::lit
    int bit = 0;       ///< of {hex}, 0 the lowest
};

/// Tallies are read in one of two ways: the first rule that fits says which are lit, all others that any rule names are
/// dark; or `bits` of the {hex} field of `answer`. An answer that fits nowhere: no tally is known.
struct StuderStatus {
    std::string query; ///< empty: the deck has no tallies for us, and its state is inferred
    std::vector<StuderStatusRule> rules;
    std::string answer; ///< a pattern with {hex}, for `bits`
    std::vector<StuderStatusBit> bits;
};

struct StuderAsciiConfig {
    int address = 0; ///< 1 ... 99, written with two digits; 0: no address is sent (one deck on the line)
    StuderCommands commands;
    std::vector<StuderSpeed> speeds;
    std::string identify = "SD?"; ///< asked where there is nothing else to ask; the answer is the software's date
    StuderTimer timer;
    StuderStatus status;
    double play_speed_ips = 15.0; ///< that the deck is switched to at the start
    bool senses_motion_itself = false;
    double poll_s = 0.05;    ///< from an answer to the next query
    double answer_s = 0.08;  ///< a query not answered by then is asked again ...
    int unanswered_most = 3; ///< ... and when that many were not, the link counts as down
    double ready_s = 3.0;    ///< after the start an unanswered query need not be a fault yet
};

class StuderAscii final : public Deck, public DeckQuestions {
  public:
    /// Throws std::invalid_argument naming every setting that is wrong. `tach` is a roller's; null: the deck's own
    /// timer counts, where the profile has one. Both `link` and `tach` must outlive it.
    StuderAscii(Timeline& timeline, SerialLink& link, Tach* tach, const StuderAsciiConfig& config);
    ~StuderAscii() override;

    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override;
    Result<void> press(Key key) override;
    /// Absent while the link is down, or where the last status answer was not understood.
    [[nodiscard]] Tallies tallies() const override;
    /// The deck's timer: edges of 1 mm of tape; a jump of the timer (set, zeroed, or a lost answer) counts as lost.
    [[nodiscard]] TachReading tach() override;
    void on_change(std::function<void()> listener) override;
    /// STP, sent again until the deck has answered.
    void make_safe() noexcept override;
    [[nodiscard]] DeckTime busy_until() const noexcept override;
    Result<void> library_wind(Direction direction) override;
    Result<void> edit(bool on) override;
    Result<void> defeat_lifters(bool on) override;
    Result<void> select_speed(double ips) override;
    [[nodiscard]] LinkState link() const override;
    [[nodiscard]] std::string refusal() const override;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const override;

    /// Every line either way, without CR and LF.
    void set_trace(SerialTrace trace);

    // --- DeckQuestions
    [[nodiscard]] DeckQuestions* questions() noexcept override { return this; }
    AskId ask(std::string text, std::function<void(Result<std::string>)> done) override;
    void forget(AskId ask) noexcept override;
    [[nodiscard]] std::string no_answer_because() const override { return link().problem; }
    /// What the deck said to `identify`.
    [[nodiscard]] const std::string& software_date() const noexcept override;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
