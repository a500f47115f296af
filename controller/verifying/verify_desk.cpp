// SPDX-License-Identifier: Apache-2.0
#include "controller/verifying/verify_desk.hpp"

#include "base/units.hpp"
#include "base/uuid.hpp"
#include "controller/machine_commands.hpp"
#include "controller/printing/session_store.hpp"
#include "mastering/print_report.hpp"
#include "mastering/verify/pair_job.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
namespace fs = std::filesystem;
using mastering::VerifyProgramme;

/// What was asked for.
struct VerifyDesk::Request {
    std::string print; ///< session or job of a print, by its UUID
    fs::path report;   ///< or its report
    std::string side;
    std::vector<std::string> files; ///< or files by hand, as they were named
    bool local = false;             ///< Caller::local
    double gap_s = 3.0, trim_db = 0.0;
    std::optional<double> start_m;
    bool here = false;
    double patience_s = 60.0;
};

/// What the worker made of it.
struct VerifyDesk::Prepared {
    std::shared_ptr<std::unique_ptr<transport::Job>> job;
    json::object told; ///< the answer, without the job's id
    std::string unusable;
};

namespace {

std::string text_of(const json::object& given, const char* name) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

double number_of(const json::object& given, const char* name, double otherwise) {
    const json::value* value = given.if_contains(name);
    return value == nullptr ? otherwise : value->to_number<double>();
}

bool flag_of(const json::object& given, const char* name) {
    const json::value* value = given.if_contains(name);
    return value != nullptr && value->as_bool();
}

constexpr double kTap_s = 2.0;
constexpr const char* kLatest = "latest"; ///< in the place of a print's UUID

/// The channels with these roles, from 0.
std::optional<std::array<std::size_t, 2>> pair_of(const std::vector<audio::ChannelRole>& roles, audio::ChannelRole left,
                                                  audio::ChannelRole right) {
    const auto l = std::ranges::find(roles, left), r = std::ranges::find(roles, right);
    if (l == roles.end() || r == roles.end()) {
        return std::nullopt;
    }
    return std::array{static_cast<std::size_t>(l - roles.begin()), static_cast<std::size_t>(r - roles.begin())};
}

/// As a command line names it, channels counted from 1.
std::string words_of(const std::array<std::size_t, 2>& pair) {
    return "capture:" + std::to_string(pair[0] + 1) + "," + std::to_string(pair[1] + 1);
}

/// What is meant by the files; looks at the disk.
Result<std::vector<std::string>>
resolved(const std::vector<std::string>& files, bool local,
         const std::function<Result<fs::path>(const std::string& file, bool local)>& resolve) {
    std::vector<std::string> out;
    for (const std::string& file : files) {
        if (!resolve) {
            if (!fs::path(file).is_absolute()) {
                return Error{"'" + file + "' is not an absolute path; the daemon does not know your folder"};
            }
            out.push_back(file);
            continue;
        }
        const auto path = resolve(file, local);
        if (!path) {
            return path.error();
        }
        out.push_back(path->string());
    }
    return out;
}

json::object told_of(const VerifyProgramme& programme) {
    json::array files;
    for (const mastering::VerifyFile& file : programme.files) {
        files.push_back({{"file", file.info.path.string()}, {"title", file.title}});
    }
    return {{"reference", programme.what},
            {"side", programme.side.empty() ? json::value(nullptr) : json::value(programme.side)},
            {"duration_s", static_cast<double>(programme.frames) / programme.rate_hz},
            {"slate", programme.slate() != nullptr},
            {"files", std::move(files)}};
}

} // namespace

VerifyDesk::VerifyDesk(Parts parts, const std::vector<audio::ChannelRole>& capture_roles) : parts_(std::move(parts)) {
    const auto source = pair_of(capture_roles, audio::ChannelRole::SourceInLeft, audio::ChannelRole::SourceInRight);
    const auto tape = pair_of(capture_roles, audio::ChannelRole::TapeReturnLeft, audio::ChannelRole::TapeReturnRight);
    return_words_ = tape ? words_of(*tape) : "";
    if (source) {
        source_words_ = words_of(*source);
        source_ = &parts_.engine.add_capture_tap(static_cast<std::size_t>(kTap_s * parts_.return_rate_hz),
                                                 {(*source)[0], (*source)[1]});
    }
}

