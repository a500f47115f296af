// SPDX-License-Identifier: Apache-2.0
// Which files are taken, and what is said about the others: one line that names the file and what to do.
#include "audio/sound_file.hpp"

#include "written_file.hpp"

#include <array>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct SoundFileCheck : ::testing::Test {
    std::string refusal(const std::filesystem::path& path) {
        const auto info = inspect_sound_file(path);
        if (info) {
            return "accepted";
        }
        const std::string& message = info.error().message;
        EXPECT_THAT(message, ::testing::StartsWith(path.string() + ": "));
        EXPECT_THAT(message, Not(HasSubstr("\n")));
        EXPECT_THAT(message, HasSubstr("; ")) << "says what to do";
        return message;
    }
    SoundFolder folder;
};

TEST_F(SoundFileCheck, TellsWhatAFileIs) {
    struct Case {
        const char* name;
        int format, rate_hz, channels;
        const char *container, *samples;
    };
    for (const Case& one :
         {Case{"a.wav", kWav16, 44100, 2, "WAV", "16-bit"}, Case{"b.wav", kWav24, 48000, 1, "WAV", "24-bit"},
          Case{"c.wav", kWav32, 192000, 2, "WAV", "32-bit"}, Case{"d.wav", kWavFloat, 88200, 2, "WAV", "float"},
          Case{"e.wav", kRf64Of24, 96000, 2, "RF64", "24-bit"}, Case{"f.flac", kFlac16, 44100, 1, "FLAC", "16-bit"},
          Case{"g.flac", kFlac24, 176400, 2, "FLAC", "24-bit"},
          Case{"h", SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, 48000, 2, "WAV", "24-bit"}}) {
        const auto path = folder.write(one.name, one.format, one.rate_hz, one.channels, wild_samples(2000, 16));
        const auto info = inspect_sound_file(path);
        ASSERT_TRUE(info) << info.error().message;
        EXPECT_EQ(info->path, path);
        EXPECT_EQ(info->container, one.container) << one.name;
        EXPECT_EQ(info->sample_format, one.samples) << one.name;
        EXPECT_EQ(info->sample_rate_hz, one.rate_hz);
        EXPECT_EQ(info->channels, one.channels);
        EXPECT_EQ(info->frames, 2000 / one.channels);
    }
}

TEST_F(SoundFileCheck, HashesTheWholeFile) {
    // digest by coreutils' sha256sum of the same 46 bytes
    std::string wav(
        "RIFF\x26\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\x02\0\0\0\x34\x12", 46);
    const auto info = inspect_sound_file(folder.write_bytes("one.wav", wav));
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->frames, 1);
    EXPECT_EQ(info->sha256, "6ba2febfdbc1b60ad58d72f3574751468d43ca94b9448cecbf4bdbdc4b3f9e10");
}

TEST_F(SoundFileCheck, MissingFile) {
    EXPECT_THAT(refusal(folder.path() / "gone.wav"), HasSubstr("no such file"));
}

TEST_F(SoundFileCheck, Directory) {
    EXPECT_THAT(refusal(folder.path()), HasSubstr("is a directory"));
}

TEST_F(SoundFileCheck, Device) {
    EXPECT_THAT(refusal("/dev/null"), HasSubstr("not a regular file"));
}

TEST_F(SoundFileCheck, Unreadable) {
    const auto path = folder.write("secret.wav", kWav16, 48000, 2, wild_samples(200, 16));
    ::chmod(path.c_str(), 0);
    ::chmod(folder.path().c_str(), 0755);
    const bool root = ::geteuid() == 0; // reads everything, so the check runs as nobody
    if (root) {
        ASSERT_EQ(::seteuid(65534), 0);
    }
    const std::string message = refusal(path);
    if (root) {
        ASSERT_EQ(::seteuid(0), 0);
    }
    EXPECT_THAT(message, HasSubstr("cannot be read (Permission denied)"));
}

TEST_F(SoundFileCheck, Empty) {
    EXPECT_THAT(refusal(folder.write_bytes("empty.wav", "")), HasSubstr("is empty"));
}

