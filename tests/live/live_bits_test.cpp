// SPDX-License-Identifier: Apache-2.0
// Bit for bit: what arecord reads beside the daemon's capture, and what reaches the card of a file that needs no
// conversion.
#include "live_rig.hpp"

#include <algorithm>
#include <boost/json/value_to.hpp>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <span>

namespace overbias::live {
namespace {

namespace json = boost::json;
using Frame = std::array<std::int32_t, 2>;

std::vector<char> bytes_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The data of a canonical WAV file of ours (44 bytes of header).
std::span<const char> wav_data(const std::vector<char>& file) {
    return std::span(file).subspan(44);
}

std::vector<Frame> frames_of(std::span<const char> data, std::size_t channels) {
    std::vector<Frame> frames(data.size() / (4 * channels));
    for (std::size_t i = 0; i < frames.size(); ++i) {
        std::memcpy(frames[i].data(), data.data() + i * 4 * channels, sizeof(Frame));
    }
    return frames;
}

/// Little-endian 24 bit words into the upper three bytes of 32.
std::vector<Frame> frames_of_24(std::span<const char> data) {
    std::vector<Frame> frames(data.size() / 6);
    for (std::size_t i = 0; i < 2 * frames.size(); ++i) {
        std::uint32_t word = 0;
        std::memcpy(reinterpret_cast<char*>(&word) + 1, data.data() + 3 * i, 3);
        frames[i / 2][i % 2] = static_cast<std::int32_t>(word);
    }
    return frames;
}

/// Where `part` begins in `whole`: all of it, frame for frame.
std::optional<std::size_t> find(std::span<const Frame> whole, std::span<const Frame> part) {
    const auto at = std::search(whole.begin(), whole.end(), part.begin(), part.end());
    return at == whole.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - whole.begin()));
}

/// Looks fifty times a second.
void wait_for_size(LiveRig& rig, const std::filesystem::path& file, std::uintmax_t bytes) {
    for (const std::int64_t until_ns = monotonic_ns() + 10'000'000'000; monotonic_ns() < until_ns;) {
        std::error_code error;
        if (const auto size = std::filesystem::file_size(file, error); !error && size >= bytes) {
            return;
        }
        rig.deck().wait_until(monotonic_ns() + 20'000'000);
    }
    throw std::runtime_error("'" + file.string() + "' does not grow to " + std::to_string(bytes) + " bytes");
}

TEST(LiveBitsTest, arecord_beside_the_daemon_sees_the_same_samples) {
    LiveRig rig;
    Daemon& daemon = rig.daemon();
    daemon.call("play");
    ASSERT_TRUE(rig.deck().wait_for("moving", 0, std::chrono::seconds(5)));
    const std::filesystem::path recorded = rig.folder() / "arecord.raw";
    ChildProcess arecord(
        {"/usr/bin/arecord",
         {"-q", "-D", "hw:CARD=Deck,DEV=0", "-t", "raw", "-f", "S32_LE", "-c", "4", "-r", "48000", recorded.string()},
         rig.environment(),
         rig.folder() / "arecord.log"});
    wait_for_size(rig, recorded, 100'000); // it has begun
    const json::value dump =
        daemon.rpc().call("audio_dump", json::object{{"file", "dump.wav"}, {"seconds", 2.0}}, std::chrono::seconds(20));
    // it writes in order: when it has written half a second more than now, what was dumped is among it
    wait_for_size(rig, recorded, std::filesystem::file_size(recorded) + 24'000U * 16U);
    arecord.end(SIGINT, std::chrono::seconds(5));
    daemon.call("stop");
    const auto beside = bytes_of(recorded);
    const auto dumped = bytes_of(json::value_to<std::string>(dump.at("file")));
    const std::vector<Frame> theirs = frames_of(beside, 4);
    const std::vector<Frame> ours = frames_of(wav_data(dumped), 2);
    ASSERT_GE(ours.size(), 95'000U);
    EXPECT_EQ(dump.at("missing_frames"), 0);
    ASSERT_GT(theirs.size(), ours.size());
    EXPECT_GT(std::count_if(ours.begin(), ours.end(), [](const Frame& frame) { return frame[0] != 0; }), 40'000)
        << "tape noise, not silence";
    EXPECT_TRUE(find(theirs, ours)) << "all " << ours.size() << " frames in a row, of " << theirs.size();
}

TEST(LiveBitsTest, a_24_bit_file_reaches_the_card_bit_for_bit) {
    LiveRig rig;
    const std::filesystem::path played = rig.folder() / "played.raw";
    const std::string music = rig.music(4.0);
    rig.deck().ask({{"cmd", "record_playback"}, {"file", played.string()}, {"on", true}});
    const Daemon::Print print = rig.daemon().finish_print(rig.daemon().start_print(
        {{"files", {music}}, {"slate_s", 2.0}, {"lead_in_s", 0.5}, {"gap_s", 1.0}, {"post_roll_s", 1.0}}));
    EXPECT_EQ(print.report.at("verdict"), "pass") << print.text();
    rig.deck().ask({{"cmd", "record_playback"}, {"on", false}});
    const auto card = bytes_of(played);
    const auto file = bytes_of(music);
    const std::vector<Frame> got = frames_of(card, 2);
    const std::vector<Frame> sent = frames_of_24(wav_data(file));
    ASSERT_EQ(sent.size(), 4U * 48'000U);
    ASSERT_GT(got.size(), sent.size());
    const auto silent = [](const Frame& frame) { return frame == Frame{}; };
    ASSERT_LT(std::count_if(sent.begin(), sent.end(), silent), 10'000) << "music, not silence";
    EXPECT_TRUE(find(got, sent)) << "all " << sent.size() << " frames in a row, of " << got.size();
    rig.end_daemon();
}

} // namespace
} // namespace overbias::live
