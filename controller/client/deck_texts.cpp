// SPDX-License-Identifier: Apache-2.0
// Of texts.hpp: what is told of the deck itself and of places on the tape.
#include "controller/client/texts.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::size_t kShownFrames = 20;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string line_text(const json::value& line) {
    const std::string pin = text(at(line, "pin"));
    return padded(text(at(line, "name")), 20) + " " + padded(text(at(line, "direction")), 3) + "  " +
           (at(line, "active") == true ? "ON " : "off") + "  " + number(at(line, "changes"), 0) + " changes" +
           (at(line, "changed_at_s").is_number() ? ", last at " + number(at(line, "changed_at_s"), 3) + " s" : "") +
           (pin.empty() ? "" : "  (" + pin + ")") + "\n";
}

std::string frame_text(const json::value& frame) {
    const std::string means = text(at(frame, "means"));
    return number(at(frame, "at_s"), 4) + " s  " + (at(frame, "sent") == true ? "-> " : "<- ") +
           padded(text(at(frame, "hex")), 24) + (means.empty() ? "" : "  " + means) + "\n";
}

} // namespace

std::string deck_lines_text(const json::value& answer) {
    std::string out;
    for (const json::value& line : list(at(answer, "lines"))) {
        out += line_text(line);
    }
    const json::array& frames = list(at(answer, "frames"));
    if (!frames.empty()) {
        out += "the last frames of " + number(at(answer, "frames_seen"), 0) + " (-> to the deck, <- from it):\n";
        for (std::size_t i = frames.size() - std::min(frames.size(), kShownFrames); i < frames.size(); ++i) {
            out += frame_text(frames[i]);
        }
    }
    return out.empty() ? "no line and no frame has been seen\n" : out;
}

std::string deck_event_text(const json::value& event) {
    return text(at(event, "event")) == "line" ? number(at(event, "changed_at_s"), 4) + " s  " + line_text(event)
                                              : frame_text(event);
}

std::string deck_saved_text(const json::value& answer, const std::string& file) {
    std::string out =
        std::to_string(list(at(answer, "readings")).size()) + " values saved to " + printable(file) + "\n";
    for (const json::value& each : list(at(answer, "not_saved"))) {
        out += "not saved: " + text(each) + "\n";
    }
    return out;
}

std::string deck_restored_text(const json::value& answer) {
    std::string out = number(at(answer, "unchanged"), 0) + " values were as saved\n";
    for (const json::value& each : list(at(answer, "differences"))) {
        const std::string why = text(at(each, "why"));
        out += text(at(each, "name")) + ": saved " + text(at(each, "saved")) + ", found " + text(at(each, "found")) +
               ": " + text(at(each, "outcome")) + (why.empty() ? "" : " (" + why + ")") + "\n";
    }
    out += at(answer, "complete") == true ? "the deck holds everything as it was saved\n"
                                          : "the deck does NOT hold everything as it was saved\n";
    return out;
}

std::string reels_text(const json::value& answer) {
    std::string out = "tape remaining: " + number(at(answer, "remaining_m"), 1) + " m";
    if (at(answer, "remaining_s").is_number()) {
        out += ", " + clock_text(at(answer, "remaining_s").to_number<double>());
    }
    out += " (by " + text(at(answer, "remaining_by")) + ")\n";
    for (const std::string_view side : {"supply", "take_up"}) {
        const json::value& reel = at(answer, side);
        if (!at(reel, "radius_m").is_number()) {
            continue;
        }
        out += (side == "supply" ? "supply reel:    radius " : "take-up reel:   radius ") +
               number(at(reel, "radius_m").to_number<double>() * 1000.0, 1) + " mm, " + number(at(reel, "tape_m"), 1) +
               " m";
        if (at(reel, "tension_n").is_number()) {
            out += ", tension " + number(at(reel, "tension_n"), 2) + " N";
        }
        out += "\n";
    }
    if (at(answer, "warning").is_string()) {
        out += "warning: " + text(at(answer, "warning")) + "\n";
    }
    return out;
}

std::string locator_text(const json::value& answer) {
    const auto line = [](const std::string& name, const json::value& place) {
        return name + ":  " + text(at(place, "tape_time")) + "  " + number(at(place, "tape_m"), 2) + " m";
    };
    std::string out;
    for (const json::value& cue : list(at(answer, "cues"))) {
        const std::string name = text(at(cue, "name"));
        out += line("cue " + number(at(cue, "cue"), 0), cue) + (name.empty() ? "" : "  " + name) + "\n";
    }
    for (const std::string_view which : {"in", "out"}) {
        const json::value& mark = at(answer, which == "in" ? "mark_in" : "mark_out");
        if (mark.is_object()) {
            out += line("mark " + std::string(which), mark) + "\n";
        }
    }
    if (out.empty()) {
        out = "no cue points and no marks\n";
    }
    const std::string program = text(at(answer, "program"));
    const std::string said = text(at(answer, "text"));
    if (text(at(answer, "stage")) != "idle" || !said.empty()) {
        out += "autolocator: " + program + ", " + text(at(answer, "stage")) + (said.empty() ? "" : ": " + said) + "\n";
    }
    return out;
}

} // namespace overbias::controller