void VerifyDesk::add_command(CommandRegistry& registry) {
    registry.add(
        {.name = "verify",
         .help = "plays a reel record-safe and compares it with the files that were printed on it",
         .parameters = {{"print", ParameterType::Text, false,
                         "session or job of a print, its UUID; or \"latest\": the one that was recorded last"},
                        {"report", ParameterType::Text, false, "or the report of a print, an absolute path"},
                        {"side", ParameterType::Text, false, "which of its sides, by name; else the first"},
                        {"files", ParameterType::TextList, false, "or sound files, in order"},
                        {"gap_s", ParameterType::Number, false,
                         "silence between such files; the next one is looked for"},
                        {"trim_db", ParameterType::Number, false, "level change such files were recorded with"},
                        {"start", ParameterType::Position, false,
                         "where the first of such files begins, by the counter; else from where the tape stands"},
                        {"here", ParameterType::Flag, false, "begin where the tape stands, or plays"},
                        {"reference", ParameterType::Text, false,
                         "or the pair on the deck's line input, \"capture:3,4\": judged while the deck records"},
                        {"tape", ParameterType::Text, false, "then: the tape return, \"capture:1,2\""},
                        {"record", ParameterType::Flag, false,
                         "then: the job arms, records and stops; else the deck records already"},
                        {"end_silence_s", ParameterType::Number, false,
                         "then: silence of the source that ends it, default 15"},
                        {"patience_s", ParameterType::Number, false,
                         "how long the programme may take to be found, deck seconds"}},
         .handler = [this](const json::object& given, const Caller& caller, const Answer& answer) {
             verify(given, caller, answer);
         }});
}

void VerifyDesk::verify_pair(const json::object& given, const Answer& answer) {
    const auto refused = [&answer](const std::string& why) {
        answer(Reply::error(ErrorCode::Refused, "verify was refused: " + why));
    };
    const std::string reference = text_of(given, "reference"), tape = text_of(given, "tape");
    if (source_ == nullptr) {
        return refused("the card has no pair on the deck's line input: give two of its capture channels the roles "
                       "source_in_left and source_in_right (audio.capture_roles)");
    }
    if (reference != source_words_ || (!tape.empty() && tape != return_words_)) {
        return answer(Reply::error(ErrorCode::UnusableInput, "verify: reference " + reference + ", tape " +
                                                                 (tape.empty() ? return_words_ : tape) +
                                                                 ": by the channels' roles the deck's line input is " +
                                                                 source_words_ + " and the tape return " +
                                                                 return_words_ + " (audio.capture_roles)"));
    }
    const bool record = flag_of(given, "record");
    const auto& obstacle = record ? parts_.record_obstacle : parts_.recording_obstacle;
    if (const auto reserved = parts_.runner.reserve("verify"); !reserved) {
        return refused(reserved.error().message);
    }
    if (const std::string against = obstacle(); !against.empty()) {
        parts_.runner.release();
        return refused(against);
    }
    const std::string id = new_uuid();
    mastering::PairContext context{.timeline = parts_.timeline,
                                   .transport = parts_.transport,
                                   .engine = parts_.engine,
                                   .source = *source_,
                                   .tape_return = parts_.tape_return,
                                   .comparison = parts_.comparison(),
                                   .identity = parts_.identity(id)};
    context.comparison.sample_rate_hz = parts_.return_rate_hz;
    // the source comes in by the same converters as the tape
    context.comparison.play_dbfs_at_operating_level = context.comparison.capture_dbfs_at_operating_level;
    mastering::PairTask task{.record = record, .source = reference, .tape = return_words_};
    task.end_silence_s = number_of(given, "end_silence_s", task.end_silence_s);
    task.patience_s = number_of(given, "patience_s", task.patience_s);
    json::object told{{"reference", reference}, {"tape", return_words_}, {"record", record}, {"files", json::array{}}};
    if (parts_.starting) {
        parts_.starting(id, told);
    }
    if (const auto started = parts_.runner.start(mastering::make_pair_job(std::move(context), std::move(task)), id);
        !started) {
        return refused(started.error().message);
    }
    told["job"] = id;
    answer(Reply::with(told));
}

