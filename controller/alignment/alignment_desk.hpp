// SPDX-License-Identifier: Apache-2.0
// AlignmentDesk: alignments as operators and doors have them: the commands that begin a procedure, tell what it shows,
// say something to it and read what earlier ones found. Profiles are read on the worker's thread; a procedure begins on
// the timeline's, through the job runner. A procedure that was broken off is gone on with at its step. Thread: the
// timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/oscillator.hpp"
#include "controller/alignment/alignment_operator.hpp"
#include "controller/alignment/alignment_procedures.hpp"
#include "controller/alignment/arm_hold_keeper.hpp"
#include "controller/alignment/logged_alignments.hpp"
#include "controller/back_ends.hpp"
#include "controller/command_registry.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "controller/job_runner.hpp"
#include "controller/notices.hpp"
#include "controller/worker.hpp"
#include "transport/transport.hpp"

#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {

class AlignmentDesk {
  public:
    struct Parts {
        const Config& config;
        const Identity& identity;
        BackEnds& back_ends;
        transport::Transport& transport;
        audio::BlockEngine& engine;
        JobRunner& runner;
        logbook::Logbook& logbook;
        Worker& worker;
        Notices& notices;
        /// Why it can't begin now, or empty.
        std::function<std::string(const AlignmentProcedure& procedure)> obstacle;
        /// Just before it begins.
        std::function<void(const std::string& job_id, const boost::json::object& detail)> starting;
        /// An operator's command and what was said to it, for the log.
        std::function<void(const std::string& command, const std::string& answer)> commanded;
        std::function<void()> changed; ///< status is to be told anew
        std::function<void()> pace;    ///< whether it waits for the operator has changed
        AlignmentMeasured measured;    ///< where that goes
    };
    /// Before the engine's first turn: it has a tap of its own.
    explicit AlignmentDesk(Parts parts);

    /// This must outlive the registry.
    void add_commands(CommandRegistry& registry);
    /// Every control tick.
    void tick();
    /// The machine's state has changed.
    void state(const transport::MachineState& state) { hold_.look(state); }
    /// Before the end of a job is told: of an alignment everything is on the disk, or the end says why not. `kept` is
    /// called once, now or later.
    void keep(JobEnd end, std::function<void(JobEnd)> kept);
    void job_ended(const JobEnd& end);
    /// Adds "alignment" and "arm_held".
    void add_status(boost::json::object& status) const;
    /// An alignment runs: nobody else reads the deck's taps.
    [[nodiscard]] bool running() const noexcept { return running_.has_value(); }
    /// It goes on when a person has done something: deck time must not run ahead of him.
    [[nodiscard]] bool waits_for_operator() const noexcept;

    /// Earlier alignments; timeline's thread.
    [[nodiscard]] const tape::AlignmentHistory& history() const noexcept { return history_; }

  private:
    struct Running {
        std::string job, record;
        AlignmentChoice choice;
        bool guided = false, gone_on = false;
        std::string operator_name, batch;
        std::size_t accepted = 0; ///< that are on the disk
    };
    /// What was asked for.
    struct Asked {
        const AlignmentProcedure* procedure = nullptr;
        std::optional<bool> guided;
        std::string stock, batch, operator_name, calibration_tape;
        bool anew = false, print_through = false;
    };
    /// What the worker read for it.
    struct Profiles {
        tape::TapeStock stock;
        std::vector<tape::CalibrationTape> tapes;
        std::string unusable; ///< why it can't be used
    };

    void align(const boost::json::object& given, const Answer& answer);
    /// Any thread.
    [[nodiscard]] static Profiles read_profiles(const Config& config, const std::string& stock);
    void begin(const Asked& asked, std::uint64_t reservation, Profiles profiles, const Answer& answer);
    [[nodiscard]] Reply begun(const Asked& asked, Profiles profiles);
    void procedures(const Answer& answer);
    [[nodiscard]] Reply list(const std::vector<tape::CalibrationTape>& tapes) const;
    [[nodiscard]] Reply say(const boost::json::object& given);
    void tape_changed(const Answer& answer);
    [[nodiscard]] Reply earlier(const boost::json::object& given) const;
    [[nodiscard]] std::string obstacle(const AlignmentProcedure& procedure) const;
    [[nodiscard]] tape::AlignmentKey key(const std::string& stock, const std::string& batch) const;
    [[nodiscard]] calibration::AlignmentContext context(tape::AlignmentRecord record, const Running& running);
    void stored(const std::string& uuid, std::size_t values);
    [[nodiscard]] boost::json::value shown() const;
    [[nodiscard]] std::string shown_line() const;

    Parts parts_;
    LoggedAlignments history_;
    audio::Oscillator& oscillator_;
    audio::FrameTap& tape_return_;
    AlignmentOperator operator_;
    ArmHoldKeeper hold_;
    std::optional<Running> running_;
    bool waited_ = false; ///< for the operator, at the last tick
    std::vector<std::int32_t> idle_frames_;
};

} // namespace overbias::controller
