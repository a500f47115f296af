// SPDX-License-Identifier: Apache-2.0
// Test decks. LatchingDeck: a small kinematic deck behind Lines and Tach that behaves as real ones do: it latches, so
// it goes on recording when every line is released. ScriptedDeck: a Deck whose tallies and tach the test sets by hand,
// and which notes the keys.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "transport/deck.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::transport::test {

class FakeLines : public Lines {
  public:
    struct Change {
        std::string line;
        bool active;
        double at_s;
    };

    FakeLines(Timeline& timeline, std::vector<std::string> outputs, std::vector<std::string> inputs)
        : timeline_(timeline), outputs_(std::move(outputs)), inputs_(std::move(inputs)),
          levels_(outputs_.size() + inputs_.size()) {}

    [[nodiscard]] Result<LineId> find_output(std::string_view name) override { return find(outputs_, name, 0); }
    [[nodiscard]] Result<LineId> find_input(std::string_view name) override {
        return find(inputs_, name, static_cast<int>(outputs_.size()));
    }
    void set(LineId output, bool active) override {
        const auto index = static_cast<std::size_t>(output.value);
        if (levels_.at(index) == active) {
            return;
        }
        levels_[index] = active;
        changes.push_back({outputs_.at(index), active, seconds(timeline_.now())});
        note_motion_lines();
        if (on_output) {
            on_output(outputs_[index], active);
        }
    }
    [[nodiscard]] bool get(LineId input) const override { return levels_.at(static_cast<std::size_t>(input.value)); }
    void on_edge(std::function<void(const LineEdge&)> listener) override { listener_ = std::move(listener); }

    [[nodiscard]] bool output(const std::string& name) const {
        const auto found = std::find(outputs_.begin(), outputs_.end(), name);
        return levels_.at(static_cast<std::size_t>(found - outputs_.begin()));
    }
    void drive_input(const std::string& name, bool active) {
        const auto found = std::find(inputs_.begin(), inputs_.end(), name);
        const auto index = outputs_.size() + static_cast<std::size_t>(found - inputs_.begin());
        if (levels_.at(index) == active) {
            return;
        }
        levels_[index] = active;
        if (listener_) {
            listener_({LineId{static_cast<int>(index)}, active, timeline_.now()});
        }
    }

    std::vector<Change> changes;
    std::function<void(const std::string&, bool)> on_output;
    int most_motion_lines = 0; ///< the most of stop, play, fast_forward, rewind ever closed at once

  private:
    static Result<LineId> find(const std::vector<std::string>& names, std::string_view name, int base) {
        for (std::size_t i = 0; i < names.size(); ++i) {
            if (names[i] == name) {
                return LineId{base + static_cast<int>(i)};
            }
        }
        return Error{"no such line"};
    }
    void note_motion_lines() {
        int closed = 0;
        for (const char* name : {"stop", "play", "fast_forward", "rewind"}) {
            closed += output(name) ? 1 : 0;
        }
        most_motion_lines = std::max(most_motion_lines, closed);
    }
    Timeline& timeline_;
    std::vector<std::string> outputs_, inputs_;
    std::vector<bool> levels_;
    std::function<void(const LineEdge&)> listener_;
};

inline std::vector<std::string> deck_outputs() {
    return {"stop", "play", "record", "fast_forward", "rewind", "monitor_input", "monitor_sync"};
}
inline std::vector<std::string> deck_inputs() {
    return {"tally_stop", "tally_play", "tally_record", "tally_fast_forward", "tally_rewind", "tape_out"};
}

struct LatchingDeckSettings {
    double tape_from_m = -12.0, tape_to_m = 750.0; ///< where the tape ends, counted from where it starts out
    double play_m_s = 0.381;
    double wind_m_s = 8.3;
    double wind_acceleration = 4.0, brake_deceleration = 4.0, play_acceleration = 0.9;
    double edges_per_metre = 16.0 / 0.0254;
    double key_takes_s = 0.030; ///< a contact shorter than this isn't seen
};

class LatchingDeck : public Tach {
  public:
    enum class Mode { Stop, Play, Forward, Rewind };

    explicit LatchingDeck(SimulatedTimeline& timeline, LatchingDeckSettings settings = {})
        : lines(timeline, deck_outputs(), deck_inputs()), settings_(settings), timeline_(timeline),
          tick_(timeline, std::chrono::milliseconds(1), [this] { step(); }) {
        show();
    }

    [[nodiscard]] TachReading read() override {
        return {.edges = edges_, .last_edge = last_edge_, .lost = lost, .direction_known = !single_phase};
    }

    FakeLines lines;
    Mode mode = Mode::Stop;
    bool recording = false;
    double position_m = 0.0, velocity_m_s = 0.0;
    bool torn = false; ///< play was engaged while the tape was flying
    bool dead_tach = false;
    bool single_phase = false;
    bool stuck_play_tally = false;
    bool brakes_fail = false;
    std::uint64_t lost = 0;
    double recorded_m = 0.0; ///< length of tape passed in record

  private:
    void step() {
        constexpr double kStep = 0.001;
        read_keys(kStep);
        double target = 0.0, rate = brakes_fail ? 0.0 : settings_.brake_deceleration;
        switch (mode) {
        case Mode::Stop:
            break;
        case Mode::Play:
            target = settings_.play_m_s;
            rate = settings_.play_acceleration;
            break;
        case Mode::Forward:
            target = settings_.wind_m_s;
            rate = settings_.wind_acceleration;
            break;
        case Mode::Rewind:
            target = -settings_.wind_m_s;
            rate = settings_.wind_acceleration;
            break;
        }
        const double change = std::clamp(target - velocity_m_s, -rate * kStep, rate * kStep);
        velocity_m_s += change;
        const double before = position_m;
        position_m += velocity_m_s * kStep;
        if (position_m < settings_.tape_from_m || position_m > settings_.tape_to_m) {
            position_m = std::clamp(position_m, settings_.tape_from_m, settings_.tape_to_m);
            velocity_m_s = 0.0;
            ended_ = true;
        }
        if (recording) {
            recorded_m += position_m - before;
        }
        if (!dead_tach) {
            count_edges(before);
        }
        show();
    }

