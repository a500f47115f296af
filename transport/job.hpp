// SPDX-License-Identifier: Apache-2.0
// Job: a coroutine that owns the deck (print, transfer, alignment). One at a time; cancelled by destroying it at
// whatever point it waits. A job never makes the deck safe: the runner and the machine do that, synchronously, before a
// job is cancelled. Thread: the timeline's.
#pragma once

#include "base/async/task.hpp"
#include "transport/concern.hpp"

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace overbias::transport {

struct JobProgress {
    std::string phase;        ///< in words: "slate", "track 2 of 5: side-a.wav"
    double fraction = 0.0;    ///< 0 ... 1 of the whole job
    double remaining_s = 0.0; ///< deck time still to go, estimated
    /// What the operator has to do before it goes on, which confirm() says is done; empty: nobody is waited for.
    std::string gate = {};
    bool operator==(const JobProgress&) const = default;
};

/// Something worth keeping: the controller adds host time, deck and reel and writes it to the logbook.
struct JobEvent {
    std::string kind; ///< "record_on", "track_start", "dropout", ...
    std::map<std::string, std::string> detail;
    std::optional<std::int64_t> audio_frame; ///< playback frame number
    std::optional<double> tape_m;            ///< from the slate's onset
    std::optional<double> counter_m = {};    ///< by the counter, when it is not where the tape is now
};

enum class JobVerdict {
    Pass,
    Fail,
    NotJudged, ///< it was done, and nothing in it had a limit to be judged by
};

struct JobOutcome {
    JobVerdict verdict = JobVerdict::Fail;
    std::string reason; ///< one line for the operator; empty when all is well
    std::string report; ///< JSON text of the job's report, or empty
};

/// Why a job could not go on: thrown inside the job, ends it with exit status 4 (fault) or 3 (the machine refused).
class JobStopped : public std::exception {
  public:
    enum class Kind { Refused, Fault };
    JobStopped(Kind kind, std::string message) : kind_(kind), message_(std::move(message)) {}
    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

  private:
    Kind kind_;
    std::string message_;
};

class Job {
  public:
    virtual ~Job() = default;
    [[nodiscard]] virtual std::string name() const = 0;
    /// The job itself. Everything it needs was given to its constructor.
    virtual Task<JobOutcome> run() = 0;
    [[nodiscard]] virtual JobProgress progress() const = 0;
    /// What a monitor has to say. True: the job can't go on for it; the runner makes the deck safe then, at once, and
    /// the job comes to its end by itself at its next turn, with its report.
    [[nodiscard]] virtual bool concern(const Concern& concern) {
        (void)concern;
        return false;
    }
    /// The operator has done what progress().gate asks for: the job goes on by itself at its next turn. False when no
    /// gate is open: nothing is taken as confirmed in advance.
    [[nodiscard]] virtual bool confirm() { return false; }
    void on_event(std::function<void(const JobEvent&)> listener) { event_ = std::move(listener); }

  protected:
    void emit(JobEvent event) const {
        if (event_) {
            event_(event);
        }
    }

  private:
    std::function<void(const JobEvent&)> event_;
};

} // namespace overbias::transport
