// SPDX-License-Identifier: Apache-2.0
#include "controller/client/verify_line.hpp"

#include "base/json/json_text.hpp"
#include "base/uuid.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/job_watch.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/texts.hpp"
#include "controller/client/verify_text.hpp"
#include "controller/verifying/print_report_search.hpp"
#include "mastering/verify/verify_files.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kFileCheck = std::chrono::minutes(30); ///< long files on a slow disk are read once before
constexpr std::string_view kCapture = "capture:";

bool is_capture(const std::string& word) {
    return word.starts_with(kCapture);
}

std::string absolute(const std::string& file) {
    if (file.empty() || !is_utf8(file)) {
        throw UnusableArgument("verify: '" + file + "': expected the name of a file, in UTF-8");
    }
    return std::filesystem::absolute(file).lexically_normal().string();
}

/// The line of a terminal; elsewhere a line for each new phase.
class PhaseLine {
  public:
    explicit PhaseLine(bool shown) : shown_(shown) {}
    void show(const std::string& phase, const std::string& words) {
        if (!shown_) {
            return;
        }
        line_.write(words);
        if (!line_.there() && phase != last_) {
            std::printf("%s\n", words.c_str());
            std::fflush(stdout);
            last_ = phase;
        }
    }
    void clear() { line_.clear(); }
    [[nodiscard]] TerminalLine& line() noexcept { return line_; }

  private:
    bool shown_;
    TerminalLine line_;
    std::string last_;
};

json::object request_of(const VerifyOptions& options) {
    json::object request;
    if (!options.print.empty()) {
        std::error_code unknown;
        const bool known_by_it = options.print == "latest" || is_uuid(options.print);
        if (!known_by_it && !std::filesystem::exists(options.print, unknown)) {
            throw UnusableArgument("verify: --print " + options.print +
                                   ": expected the whole UUID of a print ('overbias log --prints' lists them), "
                                   "'latest', or the file of its report; there is no such file");
        }
        request[known_by_it ? "print" : "report"] = known_by_it ? options.print : absolute(options.print);
    }
    if (!options.reference.empty() && is_capture(options.reference[0])) {
        request["reference"] = options.reference[0];
        if (!options.tape.empty()) {
            request["tape"] = options.tape;
        }
        if (options.record) {
            request["record"] = true;
        }
    } else if (!options.reference.empty()) {
        json::array files;
        for (const std::string& file : options.reference) {
            files.emplace_back(absolute(file));
        }
        request["files"] = std::move(files);
    }
    if (!options.side.empty()) {
        request["side"] = options.side;
    }
    if (!options.start.empty()) {
        request["start"] = options.start;
    }
    const auto add = [&request](const char* name, const std::optional<double>& value) {
        if (value) {
            request[name] = *value;
        }
    };
    add("gap_s", options.gap_s);
    add("trim_db", options.trim_db);
    add("patience_s", options.patience_s);
    add("end_silence_s", options.end_silence_s);
    if (options.here) {
        request["here"] = true;
    }
    return request;
}

} // namespace

VerifyLine::VerifyLine(CLI::App& verify, Ways ways) : ways_(std::move(ways)) {
    verify.add_option(
        "--print", options_.print,
        "the print that is on the reel: its session (overbias log --prints), 'latest', or the file of its "
        "report");
    verify.add_option("--side", options_.side, "which of its sides, by name; else the first");
    verify.add_option("--reference", options_.reference, "or the sound files that are on it, in order");
    verify.add_option(
        "--tape", options_.tape,
        "a sound file with the tape return, captured elsewhere (needs no daemon), or capture:1,2; else the "
        "deck's return");
    verify.add_flag("--record", options_.record,
                    "with capture:3,4: arm, record and stop; else the deck has to record already");
    verify.add_option("--end-silence", options_.end_silence_s,
                      "with capture:3,4: silence of the source that ends it, seconds (default 15)");
    verify.add_option(
        "--start", options_.start,
        "with --reference: where the first file begins, metres or h:mm:ss by the counter; else from where "
        "the tape stands");
    verify.add_option("--gap", options_.gap_s,
                      "with --reference: silence between files, seconds; where it is another, they are looked for");
    verify.add_option("--trim", options_.trim_db, "with --reference: level change they were recorded with, dB");
    verify.add_option("--operating-dbfs", options_.operating_dbfs,
                      "with a file as --tape: sine peak dBFS of operating level in it; else the absolute level is not "
                      "judged");
    verify.add_option("--patience", options_.patience_s,
                      "how long the programme may take to be found, seconds of tape (default 60)");
    verify.add_flag("--here", options_.here, "do not locate: begin where the tape stands, or plays");
    verify.add_option("--report", options_.report, "put a copy of the report here");
    verify.add_flag("--detach", options_.detach, "return when it has begun");
    verify.callback([this] {
        options_.json = ways_.json();
        check();
        ways_.chosen([this] {
            if (!options_.tape.empty() && !is_capture(options_.tape)) {
                return run_verify_files(options_);
            }
            RpcClient daemon = ways_.daemon();
            return run_verify(daemon, options_);
        });
    });
}

