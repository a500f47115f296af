// SPDX-License-Identifier: Apache-2.0
// A reel against its files on a modelled machine that plays it with a speed of its own: the verdict, where defects lie,
// and the figures of speed, wow and azimuth.
#include "comparison_programmes.hpp"
#include "mastering/verify/replay.hpp"
#include "mastering/verify/verify_report.hpp"
#include "reel_model.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>
#include <string>

namespace verify_test {

namespace json = boost::json;
using namespace overbias::mastering;

namespace {

constexpr double kSlate_s = 4.0, kTrack1_s = 6.1, kGap_s = 2.0, kLead_s = 2.0;
constexpr double kOperating_dbfs = -14.0;

/// A print of two tracks: its files, its report, and the stream as it was recorded.
struct Print {
    std::vector<std::string> files;
    json::object report;
    Stereo recording; ///< with the lead-in
    double length_s = 0.0;

    explicit Print(double track_s = 14.0) {
        const Stereo& first = comparison_test::programme("wide", 1, track_s);
        const Stereo& second = comparison_test::programme("pink", 2, track_s);
        const double second_s = kTrack1_s + track_s + kGap_s;
        length_s = second_s + track_s;
        recording.assign(2 * static_cast<std::size_t>((kLead_s + length_s + 2.0) * kRate), 0.0F);
        const auto put = [&](double at_s, const Stereo& what) {
            const auto from = 2 * static_cast<std::size_t>(std::llround((kLead_s + at_s) * kRate));
            std::copy(what.begin(), what.end(), recording.begin() + static_cast<std::ptrdiff_t>(from));
        };
        Stereo slate(2 * static_cast<std::size_t>(kSlate_s * kRate));
        for (std::size_t n = 0; n < slate.size() / 2; ++n) {
            const double edge = std::min({1.0, (static_cast<double>(n) + 1.0) / 240.0,
                                          (static_cast<double>(slate.size() / 2) - static_cast<double>(n)) / 240.0});
            slate[2 * n] = slate[2 * n + 1] = static_cast<float>(
                std::pow(10.0, kOperating_dbfs / 20.0) * (0.5 - 0.5 * std::cos(std::numbers::pi * edge)) *
                std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(n) / kRate));
        }
        put(0.0, slate);
        put(kTrack1_s, first);
        put(second_s, second);
        const auto track = [&](const std::string& file, double at_s, double from_m) {
            return json::object{{"file", file},
                                {"sha256", overbias::audio::inspect_sound_file(file)->sha256},
                                {"trim_db", 0.0},
                                {"duration_s", track_s},
                                {"start_tape_s", at_s},
                                {"start_counter_m", from_m + at_s * 0.381},
                                {"end_counter_m", from_m + (at_s + track_s) * 0.381},
                                {"verdict", "pass"},
                                {"findings", json::array{}},
                                {"dropouts", json::array{}}};
        };
        files = {overbias::test::write_programme("wide", first), overbias::test::write_programme("pink", second)};
        report = {
            {"report", "overbias print"},
            {"made_utc", "2026-01-02T03:04:05Z"},
            {"session", "00000000-0000-4000-8000-000000000001"},
            {"verdict", "pass"},
            {"reason", nullptr},
            {"findings", json::array{}},
            {"reel",
             json::object{{"uuid", "reel"}, {"speed_ips", 15.0}, {"play_dbfs_at_operating_level", kOperating_dbfs}}},
            {"slate", json::object{{"found", true}, {"frequency_hz", 1000.004}, {"sent_re_operating_db", 0.0}}},
            {"gaps", json::array{json::object{{"start_tape_s", kSlate_s}, {"duration_s", 2.0}}}},
            {"tracks", json::array{track(files[0], kTrack1_s, 4.0), track(files[1], second_s, 4.0)}}};
    }
    [[nodiscard]] double track_s(std::size_t index) const {
        return report.at("tracks").as_array()[index].as_object().at("start_tape_s").to_number<double>();
    }
};

ComparisonConfig config() {
    ComparisonConfig out;
    out.sample_rate_hz = kRate;
    out.record_to_reproduce_m = 0.035;
    out.play_dbfs_at_operating_level = out.capture_dbfs_at_operating_level = kOperating_dbfs;
    return out;
}

struct Verified {
    ReplayResult result;
    json::object report;
    [[nodiscard]] std::string text() const {
        std::string out = result.found_by + " " + result.comparison.reason;
        for (const Finding& finding : result.comparison.findings) {
            out += "\n" + finding.reason + ": " + finding.text;
        }
        for (const TrackResult& track : result.comparison.tracks) {
            for (const Finding& finding : track.findings) {
                out += "\n" + track.name + " " + finding.reason + ": " + finding.text;
            }
            for (const Dropout& hole : track.dropouts) {
                out += "\n" + track.name + " hole at " + std::to_string(hole.programme_time_s) + " " +
                       std::to_string(hole.length_ms) + " ms " + std::to_string(hole.depth_db) + " dB";
            }
        }
        return out;
    }
};

/// The reel is played from `from_s` of the return on.
Verified verify(const Print& print, const ReelModel& reel, double from_s = 0.0) {
    const std::string text = json::serialize(print.report);
    const auto programme = programme_of_print(text, "", kRate);
    if (!programme) {
        throw std::runtime_error(programme.error().message);
    }
    Replay replay(*programme, config(), {});
    const Stereo came = play_reel(reel, print.recording);
    constexpr std::size_t kBlock = 2 * 4800;
    for (auto at = 2 * static_cast<std::size_t>(from_s * kRate); at < came.size(); at += kBlock) {
        const auto frame = static_cast<std::int64_t>(at / 2);
        replay.set_clock({frame, static_cast<double>(frame) / kRate});
        const auto piece = std::span(came).subspan(at, std::min(kBlock, came.size() - at));
        if (const auto taken = replay.push_return(frame, piece); !taken) {
            throw std::runtime_error(taken.error().message);
        }
    }
    auto result = replay.finish();
    if (!result) {
        throw std::runtime_error(result.error().message);
    }
    Verified out{*result, {}};
    const VerifyOutcome made = make_verify_report({.programme = *programme,
                                                   .comparison = config(),
                                                   .result = *result,
                                                   .identity = {},
                                                   .tape = "a model",
                                                   .against = VerifyAgainst{text, ""}});
    out.report = json::parse(made.report).as_object();
    return out;
}

/// A machine in order, at another speed.
ReelModel machine() {
    ReelModel reel;
    reel.speed_error = 0.002;
    reel.wow = {{0.0006, 0.7, 0.1}, {0.0003, 2.3, 0.6}};
    reel.azimuth_s = 3e-6;
    reel.gain_db = {0.3, -0.2};
    reel.starts_s = 1.0;
    return reel;
}

const Print& print() {
    static const Print one(26.0);
    return one;
}

} // namespace

