// SPDX-License-Identifier: Apache-2.0
// Decoding in a child: the same frames as in one's own process, and a decoder that crashes, hangs, lies or tries what
// it may not is an error about its file and nothing more.
#include "audio/decoder/decoded_sound.hpp"
#include "audio/sound_file.hpp"

#include "written_file.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ;

namespace overbias::audio {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::filesystem::path built(const char* what) {
    const char* const folder = std::getenv("OVERBIAS_BINARY_DIR");
    return std::filesystem::path(folder != nullptr ? folder : ".") / what;
}

/// Far beyond what a busy machine needs; tests of silence give their own.
constexpr std::chrono::milliseconds kLong{60000};

struct Decoder : ::testing::Test {
    Decoder() { use("bin/overbias-decoder"); }
    ~Decoder() override { decode_in_process(); }
    static void use(const char* program, std::chrono::milliseconds patience = kLong,
                    std::chrono::milliseconds start_patience = kLong) {
        const auto used =
            decode_in_child({.program = built(program), .patience = patience, .start_patience = start_patience});
        ASSERT_TRUE(used) << used.error().message;
    }
    static void misbehave(std::chrono::milliseconds patience = kLong,
                          std::chrono::milliseconds start_patience = kLong) {
        use("tests/audio/misbehaving-decoder", patience, start_patience);
    }
    /// A good WAV of a second (16-bit stereo) that tells the misbehaving decoder what to do.
    std::filesystem::path file_that_says(const std::string& what) {
        const auto path = folder.write("song.wav", kWav16, 48000, 2, wild_samples(96000, 16));
        const std::string order = "do:" + what + ";";
        std::string chunk = "note";
        chunk += {static_cast<char>(order.size()), 0, 0, 0};
        std::ofstream(path, std::ios::binary | std::ios::app) << chunk << order;
        return path;
    }
    /// One line about the file, from looking at it.
    static std::string refused(const std::filesystem::path& path) {
        const auto info = inspect_sound_file(path);
        EXPECT_FALSE(info) << "accepted";
        const std::string message = info ? "accepted" : info.error().message;
        EXPECT_THAT(message, StartsWith(path.string() + ": "));
        EXPECT_THAT(message, Not(HasSubstr("\n")));
        return message;
    }
    std::string refusal(const std::string& what) { return refused(file_that_says(what)); }
    /// The same from reading the frames, of a file that was looked at before.
    std::string broken(const std::string& what) {
        decode_in_process();
        const auto info = inspect_sound_file(file_that_says(what));
        EXPECT_TRUE(info);
        misbehave();
        auto reader = open_programme(*info, {});
        if (!reader) {
            return reader.error().message;
        }
        std::vector<std::int32_t> out(2000);
        for (;;) {
            const auto got = (*reader)->read(out);
            if (!got) {
                EXPECT_THAT(got.error().message, StartsWith(info->path.string() + ": "));
                return got.error().message;
            }
            if (*got == 0) {
                return "read to its end";
            }
        }
    }
    static Result<std::vector<std::int32_t>> frames_of(const std::filesystem::path& path, ProgrammeOptions options) {
        const auto info = inspect_sound_file(path);
        if (!info) {
            return info.error();
        }
        auto reader = open_programme(*info, options);
        if (!reader) {
            return reader.error();
        }
        std::vector<std::int32_t> all;
        std::vector<std::int32_t> piece(2 * 1001);
        for (;;) {
            const auto got = (*reader)->read(piece);
            if (!got) {
                return got.error();
            }
            if (*got == 0) {
                return all;
            }
            all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got * 2));
        }
    }
    SoundFolder folder;
};

