// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/plan_check_json.hpp"

#include "mastering/plan/cue_sheet.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace overbias::mastering {

namespace json = boost::json;

namespace {

json::value number(const std::optional<double>& value, int decimals) {
    if (!value || !std::isfinite(*value)) {
        return nullptr;
    }
    const double scale = std::pow(10.0, decimals);
    return std::round(*value * scale) / scale;
}

json::array pair(const std::array<std::optional<double>, 2>& values, int decimals) {
    return {number(values[0], decimals), number(values[1], decimals)};
}

json::value index(int value) {
    return value >= 0 ? json::value(value) : json::value(nullptr);
}

json::array findings(const std::vector<PlanFinding>& all) {
    json::array out;
    for (const PlanFinding& each : all) {
        out.push_back({{"kind", each.kind},
                       {"side", each.side.empty() ? json::value(nullptr) : json::value(each.side)},
                       {"track", index(each.track)},
                       {"at_s", number(each.at_s, 3)},
                       {"to_s", number(each.to_s, 3)},
                       {"db", number(each.db, 2)},
                       {"basis", each.basis},
                       {"words", each.words}});
    }
    return out;
}

json::object file_json(const PlanFile& file) {
    const bool read = file.info.frames > 0;
    return {{"file", file.file},
            {"path", file.path.string()},
            {"side", file.side.empty() ? json::value(nullptr) : json::value(file.side)},
            {"track", index(file.track)},
            {"sha256", read ? json::value(file.info.sha256) : json::value(nullptr)},
            {"container", file.info.container},
            {"sample_format", file.info.sample_format},
            {"sample_rate_hz", file.info.sample_rate_hz},
            {"channels", file.info.channels},
            {"duration_s", read ? number(file.info.duration_s(), 3) : json::value(nullptr)},
            {"converted", file.converted},
            {"trim_db", file.trim_db},
            {"true_peak_dbtp", pair(file.true_peak_dbtp, 2)},
            {"sample_peak_dbfs", pair(file.sample_peak_dbfs, 2)},
            {"integrated_lufs", number(file.integrated_lufs, 2)},
            {"loudness_range_lu", number(file.loudness_range_lu, 2)},
            {"vu_max", pair(file.vu_max, 2)},
            {"vu_max_dbfs", pair(file.vu_max_dbfs, 2)}};
}

json::object side_json(const PlanCheck& check, const PlanSideCheck& side) {
    json::array tracks;
    for (const PlanTrackPlace& place : side.tracks) {
        const PlanTrack& track = check.plan.sides[side.side].tracks[static_cast<std::size_t>(place.track)];
        tracks.push_back({{"track", place.track},
                          {"name", track.name()},
                          {"start_s", number(place.start_s, 3)},
                          {"end_s", number(place.end_s, 3)},
                          {"start_m", number(place.start_m, 3)},
                          {"end_m", number(place.end_m, 3)},
                          {"gap_s", number(place.gap_s, 3)},
                          {"resumable", place.resumable}});
    }
    return {{"name", side.name},
            {"reel", side.reel},
            {"start_m", number(side.start_m, 3)},
            {"end_m", number(side.end_m, 3)},
            {"duration_s", side.laid_out ? number(side.duration_s, 3) : json::value(nullptr)},
            {"usable_s", number(side.usable_s, 2)},
            {"usable_m", number(side.usable_m, 2)},
            {"left_s", side.laid_out ? number(side.left_s, 2) : json::value(nullptr)},
            {"left_m", side.laid_out ? number(side.left_m, 2) : json::value(nullptr)},
            {"fits", side.laid_out ? json::value(side.fits()) : json::value(nullptr)},
            {"tracks", std::move(tracks)}};
}

json::value alignment_json(const PlanCheck& check) {
    if (!check.alignment) {
        return nullptr;
    }
    const tape::AlignmentRecord& record = *check.alignment;
    return json::object{{"uuid", record.uuid},
                        {"procedure", record.procedure},
                        {"ended_at", record.ended_at},
                        {"age_days", check.alignment_days ? json::value(*check.alignment_days) : json::value(nullptr)},
                        {"verdict", tape::verdict_name(tape::verdict_of(record))},
                        {"overridden", check.alignment_overridden}};
}

} // namespace

json::object plan_check_json(const PlanCheck& check) {
    json::array sides;
    for (const PlanSideCheck& side : check.sides) {
        sides.push_back(side_json(check, side));
    }
    json::array files;
    for (const PlanFile& file : check.files) {
        files.push_back(file_json(file));
    }
    return {{"printable", check.printable()},
            {"refusals", findings(check.refusals)},
            {"warnings", findings(check.warnings)},
            {"notes", findings(check.notes)},
            {"sides", std::move(sides)},
            {"files", std::move(files)},
            {"alignment", alignment_json(check)},
            {"cue_sheet", cue_sheet_json(dry_run(check))},
            {"card_rate_hz", check.sample_rate_hz},
            {"check_s", number(check.check_s, 3)},
            {"standards",
             json::object{{"true_peak_dbtp", "ITU-R BS.1770-5 Annex 2, as played"},
                          {"integrated_lufs", "ITU-R BS.1770-5, gated"},
                          {"loudness_range_lu", "EBU Tech 3342"},
                          {"vu_max", "IEC 60268-17 ballistics, 0 VU at operating level"},
                          {"mol, sol", "third octaves IEC 61260-1, Butterworth of sixth order, rms of 10 ms"}}},
            {"plan", reel_plan_json(check.plan)}};
}

} // namespace overbias::mastering
