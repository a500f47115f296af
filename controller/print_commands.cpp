// SPDX-License-Identifier: Apache-2.0
#include "controller/print_commands.hpp"

#include "base/uuid.hpp"
#include "controller/report_file.hpp"
#include "controller/state_json.hpp"
#include "controller/tape_position.hpp"

#include <boost/json.hpp>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace overbias::controller {

namespace json = boost::json;
using mastering::PrintPlan;
using mastering::PrintRequest;

namespace {

using Desk = std::shared_ptr<const PrintDesk>;

std::optional<double> number(const json::object& given, std::string_view name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::nullopt : std::optional(value->to_number<double>());
}

Result<PrintRequest> read_request(const json::object& given, const PrintDesk& desk) {
    PrintRequest request = desk.defaults;
    request.files = json::value_to<std::vector<std::string>>(given.at("files"));
    for (const std::string& file : request.files) {
        if (!std::filesystem::path(file).is_absolute()) {
            return Error{"print: '" + file + "' is not an absolute path; the daemon does not know your folder"};
        }
    }
    if (const json::value* start = given.if_contains("start")) {
        if (start->is_string()) {
            const auto parsed = parse_tape_position(std::string_view(start->as_string()), desk.play_speed_ips);
            if (!parsed) {
                return Error{"print: start: " + parsed.error().message};
            }
            request.start_m = *parsed;
        } else {
            request.start_m = start->to_number<double>();
        }
    }
    request.trim_db = number(given, "trim_db").value_or(request.trim_db);
    request.gap_s = number(given, "gap_s").value_or(request.gap_s);
    request.slate.duration_s = number(given, "slate_s").value_or(request.slate.duration_s);
    request.slate.frequency_hz = number(given, "slate_hz").value_or(request.slate.frequency_hz);
    if (!(request.slate.frequency_hz >= 400.0 && request.slate.frequency_hz <= 4000.0)) {
        return Error{"print: slate of " + std::to_string(request.slate.frequency_hz) + " Hz: expected 400 to 4000 Hz"};
    }
    request.slate.level_re_operating_db =
        number(given, "slate_level_re_operating_db").value_or(request.slate.level_re_operating_db);
    request.lead_in_s = number(given, "lead_in_s").value_or(request.lead_in_s);
    request.post_roll_s = number(given, "post_roll_s").value_or(request.post_roll_s);
    if (const json::value* stop = given.if_contains("stop_on_bias_failure")) {
        request.stop_on_bias_failure = stop->as_bool();
    }
    return request;
}

json::object started_json(const PrintPlan& plan, const std::string& id, double sample_rate_hz) {
    json::array files;
    for (const audio::SoundFileInfo& file : plan.files) {
        files.push_back({{"file", file.path.string()},
                         {"container", file.container},
                         {"sample_format", file.sample_format},
                         {"sample_rate_hz", file.sample_rate_hz},
                         {"sample_rate_converted", file.sample_rate_hz != sample_rate_hz},
                         {"channels", file.channels},
                         {"duration_s", file.duration_s()}});
    }
    return {{"job", id},
            {"duration_s", plan.duration_s(sample_rate_hz)},
            {"card_rate_hz", sample_rate_hz},
            {"files", std::move(files)}};
}

/// What the worker made of a request.
struct Prepared {
    std::shared_ptr<PrintPlan> plan; ///< for what is told; the job has its own
    std::shared_ptr<std::unique_ptr<transport::Job>> job;
    std::string unusable; ///< why not
};

Prepared prepare(const PrintDesk& desk, const PrintRequest& request, const mastering::PrintInstallation& installation,
                 const std::string& id) {
    try {
        auto plan = mastering::make_print_plan(request, installation);
        if (!plan) {
            return {nullptr, nullptr, plan.error().message};
        }
        auto job = desk.make_job(*plan, id);
        return {std::make_shared<PrintPlan>(std::move(plan).value()),
                std::make_shared<std::unique_ptr<transport::Job>>(std::move(job)),
                {}};
    } catch (const std::exception& failure) {
        return {nullptr, nullptr, failure.what()};
    }
}

void start(const PrintDesk& desk, std::uint64_t reservation, const Prepared& prepared, const std::string& id,
           double sample_rate_hz, const Answer& answer) {
    if (desk.runner.reservation() != reservation) {
        return answer(
            Reply::error(ErrorCode::Refused, "print was stopped while its files were checked; nothing moved"));
    }
    if (!prepared.job) {
        desk.runner.release();
        return answer(Reply::error(ErrorCode::UnusableInput, prepared.unusable));
    }
    if (const std::string obstacle = desk.obstacle(); !obstacle.empty()) { // it may have come up meanwhile
        desk.runner.release();
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + obstacle));
    }
    if (desk.starting) {
        desk.starting(*prepared.plan, id);
    }
    if (const auto started = desk.runner.start(std::move(*prepared.job), id); !started) {
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + started.error().message));
    }
    answer(Reply::with(started_json(*prepared.plan, id, sample_rate_hz)));
}