TEST_F(Decoder, GivesTheSameFramesAsThisProcess) {
    struct Case {
        const char* name;
        int format, rate_hz, channels;
        std::size_t samples; ///< more than the blocks of the ring, and exactly some of them
    };
    const ProgrammeOptions options{.sample_rate_hz = 48000.0, .trim_db = -12.0};
    for (const Case& one : {Case{"a.wav", kWav16, 48000, 2, 1000001 * 2}, Case{"b.wav", kWav24, 44100, 1, 8192 * 3},
                            Case{"c.wav", kWav32, 96000, 2, 8192 * 2}, Case{"d.rf64", kRf64Of24, 48000, 2, 4242},
                            Case{"e.flac", kFlac24, 48000, 2, 300000}, Case{"f.wav", kWavFloat, 48000, 1, 70000},
                            Case{"g.wav", SF_FORMAT_WAV | SF_FORMAT_DOUBLE, 88200, 2, 70000}}) {
        const auto samples = wild_samples(one.samples, 16);
        std::vector<double> fractions;
        std::ranges::transform(samples, std::back_inserter(fractions),
                               [](int sample) { return 0.9 * sample * 0x1p-31; });
        const bool is_float = sample_kind(one.format) != SampleKind::Integer;
        const auto path = is_float ? folder.write(one.name, one.format, one.rate_hz, one.channels, fractions)
                                   : folder.write(one.name, one.format, one.rate_hz, one.channels, samples);
        const auto here = open_in_child(SoundDescriptor::open(path).value(), decoder_settings());
        ASSERT_TRUE(here) << here.error().message;
        const auto child = frames_of(path, options);
        ASSERT_TRUE(child) << child.error().message;
        decode_in_process();
        const auto own = frames_of(path, options);
        ASSERT_TRUE(own) << own.error().message;
        EXPECT_EQ(*child, *own) << one.name;
        EXPECT_GT(child->size(), one.samples / 4) << one.name;
        use("bin/overbias-decoder");
    }
}

TEST_F(Decoder, ExactFramesPassBitForBit) {
    const auto samples = wild_samples(200001 * 2, 24);
    const auto got = frames_of(folder.write("exact.wav", kWav24, 48000, 2, samples), {.sample_rate_hz = 48000.0});
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(*got, std::vector<std::int32_t>(samples.begin(), samples.end()));
}

TEST_F(Decoder, ManyFilesAreOpenAtATime) {
    const auto path = folder.write("many.wav", kWav16, 48000, 2, wild_samples(100000, 16));
    const auto info = inspect_sound_file(path);
    ASSERT_TRUE(info) << info.error().message;
    std::vector<std::unique_ptr<ProgrammeReader>> readers;
    for (int i = 0; i < 24; ++i) {
        auto reader = open_programme(*info, {});
        ASSERT_TRUE(reader) << i << reader.error().message;
        readers.push_back(std::move(reader).value());
    }
    std::vector<std::int32_t> out(100000);
    for (const auto& reader : readers) {
        const auto got = reader->read(out);
        ASSERT_TRUE(got) << got.error().message;
        EXPECT_EQ(*got, 50000U);
    }
}

TEST_F(Decoder, WhatIsWrongWithAFileIsSaidAsBefore) {
    const auto path = folder.write("cut.flac", kFlac16, 48000, 2, wild_samples(100000, 16));
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const std::string in_child = refused(path);
    decode_in_process();
    EXPECT_EQ(in_child, refused(path));
    EXPECT_THAT(in_child, HasSubstr("is truncated or damaged"));
}

TEST_F(Decoder, AProgramThatIsNotThereIsSaid) {
    const auto used = decode_in_child({.program = folder.path() / "overbias-decoder"});
    ASSERT_FALSE(used);
    EXPECT_THAT(used.error().message, HasSubstr("files.decoder"));
    // gone after the start
    std::filesystem::copy_file(built("bin/overbias-decoder"), folder.path() / "overbias-decoder");
    ASSERT_TRUE(decode_in_child({.program = folder.path() / "overbias-decoder"}));
    std::filesystem::remove(folder.path() / "overbias-decoder");
    EXPECT_THAT(refused(folder.write("x.wav", kWav16, 48000, 2, wild_samples(100, 16))),
                HasSubstr("cannot be started"));
}

