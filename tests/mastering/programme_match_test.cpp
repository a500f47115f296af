// SPDX-License-Identifier: Apache-2.0
// Where in a programme some seconds off tape lie: found on a tape that runs unevenly, is dull and hisses; refused where
// nothing, something else, or something that is everywhere alike is heard.
#include "comparison_programmes.hpp"

#include "audio/demo_programme.hpp"
#include "audio/sound_stretch.hpp"
#include "mastering/known_programme.hpp"
#include "mastering/programme_match.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numbers>
#include <random>

namespace comparison_test {
namespace {

using overbias::Result;
using overbias::audio::at_other_rate;
using overbias::mastering::kMatchRate_hz;
using overbias::mastering::KnownProgramme;
using overbias::mastering::match_programme;
using overbias::mastering::ProgrammeMatch;
using testing::HasSubstr;

struct Tape {
    double speed_error = 0.0003;
    double wow_peak = 0.0002;
    double noise_rms = 1e-4; ///< -80 dBFS
    double gain = 0.9;
};

/// Six seconds of a programme from there on, off that tape. Read by straight lines between the samples, which with the
/// one-pole filter makes it duller than a deck.
std::vector<float> off_tape(const Stereo& programme, double from_s, const Tape& tape = {}) {
    std::mt19937 draw(11);
    std::normal_distribution<double> noise(0.0, tape.noise_rms);
    std::vector<float> out(2 * static_cast<std::size_t>(6.0 * kModelRate));
    double at = from_s * kModelRate;
    std::array<double, 2> dull{};
    for (std::size_t n = 0; n < out.size() / 2; ++n) {
        const auto frame = static_cast<std::size_t>(at);
        const double part = at - std::floor(at);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const double sample =
                programme.at(2 * frame + channel) * (1.0 - part) + programme.at(2 * frame + 2 + channel) * part;
            dull[channel] += 0.7 * (sample - dull[channel]);
            out[2 * n + channel] = static_cast<float>(tape.gain * dull[channel] + noise(draw));
        }
        const double time_s = static_cast<double>(n) / kModelRate;
        at += 1.0 + tape.speed_error + tape.wow_peak * std::sin(2.0 * std::numbers::pi * 0.53 * time_s);
    }
    return at_other_rate(out, kModelRate, kMatchRate_hz);
}

std::vector<float> reference_of(const Stereo& programme) {
    return at_other_rate(programme, kModelRate, kMatchRate_hz);
}

std::string refusal(const Result<ProgrammeMatch>& match) {
    return match ? "matched at " + std::to_string(match->programme_s) : match.error().message;
}

/// Noise of the music's kind, falling with frequency, that comes again every `every_s`; 0: never.
Stereo noise(double duration_s, double every_s, unsigned seed) {
    const auto frames = static_cast<std::size_t>(duration_s * kModelRate);
    std::mt19937 draw(seed);
    std::normal_distribution<float> white(0.0F, 0.05F);
    const double period = every_s > 0.0 ? every_s * kModelRate : duration_s * kModelRate;
    Stereo once(2 * static_cast<std::size_t>(std::ceil(period) + 2.0));
    std::array<float, 2> red{};
    for (std::size_t n = 0; n < once.size(); ++n) {
        red[n % 2] = 0.6F * red[n % 2] + white(draw);
        once[n] = red[n % 2];
    }
    Stereo out(2 * frames);
    for (std::size_t n = 0; n < frames; ++n) {
        const double at = std::fmod(static_cast<double>(n), period);
        const auto frame = static_cast<std::size_t>(at);
        const auto part = static_cast<float>(at - std::floor(at));
        for (std::size_t channel = 0; channel < 2; ++channel) {
            out[2 * n + channel] = once[2 * frame + channel] * (1.0F - part) + once[2 * frame + 2 + channel] * part;
        }
    }
    return out;
}

} // namespace

TEST(ProgrammeMatch, FindsThePlaceToAMillisecond) {
    for (const char* name : {"sparse_piano", "loud_master", "speech", "low_only", "pink", "wide"}) {
        const Stereo& music = programme(name, 1, 40.0);
        const std::vector<float> reference = reference_of(music);
        for (const double from_s : {3.0, 29.7}) {
            const Tape tape;
            const auto match = match_programme(off_tape(music, from_s, tape), reference);
            ASSERT_TRUE(match) << name << " at " << from_s << ": " << match.error().message;
            EXPECT_NEAR(match->programme_s, from_s + match->heard_s * (1.0 + tape.speed_error), 0.001) << name;
            EXPECT_NEAR(match->speed, 1.0003, 0.0002) << name;
            EXPECT_LT(match->uncertainty_s, 0.001) << name;
            EXPECT_FALSE(match->inverted) << name;
        }
    }
}

