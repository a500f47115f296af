// SPDX-License-Identifier: Apache-2.0
#include "controller/installation.hpp"

#include "audio/block_engine.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/units.hpp"
#include "base/uuid.hpp"
#include "controller/command_registry.hpp"
#include "controller/identity.hpp"
#include "controller/job_runner.hpp"
#include "controller/log_commands.hpp"
#include "controller/log_keeper.hpp"
#include "controller/machine_commands.hpp"
#include "controller/part_settings.hpp"
#include "controller/print_commands.hpp"
#include "controller/report_file.hpp"
#include "controller/socket_door.hpp"
#include "controller/state_json.hpp"
#include "controller/tape_position.hpp"
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

constexpr DeckDuration kEngineTurn = std::chrono::milliseconds(10);
constexpr DeckDuration kShutdownPatience =
    std::chrono::seconds(15);                                   ///< deck time: by then the tape stands still after stop
constexpr auto kProgressEvery = std::chrono::milliseconds(100); ///< host time
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
        : config_(config), back_ends_(back_ends), timeline_(back_ends.timeline()),
          identity_(or_throw(load_identity(config_))), reel_uuid_(new_uuid()),
          transport_(timeline_, back_ends.deck(), back_ends.adjust(), transport_config(config_)),
          engine_(back_ends.pcm(), engine_config(config_, seconds(kEngineTurn))),
          played_(engine_.add_played_tap(tap_frames())), tape_return_(engine_.add_return_tap(tap_frames())),
          logbook_(or_throw(logbook::Logbook::open(config_.daemon.state_dir / "logbook.sqlite"))),
          keeper_(*logbook_, log_subject(), [this] { return std::optional(engine_.played_timestamp().frame); }),
          runner_(timeline_, runner_hooks()), idle_frames_(9600) {
        register_commands();
        transport_.on_transition([this](const transport::MachineState& state) { state_changed(state); });
        transport_.on_fault([this](const std::string& what) { fault(what); });
        if (const auto started = engine_.start(); !started) {
            throw std::runtime_error("sound card: " + started.error().message);
        }
        door_ = std::make_unique<SocketDoor>(
            config_.daemon.socket, [this](RpcRequest request, Caller caller, Answer answer) {
                timeline_.post(
                    [this, request = std::move(request), caller = std::move(caller), answer = std::move(answer)] {
                        registry_.call(request.method, request.parameters, caller, answer);
                    });
            });
        turn_ = std::make_unique<PeriodicTimer>(timeline_, kEngineTurn, [this] { turn(); });
    }

    ~Impl() {
        transport_.stop(); // run() has done it; this is for an exception on the way
        door_.reset();
        worker_.reset(); // what it still had to write is written
        turn_.reset();
        engine_.stop();
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
                        return text.data() + tape_time_text(position_m, config_.tape.speed_ips) + ")";
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
        door_->notify("job_end", json_line(job_end_json(end)));
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
        keeper_.fault(what, transport_.state().position_m);
        runner_.machine_fault(what);
    }

    void notify_state() {
        if (door_) {
            door_->notify("state", json_line(machine_json(transport_.state(), config_.tape.speed_ips)));
        }
    }

    void pace() { back_ends_.pace(ending_ || runner_.running() || ends_by_itself(transport_.state().current)); }

    /// Every 10 ms of deck time.
    void turn() {
        engine_.rt_process();
        if (!runner_.busy()) { // nobody listens: the taps keep no old frames
            while (played_.read(idle_frames_).frames > 0) {
            }
            while (tape_return_.read(idle_frames_).frames > 0) {
            }
        }
        if (ready_ &&
            (transport_.state().current != Motion::Unknown || timeline_.now() > DeckTime(std::chrono::seconds(2)))) {
            std::exchange(ready_, {})();
        }
        if (runner_.running()) {
            tell_progress();
        }
        if (ending_) {
            end_when_still();
        }
    }

    void tell_progress() {
        const auto now = std::chrono::steady_clock::now();
        if (now - progress_told_ >= kProgressEvery) {
            progress_told_ = now;
            door_->notify("progress", json_line(job_json(runner_)));
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

    void register_commands() {
        add_machine_commands(registry_, {.transport = transport_,
                                         .runner = runner_,
                                         .more_status = [this](json::object& status) { more_status(status); },
                                         .commanded =
                                             [this](const std::string& command, const std::string& answer) {
                                                 keeper_.command(command, answer, transport_.state().position_m);
                                             }});
        add_print_commands(
            registry_,
            {.timeline = timeline_,
             .runner = runner_,
             .worker = *worker_,
             .defaults = print_defaults(config_.print),
             .play_speed_ips = config_.tape.speed_ips,
             .reports = reports(),
             .obstacle = [this] { return obstacle(); },
             .installation = [this](const mastering::PrintRequest& request) { return tape_for(request); },
             .make_job = [this](mastering::PrintPlan plan,
                                const std::string& id) { return make_job(std::move(plan), id); },
             .starting = [this](const mastering::PrintPlan& plan, const std::string& id) { print_starts(plan, id); }});
        add_log_commands(registry_, keeper_, *worker_, timeline_);
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
        if (engine_.counters().lost.load(std::memory_order_relaxed)) {
            return "the sound card is gone; check its cable and power, then restart the daemon";
        }
        return {};
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
        keeper_.job_started(id, "print", {{"files", std::move(files)}}, transport_.state().position_m);
        journal(JournalLevel::Info, "overbiasd",
                "print " + id + " of " + std::to_string(plan.files.size()) + " file(s) begins");
        timeline_.post([this] { // the job runs by then
            pace();
            notify_state();
        });
    }

    void more_status(json::object& status) {
        const tape::DeckProfile& profile = config_.deck.profile;
        const audio::EngineCounters& counters = engine_.counters();
        const logbook::LogbookStatus log = logbook_->status();
        status["deck"] = {{"name", profile.name},
                          {"profile", profile.id},
                          {"uuid", identity_.deck_uuid},
                          {"head_block_uuid", identity_.head_block_uuid},
                          {"simulated", back_ends_.simulated()},
                          {"made_safe_by", back_ends_.deck().capabilities().made_safe_by},
                          {"speed_ips", config_.tape.speed_ips},
                          {"equalisation", std::string(tape::equalisation_name(config_.tape.equalisation))}};
        status["audio"] = {{"sample_rate_hz", config_.audio.sample_rate_hz},
                           {"capture_xruns", counters.capture_xruns.load(std::memory_order_relaxed)},
                           {"playback_xruns", counters.playback_xruns.load(std::memory_order_relaxed)},
                           {"lost", counters.lost.load(std::memory_order_relaxed)}};
        status["logbook"] = {
            {"degraded", log.degraded},
            {"problem", log.problem.empty() ? json::value(nullptr) : json::value(json::string(log.problem))},
            {"queued", log.queued},
            {"session", keeper_.session()}};
        status["deck_time_s"] = seconds(timeline_.now());
        status["time_scale"] = back_ends_.time_scale();
        status["version"] = OVERBIAS_VERSION;
    }

    Config config_;
    BackEnds& back_ends_;
    Timeline& timeline_;
    Identity identity_;
    std::string reel_uuid_;
    transport::Transport transport_;
    audio::BlockEngine engine_;
    audio::FrameTap& played_;
    audio::FrameTap& tape_return_;
    std::unique_ptr<logbook::Logbook> logbook_;
    LogKeeper keeper_;
    JobRunner runner_;
    std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
    CommandRegistry registry_;
    std::unique_ptr<SocketDoor> door_;
    std::unique_ptr<PeriodicTimer> turn_;
    std::vector<std::int32_t> idle_frames_;
    std::function<void()> ready_;
    std::chrono::steady_clock::time_point progress_told_{};
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

void Installation::shutdown(const std::string& why) {
    impl_->shutdown(why);
}

} // namespace overbias::controller
