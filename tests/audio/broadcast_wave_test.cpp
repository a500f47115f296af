// SPDX-License-Identifier: Apache-2.0
// The writer of Broadcast Wave against two readers: libsndfile, and a strict walker through the chunks.
#include "wave_chunks.hpp"

#include "audio/broadcast_wave.hpp"
#include "audio/broadcast_wave_chunks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <sndfile.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace overbias::test {

namespace fs = std::filesystem;
using audio::BroadcastExtension;
using audio::BroadcastLoudness;
using audio::BroadcastWaveFormat;
using audio::BroadcastWaveWriter;
using audio::WaveMark;

namespace {

constexpr int kRate = 48000;

/// A value for each sample that no other place has, with 24 bits.
std::int32_t sample_at(std::int64_t index) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(index * 7919 + 12345) << 8U);
}

std::vector<std::int32_t> frames_from(std::int64_t first, std::int64_t count) {
    std::vector<std::int32_t> out;
    for (std::int64_t i = 2 * first; i < 2 * (first + count); ++i) {
        out.push_back(sample_at(i));
    }
    return out;
}

BroadcastExtension extension() {
    BroadcastExtension out;
    out.description = "Side A, take 2";
    out.originator = "overbias";
    out.originator_reference = "0123456789abcdef0123456789abcdef";
    out.date = "2026-11-23";
    out.time = "16:30:05";
    out.time_reference = 5'000'000'123ULL;
    out.coding_history = {"A=ANALOGUE,M=stereo,T=Studer A80; 15 ips; IEC1; SM911",
                          "A=PCM,F=48000,W=24,M=stereo,T=overbias"};
    return out;
}

struct Closer {
    void operator()(SNDFILE* file) const { sf_close(file); }
};
struct Opened {
    SF_INFO info{};
    std::unique_ptr<SNDFILE, Closer> file;
    explicit Opened(const fs::path& path) : file(sf_open(path.c_str(), SFM_READ, &info)) {}
    [[nodiscard]] std::vector<std::int32_t> samples() {
        std::vector<std::int32_t> out(static_cast<std::size_t>(info.frames * info.channels));
        if ((info.format & SF_FORMAT_SUBMASK) == SF_FORMAT_FLOAT) {
            std::vector<float> floats(out.size());
            EXPECT_EQ(sf_readf_float(file.get(), floats.data(), info.frames), info.frames);
            std::transform(floats.begin(), floats.end(), out.begin(),
                           [](float value) { return static_cast<std::int32_t>(std::lrint(value * 2147483648.0)); });
            return out;
        }
        out.resize(static_cast<std::size_t>(sf_readf_int(file.get(), out.data(), info.frames) * info.channels));
        return out;
    }
};

} // namespace

class BroadcastWave : public ::testing::Test {
  protected:
    BroadcastWave() {
        std::string name = (fs::temp_directory_path() / "overbias-bwf-XXXXXX").string();
        folder_ = ::mkdtemp(name.data());
    }
    ~BroadcastWave() override { fs::remove_all(folder_); }
    [[nodiscard]] fs::path path(const std::string& name = "tape.wav") const { return folder_ / name; }

    BroadcastWaveWriter writer(const BroadcastWaveFormat& format = {}, const std::string& name = "tape.wav") {
        auto made = BroadcastWaveWriter::create(path(name), format, extension());
        EXPECT_TRUE(made) << (made ? "" : made.error().message);
        return std::move(made).value();
    }

    fs::path folder_;
};

TEST_F(BroadcastWave, SamplesComeBackBitForBitInEveryFormat) {
    for (const char* word : {"24", "32", "float"}) {
        BroadcastWaveFormat format{.sample_rate_hz = 96000};
        format.samples = *BroadcastWaveFormat::samples_of(word);
        const std::string name = std::string(word) + ".wav";
        auto file = writer(format, name);
        const auto sent = frames_from(0, 40001);
        ASSERT_TRUE(file.write(sent)); // more than a piece, and an odd number
        ASSERT_TRUE(file.finish({}, "", {}));
        EXPECT_EQ(file.frames(), 40001);
        EXPECT_FALSE(file.rounded());

        EXPECT_EQ(WaveChunks::read(path(name)).frames(), 40001U);
        Opened read(path(name));
        ASSERT_TRUE(read.file) << sf_strerror(nullptr);
        EXPECT_EQ(read.info.samplerate, 96000);
        EXPECT_EQ(read.info.channels, 2);
        EXPECT_EQ(read.info.format & SF_FORMAT_SUBMASK, word == std::string("24")   ? SF_FORMAT_PCM_24
                                                        : word == std::string("32") ? SF_FORMAT_PCM_32
                                                                                    : SF_FORMAT_FLOAT);
        EXPECT_TRUE(read.samples() == sent) << word;
    }
}

