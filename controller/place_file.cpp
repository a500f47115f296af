// SPDX-License-Identifier: Apache-2.0
#include "controller/place_file.hpp"

#include "base/json/json_text.hpp"
#include "controller/report_file.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace overbias::controller {

namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
using transport::StoredCuePoints;

constexpr double kFarthest_m = 100000.0; ///< no reel is that long
constexpr int kVersion = 2;
constexpr std::array<std::string_view, transport::kStopKinds> kStopWords{"forward", "rewind", "play"}; // as StopKind

double metres(const json::value& value, const char* what) {
    const double place_m = value.to_number<double>();
    if (!std::isfinite(place_m) || std::abs(place_m) > kFarthest_m) {
        throw std::runtime_error(std::string(what) + " is " + std::to_string(place_m) + ", not a place on a reel");
    }
    return place_m;
}

std::optional<double> mark(const json::object& from, const char* key) {
    const json::value* value = from.if_contains(key);
    return value == nullptr || value->is_null() ? std::nullopt : std::optional(metres(*value, key));
}

json::value or_null(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

json::object learned_json(const transport::LocatorMemory& learned) {
    json::array stops;
    for (const transport::StopSample& stop : learned.stops) {
        const std::string_view kind = kStopWords[static_cast<std::size_t>(stop.kind)];
        stops.push_back({{"move", json::string(kind.data(), kind.size())},
                         {"speed_m_s", stop.speed_m_s},
                         {"tape_m", stop.place_m},
                         {"run_on_m", stop.run_on_m}});
    }
    return {{"stops", std::move(stops)},
            {"shortest_jog_m", {learned.shortest_jog_m[0], learned.shortest_jog_m[1]}},
            {"shuttle_deceleration_m_s2", learned.shuttle_deceleration_m_s2},
            {"shuttle_delay_s", learned.shuttle_delay_s}};
}

transport::LocatorMemory learned_of(const json::object& from) {
    transport::LocatorMemory learned;
    for (const json::value& each : from.at("stops").as_array()) {
        const auto kind = std::ranges::find(kStopWords, std::string_view(each.at("move").as_string()));
        if (kind == kStopWords.end()) {
            throw std::runtime_error("learned.stops: there is no move \"" +
                                     json::value_to<std::string>(each.at("move")) + "\"");
        }
        learned.stops.push_back({.kind = static_cast<transport::StopKind>(kind - kStopWords.begin()),
                                 .speed_m_s = metres(each.at("speed_m_s"), "learned.stops speed_m_s"),
                                 .place_m = metres(each.at("tape_m"), "learned.stops tape_m"),
                                 .run_on_m = metres(each.at("run_on_m"), "learned.stops run_on_m")});
    }
    for (std::size_t way = 0; way < learned.shortest_jog_m.size(); ++way) {
        learned.shortest_jog_m[way] = metres(from.at("shortest_jog_m").as_array().at(way), "learned.shortest_jog_m");
    }
    learned.shuttle_deceleration_m_s2 = from.at("shuttle_deceleration_m_s2").to_number<double>();
    learned.shuttle_delay_s = from.at("shuttle_delay_s").to_number<double>();
    return learned;
}

KeptPlace parse(const std::string& text) {
    const json::object root = json::parse(text).as_object();
    const json::value* version = root.if_contains("version");
    if (version != nullptr && version->to_number<int>() != kVersion) {
        throw std::runtime_error("it is of version " + std::to_string(version->to_number<int>()) + ", expected was " +
                                 std::to_string(kVersion));
    }
    KeptPlace place;
    const json::object& position = root.at("position").as_object();
    place.position = {.position_m = metres(position.at("tape_m"), "position.tape_m"),
                      .uncertainty_m = metres(position.at("uncertainty_m"), "position.uncertainty_m"),
                      .speed_m_s = metres(position.at("speed_m_s"), "position.speed_m_s"),
                      .utc_s = position.at("utc_s").to_number<std::int64_t>()};
    place.cues.mark_in_m = mark(root, "mark_in_m");
    place.cues.mark_out_m = mark(root, "mark_out_m");
    for (const json::value& each : root.at("cue_points").as_array()) {
        const auto number = each.at("cue").to_number<std::size_t>();
        place.cues.points.at(number) =
            transport::CuePoint{json::value_to<std::string>(each.at("name")), metres(each.at("tape_m"), "cue_points")};
    }
    if (version != nullptr) {
        const json::object& learned = root.at("learned").as_object();
        place.deck = json::value_to<std::string>(learned.at("deck"));
        place.learned = learned_of(learned);
    }
    return place;
}

} // namespace

Result<std::optional<KeptPlace>> load_place(const fs::path& state_dir) {
    const fs::path file = state_dir / "place.json";
    std::error_code failure;
    if (!fs::exists(file, failure)) {
        return std::optional<KeptPlace>();
    }
    std::string wrong = "cannot be read";
    std::stringstream text;
    if (std::ifstream in(file); text << in.rdbuf()) {
        try {
            return std::optional(parse(text.str()));
        } catch (const std::exception& broken) {
            wrong = broken.what();
        }
    }
    // the next place would be written over it, and with it the cue points
    const fs::path aside = state_dir / "place.json.unusable";
    fs::rename(file, aside, failure);
    return Error{file.string() + ": " + wrong + "; the counter starts at 0 and the cue points are empty; " +
                 (failure ? "it could not be set aside: " + failure.message() : "it is kept as " + aside.string())};
}

Result<void> store_place(const fs::path& state_dir, const KeptPlace& place) {
    json::array points;
    for (std::size_t number = 0; number < place.cues.points.size(); ++number) {
        if (const auto& point = place.cues.points[number]) {
            points.push_back({{"cue", number}, {"name", point->name}, {"tape_m", point->place_m}});
        }
    }
    json::object learned = learned_json(place.learned);
    learned["deck"] = place.deck;
    const json::object root{{"version", kVersion},
                            {"learned", std::move(learned)},
                            {"position",
                             {{"tape_m", place.position.position_m},
                              {"uncertainty_m", place.position.uncertainty_m},
                              {"speed_m_s", place.position.speed_m_s},
                              {"utc_s", place.position.utc_s}}},
                            {"mark_in_m", or_null(place.cues.mark_in_m)},
                            {"mark_out_m", or_null(place.cues.mark_out_m)},
                            {"cue_points", std::move(points)}};
    return write_file_atomically(state_dir / "place.json", json_line(root));
}

} // namespace overbias::controller
