// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_json.hpp"

#include "base/units.hpp"
#include "calibration/bias/bias_quantity.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <optional>

namespace overbias::controller {

namespace json = boost::json;
using calibration::BiasFigure;
using calibration::BiasQuantity;
using calibration::BiasState;

namespace {

/// Rounded to what is worth reading; null for what is no number.
json::value number(const std::optional<double>& value, double step = 1e-6) {
    if (!value || !std::isfinite(*value)) {
        return nullptr;
    }
    const double steps = std::round(1.0 / step); // divided by a whole number it is the nearest double, so short as text
    return std::round(*value * steps) / steps + 0.0;
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

bool in_dbfs(const tape::BiasSource& source, BiasQuantity quantity) {
    return quantity == BiasQuantity::Level && !source.volts_per_unit && source.kind != tape::BiasSourceKind::Adc;
}

/// Of BiasFigure's now and set_up as they are shown.
const char* unit_of(const tape::BiasSource& source, BiasQuantity quantity) {
    switch (quantity) {
    case BiasQuantity::Level:
        return in_dbfs(source, quantity) ? "dBFS" : "V";
    case BiasQuantity::Frequency:
        return "Hz";
    case BiasQuantity::ThirdHarmonic:
        return "%";
    case BiasQuantity::HighFrequency:
    case BiasQuantity::Noise:
        break;
    }
    return "dB";
}

json::value shown(const tape::BiasSource& source, BiasQuantity quantity, const std::optional<double>& value) {
    return number(value && in_dbfs(source, quantity) ? std::optional(amplitude_db(*value)) : value);
}

json::value limit_json(const std::optional<tape::Figure>& limit) {
    if (!limit) {
        return nullptr;
    }
    return json::object{{"value", limit->value}, {"source", limit->source}, {"unsure", limit->unsure}};
}

json::value trend_json(const std::optional<calibration::DriftTrend>& trend) {
    if (!trend) {
        return nullptr;
    }
    return json::object{
        {"per_hour", number(trend->per_hour)}, {"error", number(trend->error)}, {"sure", trend->sure()}};
}

json::object key_json(const BiasKey& key) {
    return {{"deck_uuid", key.deck_uuid},
            {"head_block_uuid", key.head_block_uuid},
            {"speed_ips", key.speed_ips},
            {"equalisation", key.equalisation}};
}

json::array history_json(const BiasWatch& watch, const BiasFigure& figure, double now_s) {
    json::array points;
    for (const calibration::DriftPoint& point : watch.monitor().history(figure.source, figure.quantity)) {
        points.push_back(json::array{number(point.at_s - now_s, 0.1), number(point.drift, 1e-5)});
    }
    return points;
}

json::object figure_json(const BiasWatch& watch, const BiasFigure& figure, double now_s, bool history) {
    const tape::BiasSource& source = watch.sources().at(figure.source);
    const tape::BiasLimit& limit = bias_limit(source, figure.quantity);
    const BiasSetUp* const set_up = watch.set_up_of(figure);
    json::object one{{"source", figure.source + 1},
                     {"kind", tape::bias_source_word(source.kind)},
                     {"track", figure.track},
                     {"place", tape::bias_source_place(source)},
                     {"quantity", bias_quantity_word(figure.quantity)},
                     {"name", calibration::bias_quantity_name(figure.quantity)},
                     {"state", bias_state_word(figure.state)},
                     {"why", text_or_null(watch.why(figure))},
                     {"problem", text_or_null(watch.problem_of(figure.source))},
                     {"unit", unit_of(source, figure.quantity)},
                     {"now", shown(source, figure.quantity, figure.now)},
                     {"age_s", number(figure.newest_s ? std::optional(now_s - *figure.newest_s) : std::nullopt, 0.1)},
                     {"set_up", shown(source, figure.quantity, figure.set_up)},
                     {"set_up_at", text_or_null(set_up != nullptr ? set_up->at_utc : "")},
                     {"set_up_by", text_or_null(set_up != nullptr ? set_up->by : "")},
                     {"drift", number(figure.drift, 1e-5)},
                     {"drift_unit", figure.drift_unit()},
                     {"drift_percent", number(figure.drift_percent, 1e-5)},
                     {"warn", limit_json(limit.warn)},
                     {"fail", limit_json(limit.fail)},
                     {"trend", trend_json(figure.trend)},
                     {"hours_to_fail", number(figure.hours_to_fail, 0.01)}};
    if (history) {
        one["history"] = history_json(watch, figure, now_s);
    }
    return one;
}

json::array concerns_json(const BiasWatch& watch) {
    json::array all;
    for (const BiasConcern& each : watch.concerns()) {
        all.push_back(bias_concern_json(watch, each, {}));
    }
    return all;
}

} // namespace

const char* bias_state_word(BiasState state) noexcept {
    switch (state) {
    case BiasState::NotJudged:
        return "not_judged";
    case BiasState::Good:
        return "good";
    case BiasState::Warn:
        return "warn";
    case BiasState::Fail:
        return "fail";
    case BiasState::Missing:
        break;
    }
    return "missing";
}

json::object bias_json(const BiasWatch& watch, const BiasLosses& losses, double now_s, bool history) {
    json::array figures;
    for (const BiasFigure& each : watch.monitor().figures()) {
        figures.push_back(figure_json(watch, each, now_s, history));
    }
    return {{"watched", true},
            {"state", bias_state_word(watch.state())},
            {"why", text_or_null(watch.why())},
            {"recording", watch.is_recording()},
            {"key", key_json(watch.key())},
            {"averaging_s", watch.settings().averaging_s},
            {"settle_s", watch.settings().settle_s},
            {"gaps", losses.gaps},
            {"lost_frames", losses.lost_frames},
            {"figures", std::move(figures)},
            {"concerns", concerns_json(watch)}};
}

json::object no_bias_json() {
    return {
        {"watched", false},         {"state", nullptr},         {"why", "the deck's profile has no [[bias_monitor]]"},
        {"recording", nullptr},     {"key", nullptr},           {"averaging_s", nullptr},
        {"settle_s", nullptr},      {"gaps", nullptr},          {"lost_frames", nullptr},
        {"figures", json::array{}}, {"concerns", json::array{}}};
}

json::object bias_status_json(const BiasWatch& watch) {
    json::array figures;
    for (const BiasFigure& each : watch.monitor().figures()) {
        figures.push_back(json::object{{"track", each.track},
                                       {"quantity", bias_quantity_word(each.quantity)},
                                       {"name", calibration::bias_quantity_name(each.quantity)},
                                       {"place", tape::bias_source_place(watch.sources().at(each.source))},
                                       {"state", bias_state_word(each.state)},
                                       {"drift", number(each.drift, 1e-3)},
                                       {"drift_unit", each.drift_unit()}});
    }
    return {{"state", bias_state_word(watch.state())},
            {"why", text_or_null(watch.why())},
            {"recording", watch.is_recording()},
            {"figures", std::move(figures)},
            {"concerns", concerns_json(watch)}};
}

json::object bias_concern_json(const BiasWatch& watch, const BiasConcern& concern, const std::string& job) {
    const BiasFigure& figure = concern.figure;
    const tape::BiasSource& source = watch.sources().at(figure.source);
    const std::string_view severity = transport::concern_word(concern.concern.severity);
    return {{"severity", json::string(severity.data(), severity.size())},
            {"monitor", concern.concern.monitor},
            {"subject", concern.concern.subject},
            {"words", concern.concern.words},
            {"at_utc", concern.at_utc},
            {"track", figure.track},
            {"quantity", bias_quantity_word(figure.quantity)},
            {"state", bias_state_word(figure.state)},
            {"now", shown(source, figure.quantity, figure.now)},
            {"unit", unit_of(source, figure.quantity)},
            {"set_up", shown(source, figure.quantity, figure.set_up)},
            {"drift", number(figure.drift, 1e-5)},
            {"drift_unit", figure.drift_unit()},
            {"job", text_or_null(job)}};
}

json::object bias_taken_json(const BiasWatch& watch, const std::vector<BiasTaken>& taken) {
    json::array stored, not_stored;
    for (const BiasTaken& each : taken) {
        const tape::BiasSource& source = watch.sources().at(each.figure.source);
        json::object one{{"place", tape::bias_source_place(source)},
                         {"track", each.figure.track},
                         {"quantity", bias_quantity_word(each.figure.quantity)},
                         {"name", calibration::bias_quantity_name(each.figure.quantity)}};
        if (each.why.empty()) {
            one["value"] = shown(source, each.figure.quantity, each.figure.now);
            one["unit"] = unit_of(source, each.figure.quantity);
            stored.push_back(std::move(one));
        } else {
            one["why"] = each.why;
            not_stored.push_back(std::move(one));
        }
    }
    return {{"status", "accepted"}, {"stored", std::move(stored)}, {"not_stored", std::move(not_stored)}};
}

} // namespace overbias::controller
