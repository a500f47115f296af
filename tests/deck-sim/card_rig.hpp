// SPDX-License-Identifier: Apache-2.0
// A card's process in a thread: a CardBridge turned every millisecond of real time, behind it a stand-in for the deck's
// card or the simulated deck itself, and an asound.conf that leads to it.
#pragma once

#include "audio/ports/pcm.hpp"
#include "base/async/steady_timeline.hpp"
#include "deck-sim/process/asound_conf.hpp"
#include "deck-sim/process/card_bridge.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace overbias::deck_sim::test {

/// A card whose output is wired to its input, sample for sample, `kRoundTrip` frames later, on one crystal without
/// error. It keeps all that it played.
class WiredCard final : public audio::Pcm {
  public:
    static constexpr std::int64_t kRoundTrip = 100;

    WiredCard(const Timeline& timeline, double rate_hz) : timeline_(timeline), rate_hz_(rate_hz) {
        for (audio::StreamFormat* format : {&playback_.format_, &capture_.format_}) {
            format->sample_rate_hz = rate_hz;
            format->clock_domain = "one";
        }
        playback_.format_.roles = {audio::ChannelRole::ProgrammeOutLeft, audio::ChannelRole::ProgrammeOutRight};
        capture_.format_.roles = {audio::ChannelRole::TapeReturnLeft, audio::ChannelRole::TapeReturnRight};
        playback_.card = capture_.card = this;
    }
    audio::CaptureStream& capture() noexcept override { return capture_; }
    audio::PlaybackStream& playback() noexcept override { return playback_; }
    Result<void> start(std::size_t latency) override {
        start_ = timeline_.now();
        played.assign(2 * latency, 0);
        playback_.state = capture_.state = audio::StreamState::Running;
        return {};
    }
    void stop() noexcept override {}

    /// Frames are lost: the state is an xrun until somebody recovers.
    void lose_playback() { playback_.state = audio::StreamState::Xrun; }
    void lose_capture() { capture_.state = audio::StreamState::Xrun; }

    std::vector<std::int32_t> played; ///< stereo, from the card's frame 0 on
    std::int64_t underruns = 0;

  private:
    [[nodiscard]] std::int64_t now_frame() const noexcept {
        return static_cast<std::int64_t>(std::floor(seconds(timeline_.now() - start_) * rate_hz_));
    }
    [[nodiscard]] std::int64_t written() const noexcept { return static_cast<std::int64_t>(played.size() / 2); }
    [[nodiscard]] audio::StreamTimestamp stamp() const noexcept {
        const std::int64_t frame = now_frame();
        return {frame, start_ + deck_seconds(static_cast<double>(frame) / rate_hz_)};
    }
    struct Playback final : audio::PlaybackStream {
        const audio::StreamFormat& format() const noexcept override { return format_; }
        audio::StreamState rt_state() noexcept override { return state; }
        std::size_t rt_writable() noexcept override { return 1U << 16U; }
        std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept override {
            if (const std::int64_t now = card->now_frame(); now > card->written()) {
                ++card->underruns;
                card->played.resize(2 * static_cast<std::size_t>(now), 0);
            }
            first_frame = card->written();
            card->played.insert(card->played.end(), in.begin(), in.end());
            return in.size() / 2;
        }
        bool rt_recover() noexcept override {
            state = audio::StreamState::Running;
            return true;
        }
        audio::StreamTimestamp rt_timestamp() noexcept override { return card->stamp(); }
        WiredCard* card = nullptr;
        audio::StreamFormat format_;
        audio::StreamState state = audio::StreamState::Stopped;
    };
    struct Capture final : audio::CaptureStream {
        const audio::StreamFormat& format() const noexcept override { return format_; }
        audio::StreamState rt_state() noexcept override { return state; }
        std::size_t rt_available() noexcept override {
            return static_cast<std::size_t>(std::max<std::int64_t>(card->now_frame() - read, 0));
        }
        std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override {
            const std::size_t frames = std::min(rt_available(), out.size() / 2);
            first_frame = read;
            for (std::size_t i = 0; i < frames; ++i, ++read) {
                const std::int64_t from = read - kRoundTrip;
                for (std::size_t c = 0; c < 2; ++c) {
                    const std::size_t at = 2 * static_cast<std::size_t>(std::max<std::int64_t>(from, 0)) + c;
                    out[2 * i + c] = from >= 0 && at < card->played.size() ? card->played[at] : 0;
                }
            }
            return frames;
        }
        bool rt_recover() noexcept override {
            state = audio::StreamState::Running;
            return true;
        }
        audio::StreamTimestamp rt_timestamp() noexcept override { return card->stamp(); }
        WiredCard* card = nullptr;
        audio::StreamFormat format_;
        audio::StreamState state = audio::StreamState::Stopped;
        std::int64_t read = 0;
    };

