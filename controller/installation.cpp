// SPDX-License-Identifier: Apache-2.0
#include "controller/installation.hpp"

#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "base/uuid.hpp"
#include "controller/analysers/analyser_link.hpp"
#include "controller/audio_dump.hpp"
#include "controller/bias/bias_link.hpp"
#include "controller/ending.hpp"
#include "controller/identity.hpp"
#include "controller/idle_taps.hpp"
#include "controller/installation_memory.hpp"
#include "controller/job_runner.hpp"
#include "controller/job_starts.hpp"
#include "controller/log_commands.hpp"
#include "controller/log_keeper.hpp"
#include "controller/machine_commands.hpp"
#include "controller/meter_commands.hpp"
#include "controller/notices.hpp"
#include "controller/oscillator_desk.hpp"
#include "controller/panel_link.hpp"
#include "controller/part_settings.hpp"
#include "controller/position_commands.hpp"
#include "controller/position_match.hpp"
#include "controller/print_commands.hpp"
#include "controller/safety_commands.hpp"
#include "controller/simulated/simulated_hands.hpp"
#include "controller/socket_door.hpp"
#include "controller/state_json.hpp"
#include "controller/status_report.hpp"
#include "controller/supervisor.hpp"
#include "controller/tape_position.hpp"
#include "controller/transport_desk.hpp"
#include "controller/worker.hpp"
#include "transport/transport.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstdint>
#include <stdexcept>

namespace overbias::controller {

namespace json = boost::json;
using transport::Motion;

namespace {

constexpr DeckDuration kControlTick = std::chrono::milliseconds(10);
constexpr double kTapSeconds = 2.0;

/// Motion that comes to its end without anybody's doing.
bool ends_by_itself(Motion motion) {
    return motion == Motion::Starting || motion == Motion::Braking || motion == Motion::Locating;
}

} // namespace

class Installation::Impl {
  public:
    Impl(const Config& config, BackEnds& back_ends)
        : config_(with_round_trip(config)), back_ends_(back_ends), timeline_(back_ends.timeline()),
          identity_(or_throw(load_identity(config_))), reel_uuid_(new_uuid()), kept_place_(kept_place(config_)),
          transport_(timeline_, back_ends.deck(), back_ends.adjust(),
                     with_kept_place(transport_config(config_), kept_place_)),
          engine_(back_ends.pcm(), back_ends.engine_config()), played_(engine_.add_played_tap(tap_frames())),
          tape_return_(engine_.add_return_tap(tap_frames())),
          logbook_(or_throw(logbook::Logbook::open(config_.daemon.state_dir / "logbook.sqlite"))),
          keeper_(*logbook_, log_subject(config_, identity_, reel_uuid_, back_ends_.simulated()),
                  [this] { return std::optional(engine_.played_timestamp().frame); }),
          runner_(timeline_, runner_hooks()),
          desk_({.config = config_,
                 .back_ends = back_ends_,
                 .transport = transport_,
                 .worker = *worker_,
                 .notices = notices_,
                 .cues = kept_place_ ? kept_place_->cues : transport::StoredCuePoints{},
                 .learned = learned_before(kept_place_, config_)}),
          position_({.timeline = timeline_,
                     .transport = transport_,
                     .worker = *worker_,
                     .return_rate_hz = return_rate_hz(),
                     .return_clock = [this] { return engine_.return_timestamp(); },
                     .heard_later_m = [this] { return heard_later_m(); }}),
          supervisor_({.timeline = timeline_,
                       .transport = transport_,
                       .back_ends = back_ends_,
                       .engine = engine_,
                       .runner = runner_,
                       .profile = config_.deck.profile},
                      [this] { card_changed(); }),
          jobs_({.config = config_,
                 .identity = identity_,
                 .reel_uuid = reel_uuid_,
                 .back_ends = back_ends_,
                 .transport = transport_,
                 .engine = engine_,
                 .played = played_,
                 .tape_return = tape_return_,
                 .keeper = keeper_,
                 .notices = notices_,
                 .runner = runner_,
                 .worker = *worker_,
                 .supervisor = supervisor_,
                 .reports = reports(),
                 .ending = [this] { return ending_.begun(); },
                 .let_go = [this](const std::string& why) { let_go(why); },
                 .oscillator_off = [this](const std::string& why) { oscillator_.end(why); },
                 .pace = [this] { pace(); },
                 .notify_state = [this] { notify_state(); },
                 .bias_stop_obstacle = [this] { return bias_.stop_obstacle(); },
                 .turning = [this] { return analysers_.turning(); }}),
          dump_(engine_, return_rate_hz(), config_.daemon.state_dir, timeline_),
          analysers_({.config = config_,
                      .timeline = timeline_,
                      .engine = engine_,
                      .transport = transport_,
                      .desk = desk_,
                      .supervisor = supervisor_}),
          bias_({.config = config_,
                 .identity = identity_,
                 .timeline = timeline_,
                 .capture = back_ends.pcm().capture().format(),
                 .engine = engine_,
                 .transport = transport_,
                 .runner = runner_,
                 .keeper = keeper_,
                 .worker = *worker_,
                 .notices = notices_,
                 .changed = [this] { notify_state(); },
                 .commanded = [this](const auto& command, const auto& answer) { commanded(command, answer); }}),
          idle_taps_(played_, tape_return_, [this](std::int64_t first_frame, std::span<const std::int32_t> frames) {
              desk_.tape_return(frames);
              if (!frames.empty()) {
                  position_.heard(first_frame, frames);
              }
          }) {
        take_head_delay(config_, identity_);
        register_commands();
        transport_.on_transition([this](const transport::MachineState& state) { state_changed(state); });
        transport_.on_fault([this](const std::string& what) { fault(what); });
        door_ = std::make_unique<SocketDoor>(config_.daemon.socket,
                                             [this](RpcRequest request, Caller caller, Answer answer) {
                                                 caller.local = true;
                                                 serve(std::move(request), std::move(caller), std::move(answer));
                                             });
        notices_.add([this](std::string_view topic, std::string_view parameters) {
            door_->notify(std::string(topic), std::string(parameters));
        });
        if (config_.panel.on) {
            panel_ = std::make_unique<PanelLink>(config_, engine_, panel_hooks());
            notices_.add([this](std::string_view topic, std::string_view parameters) {
                panel_->door().notify(topic, parameters);
            });
        }
        if (const auto started = supervisor_.start(); !started) { // every tap is there
            throw std::runtime_error("sound card: " + started.error().message);
        }
        tick_ = std::make_unique<PeriodicTimer>(timeline_, kControlTick, [this] { tick(); });
    }

