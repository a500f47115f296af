// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/event_log.hpp"

#include <algorithm>
#include <utility>

namespace overbias::deck_sim {

namespace json = boost::json;

const char* mode_name(Truth::Mode mode) noexcept {
    switch (mode) {
    case Truth::Mode::Playing:
        return "playing";
    case Truth::Mode::FastForwarding:
        return "fast_forwarding";
    case Truth::Mode::Rewinding:
        return "rewinding";
    case Truth::Mode::TapeOut:
        return "tape_out";
    case Truth::Mode::Shuttling:
        return "shuttling";
    case Truth::Mode::Editing:
        return "editing";
    case Truth::Mode::Stopped:
        break;
    }
    return "stopped";
}

void EventLog::note(const DeckEvent& event) {
    json::object more{{"place_m", event.place_at_record_head_m}};
    switch (event.what) {
    case DeckEvent::What::RecordOn:
        record_on_ = event.at;
        return note(event.at, "record_on", std::move(more));
    case DeckEvent::What::RecordOff:
        record_off_ = event.at;
        return note(event.at, "record_off", std::move(more));
    case DeckEvent::What::Motion:
        more["mode"] = mode_name(event.mode);
        return note(event.at, "motion", std::move(more));
    case DeckEvent::What::Still:
        still_since_ = event.at;
        return note(event.at, "still", std::move(more));
    case DeckEvent::What::Moving:
        still_since_.reset();
        return note(event.at, "moving", std::move(more));
    case DeckEvent::What::TapeBroke:
        return note(event.at, "tape_broke", std::move(more));
    }
}

void EventLog::note(DeckTime at, const char* what, json::object more) {
    json::object event{{"n", next_++}, {"at_ns", monotonic_ns(at)}, {"what", what}};
    for (auto& member : more) {
        event.emplace(member.key(), std::move(member.value()));
    }
    if (events_.size() >= kKept) {
        events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(kKept / 4));
    }
    events_.push_back(std::move(event));
}

json::array::const_iterator EventLog::first_after(std::uint64_t after) const noexcept {
    const std::uint64_t first = next_ - events_.size(); // number of the oldest one kept
    const std::uint64_t skipped = after + 1 > first ? std::min<std::uint64_t>(after + 1 - first, events_.size()) : 0;
    return events_.begin() + static_cast<std::ptrdiff_t>(skipped);
}

json::array EventLog::after(std::uint64_t after) const {
    json::array asked;
    asked.insert(asked.begin(), first_after(after), events_.end());
    return asked;
}

json::value EventLog::find(std::string_view what, std::uint64_t after) const {
    const auto found = std::find_if(first_after(after), events_.end(), [what](const json::value& event) {
        return std::string_view(event.at("what").get_string()) == what;
    });
    return found == events_.end() ? json::value(nullptr) : *found;
}

} // namespace overbias::deck_sim
