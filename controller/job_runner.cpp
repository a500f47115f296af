// SPDX-License-Identifier: Apache-2.0
#include "controller/job_runner.hpp"

#include <cmath>
#include <utility>

namespace overbias::controller {

namespace {
constexpr DeckDuration kRestPatience = std::chrono::seconds(3);
constexpr DeckDuration kRestStep = std::chrono::milliseconds(10);

JobEnding ending_of(transport::JobVerdict verdict) noexcept {
    switch (verdict) {
    case transport::JobVerdict::Pass:
        return JobEnding::Pass;
    case transport::JobVerdict::NotJudged:
        return JobEnding::NotJudged;
    case transport::JobVerdict::Fail:
        break;
    }
    return JobEnding::Fail;
}

} // namespace

int exit_status(JobEnding ending) noexcept {
    switch (ending) {
    case JobEnding::Pass:
        return 0;
    case JobEnding::Fail:
    case JobEnding::NotJudged:
    case JobEnding::Cancelled:
        return 1;
    case JobEnding::Refused:
        return 3;
    case JobEnding::Fault:
        return 4;
    }
    return 4;
}

const char* word(JobEnding ending) noexcept {
    switch (ending) {
    case JobEnding::Pass:
        return "pass";
    case JobEnding::Fail:
        return "fail";
    case JobEnding::NotJudged:
        return "not_judged";
    case JobEnding::Cancelled:
        return "cancelled";
    case JobEnding::Refused:
        return "refused";
    case JobEnding::Fault:
        return "fault";
    }
    return "fault";
}

JobRunner::JobRunner(Timeline& timeline, Hooks hooks) : timeline_(timeline), hooks_(std::move(hooks)) {
}

JobRunner::~JobRunner() {
    abandon();
}

void JobRunner::abandon() {
    alive_.reset(); // what is posted already finds nobody
    if (spawned_) {
        hooks_.make_safe();
        spawned_.reset();
    }
    job_.reset();
}

Error JobRunner::occupied() const {
    const std::string what = name_.empty() ? "a job" : "'" + name_ + "'";
    switch (phase_) {
    case Phase::Preparing:
        return {what + " is being prepared; wait for it, or stop it first"};
    case Phase::Running:
        return {what + " is running (" + std::to_string(std::lround(progress().fraction * 100.0)) +
                " %); wait for its end, or stop it first"};
    case Phase::Ending:
    case Phase::Idle:
        break;
    }
    return {what + " is ending; try again in a moment"};
}

Result<void> JobRunner::reserve(const std::string& name) {
    if (busy()) {
        return occupied();
    }
    phase_ = Phase::Preparing;
    ++reservation_;
    name_ = name;
    id_.clear();
    return {};
}

void JobRunner::release() {
    if (phase_ == Phase::Preparing) {
        phase_ = Phase::Idle;
        ++reservation_;
    }
}

Result<void> JobRunner::start(std::unique_ptr<transport::Job> job, std::string id) {
    if (busy() && phase_ != Phase::Preparing) {
        return occupied();
    }
    phase_ = Phase::Running;
    job_ = std::move(job);
    id_ = std::move(id);
    name_ = job_->name();
    outcome_.reset();
    fault_.reset();
    later_fault_.clear();
    last_progress_ = {};
    job_->on_event([this](const transport::JobEvent& event) {
        if (hooks_.event) {
            hooks_.event(event, id_);
        }
    });
    spawned_ =
        std::make_unique<Spawned>(drive(), [this](std::exception_ptr failure) { job_returned(std::move(failure)); });
    return {};
}

Task<void> JobRunner::drive() {
    outcome_ = co_await job_->run();
}

/// The job came to its end by itself. We are inside its coroutine: it is destroyed from the timeline.
void JobRunner::job_returned(std::exception_ptr failure) {
    hooks_.make_safe();
    last_progress_ = job_->progress();
    JobEnding ending = JobEnding::Fault;
    std::string reason;
    std::string report;
    if (!failure) {
        ending = ending_of(outcome_->verdict);
        reason = outcome_->reason;
        report = outcome_->report;
        if (fault_) { // the machine failed under it: whatever it concluded is not a pass
            ending = JobEnding::Fault;
            reason = *fault_;
        }
    } else {
        try {
            std::rethrow_exception(failure);
        } catch (const transport::JobStopped& stopped) {
            ending = stopped.kind() == transport::JobStopped::Kind::Refused && !fault_ ? JobEnding::Refused
                                                                                       : JobEnding::Fault;
            reason = stopped.what();
        } catch (const std::exception& broken) {
            reason = std::string("the job failed: ") + broken.what();
        } catch (...) {
            reason = "the job failed without a reason";
        }
    }
    phase_ = Phase::Ending;
    timeline_.post(
        [this, alive = std::weak_ptr<bool>(alive_), ending, reason = std::move(reason), report = std::move(report)] {
            if (!alive.expired()) {
                end(ending, reason, report);
            }
        });
}

bool JobRunner::cancel(const std::string& why) {
    if (phase_ == Phase::Preparing) {
        release();
        return true;
    }
    if (phase_ != Phase::Running) {
        return false;
    }
    hooks_.make_safe();
    last_progress_ = job_->progress();
    phase_ = Phase::Ending;
    end(JobEnding::Cancelled, why + (hooks_.where ? "; " + hooks_.where() : ""), {});
    return true;
}

void JobRunner::machine_fault(const std::string& what) {
    if (phase_ == Phase::Preparing) {
        release();
        return;
    }
    if (busy() && fault_) {
        later_fault_ = what;
    }
    if (phase_ != Phase::Running || fault_) {
        return;
    }
    hooks_.make_safe();
    fault_ = what;
    // The machine may have found the fault inside a call of the job itself, whose coroutine can't be destroyed there.
    // Until it is, the machine stands in fault and refuses whatever the job asks.
    timeline_.post([this, alive = std::weak_ptr<bool>(alive_), id = id_] {
        if (alive.expired() || phase_ != Phase::Running || id != id_) {
            return; // the job ended by itself
        }
        last_progress_ = job_->progress();
        phase_ = Phase::Ending;
        end(JobEnding::Fault, *fault_ + (hooks_.where ? "; " + hooks_.where() : ""), {});
    });
}

void JobRunner::concern(const transport::Concern& concern) {
    if (phase_ == Phase::Running && job_->concern(concern)) {
        hooks_.make_safe();
    }
}

Result<void> JobRunner::confirm() {
    if (phase_ != Phase::Running) {
        return Error{"no job is running, so nobody is waited for"};
    }
    if (!job_->confirm()) {
        return Error{"'" + name_ + "' waits for nobody now (" + job_->progress().phase + "); nothing was confirmed"};
    }
    return {};
}

void JobRunner::end(JobEnding ending, std::string reason, std::string report) {
    spawned_.reset();
    job_.reset();
    JobEnd told{.id = id_,
                .name = name_,
                .ending = ending,
                .reason = std::move(reason),
                .report = std::move(report),
                .report_path = {},
                .report_error = {},
                .progress = last_progress_};
    if (ending != JobEnding::Fault || !fault_ || !hooks_.at_rest) {
        return keep(std::move(told));
    }
    spawned_ = std::make_unique<Spawned>(wait_for_rest(), [this, told = std::move(told)](std::exception_ptr) mutable {
        // we are inside the waiting coroutine; a next job may be started only when it is gone
        timeline_.post([this, alive = std::weak_ptr<bool>(alive_), told = std::move(told)]() mutable {
            if (alive.expired()) {
                return;
            }
            spawned_.reset();
            if (!later_fault_.empty()) {
                told.reason = later_fault_ + "; before that: " + told.reason;
            }
            keep(std::move(told));
        });
    });
}

Task<void> JobRunner::wait_for_rest() {
    const DeckTime until = timeline_.now() + kRestPatience;
    do {
        co_await timeline_.sleep_for(kRestStep);
    } while (!hooks_.at_rest() && timeline_.now() < until);
}

void JobRunner::keep(JobEnd told) {
    auto kept = [this, alive = std::weak_ptr<bool>(alive_)](JobEnd complete) {
        if (alive.expired()) {
            return;
        }
        last_ = std::move(complete);
        phase_ = Phase::Idle;
        if (hooks_.ended) {
            hooks_.ended(*last_);
        }
    };
    if (hooks_.keep) {
        hooks_.keep(std::move(told), std::move(kept));
    } else {
        kept(std::move(told));
    }
}

const char* JobRunner::phase_word() const noexcept {
    switch (phase_) {
    case Phase::Idle:
        return "idle";
    case Phase::Preparing:
        return "preparing";
    case Phase::Running:
        return "running";
    case Phase::Ending:
        return "ending";
    }
    return "";
}

transport::JobProgress JobRunner::progress() const {
    if (phase_ == Phase::Running) {
        return job_->progress();
    }
    return phase_ == Phase::Preparing ? transport::JobProgress{.phase = "checking the files"} : last_progress_;
}

} // namespace overbias::controller