TEST(Replay, PassesACleanReelOnAnotherMachine) {
    const Verified verified = verify(print(), machine());
    EXPECT_TRUE(verified.result.found);
    EXPECT_EQ(verified.result.found_by, "slate");
    EXPECT_TRUE(verified.result.comparison.pass) << verified.text();
    ASSERT_EQ(verified.result.comparison.tracks.size(), 2U);
    for (const TrackResult& track : verified.result.comparison.tracks) {
        ASSERT_TRUE(track.level_re_slate_db[0] && track.level_re_slate_db[1]) << track.name;
        EXPECT_NEAR(*track.level_re_slate_db[0], 0.0, 0.05) << track.name;
        EXPECT_TRUE(track.dropouts.empty()) << verified.text();
        EXPECT_GT(track.judged_share, 0.5);
        EXPECT_NEAR(track.level_difference_db[0].value_or(9.0), 0.3, 0.05);
        EXPECT_NEAR(track.level_difference_db[1].value_or(9.0), -0.2, 0.05);
    }
    // what the tape's movement is, known from the model: wow peaks 0.06 and 0.03 % are 2 * sqrt((6^2 + 3^2) / 2) * 1e-2
    ASSERT_TRUE(verified.result.figures.speed_error_ppm);
    EXPECT_NEAR(*verified.result.figures.speed_error_ppm, 2000.0, 30.0);
    ASSERT_TRUE(verified.result.figures.wow_percent);
    EXPECT_NEAR(*verified.result.figures.wow_percent, 2.0 * std::sqrt(0.0045 / 2.0), 0.01);
    EXPECT_NEAR(*verified.result.figures.wow_peak_percent, 0.09, 0.015);
    ASSERT_TRUE(verified.result.figures.azimuth_us);
    EXPECT_NEAR(*verified.result.figures.azimuth_us, 3.0, 0.3);
    EXPECT_TRUE(verified.result.lost.empty());
    EXPECT_EQ(verified.report.at("verdict").as_string(), "pass");
    EXPECT_TRUE(verified.report.at("agrees").at("all").as_bool());
}

