// SPDX-License-Identifier: Apache-2.0
#include "controller/client/job_watch.hpp"

#include "base/json/json_text.hpp"
#include "controller/client/bias_text.hpp"
#include "controller/client/interrupt_guard.hpp"
#include "controller/client/texts.hpp"
#include "controller/report_file.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr auto kQuiet = std::chrono::seconds(5); ///< nothing heard: ask whether the daemon lives

}

TerminalLine::TerminalLine() : terminal_(::isatty(STDOUT_FILENO) == 1) {
}

void TerminalLine::write(const std::string& text) {
    if (terminal_) {
        std::printf("\r%s\x1b[K", text.c_str());
        std::fflush(stdout);
        dirty_ = true;
    }
}

void TerminalLine::clear() {
    if (dirty_) {
        std::printf("\r\x1b[K");
        std::fflush(stdout);
        dirty_ = false;
    }
}

json::value await_job_end(RpcClient& daemon, const JobWatch& watch) {
    for (;;) {
        if (InterruptGuard::came()) {
            throw Interrupted();
        }
        if (watch.turn) {
            watch.turn();
        }
        const auto heard = daemon.next_notification(kQuiet);
        if (!heard) {
            const json::value status = daemon.call("job_status");
            if (const json::value& last = status.at("last_job");
                status.at("job").is_null() && last.is_object() && last.at("id") == watch.id) {
                return last;
            }
        } else if (heard->topic == "job_end" && heard->parameters.at("id") == watch.id) {
            return heard->parameters;
        } else if (heard->topic == "concern" && !watch.quiet) {
            watch.line.clear();
            std::fputs(bias_concern_text(heard->parameters).c_str(), stdout);
        } else if (watch.heard) {
            watch.heard(*heard);
        }
    }
}

json::value report_of_job(RpcClient& daemon, const json::value& end) {
    if (!end.at("report_path").is_string()) {
        return nullptr;
    }
    try {
        return daemon.call("job_report", json::object{{"job", end.at("id")}});
    } catch (const RpcFailure&) {
        return nullptr;
    }
}

std::string copy_report(const std::string& asked, const std::string& text, int& status) {
    if (asked.empty() || text.empty()) {
        return {};
    }
    const std::filesystem::path copy = std::filesystem::absolute(asked);
    if (const auto written = write_file_atomically(copy, text); !written) {
        std::fprintf(stderr, "overbias: %s\n", printable(written.error().message).c_str());
        status = status == 0 ? 4 : status;
        return {};
    }
    return copy.string();
}

} // namespace overbias::controller
