// SPDX-License-Identifier: Apache-2.0
// What print and verification say of the same tape, kind by kind.
#include "mastering/verify/verify_report.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

constexpr double kSamePlace_s = 0.02; ///< of a drop-out

struct Kind {
    std::string_view name;
    std::vector<std::string_view> reasons;
    bool of_all; ///< counts for `all`
};

const std::array<Kind, 6>& kinds() {
    static const std::array<Kind, 6> all{{{"level", {"level_droop"}, true},
                                          {"response", {"frequency_response"}, true},
                                          {"dropouts", {"dropout"}, true},
                                          {"polarity", {"polarity", "channels_swapped"}, true},
                                          {"completeness", {"missing", "channel_missing", "no_signal"}, true},
                                          {"operating_level", {"level_difference", "not_recorded_well"}, false}}};
    return all;
}

const json::array* list_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

std::string text_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

void add_reasons(const json::object& from, std::set<std::string>& to) {
    if (const json::array* findings = list_of(from, "findings")) {
        for (const json::value& finding : *findings) {
            to.insert(text_of(finding.as_object(), "reason"));
        }
    }
}

/// Tracks of a report that belong to the side; all where it has none.
std::vector<const json::object*> tracks_of(const json::object& report, const std::string& side) {
    std::vector<const json::object*> out;
    if (const json::array* tracks = list_of(report, "tracks")) {
        for (const json::value& each : *tracks) {
            const json::object& track = each.as_object();
            if (side.empty() || !track.contains("side") || text_of(track, "side") == side) {
                out.push_back(&track);
            }
        }
    }
    return out;
}

std::set<std::string> reasons_of(const json::object& report, const std::string& side) {
    std::set<std::string> out;
    add_reasons(report, out);
    if (const json::array* sides = list_of(report, "sides")) {
        for (const json::value& each : *sides) {
            if (side.empty() || text_of(each.as_object(), "name") == side) {
                add_reasons(each.as_object(), out);
            }
        }
    }
    for (const json::object* track : tracks_of(report, side)) {
        add_reasons(*track, out);
    }
    return out;
}

struct Hole {
    std::size_t track = 0;
    double at_s = 0.0;
    std::string channel;
};

/// Those that fail.
std::vector<Hole> holes_of(const json::object& report, const std::string& side) {
    std::vector<Hole> out;
    const auto tracks = tracks_of(report, side);
    for (std::size_t n = 0; n < tracks.size(); ++n) {
        if (const json::array* dropouts = list_of(*tracks[n], "dropouts")) {
            for (const json::value& each : *dropouts) {
                const json::object& hole = each.as_object();
                if (hole.at("over_limit").as_bool()) {
                    out.push_back({n, hole.at("programme_time_s").to_number<double>(), text_of(hole, "channel")});
                }
            }
        }
    }
    return out;
}

} // namespace

json::object verify_agreement(const json::object& print, const json::object& now, const std::string& side) {
    const std::set<std::string> then_reasons = reasons_of(print, side), now_reasons = reasons_of(now, {});
    json::object out;
    bool all = true;
    for (const Kind& kind : kinds()) {
        bool then_fails = false, now_fails = false;
        for (const std::string_view reason : kind.reasons) {
            then_fails = then_fails || then_reasons.contains(std::string(reason));
            now_fails = now_fails || now_reasons.contains(std::string(reason));
        }
        out[kind.name] = json::object{{"agrees", then_fails == now_fails},
                                      {"print", then_fails ? "fail" : "pass"},
                                      {"now", now_fails ? "fail" : "pass"}};
        all = all && (then_fails == now_fails || !kind.of_all);
    }
    const std::vector<Hole> then_holes = holes_of(print, side);
    std::vector<Hole> now_holes = holes_of(now, {});
    const std::size_t found = now_holes.size();
    std::size_t same = 0;
    for (const Hole& hole : then_holes) {
        for (std::size_t n = 0; n < now_holes.size(); ++n) {
            if (now_holes[n].track == hole.track && now_holes[n].channel == hole.channel &&
                std::abs(now_holes[n].at_s - hole.at_s) <= kSamePlace_s) {
                now_holes.erase(now_holes.begin() + static_cast<std::ptrdiff_t>(n));
                ++same;
                break;
            }
        }
    }
    out["dropouts"].as_object()["in_print"] = then_holes.size();
    out["dropouts"].as_object()["in_this"] = found;
    out["dropouts"].as_object()["same"] = same;
    out["all"] = all;
    return out;
}

} // namespace overbias::mastering
