// SPDX-License-Identifier: Apache-2.0
// The plant of the property test: deck-sim's mechanics, its remote socket with lines that can be stuck and a tach that
// can die, and a deck behind a link that can be lost. A watcher is told of everything that the machine does to the
// deck, before the deck feels it.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/mechanics/mechanics.hpp"
#include "transport/deck.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"
#include "transport/machine.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::transport::property {

namespace sim = overbias::deck_sim;

/// Repeatable chance (splitmix64).
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    double real(double from, double to) {
        return from + (to - from) * static_cast<double>(next() >> 11U) / 9007199254740992.0;
    }
    int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }
    bool chance(double share) { return real(0.0, 1.0) < share; }

  private:
    std::uint64_t state_;
};

/// What the machine does to the deck. LineShut and LineOpen come from the parallel remote only.
using Watcher = std::function<void(Press press)>;

/// The deck's mechanics, one millisecond at a time, and what may go wrong with its sensors.
class Plant {
  public:
    Plant(const sim::Settings& settings, std::vector<sim::Fault> faults)
        : faults_(std::move(faults)), mechanics(settings, faults_) {}

    void step(DeckTime now) { // the millisecond that ends now
        const double end_s = seconds(now);
        mechanics.step(end_s - 0.001, end_s);
    }
    [[nodiscard]] bool recording() const { return mechanics.logic().recording(mechanics.drive()); }
    [[nodiscard]] double speed() const { return mechanics.drive().speed_m_s(); }
    [[nodiscard]] bool tally(sim::Tally which) const {
        const auto index = static_cast<std::size_t>(which);
        return stuck[index].value_or(mechanics.tallies()[index]);
    }
    [[nodiscard]] TachReading tach() const {
        TachReading reading;
        reading.edges = tach_dead ? frozen_edges : mechanics.roller().edges() - swallowed;
        reading.lost = gaps;
        if (mechanics.roller().last_edge_s()) {
            reading.last_edge = DeckTime(deck_seconds(*mechanics.roller().last_edge_s()));
        }
        return reading;
    }
    void kill_tach() {
        frozen_edges = tach().edges;
        tach_dead = true;
    }

  private:
    std::vector<sim::Fault> faults_;

  public:
    sim::Mechanics mechanics;
    std::array<std::optional<bool>, sim::kTallies> stuck{};
    bool tach_dead = false;
    std::int64_t frozen_edges = 0, swallowed = 0;
    std::uint64_t gaps = 0;
};

/// The remote socket: contacts, held lines, lamps.
class SocketLines final : public Lines {
  public:
    SocketLines(Plant& plant, Timeline& timeline, Watcher watcher)
        : plant_(plant), timeline_(timeline), watcher_(std::move(watcher)) {
        for (std::size_t i = 0; i < sim::kTallies; ++i) {
            shown_[i] = plant_.tally(static_cast<sim::Tally>(i));
        }
    }
    [[nodiscard]] Result<LineId> find_output(std::string_view name) override { return find(kOutputs, name, 0); }
    [[nodiscard]] Result<LineId> find_input(std::string_view name) override {
        return find(sim::kTallyNames, name, 100);
    }
    [[nodiscard]] bool get(LineId input) const override {
        return shown_.at(static_cast<std::size_t>(input.value - 100));
    }
    void on_edge(std::function<void(const LineEdge&)> listener) override { listener_ = std::move(listener); }
    void set(LineId output, bool on) override {
        const auto line = static_cast<std::size_t>(output.value);
        if (std::exchange(closed_.at(line), on) == on) {
            return;
        }
        int motion = 0;
        for (const std::size_t one : {kStop, kPlay, kForward, kRewind, kEdit}) {
            motion += closed_[one] ? 1 : 0;
        }
        most_motion_contacts = std::max(most_motion_contacts, motion);
        record_alone = record_alone || (closed_[kRecord] && !closed_[kPlay]);
        tell_watcher(line, on);
        auto& deck = plant_.mechanics;
        if (line <= kRewind) {
            deck.contact(static_cast<sim::Contact>(line), on);
        } else if (line == kEdit && on) {
            deck.set_edit(true);
        } else if (line == kLibrary) {
            deck.logic().set_library_wind(on);
        } else if (line == kLifters) {
            deck.logic().set_lifter_defeat(on);
        } else if (line == kThread) {
            deck.logic().set_thread_tension(on);
        } else if (line == kReady1 || line == kReady2) {
            deck.logic().set_ready(line - kReady1, on);
        } else if (line == kSpeedHigh) {
            deck.select_speed(on ? 30.0 : 15.0);
        }
    }
    /// Tells of the lamps that have changed.
    void deliver() {
        for (std::size_t i = 0; i < sim::kTallies; ++i) {
            const bool level = plant_.tally(static_cast<sim::Tally>(i));
            if (std::exchange(shown_[i], level) != level && listener_) {
                listener_({LineId{100 + static_cast<int>(i)}, level, timeline_.now()});
            }
        }
    }

