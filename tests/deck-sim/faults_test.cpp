// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::deck_sim {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Fault parsed(std::string_view text) {
    const Result<Fault> fault = parse_fault(text);
    EXPECT_TRUE(fault) << (fault ? "" : fault.error().message);
    return fault ? fault.value() : Fault{};
}

std::string refused(std::string_view text) {
    const Result<Fault> fault = parse_fault(text);
    EXPECT_FALSE(fault) << text;
    return fault ? std::string() : fault.error().message;
}

TEST(ParseFault, SpacingWithEveryKey) {
    const Fault fault = parsed("spacing:programme_s=12.5,length_ms=30,depth_db=15,channel=left");
    EXPECT_EQ(fault.kind, FaultKind::Spacing);
    EXPECT_EQ(fault.at, (FaultPlace{FaultPlace::Scale::Programme, 12.5}));
    EXPECT_DOUBLE_EQ(fault.length_ms, 30.0);
    EXPECT_DOUBLE_EQ(fault.depth_db, 15.0);
    EXPECT_TRUE(fault.touches(0));
    EXPECT_FALSE(fault.touches(1));
}

TEST(ParseFault, DefaultsAreThoseOfTheHelp) {
    const Fault dropout = parsed("dropout:tape_m=100.25");
    EXPECT_EQ(dropout.at, (FaultPlace{FaultPlace::Scale::Tape, 100.25}));
    EXPECT_DOUBLE_EQ(dropout.length_ms, 20.0);
    EXPECT_DOUBLE_EQ(dropout.depth_db, 20.0);
    EXPECT_EQ(dropout.channels, FaultChannels::Both);
    const Fault xrun = parsed("xrun:time_s=3");
    EXPECT_DOUBLE_EQ(xrun.length_ms, 50.0);
    EXPECT_EQ(xrun.direction, Fault::Direction::Capture);
    EXPECT_EQ(parsed("xrun:time_s=3,direction=playback").direction, Fault::Direction::Playback);
}

TEST(ParseFault, EveryKindByName) {
    EXPECT_EQ(parsed("tape_break:time_s=9").kind, FaultKind::TapeBreak);
    const Fault stuck = parsed("stuck_tally:line=tally_record,value=1,programme_s=2");
    EXPECT_EQ(stuck.line, "tally_record");
    EXPECT_TRUE(stuck.value);
    EXPECT_EQ(parsed("dead_tach").at, (FaultPlace{FaultPlace::Scale::Time, 0.0}));
    EXPECT_EQ(parsed("monitor_input").kind, FaultKind::MonitorInput);
    EXPECT_EQ(parsed("monitor_sync").kind, FaultKind::MonitorSync);
    EXPECT_EQ(parsed("no_record_bias").kind, FaultKind::NoRecordBias);
    EXPECT_EQ(parsed("old_programme_playing").kind, FaultKind::OldProgrammePlaying);
    EXPECT_EQ(parsed("swapped_channels").kind, FaultKind::SwappedChannels);
    EXPECT_EQ(parsed("polarity:channel=right").channels, FaultChannels::Right);
    EXPECT_EQ(parsed("missing_channel:channel=left").kind, FaultKind::MissingChannel);
    const Fault droop = parsed("droop:db=0.5,programme_s=60,above_hz=8000");
    EXPECT_DOUBLE_EQ(droop.droop_db, 0.5);
    EXPECT_EQ(droop.above_hz, std::optional(8000.0));
    EXPECT_EQ(parsed("droop:db=0.5").above_hz, std::nullopt);
}

TEST(ParseFault, KindsOfElectronicsAndDrive) {
    const Fault lost = parsed("lost_record:programme_s=8,channel=right");
    EXPECT_EQ(lost.kind, FaultKind::LostRecord);
    EXPECT_DOUBLE_EQ(lost.length_ms, 3000.0);
    EXPECT_FALSE(lost.touches(0));
    EXPECT_DOUBLE_EQ(parsed("azimuth:us=-10,tape_m=30").azimuth_us, -10.0);
    EXPECT_DOUBLE_EQ(parsed("speed_change:percent=0.4,time_s=3").speed_share, 0.004);
    const Fault wow = parsed("wow:hz=0.8,percent=0.3");
    EXPECT_DOUBLE_EQ(wow.hz, 0.8);
    EXPECT_DOUBLE_EQ(wow.speed_share, 0.003);
    EXPECT_DOUBLE_EQ(parsed("hiss:db=9,programme_s=10").level_db, 9.0);
    EXPECT_DOUBLE_EQ(parsed("hum:db=-40").hz, 50.0);
    EXPECT_EQ(parsed("monitor_input:programme_s=5").at, (FaultPlace{FaultPlace::Scale::Programme, 5.0}));
    EXPECT_THAT(refused("lost_record"), HasSubstr("give programme_s or time_s or tape_m"));
    EXPECT_THAT(refused("wow:hz=1"), HasSubstr("'percent' is missing"));
    EXPECT_THAT(refused("azimuth:us=500"), HasSubstr("-100 to 100"));
    EXPECT_THAT(refused("hiss:db=-3"), HasSubstr("0 to 40"));
}

