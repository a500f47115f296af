// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/direct-drive/drive_ports.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace overbias::deck_sim {

namespace {

constexpr DeckDuration kStep = std::chrono::milliseconds(1);
constexpr std::array<std::string_view, DriveMachine::kOutputs + 1> kOutputNames{
    "brake_supply", "brake_take_up", "pinch", "lifters", "capstan", "record", "heartbeat"};

template <std::size_t N>
Result<transport::LineId> find(const std::array<std::string_view, N>& names, std::string_view name, const char* what) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
        return transport::LineId{static_cast<int>(found - names.begin())};
    }
    std::string list;
    for (const std::string_view one : names) {
        list += (list.empty() ? "" : ", ") + std::string(one);
    }
    return Error{"simulated machine: no " + std::string(what) + " \"" + std::string(name) + "\"; there are " + list};
}

} // namespace

DriveLines::DriveLines(Timeline& timeline, DriveMachine& machine, std::function<void()> advance)
    : timeline_(timeline), machine_(machine), advance_(std::move(advance)), seen_(machine.inputs()) {
}

Result<transport::LineId> DriveLines::find_output(std::string_view name) {
    return find(kOutputNames, name, "output");
}

Result<transport::LineId> DriveLines::find_input(std::string_view name) {
    return find(DriveMachine::kInputNames, name, "input");
}

void DriveLines::set(transport::LineId output, bool active) {
    if (output.value < 0 || output.value >= static_cast<int>(kOutputNames.size())) {
        throw std::invalid_argument("simulated machine: " + std::to_string(output.value) + " is no output's number");
    }
    advance_();
    if (output.value == static_cast<int>(DriveMachine::kOutputs)) {
        machine_.heartbeat_edge(seconds(timeline_.now()));
    } else {
        machine_.set(static_cast<DriveMachine::Output>(output.value), active);
    }
}

bool DriveLines::get(transport::LineId input) const {
    if (input.value < 0 || input.value >= static_cast<int>(kInputs)) {
        throw std::invalid_argument("simulated machine: " + std::to_string(input.value) + " is no input's number");
    }
    advance_();
    return machine_.inputs()[static_cast<std::size_t>(input.value)];
}

void DriveLines::note_step(DeckTime end) {
    const std::array<bool, kInputs> now = machine_.inputs();
    for (std::size_t i = 0; i < kInputs; ++i) {
        if (now[i] != seen_[i]) {
            seen_[i] = now[i];
            pending_.push_back({transport::LineId{static_cast<int>(i)}, now[i], end});
        }
    }
}

void DriveLines::deliver() {
    delivering_.swap(pending_);
    for (const transport::LineEdge& edge : delivering_) {
        if (const auto to = listener_) { // a copy: the listener may put another in its place
            to(edge);
        }
    }
    delivering_.clear();
}

DriveDeck::DriveDeck(Timeline& timeline, const Settings& settings, const DriveSettings& drive,
                     std::span<const Fault> faults)
    : timeline_(timeline), machine_(settings, drive, faults), lines_(timeline, machine_, [this] { advance(); }),
      reached_(timeline.now()), clock_(timeline, kStep, [this] {
          advance();
          lines_.deliver();
      }) {
}

DriveMachine& DriveDeck::machine() {
    advance();
    return machine_;
}

transport::TachReading DriveDeck::read() {
    advance();
    const RollerCounter& roller = machine_.roller();
    return {.edges = roller.edges(), .last_edge = DeckTime(deck_seconds(roller.last_edge_s().value_or(0.0)))};
}

void DriveDeck::advance() {
    const DeckTime now = timeline_.now();
    while (reached_ + kStep <= now) {
        const DeckTime end = reached_ + kStep;
        const MotionStep step = machine_.step(seconds(reached_), seconds(end));
        reached_ = end;
        lines_.note_step(end);
        if (listener_) {
            listener_(step);
        }
    }
}

} // namespace overbias::deck_sim
