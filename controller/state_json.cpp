// SPDX-License-Identifier: Apache-2.0
#include "controller/state_json.hpp"

#include "base/units.hpp"
#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace overbias::controller {

namespace json = boost::json;

namespace {

double rounded(double value, double steps_per_unit) {
    return std::round(value * steps_per_unit) / steps_per_unit + 0.0; // no minus zero
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

json::string words(std::string_view text) {
    return json::string(text.data(), text.size());
}

/// The numbers of the tracks that are record ready.
json::array ready_json(std::uint32_t ready_tracks) {
    json::array tracks;
    for (int track = 1; ready_tracks != 0; ++track, ready_tracks >>= 1U) {
        if ((ready_tracks & 1U) != 0) {
            tracks.push_back(track);
        }
    }
    return tracks;
}

} // namespace

json::object machine_json(const transport::MachineState& state, double play_speed_ips) {
    return {{"motion", {{"requested", words(name_of(state.requested))}, {"current", words(name_of(state.current))}}},
            {"inferred", state.inferred},
            {"library_wind", state.library_wind},
            {"threading", state.threading},
            {"lifters", state.lifters == transport::Lifters::Defeated ? "Defeated" : "Normal"},
            {"ready_tracks", ready_json(state.ready_tracks)},
            {"play_speed_ips", state.play_speed_ips > 0.0 ? state.play_speed_ips : play_speed_ips},
            {"locate_to_m", state.locate_to_m ? json::value(rounded(*state.locate_to_m, 1000)) : json::value(nullptr)},
            {"link_problem", text_or_null(state.link_problem)},
            {"arm", words(name_of(state.arm))},
            {"record_tally", state.record_tally},
            {"tape_out", state.tape_out},
            {"position",
             {{"tape_m", rounded(state.position_m, 1000)},
              {"uncertainty_m", rounded(state.position_uncertainty_m, 1000)},
              {"tape_time", tape_time_text(state.position_m, play_speed_ips)},
              {"knowledge", words(name_of(state.position_knowledge))}}},
            {"speed_m_s", rounded(state.speed_m_s, 10000)},
            {"speed_ips", rounded(state.speed_m_s / kMetresPerInch, 1000)},
            {"fault", text_or_null(state.fault)},
            {"revision", state.revision}};
}

json::object position_json(const transport::MachineState& state, double play_speed_ips) {
    return {{"tape_m", rounded(state.position_m, 1000)},
            {"tape_time", tape_time_text(state.position_m, play_speed_ips)},
            {"uncertainty_m", rounded(state.position_uncertainty_m, 1000)},
            {"knowledge", words(name_of(state.position_knowledge))},
            {"speed_ips", rounded(state.speed_m_s / kMetresPerInch, 1000)}};
}

json::value job_json(const JobRunner& runner) {
    if (!runner.busy()) {
        return nullptr;
    }
    const transport::JobProgress progress = runner.progress();
    return {{"id", text_or_null(runner.id())},
            {"name", runner.name()},
            {"state", runner.phase_word()},
            {"phase", progress.phase},
            {"fraction", rounded(progress.fraction, 10000)},
            {"remaining_s", rounded(progress.remaining_s, 10)},
            {"gate", text_or_null(progress.gate)}};
}

json::object job_end_json(const JobEnd& end) {
    return {{"id", end.id},
            {"name", end.name},
            {"verdict", word(end.ending)},
            {"exit_status", exit_status(end.ending)},
            {"reason", text_or_null(end.reason)},
            {"report_path", text_or_null(end.report_path)},
            {"report_error", text_or_null(end.report_error)},
            {"phase", end.progress.phase},
            {"fraction", rounded(end.progress.fraction, 10000)}};
}

} // namespace overbias::controller