void VerifyDesk::verify(const json::object& given, const Caller& caller, const Answer& answer) {
    if (given.contains("reference")) {
        if (given.contains("print") || given.contains("report") || given.contains("files")) {
            return answer(Reply::error(ErrorCode::UnusableInput,
                                       "verify: a pair of inputs as reference goes with no print and no files"));
        }
        return verify_pair(given, answer);
    }
    Request request;
    request.print = text_of(given, "print");
    request.report = text_of(given, "report");
    request.side = text_of(given, "side");
    request.gap_s = number_of(given, "gap_s", request.gap_s);
    request.trim_db = number_of(given, "trim_db", request.trim_db);
    request.here = flag_of(given, "here");
    request.patience_s = number_of(given, "patience_s", request.patience_s);
    const auto unusable = [&answer](const std::string& why) {
        answer(Reply::error(ErrorCode::UnusableInput, "verify: " + why));
    };
    if (const json::value* files = given.if_contains("files")) {
        request.files = json::value_to<std::vector<std::string>>(*files);
        request.local = caller.local;
    }
    const int ways =
        (request.print.empty() ? 0 : 1) + (request.report.empty() ? 0 : 1) + (request.files.empty() ? 0 : 1);
    if (ways != 1) {
        return unusable("expected a print (its session), the report of one, or sound files to compare the tape with, "
                        "one of the three; got " +
                        std::to_string(ways));
    }
    if (!request.print.empty() && request.print != kLatest && !is_uuid(request.print)) {
        return unusable("'" + request.print + "' is not the UUID of a print (overbias log --prints lists them)");
    }
    if (!request.report.empty() && (!request.report.is_absolute() || !caller.local)) {
        return unusable("'" + request.report.string() +
                        "': a report is given by an absolute path, on the daemon's own machine");
    }
    if (const json::value* start = given.if_contains("start")) {
        const auto at_m = position_of(*start, parts_.transport.state().play_speed_ips);
        if (!at_m) {
            return unusable("start: " + at_m.error().message);
        }
        request.start_m = *at_m;
    }
    if (const auto reserved = parts_.runner.reserve("verify"); !reserved) {
        return answer(Reply::error(ErrorCode::Refused, "verify was refused: " + reserved.error().message));
    }
    if (const std::string obstacle = parts_.obstacle(); !obstacle.empty()) {
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::Refused, "verify was refused: " + obstacle));
    }
    const std::string id = new_uuid();
    const std::uint64_t reservation = parts_.runner.reservation();
    mastering::VerifyContext context{.timeline = parts_.timeline,
                                     .transport = parts_.transport,
                                     .engine = parts_.engine,
                                     .tape_return = parts_.tape_return,
                                     .return_rate_hz = parts_.return_rate_hz,
                                     .comparison = parts_.comparison(),
                                     .identity = parts_.identity(id),
                                     .heard_later_m = parts_.heard_later_m(),
                                     .apart = {}};
    if (!parts_.timeline.simulated()) { // simulated time would not wait for another thread
        context.apart = [&worker = parts_.worker](std::function<void()> work) { worker.post(std::move(work)); };
    }
    context.comparison.tape_speed_ips = parts_.transport.config().play_speed_ips;
    parts_.worker.post([this, alive = std::weak_ptr<bool>(alive_), request = std::move(request), context, id,
                        reservation, answer, parts = parts_] {
        auto made = std::make_shared<Prepared>(prepared(request, context, parts));
        parts.timeline.post([this, alive, made, reservation, id, answer] {
            if (!alive.expired()) {
                start(std::move(*made), reservation, id, answer);
            }
        });
    });
}

