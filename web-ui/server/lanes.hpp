// SPDX-License-Identifier: Apache-2.0
// What waits to be sent to one panel, in three lanes: answers and events in order and bounded; the newest value of each
// latest-value topic; one meter frame with the maxima since the last one sent, thinned for a reader that lags. Whatever
// a reader does, what is kept for it stays bounded. Thread: the server's.
#pragma once

#include "web-ui/server/meter_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace overbias::web_ui {

using SharedText = std::shared_ptr<const std::string>; ///< one copy for all who get it

/// "state", "position", "progress" and "locator": only the newest counts.
[[nodiscard]] bool latest_value_topic(std::string_view topic);

/// Which meter frames a reader gets. It says every half second which one it has seen; when the next one was sent more
/// than 250 ms before, its rate is halved, down to 2 Hz; after two seconds without lag it is doubled.
class MeterPace {
  public:
    using Time = std::chrono::steady_clock::time_point;
    /// Is this frame for this reader?
    [[nodiscard]] bool due(std::uint32_t sequence, Time now);
    void sent(std::uint32_t sequence, Time now);
    void seen(std::uint32_t sequence, Time now);
    /// One frame in so many.
    [[nodiscard]] std::uint32_t divisor() const noexcept { return divisor_; }

  private:
    void slower();
    std::uint32_t divisor_ = 1;
    std::uint32_t since_sent_ = 0;
    int without_lag_ = 0;
    bool says_ = false; ///< it has told what it saw at least once
    Time said_{};
    std::deque<std::pair<std::uint32_t, Time>> unseen_;
};

class Lanes {
  public:
    struct Outgoing {
        SharedText text;
        bool binary = false;
    };
    Lanes(std::size_t waiting_messages, std::size_t waiting_bytes)
        : most_messages_(waiting_messages), most_bytes_(waiting_bytes) {}

    /// False: the reader has let too much pile up; nothing was added.
    [[nodiscard]] bool push(SharedText text);
    [[nodiscard]] bool notify(const std::string& topic, SharedText text);
    /// Adds what it says to what waits.
    void meter(const MeterFrame& frame, std::uint32_t sequence, MeterPace::Time now);
    /// The newest only, and none within a time that grows with a reader's lag; not before the meters.
    void picture(SharedText frame, MeterPace::Time now);
    void forget_picture() { picture_.reset(); }
    void seen(std::uint32_t sequence, MeterPace::Time now) { pace_.seen(sequence, now); }

    /// Takes what is to be sent next; nothing when all lanes are empty.
    [[nodiscard]] std::optional<Outgoing> next(MeterPace::Time now);
    void clear();
    [[nodiscard]] bool empty() const noexcept {
        return ordered_.empty() && latest_.empty() && !meter_due_ && !picture_;
    }
    [[nodiscard]] std::uint32_t meter_divisor() const noexcept { return pace_.divisor(); }

  private:
    std::size_t most_messages_, most_bytes_;
    std::deque<SharedText> ordered_;
    std::size_t ordered_bytes_ = 0;
    std::map<std::string, SharedText> latest_;
    std::optional<MeterFrame> meter_; ///< since the last one sent
    bool meter_due_ = false;
    std::uint32_t meter_sequence_ = 0;
    SharedText picture_;
    MeterPace::Time picture_sent_{};
    MeterPace pace_;
};

} // namespace overbias::web_ui
