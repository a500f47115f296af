// SPDX-License-Identifier: Apache-2.0
#include "controller/client/transfer_line.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/job_watch.hpp"
#include "controller/client/print_command.hpp"
#include "controller/client/texts.hpp"
#include "controller/client/transfer_text.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

json::object request_of(const TransferOptions& options) {
    json::object request;
    const auto words = [&request](const char* name, const std::string& text) {
        if (!text.empty()) {
            if (!is_utf8(text)) {
                throw UnusableArgument(std::string("transfer: ") + name + ": it is not UTF-8");
            }
            request[name] = text;
        }
    };
    const auto figure = [&request](const char* name, const std::optional<double>& value) {
        if (value) {
            request[name] = *value;
        }
    };
    if (!options.file.empty()) { // the daemon does not know this folder
        words("file", std::filesystem::absolute(options.file).lexically_normal().string());
    }
    words("from", options.from);
    words("to", options.to);
    figure("length_s", options.length_s);
    if (options.until_silence) {
        request["until_silence"] = true;
    }
    figure("silence_s", options.silence_s);
    figure("pre_roll_s", options.pre_roll_s);
    figure("post_roll_s", options.post_roll_s);
    figure("gap_s", options.gap_s);
    if (options.library_wind) {
        request["library_wind"] = true;
    }
    words("format", options.format);
    words("title", options.title);
    words("tape", options.tape);
    words("project", options.project);
    words("note", options.note);
    words("operator", options.operator_name);
    return request;
}

int tell_end(const TransferOptions& options, const json::value& started, const json::value& end,
             const json::value& report) {
    const int status = end.at("exit_status").to_number<int>();
    if (options.json) {
        json::object told = end.as_object();
        told["file"] = report.is_object() ? started.at("file") : json::value(nullptr);
        told["report_path"] = report.is_object() ? started.at("report") : json::value(nullptr);
        std::printf("%s\n", json_line(told).c_str());
    } else {
        std::fputs(transfer_end_text(end, report).c_str(), stdout);
        if (report.is_object()) {
            std::printf("file: %s\nreport: %s\n", started.at("file").as_string().c_str(),
                        started.at("report").as_string().c_str());
        }
    }
    std::fflush(stdout);
    return status;
}

} // namespace

TransferLine::TransferLine(CLI::App& transfer, Ways ways) : ways_(std::move(ways)) {
    transfer.add_option("OUT", options_.file,
                        "the Broadcast Wave file, *.wav; it is never written over. Without: the daemon makes a name");
    transfer.add_option("--from", options_.from,
                        "where it begins: metres or h:mm:ss by the counter; else where the tape stands");
    auto* to = transfer.add_option("--to", options_.to, "where it ends, likewise");
    auto* length = transfer.add_option("--length", options_.length_s, "how much of the tape, seconds");
    auto* silence =
        transfer.add_flag("--until-silence", options_.until_silence, "ends when programme was heard, and then silence");
    transfer.add_option("--silence", options_.silence_s, "how much of it, seconds")->needs(silence);
    to->excludes(length)->excludes(silence);
    length->excludes(silence);
    transfer.add_option("--pre-roll", options_.pre_roll_s, "in the file before --from, seconds");
    transfer.add_option("--post-roll", options_.post_roll_s, "in the file after --to or the length, seconds");
    transfer.add_flag("--library-wind", options_.library_wind, "wind slowly to the tape's end at last");
    transfer.add_option("--format", options_.format, "bits of a sample; default: transfer.format")
        ->check(CLI::IsMember({"24", "32", "float"}));
    transfer.add_option("--gap", options_.gap_s, "a shorter silence is part of the programme, seconds");
    transfer.add_option("--title", options_.title, "of what is on the tape");
    transfer.add_option("--tape", options_.tape, "the reel's name or number");
    transfer.add_option("--project", options_.project, "what it belongs to");
    transfer.add_option("--note", options_.note, "whatever else the file should say");
    transfer.add_option("--operator", options_.operator_name, "who transfers it; default: transfer.operator");
    transfer.add_flag("--detach", options_.detach, "return when it has begun");
    transfer.callback([this] {
        options_.json = ways_.json();
        ways_.chosen([this] {
            RpcClient daemon = ways_.daemon();
            return run_transfer(daemon, options_);
        });
    });
}

int run_transfer(RpcClient& daemon, const TransferOptions& options) {
    const InterruptGuard guard;
    TerminalLine line;
    const json::object request = request_of(options);
    daemon.call("subscribe", json::object{{"topics", {"transfer", "job_end", "concern"}}});
    try {
        const json::value started = daemon.call("transfer", request);
        if (!options.json) {
            std::fputs(transfer_started_text(started).c_str(), stdout);
            std::fflush(stdout);
        }
        if (options.detach) {
            std::printf("%s\n", options.json ? json_line(started).c_str()
                                             : "the transfer goes on by itself; 'overbias job' tells how, 'overbias "
                                               "stop' ends it");
            return 0;
        }
        const json::value end = await_job_end(
            daemon,
            {.id = started.at("job"), .line = line, .quiet = options.json, .heard = [&](const Notification& heard) {
                 if (heard.topic == "transfer" && !options.json && heard.parameters.is_object()) {
                     line.write(transfer_live_text(heard.parameters));
                 }
             }});
        line.clear();
        return tell_end(options, started, end, report_of_job(daemon, end));
    } catch (const Interrupted&) {
        line.clear();
        std::fprintf(
            stderr,
            "overbias: interrupted here; the transfer goes on. 'overbias job' tells how, 'overbias stop' ends it\n");
        return kInterruptedStatus;
    }
}

} // namespace overbias::controller
