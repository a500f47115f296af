// SPDX-License-Identifier: Apache-2.0
// From a tap into the file and its report, without a deck.
#include "audio/float_file.hpp"
#include "base/sha256.hpp"
#include "mastering/transfer/transfer_recorder.hpp"
#include "taped_signal.hpp"
#include "wave_chunks.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace overbias::test {

namespace fs = std::filesystem;
namespace json = boost::json;
using mastering::TransferEnding;
using mastering::TransferRecorder;
using mastering::TransferRequest;
using mastering::TransferResult;

class TransferRecording : public ::testing::Test {
  protected:
    static constexpr double kRate = 48000.0;
    static constexpr std::int64_t kFirst = 1000; ///< capture frame of the tape's first

    TransferRecording() {
        std::string name = (fs::temp_directory_path() / "overbias-transfer-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
        request_.file = folder_ / "side.wav";
        request_.length_s = 10.0;
        identity_.session_uuid = "01234567-89ab-4cde-8f01-23456789abcd";
        identity_.deck_name = "Deck, with a comma";
        identity_.tape_speed_ips = 15.0;
    }
    ~TransferRecording() override { fs::remove_all(folder_); }

    void make(std::size_t tap_frames = 48000) {
        tap_ = std::make_unique<audio::FrameTap>(tap_frames);
        auto made = TransferRecorder::create(*tap_, kRate, request_, identity_);
        ASSERT_TRUE(made) << made.error().message;
        recorder_ = std::move(made).value();
    }
    void turns() {
        while (recorder_->turn()) {
        }
    }
    /// Frames [from, to) of the tape; the recorder keeps up, or not.
    void play(const std::vector<std::int32_t>& tape, std::int64_t from, std::int64_t to, bool keep_up = true) {
        constexpr std::int64_t kBlock = 480;
        for (std::int64_t at = from; at < to; at += kBlock) {
            const std::int64_t count = std::min(kBlock, to - at);
            tap_->rt_push(kFirst + at, std::span(tape).subspan(static_cast<std::size_t>(2 * at),
                                                               static_cast<std::size_t>(2 * count)));
            if (keep_up) {
                turns();
            }
        }
    }
    TransferResult ended() {
        turns();
        EXPECT_TRUE(recorder_->done());
        return recorder_->result();
    }
    [[nodiscard]] json::value report() const {
        std::ifstream file(folder_ / "side.json");
        std::stringstream text;
        text << file.rdbuf();
        return json::parse(text.str());
    }
    [[nodiscard]] std::vector<std::int32_t> samples() const {
        auto file = audio::FloatFile::open(request_.file);
        if (!file) {
            ADD_FAILURE() << file.error().message;
            return {};
        }
        std::vector<float> floats(static_cast<std::size_t>(2 * file->frames()));
        std::size_t got = 0;
        for (auto piece = file->read(floats); piece && *piece > 0;
             piece = file->read(std::span(floats).subspan(2 * got))) {
            got += *piece;
        }
        EXPECT_EQ(2 * got, floats.size());
        std::vector<std::int32_t> out(floats.size());
        std::transform(floats.begin(), floats.end(), out.begin(),
                       [](float value) { return static_cast<std::int32_t>(std::llrint(value * 2147483648.0)); });
        return out;
    }
    [[nodiscard]] bool holds(const std::vector<std::int32_t>& tape, std::int64_t from, std::int64_t to) const {
        const auto got = samples();
        return got.size() == static_cast<std::size_t>(2 * (to - from)) &&
               std::equal(got.begin(), got.end(), tape.begin() + 2 * from);
    }

    fs::path folder_;
    TransferRequest request_;
    mastering::TransferIdentity identity_;
    std::unique_ptr<audio::FrameTap> tap_;
    std::unique_ptr<TransferRecorder> recorder_;
};

TEST_F(TransferRecording, EveryFrameBetweenBeginAndEndIsInTheFileAndToldOf) {
    TapedSignal signal(kRate, 14.0, -65.0);
    signal.programme(2.0, 5.0, -18.0).programme(8.0, 12.0, -20.0);
    const auto tape = signal.captured();
    make();
    play(tape, 0, 24000);
    recorder_->begin(kFirst + 12345); // already gone by when it is told: what the tap no longer has is lost
    EXPECT_EQ(recorder_->live().phase, mastering::TransferLive::Phase::Waiting);
    recorder_->end(std::nullopt, TransferEnding::Stopped, "");
    EXPECT_EQ(ended().reason, "stopped");
    EXPECT_FALSE(fs::exists(request_.file)); // no frame, no file

    make();
    recorder_->begin(kFirst + 12345);
    recorder_->plays_since(kFirst);
    recorder_->anchor(kFirst + 12345, 100.0, 0.381);
    recorder_->anchor(kFirst + 12345 + 480000, 103.81, 0.381);
    play(tape, 0, 300000);
    recorder_->end(kFirst + 600001, TransferEnding::Length, "");
    play(tape, 300000, 14 * 48000);
    const TransferResult result = ended();

    EXPECT_TRUE(result.pass) << result.words;
    EXPECT_EQ(result.frames, 600001 - 12345);
    EXPECT_TRUE(holds(tape, 12345, 600001));
    const json::value told = report();
    EXPECT_EQ(told.at("verdict").as_string(), "pass");
    EXPECT_TRUE(told.at("reason").is_null());
    EXPECT_EQ(told.at("file").at("sha256").as_string(), *sha256_file(request_.file));
    EXPECT_EQ(told.at("file").at("frames").to_number<std::int64_t>(), 600001 - 12345);
    const auto& tracks = told.at("tracks").as_array();
    ASSERT_EQ(tracks.size(), 2U) << told.at("tracks");
    const double from_s = 12345 / kRate;
    EXPECT_NEAR(tracks[0].at("start_s").to_number<double>(), 2.0 - from_s, 0.02);
    EXPECT_NEAR(tracks[1].at("end_s").to_number<double>(), 12.0 - from_s, 0.02);
    EXPECT_NEAR(tracks[1].at("start_counter_m").to_number<double>(), 100.0 + (8.0 - from_s) * 0.381, 0.01);

    std::string line;
    std::getline(std::ifstream(folder_ / "side.wav.sha256"), line);
    EXPECT_EQ(line, *sha256_file(request_.file) + "  side.wav");
    const WaveChunks wave = WaveChunks::read(request_.file);
    const auto labels = wave.labels();
    ASSERT_EQ(labels.size(), 2U);
    EXPECT_EQ(labels[1].label, "02");
    EXPECT_EQ(labels[0].frame, tracks[0].at("first_frame").to_number<std::uint32_t>());
    EXPECT_NE(wave.at("bext").body.find("A=ANALOGUE,M=stereo,T=Deck; with a comma; 15.00 ips\r\nA=PCM,F=48000,W=24,"),
              std::string::npos);
    EXPECT_NE(wave.at("iXML").body.find("<FILE_SAMPLE_RATE>48000</FILE_SAMPLE_RATE>"), std::string::npos);
}

TEST_F(TransferRecording, WhatTheCardLostIsSilenceOfTheSameLengthAndFails) {
    TapedSignal signal(kRate, 5.0, -65.0);
    auto tape = signal.programme(0.0, 5.0, -18.0).captured();
    make();
    recorder_->begin(kFirst);
    recorder_->plays_since(kFirst);
    play(tape, 0, 96000);
    play(tape, 100000, 240000);
    recorder_->end(kFirst + 240000, TransferEnding::Length, "");
    const TransferResult result = ended();
    EXPECT_FALSE(result.pass);
    EXPECT_EQ(result.reason, "lost_frames");
    std::fill(tape.begin() + 2 * 96000, tape.begin() + 2 * 100000, 0);
    EXPECT_TRUE(holds(tape, 0, 240000));
    const json::value told_of = report();
    const auto& lost = told_of.at("lost").as_array();
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_NEAR(lost[0].at("at_s").to_number<double>(), 2.0, 1e-4);
    EXPECT_EQ(lost[0].at("frames").to_number<int>(), 4000);
    EXPECT_EQ(lost[0].at("cause").as_string(), "card");
    EXPECT_EQ(report().at("dropouts_suspected").at("count").to_number<int>(), 0);
    bool told = false;
    for (const auto& one : recorder_->take_happenings()) {
        told = told || one.kind == "frames_lost";
    }
    EXPECT_TRUE(told);
}

TEST_F(TransferRecording, ARingThatRanOverIsACountedLossOfTheDisks) {
    const auto tape = TapedSignal(kRate, 5.0, -30.0).captured();
    make(24000);
    recorder_->begin(kFirst);
    play(tape, 0, 48000);
    play(tape, 48000, 144000, false); // the disk hangs
    turns();
    play(tape, 144000, 240000);
    recorder_->end(kFirst + 240000, TransferEnding::Length, "");
    const TransferResult result = ended();
    EXPECT_EQ(result.reason, "lost_frames");
    EXPECT_EQ(result.frames, 240000);
    const json::value told_of = report();
    const auto& lost = told_of.at("lost").as_array();
    ASSERT_EQ(lost.size(), 1U);
    EXPECT_EQ(lost[0].at("cause").as_string(), "disk_too_slow");
    const auto count = lost[0].at("frames").to_number<std::int64_t>();
    EXPECT_GE(count, 96000 - 33000); // the ring is rounded up to a power of two
    EXPECT_LT(count, 96000);
    EXPECT_EQ(WaveChunks::read(request_.file).labels().at(0).label, "frames lost");
}

TEST_F(TransferRecording, ClippingFails) {
    TapedSignal signal(kRate, 3.0, -65.0);
    signal.tone(1.0, 2.0, 6.0);
    make();
    recorder_->begin(kFirst);
    play(signal.captured(), 0, 144000);
    recorder_->end(kFirst + 144000, TransferEnding::Length, "");
    const TransferResult result = ended();
    EXPECT_EQ(result.reason, "clipped");
    EXPECT_NE(result.words.find("lower the capture's level"), std::string::npos);
}

TEST_F(TransferRecording, AStopIsTheProperEndOnlyOfATransferWithoutOne) {
    const auto tape = TapedSignal(kRate, 2.0, -30.0).captured();
    make();
    recorder_->begin(kFirst);
    play(tape, 0, 48000);
    recorder_->end(std::nullopt, TransferEnding::Stopped, "it was stopped");
    TransferResult result = ended();
    EXPECT_EQ(result.reason, "stopped");
    EXPECT_NE(result.words.find("side.wav holds 1.0 s"), std::string::npos) << result.words;
    EXPECT_TRUE(holds(tape, 0, 48000)); // valid all the same
    EXPECT_EQ(report().at("verdict").as_string(), "fail");

    request_.file = folder_ / "open.wav";
    request_.length_s.reset();
    make();
    recorder_->begin(kFirst);
    play(tape, 0, 48000);
    recorder_->end(std::nullopt, TransferEnding::Stopped, "it was stopped");
    EXPECT_TRUE(ended().pass);
}

TEST_F(TransferRecording, NothingBesideItIsWrittenOver) {
    for (const char* name : {"side.wav", "side.json", "side.wav.sha256"}) {
        std::ofstream(folder_ / name) << "mine";
        tap_ = std::make_unique<audio::FrameTap>(48000);
        const auto made = TransferRecorder::create(*tap_, kRate, request_, identity_);
        ASSERT_FALSE(made) << name;
        EXPECT_NE(made.error().message.find(name), std::string::npos) << made.error().message;
        EXPECT_NE(made.error().message.find("is there already"), std::string::npos) << made.error().message;
        std::string text;
        std::getline(std::ifstream(folder_ / name), text);
        EXPECT_EQ(text, "mine");
        fs::remove(folder_ / name);
        EXPECT_TRUE(fs::is_empty(folder_));
    }
}

TEST_F(TransferRecording, AFullDiskEndsItWithAValidFile) {
    const auto tape = TapedSignal(kRate, 3.0, -30.0).captured();
    make();
    recorder_->begin(kFirst);
    play(tape, 0, 48000);
    ::rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto* const old = std::signal(SIGXFSZ, SIG_IGN);
    ::rlimit small = before;
    small.rlim_cur = 4096 + 6 * 60000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    play(tape, 48000, 144000);
    EXPECT_NE(recorder_->live().disk_trouble.find("check the space on the disk"), std::string::npos);
    recorder_->end(kFirst + 144000, TransferEnding::Disk, "");
    const TransferResult result = ended();
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    EXPECT_EQ(result.reason, "disk");
    EXPECT_EQ(result.frames, 60000);
    EXPECT_EQ(WaveChunks::read(request_.file).frames(), 60000U);
    EXPECT_TRUE(holds(tape, 0, 60000));
    EXPECT_EQ(report().at("ended_by").as_string(), "disk");
}

TEST_F(TransferRecording, WhatTheDiskGivesBackIsComparedWithWhatWasCaptured) {
    const auto tape = TapedSignal(kRate, 2.0, -30.0).captured();
    make();
    recorder_->begin(kFirst);
    play(tape, 0, 96000);
    {
        std::fstream other(request_.file, std::ios::in | std::ios::out | std::ios::binary);
        other.seekp(4096 + 6 * 1000);
        other.put('\x55');
    }
    recorder_->end(kFirst + 96000, TransferEnding::Length, "");
    const TransferResult result = ended();
    EXPECT_EQ(result.reason, "disk");
    EXPECT_NE(result.words.find("what the disk gives back is not what was captured"), std::string::npos);
}

TEST_F(TransferRecording, ACardThatBeginsAnewEndsIt) {
    const auto tape = TapedSignal(kRate, 2.0, -30.0).captured();
    make();
    recorder_->begin(kFirst);
    play(tape, 0, 48000);
    tap_->rt_push(0, std::span(tape).first(960));
    const TransferResult result = ended();
    EXPECT_EQ(result.reason, "fault");
    EXPECT_EQ(result.frames, 48000);
    EXPECT_TRUE(holds(tape, 0, 48000));
}

} // namespace overbias::test