void print(const Desk& desk, const json::object& given, const Answer& answer) {
    auto request = read_request(given, *desk);
    if (!request) {
        return answer(Reply::error(ErrorCode::UnusableInput, request.error().message));
    }
    if (const auto reserved = desk->runner.reserve("print"); !reserved) {
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + reserved.error().message));
    }
    if (const std::string obstacle = desk->obstacle(); !obstacle.empty()) {
        desk->runner.release();
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + obstacle));
    }
    if (const std::string why = request->stop_on_bias_failure ? desk->bias_stop_obstacle() : ""; !why.empty()) {
        desk->runner.release();
        return answer(Reply::error(
            ErrorCode::Refused, "print was refused: it is to stop when the bias fails, and that could not be told: " +
                                    why + "; or print without stop_on_bias_failure"));
    }
    const std::uint64_t reservation = desk->runner.reservation();
    desk->worker.post(
        [desk, request = *request, installation = desk->installation(*request), id = new_uuid(), reservation, answer] {
            Prepared prepared = prepare(*desk, request, installation, id);
            desk->timeline.post([desk, reservation, prepared = std::move(prepared), id,
                                 rate_hz = installation.sample_rate_hz,
                                 answer] { start(*desk, reservation, prepared, id, rate_hz, answer); });
        });
}

Reply read_report(const std::filesystem::path& path, const std::string& id) {
    std::ifstream file(path);
    if (!file) {
        return Reply::error(ErrorCode::UnusableInput,
                            "job_report: there is no report of job " + id + " in " + path.parent_path().string());
    }
    std::stringstream text;
    text << file.rdbuf();
    boost::system::error_code error;
    const json::value report = json::parse(text.str(), error);
    return error ? Reply::error(ErrorCode::Fault, "job_report: '" + path.string() + "' is not JSON: " + error.message())
                 : Reply::with(report);
}

void job_report(const Desk& desk, const json::object& given, const Answer& answer) {
    std::string id;
    if (const json::value* asked = given.if_contains("job")) {
        id = json::value_to<std::string>(*asked);
    } else if (desk->runner.last()) {
        id = desk->runner.last()->id;
    }
    if (!is_uuid(id)) {
        return answer(
            id.empty() ? Reply::error(ErrorCode::UnusableInput, "job_report: no job has ended yet")
                       : Reply::error(ErrorCode::InvalidParams, "job_report: '" + id + "' is not the UUID of a job"));
    }
    desk->worker.post([desk, id, answer] {
        Reply reply = read_report(report_path(desk->reports, id), id);
        desk->timeline.post([reply = std::move(reply), answer] { answer(reply); });
    });
}

} // namespace

void keep_report(Timeline& timeline, Worker& worker, const std::filesystem::path& reports, JobEnd end,
                 std::function<void(JobEnd)> kept) {
    if (end.report.empty()) {
        return kept(std::move(end));
    }
    worker.post([&timeline, reports, end = std::move(end), kept = std::move(kept)]() mutable {
        const std::filesystem::path path = report_path(reports, end.id);
        if (const auto written = write_file_atomically(path, end.report); written) {
            end.report_path = path.string();
        } else {
            end.report_error = written.error().message;
        }
        timeline.post([end = std::move(end), kept = std::move(kept)] { kept(end); });
    });
}

std::filesystem::path report_path(const std::filesystem::path& reports, const std::string& job_id) {
    return reports / (job_id + ".json");
}

void add_print_commands(CommandRegistry& registry, const PrintDesk& print_desk) {
    const auto desk = std::make_shared<const PrintDesk>(print_desk);
    registry.add({.name = "print",
                  .help = "prints sound files to tape and judges them off tape while they are recorded",
                  .parameters = {{"files", ParameterType::TextList, true, "absolute paths, in order"},
                                 {"start", ParameterType::Position, false,
                                  "where the slate begins, by the counter; else where the tape stands"},
                                 {"trim_db", ParameterType::Number, false, "level change of every file"},
                                 {"gap_s", ParameterType::Number, false, "silence after the slate and between files"},
                                 {"slate_s", ParameterType::Number, false, "length of the slate"},
                                 {"slate_hz", ParameterType::Number, false, "frequency of the slate"},
                                 {"slate_level_re_operating_db", ParameterType::Number, false, "level of the slate"},
                                 {"lead_in_s", ParameterType::Number, false, "recorded silence before the slate"},
                                 {"post_roll_s", ParameterType::Number, false, "recorded silence after the last file"},
                                 {"stop_on_bias_failure", ParameterType::Flag, false,
                                  "a failure that the bias monitor sees ends the print"}},
                  .handler = [desk](const json::object& given, const Caller&, const Answer& answer) {
                      print(desk, given, answer);
                  }});
    registry.add({.name = "job_report",
                  .help = "the report of a job that has ended",
                  .role = Role::Observe,
                  .parameters = {{"job", ParameterType::Text, false, "its UUID; the last job when absent"}},
                  .handler = [desk](const json::object& given, const Caller&, const Answer& answer) {
                      job_report(desk, given, answer);
                  }});
}

} // namespace overbias::controller