TEST(Replay, FindsDropOutsAtTheirPlaces) {
    ReelModel reel = machine();
    const double at_s = print().track_s(1) + 9.25;
    reel.holes = {{.at_s = kLead_s + at_s, .length_s = 0.03, .gain_db = -20.0, .channel = 1}};
    const Verified verified = verify(print(), reel);
    EXPECT_FALSE(verified.result.comparison.pass);
    EXPECT_EQ(verified.result.comparison.reason, "dropout") << verified.text();
    ASSERT_EQ(verified.result.comparison.tracks[1].dropouts.size(), 1U) << verified.text();
    const Dropout& hole = verified.result.comparison.tracks[1].dropouts[0];
    EXPECT_NEAR(hole.programme_time_s, 9.25, 0.005);
    EXPECT_EQ(hole.channel, 1);
    EXPECT_NEAR(hole.length_ms, 30.0, 4.0);
    EXPECT_FALSE(verified.report.at("agrees").at("all").as_bool()); // the print had none
    EXPECT_FALSE(verified.report.at("agrees").at("dropouts").at("agrees").as_bool());
    EXPECT_TRUE(verified.report.at("agrees").at("level").at("agrees").as_bool());
}

TEST(Replay, SaysWhatIsMissingMutedOrCutOut) {
    for (const bool cut : {false, true}) {
        ReelModel reel = machine();
        const double at_s = kLead_s + print().track_s(1) + 8.0;
        if (cut) {
            reel.cut_at_s = at_s;
            reel.cut_s = 3.0;
        } else {
            reel.holes = {{.at_s = at_s, .length_s = 3.0}};
        }
        const Verified verified = verify(print(), reel);
        EXPECT_FALSE(verified.result.comparison.pass);
        EXPECT_EQ(verified.result.comparison.reason, "missing") << cut << verified.text();
        ASSERT_EQ(verified.result.lost.size(), 1U) << cut;
        EXPECT_EQ(verified.result.lost[0].kind, cut ? LostStretch::Kind::Missing : LostStretch::Kind::Drop);
        const TrackResult& track = verified.result.comparison.tracks[1];
        ASSERT_FALSE(track.missing.empty()) << cut << verified.text();
        EXPECT_NEAR(track.missing[0].from_s, 8.0, 0.2) << cut;
        EXPECT_NEAR(track.missing[0].to_s, 11.0, 0.2) << cut;
        EXPECT_FALSE(verified.report.at("agrees").at("completeness").at("agrees").as_bool());
        EXPECT_TRUE(verified.result.comparison.tracks[0].pass) << verified.text();
    }
}