TEST_F(BroadcastWave, WhatIsBelow24BitsIsRoundedToTheNearestAndTold) {
    auto file = writer();
    const std::vector<std::int32_t> sent{(5 << 8) + 127, (5 << 8) + 128, -(5 << 8) - 127, 0x7FFFFFFF};
    ASSERT_TRUE(file.write(sent));
    ASSERT_TRUE(file.finish({}, "", {}));
    EXPECT_TRUE(file.rounded());
    EXPECT_EQ(Opened(path()).samples(),
              (std::vector<std::int32_t>{5 << 8, 6 << 8, -(5 << 8), static_cast<std::int32_t>(0x7FFFFF00)}));
}

TEST_F(BroadcastWave, LibsndfileReadsTheBroadcastExtension) {
    auto file = writer();
    ASSERT_TRUE(file.write(frames_from(0, 4800)));
    ASSERT_TRUE(file.finish(BroadcastLoudness{-18.25, 7.5, -1.02, {}, -14.999}, "", {}));

    Opened read(path());
    ASSERT_TRUE(read.file);
    struct : SF_BROADCAST_INFO {
        std::array<char, 4096> more;
    } info{};
    ASSERT_EQ(sf_command(read.file.get(), SFC_GET_BROADCAST_INFO, &info, sizeof info), SF_TRUE);
    EXPECT_STREQ(info.description, "Side A, take 2");
    EXPECT_STREQ(info.originator, "overbias");
    EXPECT_EQ(std::string(info.originator_reference, 32), "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(std::string(info.origination_date, 10), "2026-11-23");
    EXPECT_EQ(std::string(info.origination_time, 8), "16:30:05");
    EXPECT_EQ(info.time_reference_low + (std::uint64_t{info.time_reference_high} << 32U), 5'000'000'123ULL);
    EXPECT_EQ(info.version, 2);
    EXPECT_EQ(info.loudness_value, -1825);
    EXPECT_EQ(info.loudness_range, 750);
    EXPECT_EQ(info.max_true_peak_level, -102);
    EXPECT_EQ(info.max_momentary_loudness, 0x7FFF); // not known
    EXPECT_EQ(info.max_shortterm_loudness, -1500);
    EXPECT_STREQ(info.coding_history, "A=ANALOGUE,M=stereo,T=Studer A80; 15 ips; IEC1; SM911\r\n"
                                      "A=PCM,F=48000,W=24,M=stereo,T=overbias\r\n");
}

TEST_F(BroadcastWave, MarksAreThereForBothReaders) {
    const std::vector<WaveMark> marks{{100, 2000, "01 odd", "11.20 m"}, {4000, 0, "even", ""}, {4799, 1, "", ""}};
    auto file = writer();
    ASSERT_TRUE(file.write(frames_from(0, 4800)));
    ASSERT_TRUE(file.finish({}, "<BWFXML>x</BWFXML>", marks));

    const WaveChunks wave = WaveChunks::read(path());
    EXPECT_EQ(wave.at("iXML").body, "<BWFXML>x</BWFXML>");
    const auto labels = wave.labels();
    ASSERT_EQ(labels.size(), 3U);
    EXPECT_EQ(labels[0].frame, 100U);
    EXPECT_EQ(labels[0].length, 2000U);
    EXPECT_EQ(labels[0].label, "01 odd");
    EXPECT_EQ(labels[0].note, "11.20 m");
    EXPECT_EQ(labels[1].frame, 4000U);
    EXPECT_EQ(labels[1].length, 0U);
    EXPECT_EQ(labels[1].label, "even");

    Opened read(path());
    std::uint32_t count = 0;
    ASSERT_EQ(sf_command(read.file.get(), SFC_GET_CUE_COUNT, &count, sizeof count), SF_TRUE);
    ASSERT_EQ(count, 3U);
    SF_CUES cues{};
    ASSERT_EQ(sf_command(read.file.get(), SFC_GET_CUE, &cues, sizeof cues), SF_TRUE);
    EXPECT_EQ(cues.cue_points[0].sample_offset, 100U);
    EXPECT_STREQ(cues.cue_points[0].name, "01 odd");
    EXPECT_EQ(cues.cue_points[1].sample_offset, 4000U);
    EXPECT_EQ(cues.cue_points[2].sample_offset, 4799U);
}

TEST_F(BroadcastWave, TextThatBextCanNotHoldIsCutAndMadeAscii) {
    BroadcastExtension odd = extension();
    odd.description = std::string(300, 'x');
    odd.originator = "Tönemeister\tStudio";
    auto file = BroadcastWaveWriter::create(path(), {}, odd);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->finish({}, "", {}));
    const WaveChunks wave = WaveChunks::read(path());
    const std::string& bext = wave.at("bext").body;
    EXPECT_EQ(bext.substr(0, 257), std::string(256, 'x') + "T");
    EXPECT_EQ(bext.substr(256, 18), "T?nemeister Studio");
}

TEST_F(BroadcastWave, ACodingHistoryWithoutRoomIsRefusedBeforeThereIsAFile) {
    BroadcastExtension odd = extension();
    odd.coding_history.emplace_back(4000, 'T');
    const auto file = BroadcastWaveWriter::create(path(), {}, odd);
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().message.find("coding history is too long"), std::string::npos);
    EXPECT_FALSE(fs::exists(path()));
}

