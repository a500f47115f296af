// SPDX-License-Identifier: Apache-2.0
#include "fake_deck.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct DriverRig {
    explicit DriverRig(const ParallelRemoteConfig& config = {}) : remote(timeline, lines, nullptr, config) {
        remote.on_change([this] { ++told; });
    }
    void run_ms(int milliseconds) { timeline.run_for(std::chrono::milliseconds(milliseconds)); }
    /// "+play@0 -play@100": what the contacts did, in milliseconds.
    std::string contacts() const {
        std::string text;
        for (const auto& change : lines.changes) {
            text += (text.empty() ? "" : " ") + std::string(change.active ? "+" : "-") + change.line + "@" +
                    std::to_string(static_cast<int>(std::lround(change.at_s * 1000)));
        }
        return text;
    }
    SimulatedTimeline timeline;
    test::FakeLines lines{timeline, test::deck_outputs(), test::deck_inputs()};
    ParallelRemote remote;
    int told = 0;
};

} // namespace

TEST(ParallelRemote, AKeyIsAPulseOfItsWidth) {
    ParallelRemoteConfig config;
    config.rewind.pulse_s = 0.200;
    DriverRig rig(config);
    EXPECT_TRUE(rig.remote.press(Key::Play).ok());
    rig.run_ms(300);
    EXPECT_TRUE(rig.remote.press(Key::Rewind).ok());
    rig.run_ms(300);
    EXPECT_EQ(rig.contacts(), "+play@0 -play@100 +rewind@300 -rewind@500");
}

TEST(ParallelRemote, RecordIsPlayAndRecordTogetherPlayLeading) {
    DriverRig rig;
    EXPECT_TRUE(rig.remote.press(Key::Record).ok());
    rig.run_ms(300);
    EXPECT_EQ(rig.contacts(), "+play@0 +record@20 -record@120 -play@120");
    ParallelRemoteConfig at_once;
    at_once.record_lead_s = 0.0;
    DriverRig other(at_once);
    EXPECT_TRUE(other.remote.press(Key::Record).ok());
    other.run_ms(300);
    EXPECT_EQ(other.contacts(), "+play@0 +record@0 -record@100 -play@100");
}

TEST(ParallelRemote, NeverTwoMotionLinesAtOnce) {
    DriverRig rig;
    const Key keys[] = {Key::Play, Key::FastForward, Key::Rewind, Key::Record, Key::RecordExit, Key::Stop};
    unsigned random = 1;
    for (int i = 0; i < 2000; ++i) {
        random = random * 1664525U + 1013904223U;
        EXPECT_TRUE(rig.remote.press(keys[(random >> 16) % 6]).ok());
        rig.run_ms(static_cast<int>((random >> 8) % 60));
    }
    EXPECT_EQ(rig.lines.most_motion_lines, 1);
    EXPECT_GT(rig.lines.changes.size(), 1000U);
}

TEST(ParallelRemote, ANewKeyOpensTheOneBeforeAndWaitsForItButStopDoesNotWait) {
    DriverRig rig;
    EXPECT_TRUE(rig.remote.press(Key::FastForward).ok());
    rig.run_ms(30);
    EXPECT_TRUE(rig.remote.press(Key::Play).ok());
    rig.run_ms(50);
    EXPECT_TRUE(rig.remote.press(Key::Stop).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+fast_forward@0 -fast_forward@30 +play@40 -play@80 +stop@80 -stop@180");
}

TEST(ParallelRemote, MakeSafeReleasesEverythingAndPressesStopAtOnce) {
    DriverRig rig;
    EXPECT_TRUE(rig.remote.press(Key::Record).ok());
    rig.run_ms(50);
    rig.remote.make_safe(); // nothing else runs in between
    EXPECT_TRUE(rig.lines.output("stop"));
    EXPECT_FALSE(rig.lines.output("record"));
    EXPECT_FALSE(rig.lines.output("play"));
    EXPECT_EQ(rig.contacts(), "+play@0 +record@20 -record@50 -play@50 +stop@50");
    EXPECT_EQ(seconds(rig.remote.busy_until()), 0.150);
    // again and again, as a fault that lasts would: the pulse keeps its width, and a new one follows only when it is
    // over
    for (int i = 0; i < 9; ++i) {
        rig.run_ms(10);
        rig.remote.make_safe();
    }
    rig.run_ms(100);
    EXPECT_THAT(rig.contacts(), HasSubstr("+stop@50 -stop@150"));
    EXPECT_EQ(rig.contacts().find("+stop@", rig.contacts().find("-stop@150")), std::string::npos);
}

TEST(ParallelRemote, AKeyInTheGapIsReplacedNotKept) {
    DriverRig rig;
    EXPECT_TRUE(rig.remote.press(Key::Play).ok());
    rig.run_ms(20);
    EXPECT_TRUE(rig.remote.press(Key::Rewind).ok()); // waits for the gap
    rig.run_ms(5);
    rig.remote.make_safe();
    rig.run_ms(300);
    EXPECT_EQ(rig.contacts(), "+play@0 -play@20 +stop@25 -stop@125") << "the rewind must not come after the stop";
}

TEST(ParallelRemote, RecordExitIsPlayOrStopAsConfigured) {
    DriverRig rig;
    EXPECT_TRUE(rig.remote.press(Key::RecordExit).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+play@0 -play@100");
    ParallelRemoteConfig config;
    config.record_exit = ParallelRemoteConfig::RecordExit::PressStop;
    DriverRig other(config);
    EXPECT_TRUE(other.remote.press(Key::RecordExit).ok());
    other.run_ms(200);
    EXPECT_EQ(other.contacts(), "+stop@0 -stop@100");
}

TEST(ParallelRemote, TalliesAreDebounced) {
    DriverRig rig;
    EXPECT_EQ(rig.remote.tallies().play, false);
    for (int i = 0; i < 6; ++i) { // bounces for 24 ms
        rig.lines.drive_input("tally_play", i % 2 == 0);
        rig.run_ms(4);
    }
    EXPECT_EQ(rig.told, 0);
    rig.lines.drive_input("tally_play", true);
    rig.run_ms(9);
    EXPECT_EQ(rig.remote.tallies().play, false);
    rig.run_ms(1);
    EXPECT_EQ(rig.remote.tallies().play, true);
    EXPECT_EQ(rig.told, 1);
    rig.lines.drive_input("tally_play", false); // a gap shorter than the debounce time isn't seen
    rig.run_ms(5);
    rig.lines.drive_input("tally_play", true);
    rig.run_ms(50);
    EXPECT_EQ(rig.remote.tallies().play, true);
    EXPECT_EQ(rig.told, 1);
    rig.lines.drive_input("tape_out", true);
    rig.lines.drive_input("tally_record", true);
    rig.run_ms(11);
    EXPECT_EQ(rig.remote.tallies().tape_out, true);
    EXPECT_EQ(rig.remote.tallies().record, true);
    EXPECT_EQ(rig.told, 3);
}

TEST(ParallelRemote, TheLevelsAtStartAreKnownAtOnceAndAbsentTalliesAreAbsent) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, test::deck_outputs(), test::deck_inputs());
    lines.drive_input("tally_stop", true);
    ParallelRemoteConfig config;
    config.tally_fast_forward.clear();
    ParallelRemote remote(timeline, lines, nullptr, config);
    EXPECT_EQ(remote.tallies().stop, true);
    EXPECT_EQ(remote.tallies().fast_forward, std::nullopt);
    EXPECT_TRUE(remote.capabilities().tallies);
    EXPECT_FALSE(remote.capabilities().tach);
    EXPECT_EQ(remote.capabilities().kind, "parallel-remote");
}

