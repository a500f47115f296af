// SPDX-License-Identifier: Apache-2.0
// The printing desk: the commands print, print_resume, print_sessions, confirm and job_report; what is stored of a
// print while it runs, and when it has ended. Files are checked, and the job is made, on the worker's thread; nothing
// moves before that is done. Thread: the timeline's, but where it says so.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "controller/plans/plan_desk.hpp"
#include "controller/printing/session_store.hpp"
#include "controller/worker.hpp"
#include "mastering/print_job.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace overbias::controller {

class PrintingDesk {
  public:
    struct Parts {
        Timeline& timeline;
        JobRunner& runner;
        Worker& worker;
        mastering::PrintRequest defaults; ///< what a request of files leaves out
        double play_speed_ips = 15.0;
        std::filesystem::path reports;  ///< folder: <job uuid>.json
        std::filesystem::path sessions; ///< folder: <session uuid>/session.json
        /// Timeline's thread, before anything is prepared: why no print can begin now, or empty.
        std::function<std::string()> obstacle;
        /// Timeline's thread: why the bias monitor could not end a print (print.stop_on_bias_failure), or empty.
        std::function<std::string()> bias_stop_obstacle;
        /// Timeline's thread: what a print is to be checked against.
        std::function<mastering::PrintInstallation(const std::optional<double>& start_m)> installation;
        /// Timeline's thread: identity of the deck and its tape now, for this session and job.
        std::function<mastering::PrintIdentity(const std::string& session_id, const std::string& job_id)> identity;
        /// Worker's thread: what a list of files leaves out of a plan (tape, stock, levels).
        std::function<void(mastering::ReelPlan& plan)> fill_plan;
        /// Timeline's thread: a plan is read and checked, in its own time; `done` is called there too.
        std::function<void(PlanDesk::Given given, std::function<void(Result<mastering::PlanCheck>)> done)> check_plan;
        /// What a plan means by a file; any thread. Empty: an absolute path.
        std::function<Result<std::filesystem::path>(const std::string& file, bool local)> resolve = {};
        /// Worker's thread. Throws std::invalid_argument for a file that can't be played as asked.
        std::function<std::unique_ptr<transport::Job>(mastering::SessionPrint print, mastering::PrintIdentity identity,
                                                      mastering::SessionKeeper keep)>
            make_job;
        std::optional<double> erase_to_record_m; ///< of the head block
        /// Timeline's thread, just before the job starts.
        std::function<void(const mastering::SessionPrint& print, const std::string& job_id)> starting = {};
    };
    explicit PrintingDesk(Parts parts);

    /// This must outlive the registry.
    void add_commands(CommandRegistry& registry);
    /// Writes the report of a job that has ended on the worker's thread, and closes its session; then `kept`, on the
    /// timeline's, gets the end with the report's path, or why there is none.
    void keep(JobEnd end, std::function<void(JobEnd)> kept);

  private:
    struct Request;
    struct Prepared;
    void print(const boost::json::object& given, const Caller& caller, const Answer& answer);
    void print_files(const boost::json::object& given, const Caller& caller, const Answer& answer);
    void print_plan(const boost::json::object& given, const Caller& caller, const Answer& answer);
    void resume(const boost::json::object& given, const Caller& caller, const Answer& answer);
    void sessions(const Answer& answer);
    void confirm(const Answer& answer);
    void job_report(const boost::json::object& given, const Answer& answer);
    /// Empty, or why nothing can begin now; the runner is kept for it else.
    [[nodiscard]] std::string reserve(const char* what, bool stops_on_bias);
    void prepare(const std::shared_ptr<Request>& request, const Answer& answer);
    /// Worker's thread.
    [[nodiscard]] Prepared prepared(Request& request);
    [[nodiscard]] Result<mastering::SessionPrint> begun(Request& request) const;
    [[nodiscard]] Result<mastering::SessionPrint> gone_on(const Request& request) const;
    void start(const Request& request, const Prepared& made, const Answer& answer);
    [[nodiscard]] mastering::FileInspector inspector(bool local) const;
    [[nodiscard]] mastering::SessionKeeper keeper();

    Parts parts_;
    SessionStore store_;
    std::string job_, session_; ///< of the print that runs, or ran last
};

/// Where the report of a job is kept.
[[nodiscard]] std::filesystem::path report_path(const std::filesystem::path& reports, const std::string& job_id);

} // namespace overbias::controller
