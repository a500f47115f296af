// SPDX-License-Identifier: Apache-2.0
// The two halves of a parallel remote: contacts that are closed for a while, never two motions at once; and debounced
// inputs. Of the parallel remote alone. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/lines.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

/// Momentary contacts. One motion contact at a time; RECORD only beside PLAY, LIBRARY only beside a wind key.
class ParallelContacts {
  public:
    enum Contact { kStop, kPlay, kRecord, kFastForward, kRewind, kEdit, kLibrary, kContactCount };

    ParallelContacts(Timeline& timeline, Lines& lines, DeckDuration gap, DeckDuration lead)
        : timeline_(timeline), lines_(lines), gap_(gap), lead_(lead) {}
    ~ParallelContacts();
    ParallelContacts(const ParallelContacts&) = delete;
    ParallelContacts& operator=(const ParallelContacts&) = delete;

    /// Before the first key. `stays`: closed by its key, it is opened by the next one.
    void add(Contact contact, LineId line, DeckDuration pulse, bool stays = false);

    /// Opens whatever is closed, whatever was still to come is forgotten, and after the gap `contact` closes for its
    /// pulse; with `beside` the two overlap, and that one leads by the lead time. STOP waits for nothing.
    void press(Contact contact, std::optional<Contact> beside = {});
    [[nodiscard]] DeckTime busy_until() const noexcept { return busy_until_; }

  private:
    struct Output {
        std::optional<LineId> line;
        DeckDuration pulse{};
        bool stays = false;
        bool closed = false;
    };
    void begin(Contact contact, std::optional<Contact> beside);
    void close(Contact contact);
    void open(Contact contact);
    void open_all(bool also_staying);
    void after(DeckDuration delay, Timeline::Callback callback);

    Timeline& timeline_;
    Lines& lines_;
    DeckDuration gap_, lead_;
    std::array<Output, kContactCount> outputs_;
    Timeline::TimerId sequence_ = 0; ///< the next step of the key being pressed
    DeckTime opened_at_ = DeckTime::min();
    DeckTime busy_until_{};
};

/// A contact beside the transport's keys, whose pulse nothing cuts short.
class LonePulse {
  public:
    LonePulse(Timeline& timeline, Lines& lines) : timeline_(timeline), lines_(lines) {}
    ~LonePulse();
    LonePulse(const LonePulse&) = delete;
    LonePulse& operator=(const LonePulse&) = delete;
    /// Opens the one before.
    void press(LineId line, DeckDuration pulse);
    [[nodiscard]] DeckTime busy_until() const noexcept { return busy_until_; }

  private:
    void open();
    Timeline& timeline_;
    Lines& lines_;
    std::optional<LineId> closed_;
    Timeline::TimerId timer_ = 0;
    DeckTime busy_until_{};
};

/// Inputs of which only a level that stays is believed. It takes the lines' listener.
class DebouncedInputs {
  public:
    DebouncedInputs(Timeline& timeline, Lines& lines, DeckDuration debounce, std::function<void()> changed);
    ~DebouncedInputs();
    DebouncedInputs(const DebouncedInputs&) = delete;
    DebouncedInputs& operator=(const DebouncedInputs&) = delete;

    /// Its index for steady(); the level it has now is believed at once.
    std::size_t add(LineId line);
    /// Tells every edge of a line that is not among them, at once.
    void pass_on(std::function<void(const LineEdge&)> others) { others_ = std::move(others); }
    [[nodiscard]] bool steady(std::size_t input) const { return inputs_.at(input).steady; }

  private:
    struct Input {
        LineId line;
        bool steady = false;
        Timeline::TimerId timer = 0;
    };
    void edge(const LineEdge& edge);
    void settle(std::size_t input);

    Timeline& timeline_;
    Lines& lines_;
    DeckDuration debounce_;
    std::function<void()> changed_;
    std::function<void(const LineEdge&)> others_;
    std::vector<Input> inputs_;
};

} // namespace overbias::transport
