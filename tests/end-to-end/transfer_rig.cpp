// SPDX-License-Identifier: Apache-2.0
#include "transfer_rig.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <span>
#include <sstream>
#include <stdexcept>
#include <stdlib.h>
#include <utility>

namespace overbias::test {

namespace fs = std::filesystem;
namespace json = boost::json;
using transport::Motion;

TransferRig::TransferRig(const std::vector<std::string>& faults, deck_sim::Settings settings, bool zero_counter)
    : settings_(std::move(settings)) {
    std::string name = (fs::temp_directory_path() / "overbias-reel-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    std::vector<deck_sim::Fault> parsed;
    for (const std::string& text : faults) {
        parsed.push_back(deck_sim::parse_fault(text).value());
    }
    deck = std::make_unique<deck_sim::SimulatedDeck>(timeline, settings_, parsed);
    transport::ParallelRemoteConfig remote;
    remote.library_wind = "library_wind";
    driver = std::make_unique<transport::ParallelRemote>(timeline, deck->lines(), &deck->tach(), remote);
    adjust = std::make_unique<transport::RelayAdjust>(deck->lines());
    transport::TransportConfig config;
    config.play_speed_ips = settings_.play_speed_ips;
    config.tape_length_m = settings_.tape_length_m - settings_.start_place_m;
    transport = std::make_unique<transport::Transport>(timeline, *driver, *adjust, config);
    audio::EngineConfig engine_config;
    engine_config.block_frames = static_cast<std::size_t>(settings_.sample_rate_hz / 100.0);
    engine_config.playback_latency_frames = 4 * engine_config.block_frames;
    engine_config.queue_frames = 1U << 22U;
    engine = std::make_unique<audio::BlockEngine>(deck->pcm(), engine_config);
    worker = std::make_unique<controller::Worker>();
    runner = std::make_unique<controller::JobRunner>(
        timeline,
        controller::JobRunner::Hooks{
            .make_safe = [this] { transport->stop(); },
            .where = [this] { return "the tape stands at " + std::to_string(transport->state().position_m) + " m"; },
            .event = [this](const transport::JobEvent& event, const std::string&) { events.push_back(event); },
            .keep =
                [this](controller::JobEnd end, std::function<void(controller::JobEnd)> kept) {
                    desk->keep(std::move(end), std::move(kept));
                },
            .ended = [this](const controller::JobEnd& end) { end_ = end; },
            .at_rest =
                [this] {
                    const Motion motion = transport->state().current;
                    return motion == Motion::Stopped || motion == Motion::TapeOut || motion == Motion::Faulted;
                }});
    desk = std::make_unique<controller::TransferDesk>(controller::TransferDesk::Parts{
        .timeline = timeline,
        .transport = *transport,
        .engine = *engine,
        .runner = *runner,
        .worker = *worker,
        .tell = [this](std::string_view, std::string_view text) { told.emplace_back(text); },
        .config = {},
        .folder = folder_,
        .return_rate_hz = settings_.capture_rate_hz(),
        .identity =
            [] {
                mastering::TransferIdentity identity;
                identity.deck_name = "Rig";
                identity.tape_speed_ips = 15.0;
                identity.equalisation = "IEC1";
                identity.program_version = "0";
                return identity;
            },
        .obstacle = [] { return std::string(); },
        .starting = {},
        .event = [this](const std::string&, const transport::JobEvent& event) { events.push_back(event); }});
    desk->add_command(registry_);
    transport->on_fault([this](const std::string& what) { runner->machine_fault(what); });
    if (const auto started = engine->start(); !started) {
        throw std::runtime_error(started.error().message);
    }
    engine_turn_ =
        std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [this] { engine->rt_process(); });
    tick_ = std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [this] {
        desk->tick();
        recorded_while_transferring =
            recorded_while_transferring || (runner->running() && transport->state().record_tally);
    });
    timeline.run_for(std::chrono::seconds(1));
    if (zero_counter) {
        transport->zero_counter();
    }
}

TransferRig::~TransferRig() {
    tick_.reset();
    runner.reset();
    desk.reset();
    worker.reset();
    engine_turn_.reset();
    transport.reset();
    timeline.run_for(std::chrono::seconds(1)); // the pulse of the driver's STOP ends before the driver goes
    driver.reset();
    fs::remove_all(folder_);
}

void TransferRig::run_until(const std::function<bool()>& there, double limit_s, const std::string& what) {
    if (!timeline.run_until(there, timeline.now() + deck_seconds(limit_s))) {
        throw std::runtime_error(what + " did not come within " + std::to_string(limit_s) + " s of deck time");
    }
}

std::vector<double> TransferRig::record(const std::vector<std::int32_t>& programme,
                                        const std::vector<std::int64_t>& frames) {
    transport->select_monitor(transport::MonitorSelect::Repro);
    transport->arm();
    transport->record();
    run_until([this] { return transport->state().current == Motion::Recording; }, 20.0, "record");
    timeline.run_for(std::chrono::seconds(1));
    std::size_t sent = 0;
    std::vector<double> places;
    const auto fill = [&] {
        sent += 2 * engine->queue_write(std::span(programme).subspan(sent));
        if (sent == programme.size()) {
            engine->queue_finish();
            ++sent; // once
        }
    };
    fill();
    engine->start_playing();
    run_until(
        [&] {
            if (sent < programme.size()) {
                fill();
            }
            const auto now = engine->played_timestamp();
            while (engine->played_from() >= 0 && places.size() < frames.size() &&
                   now.frame >= engine->played_from() + frames[places.size()]) {
                const auto ago = static_cast<double>(now.frame - engine->played_from() - frames[places.size()]) /
                                 settings_.sample_rate_hz;
                const double since_s = seconds(timeline.now() - now.at);
                places.push_back(transport->state().position_m - (ago + since_s) * metres_a_second());
            }
            return engine->played_to() >= 0 && now.frame >= engine->played_to();
        },
        4000.0, "the programme's end");
    timeline.run_for(std::chrono::seconds(1));
    engine->stop_playing();
    transport->stop();
    run_until([this] { return transport->state().current == Motion::Stopped; }, 60.0, "stop");
    return places;
}

void TransferRig::locate(double place_m) {
    transport->locate(place_m);
    timeline.run_for(std::chrono::milliseconds(50));
    run_until([this] { return transport->state().current == Motion::Stopped; }, 900.0, "the place");
}

controller::Reply TransferRig::transfer(const json::object& given, bool local) {
    std::optional<controller::Reply> reply;
    end_.reset();
    controller::Caller caller;
    caller.local = local;
    registry_.call("transfer", given, caller,
                   [&reply](controller::Reply told_reply) { reply = std::move(told_reply); });
    run_until([&reply] { return reply.has_value(); }, 1e6, "an answer");
    return *reply;
}

controller::JobEnd TransferRig::finish(double limit_s) {
    run_until([this] { return end_.has_value(); }, limit_s, "the job's end");
    return *end_;
}

void TransferRig::capture(double length_s) {
    run_until(
        [&] {
            const json::value now = desk->status();
            return now.is_object() && now.at("captured_s").to_number<double>() >= length_s;
        },
        4000.0, "so much of the tape");
}

json::value TransferRig::report(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return json::parse(text.str());
}

} // namespace overbias::test
