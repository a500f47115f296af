// SPDX-License-Identifier: Apache-2.0
// The display bus of a deck's counter, its side: one digit after the other on four data lines, inverted BCD (a line
// that is low is a one), and three select lines that say which place is shown. So an Otari MTR-12 has it by one
// builder's account; how fast it turns through the places is not known, the times here are design figures of the
// simulated deck. It shows minus or plus, h mm ss and two blanks, straight from the counter: a digit may turn between
// two places. Electrical levels. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "deck-sim/remote_deck.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <vector>

namespace overbias::deck_sim {

struct DisplayBusFaceSettings {
    DeckDuration per_place = std::chrono::milliseconds(1);
    DeckDuration skew = std::chrono::microseconds(2);         ///< between two select lines that change together
    DeckDuration data_behind = std::chrono::microseconds(12); ///< the old digit is still there for so long
};

class DisplayBusFace {
  public:
    enum Line : std::size_t { kData1, kData2, kData4, kData8, kSelect1, kSelect2, kSelect4, kLines };
    /// Places from the right: 0 and 1 seconds, 2 and 3 minutes, 4 hours, 5 and 6 blank, 7 the sign.
    static constexpr int kPlaces = 8;
    static constexpr int kBlank = 15, kMinus = 11;
    using Drive = std::function<void(Line line, bool high, DeckTime at)>;

    /// `drive` is told every edge, in order; `at` is never in the future.
    DisplayBusFace(Timeline& timeline, RemoteDeck& deck, const DisplayBusFaceSettings& settings, Drive drive);

    [[nodiscard]] bool high(Line line) const noexcept { return out_.at(line); }

    // --- faults
    /// This place stays blank; nothing: mended.
    void dead_digit(std::optional<int> place) noexcept { dead_ = place; }
    /// The line is held at this level; nothing: let go.
    void stuck(Line line, std::optional<bool> high) { stuck_.at(line) = high; }
    void stop_scan(bool stopped) noexcept { stopped_ = stopped; }
    /// So many pulses of that width in each place's time, on any line at any moment of it.
    void noise(int pulses, DeckDuration width) noexcept {
        pulses_ = pulses;
        pulse_ = width;
    }

  private:
    struct Change {
        DeckTime at;
        Line line;
        bool pulse; ///< begins or ends, by turns; else the level changes
        bool high;
    };
    void show_place();
    void emit(DeckTime at);
    [[nodiscard]] int nibble(const RemoteDeck::State& state, int place) const;

    Timeline& timeline_;
    RemoteDeck& deck_;
    DisplayBusFaceSettings settings_;
    Drive drive_;
    int place_ = 0;
    std::array<bool, kLines> base_{}, pulsing_{}, out_{};
    std::array<std::optional<bool>, kLines> stuck_{};
    std::optional<int> dead_;
    bool stopped_ = false;
    int pulses_ = 0;
    DeckDuration pulse_{};
    std::minstd_rand random_{12};
    std::vector<Change> changes_;
    PeriodicTimer timer_;
};

} // namespace overbias::deck_sim
