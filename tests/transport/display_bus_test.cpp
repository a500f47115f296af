// SPDX-License-Identifier: Apache-2.0
// The display bus's reader by itself: hand-written levels of an inverted BCD bus (a low line is a one), turns with
// everything that happens between two digits, and counts that no tape could make.
#include "base/async/simulated_timeline.hpp"
#include "fake_deck.hpp"
#include "transport/drivers/display_bus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;

/// h mm ss from the left on selects 4 to 0, the sign on 7: minus 11, plus a blank.
DisplayBusConfig clock_display() {
    DisplayBusConfig config;
    config.data = {"d1", "d2", "d4", "d8"};
    config.select = {"s1", "s2", "s4"};
    config.digits = {{4, 3600}, {3, 600}, {2, 60}, {1, 10}, {0, 1}};
    config.sign = DisplayBusConfig::Sign{.select = 7, .minus = 11, .plus = 15};
    config.units_per_metre = 1.0 / 0.381;
    return config;
}

/// The four data lines as measured, 8 4 2 1, H or L.
int inverted(const char* levels) {
    int value = 0;
    for (int bit = 0; bit < 4; ++bit) {
        value = value * 2 + (levels[bit] == 'L' ? 1 : 0);
    }
    return value;
}

/// One turn of the bus from place 0 up; eight levels from place 0.
std::optional<DisplayScanner::Scan> turn(DisplayScanner& scanner, const std::array<const char*, 8>& places,
                                         DeckDuration each = milliseconds(2)) {
    std::optional<DisplayScanner::Scan> scan;
    for (int place = 0; place < 8; ++place) {
        if (auto done = scanner.take(place, inverted(places.at(static_cast<std::size_t>(place))), each)) {
            scan = done;
        }
    }
    return scan;
}

/// What a display that shows this all the time reads.
std::optional<DisplayScanner::Scan> read(const std::array<const char*, 8>& places) {
    DisplayScanner scanner(clock_display());
    (void)turn(scanner, places);
    return turn(scanner, places);
}

constexpr const char* kBlank = "LLLL";

TEST(DisplayScanner, ReadsInvertedBcd) {
    // 0:12:34, then 9:58:07, and 6 for the tens of nothing
    const auto clock = read({"HLHH", "HHLL", "HHLH", "HHHL", "HHHH", kBlank, kBlank, kBlank});
    ASSERT_TRUE(clock);
    EXPECT_EQ(clock->count, 12 * 60 + 34);
    const auto late = read({"HLLL", "HHHH", "LHHH", "HLHL", "LHHL", kBlank, kBlank, kBlank});
    ASSERT_TRUE(late);
    EXPECT_EQ(late->count, 9 * 3600 + 58 * 60 + 7);
    const auto six = read({"HLLH", "HHHH", "HHHH", "HHHH", "HHHH", kBlank, kBlank, kBlank});
    ASSERT_TRUE(six);
    EXPECT_EQ(six->count, 6);
}

TEST(DisplayScanner, ReadsBelowZero) {
    // -0:00:05: minus is 1011, LHLL
    const auto below = read({"HLHL", "HHHH", "HHHH", "HHHH", "HHHH", kBlank, kBlank, "LHLL"});
    ASSERT_TRUE(below);
    EXPECT_EQ(below->count, -5);
}

TEST(DisplayScanner, WhatIsNoDigitIsNoReading) {
    const std::array<const char*, 8> good{"HHHH", "HHHH", "HHHH", "HHHH", "HHHH", kBlank, kBlank, kBlank};
    struct Case {
        std::size_t place;
        const char* levels;
        const char* says;
    };
    for (const Case& bad : {Case{0, "LHLH", "select 0 shows 10"}, Case{0, "LLHH", "select 0 shows 12"},
                            Case{2, kBlank, "select 2 shows 15"}, Case{1, "HLLH", "select 1 shows 6"}, // 60 seconds
                            Case{3, "HLLL", "select 3 shows 7"}, Case{7, "HHHH", "neither minus nor plus"}}) {
        std::array<const char*, 8> places = good;
        places.at(bad.place) = bad.levels;
        const auto scan = read(places);
        ASSERT_TRUE(scan);
        EXPECT_FALSE(scan->count) << bad.says;
        EXPECT_THAT(scan->complaint, HasSubstr(bad.says));
    }
    EXPECT_EQ(read(good)->count, 0);
}

