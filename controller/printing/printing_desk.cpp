// SPDX-License-Identifier: Apache-2.0
// Prints begin and go on. (What else the desk does: printing_desk_sessions.cpp.)
#include "controller/printing/printing_desk.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/uuid.hpp"
#include "controller/printing/print_requests.hpp"
#include "mastering/plan/plan_check_json.hpp"
#include "mastering/plan/side_begin.hpp"
#include "mastering/session_resume.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;
using mastering::Boundary;
using mastering::ReelPlan;
using mastering::SessionPrint;

namespace {

constexpr std::uint64_t kSeeds = std::uint64_t{1} << 53; ///< a number that JSON readers keep

/// Not 0, which would mean a new one each time.
std::uint64_t new_timing_seed() {
    std::random_device draw;
    return 1 + ((std::uint64_t{draw()} << 32) | draw()) % (kSeeds - 1);
}

std::string refusals_text(const mastering::PlanCheck& check) {
    std::string text = "the plan can't be printed";
    for (const mastering::PlanFinding& refusal : check.refusals) {
        text += "\n  " + refusal.words;
    }
    return text;
}

std::string alignment_text(const mastering::PlanCheck& check) {
    const json::object all = mastering::plan_check_json(check);
    const json::value* alignment = all.if_contains("alignment");
    return alignment == nullptr || alignment->is_null() ? std::string() : json_line(*alignment);
}

} // namespace

/// A print on its way to begin.
struct PrintingDesk::Request {
    std::string what; ///< "print", "print_resume"
    std::string job_id;
    mastering::PrintInstallation installation;
    mastering::PrintIdentity identity;
    std::uint64_t reservation = 0;
    bool local = false;
    // one of
    std::optional<mastering::PrintRequest> files;
    std::optional<ReelPlan> plan;
    std::string session; ///< that goes on ...
    std::string side;    ///< ... on this side before this track (from 1); empty, 0: at the first boundary there is
    std::size_t track = 0;
};

/// What the worker made of it.
struct PrintingDesk::Prepared {
    std::shared_ptr<SessionPrint> print; ///< for what is told; the job has its own
    std::shared_ptr<std::unique_ptr<transport::Job>> job;
    std::string unusable; ///< why not
};

PrintingDesk::PrintingDesk(Parts parts) : parts_(std::move(parts)), store_(parts_.sessions) {
}

std::string PrintingDesk::reserve(const char* what, bool stops_on_bias) {
    if (const auto reserved = parts_.runner.reserve(what); !reserved) {
        return reserved.error().message;
    }
    std::string against = parts_.obstacle();
    if (against.empty() && stops_on_bias) {
        if (const std::string why = parts_.bias_stop_obstacle(); !why.empty()) {
            against = "it is to stop when the bias fails, and that could not be told: " + why +
                      "; or print without stop_on_bias_failure";
        }
    }
    if (!against.empty()) {
        parts_.runner.release();
    }
    return against;
}

void PrintingDesk::print(const json::object& given, const Caller& caller, const Answer& answer) {
    const bool plan = given.contains("plan") || given.contains("toml");
    if (given.contains("files") == plan) {
        return answer(Reply::error(ErrorCode::InvalidParams, "print: expected files, or a plan"));
    }
    plan ? print_plan(given, caller, answer) : print_files(given, caller, answer);
}

void PrintingDesk::print_files(const json::object& given, const Caller& caller, const Answer& answer) {
    auto files = read_print_request(given, parts_.defaults, parts_.play_speed_ips);
    if (!files) {
        return answer(Reply::error(ErrorCode::UnusableInput, files.error().message));
    }
    if (const std::string against = reserve("print", files->stop_on_bias_failure); !against.empty()) {
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + against));
    }
    auto request = std::make_shared<Request>();
    request->what = "print";
    request->job_id = new_uuid();
    request->local = caller.local;
    request->installation = parts_.installation(files->start_m);
    request->identity = parts_.identity(request->job_id, request->job_id);
    request->files = std::move(files).value();
    prepare(request, answer);
}

void PrintingDesk::print_plan(const json::object& given, const Caller& caller, const Answer& answer) {
    auto plan = PlanDesk::given(given, caller);
    if (!plan) {
        return answer(Reply::error(ErrorCode::InvalidParams, "print: " + plan.error().message));
    }
    if (const std::string against = reserve("print", false); !against.empty()) {
        return answer(Reply::error(ErrorCode::Refused, "print was refused: " + against));
    }
    auto request = std::make_shared<Request>();
    request->what = "print";
    request->job_id = new_uuid();
    request->local = caller.local;
    request->reservation = parts_.runner.reservation();
    parts_.check_plan(std::move(plan).value(), [this, request, answer](Result<mastering::PlanCheck> checked) {
        if (parts_.runner.reservation() != request->reservation) {
            return answer(
                Reply::error(ErrorCode::Refused, "print was stopped while its plan was checked; nothing moved"));
        }
        if (!checked || !checked->printable()) {
            parts_.runner.release();
            return answer(Reply::error(ErrorCode::UnusableInput,
                                       "print: " + (checked ? refusals_text(*checked) : checked.error().message)));
        }
        const bool stops_on_bias =
            std::ranges::find(checked->plan.live.stops, "bias") != checked->plan.live.stops.end();
        parts_.runner.release();
        if (const std::string against = reserve("print", stops_on_bias); !against.empty()) {
            return answer(Reply::error(ErrorCode::Refused, "print was refused: " + against));
        }
        request->installation = parts_.installation(checked->plan.sides.front().start_m.value_or(0.0));
        request->identity = parts_.identity(request->job_id, request->job_id);
        request->identity.alignment = alignment_text(*checked);
        request->plan = std::move(checked->plan);
        prepare(request, answer);
    });
}

