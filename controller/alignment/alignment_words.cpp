// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/alignment_words.hpp"

#include "base/host_time.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <string>

namespace overbias::controller {

namespace json = boost::json;
using calibration::AlignmentView;
using calibration::OperatorTask;

namespace {

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

/// JSON has no word for what is no number.
json::value number_or_null(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? json::value(*value) : json::value(nullptr);
}

/// Live readings to what an eye can use.
json::value live(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? json::value(std::round(*value * 1e4) / 1e4 + 0.0) : json::value(nullptr);
}

const char* task_word(OperatorTask task) {
    switch (task) {
    case OperatorTask::Turn:
        return "turn";
    case OperatorTask::Watch:
        return "watch";
    case OperatorTask::Confirm:
        return "confirm";
    case OperatorTask::Enter:
        break;
    }
    return "enter";
}

} // namespace

json::object view_json(const AlignmentView& view) {
    json::array tracks;
    for (const calibration::TrackReading& track : view.tracks) {
        tracks.push_back({{"channel", track.channel},
                          {"reading", live(track.reading)},
                          {"turn", live(track.turn)},
                          {"done", track.done},
                          {"words", track.words}});
    }
    const bool reads = !view.unit.empty();
    const auto above_0 = [&](double value) { return value > 0.0 ? json::value(value) : json::value(nullptr); };
    return {{"step_id", view.step_id},
            {"title", view.title},
            {"instruction", view.instruction},
            {"task", task_word(view.task)},
            {"value_unit", text_or_null(view.value_unit)},
            {"note", text_or_null(view.note)},
            {"step", view.step},
            {"steps", view.steps},
            {"round", view.round},
            {"unit", text_or_null(view.unit)},
            {"target", reads ? json::value(view.target) : json::value(nullptr)},
            {"tolerance", above_0(view.tolerance)},
            {"averaging_s", above_0(view.averaging_s)},
            {"done", view.done()},
            {"tracks", std::move(tracks)}};
}

json::object accepted_json(const tape::AlignmentStep& step) {
    const auto within = step.within();
    return {{"id", step.id},
            {"channel", step.channel},
            {"reading", number_or_null(step.reading)},
            {"unit", step.unit},
            {"target", number_or_null(step.target)},
            {"tolerance", number_or_null(step.tolerance)},
            {"within", within ? json::value(*within) : json::value(nullptr)},
            {"averaging_s", step.averaging_s},
            {"accepted_at", step.accepted_at},
            {"accepted_by", text_or_null(step.accepted_by)},
            {"calibration_tape", text_or_null(step.calibration_tape)},
            {"bound", step.bound == tape::Bound::AtLeast  ? "at_least"
                      : step.bound == tape::Bound::AtMost ? "at_most"
                                                          : "both_sides"},
            {"remark", text_or_null(step.remark)}};
}

json::array accepted_list_json(const tape::AlignmentRecord& record, std::size_t from, std::size_t to) {
    json::array list;
    for (std::size_t n = from; n < std::min(to, record.steps.size()); ++n) {
        list.push_back(accepted_json(record.steps[n]));
    }
    return list;
}

json::object key_json(const tape::AlignmentKey& key) {
    return {{"deck_uuid", key.deck_uuid}, {"head_block_uuid", key.head_block_uuid},
            {"speed_ips", key.speed_ips}, {"equalisation", tape::equalisation_name(key.equalisation)},
            {"stock", key.stock},         {"batch", key.batch}};
}

json::object record_line_json(const tape::AlignmentRecord& record) {
    return {{"uuid", record.uuid},
            {"key", key_json(record.key)},
            {"procedure", record.procedure},
            {"begun_at", record.begun_at},
            {"ended_at", text_or_null(record.ended_at)},
            {"verdict", tape::verdict_name(tape::verdict_of(record))},
            {"steps", record.steps.size()},
            {"operators", text_or_null(record.operators)},
            {"measured_by", text_or_null(record.measured_by)}};
}

std::chrono::year_month_day alignment_day() {
    const std::chrono::nanoseconds since_1970(host_now().utc_ns);
    return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::floor<std::chrono::days>(since_1970)));
}

json::object calibration_tape_json(const tape::CalibrationTape& tape, std::chrono::year_month_day today) {
    const auto warning = tape::age_warning(tape, today);
    const auto date = tape.made ? tape.made : tape.bought;
    return {{"id", tape.id},
            {"name", tape.name},
            {"maker", text_or_null(tape.maker)},
            {"speed_ips", tape.speed_ips},
            {"equalisation",
             tape.equalisation ? json::value(tape::equalisation_name(*tape.equalisation)) : json::value(nullptr)},
            {"fluxivity_nwb_per_m",
             tape.reference ? json::value(tape.reference->fluxivity.nwb_per_m) : json::value(nullptr)},
            {"made", date ? json::value(tape::date_text(*date)) : json::value(nullptr)},
            {"warning", warning ? json::value(json::string(*warning)) : json::value(nullptr)}};
}

} // namespace overbias::controller