    const Timeline& timeline_;
    double rate_hz_;
    DeckTime start_{};
    Playback playback_;
    Capture capture_;
};

class CardRig {
  public:
    enum class Behind { WiredCard, SimulatedDeck };

    /// Does something with the card on its own thread and waits for it.
    template <typename Work>
    auto on_card(Work work) {
        std::packaged_task<decltype(work(std::declval<CardBridge&>()))()> task([&] { return work(*bridge_); });
        auto done = task.get_future();
        timeline.post([&task] { task(); });
        return done.get();
    }
    explicit CardRig(Behind behind, double rate_hz = 48000.0) {
        static int made = 0;
        const char* const given = std::getenv("OVERBIAS_TEST_CARD_DIR"); // a program that a test has started
        dir_ = given != nullptr ? std::filesystem::path(given)
                                : std::filesystem::temp_directory_path() /
                                      ("overbias-card-" + std::to_string(::getpid()) + "-" + std::to_string(made++));
        std::filesystem::create_directories(dir_);
        CardBridgeConfig config;
        config.file = dir_ / "card.shm";
        config.playback_fifo_frames = static_cast<std::size_t>(rate_hz / 20.0);
        if (behind == Behind::WiredCard) {
            wired = std::make_unique<WiredCard>(paced_, rate_hz);
            config.play_clock_ppm = config.capture_clock_ppm = 0.0;
            config.deck_input = {3, 1};
            config.deck_output = {2, 0};
            config.source_in = {1, 3};
            bridge_ = std::make_unique<CardBridge>(paced_, *wired, config);
        } else {
            Settings settings;
            settings.sample_rate_hz = rate_hz;
            deck_ = std::make_unique<SimulatedDeck>(paced_, settings, std::vector<Fault>{});
            bridge_ = std::make_unique<CardBridge>(paced_, deck_->pcm(), config);
            bridge_->patch_cable(true);
        }
        fifo_frames = config.playback_fifo_frames;
        // under its name only when it is whole: ALSA remembers what it has read
        std::ofstream(dir_ / "asound.new")
            << asound_conf(config.file, std::filesystem::path(std::getenv("OVERBIAS_BINARY_DIR")) / "lib/overbias");
        std::filesystem::rename(dir_ / "asound.new", dir_ / "asound.conf");
        ::setenv("ALSA_CONFIG_PATH", (dir_ / "asound.conf").c_str(), 1);
        timer_ = std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(1), [this] { bridge_->turn(); });
        thread_ = std::thread([this] { timeline.run(); });
        on_card([](CardBridge& bridge) { bridge.turn(); });
    }
    ~CardRig() {
        timeline.stop();
        thread_.join();
        timer_.reset();
        bridge_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(dir_, ignored);
    }
    CardRig(const CardRig&) = delete;
    CardRig& operator=(const CardRig&) = delete;

    [[nodiscard]] const std::filesystem::path& dir() const noexcept { return dir_; }
    [[nodiscard]] CardBridge::Counts counts() {
        return on_card([](CardBridge& bridge) {
            bridge.turn();
            return bridge.counts();
        });
    }
    /// What the wired card has played so far.
    [[nodiscard]] std::vector<std::int32_t> played() {
        return on_card([this](CardBridge& bridge) {
            bridge.turn(); // up to now, should its thread be behind
            return wired->played;
        });
    }

    SteadyTimeline timeline;
    std::unique_ptr<WiredCard> wired;
    std::size_t fifo_frames = 0;

  private:
    PacedTimeline paced_{timeline};
    std::filesystem::path dir_;
    std::unique_ptr<SimulatedDeck> deck_;
    std::unique_ptr<CardBridge> bridge_;
    std::unique_ptr<PeriodicTimer> timer_;
    std::thread thread_;
};

} // namespace overbias::deck_sim::test
