// SPDX-License-Identifier: Apache-2.0
// The commands print and job_report. Files are checked, and the job is made, on the worker's thread; nothing moves
// before that is done.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/job_runner.hpp"
#include "controller/worker.hpp"
#include "mastering/print_plan.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace overbias::controller {

struct PrintDesk {
    Timeline& timeline;
    JobRunner& runner;
    Worker& worker;
    mastering::PrintRequest defaults; ///< what a request leaves out
    double play_speed_ips = 15.0;
    std::filesystem::path reports; ///< folder: <job uuid>.json
    /// Timeline's thread, before anything is prepared: why no print can begin now, or empty.
    std::function<std::string()> obstacle;
    /// Timeline's thread: why the bias monitor could not end a print (print.stop_on_bias_failure), or empty.
    std::function<std::string()> bias_stop_obstacle;
    /// Timeline's thread: what the plan is to be checked against.
    std::function<mastering::PrintInstallation(const mastering::PrintRequest& request)> installation;
    /// Worker's thread. Throws std::invalid_argument for a file that can't be played as asked.
    std::function<std::unique_ptr<transport::Job>(mastering::PrintPlan plan, const std::string& job_id)> make_job;
    /// Timeline's thread, just before the job starts.
    std::function<void(const mastering::PrintPlan& plan, const std::string& job_id)> starting = {};
};

/// Where the report of a job is kept.
[[nodiscard]] std::filesystem::path report_path(const std::filesystem::path& reports, const std::string& job_id);

/// Writes the report of a job that has ended on the worker's thread; then `kept`, on the timeline's, gets the end with
/// the report's path, or why there is none.
void keep_report(Timeline& timeline, Worker& worker, const std::filesystem::path& reports, JobEnd end,
                 std::function<void(JobEnd)> kept);

/// The registry keeps a copy of `desk`; what it refers to must outlive it.
void add_print_commands(CommandRegistry& registry, const PrintDesk& desk);

} // namespace overbias::controller