/// Of a session of which something is still to be printed: what it knows itself, since its last run may have ended
/// without a report.
Result<PrintReportText> VerifyDesk::report_of(const std::string& print, const Parts& parts) {
    const SessionStore sessions(parts.prints);
    const bool latest = print == kLatest;
    const auto session = latest ? sessions.newest_on_tape() : sessions.load(print);
    if (latest && !session) {
        return Error{"verify: " + session.error().message};
    }
    if (session && !session->complete() && session->tracks_done() > 0) {
        return PrintReportText{sessions.file(session->id), mastering::report_of_session(*session)};
    }
    return find_print_report(parts.reports, latest ? session->id : print);
}

VerifyDesk::Prepared VerifyDesk::prepared(const Request& request, const mastering::VerifyContext& context,
                                          const Parts& parts) {
    Prepared out;
    mastering::VerifyTask task;
    const double rate_hz = context.engine.sample_rate_hz();
    task.locate = !request.here;
    task.patience_s = request.patience_s;
    Result<VerifyProgramme> programme = Error{};
    if (request.files.empty()) {
        const auto report = request.print.empty() ? read_print_report(request.report) : report_of(request.print, parts);
        if (!report) {
            out.unusable = report.error().message;
            return out;
        }
        programme = mastering::programme_of_print(report->text, request.side, rate_hz);
        task.against = mastering::VerifyAgainst{report->text, report->path.string()};
    } else {
        const auto files = resolved(request.files, request.local, parts.resolve);
        if (!files) {
            out.unusable = "verify: " + files.error().message;
            return out;
        }
        programme = mastering::programme_of_files({*files, request.gap_s, request.trim_db, std::nullopt}, rate_hz);
        if (programme && request.start_m) { // by ear, so the head distance counts already
            programme->begins_m = *request.start_m - context.heard_later_m -
                                  mastering::kVerifyLeadIn_s * metres_per_second(context.comparison.tape_speed_ips);
        }
        task.locate = task.locate && request.start_m.has_value();
    }
    if (!programme) {
        out.unusable = programme.error().message;
        return out;
    }
    if (programme->speed_ips > 0.0 && programme->speed_ips != context.comparison.tape_speed_ips) {
        out.unusable = "verify: " + programme->what + " was recorded at " + std::to_string(programme->speed_ips) +
                       " ips, and the deck plays at " + std::to_string(context.comparison.tape_speed_ips) +
                       " ips: switch the speed";
        return out;
    }
    if (!(programme->play_dbfs_at_operating_level < 0.0)) { // the files say nothing of it: as this installation prints
        programme->play_dbfs_at_operating_level = context.comparison.play_dbfs_at_operating_level;
    }
    out.told = told_of(*programme);
    task.programme = std::move(programme).value();
    try {
        mastering::VerifyContext own = context;
        own.comparison.play_dbfs_at_operating_level = task.programme.play_dbfs_at_operating_level;
        out.job = std::make_shared<std::unique_ptr<transport::Job>>(
            mastering::make_verify_job(std::move(own), std::move(task)));
    } catch (const std::exception& failure) {
        out.unusable = failure.what();
    }
    return out;
}

void VerifyDesk::start(Prepared made, std::uint64_t reservation, const std::string& id, const Answer& answer) {
    if (parts_.runner.reservation() != reservation) {
        return answer(
            Reply::error(ErrorCode::Refused, "verify was stopped while its files were checked; nothing moved"));
    }
    if (!made.job) {
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::UnusableInput, made.unusable));
    }
    if (const std::string obstacle = parts_.obstacle(); !obstacle.empty()) { // it may have come up meanwhile
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::Refused, "verify was refused: " + obstacle));
    }
    if (parts_.starting) {
        parts_.starting(id, made.told);
    }
    if (const auto started = parts_.runner.start(std::move(*made.job), id); !started) {
        return answer(Reply::error(ErrorCode::Refused, "verify was refused: " + started.error().message));
    }
    made.told["job"] = id;
    answer(Reply::with(made.told));
}

} // namespace overbias::controller
