// SPDX-License-Identifier: Apache-2.0
#include "print_rig.hpp"

#include "mastering/session_resume.hpp"
#include "mastering/session_text.hpp"
#include "tape/equalisation.hpp"

#include <boost/json.hpp>
#include <stdexcept>
#include <thread>

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

/// What the daemon reads from its configuration.
double low_emphasis_s(deck_sim::Equalisation equalisation, double speed_ips) {
    const auto standard = equalisation == deck_sim::Equalisation::Nab   ? tape::Equalisation::Nab
                          : equalisation == deck_sim::Equalisation::Aes ? tape::Equalisation::Aes
                                                                        : tape::Equalisation::Iec1;
    const auto constants = tape::time_constants(standard, speed_ips);
    return constants ? constants->low_us * 1e-6 : 0.0;
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
    make_transport({});
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
    timeline.run_for(std::chrono::seconds(1));
    if (options_.zero_counter) {
        transport->zero_counter();
    }
}

void PrintRig::make_transport(std::optional<double> last_position_m) {
    transport::TransportConfig config;
    config.play_speed_ips = options_.settings.play_speed_ips;
    config.tape_length_m = options_.settings.tape_length_m - options_.settings.start_place_m;
    config.last_position_m = last_position_m;
    config.last_uncertainty_m = 0.01;
    transport = std::make_unique<transport::Transport>(timeline, *driver, *adjust, config);
    transport->on_fault([this](const std::string& what) { runner->machine_fault(what); });
}

void PrintRig::restart(double wrong_m) {
    const double kept_m = transport->state().position_m + wrong_m;
    transport.reset();
    timeline.run_for(std::chrono::seconds(1));
    make_transport(kept_m);
    timeline.run_for(std::chrono::seconds(3));
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

mastering::PrintInstallation PrintRig::installation() const {
    const deck_sim::Settings& settings = options_.settings;
    return {.sample_rate_hz = settings.sample_rate_hz,
            .converter_bits = 24,
            .tape_speed_ips = settings.play_speed_ips,
            .tape_length_m = settings.tape_length_m - settings.start_place_m,
            .spare_m = 5.0,
            .play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level};
}

mastering::PrintContext PrintRig::context() {
    const deck_sim::Settings& settings = options_.settings;
    mastering::ComparisonConfig comparison;
    comparison.sample_rate_hz = settings.sample_rate_hz;
    comparison.tape_speed_ips = settings.play_speed_ips;
    comparison.record_to_reproduce_m = 0.0350; // what a profile would say, not the truth
    comparison.round_trip_s = 61.37 / settings.sample_rate_hz;
    comparison.play_dbfs_at_operating_level = settings.play_dbfs_at_operating_level;
    comparison.capture_dbfs_at_operating_level = settings.capture_dbfs_at_operating_level;
    comparison.calibrated_head_delay_s = options_.calibrated_head_delay_s;
    comparison.limits = options_.limits;
    comparison.low_emphasis_s = low_emphasis_s(settings.equalisation, settings.play_speed_ips);
    mastering::PrintIdentity identity;
    identity.deck_name = "rig";
    identity.deck_uuid = "deck";
    identity.head_block_uuid = "heads";
    identity.reel_uuid = "reel 1";
    identity.session_uuid = "session";
    return {.timeline = timeline,
            .transport = *transport,
            .engine = *engine,
            .played = *played_,
            .tape_return = *return_,
            .return_rate_hz = settings.capture_rate_hz(),
            .installation = installation(),
            .comparison = comparison,
            .identity = identity,
            .programme_starts = [this](DeckTime at) { deck->programme_starts(at); },
            .keep_session =
                [this](const mastering::PrintSession& session, const std::function<void(std::string)>& kept) {
                    session_ = session;
                    stored = mastering::session_text(session);
                    kept("");
                },
            .new_reel = [] { return std::string("reel 2"); },
            .erase_to_record_m = options_.erase_to_record_m,
            .aside =
                [this](const std::function<void()>& work, const std::function<void()>& done) {
                    ++asides;
                    std::thread(work).join();
                    timeline.post(done);
                }};
}

void PrintRig::run(std::unique_ptr<transport::Job> job) {
    end_.reset();
    if (auto started = runner->start(std::move(job), "job-" + std::to_string(++jobs_)); !started) {
        throw std::runtime_error(started.error().message);
    }
}

void PrintRig::start(const mastering::PrintRequest& request) {
    auto plan = mastering::make_print_plan(request, installation());
    if (!plan) {
        throw std::runtime_error(plan.error().message);
    }
    run(mastering::make_print_job(context(), std::move(plan).value()));
}

void PrintRig::start(const mastering::ReelPlan& plan) {
    mastering::SessionPrint print{.session = {}, .plan = plan, .sides = {}, .from = {}};
    for (std::size_t side = 0; side < plan.sides.size(); ++side) {
        auto laid_out = mastering::lay_out_side(plan, side, installation(), {.timing_seed = 7 + side});
        if (!laid_out) {
            throw std::runtime_error(laid_out.error().message);
        }
        print.sides.push_back(std::move(laid_out).value());
    }
    mastering::PrintContext with = context();
    print.session = mastering::begin_session(plan, print.sides, with.identity, with.installation);
    run(mastering::make_session_job(std::move(with), std::move(print)));
}

Result<void> PrintRig::resume(std::optional<mastering::Boundary> from) {
    auto session = mastering::session_from_text(stored);
    if (!session) {
        return session.error();
    }
    mastering::PrintContext with = context();
    auto print = mastering::resume_session(std::move(session).value(), from, with.installation, with.identity,
                                           with.erase_to_record_m);
    if (!print) {
        return print.error();
    }
    run(mastering::make_session_job(std::move(with), std::move(print).value()));
    return {};
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
