// SPDX-License-Identifier: Apache-2.0
// Installation's inside. Parts: installation.cpp (how it is made, run and ended), installation_hooks.cpp (what its
// parts are given and the commands they add), installation_events.cpp (what happens, and the tick). Private to
// controller/. Thread: the timeline's.
#pragma once

#include "controller/installation.hpp"

#include "controller/analysers/analyser_link.hpp"
#include "controller/audio_dump.hpp"
#include "controller/bias/bias_link.hpp"
#include "controller/command_registry.hpp"
#include "controller/ending.hpp"
#include "controller/files/file_desk.hpp"
#include "controller/identity.hpp"
#include "controller/idle_taps.hpp"
#include "controller/job_runner.hpp"
#include "controller/job_starts.hpp"
#include "controller/listening/listen_desk.hpp"
#include "controller/log_keeper.hpp"
#include "controller/machine_commands.hpp"
#include "controller/notices.hpp"
#include "controller/oscillator_desk.hpp"
#include "controller/panel_link.hpp"
#include "controller/place_file.hpp"
#include "controller/position_match.hpp"
#include "controller/printing/session_store.hpp"
#include "controller/socket_door.hpp"
#include "controller/status_report.hpp"
#include "controller/supervisor.hpp"
#include "controller/transport_desk.hpp"
#include "controller/worker.hpp"
#include "transport/transport.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

class Installation::Impl {
  public:
    Impl(const Config& config, BackEnds& back_ends);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    [[nodiscard]] std::string panel_text();
    void run(std::function<void()> ready);
    void shutdown(const std::string& why);

  private:
    // installation.cpp
    void serve(RpcRequest request, Caller caller, Answer answer);

    // installation_hooks.cpp
    /// What passes the record head while a place goes from there to the tape return.
    [[nodiscard]] double heard_later_m() const;
    [[nodiscard]] double return_rate_hz();
    [[nodiscard]] std::size_t tap_frames() const;
    [[nodiscard]] std::filesystem::path reports() const;
    [[nodiscard]] StatusParts status_parts();
    /// Why no test signal can be played now.
    [[nodiscard]] std::string playing_obstacle() const;
    PanelDoor::Hooks panel_hooks();
    JobRunner::Hooks runner_hooks();
    [[nodiscard]] MachineCommands machine_commands();
    void register_commands();

    // installation_events.cpp
    void job_ended(const JobEnd& end);
    void state_changed(const transport::MachineState& state);
    void let_go(const std::string& why);
    void fault(const std::string& what);
    void card_changed();
    void commanded(const std::string& command, const std::string& answer);
    void notify_state();
    void pace();
    /// Every 10 ms of deck time.
    void tick();

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
    FileDesk files_{{.timeline = timeline_,
                     .config = config_.files,
                     .state_dir = config_.daemon.state_dir,
                     .in_use = [prints = SessionStore(config_.daemon.state_dir / "prints")](const std::string& id) {
                         return prints.needs_upload(id);
                     }}};
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
    ListenDesk listening_{
        {.config = config_,
         .engine = engine_,
         .played = back_ends_.pcm().playback().format(),
         .captured = back_ends_.pcm().capture().format(),
         .runner = runner_,
         .play_speed_ips = [this] { return transport_.state().play_speed_ips; },
         .commanded = [this](const std::string& command, const std::string& answer) { commanded(command, answer); },
         .changed = [this] { notify_state(); }}};
    std::unique_ptr<SocketDoor> door_;
    std::unique_ptr<PanelLink> panel_;
    std::unique_ptr<PeriodicTimer> tick_;
    IdleTaps idle_taps_;
    std::function<void()> ready_;
};

} // namespace overbias::controller