    int most_motion_contacts = 0;
    bool record_alone = false;

  private:
    enum : std::size_t {
        kStop,
        kPlay,
        kRecord,
        kForward,
        kRewind,
        kEdit,
        kLibrary,
        kLifters,
        kThread,
        kReady1,
        kReady2,
        kSpeedHigh,
        kOutputCount
    };
    static constexpr std::array<std::string_view, kOutputCount> kOutputs{"stop",   "play",    "record",  "fast_forward",
                                                                         "rewind", "edit",    "library", "lifters",
                                                                         "thread", "ready_1", "ready_2", "speed_high"};
    template <typename Names>
    static Result<LineId> find(const Names& names, std::string_view name, int first) {
        const auto found = std::find(names.begin(), names.end(), name);
        if (found == names.end()) {
            return Error{"no line " + std::string(name)};
        }
        return LineId{first + static_cast<int>(found - names.begin())};
    }
    void tell_watcher(std::size_t line, bool on) const {
        const bool slow = closed_[kLibrary];
        if (line == kStop && on) {
            watcher_(Press::Stop);
        } else if (line == kPlay && on) {
            watcher_(Press::Play);
        } else if (line == kRecord && on) {
            watcher_(Press::Record);
        } else if (line == kForward && on) {
            watcher_(slow ? Press::LibraryForward : Press::FastForward);
        } else if (line == kRewind && on) {
            watcher_(slow ? Press::LibraryReverse : Press::Rewind);
        } else if (line == kEdit && on) {
            watcher_(Press::Edit);
        } else if (line == kLifters) {
            watcher_(on ? Press::DefeatLifters : Press::RestoreLifters);
        } else if (line == kThread) {
            watcher_(on ? Press::ThreadTensionOn : Press::ThreadTensionOff);
        } else if (line == kReady1 || line == kReady2) {
            watcher_(Press::SetReady);
        } else if (line == kSpeedHigh) {
            watcher_(Press::SelectSpeed);
        }
    }

    Plant& plant_;
    Timeline& timeline_;
    Watcher watcher_;
    std::function<void(const LineEdge&)> listener_;
    std::array<bool, kOutputCount> closed_{};
    std::array<bool, sim::kTallies> shown_{};
};

class PlantTach final : public Tach {
  public:
    explicit PlantTach(Plant& plant) : plant_(plant) {}
    [[nodiscard]] TachReading read() override { return plant_.tach(); }

  private:
    Plant& plant_;
};

