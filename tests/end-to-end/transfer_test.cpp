// SPDX-License-Identifier: Apache-2.0
// The whole way back: what was recorded on the simulated deck comes into a file, with its marks where they belong, and
// with the file told for what it is, whatever ended the transfer.
#include "dsp/meters/loudness_meter.hpp"
#include "taped_signal.hpp"
#include "transfer_rig.hpp"
#include "wave_chunks.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sndfile.h>
#include <string>
#include <vector>
#ifdef OVERBIAS_EBUR128
#include <ebur128.h>
#endif

namespace overbias::test {

namespace fs = std::filesystem;
namespace json = boost::json;
using controller::ErrorCode;
using controller::JobEnd;
using controller::JobEnding;

namespace {

constexpr double kTransferRate = 48000.0;
constexpr double kHeads_m = 0.0351; ///< of the simulated deck

struct PlannedTrack {
    double from_s, to_s;
};
constexpr std::array kPlan{PlannedTrack{1.0, 7.0}, PlannedTrack{10.0, 15.0}, PlannedTrack{17.5, 21.5}};

const std::vector<std::int32_t>& programme() {
    static const std::vector<std::int32_t> frames = [] {
        TapedSignal signal(kTransferRate, 23.0, -120.0);
        signal.programme(kPlan[0].from_s, kPlan[0].to_s, -20.0)
            .programme(kPlan[1].from_s, kPlan[1].to_s, -26.0)
            .programme(kPlan[2].from_s, kPlan[2].to_s, -18.0);
        return signal.captured();
    }();
    return frames;
}

/// A reel with three tracks, wound back; where the counter stood at their onsets and ends.
std::vector<double> printed(TransferRig& rig) {
    std::vector<std::int64_t> frames;
    for (const PlannedTrack& track : kPlan) {
        frames.push_back(static_cast<std::int64_t>(track.from_s * kTransferRate));
        frames.push_back(static_cast<std::int64_t>(track.to_s * kTransferRate));
    }
    auto places = rig.record(programme(), frames);
    for (double& place : places) {
        place += kHeads_m; // heard later than recorded
    }
    return places;
}

std::vector<float> samples_of(const fs::path& file, SF_INFO& info) {
    info = {};
    SNDFILE* opened = sf_open(file.c_str(), SFM_READ, &info);
    EXPECT_NE(opened, nullptr) << sf_strerror(nullptr);
    std::vector<float> samples(static_cast<std::size_t>(2 * info.frames));
    EXPECT_EQ(sf_readf_float(opened, samples.data(), info.frames), info.frames);
    sf_close(opened);
    return samples;
}

#ifdef OVERBIAS_EBUR128
struct PeerLoudness {
    double integrated = 0.0, true_peak_dbtp = 0.0;
    PeerLoudness(const std::vector<float>& samples, std::size_t first, std::size_t end) {
        ebur128_state* state = ebur128_init(2, static_cast<unsigned long>(kTransferRate),
                                            static_cast<int>(EBUR128_MODE_I) | EBUR128_MODE_TRUE_PEAK);
        ebur128_add_frames_float(state, samples.data() + 2 * first, end - first);
        ebur128_loudness_global(state, &integrated);
        std::array<double, 2> peaks{};
        ebur128_true_peak(state, 0, &peaks[0]);
        ebur128_true_peak(state, 1, &peaks[1]);
        true_peak_dbtp = 20.0 * std::log10(std::max(peaks[0], peaks[1]));
        ebur128_destroy(&state);
    }
};
#endif

} // namespace

TEST(Transfer, AReelComesBackWithItsMarksAndItsPapers) {
    TransferRig rig;
    const auto places = printed(rig);
    rig.locate(0.0);
    rig.transport->arm(); // somebody has forgotten it
    const auto reply = rig.transfer({{"file", "reel.wav"},
                                     {"from", places.front()},
                                     {"to", places.back()},
                                     {"title", "Side A"},
                                     {"tape", "Reel 7"},
                                     {"note", "test & <print>"}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const JobEnd end = rig.finish();
    const fs::path file = rig.folder() / "reel.wav";
    EXPECT_EQ(end.ending, JobEnding::Pass) << end.reason;
    EXPECT_EQ(end.name, "transfer");
    EXPECT_FALSE(rig.recorded_while_transferring);
    EXPECT_EQ(rig.transport->state().arm, transport::RecordArm::Safe);
    EXPECT_EQ(rig.transport->state().current, transport::Motion::Stopped);

    const json::value report = rig.report();
    EXPECT_EQ(report.at("verdict").as_string(), "pass");
    EXPECT_EQ(json::parse(end.report), report);
    EXPECT_EQ(report.at("ended_by").as_string(), "place");
    // pre-roll, the tape between the places (it runs 0.04 % fast), post-roll
    EXPECT_NEAR(report.at("file").at("duration_s").to_number<double>(), 2.0 + 20.5 + 2.0, 0.1);
    const auto& tracks = report.at("tracks").as_array();
    ASSERT_EQ(tracks.size(), kPlan.size()) << report;
    SF_INFO info{};
    const std::vector<float> samples = samples_of(file, info);
    const double zero_s = tracks[0].at("start_s").to_number<double>() - kPlan[0].from_s;
    EXPECT_NEAR(tracks[0].at("start_s").to_number<double>(), 2.0, 0.05);
    const WaveChunks wave = WaveChunks::read(file);
    const auto labels = wave.labels();
    ASSERT_EQ(labels.size(), kPlan.size());
    for (std::size_t n = 0; n < kPlan.size(); ++n) {
        EXPECT_NEAR(tracks[n].at("start_s").to_number<double>() - zero_s, kPlan[n].from_s, 0.05);
        EXPECT_NEAR(tracks[n].at("end_s").to_number<double>() - zero_s, kPlan[n].to_s, 0.05);
        EXPECT_NEAR(tracks[n].at("start_counter_m").to_number<double>(), places[2 * n], 0.05 * 0.381);
        EXPECT_NEAR(tracks[n].at("end_counter_m").to_number<double>(), places[2 * n + 1], 0.05 * 0.381);
        EXPECT_EQ(labels[n].frame, tracks[n].at("first_frame").to_number<std::uint32_t>());
        EXPECT_EQ(labels[n].length, tracks[n].at("frames").to_number<std::uint32_t>());
#ifdef OVERBIAS_EBUR128
        const auto first = tracks[n].at("first_frame").to_number<std::size_t>();
        const PeerLoudness peer(samples, first, first + tracks[n].at("frames").to_number<std::size_t>());
        const json::value& loudness = tracks[n].at("loudness");
        EXPECT_NEAR(loudness.at("integrated_lufs").to_number<double>(), peer.integrated, 0.02);
        EXPECT_NEAR(loudness.at("true_peak_dbtp").to_number<double>(), peer.true_peak_dbtp, 0.2);
#endif
    }
#ifdef OVERBIAS_EBUR128
    const PeerLoudness whole(samples, 0, samples.size() / 2);
    EXPECT_NEAR(report.at("loudness").at("integrated_lufs").to_number<double>(), whole.integrated, 0.02);
    EXPECT_NEAR(report.at("loudness").at("true_peak_dbtp").to_number<double>(), whole.true_peak_dbtp, 0.2);
#endif
    dsp::LoudnessMeter range(kTransferRate); // libebur128 takes S once a second, too seldom for half a minute
    range.process(samples);
    EXPECT_NEAR(report.at("loudness").at("range_lu").to_number<double>(), range.range()->lu, 0.02);
    const json::value& speed = report.at("speed");
    EXPECT_NEAR(speed.at("mean_ips").to_number<double>(), 15.0, 0.05) << speed;

    // other readers
    const std::string check = "cd '" + rig.folder().string() + "' && sha256sum -c --quiet --strict reel.wav.sha256";
    EXPECT_EQ(std::system(check.c_str()), 0);
    SNDFILE* opened = sf_open(file.c_str(), SFM_READ, &info);
    struct : SF_BROADCAST_INFO {
        std::array<char, 4096> more;
    } bext{};
    ASSERT_EQ(sf_command(opened, SFC_GET_BROADCAST_INFO, &bext, sizeof bext), SF_TRUE);
    EXPECT_STREQ(bext.description, "Side A; Reel 7; test & <print>");
    EXPECT_STREQ(bext.coding_history, "A=ANALOGUE,M=stereo,T=Rig; 15.00 ips; IEC1\r\n"
                                      "A=PCM,F=48000,W=24,M=stereo,T=overbias 0\r\n");
    EXPECT_NEAR(bext.loudness_value / 100.0, report.at("loudness").at("integrated_lufs").to_number<double>(), 0.006);
    std::uint32_t cues = 0;
    EXPECT_EQ(sf_command(opened, SFC_GET_CUE_COUNT, &cues, sizeof cues), SF_TRUE);
    EXPECT_EQ(cues, kPlan.size());
    sf_close(opened);
    const std::string& ixml = wave.at("iXML").body;
    for (const char* line :
         {"<TAPE>Reel 7</TAPE>", "test &amp; &lt;print&gt;", "<TRACK_COUNT>2</TRACK_COUNT>",
          "<AUDIO_BIT_DEPTH>24</AUDIO_BIT_DEPTH>", "<ORIGINAL_FILENAME>reel.wav</ORIGINAL_FILENAME>"}) {
        EXPECT_NE(ixml.find(line), std::string::npos) << line << " in\n" << ixml;
    }

    // what was told on the way
    std::set<std::string> kinds;
    for (const auto& event : rig.events) {
        kinds.insert(event.kind);
        EXPECT_NE(event.kind, "dropout_suspected");
    }
    EXPECT_TRUE(kinds.contains("transfer_begins"));
    EXPECT_TRUE(kinds.contains("gap"));
    EXPECT_TRUE(kinds.contains("programme"));
    EXPECT_TRUE(kinds.contains("transferred"));
    ASSERT_GE(rig.told.size(), 2U);
    EXPECT_EQ(rig.told.back(), "null");
}

TEST(Transfer, StopIsTheProperEndOfOneWithoutAnEnd) {
    TransferRig rig;
    printed(rig);
    rig.locate(0.0);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}}).ok());
    rig.capture(5.0);
    rig.runner->cancel("stopped by the operator");
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Pass) << end.reason;
    // 5 s of deck time, by a card whose crystal is some tens of ppm off
    EXPECT_GE(WaveChunks::read(rig.folder() / "reel.wav").frames(), 5 * 48000U - 24U);
    EXPECT_EQ(rig.report().at("ended_by").as_string(), "stopped");
}