TEST(ProgrammeMatch, APlaceBetweenTheSamplesIsFoundAndCorrelatesAsWell) {
    // sines, so that the programme is known between the samples too; 6 dB an octave down, as music is
    struct Sine {
        double hz, left, right, phase;
    };
    std::mt19937 draw(21);
    std::uniform_real_distribution<double> any(0.0, 1.0);
    std::vector<Sine> sines(80);
    for (Sine& one : sines) {
        one = {60.0 + 1700.0 * any(draw), 0.0, 0.0, 2.0 * std::numbers::pi * any(draw)};
        one.left = 4.0 / one.hz * any(draw);
        one.right = 4.0 / one.hz * any(draw);
    }
    const auto from_sample = [&](double first, double duration_s) {
        Stereo out(2 * static_cast<std::size_t>(duration_s * kMatchRate_hz), 0.0F);
        for (const Sine& one : sines) {
            for (std::size_t n = 0; n < out.size() / 2; ++n) {
                const double time_s = (first + static_cast<double>(n)) / kMatchRate_hz;
                const double sine = std::sin(2.0 * std::numbers::pi * one.hz * time_s + one.phase);
                out[2 * n] += static_cast<float>(one.left * sine);
                out[2 * n + 1] += static_cast<float>(one.right * sine);
            }
        }
        return out;
    };
    const Stereo reference = from_sample(0.0, 20.0);
    for (const double part : {0.0, 0.2, 0.5, 0.7}) {
        const double first = 30000.0 + part;
        const auto match = match_programme(from_sample(first, 6.0), reference);
        ASSERT_TRUE(match) << match.error().message;
        const double off = (match->programme_s - match->heard_s) * kMatchRate_hz - first;
        EXPECT_NEAR(off, 0.0, 0.1) << "samples, at " << part;
        EXPECT_GT(match->correlation, 0.99) << part;
        EXPECT_EQ(match->agreeing, match->blocks) << part;
    }
}

TEST(ProgrammeMatch, PolarityAndLevelDoNotMatter) {
    const Stereo& music = programme("fades", 1, 40.0);
    const auto match = match_programme(off_tape(music, 15.0, {.gain = -0.2}), reference_of(music));
    ASSERT_TRUE(match) << match.error().message;
    EXPECT_TRUE(match->inverted);
    EXPECT_NEAR(match->programme_s, 15.0 + match->heard_s * 1.0003, 0.001);
}

TEST(ProgrammeMatch, SilenceIsRefused) {
    const Stereo& music = programme("fades", 1, 40.0);
    const Stereo nothing(music.size(), 0.0F);
    EXPECT_THAT(refusal(match_programme(off_tape(nothing, 10.0), reference_of(music))), HasSubstr("audible"));
    EXPECT_THAT(refusal(match_programme(off_tape(music, 10.0), reference_of(nothing))), HasSubstr("like no place"));
}

TEST(ProgrammeMatch, AnotherProgrammeIsRefused) {
    for (const char* name : {"sparse_piano", "loud_master", "mono", "speech", "pink"}) {
        const auto other = match_programme(off_tape(programme(name, 2, 40.0), 10.0), reference_of(programme(name)));
        EXPECT_THAT(refusal(other), HasSubstr("like no place")) << name;
    }
}

TEST(ProgrammeMatch, WhatIsAlikeInMoreThanOnePlaceIsRefused) {
    Stereo tone(2 * static_cast<std::size_t>(30.0 * kModelRate));
    for (std::size_t n = 0; n < tone.size(); ++n) {
        tone[n] = static_cast<float>(
            0.1 * std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(n / 2) / kModelRate));
    }
    EXPECT_THAT(refusal(match_programme(off_tape(tone, 10.0), reference_of(tone))), HasSubstr("more than one place"));
    // a bar again and again; the second of these periods is half a sample of the comparison longer
    for (const double bar_s : {2.0, 2.000125}) {
        const Stereo loop = noise(30.0, bar_s, 5);
        EXPECT_THAT(refusal(match_programme(off_tape(loop, 10.0), reference_of(loop))),
                    HasSubstr("more than one place"))
            << bar_s;
    }
    const Stereo once = noise(30.0, 0.0, 5);
    EXPECT_TRUE(match_programme(off_tape(once, 10.0), reference_of(once)));
}

TEST(ProgrammeMatch, TooLittleIsRefused) {
    const std::vector<float> some(static_cast<std::size_t>(2 * kMatchRate_hz * 6), 0.1F);
    EXPECT_THAT(refusal(match_programme(some, std::span(some).first(1000))), HasSubstr("too little"));
    EXPECT_THAT(refusal(match_programme(std::span(some).first(100), some)), HasSubstr("too little"));
}

