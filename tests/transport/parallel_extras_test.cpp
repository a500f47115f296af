// SPDX-License-Identifier: Apache-2.0
// What a parallel remote has beyond its five keys, and the relays of the patch.
#include "fake_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::string> all_outputs() {
    auto names = test::deck_outputs();
    for (const char* name : {"edit", "library", "lifter_defeat", "thread", "ready_1", "ready_2", "ready_3", "high",
                             "low", "source", "oscillator", "tape_return", "mute", "mono"}) {
        names.emplace_back(name);
    }
    return names;
}

std::vector<std::string> all_inputs() {
    auto names = test::deck_inputs();
    names.emplace_back("still");
    names.emplace_back("lamp_search");
    return names;
}

ParallelRemoteConfig everything() {
    ParallelRemoteConfig config;
    config.edit = {"edit", 0.080};
    config.library_wind = "library";
    config.lifter_defeat = "lifter_defeat";
    config.thread = "thread";
    config.ready = {"ready_1", "ready_2", "ready_3"};
    config.speeds = {{.speed_ips = 7.5, .closed = {}, .key = {""}},
                     {.speed_ips = 15.0, .closed = {"low"}, .key = {""}},
                     {.speed_ips = 30.0, .closed = {"low", "high"}, .key = {""}}};
    config.tally_still = "still";
    config.lamps = {{"search", "lamp_search"}};
    return config;
}

struct ExtrasRig {
    explicit ExtrasRig(const ParallelRemoteConfig& config = everything()) : remote(timeline, lines, nullptr, config) {}
    void run_ms(int milliseconds) { timeline.run_for(std::chrono::milliseconds(milliseconds)); }
    /// "+play@0 -play@100": what the lines did, in milliseconds, since the last call.
    std::string contacts() {
        std::string text;
        for (const auto& change : lines.changes) {
            text += (text.empty() ? "" : " ") + std::string(change.active ? "+" : "-") + change.line + "@" +
                    std::to_string(static_cast<int>(std::lround(change.at_s * 1000)));
        }
        lines.changes.clear();
        return text;
    }
    SimulatedTimeline timeline;
    test::FakeLines lines{timeline, all_outputs(), all_inputs()};
    ParallelRemote remote;
};

} // namespace

TEST(ParallelExtras, CapabilitiesSayWhatTheLinesAre) {
    const ExtrasRig rig;
    const DeckCapabilities& can = rig.remote.capabilities();
    EXPECT_TRUE(can.library_wind && can.edit && can.lifter_defeat && can.thread_tension);
    EXPECT_THAT(can.speeds_ips, ElementsAre(7.5, 15.0, 30.0));
    EXPECT_EQ(can.ready_tracks, 3);
    EXPECT_FALSE(can.shuttle || can.link);

    ExtrasRig plain{ParallelRemoteConfig{}};
    const DeckCapabilities& cannot = plain.remote.capabilities();
    EXPECT_FALSE(cannot.library_wind || cannot.edit || cannot.lifter_defeat || cannot.thread_tension);
    EXPECT_EQ(cannot.ready_tracks, 0);
    EXPECT_THAT(cannot.speeds_ips, IsEmpty());
    for (const Result<void>& answer :
         {plain.remote.library_wind(Direction::Forward), plain.remote.edit(true), plain.remote.defeat_lifters(true),
          plain.remote.select_speed(15), plain.remote.set_ready(1, true), plain.remote.thread_tension(true),
          plain.remote.shuttle(1.0)}) {
        ASSERT_FALSE(answer.ok());
        EXPECT_THAT(answer.error().message, HasSubstr("does not offer it to a remote; use the deck's own keys"));
    }
    EXPECT_EQ(plain.contacts(), "");
}

