// SPDX-License-Identifier: Apache-2.0
// What the tape carries, and what threading and the record-enable loop do to it.
#include "base/async/simulated_timeline.hpp"
#include "deck-sim/process/tape_digest.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace overbias::deck_sim {
namespace {

using std::chrono::milliseconds;

class TapeDigestTest : public testing::Test {
  protected:
    std::vector<std::string> digest(double from_m, double to_m, double piece_m) {
        auto made = TapeDigest::make(deck, from_m, to_m, piece_m);
        if (!made) {
            ADD_FAILURE() << made.error().message;
            return {};
        }
        while (!made->step()) {
        }
        return made->pieces();
    }
    void set(const char* name, bool active) { deck.lines().set(deck.lines().find_output(name).value(), active); }
    void run(int ms) { timeline.run_for(milliseconds(ms)); }
    void press(const char* name) {
        set(name, true);
        run(100);
        set(name, false);
    }
    void press_record() {
        set("record", true);
        press("play");
        set("record", false);
    }

    SimulatedTimeline timeline;
    SimulatedDeck deck{timeline, Settings{}, {}};
};

TEST_F(TapeDigestTest, only_the_places_the_heads_altered_change) {
    const auto before = digest(10.0, 20.0, 0.05);
    ASSERT_EQ(before.size(), 200U);
    EXPECT_EQ(digest(10.0, 20.0, 0.05), before) << "looking alters nothing";
    double on_m = 0.0, off_m = 0.0;
    deck.on_event([&](const DeckEvent& event) {
        on_m = event.what == DeckEvent::What::RecordOn ? event.place_at_record_head_m : on_m;
        off_m = event.what == DeckEvent::What::RecordOff ? event.place_at_record_head_m : off_m;
    });
    press_record();
    run(5000);
    press("stop");
    run(1500);
    ASSERT_GT(off_m, on_m + 1.0);
    const auto after = digest(10.0, 20.0, 0.05);
    // recorded from on_m, erased up to the erase head's place when it ended
    const double erased_to_m = off_m + Settings{}.erase_to_record_m;
    for (std::size_t i = 0; i < after.size(); ++i) {
        const double begin_m = 10.0 + 0.05 * static_cast<double>(i), end_m = begin_m + 0.05;
        const bool touched = end_m > on_m && begin_m < erased_to_m;
        EXPECT_EQ(after[i] != before[i], touched) << begin_m << " m; record from " << on_m << " to " << off_m;
    }
}

// Pieces are cut where they are asked for, not where the work is: the same stretch in one piece or in steps that
// do not divide it gives the same cells.
TEST_F(TapeDigestTest, pieces_hold_their_own_cells) {
    press_record();
    run(2000);
    press("stop");
    run(1000);
    const auto whole = digest(12.0, 13.0, 1.0);
    ASSERT_EQ(whole.size(), 1U);
    const double cell_m = deck.tape_cell_m();
    std::vector<std::int16_t> cells(2 * static_cast<std::size_t>(std::ceil(13.0 / cell_m) - std::ceil(12.0 / cell_m)));
    deck.read_tape(static_cast<std::int64_t>(std::ceil(12.0 / cell_m)), cells);
    Sha256 hash;
    hash.update(std::as_bytes(std::span(cells)));
    EXPECT_EQ(hash.hex(), whole[0]);
    EXPECT_EQ(digest(12.0, 13.0, 0.3).size(), 4U);
    const auto tenths = digest(12.0, 13.0, 0.1);
    EXPECT_EQ(tenths.size(), 10U);
    EXPECT_EQ(std::set<std::string>(tenths.begin(), tenths.end()).size(), 10U);
}

TEST_F(TapeDigestTest, nonsense_is_refused_in_words) {
    EXPECT_NE(TapeDigest::make(deck, 5.0, 5.0, 0.1).error().message.find("from_m < to_m"), std::string::npos);
    EXPECT_NE(TapeDigest::make(deck, 5.0, 6.0, 0.0).error().message.find("piece_m"), std::string::npos);
    EXPECT_NE(TapeDigest::make(deck, 0.0, 762.0, 0.001).error().message.find("pieces"), std::string::npos);
}

TEST_F(TapeDigestTest, beyond_the_tape_is_nothing) {
    std::vector<std::int16_t> cells(200, 7);
    deck.read_tape(-50, cells);
    EXPECT_TRUE(std::all_of(cells.begin(), cells.begin() + 100, [](std::int16_t cell) { return cell == 0; }));
    EXPECT_TRUE(std::any_of(cells.begin() + 100, cells.end(), [](std::int16_t cell) { return cell != 0; })) << "noise";
}

TEST_F(TapeDigestTest, an_open_record_enable_loop_ends_recording_and_allows_none) {
    press_record();
    run(500);
    ASSERT_TRUE(deck.truth().recording);
    deck.record_enable(false);
    run(2);
    EXPECT_FALSE(deck.truth().recording);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Playing) << "the tape runs on";
    press_record();
    run(100);
    EXPECT_FALSE(deck.truth().recording);
    deck.record_enable(true);
    run(100);
    EXPECT_FALSE(deck.truth().recording) << "nothing comes back by itself";
    press_record();
    run(100);
    EXPECT_TRUE(deck.truth().recording);
}

