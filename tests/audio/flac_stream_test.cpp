// SPDX-License-Identifier: Apache-2.0
// FLAC for listeners, decoded by libsndfile.
#include "audio/listening/flac_encoder.hpp"
#include "audio/listening/flac_stream.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <numbers>
#include <sndfile.h>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace overbias::audio {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

struct Memory {
    const std::string* bytes;
    std::size_t at = 0;
};

struct Decoded {
    SF_INFO info{};
    std::vector<short> samples;
    std::string error;
};

/// By libsndfile, from memory, without seeking further than it asks.
Decoded decode(const std::string& bytes) {
    SF_VIRTUAL_IO io{};
    io.get_filelen = [](void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->bytes->size()); };
    io.seek = [](sf_count_t offset, int whence, void* user) {
        auto& memory = *static_cast<Memory*>(user);
        const auto from = whence == SEEK_SET   ? sf_count_t{0}
                          : whence == SEEK_CUR ? static_cast<sf_count_t>(memory.at)
                                               : static_cast<sf_count_t>(memory.bytes->size());
        memory.at = static_cast<std::size_t>(from + offset);
        return static_cast<sf_count_t>(memory.at);
    };
    io.read = [](void* to, sf_count_t count, void* user) {
        auto& memory = *static_cast<Memory*>(user);
        const std::size_t most = memory.bytes->size() - std::min(memory.bytes->size(), memory.at);
        const std::size_t bytes_read = std::min(static_cast<std::size_t>(count), most);
        std::memcpy(to, memory.bytes->data() + memory.at, bytes_read);
        memory.at += bytes_read;
        return static_cast<sf_count_t>(bytes_read);
    };
    io.write = [](const void*, sf_count_t, void*) { return sf_count_t{0}; };
    io.tell = [](void* user) { return static_cast<sf_count_t>(static_cast<Memory*>(user)->at); };
    Memory memory{&bytes};
    Decoded out;
    SNDFILE* const file = sf_open_virtual(&io, SFM_READ, &out.info, &memory);
    if (file == nullptr) {
        out.error = sf_strerror(nullptr);
        return out;
    }
    std::vector<short> piece(2 * 4096);
    for (;;) {
        const sf_count_t frames = sf_readf_short(file, piece.data(), 4096);
        if (frames <= 0) {
            break;
        }
        out.samples.insert(out.samples.end(), piece.begin(), piece.begin() + 2 * frames);
    }
    if (sf_error(file) != SF_ERR_NO_ERROR) {
        out.error = sf_strerror(file);
    }
    sf_close(file);
    return out;
}

/// Never twice the same within a long time, so that a place in it is known.
std::vector<std::int32_t> frames_of(std::int64_t first, std::int64_t count, double rate_hz = 48000.0) {
    std::vector<std::int32_t> out;
    for (std::int64_t i = first; i < first + count; ++i) {
        const double t = static_cast<double>(i) / rate_hz;
        out.push_back(static_cast<std::int32_t>(std::lround(std::sin(2.0 * std::numbers::pi * 997.0 * t) * 8e8)));
        out.push_back(
            static_cast<std::int32_t>(std::lround(std::cos(2.0 * std::numbers::pi * (10.0 + t) * t) * 1.6e9)));
    }
    return out;
}