TEST_F(BroadcastWave, AFileThatIsThereStaysAsItIs) {
    std::ofstream(path()) << "somebody's only copy";
    const auto file = BroadcastWaveWriter::create(path(), {}, extension());
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().message.find("is there already"), std::string::npos) << file.error().message;
    std::string text;
    std::getline(std::ifstream(path()), text);
    EXPECT_EQ(text, "somebody's only copy");
}

TEST_F(BroadcastWave, AFolderThatCanNotBeWrittenIsNamed) {
    std::ofstream(path("file")) << "x";
    for (const fs::path& place : {path("nowhere") / "tape.wav", path("file") / "tape.wav"}) {
        const auto file = BroadcastWaveWriter::create(place, {}, extension());
        ASSERT_FALSE(file);
        EXPECT_NE(file.error().message.find(place.string()), std::string::npos);
        EXPECT_NE(file.error().message.find("check the folder"), std::string::npos) << file.error().message;
    }
}

TEST_F(BroadcastWave, OutgrowingTheLimitItBecomesAnRf64OnTheSpot) {
    BroadcastWaveFormat format;
    format.rf64_above = 200'000;
    auto file = writer(format);
    ASSERT_TRUE(file.write(frames_from(0, 10000)));
    ASSERT_TRUE(file.keep_valid());
    EXPECT_FALSE(WaveChunks::read(path(), true).rf64); // 64096 bytes
    ASSERT_TRUE(file.write(frames_from(10000, 30000)));
    ASSERT_TRUE(file.keep_valid());
    const WaveChunks growing = WaveChunks::read(path(), true);
    EXPECT_TRUE(growing.rf64);
    EXPECT_EQ(growing.frames(), 40000U);
    ASSERT_TRUE(file.finish({-20.0, {}, {}, {}, {}}, "<BWFXML/>", {{39999, 0, "end", ""}}));

    const WaveChunks wave = WaveChunks::read(path());
    EXPECT_TRUE(wave.rf64);
    EXPECT_EQ(wave.labels().at(0).frame, 39999U);
    Opened read(path());
    ASSERT_TRUE(read.file) << sf_strerror(nullptr);
    EXPECT_EQ(read.info.format & SF_FORMAT_TYPEMASK, SF_FORMAT_RF64);
    EXPECT_TRUE(read.samples() == frames_from(0, 40000));
}

