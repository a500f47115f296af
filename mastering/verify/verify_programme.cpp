// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/verify_programme.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "tape/equalisation.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <exception>
#include <string_view>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

constexpr double kNoSlateTone_s = 3.0; ///< of a slate whose length the report does not tell

std::string text_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_string() ? json::value_to<std::string>(*value) : std::string();
}

std::optional<double> number_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

const json::array* list_of(const json::object& from, std::string_view key) {
    const json::value* value = from.if_contains(key);
    return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

Error not_usable(const std::string& why) {
    return Error{"verify: the print's report " + why};
}

/// One place in the row, by seconds from the slate's first frame.
struct Begins {
    double at_s = 0.0;
    double duration_s = 0.0; ///< of a Track or Tone
    SectionKind kind = SectionKind::Gap;
    int track = -1;
    std::string name;
    SlateTone tone;
};

/// What of a report belongs to one side: the report itself where it is of one.
struct SideOfReport {
    std::string name;
    const json::object* figures = nullptr; ///< slate, tones[], gaps[]
    std::string reel_uuid;
};

Result<SideOfReport> side_of(const json::object& root, const std::string& wanted) {
    const json::array* sides = list_of(root, "sides");
    const json::object* reel = root.contains("reel") ? root.at("reel").if_object() : nullptr;
    const std::string reel_uuid = reel != nullptr ? text_of(*reel, "uuid") : std::string();
    if (sides == nullptr || sides->empty()) {
        if (!wanted.empty()) {
            return not_usable("is of one side without a name, and side '" + wanted + "' was asked for");
        }
        return SideOfReport{{}, &root, reel_uuid};
    }
    std::string names;
    for (const json::value& each : *sides) {
        const json::object& side = each.as_object();
        const std::string name = text_of(side, "name");
        if (wanted.empty() || name == wanted) {
            const json::value* figures = side.if_contains("slate");
            const json::object* of_side = side.contains("reel") ? side.at("reel").if_object() : nullptr;
            const std::string own = of_side != nullptr ? text_of(*of_side, "uuid") : text_of(side, "reel");
            return SideOfReport{name, figures != nullptr && figures->is_object() ? &side : &root,
                                own.empty() ? reel_uuid : own};
        }
        names += (names.empty() ? "" : ", ") + name;
    }
    return not_usable("has no side '" + wanted + "'; its sides: " + names);
}

std::vector<Begins> tones_of(const json::object& figures) {
    std::vector<Begins> out;
    if (const json::array* tones = list_of(figures, "tones")) {
        for (const json::value& each : *tones) {
            const json::object& tone = each.as_object();
            const auto at_s = number_of(tone, "start_tape_s"), duration_s = number_of(tone, "duration_s");
            const auto hz = number_of(tone, "frequency_hz");
            if (!at_s || !duration_s || !hz) {
                continue;
            }
            double level_db = 0.0;
            const json::array* came = list_of(tone, "level_re_operating_db");
            const json::array* off = list_of(tone, "level_difference_db");
            if (came != nullptr && off != nullptr && came->size() == 2 && off->size() == 2 && (*came)[0].is_number() &&
                (*off)[0].is_number()) {
                level_db = (*came)[0].to_number<double>() - (*off)[0].to_number<double>();
            }
            out.push_back({*at_s,
                           *duration_s,
                           SectionKind::Tone,
                           -1,
                           text_of(tone, "name"),
                           {.frequency_hz = std::round(*hz * 10.0) / 10.0,
                            .duration_s = *duration_s,
                            .level_re_operating_db = std::round(level_db * 10.0) / 10.0}});
        }
    }
    return out;
}

/// Sections from places: what begins later ends a gap; the slate ends where the first gap begins.
void lay_out(VerifyProgramme& out, std::vector<Begins> places) {
    std::ranges::sort(places, {}, &Begins::at_s);
    const double rate_hz = out.rate_hz;
    const std::int64_t lead = std::llround(kVerifyLeadIn_s * rate_hz);
    const double from_s = places.empty() ? 0.0 : places.front().at_s;
    for (std::size_t n = 0; n < places.size(); ++n) {
        const Begins& each = places[n];
        VerifySection section{each.kind, each.name,  lead + std::llround((each.at_s - from_s) * rate_hz),
                              0,         each.track, each.tone};
        const std::int64_t next = n + 1 < places.size() ? lead + std::llround((places[n + 1].at_s - from_s) * rate_hz)
                                                        : section.first_frame + std::llround(each.duration_s * rate_hz);
        section.frames =
            each.kind == SectionKind::Gap ? next - section.first_frame : std::llround(each.duration_s * rate_hz);
        section.frames = std::min(section.frames, std::max<std::int64_t>(0, next - section.first_frame));
        if (!out.sections.empty()) {
            const VerifySection& before = out.sections.back();
            section.first_frame = std::max(section.first_frame, before.first_frame + before.frames);
        }
        if (section.frames > 0) {
            out.sections.push_back(std::move(section));
        }
    }
    out.frames = out.sections.empty() ? 0 : out.sections.back().first_frame + out.sections.back().frames;
}

Result<audio::SoundFileInfo> file_of(const json::object& track) {
    const std::string file = text_of(track, "file");
    auto info = audio::inspect_sound_file(file);
    if (!info) {
        return info.error();
    }
    if (const std::string printed = text_of(track, "sha256"); !printed.empty() && info->sha256 != printed) {
        return Error{"verify: '" + file + "' is not the file that was printed: its SHA-256 is " + info->sha256 +
                     ", the print's was " + printed + "; give the file that was printed"};
    }
    return info;
}

} // namespace

