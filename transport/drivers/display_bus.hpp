// SPDX-License-Identifier: Apache-2.0
// The display bus of a deck's own counter, read as a tach: four data lines (BCD) carry one digit after the other, three
// select lines say which. A line is active when its bit is one; a bus that is inverted is turned round where the line
// is configured. What the digits mean is the profile's to say.
//
// No timing of such a bus is known, so none is asked for. A scan is one turn through the selects. Of a digit counts
// what was held longest while it was selected, so that what the lines show on their way from one digit to the next does
// not matter. A reading is believed when two scans in a row agree. Anything that is no digit (a blank, a nibble above
// nine, 7 for the tens of seconds) makes its scan no reading. Two scans must fit into the time in which the last digit
// turns: one that turns faster in wind is left out of the profile.
//
// The count is whole displayed units: the tape is known no better than one of them. Whenever kSilence has passed
// without a reading the count is told as lost, again and again until there is one: nothing shows a place that nobody
// reads. Thread: the timeline's.
#pragma once

#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport {

struct DisplayDigit {
    int select = 0;         ///< 0 to 7: the select lines while it is shown
    std::int64_t worth = 1; ///< in units of the last digit
};

struct DisplayBusConfig {
    std::array<std::string, 4> data;   ///< lines worth 1, 2, 4, 8
    std::array<std::string, 3> select; ///< likewise 1, 2, 4
    /// The most significant first; each worth a multiple of the next, the last worth 1.
    std::vector<DisplayDigit> digits;
    /// The place that shows the sign, and the nibbles it shows.
    struct Sign {
        int select = 0;
        int minus = 0, plus = 0;
    };
    std::optional<Sign> sign;
    /// Without a sign: below zero it counts down from this (in units of the last digit); 0: it never goes below.
    std::int64_t wraps_at = 0;
    double units_per_metre = 0.0;
    double fastest_m_s = 20.0; ///< faster than the tape ever moves: a larger step was somebody's hand
};

/// From the levels of the lines to readings. Pure: keeps no clock.
class DisplayScanner {
  public:
    /// What a scan came to.
    struct Scan {
        std::optional<std::int64_t> count; ///< in units of the last digit
        std::string complaint;             ///< without a count: what stood in the way
    };

    /// Throws std::invalid_argument naming what does not fit together.
    explicit DisplayScanner(const DisplayBusConfig& config);

    /// The lines stood like this (select 0 to 7, data 0 to 15) for that long, and now they do not any more. A scan when
    /// its turn was over when this began.
    std::optional<Scan> take(int select, int data, DeckDuration held);
    /// What was seen so far is no part of the next scan.
    void reset() noexcept;

  private:
    static constexpr std::size_t kSelects = 8, kNibbles = 16;
    [[nodiscard]] std::optional<int> shown(int select) const noexcept;
    [[nodiscard]] Scan evaluate() const;
    void begin_turn(int select) noexcept;

    DisplayBusConfig config_;
    std::array<std::array<DeckDuration, kNibbles>, kSelects> held_{};
    std::optional<int> first_;                  ///< the select that this turn began with
    bool left_ = false;                         ///< another one has been seen since
    DeckDuration longest_{}, longest_before_{}; ///< that anything was held, in this turn and in the one before
};

/// From readings to a running count. Pure: keeps no clock.
class DisplayCount {
  public:
    explicit DisplayCount(const DisplayBusConfig& config);

    /// A believed reading.
    void take(std::int64_t count, DeckTime at);
    /// Nothing could be read for a while.
    void silent() noexcept { ++reading_.lost; }
    [[nodiscard]] const TachReading& reading() const noexcept { return reading_; }
    /// What the display showed last; nothing before the first reading.
    [[nodiscard]] std::optional<std::int64_t> shown() const noexcept { return last_; }
    /// The data lines that did not change while the count went through all digits, one of them stuck: the sum of their
    /// worths; 0: all is well.
    [[nodiscard]] unsigned never_changed() const noexcept { return never_; }

  private:
    void watch_bits(std::int64_t count, std::int64_t step) noexcept;

    std::int64_t wraps_at_;
    double fastest_units_s_;
    unsigned bits_;     ///< that the last digit uses
    std::int64_t base_; ///< of the last digit
    std::optional<std::int64_t> last_;
    DeckTime at_{};
    TachReading reading_;
    unsigned seen_high_ = 0, seen_low_ = 0;
    int steps_seen_ = 0;
    unsigned never_ = 0;
};

class DisplayBus final : public Tach {
  public:
    /// A bus that was not read for so long tells nothing any more. A rule of this reader's, as a lost serial link has
    /// one; a display that is scanned so slowly would flicker.
    static constexpr DeckDuration kSilence = std::chrono::milliseconds(300);

    /// Its lines are looked up in `lines`, whose listener it does not take: edge() is to be told. Throws
    /// std::invalid_argument naming the lines that are missing, or what does not fit together.
    DisplayBus(Timeline& timeline, Lines& lines, const DisplayBusConfig& config);

    /// Every edge of the lines; those of other lines are passed over.
    void edge(const LineEdge& edge);
    [[nodiscard]] TachReading read() override;
    /// What the display shows and how it is read, for status.
    [[nodiscard]] std::string words();

  private:
    [[nodiscard]] int nibble(std::size_t first, std::size_t count) const noexcept;
    void stood(DeckTime until);
    void watch(DeckTime now);

    Timeline& timeline_;
    DisplayScanner scanner_;
    DisplayCount count_;
    std::array<LineId, 7> ids_; ///< data, then select
    std::array<bool, 7> levels_{};
    DeckTime changed_;                 ///< since when they stand like this
    std::optional<std::int64_t> once_; ///< seen in one scan
    DeckTime once_at_{};
    DeckTime heard_; ///< the last reading, or since when it is missed
    bool silent_ = true;
    std::string complaint_;
};

} // namespace overbias::transport
