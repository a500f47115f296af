// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/simulated_deck.hpp"

#include "deck-sim/magnetics/tape_path.hpp"
#include "deck-sim/mechanics/deck_ports.hpp"
#include "deck-sim/mechanics/deck_remote.hpp"
#include "deck-sim/mechanics/mechanics.hpp"

#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr double kTestPoint_v_a_ma = 0.25;
constexpr DeckDuration kStep = std::chrono::milliseconds(1);

Monitor monitor_of(DeckLines::MonitorRelays relays) {
    return relays.input ? Monitor::Input : (relays.sync ? Monitor::Sync : Monitor::Repro);
}

Truth::Mode mode_of(DeckLogic::Mode mode) {
    switch (mode) {
    case DeckLogic::Mode::Playing:
        return Truth::Mode::Playing;
    case DeckLogic::Mode::FastForwarding:
        return Truth::Mode::FastForwarding;
    case DeckLogic::Mode::Rewinding:
        return Truth::Mode::Rewinding;
    case DeckLogic::Mode::TapeOut:
        return Truth::Mode::TapeOut;
    case DeckLogic::Mode::Shuttling:
        return Truth::Mode::Shuttling;
    case DeckLogic::Mode::Editing:
        return Truth::Mode::Editing;
    case DeckLogic::Mode::Stopped:
        break;
    }
    return Truth::Mode::Stopped;
}

} // namespace

struct SimulatedDeck::Impl {
    Impl(Timeline& line, const Settings& settings, std::vector<Fault> given)
        : timeline(line), length_m(settings.tape_length_m), faults(std::move(given)), mechanics(settings, faults),
          path(
              settings, faults, [this] { return seconds(timeline.now()); }, [this] { advance(); }),
          remote(
              mechanics, [this] { advance(); }, [this](double speed_ips) { path.select_speed(speed_ips); }),
          lines(
              mechanics, remote, [this] { advance(); },
              [this](DeckLines::MonitorRelays relays) { path.select_monitor(monitor_of(relays)); }),
          tach(mechanics, [this] { advance(); }), reached(timeline.now()), clock(timeline, kStep,
                                                                                 [this] {
                                                                                     advance();
                                                                                     lines.deliver();
                                                                                     deliver();
                                                                                 }),
          mode(mode_of(mechanics.logic().mode())), positions(settings) {
        mechanics.trim_speed(positions.screws().speed_trim);
        lines.on_patch([this](const Patch& patch) {
            path.select_input(patch.oscillator ? InputFrom::Oscillator
                              : patch.source   ? InputFrom::Nothing
                                               : InputFrom::Playback);
        });
    }

    /// Every whole step that has ended by now. What the outside does between two steps counts from the next one.
    void advance() {
        const DeckTime now = timeline.now();
        while (reached + kStep <= now) {
            const DeckTime end = reached + kStep;
            const MotionStep step = mechanics.step(seconds(reached), seconds(end));
            path.process(step);
            note_step(step, reached, end);
            reached = end;
            lines.note_step(end);
        }
    }

    void note(DeckEvent::What what, DeckTime at, double place_m) {
        if (listener) {
            pending.push_back({what, at, mode, place_m});
        }
    }

    /// What this step changed. Current and motion flow through the whole of a step, so they change at its beginning;
    /// that the tape stands is seen at its end.
    void note_step(const MotionStep& step, DeckTime begin, DeckTime end) {
        using What = DeckEvent::What;
        if (const Truth::Mode now = mode_of(mechanics.logic().mode()); now != mode) {
            mode = now;
            note(What::Motion, begin, step.x0_m);
        }
        if (step.recording != recording) {
            recording = step.recording;
            note(recording ? What::RecordOn : What::RecordOff, begin, step.x0_m);
        }
        if (mechanics.drive().broken() && !broken) {
            broken = true;
            note(What::TapeBroke, end, step.x1_m);
        }
        if (mechanics.drive().still() != still) {
            still = !still;
            note(still ? What::Still : What::Moving, still ? end : begin, still ? step.x1_m : step.x0_m);
        }
    }

    void deliver() {
        delivering.swap(pending);
        for (const DeckEvent& event : delivering) {
            if (const auto to = listener) { // a copy: the listener may put another in its place
                to(event);
            }
        }
        delivering.clear();
        delivering_pulses.swap(mechanics.roller().pulses());
        for (const RollerPulse& pulse : delivering_pulses) {
            if (roller_listener) {
                roller_listener({DeckTime(deck_seconds(pulse.at_s)), pulse.of_b, pulse.high});
            }
        }
        delivering_pulses.clear();
    }

    Timeline& timeline;
    double length_m;
    std::vector<Fault> faults;
    Mechanics mechanics;
    TapePath path;
    DeckRemote remote;
    DeckLines lines;
    DeckTach tach;
    DeckTime reached;
    PeriodicTimer clock;
    Truth::Mode mode;
    bool recording = false, broken = false, still = true;
    std::function<void(const DeckEvent&)> listener;
    std::function<void(const RollerEdge&)> roller_listener;
    std::vector<DeckEvent> pending, delivering;
    std::vector<RollerPulse> delivering_pulses;
    ScrewPositions positions;

    void screws_turned() {
        path.turn(positions.screws());
        mechanics.trim_speed(positions.screws().speed_trim);
    }
    /// A reel is changed by hand.
    [[nodiscard]] Result<void> reels_stand() {
        advance();
        if (!mechanics.drive().still()) {
            return Error{"simulated deck: reels are changed only when they stand still; stop the deck first"};
        }
        return {};
    }
};

SimulatedDeck::SimulatedDeck(Timeline& timeline, const Settings& settings, std::vector<Fault> faults)
    : impl_(std::make_unique<Impl>(timeline, settings, std::move(faults))) {
}