TEST(DisplayScanner, APlaceThatNeverComesIsNoReading) {
    DisplayScanner scanner(clock_display());
    std::optional<DisplayScanner::Scan> scan;
    for (int round = 0; round < 3; ++round) {
        for (const int place : {0, 1, 2, 4, 5, 6, 7}) {
            const bool blank = place > 4;
            if (auto done = scanner.take(place, blank ? 15 : 1, milliseconds(2))) {
                scan = done;
            }
        }
    }
    ASSERT_TRUE(scan);
    EXPECT_FALSE(scan->count);
    EXPECT_THAT(scan->complaint, HasSubstr("select 3 shows nothing"));
}

TEST(DisplayScanner, WhatStandsForAMomentOnlyDoesNotCount) {
    // 0:00:08 to 0:00:41, with the old digit still on the lines after a select, and selects passed on the way; twice
    // as slow in between, since nothing is known of its times
    DisplayScanner scanner(clock_display());
    std::optional<std::int64_t> count;
    for (int round = 0; round < 40; ++round) {
        const DeckDuration each = round < 20 ? microseconds(900) : microseconds(1800);
        const std::array<int, 8> shown{round % 10, 4, 0, 0, 0, 15, 15, 15};
        int before = 15;
        for (int place = 0; place < 8; ++place) {
            (void)scanner.take(place & 3, before, microseconds(2));
            (void)scanner.take(place, before, microseconds(15));
            if (auto done = scanner.take(place, shown.at(static_cast<std::size_t>(place)), each); done && round > 1) {
                ASSERT_TRUE(done->count) << done->complaint;
                count = done->count;
            }
            before = shown.at(static_cast<std::size_t>(place));
        }
        if (round > 2) {
            EXPECT_EQ(count, 40 + (round + 9) % 10) << "the turn before this one";
        }
    }
}

TEST(DisplayScanner, RefusesWhatDoesNotFitTogether) {
    const auto refused = [](auto change) -> std::string {
        DisplayBusConfig config = clock_display();
        change(config);
        try {
            const DisplayScanner scanner(config);
        } catch (const std::invalid_argument& wrong) {
            return wrong.what();
        }
        return "accepted";
    };
    EXPECT_EQ(refused([](DisplayBusConfig&) {}), "accepted");
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.digits.back().worth = 2; }), HasSubstr("the last of them worth 1"));
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.digits[1].select = 0; }), HasSubstr("select of its own"));
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.digits.erase(c.digits.begin() + 1); }), HasSubstr("3600 and 60"));
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.sign->plus = 11; }), HasSubstr("two different nibbles"));
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.wraps_at = 36000; }), HasSubstr("not both"));
    EXPECT_THAT(refused([](DisplayBusConfig& c) { c.units_per_metre = 0.0; }), HasSubstr("above 0"));
}

// --- the count

DeckTime at_s(double time_s) {
    return DeckTime(deck_seconds(time_s));
}

TEST(DisplayCount, CountsBothWaysAndThroughZero) {
    DisplayCount count(clock_display());
    count.take(2, at_s(1.0));
    EXPECT_EQ(count.reading().edges, 0) << "the first reading is where it begins";
    for (const int shown : {1, 0, -1, -2}) {
        count.take(shown, at_s(4.0 - shown));
    }
    EXPECT_EQ(count.reading().edges, -4);
    EXPECT_EQ(count.reading().last_edge, at_s(6.0));
    EXPECT_EQ(count.reading().lost, 0U);
}

TEST(DisplayCount, WrapsBelowZeroWhereItDoes) {
    DisplayBusConfig config = clock_display();
    config.sign.reset();
    config.wraps_at = 36000; // 9:59:59
    DisplayCount count(config);
    count.take(1, at_s(1.0));
    count.take(0, at_s(2.0));
    count.take(35999, at_s(3.0));
    EXPECT_EQ(count.reading().edges, -2);
    count.take(35998, at_s(4.0));
    count.take(0, at_s(5.0));
    EXPECT_EQ(count.reading().edges, -1);
    EXPECT_EQ(count.reading().lost, 0U);
}

TEST(DisplayCount, AStepThatNoTapeMakesIsLost) {
    DisplayCount count(clock_display()); // 20 m/s are 52.5 units a second
    count.take(100, at_s(1.0));
    count.take(150, at_s(2.0));
    EXPECT_EQ(count.reading().edges, 50);
    count.take(0, at_s(2.5)); // zeroed at the deck
    EXPECT_EQ(count.reading().edges, 50) << "the tape has not moved for that";
    EXPECT_EQ(count.reading().lost, 1U);
    count.take(1, at_s(3.5));
    EXPECT_EQ(count.reading().edges, 51) << "it counts on from there";
}