    ~Impl() {
        transport_.stop(); // run() has done it; this is for an exception on the way
        runner_.abandon(); // so is this: its hooks reach nearly every member
        tick_.reset();
        panel_.reset();
        door_.reset();
        worker_.reset(); // what it still had to write is written
    }

    [[nodiscard]] std::string panel_text() {
        return panel_ ? panel_words(panel_->door().pairing_address(), config_.panel, panel_->door().port()) : "";
    }

    void run(std::function<void()> ready) {
        ready_ = std::move(ready);
        back_ends_.run();
    }

    void shutdown(const std::string& why) {
        timeline_.post([this, why] {
            ending_.begin(why);
            pace();
        });
    }

  private:
    /// What passes the record head while a place goes from there to the tape return.
    [[nodiscard]] double heard_later_m() const {
        return config_.deck.record_to_reproduce_mm / 1000.0 +
               metres_per_second(config_.tape.speed_ips) * config_.audio.round_trip_s();
    }

    [[nodiscard]] double return_rate_hz() { return back_ends_.pcm().capture().format().sample_rate_hz; }

    void serve(RpcRequest request, Caller caller, Answer answer) {
        timeline_.post([this, request = std::move(request), caller = std::move(caller), answer = std::move(answer)] {
            registry_.call(request.method, request.parameters, caller, answer);
        });
    }

    PanelDoor::Hooks panel_hooks() {
        return {.serve = [this](RpcRequest request, Caller caller,
                                Answer answer) { serve(std::move(request), std::move(caller), std::move(answer)); },
                .stop =
                    [this](std::function<void()> done) {
                        timeline_.post([this, done = std::move(done)] {
                            registry_.call("stop", nullptr, {}, [done](const Reply&) { done(); });
                        });
                    },
                .health_json = [this] { return controller::health_json(status_parts()); },
                .metrics_text = [this] { return controller::metrics_text(status_parts()); }};
    }

