// SPDX-License-Identifier: Apache-2.0
// Clean prints the whole way, by the hour, on simulated decks in order that are not alike: no verdict is a failure.
// Drop-outs below the limit that are told are counted: they fail no print, and none of them is there.
#include "clean_hours.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::test {

namespace {

namespace json = boost::json;
using comparison_test::CleanHours;

/// A deck that a technician has just left.
PrintRigOptions some_deck(CleanHours& hours) {
    PrintRigOptions options;
    deck_sim::Settings& deck = options.settings;
    deck.seed = 1 + hours.random() % 1000000;
    if (hours.random() % 4 == 0) {
        deck.play_speed_ips = 30.0;
        deck.equalisation = deck_sim::Equalisation::Aes;
    } else if (hours.random() % 2 == 0) {
        deck.equalisation = deck_sim::Equalisation::Nab;
    }
    deck.start_place_m = hours.uniform(12.0, 200.0);
    deck.speed_error = hours.uniform(-0.001, 0.001);
    deck.record_to_reproduce_m = hours.uniform(0.0346, 0.0354); // the profile says 0.0350
    deck.wow_peak *= hours.uniform(0.5, 2.0);
    deck.capstan_flutter_peak *= hours.uniform(0.5, 2.0);
    deck.roller_flutter_peak *= hours.uniform(0.5, 2.0);
    deck.scrape_flutter_rms *= hours.uniform(0.5, 2.0);
    deck.weave_peak_to_peak_rad *= hours.uniform(0.5, 1.3);
    deck.azimuth_error_rad = hours.uniform(-250e-6, 250e-6); // 9 degrees at 10 kHz and 15 in/s
    for (std::size_t c = 0; c < 2; ++c) {
        deck.record_gain_error_db[c] = hours.uniform(-0.3, 0.3);
        deck.reproduce_gain_error_db[c] = hours.uniform(-0.3, 0.3);
    }
    deck.noise_a_weighted_db = hours.uniform(-68.0, -60.0);
    deck.mol_re_operating_db = hours.uniform(8.0, 12.0);
    deck.crosstalk_db = hours.uniform(-60.0, -42.0);
    deck.erase_depth_db = hours.uniform(-85.0, -72.0);
    deck.play_clock_ppm = hours.uniform(-30.0, 30.0);
    deck.capture_clock_ppm = hours.uniform(-30.0, 30.0);
    return options;
}

std::string words_of(const deck_sim::Settings& deck) {
    char text[200];
    std::snprintf(text, sizeof text, " (%.0f ips, equalisation %d, saturates at %+.1f dB, noise %.1f dB, deck %u)",
                  deck.play_speed_ips, static_cast<int>(deck.equalisation), deck.mol_re_operating_db,
                  deck.noise_a_weighted_db, static_cast<unsigned>(deck.seed));
    return text;
}

TEST(VerdictSoak, CleanPrintsPassWithoutAFinding) {
    CleanHours hours;
    int failures = 0;
    int told = 0;
    double judged_s = 0.0;
    double printed_s = 0.0;
    while (hours.next()) {
        const PrintRigOptions deck = some_deck(hours);
        if (!hours.wanted()) {
            continue;
        }
        PrintRig rig(deck);
        std::vector<std::string> files;
        for (std::size_t t = 0; t < hours.programmes.size(); ++t) {
            files.push_back(write_programme("soak" + std::to_string(t), hours.programmes[t]));
        }
        const PrintEnd end = rig.print(PrintRig::quick_request(files));
        ASSERT_TRUE(end.report.is_object()) << hours.name(0) << end.text();
        const auto expect_none = [&](const json::array& all, const std::string& where) {
            for (const json::value& each : all) {
                ++failures;
                ADD_FAILURE() << where << words_of(deck.settings) << ": " << json::serialize(each);
            }
        };
        expect_none(end.report.at("findings").as_array(), hours.name(0));
        const json::array& tracks = end.report.at("tracks").as_array();
        ASSERT_EQ(tracks.size(), files.size()) << hours.name(0);
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            expect_none(tracks[t].at("findings").as_array(), hours.name(t));
            for (const json::value& dropout : tracks[t].at("dropouts").as_array()) {
                ++told;
                std::printf("told in %s%s: %s\n", hours.name(t).c_str(), words_of(deck.settings).c_str(),
                            json::serialize(dropout).c_str());
            }
            judged_s += tracks[t].at("judged_share").to_number<double>() * CleanHours::kTrack_s;
            printed_s += CleanHours::kTrack_s;
        }
        EXPECT_EQ(end.verdict(), "pass") << hours.name(0);
        hours.tell(failures);
    }
    std::printf("%s\n%s\ndrop-outs judged in %.2f hours\n", hours.summary(failures, "false failures").c_str(),
                hours.summary(told, "drop-outs told").c_str(), judged_s / 3600.0);
    EXPECT_EQ(failures, 0);
    EXPECT_GT(judged_s, 0.3 * printed_s) << "nothing was looked at";
}

} // namespace

} // namespace overbias::test