TEST(Transfer, StoppedBeforeItsEndItIsAValidFileToldWithItsLength) {
    TransferRig rig;
    printed(rig);
    rig.locate(0.0);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}, {"length_s", 15}}).ok());
    rig.capture(5.0);
    rig.runner->cancel("stopped by the operator");
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Cancelled);
    const double length_s = static_cast<double>(WaveChunks::read(rig.folder() / "reel.wav").frames()) / kTransferRate;
    EXPECT_GE(length_s, 5.0);
    EXPECT_NE(end.reason.find("reel.wav holds " + std::to_string(length_s).substr(0, 2)), std::string::npos)
        << end.reason;
    EXPECT_EQ(rig.report().at("reason").as_string(), "stopped");
}

TEST(Transfer, AFaultOfTheMachineLeavesAValidFile) {
    TransferRig rig;
    printed(rig);
    rig.locate(0.0);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}}).ok());
    rig.capture(4.0);
    rig.transport->raise_fault("the expander is unplugged");
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Fault);
    EXPECT_NE(end.reason.find("the expander is unplugged"), std::string::npos) << end.reason;
    EXPECT_NE(end.reason.find("reel.wav holds"), std::string::npos) << end.reason;
    EXPECT_GE(WaveChunks::read(rig.folder() / "reel.wav").frames(), 4 * 48000U);
    EXPECT_EQ(rig.report().at("reason").as_string(), "fault");
}

