// SPDX-License-Identifier: Apache-2.0
#include "mastering/known_programme.hpp"

#include "audio/sound_stretch.hpp"
#include "base/figure.hpp"
#include "base/units.hpp"
#include "mastering/programme_match.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

Error not_usable(const std::string& why) {
    return Error{"the print's report " + why};
}

std::string text_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

KnownTrack track_of(const json::object& from) {
    const std::filesystem::path file = text_of(from, "file");
    return {.name = file.filename().string(),
            .file = file,
            .duration_s = from.at("duration_s").to_number<double>(),
            .start_m = from.at("start_counter_m").to_number<double>(),
            .end_m = from.at("end_counter_m").to_number<double>()};
}

/// The reel that a track's side lies on; empty in a report that knows of no sides.
std::string reel_of(const json::object& report, const json::object& track) {
    const json::value* sides = report.if_contains("sides");
    const std::string name = text_of(track, "side");
    for (const json::value& side : sides != nullptr && sides->is_array() ? sides->get_array() : json::array()) {
        if (text_of(side.as_object(), "name") == name) {
            return text_of(side.as_object(), "reel");
        }
    }
    return {};
}

} // namespace

void KnownProgramme::shift(double by_m) noexcept {
    for (KnownTrack& track : tracks) {
        track.start_m += by_m;
        track.end_m += by_m;
    }
}

Result<KnownProgramme> programme_of_report(const std::string& report) {
    KnownProgramme out;
    try {
        const json::object root = json::parse(report).as_object();
        if (text_of(root, "report") != "overbias print") {
            return not_usable("is not one");
        }
        const json::object& reel = root.at("reel").as_object();
        out.speed_ips = reel.at("speed_ips").to_number<double>();
        out.uncertainty_m = reel.at("slate_counter_uncertainty_m").to_number<double>();
        out.reel_uuid = text_of(reel, "uuid");
        out.made_utc = text_of(root, "made_utc");
        out.what = "the print of " + out.made_utc;
        for (const json::value& each : root.at("tracks").as_array()) {
            const json::object& track = each.as_object();
            const json::value* start = track.if_contains("start_counter_m");
            const json::value* end = track.if_contains("end_counter_m");
            if (start == nullptr || end == nullptr) {
                return not_usable("does not say where the counter stood (tracks[].start_counter_m): it was made by an "
                                  "older version");
            }
            if (start->is_null() || end->is_null()) {
                break; // it did not come so far
            }
            if (std::string on = reel_of(root, track); !on.empty() && on != out.reel_uuid) {
                out.tracks.clear(); // of a print on several reels, what is on the last
                out.reel_uuid = std::move(on);
            }
            out.tracks.push_back(track_of(track));
            const KnownTrack& now = out.tracks.back();
            if (!(now.duration_s > 0.0) || !(now.end_m > now.start_m) || now.file.empty()) {
                return not_usable("has a track without length or file");
            }
        }
    } catch (const std::exception& broken) {
        return not_usable(std::string("cannot be read: ") + broken.what());
    }
    if (out.tracks.empty() || !(out.speed_ips > 0.0)) {
        return not_usable("has no track that was printed to its end");
    }
    return out;
}

Result<KnownProgramme> programme_of_file(const std::filesystem::path& file, double at_m, double speed_ips) {
    const auto duration_s = audio::sound_duration_s(file);
    if (!duration_s) {
        return duration_s.error();
    }
    if (!(*duration_s > 0.0)) {
        return Error{file.string() + ": is empty"};
    }
    const std::string name = file.filename().string();
    return KnownProgramme{.what = name,
                          .tracks = {{.name = name,
                                      .file = file,
                                      .duration_s = *duration_s,
                                      .start_m = at_m,
                                      .end_m = at_m + *duration_s * metres_per_second(speed_ips)}},
                          .speed_ips = speed_ips,
                          .uncertainty_m = 0.0,
                          .reel_uuid = {},
                          .made_utc = {}};
}

ProgrammeStretch::Place ProgrammeStretch::at(double stretch_s, const KnownProgramme& programme) const {
    const auto away = [stretch_s](const Piece& piece) {
        return std::max({piece.at_s - stretch_s, stretch_s - piece.at_s - piece.duration_s, 0.0});
    };
    const Piece& piece =
        *std::ranges::min_element(pieces, [&](const Piece& a, const Piece& b) { return away(a) < away(b); });
    const double programme_s = piece.programme_s + stretch_s - piece.at_s;
    return {piece.track, programme_s, programme.tracks[piece.track].place_m(programme_s)};
}

Result<ProgrammeStretch> read_stretch(const KnownProgramme& programme, double from_m, double to_m) {
    const double speed_m_s = metres_per_second(programme.speed_ips);
    ProgrammeStretch out;
    out.stereo.resize(2 * static_cast<std::size_t>(std::max(0.0, (to_m - from_m) / speed_m_s) * kMatchRate_hz));
    const auto frames = static_cast<std::ptrdiff_t>(out.stereo.size() / 2);
    for (std::size_t index = 0; index < programme.tracks.size(); ++index) {
        const KnownTrack& track = programme.tracks[index];
        const double first_s = std::max(0.0, track.programme_s(from_m));
        const double last_s = std::min(track.duration_s, track.programme_s(to_m));
        if (!(last_s > first_s)) {
            continue;
        }
        const auto samples = audio::read_sound_stretch(track.file, first_s, last_s - first_s, kMatchRate_hz);
        if (!samples) {
            return samples.error();
        }
        const double at_s = (track.place_m(first_s) - from_m) / speed_m_s;
        const auto to = static_cast<std::ptrdiff_t>(std::lround(at_s * kMatchRate_hz));
        const auto count = static_cast<std::ptrdiff_t>(samples->size() / 2);
        const std::ptrdiff_t from = std::max<std::ptrdiff_t>(0, -to);
        const std::ptrdiff_t end = std::min(count, frames - to);
        if (end > from) {
            std::copy(samples->begin() + 2 * from, samples->begin() + 2 * end, out.stereo.begin() + 2 * (to + from));
        }
        out.pieces.push_back({.track = index,
                              .at_s = static_cast<double>(to) / kMatchRate_hz,
                              .programme_s = first_s,
                              .duration_s = last_s - first_s});
    }
    if (out.pieces.empty()) {
        return Error{programme.what + " lies from " + figure(programme.begins_m(), 2) + " m to " +
                     figure(programme.ends_m(), 2) + " m, and nothing of it between " + figure(from_m, 2) + " m and " +
                     figure(to_m, 2) + " m"};
    }
    return out;
}

} // namespace overbias::mastering