    void count_edges(double before_m) {
        const auto edges = static_cast<std::int64_t>(std::floor(position_m * settings_.edges_per_metre));
        const std::int64_t seen = std::exchange(place_edges_, edges);
        if (edges == seen) {
            return;
        }
        edges_ += single_phase ? std::abs(edges - seen) : edges - seen;
        // the instant at which the last boundary was crossed, inside this millisecond
        const double boundary = static_cast<double>(edges > seen ? edges : edges + 1) / settings_.edges_per_metre;
        const double part = std::clamp((boundary - before_m) / (position_m - before_m), 0.0, 1.0);
        last_edge_ = timeline_.now() - std::chrono::microseconds(static_cast<int>(1000.0 * (1.0 - part)));
    }

    void read_keys(double step_s) {
        const auto held = [&](const char* name, double& time_s) {
            time_s = lines.output(name) ? time_s + step_s : 0.0;
            return time_s >= settings_.key_takes_s && time_s < settings_.key_takes_s + 1.5 * step_s;
        };
        const bool stop = held("stop", held_[0]), play = held("play", held_[1]),
                   forward = held("fast_forward", held_[2]), rewind = held("rewind", held_[3]),
                   record = held("record", held_[4]);
        if (stop) {
            mode = Mode::Stop;
            recording = false;
        } else if (play) {
            torn = torn || std::abs(velocity_m_s) > 0.6;
            mode = Mode::Play;
            recording = false; // play alone is the way out of record
        } else if (forward || rewind) {
            mode = forward ? Mode::Forward : Mode::Rewind;
            recording = false;
        }
        if (record && lines.output("play") && mode == Mode::Play) {
            recording = true;
        }
    }

    void show() {
        lines.drive_input("tally_stop", mode == Mode::Stop && velocity_m_s == 0.0);
        lines.drive_input("tally_play", mode == Mode::Play || stuck_play_tally);
        lines.drive_input("tally_record", recording);
        lines.drive_input("tally_fast_forward", mode == Mode::Forward);
        lines.drive_input("tally_rewind", mode == Mode::Rewind);
        lines.drive_input("tape_out", ended_);
    }

    LatchingDeckSettings settings_;
    SimulatedTimeline& timeline_;
    std::array<double, 5> held_{};
    std::int64_t edges_ = 0, place_edges_ = 0;
    DeckTime last_edge_{};
    bool ended_ = false;
    PeriodicTimer tick_;
};

class ScriptedDeck : public Deck {
  public:
    ScriptedDeck() {
        capabilities_.kind = "scripted";
        capabilities_.tallies = true;
        capabilities_.tach = true;
        tally.stop = true;
        tally.play = tally.record = tally.fast_forward = tally.rewind = tally.tape_out = false;
    }
    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override { return capabilities_; }
    Result<void> press(Key key) override { return note(std::string(1, "SPRXFW"[static_cast<int>(key)])); }
    [[nodiscard]] Tallies tallies() const override { return tally; }
    [[nodiscard]] TachReading tach() override { return reading; }
    void on_change(std::function<void()> listener) override { listener_ = std::move(listener); }
    void make_safe() noexcept override { log.emplace_back("!"); }
    Result<void> shuttle(double m_s) override {
        shuttles.push_back(m_s);
        return note("H");
    }
    Result<void> library_wind(Direction direction) override {
        return note(direction == Direction::Forward ? "f" : "w");
    }
    Result<void> edit(bool on) override { return note(on ? "E" : "e"); }
    Result<void> defeat_lifters(bool on) override { return note(on ? "D" : "d"); }
    Result<void> select_speed(double ips) override { return note("V" + std::to_string(static_cast<int>(ips))); }
    Result<void> set_ready(int track, bool ready) override { return note((ready ? "Y" : "y") + std::to_string(track)); }
    Result<void> thread_tension(bool on) override { return note(on ? "T" : "t"); }
    [[nodiscard]] LinkState link() const override { return link_; }
    /// Every mode there is.
    void offer_everything() {
        capabilities_.shuttle = capabilities_.library_wind = capabilities_.edit = true;
        capabilities_.lifter_defeat = capabilities_.thread_tension = true;
        capabilities_.slowest_shuttle_m_s = 0.02;
        capabilities_.fastest_shuttle_m_s = 10.0;
        capabilities_.speeds_ips = {15.0, 30.0};
        capabilities_.ready_tracks = 2;
    }

    void tell() {
        if (listener_) {
            listener_();
        }
    }
    [[nodiscard]] std::string keys() const {
        std::string all;
        for (const std::string& entry : log) {
            all += entry;
        }
        return all;
    }

    DeckCapabilities capabilities_;
    Tallies tally;
    TachReading reading;
    bool fails = false;
    LinkState link_;
    /// S P R X(record exit) F W(rewind), ! for make_safe, f w library wind, H shuttle, E e edit, D d lifters defeated,
    /// T t threading tension, V speed, Y y ready; small letters are off
    std::vector<std::string> log;
    std::vector<double> shuttles;

  private:
    Result<void> note(std::string entry) {
        log.push_back(std::move(entry));
        return fails ? Result<void>(Error{"line stuck"}) : Result<void>{};
    }
    std::function<void()> listener_;
};

} // namespace overbias::transport::test
