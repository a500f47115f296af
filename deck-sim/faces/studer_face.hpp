// SPDX-License-Identifier: Apache-2.0
// StuderFace: the simulated deck's RS-232 socket in Studer's ASCII protocol (norm 10.85.1330), the device's side. Bytes
// in, lines out; what carries them is not its concern.
//
// Followed: the norm's general part, the serial chapters of the Revox C274 (p. 60) and C278 (p. 26) manuals, and the
// descriptions at tieks.nl/revox. A command is three capitals and parameters, parted by blanks or colons, ended by CR;
// CR LF acknowledges; a query ends in ?; "?" for what is not known, "INPUT FORMAT ERROR" for a wrong parameter. In
// front may stand the address: "15 PLY" is for machine 15 alone, "00 PLY" for all, and nobody answers that. CX resets
// the communication; XOFF and XON hold the sender while the input is full. After power-on the deck hears nothing for 3
// s, and what it hears first may end in an error. Sure are PLY, STP, SD?, SDN and DN?; the tables with the rest are not
// published, so every other mnemonic is set by whoever makes the face. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace overbias::deck_sim {

/// What the socket is wired to inside the deck.
class StuderDeck {
  public:
    enum class Key {
        Stop,
        Play,
        Record,     ///< into record, from play or from stop
        RecordExit, ///< out of record, playing on
        FastForward,
        Rewind,
        Edit,
        LeaveEdit,
        LibraryForward,
        LibraryRewind,
        LiftersOff, ///< the tape on the heads
        LiftersOn,
    };
    struct State {
        bool powered = true; ///< without mains the socket hears nothing and says nothing
        bool stopped = false, playing = false, recording = false, fast_forwarding = false, rewinding = false; ///< lamps
        bool still = true;
        bool tape_out = false;
        double counter_s = 0; ///< the deck's tape timer, in seconds of tape time; may be negative
    };
    virtual ~StuderDeck() = default;
    virtual void press(Key key) = 0;
    virtual void select_speed(double ips) = 0;
    [[nodiscard]] virtual State state() const = 0;
};

struct StuderFaceSettings {
    int address = 0; ///< as SDN sets it; 0: never set
    std::string software_date = "12.05.92";
    std::map<std::string, StuderDeck::Key> keys; ///< text of a command, beside PLY and STP
    std::map<std::string, double> speeds_ips;    ///< text of a command
    /// Answers with the first word that holds: tape_out, record, play, fast_forward, rewind, stop, else moving. Empty:
    /// no such query.
    std::string status_query;
    std::map<std::string, std::string> status_words;
    std::string timer_query; ///< answers "-0:12:34.56"; empty: no such query
    /// "RAM 3?" answers "RAM 3 128", "RAM 3 57" writes, where this is "RAM". Empty: no memory.
    std::string memory;
    std::vector<int> values;         ///< what it holds, each 0 to 255
    std::set<std::size_t> unwritten; ///< written and acknowledged, and yet not kept
    int blank = 128;                 ///< what a value is without the battery
    DeckDuration ready_after = std::chrono::seconds(3);
    DeckDuration command_time = std::chrono::milliseconds(5); ///< from the end of a command to its answer
    bool first_line_fails = true;
    bool on_for_long = false; ///< at the start: what power-on brings is over. It comes again with the mains
};

class StuderFace {
  public:
    using Send = std::function<void(std::span<const std::uint8_t>)>;
    /// Its mains are the deck's. Throws std::invalid_argument when the address is not 0 to 99.
    StuderFace(Timeline& timeline, StuderDeck& deck, StuderFaceSettings settings, Send send);
    ~StuderFace();
    StuderFace(const StuderFace&) = delete;
    StuderFace& operator=(const StuderFace&) = delete;

    void receive(std::span<const std::uint8_t> bytes, bool damaged = false);

    // --- what happens to the deck
    void lose_battery(); ///< the memory holds nothing of what was set
    /// Its processor stands still, holding the sender with XOFF; or goes on.
    void hang(bool on);
    [[nodiscard]] bool holding() const noexcept { return holding_; } ///< it has sent XOFF
    [[nodiscard]] const std::vector<int>& memory() const noexcept { return settings_.values; }
    void set_memory(std::size_t index, int value) { settings_.values.at(index) = value; }

    static constexpr std::size_t kInput = 32; ///< characters; XOFF is sent at three quarters, XON at one

  private:
    void follow_mains();
    void power_on();
    void power_off();
    [[nodiscard]] bool ready() const;
    void take_next();
    void obey(std::string line);
    [[nodiscard]] std::string do_it(const std::string& command);
    [[nodiscard]] std::string memory_command(const std::string& command);
    [[nodiscard]] std::string set_address(const std::string& command);
    [[nodiscard]] std::string status() const;
    [[nodiscard]] std::string timer() const;
    void say(const std::string& text);
    void control(std::uint8_t character);

    Timeline& timeline_;
    StuderDeck& deck_;
    StuderFaceSettings settings_;
    Send send_;
    std::string input_;
    bool on_ = false, hung_ = false, holding_ = false, first_line_ = true;
    DeckTime ready_at_{};
    Timeline::TimerId timer_ = 0;
    std::unique_ptr<PeriodicTimer> looking_; ///< whether there are mains
};

} // namespace overbias::deck_sim