TEST(ParallelExtras, LibraryWindIsItsKeyBesideAWindKey) {
    ExtrasRig rig;
    EXPECT_TRUE(rig.remote.library_wind(Direction::Reverse).ok());
    EXPECT_EQ(seconds(rig.remote.busy_until()), 0.120);
    rig.run_ms(300);
    EXPECT_EQ(rig.contacts(), "+library@0 +rewind@20 -rewind@120 -library@120");
    EXPECT_TRUE(rig.remote.press(Key::Rewind).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+rewind@300 -rewind@400") << "an ordinary wind is without it";
}

TEST(ParallelExtras, AHeldLibraryLineStaysUntilTheNextKey) {
    ParallelRemoteConfig config = everything();
    config.library_wind_held = true;
    ExtrasRig rig(config);
    EXPECT_TRUE(rig.remote.library_wind(Direction::Forward).ok());
    rig.run_ms(5000);
    EXPECT_EQ(rig.contacts(), "+library@0 +fast_forward@20 -fast_forward@120");
    EXPECT_LT(seconds(rig.remote.busy_until()), 5.0) << "the contact has opened; the held line keeps nobody waiting";
    rig.remote.make_safe();
    rig.run_ms(500);
    EXPECT_EQ(rig.contacts(), "-library@5000 +stop@5000 -stop@5100") << "stop waits for nothing";
}

TEST(ParallelExtras, EditIsAMotionContactAndStopEndsIt) {
    ExtrasRig rig;
    EXPECT_TRUE(rig.remote.press(Key::Play).ok());
    rig.run_ms(40);
    EXPECT_TRUE(rig.remote.edit(true).ok());
    rig.run_ms(200);
    EXPECT_TRUE(rig.remote.edit(false).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+play@0 -play@40 +edit@50 -edit@130 +stop@240 -stop@340");
}

TEST(ParallelExtras, AHeldEditLineIsClosedUntilTheNextKey) {
    ParallelRemoteConfig config = everything();
    config.edit_held = true;
    ExtrasRig rig(config);
    EXPECT_TRUE(rig.remote.edit(true).ok());
    rig.run_ms(3000);
    EXPECT_TRUE(rig.remote.edit(false).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+edit@0 -edit@3000 +stop@3000 -stop@3100");
}

TEST(ParallelExtras, NeverTwoMotionsAndLibraryOnlyBesideAWindKey) {
    ExtrasRig rig;
    std::string broken;
    rig.lines.on_output = [&](const std::string& line, bool) {
        int motions = 0;
        for (const char* name : {"stop", "play", "fast_forward", "rewind", "edit"}) {
            motions += rig.lines.output(name) ? 1 : 0;
        }
        const bool record_alone = rig.lines.output("record") && !rig.lines.output("play");
        const bool library_astray =
            rig.lines.output("library") && (rig.lines.output("stop") || rig.lines.output("play") ||
                                            rig.lines.output("record") || rig.lines.output("edit"));
        // a key that opens lets RECORD and LIBRARY go one after the other: what counts is what closes
        if (motions > 1 || (record_alone && line == "record") || library_astray) {
            broken += line + " at " + std::to_string(seconds(rig.timeline.now())) + "; ";
        }
    };
    unsigned random = 7;
    for (int i = 0; i < 3000; ++i) {
        random = random * 1664525U + 1013904223U;
        const unsigned what = (random >> 16) % 9;
        const Key keys[] = {Key::Play, Key::FastForward, Key::Rewind, Key::Record, Key::RecordExit, Key::Stop};
        if (what < 6) {
            EXPECT_TRUE(rig.remote.press(keys[what]).ok());
        } else if (what == 6) {
            EXPECT_TRUE(rig.remote.edit(random % 2 == 0).ok());
        } else {
            EXPECT_TRUE(rig.remote.library_wind(what == 7 ? Direction::Forward : Direction::Reverse).ok());
        }
        rig.run_ms(static_cast<int>((random >> 8) % 60));
    }
    EXPECT_EQ(broken, "");
    EXPECT_GT(rig.lines.changes.size(), 1000U);
}

TEST(ParallelExtras, HeldLinesFollowAndStopLeavesLiftersAndReadyAlone) {
    ExtrasRig rig;
    EXPECT_TRUE(rig.remote.defeat_lifters(true).ok());
    EXPECT_TRUE(rig.remote.set_ready(2, true).ok());
    EXPECT_TRUE(rig.remote.press(Key::Stop).ok());
    rig.run_ms(200);
    EXPECT_TRUE(rig.remote.set_ready(2, false).ok());
    EXPECT_TRUE(rig.remote.defeat_lifters(false).ok());
    EXPECT_EQ(rig.contacts(), "+lifter_defeat@0 +ready_2@0 +stop@0 -stop@100 -ready_2@200 -lifter_defeat@200");
    EXPECT_THAT(rig.remote.set_ready(4, true).error().message, HasSubstr("a track from 1 to 3, got 4"));
    EXPECT_FALSE(rig.remote.set_ready(0, true).ok());
    EXPECT_EQ(rig.contacts(), "");
}

TEST(ParallelExtras, NoKeyGoesWithThreadingTension) {
    for (int key = 0; key < 4; ++key) {
        ExtrasRig rig;
        EXPECT_TRUE(rig.remote.thread_tension(true).ok());
        EXPECT_TRUE(rig.lines.output("thread"));
        switch (key) {
        case 0:
            EXPECT_TRUE(rig.remote.press(Key::FastForward).ok());
            break;
        case 1:
            EXPECT_TRUE(rig.remote.library_wind(Direction::Forward).ok());
            break;
        case 2:
            EXPECT_TRUE(rig.remote.edit(true).ok());
            break;
        default:
            rig.remote.make_safe();
        }
        EXPECT_FALSE(rig.lines.output("thread")) << key;
    }
}

TEST(ParallelExtras, ASpeedIsASetOfLinesBreakBeforeMake) {
    ParallelRemoteConfig config = everything();
    config.speeds = {{.speed_ips = 7.5, .closed = {"low"}, .key = {""}},
                     {.speed_ips = 15.0, .closed = {"high"}, .key = {""}},
                     {.speed_ips = 30.0, .closed = {"low", "high"}, .key = {""}},
                     {.speed_ips = 3.75, .closed = {}, .key = {""}}};
    config.speed_at_start_ips = 7.5;
    ExtrasRig rig(config);
    EXPECT_EQ(rig.contacts(), "+low@0");
    EXPECT_TRUE(rig.remote.select_speed(15.0).ok());
    EXPECT_EQ(rig.contacts(), "-low@0 +high@0");
    EXPECT_TRUE(rig.remote.select_speed(30.0).ok());
    EXPECT_EQ(rig.contacts(), "+low@0") << "what stays closed is not touched";
    EXPECT_TRUE(rig.remote.select_speed(3.75).ok());
    EXPECT_FALSE(rig.lines.output("low") || rig.lines.output("high"));
    EXPECT_THAT(rig.remote.select_speed(22.5).error().message, HasSubstr("7.5, 15, 30, 3.75 ips, got 22.5"));
    config.speed_at_start_ips = 22.5;
    ExtrasRig by_hand(config);
    EXPECT_EQ(by_hand.contacts(), "") << "a speed that is set on the deck";
}

TEST(ParallelExtras, ASpeedKeyIsAPulseThatNoOtherKeyCutsShort) {
    ParallelRemoteConfig config = everything();
    config.speeds = {{.speed_ips = 7.5, .closed = {}, .key = {"low", 0.100}},
                     {.speed_ips = 15.0, .closed = {}, .key = {"high", 0.150}}};
    config.speed_at_start_ips = 7.5;
    ExtrasRig rig(config);
    EXPECT_EQ(seconds(rig.remote.busy_until()), 0.100);
    rig.run_ms(50);
    EXPECT_TRUE(rig.remote.press(Key::Stop).ok());
    rig.run_ms(250);
    EXPECT_EQ(rig.contacts(), "+low@0 +stop@50 -low@100 -stop@150");
    EXPECT_TRUE(rig.remote.select_speed(15.0).ok());
    EXPECT_EQ(seconds(rig.remote.busy_until()), 0.450);
    rig.run_ms(50);
    EXPECT_TRUE(rig.remote.select_speed(7.5).ok());
    rig.run_ms(200);
    EXPECT_EQ(rig.contacts(), "+high@300 -high@350 +low@350 -low@450") << "never two of them";
}

TEST(ParallelExtras, AMotionSensorAndLampsAreTold) {
    ExtrasRig rig;
    EXPECT_EQ(rig.remote.tallies().still, false);
    EXPECT_THAT(rig.remote.details(), ElementsAre(Pair("search", "dark")));
    rig.lines.drive_input("still", true);
    rig.lines.drive_input("lamp_search", true);
    rig.run_ms(11);
    EXPECT_EQ(rig.remote.tallies().still, true);
    EXPECT_THAT(rig.remote.details(), ElementsAre(Pair("search", "lit")));
}

TEST(ParallelExtras, DestroyedItLetsGoOfEverythingButTheSpeed) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, all_outputs(), all_inputs());
    {
        ParallelRemoteConfig config = everything();
        config.library_wind_held = true;
        config.speed_at_start_ips = 30.0;
        ParallelRemote remote(timeline, lines, nullptr, config);
        EXPECT_TRUE(remote.set_ready(1, true).ok());
        EXPECT_TRUE(remote.defeat_lifters(true).ok());
        EXPECT_TRUE(remote.library_wind(Direction::Forward).ok());
        timeline.run_for(deck_seconds(1.0));
        EXPECT_TRUE(remote.thread_tension(true).ok());
    }
    for (const std::string& name : all_outputs()) {
        EXPECT_EQ(lines.output(name), name == "high" || name == "low") << name;
    }
}

TEST(ParallelExtras, AMissingExtraLineIsNamed) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, test::deck_outputs(), test::deck_inputs());
    try {
        ParallelRemote remote(timeline, lines, nullptr, everything());
        FAIL() << "must throw";
    } catch (const std::invalid_argument& error) {
        for (const char* name :
             {"\"edit\"", "\"library\"", "\"lifter_defeat\"", "\"thread\"", "\"ready_2\" (ready, track 2)",
              "\"high\" (speed 30 ips)", "\"still\"", "\"lamp_search\""}) {
            EXPECT_THAT(error.what(), HasSubstr(name));
        }
    }
}