    [[nodiscard]] StatusParts status_parts() {
        return {config_, identity_, back_ends_, engine_, supervisor_, *logbook_};
    }

    [[nodiscard]] std::size_t tap_frames() const {
        return static_cast<std::size_t>(std::lround(config_.audio.sample_rate_hz * kTapSeconds));
    }

    JobRunner::Hooks runner_hooks() {
        return {
            .make_safe = [this] { transport_.stop(); },
            .where =
                [this] { return tape_place_text(transport_.state().position_m, transport_.config().play_speed_ips); },
            .event =
                [this](const transport::JobEvent& event, const std::string& id) {
                    keeper_.job_event(id, event, transport_.state().position_m);
                    bias_.job_event(event);
                    if (panel_) {
                        panel_->job_event(event);
                    }
                },
            .keep =
                [this](JobEnd end, std::function<void(JobEnd)> kept) {
                    pace();
                    jobs_.alignment().keep(std::move(end), [this, kept = std::move(kept)](JobEnd done) {
                        keep_report(timeline_, *worker_, reports(), std::move(done), kept);
                    });
                },
            .ended = [this](const JobEnd& end) { job_ended(end); },
            .at_rest = [this] { return ending_.at_rest(); }};
    }

    void job_ended(const JobEnd& end) {
        oscillator_.end("the job has ended");
        keeper_.job_ended(end, transport_.state().position_m);
        bias_.job_ended(end);
        jobs_.alignment().job_ended(end);
        if (auto printed = mastering::programme_of_report(end.report); printed) { // else it was no print
            position_.printed(std::move(printed).value());
        }
        journal(end.ending == JobEnding::Fault ? JournalLevel::Error : JournalLevel::Info, "overbiasd",
                end.name + " " + end.id + " ended: " + word(end.ending) +
                    (end.reason.empty() ? "" : " (" + end.reason + ")"));
        notices_.tell("job_end", json_line(job_end_json(end)));
        notices_.tell("progress", "null");
        notify_state();
        pace();
    }

    void state_changed(const transport::MachineState& state) {
        keeper_.state(state);
        bias_.state(state);
        jobs_.alignment().state(state);
        notify_state();
        pace();
    }

    void let_go(const std::string& why) {
        desk_.let_go(why);
        position_.let_go(why);
    }

    void fault(const std::string& what) {
        journal(JournalLevel::Error, "overbiasd", what);
        let_go("ended by a fault");
        keeper_.fault(what, transport_.state().position_m);
        runner_.machine_fault(what);
    }

    void card_changed() {
        const bool lost = supervisor_.card_lost();
        keeper_.card(lost, supervisor_.card_problem(), transport_.state().position_m);
        const std::string& problem = supervisor_.card_problem();
        notices_.tell("card",
                      json_line(json::object{
                          {"lost", lost}, {"problem", problem.empty() ? json::value(nullptr) : json::value(problem)}}));
        notify_state();
    }

    void notify_state() { notices_.tell("state", json_line(status_json(machine_commands()))); }

    void pace() {
        back_ends_.pace(ending_.begun() || (runner_.running() && !jobs_.alignment().waits_for_operator()) ||
                        ends_by_itself(transport_.state().current));
    }

    /// Every 10 ms of deck time.
    void tick() {
        supervisor_.tick();
        desk_.tick();
        oscillator_.tick();
        position_.tick();
        bias_.tick();
        jobs_.alignment().tick();
        if (!runner_.busy() || jobs_.alignment().running()) { // the job that runs, if any, does not read them
            idle_taps_.drain();
        }
        if (panel_) {
            panel_->tick(engine_.return_timestamp(), runner_);
        }
        if (ready_ &&
            (transport_.state().current != Motion::Unknown || timeline_.now() > DeckTime(std::chrono::seconds(2)))) {
            notify_state();
            std::exchange(ready_, {})();
        }
        notices_.position(
            [this] { return json_line(position_json(transport_.state(), transport_.config().play_speed_ips)); });
        if (runner_.running()) {
            notices_.progress([this] { return json_line(job_json(runner_)); });
        }
        ending_.tick();
    }

