// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/deck_ports.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr std::array<std::string_view, kContacts + 2> kOutputNames{"stop",         "play",   "record",
                                                                   "fast_forward", "rewind", "monitor_input",
                                                                   "monitor_sync"}; // contacts in the order of Contact
constexpr int kMonitorInput = static_cast<int>(kContacts);
constexpr int kMonitorSync = kMonitorInput + 1;
constexpr int kFirstInput = 100; // an input's id is never an output's
constexpr std::size_t kEdgesExpected = 256;

Result<transport::LineId> find(std::span<const std::string_view> names, std::string_view name, const char* what,
                               int first) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) {
        return transport::LineId{first + static_cast<int>(found - names.begin())};
    }
    std::string message =
        "simulated deck: there is no " + std::string(what) + " '" + std::string(name) + "'; there are";
    for (const std::string_view one : names) {
        message.append(one == names.front() ? " " : ", ").append(one);
    }
    return Error{message};
}

} // namespace

DeckLines::DeckLines(Mechanics& mechanics, std::function<void()> advance, std::function<void(MonitorRelays)> monitor)
    : mechanics_(mechanics), advance_(std::move(advance)), monitor_(std::move(monitor)), seen_(mechanics.tallies()) {
    pending_.reserve(kEdgesExpected);
    delivering_.reserve(kEdgesExpected);
}

Result<transport::LineId> DeckLines::find_output(std::string_view name) {
    return find(kOutputNames, name, "output", 0);
}

Result<transport::LineId> DeckLines::find_input(std::string_view name) {
    return find(kTallyNames, name, "input", kFirstInput);
}

void DeckLines::set(transport::LineId output, bool active) {
    if (output.value < 0 || output.value >= static_cast<int>(kOutputNames.size())) {
        throw std::invalid_argument("simulated deck: line " + std::to_string(output.value) +
                                    " is not an output; use what find_output gave");
    }
    advance_();
    if (output.value < static_cast<int>(kContacts)) {
        mechanics_.contact(static_cast<Contact>(output.value), active);
        return;
    }
    bool& relay = output.value == kMonitorSync ? relays_.sync : relays_.input;
    if (relay != active) {
        relay = active;
        monitor_(relays_);
    }
}

bool DeckLines::get(transport::LineId input) const {
    const auto tally = static_cast<std::size_t>(input.value - kFirstInput);
    if (input.value < kFirstInput || tally >= kTallies) {
        throw std::invalid_argument("simulated deck: line " + std::to_string(input.value) +
                                    " is not an input; use what find_input gave");
    }
    advance_();
    return mechanics_.tallies()[tally];
}

void DeckLines::note_step(DeckTime end) {
    const auto& now = mechanics_.tallies();
    if (now == seen_) {
        return;
    }
    for (std::size_t tally = 0; tally < kTallies; ++tally) {
        if (now[tally] != seen_[tally]) {
            pending_.push_back({transport::LineId{kFirstInput + static_cast<int>(tally)}, now[tally], end});
        }
    }
    seen_ = now;
}

void DeckLines::deliver() {
    if (pending_.empty()) {
        return;
    }
    delivering_.swap(pending_);
    for (const transport::LineEdge& edge : delivering_) {
        if (const auto listener = listener_) { // a copy: the listener may put another in its place
            listener(edge);
        }
    }
    delivering_.clear();
}

transport::TachReading DeckTach::read() {
    advance_();
    const RollerCounter& roller = mechanics_.roller();
    transport::TachReading reading;
    reading.edges = roller.edges();
    if (roller.last_edge_s()) {
        reading.last_edge = DeckTime(deck_seconds(*roller.last_edge_s()));
    }
    return reading;
}

} // namespace overbias::deck_sim
