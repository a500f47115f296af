// SPDX-License-Identifier: Apache-2.0
// Runs one job at a time. The order in which a job ends is fixed: FIRST the deck is made safe, synchronously (record
// off, active stop), THEN the job is destroyed at whatever point it waits, THEN its end is told. A job never makes the
// deck safe. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "base/result.hpp"
#include "transport/job.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

/// How a job ended.
enum class JobEnding { Pass, Fail, NotJudged, Cancelled, Refused, Fault };

/// Exit status of the command line client: 0 done, 1 the job ran and what it made is not proven (a failed verdict,
/// none, or cancelled), 3 the machine refused, 4 fault.
[[nodiscard]] int exit_status(JobEnding ending) noexcept;
/// "pass", "fail", "not_judged", "cancelled", "refused", "fault".
[[nodiscard]] const char* word(JobEnding ending) noexcept;

struct JobEnd {
    std::string id; ///< UUID
    std::string name;
    JobEnding ending = JobEnding::Fault;
    std::string reason; ///< one line for the operator; empty when all is well
    std::string report; ///< JSON text, or empty
    std::string report_path;
    std::string report_error;        ///< the report could not be kept: why
    transport::JobProgress progress; ///< where it had come to
};

class JobRunner {
  public:
    struct Hooks {
        /// Record off and stop, begun before it returns; any number of times.
        std::function<void()> make_safe;
        /// Words for where the tape is ("the tape stood at ..."), added to what stopped a job.
        std::function<std::string()> where;
        std::function<void(const transport::JobEvent&, const std::string& job_id)> event;
        /// Keeps what the job left (writes the report) and calls `kept` once with the completed end, on the timeline's
        /// thread, now or later. The deck is safe and the job destroyed by then.
        std::function<void(JobEnd end, std::function<void(JobEnd)> kept)> keep;
        /// The end is known and kept; a new job may start.
        std::function<void(const JobEnd&)> ended;
        /// The tape has come to rest. After a fault the end is told then (or after 3 s of deck time), since more may
        /// have come to light: a broken tape is first seen as a lost play tally. Empty: told at once.
        std::function<bool()> at_rest = {};
    };

    JobRunner(Timeline& timeline, Hooks hooks);
    /// As abandon().
    ~JobRunner();
    JobRunner(const JobRunner&) = delete;
    JobRunner& operator=(const JobRunner&) = delete;

    /// Keeps the runner for a job that is being prepared (its files are checked on another thread); the error says what
    /// runs.
    [[nodiscard]] Result<void> reserve(const std::string& name);
    /// Gives the reservation back.
    void release();
    /// Starts `job`. The error says what runs already. Uses up the reservation.
    [[nodiscard]] Result<void> start(std::unique_ptr<transport::Job> job, std::string id);
    /// Ends the running job; false when there is none. Must not be called from inside a job (its listener included).
    bool cancel(const std::string& why);
    /// A fault of the machine, or a stop nobody asked for: same order. May be called from inside a job: it is destroyed
    /// right after.
    void machine_fault(const std::string& what);
    /// Hands the running job what a monitor has to say. When the job ends on it, the deck is made safe first: before
    /// this returns. Must not be called from inside a job.
    void concern(const transport::Concern& concern);
    /// The operator has done what the running job's gate asks for. The error says that nobody is waited for. Must not
    /// be called from inside a job.
    [[nodiscard]] Result<void> confirm();
    /// For the owner's destructor, while everything the hooks touch is still there: makes the deck safe, destroys a
    /// running job and calls no hook any more. Nothing else may be asked of the runner afterwards.
    void abandon();

    /// True from reserve() or start() until the end was told: the deck belongs to a job.
    [[nodiscard]] bool busy() const noexcept { return phase_ != Phase::Idle; }
    [[nodiscard]] bool running() const noexcept { return phase_ == Phase::Running; }
    /// Changes with every reservation, so that a preparation can tell that it was cancelled.
    [[nodiscard]] std::uint64_t reservation() const noexcept { return reservation_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    /// Of the running (reserved, ending) job.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const char* phase_word() const noexcept;
    [[nodiscard]] transport::JobProgress progress() const;
    /// The end of the last job, if there was one.
    [[nodiscard]] const std::optional<JobEnd>& last() const noexcept { return last_; }

  private:
    enum class Phase { Idle, Preparing, Running, Ending };
    [[nodiscard]] Error occupied() const;
    Task<void> drive();
    void job_returned(std::exception_ptr failure);
    void end(JobEnding ending, std::string reason, std::string report);
    void keep(JobEnd told);
    Task<void> wait_for_rest();

    Timeline& timeline_;
    Hooks hooks_;
    Phase phase_ = Phase::Idle;
    std::uint64_t reservation_ = 0;
    std::string id_, name_;
    std::unique_ptr<transport::Job> job_;
    std::unique_ptr<Spawned> spawned_;
    std::optional<transport::JobOutcome> outcome_;
    std::optional<std::string> fault_; ///< the machine's, seen while the job ran
    std::string later_fault_;          ///< the last one seen after it, until the end is told
    transport::JobProgress last_progress_;
    std::optional<JobEnd> last_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

} // namespace overbias::controller
