// SPDX-License-Identifier: Apache-2.0
#include "controller/installation.hpp"

#include "audio/block_engine.hpp"
#include "base/figure.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "base/uuid.hpp"
#include "controller/audio_dump.hpp"
#include "controller/command_registry.hpp"
#include "controller/identity.hpp"
#include "controller/job_runner.hpp"
#include "controller/log_commands.hpp"
#include "controller/log_keeper.hpp"
#include "controller/loop_command.hpp"
#include "controller/machine_commands.hpp"
#include "controller/notices.hpp"
#include "controller/panel_link.hpp"
#include "controller/part_settings.hpp"
#include "controller/print_commands.hpp"
#include "controller/report_file.hpp"
#include "controller/round_trip.hpp"
#include "controller/safety_commands.hpp"
#include "controller/socket_door.hpp"
#include "controller/state_json.hpp"
#include "controller/status_report.hpp"
#include "controller/supervisor.hpp"
#include "controller/tape_position.hpp"
#include "controller/transport_desk.hpp"
#include "controller/worker.hpp"
#include "mastering/print_job.hpp"
#include "transport/transport.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace overbias::controller {

namespace json = boost::json;
using transport::Motion;

namespace {

constexpr DeckDuration kControlTick = std::chrono::milliseconds(10);
/// Deck time: by then the tape stands still after stop.
constexpr DeckDuration kShutdownPatience = std::chrono::seconds(15);
constexpr double kTapSeconds = 2.0;

template <typename T>
T or_throw(Result<T> result) {
    if (!result) {
        throw std::runtime_error(result.error().message);
    }
    return std::move(result).value();
}

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
          keeper_(*logbook_, log_subject(), [this] { return std::optional(engine_.played_timestamp().frame); }),
          runner_(timeline_, runner_hooks()),
          desk_({.config = config_,
                 .back_ends = back_ends_,
                 .transport = transport_,
                 .worker = *worker_,
                 .notices = notices_,
                 .cues = kept_place_ ? kept_place_->cues : transport::StoredCuePoints{}}),
          supervisor_({.timeline = timeline_,
                       .transport = transport_,
                       .back_ends = back_ends_,
                       .engine = engine_,
                       .runner = runner_,
                       .profile = config_.deck.profile},
                      [this] { card_changed(); }),
          dump_(engine_, return_rate_hz(), config_.daemon.state_dir, timeline_), idle_frames_(9600) {
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
            if (ending_) {
                return;
            }
            journal(JournalLevel::Notice, "overbiasd", "ending (" + why + "); stopping the deck");
            transport_.stop();
            runner_.cancel(why);
            ending_ = true;
            ending_until_ = timeline_.now() + kShutdownPatience;
            pace();
        });
    }

  private:
    /// The measured round trip, where the configuration leaves it out.
    static Config with_round_trip(Config config) {
        if (!config.audio.round_trip_frames) {
            config.audio.round_trip_frames = or_throw(load_round_trip(config.daemon.state_dir, config.audio));
        }
        return config;
    }

    /// Where the tape was left. A file that can't be used is told: nothing in it is needed to work.
    static std::optional<KeptPlace> kept_place(const Config& config) {
        auto kept = load_place(config.daemon.state_dir);
        if (!kept) {
            journal(JournalLevel::Warning, "overbiasd", kept.error().message);
            return std::nullopt;
        }
        return std::move(kept).value();
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

    [[nodiscard]] LogSubject log_subject() const {
        const tape::DeckProfile& profile = config_.deck.profile;
        return {.deck = {.uuid = identity_.deck_uuid,
                         .name = profile.name,
                         .profile = profile.id,
                         .simulated = back_ends_.simulated()},
                .head_block = {.uuid = identity_.head_block_uuid, .deck_uuid = identity_.deck_uuid, .name = {}},
                .reel = {.uuid = reel_uuid_,
                         .label = back_ends_.simulated() ? "simulated reel" : "",
                         .stock = config_.tape.stock.id,
                         .batch = {},
                         .length_m = config_.tape.length_m}};
    }

    JobRunner::Hooks runner_hooks() {
        return {.make_safe = [this] { transport_.stop(); },
                .where =
                    [this] {
                        const double position_m = transport_.state().position_m;
                        std::array<char, 64> text{};
                        std::snprintf(text.data(), text.size(), "the tape stood at %.2f m (", position_m);
                        return text.data() + tape_time_text(position_m, transport_.config().play_speed_ips) + ")";
                    },
                .event = [this](const transport::JobEvent& event,
                                const std::string& id) { keeper_.job_event(id, event, transport_.state().position_m); },
                .keep = [this](JobEnd end,
                               std::function<void(JobEnd)> kept) { keep_report(std::move(end), std::move(kept)); },
                .ended = [this](const JobEnd& end) { job_ended(end); },
                .at_rest = [this] { return at_rest(); }};
    }

    void keep_report(JobEnd end, std::function<void(JobEnd)> kept) {
        pace();
        if (end.report.empty()) {
            return kept(std::move(end));
        }
        worker_->post([this, end = std::move(end), kept = std::move(kept)]() mutable {
            const std::filesystem::path path = report_path(reports(), end.id);
            if (const auto written = write_file_atomically(path, end.report); written) {
                end.report_path = path.string();
            } else {
                end.report_error = written.error().message;
            }
            timeline_.post([end = std::move(end), kept = std::move(kept)] { kept(end); });
        });
    }

    void job_ended(const JobEnd& end) {
        keeper_.job_ended(end, transport_.state().position_m);
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
        notify_state();
        pace();
    }

    void fault(const std::string& what) {
        journal(JournalLevel::Error, "overbiasd", what);
        desk_.let_go("ended by a fault");
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

    void pace() { back_ends_.pace(ending_ || runner_.running() || ends_by_itself(transport_.state().current)); }

    /// Every 10 ms of deck time.
    void tick() {
        supervisor_.tick();
        desk_.tick();
        if (!runner_.busy()) { // nobody listens: the taps keep no old frames
            while (played_.read(idle_frames_).frames > 0) {
            }
            while (const std::size_t frames = tape_return_.read(idle_frames_).frames) {
                desk_.tape_return(std::span(idle_frames_).first(2 * frames));
            }
            desk_.tape_return({});
        }
        if (panel_) {
            panel_->anchor(engine_.return_timestamp());
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
        if (ending_) {
            end_when_still();
        }
    }

    /// The tape stands still, as far as can be told, the deck is out of record and no contact is closed.
    [[nodiscard]] bool at_rest() {
        const transport::MachineState& state = transport_.state();
        return state.current != Motion::Braking && state.speed_m_s == 0.0 && !state.record_tally &&
               timeline_.now() >= back_ends_.deck_busy_until();
    }

    void end_when_still() {
        const bool still = at_rest();
        if ((still && !runner_.busy()) || timeline_.now() >= ending_until_) {
            if (!still) {
                journal(JournalLevel::Error, "overbiasd",
                        "the deck was told to stop but does not say that it stands still; look at it");
            }
            back_ends_.stop();
        }
    }

    [[nodiscard]] std::filesystem::path reports() const { return config_.daemon.state_dir / "reports"; }

    [[nodiscard]] MachineCommands machine_commands() {
        return {
            .transport = transport_,
            .runner = runner_,
            .more_status =
                [this](json::object& status) {
                    add_status(status, status_parts(), keeper_.session());
                    desk_.add_status(status);
                },
            .commanded = [this](const std::string& command, const std::string& answer) { commanded(command, answer); },
            .taking_over = [this](const std::string& command) { desk_.let_go("ended by " + command); },
            .record_obstacle = [this] { return supervisor_.record_obstacle(); },
            .clear_obstacle = [this] { return supervisor_.clear_obstacle(); }};
    }

    void commanded(const std::string& command, const std::string& answer) {
        keeper_.command(command, answer, transport_.state().position_m);
    }

    void register_commands() {
        add_machine_commands(registry_, machine_commands());
        desk_.add_commands(registry_, machine_commands());
        add_print_commands(
            registry_,
            {.timeline = timeline_,
             .runner = runner_,
             .worker = *worker_,
             .defaults = print_defaults(config_.print),
             .play_speed_ips = config_.tape.speed_ips,
             .reports = reports(),
             .obstacle = [this] { return print_obstacle(); },
             .installation = [this](const mastering::PrintRequest& request) { return tape_for(request); },
             .make_job = [this](mastering::PrintPlan plan,
                                const std::string& id) { return make_job(std::move(plan), id); },
             .starting = [this](const mastering::PrintPlan& plan, const std::string& id) { print_starts(plan, id); }});
        add_log_commands(registry_, keeper_, *worker_, timeline_);
        add_safety_commands(registry_, supervisor_, [this](const std::string& command, const std::string& answer) {
            commanded(command, answer);
        });
        add_pair_command(registry_, [this] { return panel_ ? panel_->door().pairing_address() : std::string(); });
        add_loop_command(registry_, {.timeline = timeline_,
                                     .runner = runner_,
                                     .engine = engine_,
                                     .played = played_,
                                     .tape_return = tape_return_,
                                     .return_rate_hz = return_rate_hz(),
                                     .obstacle = [this] { return obstacle(); },
                                     .starting = [this](const std::string& id) { loop_starts(id); },
                                     .measured = [this](double frames) { return loop_measured(frames); }});
        dump_.add_command(registry_);
    }

    void loop_starts(const std::string& id) {
        keeper_.job_started(id, "loop", {}, transport_.state().position_m);
        timeline_.post([this] { notify_state(); });
    }

    /// Used from now on where the configuration says nothing; kept for the next start.
    void loop_measured(double frames) {
        config_.audio.round_trip_frames = frames;
        worker_->post([state_dir = config_.daemon.state_dir, audio = config_.audio, frames] {
            if (const auto kept = store_round_trip(state_dir, audio, frames); !kept) {
                journal(JournalLevel::Error, "overbiasd", "the round trip is not kept: " + kept.error().message);
            }
        });
    }

    std::string obstacle() {
        const transport::MachineState& state = transport_.state();
        if (ending_) {
            return "the daemon is ending";
        }
        if (!state.fault.empty()) {
            return "the machine is in fault: " + state.fault + "; clear it first (clear-fault)";
        }
        if (state.record_tally || state.current == Motion::Recording) {
            return "the deck is recording; stop it first";
        }
        if (state.current == Motion::TapeOut) {
            return "there is no tape; thread one first";
        }
        return supervisor_.record_obstacle();
    }

    /// What a print needs beside that.
    std::string print_obstacle() {
        std::string against = obstacle();
        if (const double ips = transport_.config().play_speed_ips; against.empty() && ips != config_.tape.speed_ips) {
            against = "the deck is switched to " + figure(ips, 2) +
                      " ips, and equalisation and levels are set up for " + figure(config_.tape.speed_ips, 2) +
                      " ips: switch it back, or change tape.speed_ips";
        }
        if (against.empty() && !config_.audio.round_trip_frames) {
            against = "the converters' round trip is not known, and without it nothing can be shown to come off tape: "
                      "put a cable in place of the deck and run 'overbias loop' once, or give audio.round_trip_frames";
        }
        return against;
    }

    /// What is left of the tape counts from where it stands, when that is known and the print begins there.
    mastering::PrintInstallation tape_for(const mastering::PrintRequest& request) {
        mastering::PrintInstallation installation = print_installation(config_);
        const transport::MachineState& state = transport_.state();
        if (!request.start_m && state.position_knowledge == transport::PositionKnowledge::Known) {
            installation.tape_length_m -= std::max(0.0, state.position_m);
        }
        return installation;
    }

    /// Worker's thread: touches nothing but configuration and references.
    std::unique_ptr<transport::Job> make_job(mastering::PrintPlan plan, const std::string& id) {
        const tape::DeckProfile& profile = config_.deck.profile;
        mastering::PrintIdentity identity{.deck_uuid = identity_.deck_uuid,
                                          .head_block_uuid = identity_.head_block_uuid,
                                          .reel_uuid = reel_uuid_,
                                          .session_uuid = id,
                                          .deck_name = profile.name,
                                          .equalisation =
                                              std::string(tape::equalisation_name(config_.tape.equalisation)),
                                          .stock = config_.tape.stock.name,
                                          .operating_level_nwb_per_m = config_.tape.operating_level.nwb_per_m};
        return mastering::make_print_job({.timeline = timeline_,
                                          .transport = transport_,
                                          .engine = engine_,
                                          .played = played_,
                                          .tape_return = tape_return_,
                                          .return_rate_hz = return_rate_hz(),
                                          .installation = print_installation(config_),
                                          .comparison = comparison_config(config_),
                                          .identity = std::move(identity),
                                          .programme_starts = [this](DeckTime at) { back_ends_.programme_starts(at); }},
                                         std::move(plan));
    }

    void print_starts(const mastering::PrintPlan& plan, const std::string& id) {
        json::array files;
        for (const audio::SoundFileInfo& file : plan.files) {
            files.push_back({{"file", file.path.string()}, {"sha256", file.sha256}});
        }
        desk_.let_go("ended by a print");
        keeper_.job_started(id, "print", {{"files", std::move(files)}}, transport_.state().position_m);
        journal(JournalLevel::Info, "overbiasd",
                "print " + id + " of " + std::to_string(plan.files.size()) + " file(s) begins");
        timeline_.post([this] { // the job runs by then
            pace();
            notify_state();
        });
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
    std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
    Notices notices_;
    TransportDesk desk_;
    CommandRegistry registry_;
    Supervisor supervisor_;
    AudioDump dump_;
    std::unique_ptr<SocketDoor> door_;
    std::unique_ptr<PanelLink> panel_;
    std::unique_ptr<PeriodicTimer> tick_;
    std::vector<std::int32_t> idle_frames_;
    std::function<void()> ready_;
    bool ending_ = false;
    DeckTime ending_until_{};
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
