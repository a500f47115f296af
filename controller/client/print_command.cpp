// SPDX-License-Identifier: Apache-2.0
#include "controller/client/print_command.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/bias_text.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/texts.hpp"
#include "controller/report_file.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kQuiet = std::chrono::seconds(5);      ///< nothing heard: ask whether the daemon lives
constexpr auto kFileCheck = std::chrono::minutes(30); ///< long files on a slow disk are read once before the print
constexpr const char* kChecking = "checking the files";
/// One updating line on a terminal; a line every 10 % or new phase otherwise.
class ProgressLine {
  public:
    explicit ProgressLine(bool shown) : shown_(shown), terminal_(::isatty(STDOUT_FILENO) == 1) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const json::value& progress) {
        if (!shown_) {
            return;
        }
        if (terminal_) {
            std::printf("\r%s\x1b[K", progress_text(progress).c_str());
            dirty_ = true;
        } else if (progress.at("phase") == kChecking) { // only worth a line that goes away again
        } else if (const int step = static_cast<int>(progress.at("fraction").to_number<double>() * 10.0);
                   step > last_step_ || progress.at("phase") != last_phase_) {
            last_step_ = step;
            last_phase_ = progress.at("phase");
            std::printf("%s\n", progress_text(progress).c_str());
        }
        std::fflush(stdout);
    }
    [[nodiscard]] bool shown() const noexcept { return shown_; }
    void clear() {
        if (dirty_) {
            std::printf("\r\x1b[K");
            std::fflush(stdout);
            dirty_ = false;
        }
    }

  private:
    bool shown_;
    bool terminal_;
    bool dirty_ = false;
    int last_step_ = -1;
    json::value last_phase_;
};

/// A copy that can't be kept is told before the tape moves, not after half an hour.
void check_report_place(const std::string& report) {
    const std::filesystem::path copy = std::filesystem::absolute(report);
    std::error_code error;
    if (std::filesystem::is_directory(copy, error) || !copy.has_filename()) {
        throw UnusableArgument("--report " + report + ": is a directory; name the file the report goes to");
    }
    std::filesystem::create_directories(copy.parent_path(), error);
    if (error || ::access(copy.parent_path().c_str(), W_OK) != 0) {
        throw UnusableArgument("--report " + report + ": cannot be written (" +
                               (error ? error : std::error_code(errno, std::generic_category())).message() +
                               "); name another place, nothing was printed");
    }
}

json::object request_of(const PrintOptions& options) {
    json::array files;
    for (const std::string& file : options.files) {
        if (file.empty()) {
            throw UnusableArgument("print: an empty name was given; name the sound files to print, in order");
        }
        if (!is_utf8(file)) {
            throw UnusableArgument("print: '" + file + "': the name is not UTF-8; rename the file");
        }
        files.emplace_back(std::filesystem::absolute(file).lexically_normal().string());
    }
    json::object request{{"files", std::move(files)}};
    const auto add = [&request](const char* name, const std::optional<double>& value) {
        if (value) {
            request[name] = *value;
        }
    };
    if (!options.start.empty()) {
        request["start"] = options.start;
    }
    add("trim_db", options.trim_db);
    add("gap_s", options.gap_s);
    add("slate_s", options.slate_s);
    add("lead_in_s", options.lead_in_s);
    add("post_roll_s", options.post_roll_s);
    if (options.stop_on_bias) {
        request["stop_on_bias_failure"] = *options.stop_on_bias;
    }
    return request;
}

/// Waits until the job `id` has ended.
json::value wait_for_end(RpcClient& daemon, const json::value& id, ProgressLine& line) {
    while (true) {
        if (InterruptGuard::came()) {
            throw Interrupted();
        }
        const auto heard = daemon.next_notification(kQuiet);
        if (heard && heard->topic == "concern" && line.shown()) {
            line.clear();
            std::fputs(bias_concern_text(heard->parameters).c_str(), stdout);
        } else if (heard && heard->topic == "progress" && heard->parameters.at("id") == id) {
            line.show(heard->parameters);
        } else if (heard && heard->topic == "job_end" && heard->parameters.at("id") == id) {
            return heard->parameters;
        } else if (!heard) {
            const json::value status = daemon.call("job_status");
            if (const json::value& last = status.at("last_job");
                status.at("job").is_null() && last.is_object() && last.at("id") == id) {
                return last;
            }
        }
    }
}

/// Null when the job left none or it can't be had; the verdict is told all the same.
json::value fetch_report(RpcClient& daemon, const json::value& end) {
    if (!end.at("report_path").is_string()) {
        return nullptr;
    }
    try {
        return daemon.call("job_report", json::object{{"job", end.at("id")}});
    } catch (const RpcFailure&) {
        return nullptr;
    }
}

int tell_end(const PrintOptions& options, const json::value& end, const json::value& report) {
    int status = end.at("exit_status").to_number<int>();
    std::string path = end.at("report_path").is_string() ? json::value_to<std::string>(end.at("report_path")) : "";
    if (!options.report.empty() && report.is_object()) {
        const std::filesystem::path copy = std::filesystem::absolute(options.report);
        if (const auto written = write_file_atomically(copy, json_indented(report) + "\n"); !written) {
            std::fprintf(stderr, "overbias: %s\n", printable(written.error().message).c_str());
            status = status == 0 ? 4 : status;
        } else {
            path = copy.string();
        }
    }
    if (end.at("report_error").is_string() && status == 0) {
        status = 4; // a pass nobody can read later is not done
    }
    if (options.json) {
        json::object told = end.as_object();
        told["report_path"] = path.empty() ? json::value(nullptr) : json::value(json::string(path));
        told["exit_status"] = status;
        std::printf("%s\n", json_line(told).c_str());
    } else {
        std::fputs(verdict_text(end, report).c_str(), stdout);
        if (!path.empty()) {
            std::printf("report: %s\n", path.c_str());
        }
    }
    std::fflush(stdout);
    return status;
}

} // namespace

int run_print(RpcClient& daemon, const PrintOptions& options) {
    const InterruptGuard guard;
    ProgressLine line(!options.json);
    if (!options.report.empty()) {
        check_report_place(options.report);
    }
    daemon.call("subscribe", json::object{{"topics", {"progress", "job_end", "concern"}}});
    try {
        line.show({{"fraction", 0.0}, {"phase", kChecking}});
        const json::value started = daemon.call("print", request_of(options), kFileCheck);
        line.clear();
        if (!options.json) {
            std::fputs(print_started_text(started).c_str(), stdout);
        }
        const json::value& id = started.at("job");
        if (options.detach) {
            if (options.json) {
                std::printf("%s\n", json_line(started).c_str());
            } else {
                std::printf("the print goes on by itself; 'overbias job' tells how, 'overbias stop' ends it\n");
            }
            return 0;
        }
        const json::value end = wait_for_end(daemon, id, line);
        line.clear();
        return tell_end(options, end, fetch_report(daemon, end));
    } catch (const Interrupted&) {
        line.clear();
        if (options.ends_with_us) {
            std::fprintf(stderr,
                         "overbias: interrupted; the deck is stopped and the print ended, nothing of it is proven\n");
        } else {
            std::fprintf(
                stderr,
                "overbias: interrupted here; the print goes on. 'overbias job' tells how, 'overbias stop' ends it\n");
        }
        return kInterruptedStatus;
    }
}

} // namespace overbias::controller
