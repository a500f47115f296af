// SPDX-License-Identifier: Apache-2.0
// JobStarts: the commands that begin a job on this installation (print, loop, align): what stands in the way, what the
// job is made of, and who is told that it begins. Thread: the timeline's, and the worker's where it says so.
#pragma once

#include "audio/block_engine.hpp"
#include "controller/alignment/alignment_desk.hpp"
#include "controller/analysers/analyser_flutter.hpp"
#include "controller/back_ends.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "controller/job_runner.hpp"
#include "controller/log_keeper.hpp"
#include "controller/notices.hpp"
#include "controller/plans/plan_desk.hpp"
#include "controller/printing/printing_desk.hpp"
#include "controller/supervisor.hpp"
#include "controller/transferring/transfer_desk.hpp"
#include "controller/verifying/verify_desk.hpp"
#include "controller/worker.hpp"
#include "mastering/print_plan.hpp"
#include "transport/transport.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class JobStarts {
  public:
    struct Parts {
        Config& config; ///< a measured round trip goes into it
        const Identity& identity;
        const std::string& reel_uuid;
        BackEnds& back_ends;
        transport::Transport& transport;
        audio::BlockEngine& engine;
        audio::FrameTap& played;
        audio::FrameTap& tape_return;
        LogKeeper& keeper;
        Notices& notices;
        JobRunner& runner;
        Worker& worker;
        Supervisor& supervisor;
        std::filesystem::path reports;
        std::function<bool()> ending;                       ///< the daemon is
        std::function<void(const std::string& why)> let_go; ///< whoever else had a use for the deck
        std::function<void(const std::string& why)> oscillator_off;
        std::function<void()> pace; ///< how deck time passes may change
        std::function<void()> notify_state;
        std::function<std::string()> new_reel; ///< another tape is on the deck: its UUID
        std::function<std::string()> bias_stop_obstacle;   ///< why a print can't be told to stop when the bias fails
        std::function<std::vector<TurningPart>()> turning; ///< what turns now
        /// What a caller means by a file; any thread, touches the disk.
        std::function<Result<std::filesystem::path>(const std::string& file, bool local)> resolve;
    };
    /// Before the engine's first turn.
    explicit JobStarts(Parts parts);

    /// This must outlive the registry.
    void add_commands(CommandRegistry& registry);
    [[nodiscard]] AlignmentDesk& alignment() noexcept { return alignment_; }
    [[nodiscard]] TransferDesk& transfers() noexcept { return transfers_; }
    [[nodiscard]] PrintingDesk& printing() noexcept { return printing_; }

  private:
    void loop_starts(const std::string& id);
    void loop_measured(double frames);
    void levels_measured(const tape::LevelChart& levels);
    void speed_measured(const calibration::SpeedMeasured& speed);
    [[nodiscard]] std::vector<dsp::RotatingPart> rotating() const;
    [[nodiscard]] AlignmentDesk::Parts alignment_parts();
    void alignment_starts(const std::string& id, const boost::json::object& detail);
    [[nodiscard]] std::string play_obstacle();
    [[nodiscard]] std::string obstacle();
    [[nodiscard]] TransferDesk::Parts transfer_parts();
    void transfer_starts(const std::string& id, const boost::json::object& detail);
    [[nodiscard]] VerifyDesk::Parts verify_parts();
    void verify_starts(const std::string& id, const boost::json::object& detail);
    [[nodiscard]] std::string alignment_obstacle(const AlignmentProcedure& procedure);
    [[nodiscard]] std::string set_up_obstacle();
    [[nodiscard]] std::string print_obstacle();
    [[nodiscard]] PrintingDesk::Parts printing_parts();
    [[nodiscard]] mastering::PrintInstallation tape_for(const std::optional<double>& start_m);
    [[nodiscard]] mastering::PrintIdentity print_identity(const std::string& session_id, const std::string& job_id);
    [[nodiscard]] mastering::Aside aside();
    [[nodiscard]] std::unique_ptr<transport::Job> make_job(mastering::SessionPrint print,
                                                           mastering::PrintIdentity identity,
                                                           mastering::SessionKeeper keep);
    void print_starts(const mastering::SessionPrint& print, const std::string& id);
    [[nodiscard]] double return_rate_hz() { return parts_.back_ends.pcm().capture().format().sample_rate_hz; }
    [[nodiscard]] Timeline& timeline() { return parts_.back_ends.timeline(); }

    Parts parts_;
    AlignmentDesk alignment_;
    TransferDesk transfers_;
    VerifyDesk verifications_;
    PlanDesk plans_; ///< after it: it reads its history
    PrintingDesk printing_;
};

} // namespace overbias::controller
