// SPDX-License-Identifier: Apache-2.0
// What the comparison says, as JSON: every figure under its name, empty ones null; and places in its words.
#include "mastering/report/track_json.hpp"

#include "mastering/comparison/words.hpp"

#include <gtest/gtest.h>

namespace {
using namespace overbias::mastering;

TEST(TrackJson, figures_have_their_names_and_empty_ones_are_null) {
    TrackResult track;
    track.name = "a";
    track.delay_ms = 92.12345;
    track.level_difference_db = {0.123, std::nullopt};
    track.azimuth = Azimuth{1.234, -2.5, 10.0, 10.0, 0.0853, 1.1, 0.9};
    track.wow = Wow{0.05, 0.07, 0.2, 5.0, 20.0, "delay trace"};
    track.missing.push_back({4.2, 7.2, "both"});
    track.third_octave_hot[0] = {false, true};
    track.seconds.resize(2);
    track.seconds[1].delay_ms = 92.0;
    track.seconds[1].third_octave_difference_db[1][3] = 0.26F;
    track.transfer.frequency_hz = {100.0, 200.0};
    track.transfer.magnitude_db[0] = {0.5, std::nullopt};
    track.compression[1].push_back({6.0, -0.31, 12});
    track.withheld.push_back({"level_re_slate_db", "no_slate"});
    track.findings.push_back({"missing", "words", -1, 4.2, 7.2});
    track.findings.push_back({"level_droop", "words", 0, 4.2, std::nullopt, 400.0, 2500.0, 0.0034});
    const boost::json::object out = json_of(track);
    EXPECT_EQ(out.at("verdict").as_string(), "fail");
    EXPECT_DOUBLE_EQ(out.at("delay_ms").as_double(), 92.123);
    EXPECT_TRUE(out.at("level_difference_db").as_array().at(1).is_null());
    EXPECT_DOUBLE_EQ(out.at("azimuth").at("mean_us").as_double(), 1.23);
    EXPECT_DOUBLE_EQ(out.at("azimuth").at("averaging_s").as_double(), 10.0);
    EXPECT_DOUBLE_EQ(out.at("wow").at("percent").as_double(), 0.05);
    EXPECT_EQ(out.at("third_octave_hot"), (boost::json::array{boost::json::array{false, true}, boost::json::array{}}));
    EXPECT_EQ(out.at("missing").at(0).at("reason").as_string(), "both");
    EXPECT_TRUE(out.at("seconds").at("delay_ms").at(0).is_null());
    EXPECT_DOUBLE_EQ(out.at("seconds").at("delay_ms").at(1).as_double(), 92.0);
    EXPECT_DOUBLE_EQ(out.at("seconds").at("third_octave_difference_db").at(1).at(1).at(3).as_double(), 0.3);
    EXPECT_TRUE(out.at("transfer").at("magnitude_db").at(0).at(1).is_null());
    EXPECT_EQ(out.at("compression").at(1).at(0).at("frames").as_int64(), 12);
    EXPECT_EQ(out.at("withheld").at(0).at("reason").as_string(), "no_slate");
    EXPECT_DOUBLE_EQ(out.at("findings").at(0).at("from_s").as_double(), 4.2);
    EXPECT_TRUE(out.at("findings").at(0).at("from_hz").is_null());
    EXPECT_TRUE(out.at("findings").at(0).at("place_within_s").is_null());
    EXPECT_DOUBLE_EQ(out.at("findings").at(1).at("place_within_s").as_double(), 0.003);
    EXPECT_TRUE(json_of(TrackResult{}).at("wow").is_null());
}

TEST(TrackJson, an_earlier_run_survives_the_way_through_json) {
    EarlierRun run;
    run.slate_level_dbfs = {-14.1, std::nullopt};
    run.slate_level_difference_db = {-0.1, 0.25};
    run.slate_third_harmonic = {0.003, 0.004};
    run.head_delay_s = 0.0921234;
    run.noise_dbfs = {-76.5, -77.25};
    const EarlierRun back = earlier_run_from(json_of(run));
    EXPECT_EQ(back.slate_level_dbfs, run.slate_level_dbfs);
    EXPECT_EQ(back.slate_level_difference_db, run.slate_level_difference_db);
    EXPECT_EQ(back.slate_third_harmonic, run.slate_third_harmonic);
    EXPECT_EQ(back.head_delay_s, run.head_delay_s);
    EXPECT_EQ(back.noise_dbfs, run.noise_dbfs);
    EXPECT_FALSE(earlier_run_from(boost::json::value(nullptr)).head_delay_s.has_value());
}

TEST(SideJson, tones_gaps_and_the_shared_band) {
    ComparisonResult result;
    result.mode = "live";
    result.compared_band_hz = {20.0, 14400.0};
    result.tones.resize(1);
    result.tones[0].frequency_hz = 10000.25;
    result.voices.resize(1);
    result.gaps.resize(1);
    result.gaps[0].noise_a_dbfs = {-79.04, -80.0};
    result.gaps[0].hum.push_back({100.0, {-90.0, -91.0}});
    const boost::json::object out = json_of(result);
    EXPECT_EQ(out.at("mode").as_string(), "live");
    EXPECT_DOUBLE_EQ(out.at("compared_band_hz").at(1).as_double(), 14400.0);
    EXPECT_DOUBLE_EQ(out.at("tones").at(0).at("frequency_hz").as_double(), 10000.25);
    EXPECT_TRUE(out.at("voices").at(0).at("there").is_null());
    EXPECT_DOUBLE_EQ(out.at("gaps").at(0).at("noise_a_dbfs").at(0).as_double(), -79.0);
    EXPECT_DOUBLE_EQ(out.at("gaps").at(0).at("hum").at(0).at("dbfs").at(1).as_double(), -91.0);
}

TEST(PlaceText, is_as_sharp_as_the_place_is_known) {
    EXPECT_EQ(place_text(83.4562, 0.0021), "1:23.456 (within 3 ms)");
    EXPECT_EQ(place_text(5.0, 0.264), "0:05.000 (within 264 ms)");
    EXPECT_EQ(place_text(83.4562, std::nullopt), "1:23.5");
}

} // namespace
