// SPDX-License-Identifier: Apache-2.0
// STOP after the daemon's death: on the simulated deck, in simulated deck time, as it was left latched.
#include "controller/make_safe.hpp"

#include "base/async/simulated_timeline.hpp"
#include "losable_card.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class LeftDeck : public ::testing::Test {
  protected:
    class Bare final : public BareDeck {
      public:
        Bare(Timeline& timeline, deck_sim::SimulatedDeck& deck, bool tach,
             const transport::ParallelRemoteConfig& remote)
            : remote_(timeline, deck.lines(), tach ? &deck.tach() : nullptr, remote) {}
        transport::Deck& deck() override { return remote_; }
        Result<void> open_watch() override { return watch_error.empty() ? Result<void>() : Error{watch_error}; }
        std::string watch_error;

      private:
        transport::ParallelRemote remote_;
    };

    LeftDeck() : remote_(parallel_remote_config(rig::simulated_profile(), 15.0)) {}
    /// As a hand, or a daemon that is dead now, has left it.
    void press(const char* line, milliseconds length = milliseconds(100)) {
        const auto contact = deck_.lines().find_output(line);
        ASSERT_TRUE(contact.ok());
        deck_.lines().set(*contact, true);
        timeline_.run_for(length);
        deck_.lines().set(*contact, false);
    }
    void leave_recording() {
        const auto play = deck_.lines().find_output("play");
        const auto record = deck_.lines().find_output("record");
        deck_.lines().set(*play, true);
        timeline_.run_for(milliseconds(20));
        deck_.lines().set(*record, true);
        timeline_.run_for(milliseconds(100));
        deck_.lines().set(*play, false);
        deck_.lines().set(*record, false);
        timeline_.run_for(milliseconds(1500));
        ASSERT_TRUE(deck_.truth().recording) << "it latches";
    }
    MakeSafeResult make_it_safe(BareDeck& bare, milliseconds patience = milliseconds(60000)) {
        MakeSafeResult result;
        bool done = false;
        const auto act = [&]() -> Task<void> { result = co_await stop_and_watch(timeline_, bare, patience); };
        const Spawned spawned(act(), [&](std::exception_ptr) { done = true; });
        EXPECT_TRUE(timeline_.run_until([&] { return done; }, timeline_.now() + milliseconds(90000)));
        return result;
    }

    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_{timeline_, deck_sim::Settings{}, {}};
    transport::ParallelRemoteConfig remote_;
};

TEST_F(LeftDeck, InRecordIsStoppedAtOnce) {
    leave_recording();
    Bare bare(timeline_, deck_, true, remote_);
    const DeckTime begin = timeline_.now();
    DeckTime off{};
    deck_.on_event([&](const deck_sim::DeckEvent& event) {
        if (event.what == deck_sim::DeckEvent::What::RecordOff) {
            off = event.at;
        }
    });
    const MakeSafeResult result = make_it_safe(bare);
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_THAT(result.told, HasSubstr("(its tallies said: record, play)"));
    EXPECT_LE(off - begin, milliseconds(30)) << "the contact closes before anything is waited for";
    EXPECT_FALSE(deck_.truth().recording);
    EXPECT_EQ(deck_.truth().speed_m_s, 0.0);
}

TEST_F(LeftDeck, InWindIsWatchedUntilItStands) {
    press("fast_forward");
    timeline_.run_for(milliseconds(8000));
    ASSERT_GT(deck_.truth().speed_m_s, 1.0);
    Bare bare(timeline_, deck_, true, remote_);
    const MakeSafeResult result = make_it_safe(bare);
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_EQ(deck_.truth().speed_m_s, 0.0) << "it said so when the tape stood, not before";
}

TEST_F(LeftDeck, ThatStandsAlreadyIsSafe) {
    timeline_.run_for(milliseconds(100));
    Bare bare(timeline_, deck_, true, remote_);
    const DeckTime begin = timeline_.now();
    EXPECT_TRUE(make_it_safe(bare).seen_safe);
    EXPECT_LE(timeline_.now() - begin, milliseconds(700));
}

TEST_F(LeftDeck, WithoutATachTheTalliesTell) {
    leave_recording();
    Bare bare(timeline_, deck_, false, remote_);
    const MakeSafeResult result = make_it_safe(bare);
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_FALSE(deck_.truth().recording);
    EXPECT_THAT(result.told, Not(HasSubstr("no tach for")));
}

TEST_F(LeftDeck, WithATachThatCannotBeOpenedTheTalliesTell) {
    leave_recording();
    Bare bare(timeline_, deck_, true, remote_);
    bare.watch_error = "line TACH_A is busy";
    const MakeSafeResult result = make_it_safe(bare);
    EXPECT_TRUE(result.seen_safe) << result.told;
    EXPECT_THAT(result.told, HasSubstr("the tach could not be watched: line TACH_A is busy"));
}

TEST_F(LeftDeck, ThatTellsNothingIsStoppedButNotCalledSafe) {
    leave_recording();
    remote_.tally_stop = remote_.tally_play = remote_.tally_record = remote_.tally_fast_forward = "";
    remote_.tally_rewind = remote_.tape_out = "";
    Bare bare(timeline_, deck_, false, remote_);
    const MakeSafeResult result = make_it_safe(bare);
    EXPECT_FALSE(result.seen_safe);
    EXPECT_THAT(result.told, HasSubstr("neither tally nor tach tells what it does; stop it by hand"));
    EXPECT_FALSE(deck_.truth().recording) << "STOP was pressed all the same";
}

TEST_F(LeftDeck, ThatDoesNotObeyIsPressedAgainAndNotCalledSafe) {
    leave_recording();
    remote_.stop.line = "monitor_sync"; // the wire of STOP is broken
    Bare bare(timeline_, deck_, true, remote_);
    const MakeSafeResult result = make_it_safe(bare, milliseconds(5000));
    EXPECT_FALSE(result.seen_safe);
    EXPECT_THAT(result.told, HasSubstr("not seen to stop within 5.1 s: its tallies still say record, play"));
    EXPECT_TRUE(deck_.truth().recording);
}

} // namespace
} // namespace overbias::controller