#ifndef OVERBIAS_SANITIZED // the filter is not loaded there
struct Attempt : Decoder, ::testing::WithParamInterface<const char*> {};
TEST_P(Attempt, IsKilled) {
    misbehave();
    EXPECT_THAT(refusal(GetParam()), HasSubstr("tried on it what it may not"));
}
INSTANTIATE_TEST_SUITE_P(Sandbox, Attempt,
                         ::testing::Values("fork", "exec", "socket", "open", "ptrace", "kill", "write-file",
                                           "executable-memory", "map-file", "send-descriptor"));
#endif

struct Lie : Decoder, ::testing::WithParamInterface<std::pair<const char*, const char*>> {};
TEST_P(Lie, IsAnErrorAboutTheFile) {
    misbehave();
    EXPECT_THAT(refusal(GetParam().first), HasSubstr(GetParam().second));
}
INSTANTIATE_TEST_SUITE_P(Decoder, Lie,
                         ::testing::Values(std::pair{"crash", "the decoder crashed on it ("},
                                           std::pair{"short-message", "a message of 3 bytes"},
                                           std::pair{"long-message", "a message of 33 bytes"},
                                           std::pair{"unknown-kind", "a message of kind 4711"},
                                           std::pair{"garbage-format", "channels"},
                                           std::pair{"no-channels", "has 0 channels"},
                                           std::pair{"huge-frames", "bytes cannot hold"},
                                           std::pair{"negative-frames", "zero frames"},
                                           std::pair{"shrink", "ended with status 7"}, // the seal held
                                           std::pair{"environment", "ended with status 11"},
                                           std::pair{"descriptors", "ended with status 13"}));

TEST_F(Decoder, OneThatCountsForEverIsNotBelieved) {
    misbehave();
    const auto path = folder.write("song.flac", kFlac16, 48000, 2, wild_samples(96000, 16));
    std::ofstream(path, std::ios::binary | std::ios::app) << "do:counts-for-ever;";
    EXPECT_THAT(refused(path), HasSubstr("more frames than the header"));
}

TEST_F(Decoder, OneThatSaysNothingIsNotWaitedFor) {
    misbehave(kLong, std::chrono::milliseconds(300));
    EXPECT_THAT(refusal("hang"), HasSubstr("said nothing for 0.3 s"));
}

TEST_F(Decoder, AFileThatBreaksWhileItIsReadEndsTheProgramme) {
    EXPECT_THAT(broken("huge-block"), HasSubstr("a block of 8193 frames"));
    EXPECT_THAT(broken("negative-block"), HasSubstr("a block of -1 frames"));
    EXPECT_THAT(broken("early-end"), HasSubstr("ends at frame 100 of 48000"));
    EXPECT_THAT(broken("none"), HasSubstr("read to its end"));
}

/// Is there a process `pid` that is not just waiting to be collected?
bool runs(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(status, text);
    const auto end = text.rfind(')');
    return end != std::string::npos && text.substr(end + 2, 1) != "Z";
}

/// Has this process a child that runs?
bool a_child_runs() {
    const std::string ours = std::to_string(::getpid());
    for (const auto& process : std::filesystem::directory_iterator("/proc")) {
        std::ifstream status(process.path() / "stat");
        std::string text;
        std::getline(status, text);
        const auto end = text.rfind(')'); // then state, then the parent's number (proc(5))
        if (end != std::string::npos && text.substr(end + 4).starts_with(ours + " ") && text[end + 2] != 'Z') {
            return true;
        }
    }
    return false;
}

TEST_F(Decoder, OneThatFillsMoreThanItWasGivenIsNotBelieved) {
    misbehave();
    const auto file = SoundDescriptor::open(file_that_says("too-many-blocks"));
    const auto sound = open_decoded(*file);
    ASSERT_TRUE(sound) << sound.error().message;
    (*sound)->prepare();
    const auto until = std::chrono::steady_clock::now() + kLong; // it says everything, then ends
    while (a_child_runs() && std::chrono::steady_clock::now() < until) {
        (void)::poll(nullptr, 0, 5);
    }
    std::vector<std::int32_t> out(2000);
    const auto got = (*sound)->read_integers(out);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("more blocks than it was given"));
}