TEST_F(BroadcastWave, AHeaderOfMoreThan4GiBIsReadToTheLastFrame) {
    // the samples are a hole of the file; only the header and the last frame are written
    constexpr std::uint64_t kFrames = 900'000'000;
    constexpr std::uint64_t kData = kFrames * 6;
    static_assert(kData > 0x1'0000'0000ULL);
    const std::string header =
        audio::wave_header({.sample_rate_hz = 192000}, extension(), {BroadcastWaveWriter::kHeaderBytes + kData, kData});
    ASSERT_EQ(header.size(), BroadcastWaveWriter::kHeaderBytes);
    {
        std::ofstream out(path(), std::ios::binary);
        out << header;
        out.seekp(static_cast<std::streamoff>(header.size() + kData - 6));
        out.write("\x01\x02\x03\x04\x05\x06", 6);
    }
    const WaveChunks wave = WaveChunks::read(path());
    EXPECT_TRUE(wave.rf64);
    EXPECT_EQ(wave.frames(), kFrames);
    Opened read(path());
    ASSERT_TRUE(read.file) << sf_strerror(nullptr);
    EXPECT_EQ(read.info.frames, static_cast<sf_count_t>(kFrames));
    ASSERT_EQ(sf_seek(read.file.get(), static_cast<sf_count_t>(kFrames - 1), SEEK_SET),
              static_cast<sf_count_t>(kFrames - 1));
    std::array<int, 2> last{};
    ASSERT_EQ(sf_readf_int(read.file.get(), last.data(), 1), 1);
    EXPECT_EQ(last, (std::array<int, 2>{0x03020100, 0x06050400}));
}

TEST_F(BroadcastWave, AFullDiskLeavesAValidFileOfWhatHadRoom) {
    ::rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    auto* const old = std::signal(SIGXFSZ, SIG_IGN);
    auto file = writer();
    ASSERT_TRUE(file.write(frames_from(0, 10000)));
    ::rlimit small = before;
    small.rlim_cur = 4096 + 6 * 12345 + 2; // in the middle of a frame
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto written = file.write(frames_from(10000, 30000));
    const auto again = file.write(frames_from(40000, 10));
    const auto finished = file.finish({-20.0, {}, {}, {}, {}}, "<BWFXML/>", {{50, 0, "mark", ""}});
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);

    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("it holds 12345 frames; check the space on the disk"), std::string::npos)
        << written.error().message;
    EXPECT_FALSE(again);
    ASSERT_FALSE(finished); // the marks had no room
    EXPECT_NE(finished.error().message.find("marks"), std::string::npos) << finished.error().message;
    EXPECT_EQ(file.frames(), 12345);
    const WaveChunks wave = WaveChunks::read(path()); // strictly: nothing is left behind the samples
    EXPECT_EQ(wave.frames(), 12345U);
    EXPECT_EQ(WaveChunks::number(wave.at("bext").body, 412, 2), 65536U - 2000U); // what had room is there
    EXPECT_TRUE(Opened(path()).samples() == frames_from(0, 12345));
}

TEST_F(BroadcastWave, KilledWhileItWritesItHasLostLessThanASecond) {
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe(told.data()), 0);
    const ::pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) { // a second of tape is ten pieces here, and the header is kept after each ten
        auto made = BroadcastWaveWriter::create(path(), {}, extension());
        for (std::int64_t piece = 0; made; ++piece) {
            if (!made->write(frames_from(piece * kRate / 10, kRate / 10)) || (piece % 10 == 9 && !made->keep_valid()) ||
                ::write(told[1], &piece, sizeof piece) != static_cast<::ssize_t>(sizeof piece)) {
                break;
            }
        }
        ::_exit(1);
    }
    ::close(told[1]);
    std::int64_t piece = 0;
    while (piece < 34 && ::read(told[0], &piece, sizeof piece) == static_cast<::ssize_t>(sizeof piece)) {
    }
    ::kill(child, SIGKILL);
    while (::read(told[0], &piece, sizeof piece) == static_cast<::ssize_t>(sizeof piece)) { // what it still did
    }
    ::close(told[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const WaveChunks wave = WaveChunks::read(path(), true);
    const auto frames = static_cast<std::int64_t>(wave.frames());
    EXPECT_GE(frames, (piece + 1) * kRate / 10 - kRate) << "after " << piece + 1 << " pieces";
    EXPECT_GE(frames, 3 * kRate);
    Opened read(path());
    ASSERT_TRUE(read.file) << sf_strerror(nullptr);
    const auto samples = read.samples();
    ASSERT_GE(samples.size(), static_cast<std::size_t>(2 * frames));
    EXPECT_TRUE(std::equal(samples.begin(), samples.begin() + 2 * frames, frames_from(0, frames).begin()));
}

TEST_F(BroadcastWave, ThrownAwayUnfinishedItIsValid) {
    {
        auto file = writer();
        ASSERT_TRUE(file.write(frames_from(0, 777)));
    }
    EXPECT_EQ(WaveChunks::read(path()).frames(), 777U);
    EXPECT_TRUE(Opened(path()).samples() == frames_from(0, 777));
}

} // namespace overbias::test
