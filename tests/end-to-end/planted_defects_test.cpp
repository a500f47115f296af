// SPDX-License-Identifier: Apache-2.0
// Defects planted in the simulated deck and printed the whole way: each is named by its word, on its channel, at its
// place, judged, and outranked by nothing else.
#include "comparison_programmes.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <gtest/gtest.h>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::test {

namespace {

namespace json = boost::json;

constexpr double kGap_s = 2.0;
constexpr double kPlace_s = 0.010;
/// Wow begins slowly, so its place is known to some frames of 85 ms. What else changes and stays is known to kPlace_s.
constexpr double kWow_s = 0.35;
/// What the reproduce head does from a place on already touches what was sent a head delay before and is on its way.
constexpr double kHeadDelay_s = 0.0351 / 0.381;

/// The programme's place, on the tape, of what was at the record head when the monitor was switched 6 s on.
constexpr double kInputFrom_s = 6.0 - kHeadDelay_s;

/// Stands for a track when the whole run is meant.
constexpr std::size_t kRun = 1000;

/// A defect in a track. In `fault`, "@5.5" stands for 5.5 s of that track's programme time (of the first track's for
/// kRun); empty: one more sign of the fault before.
struct Plant {
    std::string fault;
    std::size_t track = 0;
    std::string reason;  ///< empty: it fails nothing and is only told
    std::string channel; ///< "left", "right", "" for null
    std::optional<double> from_s = {}, to_s = {};
    double within_s = kPlace_s;
};

struct Track {
    std::string programme;
    double duration_s;
};

struct PlantedPrint {
    std::string name;
    std::vector<Track> tracks;
    std::vector<Plant> plants;
    std::vector<std::string> besides = {}; ///< reasons that such a defect brings with it and that rank below
};

void PrintTo(const PlantedPrint& print, std::ostream* out) {
    *out << print.name;
}

/// The order of docs/report.md.
std::size_t rank(std::string_view reason) {
    constexpr std::array<std::string_view, 19> kGravest{"bias_failure",
                                                        "not_off_tape",
                                                        "no_signal",
                                                        "channel_missing",
                                                        "missing",
                                                        "channels_swapped",
                                                        "polarity",
                                                        "not_recorded_well",
                                                        "level_difference",
                                                        "level_droop",
                                                        "frequency_response",
                                                        "phase",
                                                        "azimuth",
                                                        "dropout",
                                                        "speed_change",
                                                        "wow",
                                                        "unexpected_signal",
                                                        "noise",
                                                        "not_proven"};
    return static_cast<std::size_t>(std::find(kGravest.begin(), kGravest.end(), reason) - kGravest.begin());
}

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : "";
}

double begins_s(const PlantedPrint& print, std::size_t track) {
    double at = 0.0;
    for (std::size_t t = 0; t < (track == kRun ? 0 : track); ++t) {
        at += print.tracks[t].duration_s + kGap_s;
    }
    return at;
}

std::string with_place(const PlantedPrint& print, const Plant& plant) {
    const std::size_t mark = plant.fault.find('@');
    if (mark == std::string::npos) {
        return plant.fault;
    }
    const double at = begins_s(print, plant.track) + std::stod(plant.fault.substr(mark + 1));
    const std::size_t end = plant.fault.find(',', mark);
    return plant.fault.substr(0, mark) + "programme_s=" + std::to_string(at) +
           (end == std::string::npos ? "" : plant.fault.substr(end));
}

/// Nearest to the place among the findings with this word and channel.
const json::object* found(const json::array& findings, const Plant& plant) {
    const json::object* best = nullptr;
    const auto apart = [&](const json::object& one) {
        const json::value* from = one.if_contains("from_s");
        return plant.from_s && from && from->is_number() ? std::abs(from->to_number<double>() - *plant.from_s) : 1e9;
    };
    for (const json::value& each : findings) {
        const json::object& one = each.as_object();
        if (text_of(one.at("reason")) == plant.reason && text_of(one.at("channel")) == plant.channel &&
            (best == nullptr || apart(one) < apart(*best))) {
            best = &one;
        }
    }
    return best;
}

