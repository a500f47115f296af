// SPDX-License-Identifier: Apache-2.0
// What an installation's parts are given of each other, and the commands they add.
#include "base/units.hpp"
#include "controller/installation_impl.hpp"
#include "controller/log_commands.hpp"
#include "controller/meter_commands.hpp"
#include "controller/papers/paper_desk.hpp"
#include "controller/position_commands.hpp"
#include "controller/safety_commands.hpp"
#include "controller/simulated/simulated_hands.hpp"
#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr double kTapSeconds = 2.0;

} // namespace

double Installation::Impl::heard_later_m() const {
    return config_.deck.record_to_reproduce_mm / 1000.0 +
           metres_per_second(config_.tape.speed_ips) * config_.audio.round_trip_s();
}

double Installation::Impl::return_rate_hz() {
    return back_ends_.pcm().capture().format().sample_rate_hz;
}

std::size_t Installation::Impl::tap_frames() const {
    return static_cast<std::size_t>(std::lround(config_.audio.sample_rate_hz * kTapSeconds));
}

std::filesystem::path Installation::Impl::reports() const {
    return config_.daemon.state_dir / "reports";
}

StatusParts Installation::Impl::status_parts() {
    return {config_, identity_, back_ends_, engine_, supervisor_, *logbook_};
}

std::string Installation::Impl::playing_obstacle() const {
    return supervisor_.card_lost() ? supervisor_.card_problem() : ending_.begun() ? "the daemon is ending" : "";
}

PanelDoor::Hooks Installation::Impl::panel_hooks() {
    return {.serve = [this](RpcRequest request, Caller caller,
                            Answer answer) { serve(std::move(request), std::move(caller), std::move(answer)); },
            .stop =
                [this](std::function<void()> done) {
                    timeline_.post([this, done = std::move(done)] {
                        registry_.call("stop", nullptr, {}, [done](const Reply&) { done(); });
                    });
                },
            .health_json = [this] { return controller::health_json(status_parts()); },
            .metrics_text = [this] { return controller::metrics_text(status_parts()); },
            .uploads = files_.panel_uploads(),
            .audio = &listening_};
}

JobRunner::Hooks Installation::Impl::runner_hooks() {
    return {
        .make_safe = [this] { transport_.stop(); },
        .where = [this] { return tape_place_text(transport_.state().position_m, transport_.config().play_speed_ips); },
        .event =
            [this](const transport::JobEvent& event, const std::string& id) {
                keeper_.job_event(id, event, transport_.state().position_m);
                bias_.job_event(event);
                listening_.job_event(event);
                if (event.kind == "gate" || event.kind == "gate_confirmed") {
                    pace();
                    notify_state();
                }
                if (panel_) {
                    panel_->job_event(event);
                }
            },
        .keep =
            [this](JobEnd end, std::function<void(JobEnd)> kept) {
                pace();
                jobs_.alignment().keep(std::move(end), [this, kept = std::move(kept)](JobEnd done) {
                    jobs_.transfers().keep(std::move(done), [this, kept](JobEnd whole) {
                        jobs_.printing().keep(std::move(whole), kept);
                    });
                });
            },
        .ended = [this](const JobEnd& end) { job_ended(end); },
        .at_rest = [this] { return ending_.at_rest(); }};
}

MachineCommands Installation::Impl::machine_commands() {
    return {.transport = transport_,
            .runner = runner_,
            .more_status =
                [this](json::object& status) {
                    add_status(status, status_parts(), keeper_.session());
                    desk_.add_status(status);
                    status["oscillator"] = oscillator_.state();
                    status["bias"] = bias_.status();
                    status["listening"] = listening_.state();
                    jobs_.alignment().add_status(status);
                    status["transfer"] = jobs_.transfers().status();
                },
            .commanded = [this](const std::string& command, const std::string& answer) { commanded(command, answer); },
            .taking_over = [this](const std::string& command) { let_go("ended by " + command); },
            .record_obstacle = [this] { return supervisor_.record_obstacle(); },
            .clear_obstacle = [this] { return supervisor_.clear_obstacle(); }};
}

void Installation::Impl::register_commands() {
    add_machine_commands(registry_, machine_commands());
    desk_.add_commands(registry_, machine_commands());
    add_position_commands(
        registry_, {.machine = machine_commands(), .match = position_, .notices = notices_, .reports = reports()});
    jobs_.add_commands(registry_);
    add_log_commands(registry_, keeper_, *worker_, timeline_);
    add_paper_commands(registry_, {.timeline = timeline_,
                                   .worker = *worker_,
                                   .logbook = *logbook_,
                                   .sessions = config_.daemon.state_dir / "prints",
                                   .key_file = config_.daemon.state_dir / "signing.key"});
    add_safety_commands(registry_, supervisor_,
                        [this](const std::string& command, const std::string& answer) { commanded(command, answer); });
    add_pair_command(registry_, [this] { return panel_ ? panel_->door().pairing_address() : std::string(); });
    add_meter_commands(registry_, [this] { return panel_ ? &panel_->meters() : nullptr; });
    files_.add_commands(registry_);
    dump_.add_command(registry_);
    oscillator_.add_command(registry_);
    listening_.add_command(registry_);
    analysers_.add_command(registry_);
    bias_.add_commands(registry_);
    add_simulated_commands(registry_, back_ends_.hands(),
                           [this](const auto& command, const auto& answer) { commanded(command, answer); });
}

} // namespace overbias::controller
