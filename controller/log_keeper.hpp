// SPDX-License-Identifier: Apache-2.0
// What the controller writes into the logbook: deck, head block and reel at start, one session for the daemon's run and
// one for each job, commands, changes of state, job events, prints. Handing over never waits for the disk; what the
// logbook refuses is said once in the journal until it takes records again. Thread: the timeline's.
#pragma once

#include "controller/job_runner.hpp"
#include "logbook/logbook.hpp"
#include "transport/transport.hpp"

#include <atomic>
#include <boost/json/fwd.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

/// What the log is keyed by.
struct LogSubject {
    logbook::DeckRecord deck;
    logbook::HeadBlockRecord head_block;
    logbook::ReelRecord reel;
};

class LogKeeper {
  public:
    /// `audio_frame` tells the playback frame of now. The logbook must outlive it.
    LogKeeper(logbook::Logbook& logbook, LogSubject subject, std::function<std::optional<std::int64_t>()> audio_frame);
    /// Ends the daemon's session.
    ~LogKeeper();
    LogKeeper(const LogKeeper&) = delete;
    LogKeeper& operator=(const LogKeeper&) = delete;

    void command(const std::string& command, const std::string& answer, double tape_m);
    void state(const transport::MachineState& state);
    void fault(const std::string& what, double tape_m);
    void card(bool lost, const std::string& problem, double tape_m);
    /// `kind`: "bias_warning", "bias_alarm", "bias_good", "bias_set_up".
    void bias(const std::string& kind, const boost::json::object& detail, double tape_m);

    /// A session of its own for a job; its UUID is the job's.
    void job_started(const std::string& job_id, const std::string& kind, const boost::json::object& detail,
                     double tape_m);
    /// Another tape is on the deck: what is logged from now on is about that one.
    void another_reel(const std::string& uuid);
    /// Of "proven", which a print tells all the time, the change only (the first proof, its loss, its return), and a
    /// place now and then, for what is known after a power cut.
    void job_event(const std::string& job_id, const transport::JobEvent& event, double tape_m);
    /// Also keeps a print's report, when there is one.
    void job_ended(const JobEnd& end, double tape_m);

    /// Sequence number of the newest event known to be on the disk.
    [[nodiscard]] std::int64_t newest_seq() const noexcept {
        return shared_->newest_seq.load(std::memory_order_relaxed);
    }
    [[nodiscard]] logbook::Logbook& logbook() noexcept { return logbook_; }
    [[nodiscard]] const std::string& session() const noexcept { return session_; }

  private:
    struct Shared { ///< with acknowledgements, which come on the logbook's thread
        std::atomic<std::int64_t> newest_seq{0};
    };
    void append(const std::string& session, std::string kind, const boost::json::object& detail,
                std::optional<std::int64_t> frame, std::optional<double> tape_m);
    void took(const Result<void>& handed_over);
    [[nodiscard]] logbook::Acknowledged acknowledge() const;
    [[nodiscard]] bool tells_of_proof(const std::string& job_id, const transport::JobEvent& event, double counter_m);
    void start_session(const std::string& uuid, const std::string& kind);
    void tell_interrupted() const;

    logbook::Logbook& logbook_;
    LogSubject subject_;
    std::function<std::optional<std::int64_t>()> audio_frame_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    std::string session_;
    bool refused_ = false;
    struct Proof { ///< as it was logged last
        std::string job, failing;
        bool off_tape = false;
        double counter_m = 0.0;
    };
    std::optional<Proof> proof_;
};

} // namespace overbias::controller