    [[nodiscard]] std::filesystem::path reports() const { return config_.daemon.state_dir / "reports"; }

    /// Why no test signal can be played now.
    [[nodiscard]] std::string playing_obstacle() const {
        return supervisor_.card_lost() ? supervisor_.card_problem() : ending_.begun() ? "the daemon is ending" : "";
    }

    [[nodiscard]] MachineCommands machine_commands() {
        return {
            .transport = transport_,
            .runner = runner_,
            .more_status =
                [this](json::object& status) {
                    add_status(status, status_parts(), keeper_.session());
                    desk_.add_status(status);
                    status["oscillator"] = oscillator_.state();
                    status["bias"] = bias_.status();
                    jobs_.alignment().add_status(status);
                },
            .commanded = [this](const std::string& command, const std::string& answer) { commanded(command, answer); },
            .taking_over = [this](const std::string& command) { let_go("ended by " + command); },
            .record_obstacle = [this] { return supervisor_.record_obstacle(); },
            .clear_obstacle = [this] { return supervisor_.clear_obstacle(); }};
    }

    void commanded(const std::string& command, const std::string& answer) {
        keeper_.command(command, answer, transport_.state().position_m);
    }

    void register_commands() {
        add_machine_commands(registry_, machine_commands());
        desk_.add_commands(registry_, machine_commands());
        add_position_commands(
            registry_, {.machine = machine_commands(), .match = position_, .notices = notices_, .reports = reports()});
        jobs_.add_commands(registry_);
        add_log_commands(registry_, keeper_, *worker_, timeline_);
        add_safety_commands(registry_, supervisor_, [this](const std::string& command, const std::string& answer) {
            commanded(command, answer);
        });
        add_pair_command(registry_, [this] { return panel_ ? panel_->door().pairing_address() : std::string(); });
        add_meter_commands(registry_, [this] { return panel_ ? &panel_->meters() : nullptr; });
        dump_.add_command(registry_);
        oscillator_.add_command(registry_);
        analysers_.add_command(registry_);
        bias_.add_commands(registry_);
        add_simulated_commands(registry_, back_ends_.hands(),
                               [this](const auto& command, const auto& answer) { commanded(command, answer); });
    }

    Config config_;
    BackEnds& back_ends_;
    Timeline& timeline_;
    Identity identity_;
    std::string reel_uuid_;
    std::optional<KeptPlace> kept_place_;
    transport::Transport transport_;
    audio::BlockEngine engine_;
    audio::FrameTap& played_;
    audio::FrameTap& tape_return_;
    std::unique_ptr<logbook::Logbook> logbook_;
    LogKeeper keeper_;
    JobRunner runner_;
    Ending ending_{back_ends_, transport_, runner_};
    std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
    Notices notices_;
    TransportDesk desk_;
    PositionMatch position_;
    CommandRegistry registry_;
    Supervisor supervisor_;
    OscillatorDesk oscillator_{
        {.oscillator = engine_.add_oscillator(),
         .levels = config_.audio.levels,
         .runner = runner_,
         .obstacle = [this] { return playing_obstacle(); },
         .commanded = [this](const std::string& command, const std::string& answer) { commanded(command, answer); },
         .changed = [this] { notify_state(); }}};
    JobStarts jobs_;
    AudioDump dump_;
    AnalyserLink analysers_;
    BiasLink bias_;
    std::unique_ptr<SocketDoor> door_;
    std::unique_ptr<PanelLink> panel_;
    std::unique_ptr<PeriodicTimer> tick_;
    IdleTaps idle_taps_;
    std::function<void()> ready_;
};

Installation::Installation(const Config& config, BackEnds& back_ends)
    : impl_(std::make_unique<Impl>(config, back_ends)) {
}
Installation::~Installation() = default;

void Installation::run(std::function<void()> ready) {
    impl_->run(std::move(ready));
}

std::string Installation::panel_text() {
    return impl_->panel_text();
}

void Installation::shutdown(const std::string& why) {
    impl_->shutdown(why);
}

} // namespace overbias::controller