TEST(Routes, SourceAndOscillatorNeverFeedTheDeckTogether) {
    SimulatedTimeline timeline;
    test::FakeLines lines(timeline, all_outputs(), {});
    {
        RelayAdjust adjust(lines, {.monitor_input = "",
                                   .monitor_sync = "",
                                   .source = "source",
                                   .oscillator = "oscillator",
                                   .tape_return = "",
                                   .mute = "mute",
                                   .mono = "mono"});
        EXPECT_FALSE(adjust.capabilities().monitor_select);
        EXPECT_THAT(adjust.capabilities().routes,
                    ElementsAre(Route::Source, Route::Oscillator, Route::Mute, Route::Mono));
        EXPECT_TRUE(adjust.set_route(Route::Source, true).ok());
        EXPECT_TRUE(adjust.set_route(Route::Mute, true).ok());
        EXPECT_TRUE(adjust.set_route(Route::Oscillator, true).ok());
        EXPECT_FALSE(adjust.route(Route::Source));
        EXPECT_TRUE(adjust.route(Route::Oscillator) && adjust.route(Route::Mute));
        EXPECT_THAT(adjust.set_route(Route::TapeReturn, true).error().message,
                    HasSubstr("no relay for the route \"tape return\""));
        EXPECT_THAT(adjust.select_monitor(MonitorSelect::Sync).error().message, HasSubstr("SYNC by hand"));
    }
    std::string changes;
    for (const auto& change : lines.changes) {
        changes += (change.active ? "+" : "-") + change.line + " ";
    }
    EXPECT_EQ(changes, "+source +mute -source +oscillator -oscillator -mute ") << "all off when it is gone";
    EXPECT_THROW(RelayAdjust(lines, {.monitor_input = "monitor_input"}), std::invalid_argument);
}

} // namespace overbias::transport
