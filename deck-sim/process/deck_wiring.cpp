// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/deck_wiring.hpp"

#include "deck-sim/process/wires.hpp"

#include <stdexcept>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr unsigned kHeartbeat = kOutputWires.size();
constexpr unsigned kFirstInput = kHeartbeat + 1;
constexpr unsigned kTachA = kFirstInput + kInputWires.size();
constexpr unsigned kTachB = kTachA + 1;
constexpr unsigned kFirstMore = kTachB + 1;

transport::LineId required(Result<transport::LineId> line) {
    if (!line) {
        throw std::logic_error(line.error().message);
    }
    return *line;
}

} // namespace

const std::vector<std::string>& DeckWiring::names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Wire& wire : kOutputWires) {
            all.emplace_back(wire.chip);
        }
        all.emplace_back(kHeartbeatLine);
        for (const Wire& wire : kInputWires) {
            all.emplace_back(wire.chip);
        }
        all.emplace_back(kTachALine);
        all.emplace_back(kTachBLine);
        for (const Wire& wire : kMoreOutputWires) {
            all.emplace_back(wire.chip);
        }
        return all;
    }();
    return names;
}

DeckWiring::DeckWiring(Timeline& timeline, SimulatedDeck& deck, bool heartbeat_contact,
                       std::function<void(unsigned, bool, DeckTime)> drive, Events events)
    : timeline_(timeline), deck_(deck), drive_(std::move(drive)), events_(std::move(events)) {
    transport::Lines& lines = deck_.lines();
    for (const Wire& wire : kOutputWires) {
        outputs_.push_back({required(lines.find_output(wire.deck))});
    }
    for (const Wire& wire : kMoreOutputWires) {
        more_.push_back({required(lines.find_output(wire.deck))});
    }
    const DeckTime now = timeline_.now();
    for (unsigned i = 0; i < kInputWires.size(); ++i) {
        const transport::LineId line = required(lines.find_input(kInputWires[i].deck));
        input_offsets_[line.value] = kFirstInput + i;
        drive_(kFirstInput + i, lines.get(line), now);
    }
    drive_(kTachA, false, now);
    drive_(kTachB, false, now);
    lines.on_edge(
        [this](const transport::LineEdge& edge) { drive_(input_offsets_.at(edge.line.value), edge.active, edge.at); });
    deck_.on_roller_edge([this](const RollerEdge& edge) { drive_(edge.of_b ? kTachB : kTachA, edge.high, edge.at); });
    if (heartbeat_contact) {
        relay_ = std::make_unique<HeartbeatRelay>(timeline_, [this](bool closed, DeckTime at) {
            deck_.record_enable(closed);
            press(kStopKey, kHeartbeatContact, !closed, at);
            events_.heartbeat(closed, at);
        });
        deck_.record_enable(false); // nothing has kept it up yet
        press(kStopKey, kHeartbeatContact, true, now);
    }
}

DeckWiring::~DeckWiring() {
    deck_.lines().on_edge({});
    deck_.on_roller_edge({});
}

void DeckWiring::press(unsigned key, Source source, bool closed, DeckTime at) {
    Output& output = outputs_[key];
    const bool was = output.pressed_by != 0;
    output.pressed_by = closed ? output.pressed_by | source : output.pressed_by & ~static_cast<unsigned>(source);
    const bool is = output.pressed_by != 0;
    if (is != was) {
        deck_.lines().set(output.deck_line, is);
        events_.contact(kOutputWires[key].deck, is, at);
    }
}

void DeckWiring::output(unsigned offset, bool high) {
    if (offset == kHeartbeat) {
        if (relay_ && high != heartbeat_high_) {
            relay_->edge();
        }
        heartbeat_high_ = high;
    } else if (offset >= kFirstMore && offset < kFirstMore + more_.size()) {
        const unsigned place = offset - kFirstMore;
        if (std::exchange(more_[place].high, high) != high) {
            deck_.lines().set(more_[place].deck_line, high);
            events_.contact(kMoreOutputWires[place].deck, high, timeline_.now());
        }
    } else if (offset < outputs_.size()) { // an input that somebody drives as an output moves nothing
        press(offset, kRelay, high, timeline_.now());
    }
}

void DeckWiring::serial_key(unsigned key, bool closed) {
    press(key, kSerial, closed, timeline_.now());
}

const char* DeckWiring::heartbeat_state() const noexcept {
    return relay_ == nullptr ? "absent" : relay_->closed() ? "closed" : "dropped";
}

} // namespace overbias::deck_sim
