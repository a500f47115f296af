// SPDX-License-Identifier: Apache-2.0
// A Studer driver on one end of a simulated serial line, the deck's socket on the other, and a deck with a tape behind
// it. The mnemonics beyond PLY, STP and SD? are this test's own: what a real deck calls them stands in its manual.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/faces/studer_face.hpp"
#include "transport/drivers/studer_ascii.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport::test {

using namespace std::chrono_literals;

/// Latches its keys, speeds up and slows down, and counts its tape.
class TapeOfStuder final : public deck_sim::StuderDeck {
  public:
    explicit TapeOfStuder(Timeline& timeline) : tick_(timeline, 2ms, [this] { step(0.002); }) {}

    void press(Key key) override {
        pressed.push_back(key);
        switch (key) {
        case Key::Stop:
        case Key::LeaveEdit:
            wanted_m_s_ = 0.0;
            recording = false;
            mode = Key::Stop;
            break;
        case Key::Play:
        case Key::RecordExit:
            recording = false;
            mode = Key::Play;
            break;
        case Key::Record:
            recording = true;
            mode = Key::Play;
            break;
        case Key::FastForward:
        case Key::Rewind:
            recording = false;
            mode = key;
            break;
        default:
            break;
        }
    }
    void select_speed(double ips) override { speed_ips = ips; }
    [[nodiscard]] State state() const override {
        State out;
        out.powered = powered;
        out.still = speed_m_s == 0.0;
        out.stopped = mode == Key::Stop && out.still;
        out.playing = mode == Key::Play && speed_m_s == play_m_s();
        out.recording = recording && out.playing;
        out.fast_forwarding = mode == Key::FastForward;
        out.rewinding = mode == Key::Rewind;
        out.tape_out = tape_out;
        out.counter_s = place_m / play_m_s();
        return out;
    }
    [[nodiscard]] double play_m_s() const { return speed_ips * 0.0254; }

    std::vector<Key> pressed;
    bool powered = true;
    Key mode = Key::Stop;
    bool recording = false, tape_out = false;
    double speed_ips = 15.0, speed_m_s = 0.0, place_m = 100.0;

  private:
    void step(double dt) {
        wanted_m_s_ = mode == Key::Play          ? play_m_s()
                      : mode == Key::FastForward ? 6.0
                      : mode == Key::Rewind      ? -6.0
                                                 : 0.0;
        const double most = (mode == Key::Play ? 1.0 : 4.0) * dt;
        speed_m_s += std::clamp(wanted_m_s_ - speed_m_s, -most, most);
        place_m += speed_m_s * dt;
    }
    double wanted_m_s_ = 0.0;
    PeriodicTimer tick_;
};

/// Everything this test's deck is asked and told.
inline StuderAsciiConfig full_config() {
    StuderAsciiConfig config;
    config.commands.fast_forward = "FWD";
    config.commands.rewind = "RWD";
    config.commands.record = "REC";
    config.commands.record_exit = "REX";
    config.commands.edit_on = "EDI";
    config.commands.library_wind_forward = "LBF";
    config.commands.library_wind_reverse = "LBR";
    config.commands.lifter_defeat_on = "LFX";
    config.commands.lifter_defeat_off = "LFN";
    config.speeds = {{7.5, "SSB"}, {15.0, "SSC"}};
    config.status.query = "QST?";
    config.status.rules = {{"STOP{*}", {"stop", "still"}},
                           {"PLAY", {"play"}},
                           {"REC", {"record", "play"}},
                           {"FFWD", {"fast_forward"}},
                           {"REWD", {"rewind"}},
                           {"NO TAPE", {"tape_out"}},
                           {"MOVE", {}}};
    config.timer.query = "QTM?";
    config.timer.answer = "{sign}{h}:{m}:{s}.{f}";
    return config;
}

inline deck_sim::StuderFaceSettings full_face() {
    using Key = deck_sim::StuderDeck::Key;
    deck_sim::StuderFaceSettings face;
    face.keys = {{"FWD", Key::FastForward},   {"RWD", Key::Rewind},     {"REC", Key::Record},
                 {"REX", Key::RecordExit},    {"EDI", Key::Edit},       {"LBF", Key::LibraryForward},
                 {"LBR", Key::LibraryRewind}, {"LFX", Key::LiftersOff}, {"LFN", Key::LiftersOn}};
    face.speeds_ips = {{"SSB", 7.5}, {"SSC", 15.0}};
    face.status_query = "QST?";
    face.status_words = {{"tape_out", "NO TAPE"}, {"record", "REC"}, {"play", "PLAY"},  {"fast_forward", "FFWD"},
                         {"rewind", "REWD"},      {"stop", "STOP"},  {"moving", "MOVE"}};
    face.timer_query = "QTM?";
    face.memory = "RAM";
    face.values = {11, 22, 33, 44, 55};
    return face;
}

/// The sure mnemonics alone.
inline StuderAsciiConfig bare_config() {
    return {};
}

struct StuderRig {
    explicit StuderRig(StuderAsciiConfig given = full_config(), deck_sim::StuderFaceSettings device = full_face())
        : face(timeline, tape, std::move(device), [this](std::span<const std::uint8_t> bytes) { pair.send(bytes); }),
          config(std::move(given)) {
        pair.on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged) {
            heard.append(bytes.begin(), bytes.end());
            face.receive(bytes, damaged);
        });
    }
    /// Makes the driver; the deck has been on for some time.
    void start() {
        timeline.run_for(4s);
        make_driver();
        timeline.run_for(1s);
        EXPECT_TRUE(deck->link().up) << deck->link().problem;
        heard.clear();
        tape.pressed.clear();
    }
    void make_driver() {
        deck = std::make_unique<StuderAscii>(timeline, pair.link(), nullptr, config);
        deck->set_trace([this](bool sent, std::span<const std::uint8_t> bytes, DeckTime) {
            trace.push_back((sent ? "> " : "< ") + std::string(bytes.begin(), bytes.end()));
        });
    }
    void run(DeckDuration time) { timeline.run_for(time); }
    [[nodiscard]] std::size_t times(const std::string& text) const {
        std::size_t count = 0;
        for (std::size_t at = heard.find(text); at != std::string::npos; at = heard.find(text, at + 1)) {
            ++count;
        }
        return count;
    }
    [[nodiscard]] std::string detail(const std::string& wanted) const {
        for (const auto& [name, text] : deck->details()) {
            if (name == wanted) {
                return text;
            }
        }
        return {};
    }

    SimulatedTimeline timeline;
    deck_sim::SerialPair pair{timeline, {"the deck's line", 9600, SerialParity::None, true}};
    TapeOfStuder tape{timeline};
    deck_sim::StuderFace face;
    StuderAsciiConfig config;
    std::string heard; ///< by the deck
    std::vector<std::string> trace;
    std::unique_ptr<StuderAscii> deck;
};

} // namespace overbias::transport::test
