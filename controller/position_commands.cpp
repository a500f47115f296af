// SPDX-License-Identifier: Apache-2.0
#include "controller/position_commands.hpp"

#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "base/uuid.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace fs = std::filesystem;
namespace json = boost::json;
using mastering::KnownProgramme;

namespace {

Result<KnownProgramme> read_print(const fs::path& file) {
    std::stringstream text;
    if (std::ifstream in(file); !in || !(text << in.rdbuf())) {
        return Error{"there is no report of that print: " + file.string()};
    }
    auto known = mastering::programme_of_report(text.str());
    return known ? std::move(known) : Error{known.error().message + " (" + file.string() + ")"};
}

std::string text_of(const json::object& given, const char* name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

/// Tells journal, log and doors of a correction.
void tell(const PositionCommands& all, const PositionMatch::Corrected& corrected) {
    journal(JournalLevel::Notice, "overbiasd", "position corrected: " + corrected.text);
    if (all.machine.commanded) {
        all.machine.commanded("position_match",
                              (corrected.unasked ? "corrected, unasked: " : "corrected: ") + corrected.text);
    }
    all.notices.tell("position_corrected", json_line(corrected_json(corrected)));
}

Result<PositionMatch::Request> request_of(const PositionCommands& all, const json::object& given) {
    PositionMatch::Request request;
    const std::string print = text_of(given, "print");
    const std::string file = text_of(given, "file");
    const json::value* at = given.if_contains("at");
    if (!print.empty() && !file.empty()) {
        return Error{"a print and a file were given; expected one of them, or none for the last print"};
    }
    if (file.empty() != (at == nullptr)) {
        return Error{"file and at go together: where the file's first frame is heard, by the counter"};
    }
    if (!print.empty() && !is_uuid(print)) {
        return Error{"'" + print + "' is not the UUID of a print (overbias log --prints lists them)"};
    }
    if (const json::value* within = given.if_contains("within_s")) {
        request.within_s = within->to_number<double>();
        if (!(*request.within_s >= 1.0 && *request.within_s <= PositionMatch::kMostReach_s)) {
            return Error{"within_s must be 1 to 300 s of tape either way"};
        }
    }
    const json::value* force = given.if_contains("force");
    request.force = force != nullptr && force->as_bool();
    if (file.empty()) {
        request.programme = [reports = all.reports, print] { return load_print(reports, print); };
        return request;
    }
    if (!fs::path(file).is_absolute()) {
        return Error{"'" + file + "' is not an absolute path; the daemon does not know your folder"};
    }
    const double ips = all.machine.transport.state().play_speed_ips;
    const auto at_m = position_of(*at, ips);
    if (!at_m) {
        return at_m.error();
    }
    request.heard = true;
    request.programme = [file, at_m = *at_m, ips] { return mastering::programme_of_file(file, at_m, ips); };
    return request;
}

void position_match(const PositionCommands& all, const json::object& given, const Answer& answer) {
    if (const std::string owner = owner_of(all.machine.runner); !owner.empty()) {
        return answer(answer_of(all.machine, "position_match", {transport::CommandStatus::Denied, owner}));
    }
    auto request = request_of(all, given);
    if (!request) {
        return answer(Reply::error(ErrorCode::InvalidParams, "position_match: " + request.error().message));
    }
    all.match.begin(std::move(request).value(), [all, answer](const Result<PositionMatch::Corrected>& result) {
        if (!result) {
            return answer(
                answer_of(all.machine, "position_match",
                          {transport::CommandStatus::Denied, result.error().message + "; the counter is unchanged"}));
        }
        tell(all, *result);
        answer(Reply::with(corrected_json(*result)));
    });
}

} // namespace

json::object corrected_json(const PositionMatch::Corrected& corrected) {
    return {{"text", corrected.text},
            {"what", corrected.what},
            {"programme_s", corrected.programme_s},
            {"old_tape_m", corrected.old_tape_m},
            {"tape_m", corrected.tape_m},
            {"shift_m", corrected.tape_m - corrected.old_tape_m},
            {"uncertainty_m", corrected.uncertainty_m},
            {"correlation", corrected.match.correlation},
            {"runner_up", corrected.match.runner_up},
            {"speed", corrected.match.speed},
            {"unasked", corrected.unasked}};
}

Result<KnownProgramme> load_print(const fs::path& reports, const std::string& job_id) {
    if (!job_id.empty()) {
        return read_print(reports / (job_id + ".json"));
    }
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code failure;
    for (const fs::directory_entry& entry : fs::directory_iterator(reports, failure)) {
        if (entry.path().extension() == ".json") {
            files.emplace_back(entry.last_write_time(failure), entry.path());
        }
    }
    std::ranges::sort(files, std::greater<>());
    if (files.empty()) {
        return Error{"no print has been made yet: give a file and where it lies (--file, --at)"};
    }
    return read_print(files.front().second);
}

void add_position_commands(CommandRegistry& registry, const PositionCommands& commands) {
    const auto all = std::make_shared<const PositionCommands>(commands);
    commands.match.on_unasked([all](const Result<PositionMatch::Corrected>& result) {
        if (result) {
            tell(*all, *result);
        }
    });
    registry.add({.name = "position_match",
                  .help = "corrects the counter by what is heard while the tape plays",
                  .parameters = {{"print", ParameterType::Text, false,
                                  "UUID of the print that is on this tape; default: the last one"},
                                 {"file", ParameterType::Text, false, "instead: a sound file that is on it"},
                                 {"at", ParameterType::Position, false, "where the file's first frame is heard"},
                                 {"within_s", ParameterType::Number, false,
                                  "how far off the counter may be, seconds of tape either way (default 10, or three "
                                  "times its uncertainty)"},
                                 {"force", ParameterType::Flag, false,
                                  "even when the counter's uncertainty does not allow for it"}},
                  .handler = [all](const json::object& given, const Caller&, const Answer& answer) {
                      position_match(*all, given, answer);
                  }});
}

} // namespace overbias::controller
