// SPDX-License-Identifier: Apache-2.0
// A fake deck that answers every key at once and notes it, and a job that plays on it.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "transport/deck.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <string>
#include <vector>

namespace overbias::controller::test {

using transport::Key;

/// Tallies follow the keys at once; every key is noted.
class KeyDeck final : public transport::Deck {
  public:
    explicit KeyDeck(std::vector<std::string>& order) : order_(order) {
        capabilities_.kind = "fake";
        capabilities_.tallies = true;
        capabilities_.library_wind = true;
        capabilities_.speeds_ips = {7.5, 15.0};
        capabilities_.ready_tracks = 2;
        tallies_ = {
            .stop = true, .play = false, .record = false, .fast_forward = false, .rewind = false, .tape_out = false};
    }
    [[nodiscard]] const transport::DeckCapabilities& capabilities() const noexcept override { return capabilities_; }
    Result<void> press(Key key) override {
        static const char* const names[] = {"stop", "play", "record", "record_exit", "fast_forward", "rewind"};
        order_.push_back(std::string("key ") + names[static_cast<int>(key)]);
        const bool recording = key == Key::Record;
        tallies_ = {.stop = key == Key::Stop,
                    .play = key == Key::Play || recording || key == Key::RecordExit,
                    .record = recording,
                    .fast_forward = key == Key::FastForward,
                    .rewind = key == Key::Rewind,
                    .tape_out = false};
        if (listener_) {
            listener_();
        }
        return {};
    }
    Result<void> library_wind(transport::Direction direction) override {
        order_.push_back(direction == transport::Direction::Forward ? "library forward" : "library reverse");
        return {};
    }
    Result<void> select_speed(double ips) override {
        order_.push_back("speed " + std::to_string(static_cast<int>(ips * 10)));
        return {};
    }
    Result<void> set_ready(int track, bool ready) override {
        order_.push_back("track " + std::to_string(track) + (ready ? " ready" : " safe"));
        return {};
    }
    [[nodiscard]] transport::Tallies tallies() const override { return tallies_; }
    [[nodiscard]] transport::TachReading tach() override { return {}; }
    void on_change(std::function<void()> listener) override { listener_ = std::move(listener); }
    void make_safe() noexcept override { static_cast<void>(press(Key::Stop)); }

  private:
    std::vector<std::string>& order_;
    transport::DeckCapabilities capabilities_;
    transport::Tallies tallies_;
    std::function<void()> listener_;
};

class NoAdjust final : public transport::DeckAdjust {
  public:
    [[nodiscard]] transport::DeckAdjustCapabilities capabilities() const noexcept override { return {}; }
    Result<void> select_monitor(transport::MonitorSelect) override { return Error{"turn the switch by hand"}; }
    Result<void> set_route(transport::Route route, bool on) override {
        if (route != transport::Route::Mute) {
            return Error{"no relay for it"};
        }
        muted_ = on;
        return {};
    }
    [[nodiscard]] bool route(transport::Route route) const override {
        return route == transport::Route::Mute && muted_;
    }

  private:
    bool muted_ = false;
};

class PlayingJob final : public transport::Job {
  public:
    PlayingJob(Timeline& timeline, transport::Transport& transport, std::vector<std::string>& order)
        : timeline_(timeline), transport_(transport), order_(order) {}
    [[nodiscard]] std::string name() const override { return "side A"; }
    [[nodiscard]] transport::JobProgress progress() const override { return {"playing", 0.25, 30.0}; }
    Task<transport::JobOutcome> run() override {
        struct Gone {
            std::vector<std::string>& order;
            ~Gone() { order.push_back("job gone"); }
        } gone{order_};
        transport_.play();
        while (true) {
            co_await timeline_.sleep_for(std::chrono::seconds(1));
        }
    }

  private:
    Timeline& timeline_;
    transport::Transport& transport_;
    std::vector<std::string>& order_;
};

} // namespace overbias::controller::test
