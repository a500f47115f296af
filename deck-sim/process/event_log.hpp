// SPDX-License-Identifier: Apache-2.0
// EventLog: what happened at the deck and around it, numbered and with CLOCK_MONOTONIC times, and what a client that
// asks for the truth is told of it. Thread: the timeline's.
#pragma once

#include "deck-sim/simulated_deck.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace overbias::deck_sim {

/// "stopped", "playing", "fast_forwarding", "rewinding", "tape_out".
[[nodiscard]] const char* mode_name(Truth::Mode mode) noexcept;

class EventLog {
  public:
    /// `began`: the CLOCK_MONOTONIC reading at deck time 0.
    explicit EventLog(std::chrono::nanoseconds began) : began_(began) {}

    [[nodiscard]] std::int64_t monotonic_ns(DeckTime at) const noexcept {
        return (at.time_since_epoch() + began_).count();
    }
    [[nodiscard]] DeckTime deck_time(std::int64_t monotonic_ns) const noexcept {
        return DeckTime(std::chrono::nanoseconds(monotonic_ns) - began_);
    }

    void note(const DeckEvent& event);
    /// `what` with further members ("name", "pid").
    void note(DeckTime at, const char* what, boost::json::object more = {});

    /// Every event after number `after` that is still kept (the last 20 000 are), oldest first.
    [[nodiscard]] boost::json::array after(std::uint64_t after) const;
    /// The first kept event of that name after number `after`; null when there is none yet.
    [[nodiscard]] boost::json::value find(std::string_view what, std::uint64_t after) const;
    /// Last time bias and erase current began or ended; nothing before the first.
    [[nodiscard]] std::optional<DeckTime> record_on() const noexcept { return record_on_; }
    [[nodiscard]] std::optional<DeckTime> record_off() const noexcept { return record_off_; }
    /// Nothing while the tape moves.
    [[nodiscard]] std::optional<DeckTime> still_since() const noexcept { return still_since_; }

  private:
    [[nodiscard]] boost::json::array::const_iterator first_after(std::uint64_t after) const noexcept;
    static constexpr std::size_t kKept = 20'000;

    std::chrono::nanoseconds began_;
    std::uint64_t next_ = 1;
    boost::json::array events_; ///< the last one's number is next_ - 1
    std::optional<DeckTime> record_on_, record_off_;
    std::optional<DeckTime> still_since_{DeckTime{}};
};

} // namespace overbias::deck_sim