TEST(Transfer, TheTapesEndIsTheEnd) {
    deck_sim::Settings settings;
    settings.tape_length_m = 22.0; // ten metres from where it stands
    TransferRig rig({}, settings);
    ASSERT_TRUE(rig.transfer({{"file", "open.wav"}}).ok());
    JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Pass) << end.reason;
    EXPECT_EQ(rig.report("open.json").at("ended_by").as_string(), "tape_out");
    EXPECT_NEAR(rig.report("open.json").at("file").at("duration_s").to_number<double>(), 10.0 / 0.381, 2.0);
}

TEST(Transfer, ATapeThatEndsBeforeThePlaceFails) {
    deck_sim::Settings settings;
    settings.tape_length_m = 22.0;
    TransferRig rig({}, settings);
    ASSERT_TRUE(rig.transfer({{"file", "short.wav"}, {"length_s", 60}}).ok());
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Fault) << end.reason;
    EXPECT_EQ(rig.report("short.json").at("reason").as_string(), "tape_out");
    EXPECT_GT(WaveChunks::read(rig.folder() / "short.wav").frames(), 20 * 48000U);
}

TEST(Transfer, SilenceEndsItWhenProgrammeWasHeard) {
    TransferRig rig;
    const auto places = printed(rig);
    rig.locate(places.front() - 0.5 * rig.metres_a_second());
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}, {"until_silence", true}, {"silence_s", 4}}).ok());
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Pass) << end.reason;
    const json::value report = rig.report();
    EXPECT_EQ(report.at("ended_by").as_string(), "silence");
    EXPECT_EQ(report.at("tracks").as_array().size(), 3U); // no gap is 4 s long
    const double after_s = report.at("file").at("duration_s").to_number<double>() -
                           report.at("tracks").as_array().back().at("end_s").to_number<double>();
    EXPECT_GE(after_s, 3.9);
    EXPECT_LE(after_s, 4.0 + 2.3); // simulated time may be 2 s ahead of the recorder
}