/// Who listens, and sleeps until he is woken.
class Ears {
  public:
    explicit Ears(FlacStream& flac) : flac_(flac) {
        listener_ = flac.open([this] {
            const std::lock_guard lock(mutex_);
            ++woken_;
            changed_.notify_all();
        });
    }
    /// Pushes and fetches until `enough` says so of everything that came. It is asked when nothing more comes.
    std::string hear(const std::vector<std::int32_t>& frames, const std::function<bool(const std::string&)>& enough) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        std::string all;
        std::size_t at = 0;
        while (std::chrono::steady_clock::now() < end) {
            const std::size_t piece = std::min<std::size_t>(frames.size() - at, 960);
            const std::uint64_t dropped = flac_.dropped_frames();
            flac_.push(std::span(frames).subspan(at, piece));
            const bool full = flac_.dropped_frames() != dropped;
            at += piece - 2 * static_cast<std::size_t>(flac_.dropped_frames() - dropped);
            int before = 0;
            {
                const std::lock_guard lock(mutex_);
                before = woken_;
            }
            const std::string more = listener_->take();
            all += more;
            if (more.empty() && (full || at == frames.size())) {
                if (enough(all)) {
                    break;
                }
                std::unique_lock lock(mutex_);
                changed_.wait_for(lock, std::chrono::milliseconds(50), [&] { return woken_ != before; });
            }
        }
        return all;
    }
    [[nodiscard]] FlacListener* operator->() const { return listener_.get(); }
    [[nodiscard]] explicit operator bool() const { return listener_ != nullptr; }
    [[nodiscard]] int woken() {
        const std::lock_guard lock(mutex_);
        return woken_;
    }
    void go() { listener_.reset(); }

  private:
    FlacStream& flac_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int woken_ = 0;
    std::shared_ptr<FlacListener> listener_;
};

constexpr std::int64_t kWhole = 150 * FlacEncoder::kBlock; // past frame 127: the coded number grows

TEST(FlacStreamTest, DecodesToWhatWasPushed) {
    FlacStream flac(48000.0, {.listeners = 4, .queue_bytes = 1 << 24});
    Ears listener(flac);
    ASSERT_TRUE(listener);
    EXPECT_TRUE(flac.wanted());
    // libFLAC holds back a sample, so the last block that is whole comes only with one more
    const auto pushed = frames_of(0, kWhole + 1);
    Decoded got;
    const std::string bytes = listener.hear(pushed, [&got](const std::string& all) {
        got = decode(all);
        return static_cast<std::int64_t>(got.samples.size()) >= 2 * kWhole;
    });
    EXPECT_EQ(bytes.substr(0, 4), "fLaC");
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.info.samplerate, 48000);
    EXPECT_EQ(got.info.channels, 2);
    EXPECT_EQ(got.info.format & SF_FORMAT_SUBMASK, SF_FORMAT_PCM_16);
    ASSERT_EQ(static_cast<std::int64_t>(got.samples.size()), 2 * kWhole);
    for (std::size_t i = 0; i < got.samples.size(); ++i) { // rounding a half, dither one
        ASSERT_LE(std::abs(got.samples[i] - pushed[i] / 65536.0), 1.5 + 1e-6) << "sample " << i;
    }
}

TEST(FlacStreamTest, WhoComesLaterHasAWholeStreamFromHisOwnBeginning) {
    FlacStream flac(44100.0, {.listeners = 2, .queue_bytes = 1 << 24});
    Ears early(flac);
    ASSERT_TRUE(early);
    early.hear(frames_of(0, 30000, 44100.0), [](const std::string& all) { return decode(all).samples.size() >= 2 * 28000; });
    Ears late(flac);
    ASSERT_TRUE(late);
    EXPECT_FALSE(flac.open([] {})); // two is the most
    EXPECT_EQ(flac.listeners(), 2U);
    const auto pushed = frames_of(30000, 30000, 44100.0);
    Decoded got;
    const std::string bytes = late.hear(pushed, [&got](const std::string& all) {
        got = decode(all);
        return got.samples.size() >= 2 * 25000;
    });
    EXPECT_EQ(bytes.substr(0, 4), "fLaC");
    EXPECT_EQ(got.error, "");
    EXPECT_EQ(got.info.samplerate, 44100);
    ASSERT_GE(got.samples.size(), 2U * 25000);
    // where in what was pushed it begins: at a block, somewhere before or in the new part
    const auto all = frames_of(0, 60000, 44100.0);
    std::size_t begin = 0;
    const auto fits = [&](std::size_t from) {
        for (std::size_t i = 0; i < 4000; ++i) {
            if (std::abs(got.samples[i] - all[2 * from + i] / 65536.0) > 1.6) {
                return false;
            }
        }
        return true;
    };
    while (begin < 40000 && !fits(begin)) {
        begin += FlacEncoder::kBlock;
    }
    ASSERT_LT(begin, 40000U);
    for (std::size_t i = 0; i < got.samples.size(); ++i) {
        ASSERT_LE(std::abs(got.samples[i] - all[2 * begin + i] / 65536.0), 1.6) << i;
    }
}