TEST_F(Decoder, SamplesThatAreNoNumbersAreRefused) {
    const auto path = folder.write("song.wav", kWavFloat, 48000, 2, wild_samples(2 * 8000, 16));
    std::ofstream(path, std::ios::binary | std::ios::app) << "do:not-numbers;";
    decode_in_process();
    auto info = inspect_sound_file(path);
    ASSERT_TRUE(info) << info.error().message;
    misbehave();
    const auto reader = open_programme(*info, {});
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.error().message, HasSubstr("not numbers"));
}

TEST_F(Decoder, ASilentOneIsCountedFromWhenItFellSilent) {
    decode_in_process();
    const auto info = inspect_sound_file(file_that_says("spin"));
    ASSERT_TRUE(info);
    misbehave(std::chrono::milliseconds(2000));
    auto reader = open_programme(*info, {});
    ASSERT_TRUE(reader) << reader.error().message;
    // whoever comes later than its patience does not wait again
    (void)::poll(nullptr, 0, 2050);
    std::vector<std::int32_t> out(2000);
    const auto begin = std::chrono::steady_clock::now();
    const auto got = (*reader)->read(out);
    ASSERT_FALSE(got);
    EXPECT_THAT(got.error().message, HasSubstr("said nothing"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(1500));
}

TEST_F(Decoder, ADamagedHeaderThatPromisesMuchIsRefused) {
    std::string wav("RIFF\x26\0\0\0WAVEfmt "
                    "\x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data\xf0\xff\xff\x7f\x34\x12",
                    46);
    EXPECT_THAT(refused(folder.write_bytes("huge.wav", wav)), HasSubstr("is truncated"));
    // a header of nothing but empty chunks, in a file without blocks
    const auto path = folder.write_bytes("zeros.wav", std::string("RIFF\xf0\xff\xff\x7fWAVE", 12));
    std::filesystem::resize_file(path, 2'000'000'000);
    EXPECT_THAT(refused(path), HasSubstr("more than 10000 chunks"));
}

TEST_F(Decoder, WhatIsNoFileIsRefusedAtOnce) {
    EXPECT_THAT(refused("/dev/zero"), HasSubstr("is not a regular file"));
    EXPECT_THAT(refused(folder.path()), HasSubstr("is a directory"));
    const auto fifo = folder.path() / "fifo.wav";
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(refused(fifo), HasSubstr("is not a regular file"));
}

TEST_F(Decoder, AnotherFileOfTheSameNameIsNotPrinted) {
    const auto path = folder.write("song.wav", kWav16, 48000, 2, wild_samples(96000, 16));
    const auto info = inspect_sound_file(path);
    ASSERT_TRUE(info);
    std::filesystem::rename(folder.write("other.wav", kWav16, 48000, 2, std::vector<int>(96000, 0)), path);
    const auto reader = open_programme(*info, {});
    ASSERT_FALSE(reader);
    EXPECT_THAT(reader.error().message, HasSubstr("has changed since it was checked"));
}

TEST_F(Decoder, NoneIsLeftWhenItsParentIsKilled) {
    const auto path = file_that_says("spin");
    std::array<int, 2> out{};
    ASSERT_EQ(::pipe2(out.data(), O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::string program = built("tests/audio/decoder-holder").string();
    std::string decoder = built("tests/audio/misbehaving-decoder").string();
    std::string file = path.string();
    const std::array<char*, 4> arguments{program.data(), decoder.data(), file.data(), nullptr};
    pid_t parent = -1;
    ASSERT_EQ(::posix_spawn(&parent, program.c_str(), &actions, nullptr, arguments.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    std::string text; // the decoder's number, when it has opened the file and spins
    for (char byte = 0; ::read(out[0], &byte, 1) == 1 && byte != '\n';) {
        text += byte;
    }
    ::close(out[0]);
    const pid_t child = text.empty() ? -1 : std::stoi(text);
    ASSERT_GT(child, 0) << text;
    EXPECT_TRUE(runs(child));
    ::kill(parent, SIGKILL);
    ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (runs(child) && std::chrono::steady_clock::now() < until) {
        (void)::poll(nullptr, 0, 5);
    }
    EXPECT_FALSE(runs(child));
}

} // namespace
} // namespace overbias::audio