TEST(Transfer, FramesThatTheCardLostAreToldAndFailIt) {
    TransferRig rig({"xrun:programme_s=6,length_ms=80,direction=capture"});
    printed(rig);
    rig.locate(0.0);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}, {"length_s", 12}, {"post_roll_s", 0}}).ok());
    rig.deck->programme_starts(rig.timeline.now());
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Fail);
    const json::value report = rig.report();
    EXPECT_EQ(report.at("reason").as_string(), "lost_frames");
    ASSERT_EQ(report.at("lost").as_array().size(), 1U);
    EXPECT_NEAR(report.at("lost").at(0).at("length_ms").to_number<double>(), 80.0, 25.0);
    EXPECT_NEAR(report.at("lost").at(0).at("at_s").to_number<double>(), 6.0, 0.3);
    EXPECT_EQ(WaveChunks::read(rig.folder() / "reel.wav").frames(), 12 * 48000U); // every place stays what it is
}

TEST(Transfer, SeveralInARowNeverTouchEachOther) {
    TransferRig rig;
    const json::object short_one{{"length_s", 1}, {"post_roll_s", 0}, {"title", "Side/A"}};
    std::set<fs::path> files;
    for (int n = 0; n < 3; ++n) {
        const auto reply = rig.transfer(short_one);
        ASSERT_TRUE(reply.ok()) << reply.message;
        const fs::path file(json::parse(reply.result).at("file").as_string().c_str());
        EXPECT_EQ(file.parent_path(), rig.folder());
        EXPECT_TRUE(files.insert(file).second);
        EXPECT_EQ(rig.finish().ending, JobEnding::Pass);
        EXPECT_EQ(WaveChunks::read(file).frames(), 48000U);
    }
    const auto again = rig.transfer({{"file", files.begin()->filename().string()}, {"length_s", 1}});
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.code, ErrorCode::UnusableInput);
    EXPECT_NE(again.message.find("is there already"), std::string::npos) << again.message;
    EXPECT_FALSE(rig.runner->busy());
}

TEST(Transfer, WhatCanNotBeDoneIsRefusedWithWords) {
    TransferRig rig;
    const auto refusal = [&rig](const json::object& given, bool local = true) {
        const auto reply = rig.transfer(given, local);
        EXPECT_FALSE(reply.ok());
        EXPECT_FALSE(rig.runner->busy());
        EXPECT_TRUE(fs::is_empty(rig.folder()));
        return reply.message;
    };
    EXPECT_NE(refusal({{"file", "reel.flac"}}).find(".wav"), std::string::npos);
    EXPECT_NE(refusal({{"file", "/tmp/elsewhere.wav"}}, false).find("is not in"), std::string::npos);
    EXPECT_NE(refusal({{"file", "../reel.wav"}}).find("without a folder"), std::string::npos);
    EXPECT_NE(refusal({{"file", "../reel.wav"}}, false).find("is not in"), std::string::npos);
    EXPECT_NE(refusal({{"file", "/nowhere/reel.wav"}}).find("check the folder"), std::string::npos);
    EXPECT_NE(refusal({{"file", "a.wav"}, {"length_s", 5}, {"to", 9}}).find("one end"), std::string::npos);
    EXPECT_NE(refusal({{"file", "a.wav"}, {"from", 9}, {"to", 8}}).find("before it begins"), std::string::npos);
    EXPECT_NE(refusal({{"file", "a.wav"}, {"pre_roll_s", 3}}).find("pre-roll"), std::string::npos);
    EXPECT_NE(refusal({{"file", "a.wav"}, {"silence_s", 3}}).find("until_silence"), std::string::npos);
}

TEST(Transfer, APlaceThatIsNotKnownIsRefusedAndLeavesNoFile) {
    TransferRig rig({}, {}, false);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}, {"from", 10}}).ok());
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Refused);
    EXPECT_NE(end.reason.find("not known"), std::string::npos) << end.reason;
    EXPECT_TRUE(fs::is_empty(rig.folder()));
}

TEST(Transfer, TheLibraryWindComesLast) {
    deck_sim::Settings settings;
    settings.tape_length_m = 60.0;
    TransferRig rig({}, settings);
    ASSERT_TRUE(rig.transfer({{"file", "reel.wav"}, {"length_s", 2}, {"library_wind", true}}).ok());
    const JobEnd end = rig.finish();
    EXPECT_EQ(end.ending, JobEnding::Pass) << end.reason;
    EXPECT_EQ(rig.transport->state().current, transport::Motion::TapeOut);
    EXPECT_EQ(WaveChunks::read(rig.folder() / "reel.wav").frames(), 4 * 48000U);
}

} // namespace overbias::test
