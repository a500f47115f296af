// SPDX-License-Identifier: Apache-2.0
#include "print_rig.hpp"

#include <boost/json.hpp>
#include <stdexcept>

namespace overbias::test {

namespace json = boost::json;

namespace {

std::vector<deck_sim::Fault> parsed(const std::vector<std::string>& texts) {
    std::vector<deck_sim::Fault> faults;
    for (const std::string& text : texts) {
        auto fault = deck_sim::parse_fault(text);
        if (!fault) {
            throw std::runtime_error(fault.error().message);
        }
        faults.push_back(*fault);
    }
    return faults;
}

} // namespace

std::string PrintEnd::verdict() const {
    return report.is_object() ? std::string(report.at("verdict").as_string()) : "none: " + end.reason;
}

std::string PrintEnd::reason() const {
    return report.is_object() && report.at("reason").is_string() ? std::string(report.at("reason").as_string()) : "";
}

const json::object& PrintEnd::track(std::size_t index) const {
    return report.at("tracks").as_array().at(index).as_object();
}

bool PrintEnd::names(const std::string& reason_word) const {
    if (!report.is_object()) {
        return false;
    }
    const auto in = [&](const json::value& findings) {
        for (const json::value& finding : findings.as_array()) {
            if (finding.at("reason").as_string() == reason_word) {
                return true;
            }
        }
        return false;
    };
    if (reason() == reason_word || in(report.at("findings"))) {
        return true;
    }
    for (const json::value& one : report.at("tracks").as_array()) {
        if (in(one.at("findings"))) {
            return true;
        }
    }
    return false;
}

std::string PrintEnd::text() const {
    std::string out = std::string(controller::word(end.ending)) + " " + end.reason;
    if (report.is_object()) {
        out += "\nfindings " + json::serialize(report.at("findings")) + "\noff_tape " +
               json::serialize(report.at("off_tape")) + "\nslate " + json::serialize(report.at("slate"));
        for (const json::value& one : report.at("tracks").as_array()) {
            json::object brief = one.as_object();
            brief.erase("third_octave_hz");
            out += "\ntrack " + json::serialize(brief);
        }
    }
    return out;
}

PrintRig::PrintRig(PrintRigOptions options) : options_(std::move(options)) {
    deck = std::make_unique<deck_sim::SimulatedDeck>(timeline, options_.settings, parsed(options_.faults));
    driver = std::make_unique<transport::ParallelRemote>(timeline, deck->lines(), &deck->tach(),
                                                         transport::ParallelRemoteConfig{});
    adjust = std::make_unique<transport::RelayAdjust>(deck->lines());
    transport::TransportConfig transport_config;
    transport_config.play_speed_ips = options_.settings.play_speed_ips;
    transport_config.tape_length_m = options_.settings.tape_length_m - options_.settings.start_place_m;
    transport = std::make_unique<transport::Transport>(timeline, *driver, *adjust, transport_config);
    audio::EngineConfig engine_config; // 10 ms, four of them ahead
    engine_config.block_frames = static_cast<std::size_t>(options_.settings.sample_rate_hz / 100.0);
    engine_config.playback_latency_frames = 4 * engine_config.block_frames;
    engine = std::make_unique<audio::BlockEngine>(deck->pcm(), engine_config);
    played_ = &engine->add_played_tap(options_.tap_frames);
    return_ = &engine->add_return_tap(options_.tap_frames);
    if (auto started = engine->start(); !started) {
        throw std::runtime_error(started.error().message);
    }
    engine_turn_ =
        std::make_unique<PeriodicTimer>(timeline, std::chrono::milliseconds(10), [this] { engine->rt_process(); });
    runner = std::make_unique<controller::JobRunner>(
        timeline,
        controller::JobRunner::Hooks{
            .make_safe = [this] { transport->stop(); },
            .where = [this] { return "the tape stands at " + std::to_string(transport->state().position_m) + " m"; },
            .event = [this](const transport::JobEvent& event, const std::string&) { events.push_back(event); },
            .keep = [](controller::JobEnd end, std::function<void(controller::JobEnd)> kept) { kept(std::move(end)); },
            .ended = [this](const controller::JobEnd& end) { end_ = end; }});
    transport->on_fault([this](const std::string& what) { runner->machine_fault(what); });
    timeline.run_for(std::chrono::seconds(1));
    if (options_.zero_counter) {
        transport->zero_counter();
    }
}

PrintRig::~PrintRig() {
    runner.reset();
    engine_turn_.reset();
    transport.reset();
    timeline.run_for(std::chrono::seconds(1)); // the pulse of the driver's STOP ends before the driver goes
    driver.reset();
}

mastering::PrintRequest PrintRig::quick_request(std::vector<std::string> files) {
    mastering::PrintRequest request;
    request.files = std::move(files);
    request.timing_seed = 7; // the same in every run of a test
    request.slate.duration_s = 4.0;
    request.gap_s = 2.0;
    request.post_roll_s = 1.0;
    return request;
}

void PrintRig::start(const mastering::PrintRequest& request) {
    const deck_sim::Settings& settings = options_.settings;
    const mastering::PrintInstallation installation{.sample_rate_hz = settings.sample_rate_hz,
                                                    .converter_bits = 24,
                                                    .tape_speed_ips = settings.play_speed_ips,
                                                    .tape_length_m = settings.tape_length_m - settings.start_place_m,
                                                    .spare_m = 5.0,
                                                    .play_dbfs_at_operating_level =
                                                        settings.play_dbfs_at_operating_level};
    auto plan = mastering::make_print_plan(request, installation);
    if (!plan) {
        throw std::runtime_error(plan.error().message);
    }
    const mastering::ComparisonConfig comparison{
        .sample_rate_hz = settings.sample_rate_hz,
        .tape_speed_ips = settings.play_speed_ips,
        .record_to_reproduce_m = 0.0350, // what a profile would say, not the truth
        .round_trip_s = 61.37 / settings.sample_rate_hz,
        .play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level,
        .capture_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level,
        .calibrated_head_delay_s = options_.calibrated_head_delay_s,
        .limits = options_.limits};
    end_.reset();
    mastering::PrintIdentity identity;
    identity.deck_name = "rig";
    auto job = mastering::make_print_job({timeline, *transport, *engine, *played_, *return_, settings.capture_rate_hz(),
                                          installation, comparison, identity,
                                          [this](DeckTime at) { deck->programme_starts(at); }},
                                         std::move(plan).value());
    if (auto started = runner->start(std::move(job), "job-" + std::to_string(++jobs_)); !started) {
        throw std::runtime_error(started.error().message);
    }
}

PrintEnd PrintRig::finish(double limit_s) {
    if (!timeline.run_until([this] { return ended(); }, timeline.now() + deck_seconds(limit_s))) {
        throw std::runtime_error("the job did not end within " + std::to_string(limit_s) + " s of deck time");
    }
    PrintEnd end{*end_, nullptr};
    if (!end.end.report.empty()) {
        end.report = json::parse(end.end.report);
    }
    return end;
}

} // namespace overbias::test