TEST(FlacStreamTest, SlowListenerIsCutOffAndTheOthersGoOn) {
    FlacStream flac(48000.0, {.listeners = 3, .queue_bytes = 60000});
    Ears slow(flac), quick(flac);
    ASSERT_TRUE(slow && quick);
    Decoded got;
    const std::string bytes = quick.hear(frames_of(0, 100000), [&](const std::string& all) {
        got = decode(all);
        return got.samples.size() >= 2 * 95000;
    });
    EXPECT_GT(bytes.size(), 60000U); // more than one queue holds
    EXPECT_EQ(got.error, "");
    EXPECT_NE(slow->ended().find("too slow"), std::string::npos) << slow->ended();
    EXPECT_EQ(slow->take(), "");
    EXPECT_EQ(flac.cut_off(), 1U);
    EXPECT_GE(slow.woken(), 2); // at its first byte, and at its end
    EXPECT_EQ(quick->ended(), "");
}

TEST(FlacStreamTest, HighRatesAreBroughtDown) {
    EXPECT_EQ(flac_stream_rate_hz(44100.0), 44100U);
    EXPECT_EQ(flac_stream_rate_hz(48000.0), 48000U);
    EXPECT_EQ(flac_stream_rate_hz(88200.0), 44100U);
    EXPECT_EQ(flac_stream_rate_hz(192000.0), 48000U);
    FlacStream flac(96000.0, {.listeners = 1, .queue_bytes = 1 << 24});
    Ears listener(flac);
    const auto pushed = frames_of(0, 96000, 96000.0);
    Decoded got;
    listener.hear(pushed, [&got](const std::string& all) {
        got = decode(all);
        return got.samples.size() >= 2 * 40000;
    });
    EXPECT_EQ(got.info.samplerate, 48000);
    ASSERT_GE(got.samples.size(), 2U * 40000);
    for (std::size_t i = 1000; i < 40000; ++i) { // every other frame of what was pushed; full scale 32768
        ASSERT_NEAR(got.samples[2 * i], pushed[4 * i] / 65536.0, 2.0) << i;
    }
}

TEST(FlacStreamTest, WhenItEndsItsListenersAreTold) {
    auto flac = std::make_unique<FlacStream>(48000.0, FlacStream::Limits{});
    std::atomic<int> woken{0};
    const auto listener = flac->open([&woken] { ++woken; });
    flac.reset();
    EXPECT_EQ(listener->ended(), "the daemon is ending");
    EXPECT_EQ(woken.load(), 1);
    EXPECT_THROW(FlacStream(22050.0, {}), std::invalid_argument);
}

TEST(FlacStreamTest, WhoGoesMakesRoom) {
    FlacStream flac(48000.0, {.listeners = 1, .queue_bytes = 1 << 20});
    Ears first(flac), second(flac);
    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    first.go();
    Ears third(flac);
    ASSERT_TRUE(third);
    const auto some = [](const std::string& all) { return all.size() > 10000; };
    EXPECT_GT(third.hear(frames_of(0, 20000), some).size(), 10000U);
}

TEST(FlacFrame, IsNotMadeOfAnythingElse) {
    EXPECT_FALSE(renumbered_flac_frame("", 0));
    EXPECT_FALSE(renumbered_flac_frame("not a frame at all", 0));
    EXPECT_FALSE(renumbered_flac_frame(std::string("\xff\xf8\xc9\x18\x80", 5) + std::string(20, 'x'), 0));
}

} // namespace
} // namespace overbias::audio