TEST(ParseFault, UnknownKindAndKeyNameTheNearest) {
    EXPECT_THAT(refused("spaceing:time_s=1"), HasSubstr("no kind 'spaceing'; the nearest is 'spacing'"));
    EXPECT_THAT(refused("roller_slip"),
                AllOf(HasSubstr("no kind 'roller_slip'; there are: "), HasSubstr(", slipping_roller,")));
    EXPECT_THAT(refused(""), HasSubstr("no kind ''"));
    EXPECT_THAT(refused("dropout:lenght_ms=20"), HasSubstr("no key 'lenght_ms'; the nearest is 'length_ms'"));
    EXPECT_THAT(refused("dropout:loudness=20"), HasSubstr("no key 'loudness'; there are: "));
    EXPECT_THAT(refused("tape_break:programm_s=2"), HasSubstr("'programme_s'"));
}

TEST(ParseFault, BadValuesSayWhatWasExpected) {
    EXPECT_THAT(refused("dropout:time_s=soon"), HasSubstr("time_s: expected a number, came 'soon'"));
    EXPECT_THAT(refused("dropout:time_s=1s"), HasSubstr("expected a number, came '1s'"));
    EXPECT_THAT(refused("dropout:time_s="), HasSubstr("expected a number"));
    EXPECT_THAT(refused("dropout:time_s=nan"), HasSubstr("expected a number"));
    EXPECT_THAT(refused("dropout:time_s=-1"), HasSubstr("expected 0 to"));
    EXPECT_THAT(refused("dropout:time_s=1,length_ms=0"), HasSubstr("expected 1 to 60000"));
    EXPECT_THAT(refused("dropout:time_s=1,channel=centre"), HasSubstr("left, right or both"));
    EXPECT_THAT(refused("xrun:time_s=1,direction=in"), HasSubstr("capture or playback"));
    EXPECT_THAT(refused("stuck_tally:line=tally_ply,value=1"), HasSubstr("tally_play"));
    EXPECT_THAT(refused("stuck_tally:line=tally_play,value=yes"), HasSubstr("1 (active) or 0"));
    EXPECT_THAT(refused("droop:db=0.5,above_hz=5"), HasSubstr("20 to 20000"));
}

TEST(ParseFault, MissingAndDoubledKeys) {
    EXPECT_THAT(refused("dropout"), HasSubstr("give programme_s or time_s or tape_m"));
    EXPECT_THAT(refused("xrun:length_ms=5"), HasSubstr("give programme_s or time_s"));
    EXPECT_THAT(refused("stuck_tally:value=1"), HasSubstr("'line' is missing"));
    EXPECT_THAT(refused("polarity"), HasSubstr("'channel' is missing"));
    EXPECT_THAT(refused("dropout:time_s=1,programme_s=2"), HasSubstr("give only one of"));
    EXPECT_THAT(refused("dropout:time_s=1,time_s=2"), HasSubstr("given twice"));
    EXPECT_THAT(refused("dropout:time_s"), HasSubstr("expected key=value, came 'time_s'"));
    EXPECT_THAT(refused("swapped_channels:channel=left"), HasSubstr("it has no keys"));
}

TEST(FaultPlace, ResolvesAgainstTheProgramme) {
    EXPECT_EQ((FaultPlace{FaultPlace::Scale::Time, 4.0}).time_s(std::nullopt), std::optional(4.0));
    EXPECT_EQ((FaultPlace{FaultPlace::Scale::Programme, 4.0}).time_s(std::nullopt), std::nullopt);
    EXPECT_EQ((FaultPlace{FaultPlace::Scale::Programme, 4.0}).time_s(30.5), std::optional(34.5));
    EXPECT_EQ((FaultPlace{FaultPlace::Scale::Tape, 4.0}).time_s(30.5), std::nullopt);
}

TEST(FaultHelp, ListsEveryKindItsKeysUnitsAndDefaults) {
    const std::string help = fault_help();
    for (int kind = 0; kind <= static_cast<int>(FaultKind::Hum); ++kind) {
        EXPECT_THAT(help, HasSubstr(std::string(fault_name(static_cast<FaultKind>(kind))) + ":"));
    }
    EXPECT_THAT(help, HasSubstr("length_ms=  milliseconds, 1 to 60000; default 20"));
    EXPECT_THAT(help, HasSubstr("channel=  left, right or both; required"));
}

} // namespace
} // namespace overbias::deck_sim
