// SPDX-License-Identifier: Apache-2.0
#include "controller/client/print_command.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/job_watch.hpp"
#include "controller/client/texts.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <poll.h>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kFileCheck = std::chrono::minutes(30); ///< long files on a slow disk are read once before the print
constexpr const char* kChecking = "checking the files";

/// The line of a terminal; elsewhere a line every 10 % or new phase.
class ProgressLine {
  public:
    explicit ProgressLine(bool shown) : shown_(shown) {}

    void show(const json::value& progress) {
        if (!shown_) {
            return;
        }
        line_.write(progress_text(progress));
        if (line_.there() || progress.at("phase") == kChecking) { // only worth a line that goes away again
            return;
        }
        if (const int step = static_cast<int>(progress.at("fraction").to_number<double>() * 10.0);
            step > last_step_ || progress.at("phase") != last_phase_) {
            last_step_ = step;
            last_phase_ = progress.at("phase");
            std::printf("%s\n", progress_text(progress).c_str());
            std::fflush(stdout);
        }
    }
    [[nodiscard]] bool shown() const noexcept { return shown_; }
    void clear() { line_.clear(); }
    [[nodiscard]] TerminalLine& line() noexcept { return line_; }

  private:
    bool shown_;
    TerminalLine line_;
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

json::object plan_request(const PrintOptions& options) {
    json::object request{{"plan", std::filesystem::absolute(options.files.front()).lexically_normal().string()}};
    if (options.split) {
        request["split"] = true;
    }
    return request;
}

json::object resume_request(const PrintOptions& options) {
    json::object request{{"session", options.resume}};
    if (!options.side.empty()) {
        request["side"] = options.side;
    }
    if (options.track) {
        request["track"] = *options.track;
    }
    return request;
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

/// A job that waits for its operator: asked for here, at a terminal; else somebody runs 'overbias confirm'.
class Gate {
  public:
    explicit Gate(const PrintOptions& options) : options_(options) {}

    void show(RpcClient& daemon, const json::value& progress, ProgressLine& line) {
        const json::value* now = progress.is_object() ? progress.as_object().if_contains("gate") : nullptr;
        const std::string words = now != nullptr && now->is_string() ? json::value_to<std::string>(*now) : "";
        if (words == told_) {
            return;
        }
        told_ = words;
        if (words.empty()) {
            return;
        }
        line.clear();
        if (line.shown()) {
            std::printf("%s\n%s\n", printable(words).c_str(),
                        options_.changes_tapes ? "the simulated deck gets another blank tape, and it is confirmed"
                        : asks()               ? "press Enter when that is done"
                                               : "'overbias confirm' says that it is done");
            std::fflush(stdout);
        }
        if (options_.changes_tapes) {
            daemon.call("simulated_tape", json::object{{"tape", "blank"}});
            daemon.call("confirm");
        }
    }
    void listen(RpcClient& daemon) {
        pollfd keys{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
        if (told_.empty() || !asks() || ::poll(&keys, 1, 0) <= 0) {
            return;
        }
        std::array<char, 256> pressed{};
        if (::read(STDIN_FILENO, pressed.data(), pressed.size()) > 0) {
            daemon.call("confirm");
        }
    }

  private:
    [[nodiscard]] bool asks() const { return !options_.json && !options_.changes_tapes && ::isatty(STDIN_FILENO) == 1; }
    const PrintOptions& options_;
    std::string told_;
};

int tell_end(const PrintOptions& options, const json::value& end, const json::value& report) {
    int status = end.at("exit_status").to_number<int>();
    std::string path = end.at("report_path").is_string() ? json::value_to<std::string>(end.at("report_path")) : "";
    if (const std::string copy =
            copy_report(options.report, report.is_object() ? json_indented(report) + "\n" : "", status);
        !copy.empty()) {
        path = copy;
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

bool is_plan_file(const std::string& file) {
    return std::filesystem::path(file).extension() == ".toml";
}

bool is_reel_plan(const std::vector<std::string>& files) {
    return files.size() == 1 && is_plan_file(files.front());
}

int run_print(RpcClient& daemon, const PrintOptions& options) {
    const InterruptGuard guard;
    ProgressLine line(!options.json);
    if (!options.report.empty()) {
        check_report_place(options.report);
    }
    daemon.call("subscribe", json::object{{"topics", {"progress", "job_end", "concern"}}});
    try {
        line.show({{"fraction", 0.0}, {"phase", kChecking}});
        const json::value started =
            !options.resume.empty()
                ? daemon.call("print_resume", resume_request(options), kFileCheck)
                : daemon.call("print", is_reel_plan(options.files) ? plan_request(options) : request_of(options),
                              kFileCheck);
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
        Gate gate(options);
        const json::value end =
            await_job_end(daemon, {.id = id,
                                   .line = line.line(),
                                   .quiet = !line.shown(),
                                   .heard =
                                       [&](const Notification& heard) {
                                           if (heard.topic == "progress" && heard.parameters.at("id") == id) {
                                               line.show(heard.parameters);
                                               gate.show(daemon, heard.parameters, line);
                                           }
                                       },
                                   .turn = [&] { gate.listen(daemon); }});
        line.clear();
        return tell_end(options, end, report_of_job(daemon, end));
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
