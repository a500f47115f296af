// SPDX-License-Identifier: Apache-2.0
// SonyNinePin: a deck driven over its 9-pin remote (P2 protocol, RS-422, 38400 baud, 8 data bits, odd parity). We ask,
// the deck answers within 9 ms; one question is under way at a time. Status and counter are asked for once a frame.
//
// Sources of the protocol: M. Delille, SONY9PIN_SPECIFICATION (Joker); H. Koba, Sony9PinRemote; conventions of audio
// recorders: Teac SX-1, P2 document.
//   status bits 1.5 stop, 1.3 rewind, 1.2 fast forward, 1.1 record, 1.0 play, 0.5 tape out, 2.1 still -> Tallies
//   record: RECORD from play; out of record: PLAY
//   position: timer-1 (or LTC, where timer-1 is refused); frames a metre = frames a second / play speed. A time that
//   the tape can't have reached since the one before counts as a gap (TachReading::lost), and so does a lost link.
//
// Released is not stopped: a deck that hears nothing goes on. STOP goes before everything else and is sent again until
// the deck has acknowledged it and its status shows it; other keys are tried three times and die with the link, since
// nothing resumes by itself. Thread: the timeline's.
#pragma once

#include "transport/deck.hpp"
#include "transport/io/serial_link.hpp"

#include <cstdint>
#include <memory>

namespace overbias::transport {

struct NinePinConfig {
    int frames_per_s = 25;        ///< 24, 25 or 30: of the deck's counter; status is asked for once a frame
    double play_speed_ips = 15.0; ///< that the counter's frames and the shuttle speeds refer to
    /// What the host adds to the deck's 9 ms before we see an answer. USB adapters hold bytes back (FTDI's: 16 ms
    /// unless set lower); 0.001 is enough for a UART on the board.
    double host_latency_s = 0.016;
    /// This many frames in a row without an answer, and the deck counts as lost. The constructor refuses what can take
    /// longer than 0.3 s.
    int unanswered_polls = 5;
    enum class Counter {
        Timer1ThenLtc, ///< timer-1; LTC on a deck that refuses it
        Timer1,
        Ltc,
        None, ///< this deck's counter can't be read: no tach
    } counter = Counter::Timer1ThenLtc;
    /// Faster than the deck can ever wind: a counter that moves more has been set, or misread.
    double fastest_m_s = 20.0;
    bool senses_motion_itself = true; ///< the deck holds play back until the tape is still
    bool record = true;               ///< false: this deck takes no RECORD over its remote; record by hand
    /// Shuttle speeds as multiples of play speed; fastest 0: the deck has no shuttle.
    double slowest_shuttle = 0.0, fastest_shuttle = 0.0;
    bool shuttle_fraction = true; ///< the deck takes the second speed byte
};

class SonyNinePin final : public Deck {
  public:
    /// Takes the link's listeners. Throws std::invalid_argument naming the setting that is out of range.
    SonyNinePin(Timeline& timeline, SerialLink& link, const NinePinConfig& config);
    /// Falls silent, which is not stopped: call make_safe() and let the timeline run until busy_until() before.
    ~SonyNinePin() override;

    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override;
    /// An Error where the link is down, or the deck stands at LOCAL (STOP is sent all the same). A refusal by the deck
    /// comes later and is told in details().
    Result<void> press(Key key) override;
    /// Empty until the deck has told, and while the link is down.
    [[nodiscard]] Tallies tallies() const override;
    /// The deck's counter, in frames.
    [[nodiscard]] TachReading tach() override;
    void on_change(std::function<void()> listener) override;
    void make_safe() noexcept override;
    [[nodiscard]] DeckTime busy_until() const noexcept override;
    Result<void> shuttle(double speed_m_s) override;
    [[nodiscard]] LinkState link() const override;
    [[nodiscard]] std::string refusal() const override;
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const override;

    /// Lets the deck's own locator go to this reading of tach().edges; cued_up() is true when it is there.
    Result<void> cue_up(std::int64_t edges);
    [[nodiscard]] bool cued_up() const noexcept;

    /// Every frame either way, and what came and was none; one listener.
    void trace(SerialTrace trace);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::transport
