// SPDX-License-Identifier: Apache-2.0
// NinePinFace: the simulated deck's Sony 9-pin socket (P2 protocol), the device's side. Bytes in, frames out; what
// carries them (a pty) is not its concern. Frame: CMD1 in the high and the count of data bytes in the low four bits,
// CMD2, the data, and the low byte of the sum of all before.
//
// Published descriptions followed: M. Delille, SONY9PIN_SPECIFICATION (Joker); H. Koba, Sony9PinRemote; the conventions
// of audio recorders (cue, still and servo-lock bits, NAKs) from the Teac SX-1's P2 document.
// Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace overbias::deck_sim {

/// What the socket is wired to inside the deck.
class NinePinDeck {
  public:
    enum class Key { Stop, Play, Record, FastForward, Rewind };
    struct State {
        bool powered = true; ///< without mains the socket hears nothing and says nothing
        bool stopped = false, playing = false, recording = false, fast_forwarding = false, rewinding = false; ///< lamps
        bool still = true; ///< the tape does not move
        bool backward = false;
        bool servo_locked = false; ///< at play speed
        bool tape_out = false;
        bool near_end = false, end_of_tape = false;
        bool record_inhibited = false;
        bool local = false;     ///< the deck's own switch stands at local
        double counter_s = 0;   ///< the roller counter, in seconds of tape time; may be negative
        bool shuttling = false; ///< it moves at a speed it was given
        bool cued_up = false;   ///< it has found the place it was sent to, and stays there
    };
    virtual ~NinePinDeck() = default;
    /// Pressed for a moment. Record: into record, from play or from stop (the deck's PLAY and RECORD together).
    virtual void press(Key key) = 0;
    /// The keys on the deck itself work, or not.
    virtual void enable_local_keys(bool enable) = 0;
    [[nodiscard]] virtual State state() const = 0;
    /// Moves the tape at this multiple of play speed, backward where it is negative; 0 holds it. False: this deck has
    /// no shuttle.
    virtual bool shuttle(double) { return false; }
    /// Goes to that reading of the counter and stops there. False: this deck has no locator.
    virtual bool cue_up(double /*counter_s*/) { return false; }
};

/// What can be wrong with the deck's own side of the talk; what is wrong with the line is the line's affair.
struct NinePinTrouble {
    bool mute = false;                        ///< obeys, and says nothing
    bool wrong_checksum = false;              ///< in every answer
    bool half_answers = false;                ///< stops in the middle of each
    std::optional<std::uint8_t> refuses;      ///< every question with a NAK of these bits, and does nothing
    std::optional<std::uint8_t> refuses_keys; ///< transport commands alone
    bool mute_about_time = false;             ///< passes over questions for its counter instead of refusing them
    bool refuses_timer_1 = false;             ///< as undefined command
};

struct NinePinSettings {
    /// No type is registered for us, and controllers branch on it, so it can be set.
    std::array<std::uint8_t, 2> device_type{0xF0, 0x00};
    int frames_per_s = 25; ///< of the counter as it is sent
    /// Between the last byte of a question and the first of its answer; a deck may take 9 ms.
    DeckDuration answer_after{};
    /// The status shows the deck as it was so long ago: on real decks some five frames.
    DeckDuration status_lag{};
};

class NinePinFace {
  public:
    using Send = std::function<void(std::span<const std::uint8_t>)>;
    /// Throws std::invalid_argument when frames_per_s is not 24, 25 or 30.
    NinePinFace(Timeline& timeline, NinePinDeck& deck, NinePinSettings settings, Send send);
    ~NinePinFace();
    NinePinFace(const NinePinFace&) = delete;
    NinePinFace& operator=(const NinePinFace&) = delete;

    /// `damaged`: the socket's receiver found wrong parity in them.
    void receive(std::span<const std::uint8_t> bytes, bool damaged = false);
    [[nodiscard]] NinePinTrouble& trouble() noexcept { return trouble_; }

    /// Between two bytes of a frame; then the rest is taken for lost.
    static constexpr std::chrono::milliseconds kByteGap{10};

  private:
    using Data = std::span<const std::uint8_t>;
    void frame_complete();
    void obey(std::uint8_t command_1, std::uint8_t command_2, Data data);
    void obey_transport(std::uint8_t command_2, Data data);
    void press(NinePinDeck::Key key);
    void move(std::uint8_t command_2, Data data);
    void cue_up(Data data);
    [[nodiscard]] NinePinDeck::State shown();
    void current_time(std::uint8_t wanted);
    void status(std::uint8_t window);
    void give_up_frame();
    void acknowledge();
    void say(Data frame);
    void refuse(std::uint8_t why);
    void answer(std::uint8_t command_1, std::uint8_t command_2, Data data);

    enum class Moved { Shuttle, Jog, Var };

    Timeline& timeline_;
    NinePinDeck& deck_;
    NinePinSettings settings_;
    Send send_;
    std::vector<std::uint8_t> frame_;
    Timeline::TimerId gap_timer_ = 0, answer_timer_ = 0;
    bool spoilt_ = false;     ///< the frame under way has a damaged byte
    double timer_zero_s_ = 0; ///< where on the counter timer-1 was reset
    Moved moved_ = Moved::Shuttle;
    NinePinTrouble trouble_;
    std::deque<std::pair<DeckTime, NinePinDeck::State>> past_; ///< as far back as the status lags
    std::unique_ptr<PeriodicTimer> looking_;
};

} // namespace overbias::deck_sim
