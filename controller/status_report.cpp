// SPDX-License-Identifier: Apache-2.0
#include "controller/status_report.hpp"

#include "base/json/json_text.hpp"
#include "controller/deck_offers.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

namespace json = boost::json;

namespace {

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

json::value parsed_or_null(const std::string& text) {
    boost::system::error_code error;
    json::value value = json::parse(text.empty() ? "null" : text, error);
    return error ? json::value(nullptr) : value;
}

json::object audio_json(const StatusParts& parts) {
    const audio::EngineCounters& counters = parts.engine.counters();
    const AudioConfig& audio = parts.config.audio;
    return {
        {"sample_rate_hz", audio.sample_rate_hz},
        {"capture_xruns", counters.capture_xruns.load(std::memory_order_relaxed)},
        {"playback_xruns", counters.playback_xruns.load(std::memory_order_relaxed)},
        {"lost", parts.supervisor.card_lost()},
        {"problem", text_or_null(parts.supervisor.card_problem())},
        {"round_trip_frames", audio.round_trip_frames ? json::value(*audio.round_trip_frames) : json::value(nullptr)},
        {"turns", parts.supervisor.turns()},
        {"card", parsed_or_null(parts.back_ends.card().report_json())}};
}

json::object safety_json(const StatusParts& parts) {
    const tape::DeckProfile& profile = parts.config.deck.profile;
    return {{"made_safe_by", parts.back_ends.deck().capabilities().made_safe_by},
            {"means", json::value_from(profile.made_safe_means())},
            {"heartbeat_contact", profile.heartbeat_contact},
            {"heartbeat",
             parts.supervisor.has_heartbeat() ? json::value(parts.supervisor.beating()) : json::value(nullptr)},
            {"acknowledgement_needed", parts.supervisor.needs_acknowledgement()},
            {"acknowledged", parts.supervisor.acknowledged()}};
}

} // namespace

void add_status(json::object& status, const StatusParts& parts, const std::string& session) {
    const tape::DeckProfile& profile = parts.config.deck.profile;
    const logbook::LogbookStatus log = parts.logbook.status();
    status["deck"] = {{"name", profile.name},
                      {"profile", profile.id},
                      {"uuid", parts.identity.deck_uuid},
                      {"head_block_uuid", parts.identity.head_block_uuid},
                      {"simulated", parts.back_ends.simulated()},
                      {"made_safe_by", parts.back_ends.deck().capabilities().made_safe_by},
                      {"speed_ips", parts.config.tape.speed_ips},
                      {"equalisation", std::string(tape::equalisation_name(parts.config.tape.equalisation))}};
    json::object details; // the deck's own words
    for (const auto& [what, words] : parts.back_ends.deck().details()) {
        details[what] = words;
    }
    status["deck"].as_object()["details"] = std::move(details);
    status["deck"].as_object()["offers"] =
        offers_json(parts.back_ends.deck().capabilities(), parts.back_ends.adjust().capabilities());
    status["audio"] = audio_json(parts);
    status["safety"] = safety_json(parts);
    status["logbook"] = {{"degraded", log.degraded},
                         {"problem", text_or_null(log.problem)},
                         {"queued", log.queued},
                         {"session", session}};
    status["deck_time_s"] = seconds(parts.back_ends.timeline().now());
    status["time_scale"] = parts.back_ends.time_scale();
    status["version"] = OVERBIAS_VERSION;
}

std::string health_json(const StatusParts& parts) {
    const logbook::LogbookStatus log = parts.logbook.status();
    const bool lost = parts.engine.counters().lost.load(std::memory_order_relaxed);
    const std::string problem = lost ? "the sound card is gone" : log.degraded ? log.problem : "";
    return json_line(json::object{{"status", problem.empty() ? "ok" : "degraded"}, {"problem", text_or_null(problem)}});
}

std::string metrics_text(const StatusParts& parts) {
    const audio::EngineCounters& counters = parts.engine.counters();
    const logbook::LogbookStatus log = parts.logbook.status();
    std::string text;
    const auto add = [&text](const char* name, const char* type, const char* help, std::uint64_t value) {
        text += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + name + " " +
                std::to_string(value) + "\n";
    };
    add("overbias_capture_xruns_total", "counter", "Times the card lost captured frames.",
        counters.capture_xruns.load(std::memory_order_relaxed));
    add("overbias_playback_xruns_total", "counter", "Times the card ran out of frames to play.",
        counters.playback_xruns.load(std::memory_order_relaxed));
    add("overbias_queue_underrun_frames_total", "counter", "Frames of silence played because a file came too slowly.",
        counters.queue_underruns.load(std::memory_order_relaxed));
    add("overbias_audio_turns_total", "counter", "Turns of the block engine.", parts.supervisor.turns());
    add("overbias_card_lost", "gauge", "1 while the sound card is gone.",
        counters.lost.load(std::memory_order_relaxed) ? 1 : 0);
    add("overbias_logbook_degraded", "gauge", "1 while the logbook cannot be written.", log.degraded ? 1 : 0);
    add("overbias_logbook_queued", "gauge", "Records that wait for the disk.", log.queued);
    add("overbias_logbook_committed_total", "counter", "Records on the disk since the start.", log.committed);
    return text;
}

} // namespace overbias::controller
