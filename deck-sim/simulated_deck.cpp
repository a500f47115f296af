// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/simulated_deck.hpp"

#include "deck-sim/magnetics/tape_path.hpp"
#include "deck-sim/mechanics/deck_ports.hpp"
#include "deck-sim/mechanics/mechanics.hpp"

#include <utility>

namespace overbias::deck_sim {

namespace {

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
    case DeckLogic::Mode::Stopped:
        break;
    }
    return Truth::Mode::Stopped;
}

} // namespace

struct SimulatedDeck::Impl {
    Impl(Timeline& line, const Settings& settings, std::vector<Fault> given)
        : timeline(line), faults(std::move(given)), mechanics(settings, faults),
          path(
              settings, faults, [this] { return seconds(timeline.now()); }, [this] { advance(); }),
          lines(
              mechanics, [this] { advance(); },
              [this](DeckLines::MonitorRelays relays) { path.select_monitor(monitor_of(relays)); }),
          tach(mechanics, [this] { advance(); }), reached(timeline.now()), clock(timeline, kStep, [this] {
              advance();
              lines.deliver();
          }) {}

    /// Every whole step that has ended by now. What the outside does between two steps counts from the next one.
    void advance() {
        const DeckTime now = timeline.now();
        while (reached + kStep <= now) {
            const DeckTime end = reached + kStep;
            path.process(mechanics.step(seconds(reached), seconds(end)));
            reached = end;
            lines.note_step(end);
        }
    }

    Timeline& timeline;
    std::vector<Fault> faults;
    Mechanics mechanics;
    TapePath path;
    DeckLines lines;
    DeckTach tach;
    DeckTime reached;
    PeriodicTimer clock;
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
    return truth;
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