void expect_place(const json::object& finding, const char* key, std::optional<double> wanted_s, double within_s) {
    if (!wanted_s) {
        return;
    }
    const json::value* at = finding.if_contains(key);
    ASSERT_TRUE(at != nullptr && at->is_number()) << key << " is missing: " << json::serialize(finding);
    EXPECT_NEAR(at->to_number<double>(), *wanted_s, within_s) << key << ": " << json::serialize(finding);
}

/// What the report says of its own place holds; half a millisecond each is rounded off.
void expect_claim(const json::object& finding, std::optional<double> wanted_s) {
    const json::value* within = finding.if_contains("place_within_s");
    if (wanted_s && within != nullptr && within->is_number()) {
        EXPECT_NEAR(finding.at("from_s").to_number<double>(), *wanted_s, within->to_number<double>() + 0.001)
            << json::serialize(finding);
    }
}

/// Drop-outs are listed one by one; the finding counts them.
void expect_dropout(const json::array& dropouts, const Plant& plant) {
    for (const json::value& each : dropouts) {
        if (text_of(each.at("channel")) == plant.channel &&
            std::abs(each.at("programme_time_s").to_number<double>() - *plant.from_s) < plant.within_s) {
            const std::string kind = text_of(each.at("kind"));
            const bool untold = plant.reason.empty() && kind == "unknown"; // between cymbals nothing tells
            EXPECT_TRUE(untold || kind == (plant.fault.starts_with("spacing") ? "spacing" : "flat")) << kind;
            EXPECT_EQ(each.at("over_limit").as_bool(), !plant.reason.empty());
            return;
        }
    }
    ADD_FAILURE() << "no drop-out there on channel " << plant.channel << ": " << json::serialize(dropouts);
}

void expect_lost_frames(const json::object& track, const Plant& plant) {
    const json::array& xruns = track.at("xruns").as_array();
    ASSERT_EQ(xruns.size(), 1U);
    const double at_s = xruns[0].at("tape_time_s").to_number<double>() - track.at("start_tape_s").to_number<double>();
    EXPECT_NEAR(at_s, *plant.from_s, plant.within_s) << json::serialize(xruns);
}

bool is_dropout(const Plant& plant) {
    return plant.fault.starts_with("dropout") || plant.fault.starts_with("spacing");
}

void expect_finding(const json::array& findings, const Plant& plant) {
    const json::object* finding = found(findings, plant);
    ASSERT_NE(finding, nullptr) << "no finding " << plant.reason << " on channel '" << plant.channel
                                << "': " << json::serialize(findings);
    expect_place(*finding, "from_s", plant.from_s, plant.within_s);
    expect_place(*finding, "to_s", plant.to_s, plant.within_s);
    expect_claim(*finding, plant.from_s);
}

void expect_planted(const PrintEnd& end, const Plant& plant) {
    if (plant.track == kRun) {
        expect_finding(end.report.at("findings").as_array(), plant);
        return;
    }
    const json::object& track = end.track(plant.track);
    if (is_dropout(plant)) {
        expect_dropout(track.at("dropouts").as_array(), plant);
    } else if (plant.fault.starts_with("xrun")) {
        expect_lost_frames(track, plant);
        expect_finding(track.at("findings").as_array(), {"", plant.track, plant.reason, plant.channel});
    } else {
        expect_finding(track.at("findings").as_array(), plant);
    }
    if (!plant.reason.empty()) {
        EXPECT_EQ(text_of(track.at("verdict")), "fail");
    }
}

/// No finding that was not planted, and no track fails without one.
void expect_nothing_else(const PrintEnd& end, const PlantedPrint& planted) {
    const auto words_of = [&](std::size_t track) {
        std::vector<std::string> words = planted.besides;
        for (const Plant& plant : planted.plants) {
            if (plant.track == track) {
                words.push_back(plant.reason);
            }
        }
        return words;
    };
    const auto expect_only = [](const json::array& findings, const std::vector<std::string>& words) {
        for (const json::value& each : findings) {
            EXPECT_TRUE(std::find(words.begin(), words.end(), text_of(each.at("reason"))) != words.end())
                << json::serialize(each);
        }
    };
    expect_only(end.report.at("findings").as_array(), words_of(kRun));
    for (std::size_t t = 0; t < planted.tracks.size(); ++t) {
        SCOPED_TRACE("track " + std::to_string(t));
        expect_only(end.track(t).at("findings").as_array(), words_of(t));
        for (const json::value& dropout : end.track(t).at("dropouts").as_array()) {
            const double at = dropout.at("programme_time_s").to_number<double>();
            EXPECT_TRUE(std::any_of(planted.plants.begin(), planted.plants.end(), [&](const Plant& plant) {
                return plant.track == t && is_dropout(plant) && std::abs(at - *plant.from_s) < plant.within_s;
            })) << json::serialize(dropout);
        }
    }
}

