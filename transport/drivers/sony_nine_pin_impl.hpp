// SPDX-License-Identifier: Apache-2.0
// SonyNinePin's inside: what is to be asked next, and what became of what was asked. One question is under way at a
// time; STOP goes first, then keys, then status, counter, device type. Thread: the timeline's.
#pragma once

#include "transport/drivers/nine_pin_counter.hpp"
#include "transport/drivers/nine_pin_frame.hpp"
#include "transport/drivers/nine_pin_status.hpp"
#include "transport/drivers/sony_nine_pin.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

/// Of the protocol: a byte is start, 8 data, parity and stop bit at 38400 baud; the slave answers within 9 ms; after a
/// refusal, and after what was no answer, the master rests 10 ms.
inline constexpr DeckDuration kNinePinByteTime = DeckDuration(std::int64_t{11} * 1'000'000'000 / 38400);
inline constexpr DeckDuration kNinePinAnswer = std::chrono::milliseconds(9);
inline constexpr DeckDuration kNinePinRest = std::chrono::milliseconds(10);

/// From a question's first byte until it is given up, even when bytes still drip in.
[[nodiscard]] constexpr DeckDuration nine_pin_longest_answer(DeckDuration host_latency) noexcept {
    constexpr int kLongestQuestion = 7; // cue up
    return kLongestQuestion * kNinePinByteTime + kNinePinAnswer + NinePinDecoder::kByteGap + host_latency;
}
/// From the last answer of a deck that goes silent until the link counts as down, at worst.
[[nodiscard]] DeckDuration nine_pin_lost_after(const NinePinConfig& config);

class SonyNinePin::Impl {
  public:
    Impl(Timeline& timeline, SerialLink& link, const NinePinConfig& config);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> press(Key key);
    Result<void> shuttle(double speed_m_s);
    Result<void> cue_up(std::int64_t edges);
    void make_safe() noexcept;
    [[nodiscard]] DeckTime busy_until() const noexcept;
    [[nodiscard]] LinkState link() const;
    [[nodiscard]] std::string refusal() const { return refusal_stands_ ? refusal_ : std::string(); }
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> details() const;

    DeckCapabilities capabilities_;
    NinePinStatus status_; ///< unknown while the link is down
    NinePinCounter counter_;
    std::function<void()> listener_;
    SerialTrace trace_;

  private:
    /// Why a question got no answer that can be used.
    enum class Failure { Silence, PartOfAFrame, Checksum, Damaged, Refused, NotSent };
    struct Question {
        NinePinFrame frame;
        std::uint64_t key = 0; ///< KeyPress::id; 0: no key
        DeckTime sent_at{};
        DeckTime spoken_at{};   ///< our last byte is out
        DeckTime last_moment{}; ///< by then it has been answered, whatever comes meanwhile
    };
    /// STOP is wanted until the deck has acknowledged it and its status shows it, or another key took its place.
    struct Stop {
        bool wanted = false;
        bool acknowledged = false;
        bool had_its_turn = false; ///< the last question was STOP: the status is asked next
        DeckTime since{}, again_at{};
    };
    struct KeyPress {
        NinePinFrame frame;
        std::uint64_t id = 0;
        int tries_left = 0;
    };

    static constexpr int kKeyTries = 3;
    /// A deck shows a key some five frames late: until then an acknowledged STOP is not said again.
    static constexpr DeckDuration kStopAgain = std::chrono::milliseconds(250);
    /// Longer nobody waits for a STOP that isn't acknowledged; it is sent on.
    static constexpr DeckDuration kStopPatience = std::chrono::seconds(1);

    void want_stop();
    Result<void> give(const NinePinFrame& frame);
    void line_changed();
    void tick();
    void pump();
    void ask(const NinePinFrame& frame);
    void rest(DeckDuration time);
    void arrived(std::span<const std::uint8_t> bytes, bool damaged, DeckTime at);
    void frame_arrived(const NinePinFrame& frame, DeckTime at);
    void acknowledged(const Question& question);
    void refused(const Question& question, std::uint8_t why);
    void status_told(const Question& question, std::span<const std::uint8_t> bytes);
    void time_told(const NinePinFrame& frame, DeckTime at);
    void time_refused();
    void failed(Failure how);
    void key_failed(const Question& question, bool again, const std::string& how);
    void lost();
    void forget_deck();
    void deaf(); ///< nothing is under way any more
    void set_deadline(DeckTime when);
    void deadline();
    void flush_heard(DeckTime at);
    void notify();
    [[nodiscard]] std::optional<NinePinFrame> next_question();
    [[nodiscard]] NinePinFrame time_question() const;
    [[nodiscard]] std::string cause() const;
    [[nodiscard]] std::string silent_words() const;

    Timeline& timeline_;
    SerialLink& line_;
    NinePinConfig config_;
    DeckDuration latency_;
    NinePinDecoder decoder_;

    bool up_ = false; ///< the deck answers
    int failures_ = 0;
    Failure last_failure_ = Failure::Silence;
    std::uint8_t status_refusal_ = 0;
    bool echo_ = false;                 ///< since the last answer we have heard ourselves
    std::vector<std::uint8_t> rubbish_; ///< the first of what was no frame, since the last answer

    std::optional<Question> asked_;
    std::vector<std::uint8_t> heard_; ///< what came since, for the trace
    DeckTime deadline_at_{};
    Timeline::TimerId deadline_timer_ = 0, rest_timer_ = 0;
    Stop stop_;
    std::optional<KeyPress> key_;
    std::uint64_t last_key_ = 0;
    bool key_had_its_turn_ = false; ///< the last question was a key
    bool want_status_ = false, want_time_ = false;
    int ask_type_ = 0;                                  ///< times left to ask
    bool timer_1_refused_ = false, no_counter_ = false; ///< the latter: refused every way
    int silent_times_ = 0;                              ///< questions for the counter that an answering deck let pass

    // --- for details()
    std::string device_type_, counter_name_, refusal_;
    bool refusal_stands_ = false; ///< it is that of the last key
    DeckDuration slowest_answer_{};
    std::uint64_t missing_ = 0, damaged_ = 0, refusals_ = 0;

    PeriodicTimer tick_;
};

} // namespace overbias::transport