void PrintingDesk::resume(const json::object& given, const Caller& caller, const Answer& answer) {
    if (const std::string against = reserve("print", false); !against.empty()) {
        return answer(Reply::error(ErrorCode::Refused, "print_resume was refused: " + against));
    }
    auto request = std::make_shared<Request>();
    request->what = "print_resume";
    request->job_id = new_uuid();
    request->local = caller.local;
    request->session = json::value_to<std::string>(given.at("session"));
    request->side = given.contains("side") ? json::value_to<std::string>(given.at("side")) : "";
    request->track = given.contains("track") ? given.at("track").to_number<std::size_t>() : 0;
    request->installation = parts_.installation(0.0);
    request->identity = parts_.identity(request->session, request->job_id);
    prepare(request, answer);
}

void PrintingDesk::prepare(const std::shared_ptr<Request>& request, const Answer& answer) {
    request->reservation = parts_.runner.reservation();
    parts_.worker.post([this, request, answer] {
        auto made = std::make_shared<Prepared>(prepared(*request));
        parts_.timeline.post([this, request, made, answer] { start(*request, *made, answer); });
    });
}

/// A new session: its plan laid out, every side with a timing of its own.
Result<SessionPrint> PrintingDesk::begun(Request& request) const {
    SessionPrint print;
    if (request.plan) {
        print.plan = *request.plan;
    } else {
        print.plan = mastering::reel_plan_of(*request.files, request.installation);
        parts_.fill_plan(print.plan);
    }
    const auto nothing_said_of = [&live = print.plan.live](const std::string& word) {
        return std::ranges::find(live.stops, word) == live.stops.end() &&
               std::ranges::find(live.warns, word) == live.warns.end();
    };
    for (const char* word : {"not_off_tape", "no_signal"}) {
        if (nothing_said_of(word)) {
            print.plan.live.stops.emplace_back(word);
        }
    }
    if (nothing_said_of("dropout")) {
        print.plan.live.warns.emplace_back("dropout");
    }
    const auto inspect = inspector(request.local);
    for (std::size_t side = 0; side < print.plan.sides.size(); ++side) {
        auto laid_out = mastering::lay_out_side(print.plan, side, request.installation,
                                                {.timing_seed = new_timing_seed()}, inspect);
        if (!laid_out) {
            return laid_out.error();
        }
        print.sides.push_back(std::move(laid_out).value());
    }
    print.session = mastering::begin_session(print.plan, print.sides, request.identity, request.installation);
    if (request.plan &&
        !print.plan.sides.front().start_m) { // a plan counts from the reel's beginning, its leader included
        print.session.sides.front().begins_m =
            mastering::begins_on_new_tape_m(print.plan.tape, request.installation.tape_speed_ips);
    }
    return print;
}

Result<SessionPrint> PrintingDesk::gone_on(const Request& request) const {
    auto session = request.session == "latest" ? store_.newest_interrupted() : store_.load(request.session);
    if (!session) {
        return session.error();
    }
    std::optional<Boundary> from;
    if (!request.side.empty() || request.track > 0) {
        from = mastering::next_boundary(*session).value_or(Boundary{});
        const auto side = std::ranges::find(session->sides, request.side, &mastering::SessionSide::name);
        if (!request.side.empty() && side == session->sides.end()) {
            return Error{"print " + session->id + " has no side '" + request.side + "'"};
        }
        from->side = request.side.empty() ? from->side : static_cast<std::size_t>(side - session->sides.begin());
        from->track = request.track > 0 ? request.track - 1 : 0;
    }
    return mastering::resume_session(std::move(session).value(), from, request.installation, request.identity,
                                     parts_.erase_to_record_m, inspector(request.local));
}

mastering::FileInspector PrintingDesk::inspector(bool local) const {
    if (!parts_.resolve) {
        return {};
    }
    return [resolve = parts_.resolve, local](const std::string& file) -> Result<audio::SoundFileInfo> {
        const auto path = resolve(file, local);
        if (!path) {
            return path.error();
        }
        return audio::inspect_sound_file(*path);
    };
}

PrintingDesk::Prepared PrintingDesk::prepared(Request& request) {
    try {
        auto print = request.session.empty() ? begun(request) : gone_on(request);
        if (!print) {
            return {nullptr, nullptr, print.error().message};
        }
        auto told = std::make_shared<SessionPrint>(std::move(print).value());
        auto job = parts_.make_job(*told, request.identity, keeper());
        return {std::move(told), std::make_shared<std::unique_ptr<transport::Job>>(std::move(job)), {}};
    } catch (const std::exception& failure) {
        return {nullptr, nullptr, failure.what()};
    }
}

void PrintingDesk::start(const Request& request, const Prepared& made, const Answer& answer) {
    if (parts_.runner.reservation() != request.reservation) {
        return answer(Reply::error(ErrorCode::Refused,
                                   request.what + " was stopped while its files were checked; nothing moved"));
    }
    if (!made.job) {
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::UnusableInput, made.unusable));
    }
    if (const std::string obstacle = parts_.obstacle(); !obstacle.empty()) { // it may have come up meanwhile
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::Refused, request.what + " was refused: " + obstacle));
    }
    job_ = request.job_id;
    session_ = made.print->session.id;
    if (parts_.starting) {
        parts_.starting(*made.print, request.job_id);
    }
    if (const auto started = parts_.runner.start(std::move(*made.job), request.job_id); !started) {
        return answer(Reply::error(ErrorCode::Refused, request.what + " was refused: " + started.error().message));
    }
    answer(Reply::with(started_json(*made.print, request.job_id, request.installation.sample_rate_hz)));
}

} // namespace overbias::controller