namespace {

std::string report_with(const std::string& tracks) {
    return R"({"report":"overbias print","made_utc":"2026-11-23T03:00:00.000Z","reel":{"uuid":"r","speed_ips":15,)"
           R"("slate_counter_uncertainty_m":0.004},"tracks":[)" +
           tracks + "]}";
}

} // namespace

TEST(KnownProgramme, IsReadFromAPrintsReport) {
    const auto known = overbias::mastering::programme_of_report(
        report_with(R"({"file":"/m/a.wav","duration_s":100,"start_counter_m":10,"end_counter_m":48.2},)"
                    R"({"file":"/m/b.wav","duration_s":50,"start_counter_m":50,"end_counter_m":69.05},)"
                    R"({"file":"/m/c.wav","duration_s":50,"start_counter_m":70,"end_counter_m":null})"));
    ASSERT_TRUE(known) << known.error().message;
    ASSERT_EQ(known->tracks.size(), 2U) << "the third was not printed to its end";
    EXPECT_EQ(known->tracks[1].name, "b.wav");
    EXPECT_DOUBLE_EQ(known->tracks[0].place_m(50.0), 29.1);
    EXPECT_DOUBLE_EQ(known->tracks[0].programme_s(29.1), 50.0);
    EXPECT_DOUBLE_EQ(known->begins_m(), 10.0);
    EXPECT_DOUBLE_EQ(known->ends_m(), 69.05);
    EXPECT_DOUBLE_EQ(known->uncertainty_m, 0.004);
}

TEST(KnownProgramme, AReportThatLacksItIsRefused) {
    const auto refused = [](const std::string& report) {
        const auto known = overbias::mastering::programme_of_report(report);
        return known ? std::string("taken") : known.error().message;
    };
    EXPECT_THAT(refused("{"), HasSubstr("cannot be read"));
    EXPECT_THAT(refused("{}"), HasSubstr("is not one"));
    EXPECT_THAT(refused(report_with(R"({"file":"/m/a.wav","duration_s":100})")), HasSubstr("start_counter_m"));
    EXPECT_THAT(refused(report_with("")), HasSubstr("no track"));
    EXPECT_THAT(refused(report_with(R"({"file":"/m/a.wav","duration_s":100,"start_counter_m":10,"end_counter_m":10})")),
                HasSubstr("without length"));
}

TEST(KnownProgramme, AStretchHoldsWhatLiesThereAndSilenceBetween) {
    std::string folder = "/tmp/overbias-known.XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::filesystem::path file = std::filesystem::path(folder) / "a.wav";
    ASSERT_TRUE(overbias::audio::write_demo_programme(file, 20.0, 3));
    KnownProgramme known;
    known.what = "two of the same";
    known.speed_ips = 15.0;
    known.tracks = {{.name = "a", .file = file, .duration_s = 20.0, .start_m = 0.0, .end_m = 7.62},
                    {.name = "b", .file = file, .duration_s = 20.0, .start_m = 8.382, .end_m = 16.002}};
    // from 18 s of the first, over two seconds of nothing, to 4 s of the second
    const auto stretch = overbias::mastering::read_stretch(known, 18.0 * 0.381, 26.0 * 0.381);
    ASSERT_TRUE(stretch) << stretch.error().message;
    ASSERT_EQ(stretch->stereo.size(), static_cast<std::size_t>(2 * 8.0 * kMatchRate_hz));
    const auto whole = overbias::audio::read_sound_stretch(file, 0.0, 20.0, kMatchRate_hz);
    ASSERT_TRUE(whole);
    const auto rms_of_difference = [&](double stretch_s, double programme_s) {
        double sum = 0.0;
        for (int n = 0; n < 2000; ++n) {
            const double off = stretch->stereo.at(static_cast<std::size_t>(2 * kMatchRate_hz * stretch_s) + n) -
                               whole->at(static_cast<std::size_t>(2 * kMatchRate_hz * programme_s) + n);
            sum += off * off;
        }
        return std::sqrt(sum / 2000.0);
    };
    EXPECT_LT(rms_of_difference(1.0, 19.0), 1e-4);
    EXPECT_LT(rms_of_difference(6.0, 2.0), 1e-4);
    EXPECT_GT(rms_of_difference(6.0, 3.0), 1e-2) << "elsewhere it differs, so the test can see it";
    EXPECT_EQ(stretch->stereo.at(static_cast<std::size_t>(2 * kMatchRate_hz * 3.0)), 0.0F);
    const auto place = stretch->at(6.0, known);
    EXPECT_EQ(place.track, 1U);
    EXPECT_NEAR(place.programme_s, 2.0, 0.001);
    EXPECT_NEAR(place.tape_m, 8.382 + 2.0 * 0.381, 0.0005);
    EXPECT_FALSE(overbias::mastering::read_stretch(known, 30.0, 40.0));
    std::filesystem::remove_all(folder);
}

} // namespace comparison_test
