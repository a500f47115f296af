// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/deck_ports.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr std::array<std::string_view, 20> kOutputNames{"stop",
                                                        "play",
                                                        "record",
                                                        "fast_forward",
                                                        "rewind", // in the order of Contact
                                                        "monitor_input",
                                                        "monitor_sync",
                                                        "library_wind",
                                                        "edit",
                                                        "lifter_defeat",
                                                        "thread",
                                                        "speed_low",
                                                        "speed_high",
                                                        "ready_1",
                                                        "ready_2",
                                                        "route_source",
                                                        "route_oscillator",
                                                        "route_tape_return",
                                                        "route_mute",
                                                        "route_mono"};
enum Place : int {
    kMonitorInput = static_cast<int>(kContacts),
    kMonitorSync,
    kLibraryWind,
    kEdit,
    kLifterDefeat,
    kThread,
    kSpeedLow,
    kSpeedHigh,
    kReady1,
    kReady2,
    kRouteSource,
    kRouteOscillator,
    kRouteTapeReturn,
    kRouteMute,
    kRouteMono,
};
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

DeckLines::DeckLines(Mechanics& mechanics, RemoteDeck& remote, std::function<void()> advance,
                     std::function<void(MonitorRelays)> monitor)
    : mechanics_(mechanics), remote_(remote), advance_(std::move(advance)), monitor_(std::move(monitor)),
      seen_(mechanics.tallies()) {
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
    if (output.value > kMonitorSync) {
        set_mode(output.value, active);
        return;
    }
    bool& relay = output.value == kMonitorSync ? relays_.sync : relays_.input;
    if (relay != active) {
        relay = active;
        monitor_(relays_);
    }
}

void DeckLines::set_mode(int place, bool active) {
    switch (place) {
    case kLibraryWind:
        mechanics_.logic().set_library_wind(active);
        break;
    case kEdit:
        remote_.edit(active);
        break;
    case kLifterDefeat:
        remote_.lifter_defeat(active);
        break;
    case kThread:
        remote_.thread_tension(active);
        break;
    case kSpeedLow:
    case kSpeedHigh:
        if (active) {
            remote_.select_speed(place == kSpeedLow ? mechanics_.speeds_ips().front() : mechanics_.speeds_ips().back());
        }
        break;
    case kReady1:
    case kReady2:
        remote_.set_ready(place == kReady1 ? 1 : 2, active);
        break;
    default:
        set_route(place, active);
        break;
    }
}

void DeckLines::set_route(int place, bool active) {
    const Patch before = patch_;
    bool& relay = place == kRouteSource       ? patch_.source
                  : place == kRouteOscillator ? patch_.oscillator
                  : place == kRouteTapeReturn ? patch_.tape_return
                  : place == kRouteMute       ? patch_.mute
                                              : patch_.mono;
    relay = active;
    if (patched_ && !(patch_ == before)) {
        patched_(patch_);
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