TEST_F(TapeDigestTest, tape_is_threaded_where_the_operator_wants_it_but_only_at_rest) {
    ASSERT_TRUE(deck.thread_at(300.0));
    EXPECT_EQ(deck.truth().place_at_record_head_m, 300.0);
    EXPECT_FALSE(deck.thread_at(762.0)) << "the tape has 762 m";
    press("play");
    run(500);
    const auto moving = deck.thread_at(10.0);
    ASSERT_FALSE(moving);
    EXPECT_NE(moving.error().message.find("stands still"), std::string::npos) << moving.error().message;
    EXPECT_GT(deck.truth().place_at_record_head_m, 300.0);
}

TEST_F(TapeDigestTest, tape_that_ran_off_is_threaded_again) {
    ASSERT_TRUE(deck.thread_at(761.5));
    press("play");
    run(20'000);
    ASSERT_EQ(deck.truth().mode, Truth::Mode::TapeOut);
    ASSERT_TRUE(deck.thread_at(100.0)) << "both reels have run down by now";
    run(100);
    EXPECT_EQ(deck.truth().mode, Truth::Mode::Stopped);
    press("play");
    run(1000);
    EXPECT_GT(deck.truth().place_at_record_head_m, 100.1);
}

TEST_F(TapeDigestTest, events_tell_what_happened_and_when) {
    std::vector<DeckEvent> events;
    deck.on_event([&](const DeckEvent& event) { events.push_back(event); });
    run(1000);
    press_record();
    run(2000);
    press("stop");
    run(2000);
    using What = DeckEvent::What;
    std::vector<What> order;
    for (const DeckEvent& event : events) {
        order.push_back(event.what);
    }
    // the pinch roller lands, bias flows, and the capstan begins to pull
    EXPECT_EQ(order,
              (std::vector{What::Motion, What::RecordOn, What::Moving, What::Motion, What::RecordOff, What::Still}));
    EXPECT_EQ(events[0].mode, Truth::Mode::Playing);
    EXPECT_EQ(events[0].at, DeckTime(milliseconds(1000)));
    // bias flows when the pinch roller has landed, 90 ms after the key, and ends with the key
    EXPECT_NEAR(seconds(events[1].at), 1.090, 0.002);
    EXPECT_EQ(events[4].at, DeckTime(milliseconds(3100)));
    EXPECT_GT(events[5].at, events[4].at);
    EXPECT_EQ(events[5].place_at_record_head_m, deck.truth().place_at_record_head_m);
}

} // namespace
} // namespace overbias::deck_sim
