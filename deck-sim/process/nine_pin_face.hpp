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
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim {

/// What the socket is wired to inside the deck.
class NinePinDeck {
  public:
    enum class Key { Stop, Play, Record, FastForward, Rewind };
    struct State {
        bool stopped = false, playing = false, recording = false, fast_forwarding = false, rewinding = false; ///< lamps
        bool still = true; ///< the tape does not move
        bool backward = false;
        bool servo_locked = false; ///< at play speed
        bool tape_out = false;
        bool near_end = false, end_of_tape = false;
        bool record_inhibited = false;
        bool local = false;   ///< the deck's own switch stands at local
        double counter_s = 0; ///< the roller counter, in seconds of tape time; may be negative
    };
    virtual ~NinePinDeck() = default;
    /// Pressed for a moment. Record: into record, from play or from stop (the deck's PLAY and RECORD together).
    virtual void press(Key key) = 0;
    /// The keys on the deck itself work, or not.
    virtual void enable_local_keys(bool enable) = 0;
    [[nodiscard]] virtual State state() const = 0;
};

struct NinePinSettings {
    /// No type is registered for us, and controllers branch on it, so it can be set.
    std::array<std::uint8_t, 2> device_type{0xF0, 0x00};
    int frames_per_s = 25; ///< of the counter as it is sent
};

class NinePinFace {
  public:
    using Send = std::function<void(std::span<const std::uint8_t>)>;
    /// Throws std::invalid_argument when frames_per_s is not 24, 25 or 30.
    NinePinFace(Timeline& timeline, NinePinDeck& deck, NinePinSettings settings, Send send);
    ~NinePinFace();
    NinePinFace(const NinePinFace&) = delete;
    NinePinFace& operator=(const NinePinFace&) = delete;

    void receive(std::span<const std::uint8_t> bytes);

    /// Between two bytes of a frame; then the rest is taken for lost.
    static constexpr std::chrono::milliseconds kByteGap{10};

  private:
    using Data = std::span<const std::uint8_t>;
    void frame_complete();
    void obey(std::uint8_t command_1, std::uint8_t command_2, Data data);
    void press(NinePinDeck::Key key);
    void current_time(std::uint8_t wanted);
    void status(std::uint8_t window);
    void give_up_frame();
    void acknowledge();
    void refuse(std::uint8_t why);
    void answer(std::uint8_t command_1, std::uint8_t command_2, Data data);

    Timeline& timeline_;
    NinePinDeck& deck_;
    NinePinSettings settings_;
    Send send_;
    std::vector<std::uint8_t> frame_;
    Timeline::TimerId gap_timer_ = 0;
    double timer_zero_s_ = 0; ///< where on the counter timer-1 was reset
};

} // namespace overbias::deck_sim