TEST(DisplayCount, ALineThatNeverChangesIsFoundOut) {
    for (int bit = 0; bit < 4; ++bit) {
        for (const bool high : {false, true}) {
            DisplayCount count(clock_display());
            for (int true_count = 0; true_count < 200 && count.never_changed() == 0; ++true_count) {
                int digit = true_count % 10;
                digit = high ? digit | 1 << bit : digit & ~(1 << bit);
                if (digit < 10) { // else it is no reading
                    count.take(true_count / 10 * 10 + digit, at_s(true_count));
                }
            }
            EXPECT_NE(count.never_changed() & 1U << bit, 0U) << high;
            EXPECT_GT(count.reading().lost, 0U);
        }
    }
    DisplayCount sound(clock_display());
    for (int true_count = 0; true_count < 2000; ++true_count) {
        sound.take(true_count % 3 == 0 ? true_count : true_count / 3 * 3, at_s(true_count)); // by steps of three
    }
    EXPECT_EQ(sound.never_changed(), 0U);
    EXPECT_EQ(sound.reading().lost, 0U);
}

// --- the lines

class Bus {
  public:
    Bus() : lines_(timeline, {}, {"d1", "d2", "d4", "d8", "s1", "s2", "s4"}), bus(timeline, lines_, clock_display()) {
        lines_.on_edge([this](const LineEdge& edge) { bus.edge(edge); });
    }
    /// Turns of the bus that show these seconds, 2 ms a place.
    void show(int seconds, int turns) {
        const std::array<int, 8> places{seconds % 10, seconds / 10 % 6, 0, 0, 0, 15, 15, 15};
        for (int place = 0; place < 8 * turns; ++place) {
            set({"s1", "s2", "s4"}, place % 8);
            set({"d1", "d2", "d4", "d8"}, places.at(static_cast<std::size_t>(place % 8)));
            timeline.run_for(milliseconds(2));
        }
    }
    SimulatedTimeline timeline;

  private:
    void set(const std::vector<std::string>& lines, int value) {
        for (std::size_t bit = 0; bit < lines.size(); ++bit) {
            lines_.drive_input(lines[bit], (value >> bit & 1) != 0);
        }
    }
    test::FakeLines lines_;

  public:
    DisplayBus bus;
};

TEST(DisplayBus, OneScanIsNotBelieved) {
    Bus bus;
    bus.show(10, 4);
    EXPECT_EQ(bus.bus.read().edges, 0);
    EXPECT_EQ(bus.bus.words(), "read");
    bus.show(11, 1);
    bus.show(10, 3);
    EXPECT_EQ(bus.bus.read().edges, 0) << "one scan alone said 11";
    bus.show(11, 3);
    EXPECT_EQ(bus.bus.read().edges, 1);
    EXPECT_EQ(bus.bus.read().lost, 0U);
}

TEST(DisplayBus, WhileItIsSilentTheCountIsLostAgainAndAgain) {
    Bus bus;
    bus.show(10, 4);
    const auto lost = bus.bus.read().lost;
    bus.timeline.run_for(milliseconds(250));
    EXPECT_EQ(bus.bus.read().lost, lost);
    bus.timeline.run_for(milliseconds(100));
    EXPECT_EQ(bus.bus.read().lost, lost + 1);
    EXPECT_THAT(bus.bus.words(), HasSubstr("its lines stand still"));
    bus.timeline.run_for(milliseconds(3000));
    EXPECT_EQ(bus.bus.read().lost, lost + 11) << "a place set meanwhile is no better";
    bus.show(12, 4);
    const auto back = bus.bus.read();
    EXPECT_EQ(back.edges, 2) << "and it counts from there";
    bus.show(12, 20);
    EXPECT_EQ(bus.bus.read().lost, back.lost);
    EXPECT_EQ(bus.bus.words(), "read");
}

TEST(DisplayBus, NamesTheLinesThatAreMissing) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, {}, {"d1", "d2", "d4", "s1", "s2", "s4"});
    try {
        const DisplayBus bus(timeline, lines, clock_display());
        ADD_FAILURE() << "accepted";
    } catch (const std::invalid_argument& wrong) {
        EXPECT_THAT(wrong.what(), HasSubstr("input \"d8\""));
    }
}

} // namespace
} // namespace overbias::transport
