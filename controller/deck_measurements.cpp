// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_measurements.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

namespace overbias::controller {

namespace json = boost::json;
using transport::MachineState;

namespace {

constexpr double kReadingError_m = 0.001; ///< of a rule in a good hand

std::string step_of(const json::object& given) {
    return json::value_to<std::string>(given.at("step"));
}

std::optional<double> number_of(const json::object& given, const char* name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional(value->to_number<double>());
}

json::value or_null(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

Reply refused(const Error& error) {
    return Reply::error(ErrorCode::Refused, error.message);
}

Reply told(const std::string& text) {
    return Reply::with(json::object{{"status", "under way"}, {"text", text}});
}

Reply missing(const std::string& name, const char* what) {
    return Reply::error(ErrorCode::InvalidParams, name + ": step finish needs " + what);
}

/// What to do with a figure that was measured.
std::string to_be_written(const std::string& key, double value, int decimals) {
    return " Write it into the configuration, section [deck]: " + key + " = " + figure(value, decimals) +
           "; it holds from the next start.";
}

/// Empty, or why a measurement can't take its reading now.
std::string not_still(const MachineState& state) {
    return state.speed_m_s == 0.0 && state.current == transport::Motion::Stopped
               ? ""
               : "the tape must stand still for this: stop it first";
}

json::object side_json(const transport::ReelSide& side) {
    return {{"radius_m", or_null(side.radius_m)},
            {"tape_m", or_null(side.tape_m)},
            {"radius_trend_mm_per_min",
             side.radius_trend_m_s ? json::value(*side.radius_trend_m_s * 60000.0) : json::value(nullptr)},
            {"tension_n", or_null(side.tension_n)},
            {"tension_trend_n_per_min",
             side.tension_trend_n_s ? json::value(*side.tension_trend_n_s * 60.0) : json::value(nullptr)}};
}

} // namespace

DeckMeasurements::DeckMeasurements(const Settings& settings, transport::Deck& deck) : settings_(settings), deck_(deck) {
    if (settings.edges_per_metre > 0.0) {
        calibration_.emplace(settings.edges_per_metre);
        slip_.emplace(transport::SlipTestConfig{.edges_per_metre = settings.edges_per_metre});
    }
    if (settings.geometry) {
        watch_.emplace(transport::ReelWatchConfig{.geometry = *settings.geometry});
    }
}

void DeckMeasurements::tick(const MachineState& state, DeckTime now) {
    if (calibration_) {
        calibration_->observe(state.position_m, state.position_knowledge);
        slip_->observe(state.position_m, state.position_knowledge);
    }
    if (watch_) {
        watch_->update(now, deck_.reels(), state.speed_m_s, state.position_m);
    }
}

Reply DeckMeasurements::calibrate(const json::object& given, const MachineState& state) {
    if (!calibration_) {
        return Reply::error(
            ErrorCode::Refused,
            "calibrate_tach: this deck has no tach that counts (profile tach.edges_per_metre, gpio.tach)");
    }
    if (const std::string against = not_still(state); !against.empty()) {
        return Reply::error(ErrorCode::Refused, "calibrate_tach: " + against);
    }
    if (step_of(given) == "begin") {
        const auto begun = calibration_->begin(state.position_m, state.position_knowledge);
        return begun ? told(*begun) : refused(begun.error());
    }
    const auto length_m = number_of(given, "length_m");
    if (!length_m) {
        return missing("calibrate_tach", "length_m, the length of tape that passed");
    }
    const auto result = calibration_->finish(state.position_m, *length_m,
                                             number_of(given, "reading_error_m").value_or(kReadingError_m));
    if (!result) {
        return refused(result.error());
    }
    std::string text = result->message;
    json::object write;
    if (!settings_.counts_itself) { // of the deck's own counter nothing can be set
        text += to_be_written("tach_edges_per_metre", result->edges_per_metre, 2);
        write = {{"key", "deck.tach_edges_per_metre"}, {"value", result->edges_per_metre}};
    }
    return Reply::with(json::object{{"status", "done"},
                                    {"text", text},
                                    {"write", write.empty() ? json::value(nullptr) : json::value(write)},
                                    {"edges_per_metre", result->edges_per_metre},
                                    {"edges_per_inch", result->edges_per_inch},
                                    {"uncertainty", result->uncertainty},
                                    {"edges", result->edges}});
}

Reply DeckMeasurements::slip(const json::object& given, const MachineState& state) {
    if (!slip_) {
        return Reply::error(ErrorCode::Refused,
                            "slip_test: this deck has no tach that counts (profile tach.edges_per_metre, gpio.tach)");
    }
    if (const std::string against = not_still(state); !against.empty()) {
        return Reply::error(ErrorCode::Refused, "slip_test: " + against);
    }
    if (step_of(given) == "begin") {
        const auto begun = slip_->begin(state.position_m, state.position_knowledge);
        return begun ? told(*begun) : refused(begun.error());
    }
    const auto beyond_m = number_of(given, "mark_beyond_m");
    if (!beyond_m) {
        return missing("slip_test", "mark_beyond_m, how far the mark lies beyond its place in the direction of play");
    }
    const auto result =
        slip_->finish(state.position_m, *beyond_m, number_of(given, "reading_error_m").value_or(kReadingError_m));
    if (!result) {
        return refused(result.error());
    }
    // never less than was measured
    const double slip_percent = std::ceil(1e5 * result->carry_on - 1e-6) / 1e3;
    return Reply::with(json::object{{"status", "done"},
                                    {"text", result->message + to_be_written("roller_slip_percent", slip_percent, 3)},
                                    {"write", {{"key", "deck.roller_slip_percent"}, {"value", slip_percent}}},
                                    {"passed", result->passed},
                                    {"net_slip", result->net_slip},
                                    {"uncertainty", result->uncertainty},
                                    {"travelled_m", result->travelled_m},
                                    {"passes", result->passes}});
}

Reply DeckMeasurements::reels(const MachineState& state) const {
    const double by_place_m = std::max(0.0, settings_.tape_length_m - state.position_m);
    json::object answer{{"remaining_m", by_place_m}, {"remaining_by", "length and counter"}, {"warning", nullptr}};
    double remaining_m = by_place_m;
    if (watch_) {
        const transport::ReelReport& report = watch_->report();
        if (report.remaining_by_reels) {
            remaining_m = report.remaining_m;
            answer["remaining_m"] = remaining_m;
            answer["remaining_by"] = "reels";
        }
        answer["supply"] = side_json(report.supply);
        answer["take_up"] = side_json(report.take_up);
        answer["place_by_reels_m"] = or_null(report.place_by_reels_m);
        if (!report.warning.empty()) {
            answer["warning"] = report.warning;
        }
    }
    answer["remaining_s"] = or_null(transport::playing_time_s(remaining_m, metres_per_second(state.play_speed_ips)));
    return Reply::with(answer);
}

void DeckMeasurements::add_commands(CommandRegistry& registry, const MachineCommands& machine) {
    const auto shared = std::make_shared<const MachineCommands>(machine);
    const Parameter step{"step", ParameterType::Text, true, "begin, then finish", {"begin", "finish"}};
    const Parameter reading{"reading_error_m", ParameterType::Number, false, "of the rule, metres (default 0.001)"};
    registry.add({.name = "calibrate_tach",
                  .help = "measures the tach's edges a metre by a known length of tape",
                  .parameters = {step,
                                 {"length_m", ParameterType::Number, false, "finish: metres of tape that passed"},
                                 reading},
                  .handler = [this, shared](const json::object& given, const Caller&, const Answer& answer) {
                      answer(calibrate(given, shared->transport.state()));
                  }});
    registry.add({.name = "slip_test",
                  .help = "measures the tach roller's slip by a chalk mark",
                  .parameters = {step,
                                 {"mark_beyond_m", ParameterType::Number, false,
                                  "finish: metres the mark lies beyond its place, in the direction of play"},
                                 reading},
                  .handler = [this, shared](const json::object& given, const Caller&, const Answer& answer) {
                      answer(slip(given, shared->transport.state()));
                  }});
    registry.add({.name = "reels",
                  .help = "tape remaining, and what the reels tell",
                  .role = Role::Observe,
                  .handler = [this, shared](const json::object&, const Caller&, const Answer& answer) {
                      answer(reels(shared->transport.state()));
                  }});
}

} // namespace overbias::controller