TEST_F(SoundFileCheck, TextNamedWav) {
    EXPECT_THAT(refusal(folder.write_bytes("notes.wav", "Side A\n1. Overture 3:12\n")),
                HasSubstr("is text and not a sound file"));
}

TEST_F(SoundFileCheck, Rubbish) {
    EXPECT_THAT(refusal(folder.write_bytes("x.flac", std::string("\x01\x02\x03\x00", 4))),
                HasSubstr("is not a sound file"));
}

TEST_F(SoundFileCheck, TruncatedWav) {
    const auto path = folder.write("cut.wav", kWav24, 48000, 2, wild_samples(2000, 24));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    EXPECT_THAT(refusal(path),
                AllOf(HasSubstr("is truncated"), HasSubstr("promises 6000 bytes"), HasSubstr("holds 5999")));
    std::filesystem::resize_file(path, 30);
    EXPECT_THAT(refusal(path), HasSubstr("truncated or damaged"));
    std::filesystem::resize_file(path, 6);
    EXPECT_THAT(refusal(path), Not(HasSubstr("accepted")));
}

TEST_F(SoundFileCheck, TruncatedRf64) {
    const auto path = folder.write("cut.wav", kRf64Of24, 48000, 2, wild_samples(2000, 24));
    ASSERT_EQ(bytes_of(path).substr(0, 4), "RF64");
    EXPECT_EQ(refusal(path), "accepted");
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 6);
    EXPECT_THAT(refusal(path),
                AllOf(HasSubstr("is truncated"), HasSubstr("promises 6000 bytes"), HasSubstr("holds 5994")));
}

TEST_F(SoundFileCheck, TruncatedOrDamagedFlac) {
    const auto path = folder.write("cut.flac", kFlac24, 48000, 2, wild_samples(40000, 24));
    EXPECT_EQ(refusal(path), "accepted");
    std::string bytes = bytes_of(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x55);
    EXPECT_THAT(refusal(folder.write_bytes("flipped.flac", bytes)), HasSubstr("is truncated or damaged"));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    EXPECT_THAT(refusal(path), AllOf(HasSubstr("is truncated or damaged"), HasSubstr("promises 20000 frames")));
}

TEST_F(SoundFileCheck, FlacOfUnknownLength) {
    std::string bytes = bytes_of(folder.write("a.flac", kFlac24, 48000, 2, wild_samples(4000, 24)));
    // total samples: the last 36 of the 144 bits between the fLaC mark, the block header (4 + 4 bytes) and the MD5 (RFC
    // 9639, 8.2)
    bytes[8 + 13] = static_cast<char>(bytes[8 + 13] & 0xf0);
    bytes.replace(8 + 14, 4, std::string(4, '\0'));
    EXPECT_THAT(refusal(folder.write_bytes("pipe.flac", bytes)), HasSubstr("does not say how long it is"));
}

TEST_F(SoundFileCheck, UnfinishedHeader) {
    const auto path = folder.write("live.wav", kWav16, 48000, 2, wild_samples(6000, 16));
    std::string bytes = bytes_of(path);
    const std::size_t at = bytes.find("data");
    bytes.replace(at + 4, 4, "\xff\xff\xff\xff");
    EXPECT_THAT(refusal(folder.write_bytes("pipe.wav", bytes)), HasSubstr("unfinished header"));
    bytes.replace(at + 4, 4, std::string(4, '\0'));
    EXPECT_THAT(refusal(folder.write_bytes("crash.wav", bytes)), HasSubstr("unfinished header"));
}

TEST_F(SoundFileCheck, LargerThanAWavHeaderCanSay) {
    const auto path = folder.write("long.wav", kWav16, 48000, 2, wild_samples(200, 16));
    std::filesystem::resize_file(path, (std::uintmax_t{1} << 32U) + 100); // sparse
    EXPECT_THAT(refusal(path), HasSubstr("export it as RF64"));
}