TEST(Replay, SeesPolarityAndExchangedChannels) {
    ReelModel reel = machine();
    reel.invert = {false, true};
    const Verified inverted = verify(print(), reel);
    EXPECT_EQ(inverted.result.comparison.reason, "polarity") << inverted.text();
    reel.invert = {};
    reel.swap = true;
    const Verified swapped = verify(print(), reel);
    EXPECT_EQ(swapped.result.comparison.reason, "channels_swapped") << swapped.text();
}

TEST(Replay, BeginsInTheMiddleByTheProgrammeItself) {
    const double from_s = 1.0 + (kLead_s + print().track_s(0) + 10.0) / 1.002;
    const Verified verified = verify(print(), machine(), from_s);
    EXPECT_TRUE(verified.result.found) << verified.text();
    EXPECT_EQ(verified.result.found_by, "programme");
    ASSERT_EQ(verified.result.comparison.tracks.size(), 2U);
    EXPECT_NEAR(verified.result.from_s[0], 10.0, 1.5);
    EXPECT_EQ(verified.result.from_s[1], 0.0);
    EXPECT_TRUE(verified.result.comparison.tracks[1].pass) << verified.text();
    EXPECT_FALSE(verified.result.comparison.tracks[1].level_re_slate_db[0]) << "no slate was heard";
    const auto& not_proven = verified.report.at("tracks").as_array()[0].at("not_proven").as_array();
    ASSERT_FALSE(not_proven.empty());
    EXPECT_EQ(not_proven[0].at("from_s").to_number<double>(), 0.0);
    // The tape is good: that it was cut into is no drop-out, and nothing else of it either.
    EXPECT_TRUE(verified.result.comparison.tracks[0].dropouts.empty()) << verified.text();
    for (const auto& finding : verified.result.comparison.tracks[0].findings) {
        EXPECT_EQ(finding.reason, "not_proven") << finding.text;
    }
}

TEST(Replay, SaysThatAnotherTapeIsOnTheDeck) {
    Print other = print();
    std::fill(other.recording.begin(), other.recording.begin() + static_cast<std::ptrdiff_t>(2 * 8.0 * kRate), 0.0F);
    const Stereo& music = comparison_test::programme("speech", 9, 30.0);
    std::copy(music.begin(), music.end(), other.recording.begin() + static_cast<std::ptrdiff_t>(2 * 8.0 * kRate));
    other.recording.resize(2 * static_cast<std::size_t>(38.0 * kRate));
    const Verified verified = verify(other, machine());
    EXPECT_FALSE(verified.result.found) << verified.text();
    EXPECT_EQ(verified.report.at("verdict").as_string(), "fail");
    EXPECT_EQ(verified.report.at("reason").as_string(), "no_signal");
}

TEST(Replay, KnowsWhetherTheReelWasRecordedWithALiftOfTheBass) {
    Print named = print();
    named.report.at("reel").as_object()["speed_ips"] = 15.0;
    const auto low_emphasis_of = [&](const char* equalisation) {
        named.report.at("reel").as_object()["equalisation"] = equalisation;
        const auto programme = programme_of_print(json::serialize(named.report), "", kRate);
        return programme ? programme->low_emphasis_s : std::optional(-1.0);
    };
    EXPECT_NEAR(low_emphasis_of("NAB").value_or(-1.0), 3180e-6, 1e-9); // IASA TC-04, 5.4.10
    EXPECT_EQ(low_emphasis_of("IEC1"), std::optional(0.0));
    EXPECT_EQ(low_emphasis_of(""), std::nullopt) << "the machine's own standard counts then";
}

TEST(Replay, RefusesAFileThatIsNotTheOneThatWasPrinted) {
    Print changed = print();
    changed.report.at("tracks").as_array()[1].as_object()["sha256"] = std::string(64, '0');
    const auto programme = programme_of_print(json::serialize(changed.report), "", kRate);
    ASSERT_FALSE(programme);
    EXPECT_NE(programme.error().message.find("is not the file that was printed"), std::string::npos);
}

} // namespace verify_test