const VerifySection* VerifyProgramme::slate() const noexcept {
    const auto found = std::ranges::find(sections, SectionKind::Slate, &VerifySection::kind);
    return found == sections.end() ? nullptr : &*found;
}

std::int64_t VerifyProgramme::begins() const noexcept {
    return sections.empty() ? 0 : sections.front().first_frame;
}

Result<VerifyProgramme> programme_of_print(const std::string& report, const std::string& side, double rate_hz) {
    VerifyProgramme out;
    out.rate_hz = rate_hz;
    std::vector<Begins> places;
    try {
        const json::value parsed = json::parse(report);
        const json::object& root = parsed.as_object();
        if (text_of(root, "report") != "overbias print") {
            return not_usable("is not one (expected \"report\": \"overbias print\")");
        }
        const auto chosen = side_of(root, side);
        if (!chosen) {
            return chosen.error();
        }
        const json::object& reel = root.at("reel").as_object();
        out.side = chosen->name;
        out.reel_uuid = chosen->reel_uuid;
        out.what = "the print of " + text_of(root, "made_utc") + (out.side.empty() ? "" : ", side " + out.side);
        out.speed_ips = reel.at("speed_ips").to_number<double>();
        if (const auto standard = tape::equalisation_from_name(text_of(reel, "equalisation"))) {
            const auto constants = tape::time_constants(*standard, out.speed_ips);
            out.low_emphasis_s = constants ? constants->low_us * 1e-6 : 0.0;
        }
        out.play_dbfs_at_operating_level = number_of(reel, "play_dbfs_at_operating_level").value_or(0.0);
        const json::array& tracks = root.at("tracks").as_array();
        std::optional<double> first_counter_m, first_at_s;
        for (std::size_t n = 0; n < tracks.size(); ++n) {
            const json::object& track = tracks[n].as_object();
            if (!out.side.empty() && track.contains("side") && text_of(track, "side") != out.side) {
                continue;
            }
            const auto at_s = number_of(track, "start_tape_s"), duration_s = number_of(track, "duration_s");
            if (!at_s || !duration_s) {
                return not_usable("does not say where its tracks lie (tracks[].start_tape_s)");
            }
            if (track.contains("end_counter_m") && track.at("end_counter_m").is_null()) {
                break; // it did not come so far
            }
            auto info = file_of(track);
            if (!info) {
                return info.error();
            }
            if (!first_at_s) {
                first_at_s = at_s;
                first_counter_m = number_of(track, "start_counter_m");
            }
            std::string name =
                text_of(track, "title").empty() ? info->path.filename().string() : text_of(track, "title");
            places.push_back({*at_s, *duration_s, SectionKind::Track, static_cast<int>(out.files.size()), name, {}});
            places.push_back({*at_s + *duration_s, 0.0, SectionKind::Gap, -1, "gap", {}});
            out.files.push_back({std::move(*info), number_of(track, "trim_db").value_or(0.0), name, n});
        }
        if (out.files.empty()) {
            return not_usable("has no track that was printed to its end");
        }
        const json::object& figures = *chosen->figures;
        for (Begins& tone : tones_of(figures)) {
            places.push_back({tone.at_s + tone.duration_s, 0.0, SectionKind::Gap, -1, "gap", {}});
            places.push_back(std::move(tone));
        }
        // The slate ends where the first gap begins.
        std::optional<double> slate_end_s;
        if (const json::array* gaps = list_of(figures, "gaps")) {
            for (const json::value& gap : *gaps) {
                const auto at_s = number_of(gap.as_object(), "start_tape_s");
                if (at_s && *at_s > 0.0 && (!slate_end_s || *at_s < *slate_end_s)) {
                    slate_end_s = at_s;
                }
            }
        }
        const json::object& slate = figures.at("slate").as_object();
        if (const auto hz = number_of(slate, "frequency_hz")) {
            const double duration_s = slate_end_s.value_or(std::min(kNoSlateTone_s, *first_at_s));
            places.push_back({0.0,
                              duration_s,
                              SectionKind::Slate,
                              -1,
                              "slate",
                              {.frequency_hz = std::round(*hz),
                               .duration_s = duration_s,
                               .level_re_operating_db = number_of(slate, "sent_re_operating_db").value_or(0.0)}});
            if (slate_end_s) {
                places.push_back({*slate_end_s, 0.0, SectionKind::Gap, -1, "gap", {}});
            }
        }
        if (first_counter_m) {
            const double lead_m = metres_per_second(out.speed_ips);
            const double from_s = std::ranges::min(places, {}, &Begins::at_s).at_s;
            out.begins_m = *first_counter_m - (*first_at_s - from_s + kVerifyLeadIn_s) * lead_m;
        }
    } catch (const std::exception& broken) {
        return not_usable(std::string("cannot be read: ") + broken.what());
    }
    lay_out(out, std::move(places));
    return out;
}

Result<VerifyProgramme> programme_of_files(const NamedFiles& named, double rate_hz) {
    VerifyProgramme out;
    out.rate_hz = rate_hz;
    out.what = named.files.size() == 1 ? named.files.front() : std::to_string(named.files.size()) + " files";
    std::vector<Begins> places;
    double at_s = 0.0;
    for (const std::string& file : named.files) {
        auto info = audio::inspect_sound_file(file);
        if (!info) {
            return info.error();
        }
        const std::string name = info->path.filename().string();
        places.push_back({at_s, info->duration_s(), SectionKind::Track, static_cast<int>(out.files.size()), name, {}});
        at_s += info->duration_s() + named.gap_s;
        out.files.push_back({std::move(*info), named.trim_db, name, out.files.size()});
    }
    if (out.files.empty()) {
        return Error{"verify: no file is given to compare the tape with"};
    }
    lay_out(out, std::move(places));
    return out;
}

} // namespace overbias::mastering