/// A deck behind a link, asked for its state every 40 ms: it has a still bit and a counter of its own, and may be cut
/// off. What is sent then vanishes; a command or two polls without an answer are a lost link, as with every driver.
class LinkedDeck final : public Deck {
  public:
    LinkedDeck(Plant& plant, Watcher watcher) : plant_(plant), watcher_(std::move(watcher)) {
        capabilities_.kind = "linked";
        capabilities_.tallies = capabilities_.tach = capabilities_.link = true;
        capabilities_.counter_edges_per_metre = kStepsPerMetre;
        capabilities_.shuttle = capabilities_.library_wind = capabilities_.edit = true;
        capabilities_.slowest_shuttle_m_s = 0.02;
        capabilities_.fastest_shuttle_m_s = 8.0;
        capabilities_.lifter_defeat = capabilities_.thread_tension = true;
        capabilities_.speeds_ips = {15.0, 30.0};
        capabilities_.ready_tracks = 2;
        poll(DeckTime{});
    }
    [[nodiscard]] const DeckCapabilities& capabilities() const noexcept override { return capabilities_; }
    Result<void> press(Key key) override {
        static constexpr Press kPresses[] = {Press::Stop,       Press::Play,        Press::Record,
                                             Press::RecordExit, Press::FastForward, Press::Rewind};
        return send(kPresses[static_cast<std::size_t>(key)], [key](sim::Mechanics& deck) {
            switch (key) {
            case Key::Stop:
                return deck.touch(sim::Contact::Stop);
            case Key::Play:
            case Key::RecordExit:
                return deck.touch(sim::Contact::Play);
            case Key::Record:
                return deck.touch(sim::Contact::Record);
            case Key::FastForward:
                return deck.touch(sim::Contact::FastForward);
            case Key::Rewind:
                return deck.touch(sim::Contact::Rewind);
            }
        });
    }
    void make_safe() noexcept override {
        unanswered_command_ = unanswered_command_ || cut;
        if (!cut && link_.up) {
            watcher_(Press::Stop);
            plant_.mechanics.touch(sim::Contact::Stop);
        }
    }
    Result<void> shuttle(double m_s) override {
        return send(Press::Shuttle, [m_s](sim::Mechanics& deck) { deck.logic().shuttle(m_s); });
    }
    Result<void> library_wind(Direction way) override {
        const bool forward = way == Direction::Forward;
        return send(forward ? Press::LibraryForward : Press::LibraryReverse, [forward](sim::Mechanics& deck) {
            deck.logic().library_wind(forward ? sim::DeckLogic::Mode::FastForwarding : sim::DeckLogic::Mode::Rewinding);
        });
    }
    Result<void> edit(bool on) override {
        return send(on ? Press::Edit : Press::EndEdit, [on](sim::Mechanics& deck) { deck.set_edit(on); });
    }
    Result<void> defeat_lifters(bool on) override {
        return send(on ? Press::DefeatLifters : Press::RestoreLifters,
                    [on](sim::Mechanics& deck) { deck.logic().set_lifter_defeat(on); });
    }
    Result<void> thread_tension(bool on) override {
        return send(on ? Press::ThreadTensionOn : Press::ThreadTensionOff,
                    [on](sim::Mechanics& deck) { deck.logic().set_thread_tension(on); });
    }
    Result<void> select_speed(double ips) override {
        return send(Press::SelectSpeed, [ips](sim::Mechanics& deck) { deck.select_speed(ips); });
    }
    Result<void> set_ready(int track, bool on) override {
        return send(Press::SetReady,
                    [=](sim::Mechanics& deck) { deck.logic().set_ready(static_cast<std::size_t>(track - 1), on); });
    }
    [[nodiscard]] Tallies tallies() const override { return told_; }
    [[nodiscard]] TachReading tach() override { return reading_; }
    [[nodiscard]] LinkState link() const override { return link_; }
    void on_change(std::function<void()> listener) override { listener_ = std::move(listener); }

    /// Every millisecond.
    void step(DeckTime now) {
        if (now < next_poll_) {
            return;
        }
        next_poll_ = now + std::chrono::milliseconds(40);
        const Tallies before = told_;
        const LinkState link_before = link_;
        if (std::exchange(unanswered_command_, false) && link_.up) {
            link_ = {false, "a command was not answered"};
            told_ = {};
        } else if (cut || !plant_.mechanics.logic().powered()) { // two polls without an answer
            if (++unanswered_ >= 2 && link_.up) {
                link_ = {false, "no answer"};
                told_ = {};
            }
        } else {
            unanswered_ = 0;
            link_ = {};
            poll(now);
        }
        if (listener_ && !(before == told_ && link_before == link_)) {
            listener_();
        }
    }

    bool cut = false;
    static constexpr double kStepsPerMetre = 200.0;

  private:
    template <typename Do>
    Result<void> send(Press press, Do act) {
        if (!link_.up) {
            return Error{"the link is down"};
        }
        unanswered_command_ = unanswered_command_ || cut;
        if (!cut) {
            watcher_(press);
            act(plant_.mechanics);
        }
        return {};
    }
    void poll(DeckTime now) {
        const auto lit = [this](sim::Tally which) { return plant_.tally(which); };
        told_ = {.stop = lit(sim::Tally::Stop),
                 .play = lit(sim::Tally::Play),
                 .record = lit(sim::Tally::Record),
                 .fast_forward = lit(sim::Tally::FastForward),
                 .rewind = lit(sim::Tally::Rewind),
                 .tape_out = lit(sim::Tally::TapeOut),
                 .still = plant_.mechanics.drive().still()};
        const TachReading roller = plant_.tach();
        const auto steps =
            static_cast<std::int64_t>(std::floor(static_cast<double>(roller.edges) / (16.0 / 0.0254) * kStepsPerMetre));
        if (steps != reading_.edges) {
            reading_.edges = steps;
            reading_.last_edge = now;
        }
        reading_.lost = roller.lost;
    }

    Plant& plant_;
    Watcher watcher_;
    DeckCapabilities capabilities_;
    LinkState link_;
    Tallies told_;
    TachReading reading_;
    DeckTime next_poll_{};
    int unanswered_ = 0;
    bool unanswered_command_ = false;
    std::function<void()> listener_;
};

} // namespace overbias::transport::property
