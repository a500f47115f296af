// SPDX-License-Identifier: Apache-2.0
// audio_dump writes what the engine captured, bit for bit, and nowhere but in its folder.
#include "controller/audio_dump.hpp"

#include "base/async/steady_timeline.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

constexpr std::size_t kBlock = 480;
constexpr int kBlocksToHole = 40; ///< so many blocks, then frames are lost, again and again
constexpr std::int64_t kHole = 700;

std::int32_t sample(std::int64_t frame, int channel) {
    return static_cast<std::int32_t>(frame * 65536 + channel * 77 - 1234567890);
}

/// Captures samples that tell their frame and channel, one block a turn.
class TellingCapture final : public audio::CaptureStream {
  public:
    TellingCapture() { format_.roles = {audio::ChannelRole::TapeReturnLeft, audio::ChannelRole::TapeReturnRight}; }
    [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return format_; }
    [[nodiscard]] audio::StreamState rt_state() noexcept override { return audio::StreamState::Running; }
    [[nodiscard]] std::size_t rt_available() noexcept override { return given_ ? 0 : kBlock; }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first) noexcept override {
        given_ = true;
        if (++blocks_ % kBlocksToHole == 0) {
            holes.push_back(next_);
            next_ += kHole;
        }
        first = next_;
        for (std::size_t i = 0; i < kBlock; ++i) {
            out[2 * i] = sample(next_ + static_cast<std::int64_t>(i), 0);
            out[2 * i + 1] = sample(next_ + static_cast<std::int64_t>(i), 1);
        }
        next_ += kBlock;
        return kBlock;
    }
    bool rt_recover() noexcept override { return true; }
    [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override { return {}; }
    void next_turn() { given_ = false; }
    std::vector<std::int64_t> holes; ///< first frame of each

  private:
    audio::StreamFormat format_;
    std::int64_t next_ = 0;
    bool given_ = false;
    int blocks_ = 0;
};

class DeafPlayback final : public audio::PlaybackStream {
  public:
    DeafPlayback() { format_.roles = {audio::ChannelRole::ProgrammeOutLeft, audio::ChannelRole::ProgrammeOutRight}; }
    [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return format_; }
    [[nodiscard]] audio::StreamState rt_state() noexcept override { return audio::StreamState::Running; }
    [[nodiscard]] std::size_t rt_writable() noexcept override { return 0; }
    std::size_t rt_write(std::span<const std::int32_t>, std::int64_t&) noexcept override { return 0; }
    bool rt_recover() noexcept override { return true; }
    [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override { return {}; }

  private:
    audio::StreamFormat format_;
};

class TellingCard final : public audio::Pcm {
  public:
    audio::CaptureStream& capture() noexcept override { return in; }
    audio::PlaybackStream& playback() noexcept override { return out; }
    Result<void> start(std::size_t) override { return {}; }
    void stop() noexcept override {}
    TellingCapture in;
    DeafPlayback out;
};

class Dump : public testing::Test {
  protected:
    Dump() {
        std::string name = (fs::temp_directory_path() / "overbias-dump-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
        EXPECT_TRUE(engine_.start().ok());
        dump_ = std::make_unique<AudioDump>(engine_, 48000.0, folder_, timeline_);
        dump_->add_command(registry_);
    }
    ~Dump() override {
        dump_.reset();
        fs::remove_all(folder_);
    }
    Reply call(const json::value& parameters) {
        Reply reply;
        registry_.call("audio_dump", parameters, {}, [&](Reply given) {
            reply = std::move(given);
            timeline_.stop();
        });
        // the engine turns while the timeline runs, faster than any card
        const PeriodicTimer turn(timeline_, std::chrono::milliseconds(1), [this] {
            card_.in.next_turn();
            engine_.rt_process();
        });
        timeline_.run();
        return reply;
    }
    fs::path folder_;
    SteadyTimeline timeline_;
    TellingCard card_;
    audio::BlockEngine engine_{card_, {}};
    CommandRegistry registry_;
    std::unique_ptr<AudioDump> dump_;
};

TEST_F(Dump, IsTheCaptureBitForBitWithGapsAsSilence) {
    for (int i = 0; i < 10; ++i) { // what was captured before is not asked for
        card_.in.next_turn();
        engine_.rt_process();
    }
    const Reply reply = call({{"file", "one.wav"}, {"seconds", 0.6}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const json::value told = json::parse(reply.result);
    const auto first = told.at("first_frame").to_number<std::int64_t>();
    EXPECT_GE(first, 10 * static_cast<std::int64_t>(kBlock));
    EXPECT_EQ(told.at("frames").to_number<std::int64_t>(), 28800);

    std::ifstream in(told.at("file").as_string().c_str(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    ASSERT_EQ(bytes.size(), 44u + 28800u * 8u);
    EXPECT_EQ(bytes.substr(0, 4) + bytes.substr(8, 8) + bytes.substr(36, 4), "RIFFWAVEfmt data");
    std::vector<std::int32_t> samples(28800 * 2);
    std::memcpy(samples.data(), bytes.data() + 44, samples.size() * 4); // little-endian machines only, as all of ours
    int wrong = 0, silent = 0;
    for (std::int64_t i = 0; i < 28800; ++i) {
        const std::int64_t frame = first + i;
        const bool in_hole = std::ranges::any_of(
            card_.in.holes, [frame](std::int64_t hole) { return frame >= hole && frame < hole + kHole; });
        silent += in_hole ? 1 : 0;
        for (int channel = 0; channel < 2; ++channel) {
            wrong += samples[static_cast<std::size_t>(2 * i + channel)] != (in_hole ? 0 : sample(frame, channel));
        }
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(silent, told.at("missing_frames").to_number<std::int64_t>());
    EXPECT_GE(silent, kHole / 2) << "no hole lay inside what was asked for";
}

TEST_F(Dump, StaysInItsFolder) {
    fs::create_directory(folder_ / "inside");
    fs::create_symlink("/tmp", folder_ / "way_out");
    std::ofstream(folder_ / "there.wav") << "something";
    for (const char* name : {"../out.wav", "/etc/out.wav", "inside/../../out.wav", "way_out/out.wav", "", "."}) {
        Reply reply;
        registry_.call("audio_dump", {{"file", name}, {"seconds", 0.1}}, {}, [&](Reply given) { reply = given; });
        EXPECT_EQ(reply.code, ErrorCode::InvalidParams) << name;
        EXPECT_THAT(reply.message, HasSubstr("is not a file in")) << name;
    }
    Reply reply;
    registry_.call("audio_dump", {{"file", "there.wav"}, {"seconds", 0.1}}, {}, [&](Reply given) { reply = given; });
    EXPECT_THAT(reply.message, HasSubstr("is there already"));
    EXPECT_TRUE(call({{"file", "inside/in.wav"}, {"seconds", 0.05}}).ok());
}

} // namespace
} // namespace overbias::controller
