// SPDX-License-Identifier: Apache-2.0
// A SonyNinePin on one end of a line on simulated time, and on the other the deck's 9-pin socket with a deck behind it
// whose tape follows its keys at once.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "transport/drivers/nine_pin_frame.hpp"
#include "transport/drivers/sony_nine_pin.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace overbias::transport::test {

using Bytes = std::vector<std::uint8_t>;

class QuickDeck final : public deck_sim::NinePinDeck {
  public:
    explicit QuickDeck(SimulatedTimeline& timeline) : timeline_(timeline) {}

    void press(Key key) override {
        pressed += "SPRFW"[static_cast<int>(key)];
        now.stopped = key == Key::Stop;
        now.playing = key == Key::Play || key == Key::Record;
        now.recording = key == Key::Record;
        now.fast_forwarding = key == Key::FastForward;
        now.rewinding = key == Key::Rewind;
        now.cued_up = now.shuttling = false;
        run(now.playing ? 1.0 : now.fast_forwarding ? 20.0 : now.rewinding ? -20.0 : 0.0);
    }
    void enable_local_keys(bool) override {}
    bool shuttle(double times_play_speed) override {
        press(Key::Stop);
        now.stopped = false;
        now.shuttling = true;
        run(times_play_speed);
        return true;
    }
    bool cue_up(double counter_s) override {
        place_s_ = cued_to_s = counter_s;
        now.cued_up = true;
        return true;
    }
    [[nodiscard]] State state() const override {
        State is = now;
        is.counter_s = place_s_ + speed_ * seconds(timeline_.now() - since_);
        is.still = speed_ == 0.0;
        is.backward = speed_ < 0.0;
        return is;
    }
    /// Somebody sets the counter.
    void set_counter(double counter_s) { place_s_ += counter_s - state().counter_s; }
    [[nodiscard]] double speed() const { return speed_; }

    State now{.stopped = true};
    std::string pressed; ///< S P R F W(rewind)
    double cued_to_s = 0.0;

  private:
    void run(double speed) {
        place_s_ = state().counter_s;
        since_ = timeline_.now();
        speed_ = speed;
    }
    SimulatedTimeline& timeline_;
    double place_s_ = 600.0, speed_ = 0.0; ///< in play speeds
    DeckTime since_{};
};

/// The face of `Behind`, on a line.
template <typename Behind>
struct NinePinLine {
    NinePinLine(SimulatedTimeline& timeline, Behind& behind, deck_sim::NinePinSettings settings)
        : face(timeline, behind, settings, [this](std::span<const std::uint8_t> bytes) { pair.send(bytes); }),
          pair(timeline, {"/dev/deck", 38400, SerialParity::Odd, false}) {
        pair.on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged) { face.receive(bytes, damaged); });
    }
    deck_sim::NinePinFace face;
    deck_sim::SerialPair pair;
};

struct NinePinRig {
    static deck_sim::NinePinSettings quick() {
        deck_sim::NinePinSettings settings;
        settings.device_type = {0x20, 0x25};
        settings.answer_after = std::chrono::milliseconds(4);
        return settings;
    }
    static NinePinConfig able() {
        NinePinConfig config;
        config.slowest_shuttle = 0.1;
        config.fastest_shuttle = 20.0;
        return config;
    }
    explicit NinePinRig(const NinePinConfig& config = able(), const deck_sim::NinePinSettings& settings = quick())
        : line(timeline, deck, settings) {
        driver.emplace(timeline, line.pair.link(), config);
        driver->on_change([this] { ++changes; });
        driver->trace([this](bool sent, std::span<const std::uint8_t> bytes, DeckTime at) {
            Bytes copy(bytes.begin(), bytes.end());
            if (sent) {
                asked.push_back({copy, at});
            } else {
                heard.push_back({copy, at});
            }
        });
    }
    void run(double for_s) { timeline.run_for(deck_seconds(for_s)); }
    [[nodiscard]] bool up() const { return driver->link().up; }
    /// How often these bytes were sent since then.
    [[nodiscard]] int times(const Bytes& bytes, DeckTime since = {}) const {
        return static_cast<int>(std::count_if(
            asked.begin(), asked.end(), [&](const Frame& frame) { return frame.at >= since && frame.bytes == bytes; }));
    }
    [[nodiscard]] std::string detail(const std::string& name) const {
        for (const auto& [key, value] : driver->details()) {
            if (key == name) {
                return value;
            }
        }
        return "";
    }
    /// Runs until these bytes have been sent and are not answered yet.
    [[nodiscard]] bool until_asking(const Bytes& bytes) {
        const auto asking = [&] {
            return !asked.empty() && asked.back().bytes == bytes && asked.size() > heard.size();
        };
        return timeline.run_until(asking, timeline.now() + deck_seconds(1.0));
    }
    /// Runs until the link is as said; how long that took.
    std::optional<double> until_link(bool wanted, double at_most_s) {
        const DeckTime begin = timeline.now();
        if (!timeline.run_until([&] { return up() == wanted; }, begin + deck_seconds(at_most_s))) {
            return std::nullopt;
        }
        return seconds(timeline.now() - begin);
    }

    struct Frame {
        Bytes bytes;
        DeckTime at;
    };
    SimulatedTimeline timeline;
    QuickDeck deck{timeline};
    NinePinLine<QuickDeck> line;
    std::optional<SonyNinePin> driver;
    std::vector<Frame> asked, heard;
    int changes = 0;
};

inline const Bytes kStopBytes{0x20, 0x00, 0x20}, kPlayBytes{0x20, 0x01, 0x21}, kRecordBytes{0x20, 0x02, 0x22},
    kStatusBytes{0x61, 0x20, 0x0A, 0x8B}, kTimer1Bytes{0x61, 0x0C, 0x04, 0x71}, kLtcBytes{0x61, 0x0C, 0x01, 0x6E},
    kTypeBytes{0x00, 0x11, 0x11};

} // namespace overbias::transport::test