/// Throws CLI::ValidationError.
void VerifyLine::check() const {
    if (options_.print.empty() == options_.reference.empty()) {
        throw CLI::ValidationError(
            "verify", "name what should be on the tape: --print SESSION (or latest), or --reference FILE ...");
    }
    const bool captured =
        is_capture(options_.tape) || std::any_of(options_.reference.begin(), options_.reference.end(), is_capture);
    if (captured) {
        if (options_.reference.size() != 1 || !is_capture(options_.reference[0]) ||
            (!options_.tape.empty() && !is_capture(options_.tape))) {
            throw CLI::ValidationError("verify", "expected --reference capture:3,4 --tape capture:1,2: a pair of the "
                                                 "card's channels on the deck's line input, and the tape return");
        }
        return;
    }
    if (options_.record || options_.end_silence_s) {
        throw CLI::ValidationError("verify", "--record and --end-silence go with --reference capture:N,M");
    }
    if (!options_.tape.empty() && (options_.detach || options_.here || !options_.start.empty())) {
        throw CLI::ValidationError("verify", "--detach, --here and --start are for a deck, not for a file as --tape");
    }
    if (options_.tape.empty() && options_.operating_dbfs) {
        throw CLI::ValidationError("verify",
                                   "--operating-dbfs goes with a file as --tape: the daemon knows its levels");
    }
}

int run_verify(RpcClient& daemon, const VerifyOptions& options) {
    const InterruptGuard guard;
    PhaseLine line(!options.json);
    const json::object request = request_of(options);
    daemon.call("subscribe", json::object{{"topics", {"progress", "job_end", "concern"}}});
    try {
        line.show("checking the files", "checking the files");
        const json::value started = daemon.call("verify", request, kFileCheck);
        line.clear();
        if (!options.json) {
            std::fputs(verify_started_text(started).c_str(), stdout);
            std::fflush(stdout);
        }
        if (options.detach) {
            std::printf("%s\n", options.json
                                    ? json_line(started).c_str()
                                    : "it goes on by itself; 'overbias job' tells how, 'overbias stop' ends it");
            return 0;
        }
        const json::value end = await_job_end(
            daemon, {.id = started.at("job"),
                     .line = line.line(),
                     .quiet = options.json,
                     .heard = [&](const Notification& heard) {
                         if (heard.topic == "progress" && heard.parameters.at("id") == started.at("job")) {
                             line.show(json::value_to<std::string>(heard.parameters.at("phase")),
                                       progress_text(heard.parameters));
                         }
                     }});
        line.clear();
        const json::value report = report_of_job(daemon, end);
        int status = end.at("exit_status").to_number<int>();
        std::string path = copy_report(options.report, report.is_object() ? json_indented(report) + "\n" : "", status);
        if (path.empty() && end.at("report_path").is_string()) {
            path = json::value_to<std::string>(end.at("report_path"));
        }
        if (options.json) {
            json::object told = end.as_object();
            told["report_path"] = path.empty() ? json::value(nullptr) : json::value(path);
            told["exit_status"] = status;
            told["agrees"] = report.is_object() && report.as_object().contains("agrees") ? report.at("agrees")
                                                                                         : json::value(nullptr);
            std::printf("%s\n", json_line(told).c_str());
        } else {
            const json::value& reason = end.at("reason");
            std::fputs(verify_end_text(json::value_to<std::string>(end.at("verdict")),
                                       reason.is_string() ? json::value_to<std::string>(reason) : "", report)
                           .c_str(),
                       stdout);
            if (!path.empty()) {
                std::printf("report: %s\n", path.c_str());
            }
        }
        std::fflush(stdout);
        return status;
    } catch (const Interrupted&) {
        line.clear();
        std::fprintf(stderr,
                     "overbias: interrupted here; the verification goes on. 'overbias job' tells how, 'overbias "
                     "stop' ends it\n");
        return kInterruptedStatus;
    }
}

int run_verify_files(const VerifyOptions& options) {
    const InterruptGuard guard;
    PhaseLine line(!options.json);
    mastering::FilesToVerify what;
    what.tape = absolute(options.tape);
    what.side = options.side;
    what.gap_s = options.gap_s.value_or(what.gap_s);
    what.trim_db = options.trim_db.value_or(what.trim_db);
    what.operating_dbfs = options.operating_dbfs;
    for (const std::string& file : options.reference) {
        what.files.push_back(absolute(file));
    }
    if (!options.print.empty()) {
        const auto report = read_print_report(absolute(options.print));
        if (!report) {
            throw UnusableArgument(report.error().message);
        }
        what.print = mastering::VerifyAgainst{report->text, report->path.string()};
    }
    const auto made = mastering::verify_files(what, [&line](double done_s, double of_s) {
        const int percent = static_cast<int>(100.0 * done_s / of_s);
        line.show("reading", "compared " + std::to_string(percent) + " %");
        return !InterruptGuard::came();
    });
    line.clear();
    if (InterruptGuard::came()) {
        std::fprintf(stderr, "overbias: interrupted; nothing is proven\n");
        return kInterruptedStatus;
    }
    if (!made) {
        throw UnusableArgument(made.error().message);
    }
    int status = made->pass ? 0 : 1;
    const std::string path = copy_report(options.report, made->report, status);
    if (options.json) {
        std::fputs(json_line(json::parse(made->report)).c_str(), stdout);
        std::fputs("\n", stdout);
    } else {
        std::fputs(verify_end_text(made->pass ? "pass" : "fail", made->reason, json::parse(made->report)).c_str(),
                   stdout);
        if (!path.empty()) {
            std::printf("report: %s\n", path.c_str());
        }
    }
    std::fflush(stdout);
    return status;
}

} // namespace overbias::controller