class PlantedDefects : public ::testing::TestWithParam<PlantedPrint> {};

TEST_P(PlantedDefects, AreNamedPlacedAndJudged) {
    const PlantedPrint& planted = GetParam();
    PrintRigOptions options;
    std::vector<std::string> files;
    std::size_t gravest = rank("nothing");
    for (const Plant& plant : planted.plants) {
        if (!plant.fault.empty()) {
            options.faults.push_back(with_place(planted, plant));
        }
        gravest = std::min(gravest, plant.reason.empty() ? gravest : rank(plant.reason));
    }
    for (std::size_t t = 0; t < planted.tracks.size(); ++t) {
        const Track& track = planted.tracks[t];
        files.push_back(write_programme(
            planted.name + std::to_string(t),
            comparison_test::programme(track.programme, 1 + static_cast<unsigned>(t), track.duration_s)));
    }
    PrintRig rig(options);
    const PrintEnd end = rig.print(PrintRig::quick_request(files));
    ASSERT_TRUE(end.report.is_object()) << end.text();
    for (const Plant& plant : planted.plants) {
        SCOPED_TRACE(plant.fault);
        expect_planted(end, plant);
    }
    EXPECT_EQ(end.verdict(), gravest == rank("nothing") ? "pass" : "fail");
    EXPECT_EQ(rank(end.reason()), gravest) << "the gravest is said to be " << end.reason();
    expect_nothing_else(end, planted);
    if (HasFailure()) {
        std::cout << end.text() << '\n';
    }
}