TEST(ParallelRemote, MissingLinesAreAllNamed) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, {"stop", "play"}, {"tally_play"});
    try {
        ParallelRemote remote(timeline, lines, nullptr, {});
        FAIL() << "must throw";
    } catch (const std::invalid_argument& error) {
        for (const char* name :
             {"\"record\"", "\"fast_forward\"", "\"rewind\"", "\"tally_stop\"", "\"tally_record\"", "\"tape_out\""}) {
            EXPECT_THAT(error.what(), HasSubstr(name));
        }
        EXPECT_THAT(error.what(), Not(HasSubstr("\"play\"")));
        EXPECT_THAT(error.what(), Not(HasSubstr("\"tally_play\"")));
    }
    ParallelRemoteConfig config;
    config.play.pulse_s = 0.3;
    test::FakeLines all(timeline, test::deck_outputs(), test::deck_inputs());
    EXPECT_THROW(ParallelRemote(timeline, all, nullptr, config), std::invalid_argument);
}

TEST(ParallelRemote, DestroyingItOpensEveryContact) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, test::deck_outputs(), test::deck_inputs());
    {
        ParallelRemote remote(timeline, lines, nullptr, {});
        EXPECT_TRUE(remote.press(Key::Record).ok());
        timeline.run_for(std::chrono::milliseconds(50));
        lines.drive_input("tally_play", true); // a debounce timer is under way
    }
    for (const std::string& name : test::deck_outputs()) {
        EXPECT_FALSE(lines.output(name)) << name;
    }
    timeline.run_for(deck_seconds(1)); // no timer of the dead driver fires
    lines.drive_input("tally_play", false);
}

TEST(RelayAdjust, BreaksBeforeItMakesAndReproIsBothOff) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, test::deck_outputs(), test::deck_inputs());
    RelayAdjust adjust(lines);
    EXPECT_TRUE(adjust.capabilities().monitor_select);
    EXPECT_TRUE(adjust.select_monitor(MonitorSelect::Input).ok());
    EXPECT_TRUE(adjust.select_monitor(MonitorSelect::Sync).ok());
    EXPECT_TRUE(adjust.select_monitor(MonitorSelect::Repro).ok());
    std::string changes;
    for (const auto& change : lines.changes) {
        changes += (change.active ? "+" : "-") + change.line + " ";
    }
    EXPECT_EQ(changes, "+monitor_input -monitor_input +monitor_sync -monitor_sync ");
    test::FakeLines none(timeline, {"monitor_sync"}, {});
    EXPECT_THROW(RelayAdjust{none}, std::invalid_argument);
}

TEST(ManualAdjust, SaysWhatTheOperatorMustDo) {
    ManualAdjust adjust;
    EXPECT_FALSE(adjust.capabilities().monitor_select);
    EXPECT_THAT(adjust.select_monitor(MonitorSelect::Input).error().message, HasSubstr("INPUT"));
    EXPECT_THAT(adjust.select_monitor(MonitorSelect::Sync).error().message, HasSubstr("SYNC"));
    EXPECT_THAT(adjust.select_monitor(MonitorSelect::Repro).error().message, HasSubstr("REPRO"));
}

} // namespace overbias::transport
