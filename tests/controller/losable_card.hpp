// SPDX-License-Identifier: Apache-2.0
// The simulated deck as back ends whose card, engine and way to the deck a test can take away. In simulated deck time.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "controller/back_ends.hpp"
#include "controller/device_settings.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "tape/deck_profile.hpp"
#include "tape/profile_path.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>

namespace overbias::controller::rig {

inline tape::DeckProfile simulated_profile() {
    const auto file = tape::find_profile(tape::ProfileKind::Deck, "simulated", tape::profile_directories({}));
    auto profile = file ? tape::load_deck_profile(*file) : Result<tape::DeckProfile>(file.error());
    EXPECT_TRUE(profile.ok()) << profile.error().message;
    return std::move(profile).value();
}

template <typename Stream>
class LosableStream : public Stream {
  public:
    LosableStream(Stream& inner, const bool& lost) : inner_(inner), lost_(lost) {}
    [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return inner_.format(); }
    [[nodiscard]] audio::StreamState rt_state() noexcept override {
        return lost_ ? audio::StreamState::Lost : inner_.rt_state();
    }
    bool rt_recover() noexcept override { return !lost_ && inner_.rt_recover(); }
    [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override { return inner_.rt_timestamp(); }

  protected:
    Stream& inner_;
    const bool& lost_;
};

class LosableCapture final : public LosableStream<audio::CaptureStream> {
  public:
    using LosableStream::LosableStream;
    [[nodiscard]] std::size_t rt_available() noexcept override { return lost_ ? 0 : inner_.rt_available(); }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first) noexcept override {
        return lost_ ? 0 : inner_.rt_read(out, first);
    }
};

class LosablePlayback final : public LosableStream<audio::PlaybackStream> {
  public:
    using LosableStream::LosableStream;
    [[nodiscard]] std::size_t rt_writable() noexcept override { return lost_ ? 0 : inner_.rt_writable(); }
    std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first) noexcept override {
        return lost_ ? 0 : inner_.rt_write(in, first);
    }
};

/// A card that can be pulled out and put back. It counts what is done to it.
class LosableCard final : public audio::Pcm, public Card {
  public:
    explicit LosableCard(audio::Pcm& inner)
        : inner_(inner), capture_(inner.capture(), lost), playback_(inner.playback(), lost) {}
    // --- Pcm
    [[nodiscard]] audio::CaptureStream& capture() noexcept override { return capture_; }
    [[nodiscard]] audio::PlaybackStream& playback() noexcept override { return playback_; }
    [[nodiscard]] Result<void> start(std::size_t latency) override { return inner_.start(latency); }
    void stop() noexcept override { inner_.stop(); }
    // --- Card
    Result<void> open() override {
        ++opened;
        if (!open_error.empty()) {
            return Error{open_error};
        }
        EXPECT_FALSE(is_open) << "it was opened without being closed";
        is_open = true;
        lost = false;
        return {};
    }
    void close() noexcept override {
        ++closed;
        is_open = false;
    }
    [[nodiscard]] bool present() const override {
        ++asked;
        return plugged;
    }
    [[nodiscard]] std::string name() const override { return "hw:CARD=Test"; }

    void unplug() {
        plugged = false;
        lost = true;
    }

    bool lost = false, plugged = true, is_open = false;
    std::string open_error;
    int opened = 0, closed = 0;
    mutable int asked = 0;

  private:
    audio::Pcm& inner_;
    LosableCapture capture_;
    LosablePlayback playback_;
};

/// Turns the engine on deck time, until it is told to hang.
class HangingDrive final : public EngineDrive {
  public:
    HangingDrive(Timeline& timeline, audio::BlockEngine& engine, const bool& hangs)
        : timeline_(timeline), engine_(engine), hangs_(hangs) {}
    void start() override {
        expect_own_thread();
        timer_ = std::make_unique<PeriodicTimer>(timeline_, std::chrono::milliseconds(10), [this] {
            if (!hangs_) {
                ++turns_;
                engine_.rt_process();
            }
        });
    }
    void stop() noexcept override {
        expect_own_thread();
        timer_.reset();
    }
    [[nodiscard]] std::uint64_t turns() const noexcept override { return turns_; }

  private:
    void expect_own_thread() const noexcept {
        EXPECT_EQ(std::this_thread::get_id(), thread_) << "the engine's timer is the timeline's";
    }
    const std::thread::id thread_ = std::this_thread::get_id();
    Timeline& timeline_;
    audio::BlockEngine& engine_;
    const bool& hangs_;
    std::uint64_t turns_ = 0;
    std::unique_ptr<PeriodicTimer> timer_;
};

class LosableBackEnds final : public BackEnds {
  public:
    LosableBackEnds()
        : deck_(timeline_, deck_sim::Settings{}, {}), card_(deck_.pcm()),
          remote_(timeline_, deck_.lines(), &deck_.tach(), parallel_remote_config(simulated_profile(), 15.0)) {}
    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return remote_; }
    transport::DeckAdjust& adjust() override { return adjust_; }
    audio::Pcm& pcm() override { return card_; }
    Card& card() override { return card_; }
    [[nodiscard]] bool simulated() const override { return true; }
    [[nodiscard]] audio::EngineConfig engine_config() const override { return {}; }
    std::unique_ptr<EngineDrive> drive(audio::BlockEngine& engine) override {
        return std::make_unique<HangingDrive>(timeline_, engine, audio_hangs);
    }
    [[nodiscard]] std::string deck_lost() const override { return deck_gone; }
    std::unique_ptr<transport::Heartbeat> heartbeat(std::function<bool()> may_beat) override {
        may_beat_ = std::move(may_beat);
        return nullptr;
    }
    void run() override { timeline_.run(); }
    void stop() override { timeline_.stop(); }
    void pace(bool) override {}
    [[nodiscard]] double time_scale() const override { return 0.0; }
    void programme_starts(DeckTime) override {}

    [[nodiscard]] SimulatedTimeline& simulated_timeline() { return timeline_; }
    [[nodiscard]] LosableCard& losable_card() { return card_; }
    [[nodiscard]] deck_sim::SimulatedDeck& simulated_deck() { return deck_; }
    [[nodiscard]] bool may_beat() const { return may_beat_(); }

    bool audio_hangs = false;
    std::string deck_gone;

  private:
    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_;
    LosableCard card_;
    transport::ParallelRemote remote_;
    transport::ManualAdjust adjust_;
    std::function<bool()> may_beat_;
};

} // namespace overbias::controller::rig