// Besides: a print that was ended leaves the rest of its track unproven.
INSTANTIATE_TEST_SUITE_P(
    All, PlantedDefects,
    ::testing::Values(
        PlantedPrint{"HolesInTheTape",
                     {{"wide", 9.0}, {"wide", 9.0}, {"pink", 9.0}, {"wide", 9.0}, {"wide", 9.0}, {"wide", 9.0}},
                     {{"dropout:@3.5,length_ms=20,depth_db=20,channel=left", 0, "dropout", "left", 3.5},
                      {"spacing:@6.25,length_ms=20,depth_db=20,channel=right", 0, "dropout", "right", 6.25},
                      {"dropout:@4,length_ms=10,depth_db=12,channel=left", 1, "dropout", "left", 4.0},
                      {"lost_record:@3.2", 2, "missing", "", 3.2, 6.2},
                      {"lost_record:@4.1,length_ms=800,channel=right", 3, "missing", "right", 4.1, 4.9},
                      {"dropout:@5,length_ms=20,depth_db=4,channel=left", 4, "", "left", 5.0}}},
        PlantedPrint{"SpacingBetweenCymbals",
                     {{"wide", 15.0}},
                     {{"spacing:@6.13,length_ms=20,depth_db=20,channel=left", 0, "", "left", 6.13},
                      {"spacing:@12.15,length_ms=20,depth_db=20,channel=left", 0, "", "left", 12.15}}},
        PlantedPrint{"HolesInOtherProgrammes",
                     {{"loud_master", 9.0}, {"mono", 9.0}, {"speech", 9.0}, {"sparse_piano", 9.0}, {"hi_hat", 9.0}},
                     {{"dropout:@3.5,length_ms=20,depth_db=20,channel=left", 0, "dropout", "left", 3.5},
                      {"lost_record:@3.2", 1, "missing", "", 3.2, 6.2},
                      {"dropout:@4.2,length_ms=30,depth_db=20,channel=right", 3, "dropout", "right", 4.2}}},
        PlantedPrint{
            "LevelDroop", {{"wide", 24.0}}, {{"droop:db=0.5,@11.3,channel=left", 0, "level_droop", "left", 11.3}}},
        PlantedPrint{"TrebleDroop",
                     {{"wide", 24.0}},
                     {{"droop:db=3,above_hz=8000,@11.3,channel=right", 0, "frequency_response", "right", 11.3}}},
        PlantedPrint{"LevelDroopInMono",
                     {{"mono", 20.0}},
                     {{"droop:db=0.5,@8.72,channel=right", 0, "level_droop", "right", 8.72}}},
        PlantedPrint{"LevelDroopOfNoise",
                     {{"pink", 24.0}},
                     {{"droop:db=0.5,@11.3,channel=left", 0, "level_droop", "left", 11.3}}},
        PlantedPrint{"TrebleDroopOfNoise",
                     {{"pink", 24.0}},
                     {{"droop:db=3,above_hz=8000,@11.3,channel=right", 0, "frequency_response", "right", 11.3}}},
        PlantedPrint{
            "WornBatch",
            {{"wide", 12.0}},
            {{"droop:db=3,above_hz=3000", 0, "frequency_response", "left"}, {"", 0, "frequency_response", "right"}}},
        // noise as loud as that is compressed by two decibels, in all bands alike
        PlantedPrint{
            "WornBatchUnderNoise",
            {{"pink", 12.0}},
            {{"droop:db=3,above_hz=3000", 0, "frequency_response", "left"}, {"", 0, "frequency_response", "right"}}},
        PlantedPrint{"WornBatchUnderMusic",
                     {{"mono", 12.0}, {"orchestra", 12.0}},
                     {{"droop:db=3,above_hz=3000", 0, "frequency_response", "left"},
                      {"", 0, "frequency_response", "right"},
                      {"", 1, "frequency_response", "left"},
                      {"", 1, "frequency_response", "right"}}},
        PlantedPrint{"CleanNoise", {{"pink", 14.0}}, {}},
        PlantedPrint{"Azimuth", {{"wide", 12.0}}, {{"azimuth:us=10", 0, "azimuth", ""}}},
        PlantedPrint{"AzimuthTheOtherWayInMono", {{"mono", 12.0}}, {{"azimuth:us=-10", 0, "azimuth", ""}}},
        PlantedPrint{
            "AzimuthFromAPlaceOn", {{"wide", 26.0}}, {{"azimuth:us=10,@11.3", 0, "azimuth", "", 11.3 - kHeadDelay_s}}},
        PlantedPrint{"SpeedChange", {{"wide", 20.0}}, {{"speed_change:percent=0.4,@9.4", 0, "speed_change", "", 9.4}}},
        PlantedPrint{
            "Slowing", {{"loud_master", 20.0}}, {{"speed_change:percent=-0.4,@7.3", 0, "speed_change", "", 7.3}}},
        PlantedPrint{"SpeedChangeOfNoise",
                     {{"pink", 16.0}},
                     {{"speed_change:percent=0.4,@6.131", 0, "speed_change", "", 6.131}}},
        PlantedPrint{"Wow", {{"wide", 20.0}}, {{"wow:hz=0.8,percent=0.3", 0, "wow", ""}}},
        PlantedPrint{"FastWowOfNoise", {{"pink", 20.0}}, {{"wow:hz=3.1,percent=0.2", 0, "wow", ""}}},
        PlantedPrint{"WowFromASecondTrackOn",
                     {{"wide", 12.0}, {"wide", 14.0}},
                     {{"wow:hz=1.3,percent=0.3,@0", 1, "wow", "", 0.0}}},
        PlantedPrint{
            "WowFromAPlaceOn", {{"mono", 30.0}}, {{"wow:hz=0.8,percent=0.3,@11.3", 0, "wow", "", 11.3, {}, kWow_s}}},
        PlantedPrint{"RecordPolarity",
                     {{"wide", 8.0}},
                     {{"polarity:channel=right", 0, "polarity", "right"}, {"", kRun, "polarity", "right"}}},
        PlantedPrint{"ReproducePolarity",
                     {{"wide", 8.0}},
                     {{"reproduce_polarity:channel=left", 0, "polarity", "left"}, {"", kRun, "polarity", "left"}}},
        PlantedPrint{"SwappedChannels",
                     {{"wide", 8.0}, {"pink", 8.0}, {"sparse_piano", 8.0}},
                     {{"swapped_channels", 0, "channels_swapped", ""},
                      {"", 1, "channels_swapped", ""},
                      {"", 2, "channels_swapped", ""}}},
        PlantedPrint{"SwappedReturn", {{"wide", 8.0}}, {{"swapped_return", 0, "channels_swapped", ""}}},
        PlantedPrint{
            "MissingChannel",
            {{"wide", 8.0}},
            {{"missing_channel:channel=left", 0, "channel_missing", "left"}, {"", kRun, "channel_missing", "left"}}},
        PlantedPrint{"ChannelLostLate",
                     {{"wide", 14.0}},
                     {{"lost_record:@9,length_ms=60000,channel=left", 0, "missing", "left", 9.0}}},
        PlantedPrint{"ChannelLostEarly",
                     {{"wide", 12.0}},
                     {{"lost_record:@5,length_ms=60000,channel=left", 0, "channel_missing", "left", 5.0}}},
        PlantedPrint{"BiasLostLate", {{"wide", 14.0}}, {{"bias_loss:@9,channel=right", 0, "missing", "right", 9.0}}},
        // 15 dB down and all distortion
        PlantedPrint{
            "BiasLostUnderNoise", {{"pink", 14.0}}, {{"bias_loss:@9,channel=right", 0, "missing", "right", 9.0}}},
        PlantedPrint{"BiasLostUnderALoudMaster",
                     {{"loud_master", 14.0}},
                     {{"bias_loss:@9,channel=right", 0, "missing", "right", 9.0}}},
        PlantedPrint{"BiasLostOnBoth", {{"pink", 14.0}}, {{"bias_loss:@9", 0, "missing", "", 9.0}}},
        PlantedPrint{"MonitorOnInput", {{"wide", 8.0}}, {{"monitor_input", kRun, "not_off_tape", ""}}, {"not_proven"}},
        // what was sent a head delay before was still on its way
        PlantedPrint{"MonitorOnInputFromAPlaceOn",
                     {{"wide", 12.0}},
                     {{"monitor_input:@6", 0, "not_off_tape", "", kInputFrom_s}, {"", kRun, "not_off_tape", ""}},
                     {"not_proven"}},
        PlantedPrint{"MonitorOnInputBetweenNotes",
                     {{"sparse_piano", 12.0}},
                     {{"monitor_input:@6", 0, "not_off_tape", "", kInputFrom_s}, {"", kRun, "not_off_tape", ""}},
                     {"not_proven"}},
        PlantedPrint{"MonitorOnSyncFromAPlaceOn",
                     {{"pink", 12.0}},
                     {{"monitor_sync:@6", 0, "not_off_tape", "", kInputFrom_s}, {"", kRun, "not_off_tape", ""}},
                     {"not_proven"}},
        PlantedPrint{"MonitorOnSyncBetweenNotes",
                     {{"sparse_piano", 12.0}},
                     {{"monitor_sync:@6", 0, "not_off_tape", "", kInputFrom_s}, {"", kRun, "not_off_tape", ""}},
                     {"not_proven"}},
        PlantedPrint{"MonitorOnSync", {{"wide", 8.0}}, {{"monitor_sync", kRun, "not_off_tape", ""}}, {"not_proven"}},
        PlantedPrint{
            "OldProgramme", {{"wide", 8.0}}, {{"old_programme_playing", kRun, "not_off_tape", ""}}, {"not_proven"}},
        PlantedPrint{"NoRecordBias", {{"wide", 8.0}}, {{"no_record_bias", kRun, "not_recorded_well", ""}}},
        PlantedPrint{"NoiseRise",
                     {{"wide", 6.0}, {"wide", 6.0}},
                     {{"hiss:db=9,@5.9", kRun, "noise", "left"}, {"", kRun, "noise", "right"}}},
        PlantedPrint{
            "Hum", {{"wide", 6.0}, {"wide", 6.0}}, {{"hum:db=-30,channel=right", kRun, "unexpected_signal", "right"}}},
        PlantedPrint{"HumLate",
                     {{"pink", 6.0}, {"pink", 6.0}},
                     {{"hum:db=-40,@5.9,channel=right", kRun, "unexpected_signal", "right"}}},
        PlantedPrint{"LostFrames", {{"wide", 10.0}}, {{"xrun:@5,length_ms=50", 0, "not_proven", "", 5.0}}}),
    [](const auto& print) { return print.param.name; });

} // namespace

} // namespace overbias::test