SimulatedDeck::~SimulatedDeck() = default;

transport::Lines& SimulatedDeck::lines() {
    return impl_->lines;
}

transport::Tach& SimulatedDeck::tach() {
    return impl_->tach;
}

audio::Pcm& SimulatedDeck::pcm() {
    return impl_->path.pcm();
}

Truth SimulatedDeck::truth() {
    impl_->advance();
    const Mechanics& mechanics = impl_->mechanics;
    Truth truth;
    truth.mode = mode_of(mechanics.logic().mode());
    truth.recording = mechanics.logic().recording(mechanics.drive());
    truth.tape_broken = mechanics.drive().broken();
    truth.place_at_record_head_m = mechanics.drive().place_m();
    truth.speed_m_s = mechanics.speed_m_s();
    truth.supply_radius_m = mechanics.drive().supply_radius_m();
    truth.take_up_radius_m = mechanics.drive().take_up_radius_m();
    truth.supply_turn_rad_s = mechanics.drive().supply_turn_rad_s();
    truth.take_up_turn_rad_s = mechanics.drive().take_up_turn_rad_s();
    truth.supply_turned_rad = mechanics.drive().supply_turned_rad();
    truth.take_up_turned_rad = mechanics.drive().take_up_turned_rad();
    truth.supply_tension_n = mechanics.drive().supply_tension_n();
    truth.take_up_tension_n = mechanics.drive().take_up_tension_n();
    truth.powered = mechanics.logic().powered();
    truth.tape_on_heads = mechanics.drive().taut() && !mechanics.drive().lifted();
    truth.library_wind = mechanics.logic().library_winding();
    truth.selected_speed_ips = mechanics.selected_speed_ips();
    if (truth.recording) {
        truth.recorded_tracks = mechanics.logic().record_tracks();
    }
    return truth;
}

RemoteDeck& SimulatedDeck::remote() {
    return impl_->remote;
}

Patch SimulatedDeck::patch() {
    return impl_->lines.patch();
}

void SimulatedDeck::power(bool on) {
    impl_->advance();
    impl_->mechanics.set_power(on);
}

void SimulatedDeck::hands(std::optional<double> speed_m_s) {
    impl_->advance();
    impl_->mechanics.hands(speed_m_s);
}

void SimulatedDeck::on_event(std::function<void(const DeckEvent&)> listener) {
    impl_->advance();
    impl_->listener = std::move(listener);
}

void SimulatedDeck::on_roller_edge(std::function<void(const RollerEdge&)> listener) {
    impl_->advance();
    impl_->mechanics.roller().note_pulses();
    impl_->roller_listener = std::move(listener);
}

void SimulatedDeck::record_enable(bool closed) {
    impl_->advance();
    impl_->mechanics.set_record_enable(closed);
}

Result<void> SimulatedDeck::thread_at(double place_m) {
    impl_->advance();
    const TapeDrive& drive = impl_->mechanics.drive();
    if (!drive.still() && !impl_->mechanics.logic().threading()) { // threading tension lets the reels creep
        return Error{"simulated deck: tape is threaded by hand only when it stands still; stop the deck first"};
    }
    if (drive.broken()) {
        return Error{"simulated deck: the tape is broken and can't be threaded; start the deck anew"};
    }
    if (!(place_m > 0.0 && place_m < impl_->length_m)) {
        return Error{"simulated deck: a place of " + std::to_string(place_m) + " m is not on the tape: expected 0 to " +
                     std::to_string(impl_->length_m) + " m"};
    }
    impl_->mechanics.thread_at(place_m);
    return {};
}

void SimulatedDeck::read_tape(std::int64_t first_cell, std::span<std::int16_t> cells) {
    impl_->advance();
    impl_->path.copy_tape(first_cell, cells);
}

double SimulatedDeck::tape_cell_m() const noexcept {
    return impl_->path.cell_m();
}

void SimulatedDeck::set_screw(Screw screw, std::size_t track, double position) {
    impl_->advance();
    impl_->positions.set(screw, track, position);
    impl_->screws_turned();
}

double SimulatedDeck::screw(Screw screw, std::size_t track) {
    return impl_->positions.position(screw, track);
}

const Screws& SimulatedDeck::screws() const noexcept {
    return impl_->positions.screws();
}

void SimulatedDeck::turn(const Screws& screws) {
    impl_->advance();
    impl_->positions.take(screws);
    impl_->screws_turned();
}

Result<void> SimulatedDeck::select_equalisation(Equalisation record, Equalisation reproduce) {
    impl_->advance();
    return impl_->path.select_equalisation(record, reproduce);
}

Result<void> SimulatedDeck::mount(const TapeContent& content) {
    const auto stand = impl_->reels_stand();
    return stand ? impl_->path.mount(content) : stand;
}

Result<void> SimulatedDeck::mount_blank() {
    const auto stand = impl_->reels_stand();
    if (stand) {
        impl_->path.mount_blank();
    }
    return stand;
}

std::uint64_t SimulatedDeck::altered_cells() {
    impl_->advance();
    return impl_->path.altered_cells();
}

double SimulatedDeck::bias_ma(std::size_t track) {
    impl_->advance();
    return impl_->path.bias_ma(track);
}

double SimulatedDeck::bias_test_point_v(std::size_t track) {
    return kTestPoint_v_a_ma * bias_ma(track);
}

void SimulatedDeck::programme_starts(DeckTime at) {
    impl_->advance();
    impl_->mechanics.programme_starts(seconds(at));
    impl_->path.programme_starts(seconds(at));
}

void SimulatedDeck::inhibit_record(bool inhibit) {
    impl_->advance();
    impl_->path.inhibit_record(inhibit);
}

} // namespace overbias::deck_sim
