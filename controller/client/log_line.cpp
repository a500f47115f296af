// SPDX-License-Identifier: Apache-2.0
#include "controller/client/log_line.hpp"

#include "controller/client/texts.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

LogLine::LogLine(CLI::App& log, CLI::App& job, DeckLine::Ways ways) : ways_(std::move(ways)) {
    ways_.add_common(job);
    job.callback([this] {
        ways_.chosen([this] {
            const json::value answer = ways_.daemon().call("job_status");
            ways_.show(answer, job_text(answer));
            return 0;
        });
    });
    ways_.add_common(log);
    log.add_option("--last", last_, "how many, newest ones (default 20)")->check(CLI::Range(1, 1000));
    CLI::Option* session = log.add_option("--session", session_, "events of this session only");
    log.add_flag(
           "--sessions", [this](std::int64_t) { what_ = "sessions"; }, "list sessions, newest first")
        ->excludes(session);
    log.add_flag(
           "--prints", [this](std::int64_t) { what_ = "prints"; }, "list prints with their verdicts, newest first")
        ->excludes(session);
    log.add_flag(
           "--verify", [this](std::int64_t) { what_ = "verify"; }, "check that nothing logged was changed later")
        ->excludes(session);
    log.callback([this] { ways_.chosen([this] { return tell(); }); });
}

int LogLine::tell() const {
    json::object parameters{{"what", what_}, {"last", last_}};
    if (!session_.empty()) {
        parameters["session"] = session_;
    }
    const json::value answer = ways_.daemon().call("log", parameters, std::chrono::minutes(5));
    ways_.show(answer, log_text(answer));
    return what_ == "verify" && answer.at("intact") != true ? 1 : 0;
}

} // namespace overbias::controller