TEST_F(SoundFileCheck, ChunksAfterAndBeforeTheAudioAreNoTruncation) {
    const auto path = folder.write("tagged.wav", kWav16, 48000, 1, wild_samples(101, 16));
    std::string bytes = bytes_of(path);
    const std::size_t at = bytes.find("data");
    const std::string odd_chunk("junk\x03\0\0\0abc\0", 12);
    EXPECT_EQ(refusal(folder.write_bytes("before.wav", bytes.substr(0, at) + odd_chunk + bytes.substr(at))),
              "accepted");
    EXPECT_EQ(refusal(folder.write_bytes("after.wav", bytes + odd_chunk)), "accepted");
}

TEST_F(SoundFileCheck, ZeroFrames) {
    EXPECT_THAT(refusal(folder.write("none.wav", kWav24, 48000, 2, std::vector<int>{})),
                HasSubstr("no audio in it (zero frames)"));
    EXPECT_THAT(refusal(folder.write("none-64.wav", kRf64Of24, 48000, 2, std::vector<int>{})),
                HasSubstr("zero frames"));
    EXPECT_THAT(refusal(folder.write("none.flac", kFlac24, 48000, 2, std::vector<int>{})), Not(HasSubstr("accepted")));
}

TEST_F(SoundFileCheck, SixChannels) {
    EXPECT_THAT(refusal(folder.write("surround.wav", kWav24, 48000, 6, wild_samples(600, 24))),
                AllOf(HasSubstr("has 6 channels"), HasSubstr("mono or stereo")));
}

TEST_F(SoundFileCheck, RatesOutside) {
    EXPECT_THAT(refusal(folder.write("phone.wav", kWav16, 8000, 1, wild_samples(600, 16))),
                HasSubstr("sample rate of 8000 Hz"));
    EXPECT_THAT(refusal(folder.write("fast.wav", kWav16, 384000, 1, wild_samples(600, 16))), HasSubstr("384000 Hz"));
}

TEST_F(SoundFileCheck, SamplesThatAreNoMasters) {
    EXPECT_THAT(refusal(folder.write("old.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 48000, 1, wild_samples(600, 16))),
                HasSubstr("16, 24 or 32-bit"));
    EXPECT_THAT(refusal(folder.write("law.wav", SF_FORMAT_WAV | SF_FORMAT_ALAW, 48000, 1, wild_samples(600, 16))),
                HasSubstr("compressed"));
}

TEST_F(SoundFileCheck, OtherFormatsAreNamedByTheirContent) {
    const auto named = [this](const std::string& bytes) {
        return refusal(folder.write_bytes("master.wav", bytes + std::string(64, '\0')));
    };
    EXPECT_THAT(named(std::string("DSD \x1c\0\0\0", 8)),
                AllOf(HasSubstr("DSD is not supported"), HasSubstr("24-bit WAV")));
    EXPECT_THAT(named(std::string("FRM8\0\0\0\0\0\0\1\0DSD ", 16)), HasSubstr("DSD is not supported"));
    EXPECT_THAT(named("\xff\xfb\x90\x64"), HasSubstr("lossy"));
    EXPECT_THAT(named(std::string("ID3\4\0\0\0\0\0\x05zzzzz\xff\xfb", 17)), HasSubstr("lossy"));
    EXPECT_THAT(named(std::string("OggS\0\2", 6)), HasSubstr("lossy"));
    EXPECT_THAT(named(std::string("FORM\0\0\0\0AIFF", 12)), HasSubstr("AIFF"));
    EXPECT_THAT(named(std::string("RIFF\0\0\0\0AVI ", 12)), HasSubstr("not a WAV"));
    EXPECT_THAT(named(std::string("\0\0\0\x20"
                                  "ftypM4A ",
                                  12)),
                HasSubstr("MPEG-4"));
    EXPECT_THAT(
        refusal(folder.write("v.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 1, std::vector<double>(4800, 0.1))),
        HasSubstr("lossy"));
}

TEST_F(SoundFileCheck, FlacBehindATagIsFlac) {
    const auto path = folder.write("plain.flac", kFlac24, 48000, 2, wild_samples(4000, 24));
    const std::string tag("ID3\4\0\0\0\0\0\x05zzzzz", 15);
    const auto info = inspect_sound_file(folder.write_bytes("tagged.flac", tag + bytes_of(path)));
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->container, "FLAC");
    EXPECT_EQ(info->frames, 2000);
}

} // namespace
} // namespace overbias::audio
