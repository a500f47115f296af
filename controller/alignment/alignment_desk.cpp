// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/alignment_desk.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "base/uuid.hpp"
#include "controller/alignment/alignment_words.hpp"
#include "tape/profile_path.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr double kTap_s = 1.0;
constexpr const char* kTapeMayCome =
    "a calibration tape may be on the deck: take it off, then say so ('overbias tape-changed', or TAPE CHANGED on the "
    "panel)";

std::string text(const json::object& given, std::string_view name) {
    const json::value* const value = given.if_contains(name);
    return value == nullptr ? std::string() : json::value_to<std::string>(*value);
}

json::value text_or_null(const std::string& words) {
    return words.empty() ? json::value(nullptr) : json::value(json::string(words));
}

Reply refused(const std::string& why) {
    return Reply::error(ErrorCode::Refused, "align was refused: " + why);
}

} // namespace

AlignmentDesk::AlignmentDesk(Parts parts)
    : parts_(std::move(parts)), history_(parts_.logbook, parts_.back_ends.timeline()),
      oscillator_(parts_.engine.add_oscillator()),
      tape_return_(parts_.engine.add_return_tap(
          static_cast<std::size_t>(std::lround(parts_.config.audio.capture_sample_rate_hz * kTap_s)))),
      hold_(parts_.config.daemon.state_dir, parts_.back_ends.timeline(), parts_.transport, parts_.worker),
      idle_frames_(9600) {
    history_.on_stored([this](const std::string& uuid, std::size_t values) { stored(uuid, values); });
}

tape::AlignmentKey AlignmentDesk::key(const std::string& stock, const std::string& batch) const {
    return {.deck_uuid = parts_.identity.deck_uuid,
            .head_block_uuid = parts_.identity.head_block_uuid,
            .speed_ips = parts_.config.tape.speed_ips,
            .equalisation = parts_.config.tape.equalisation,
            .stock = stock,
            .batch = batch};
}

std::string AlignmentDesk::obstacle(const AlignmentProcedure& procedure) const {
    std::string against = parts_.obstacle(procedure);
    if (const std::string held = hold_.words();
        against.empty() && !held.empty() && !procedure.plays_calibration_tape && procedure.records) {
        against = held;
    }
    return against;
}

void AlignmentDesk::align(const json::object& given, const Answer& answer) {
    Asked asked;
    asked.procedure = find_procedure(text(given, "procedure"));
    if (const json::value* const guided = given.if_contains("guided")) {
        asked.guided = guided->as_bool();
    }
    asked.stock = text(given, "stock");
    asked.batch = given.contains("batch") ? text(given, "batch") : parts_.config.tape.batch;
    asked.operator_name = given.contains("operator") ? text(given, "operator") : parts_.config.alignment.operator_name;
    asked.calibration_tape = text(given, "calibration_tape");
    asked.anew = given.contains("anew") && given.at("anew").as_bool();
    asked.print_through = given.contains("print_through") && given.at("print_through").as_bool();
    if (asked.guided == true && !asked.procedure->guided) {
        return answer(Reply::error(ErrorCode::InvalidParams, "align: nothing is turned in '" +
                                                                 std::string(asked.procedure->name) +
                                                                 "'; it can't be guided"));
    }
    if (!asked.calibration_tape.empty() && !asked.procedure->plays_calibration_tape) {
        return answer(Reply::error(ErrorCode::InvalidParams,
                                   "align: '" + std::string(asked.procedure->name) + "' plays no calibration tape"));
    }
    if (asked.print_through && !asked.procedure->waits_for_print_through) {
        return answer(Reply::error(ErrorCode::InvalidParams,
                                   "align: '" + std::string(asked.procedure->name) + "' measures no print-through"));
    }
    if (const auto reserved = parts_.runner.reserve("align"); !reserved) {
        return answer(refused(reserved.error().message));
    }
    if (const std::string against = obstacle(*asked.procedure); !against.empty()) {
        parts_.runner.release();
        return answer(refused(against));
    }
    parts_.worker.post([this, asked, reservation = parts_.runner.reservation(), config = &parts_.config, answer,
                        timeline = &parts_.back_ends.timeline()] {
        Profiles profiles = read_profiles(*config, asked.stock);
        timeline->post([this, asked, reservation, profiles = std::move(profiles), answer]() mutable {
            begin(asked, reservation, std::move(profiles), answer);
        });
    });
}

AlignmentDesk::Profiles AlignmentDesk::read_profiles(const Config& config, const std::string& stock) {
    Profiles profiles;
    profiles.stock = config.tape.stock;
    if (!stock.empty() && stock != config.tape.stock.id) {
        const auto file = tape::find_profile(tape::ProfileKind::Tape, stock, config.alignment.profile_directories);
        auto read = file ? tape::load_tape_stock(*file) : Result<tape::TapeStock>(file.error());
        if (!read) {
            profiles.unusable = read.error().message;
            return profiles;
        }
        profiles.stock = std::move(read).value();
    }
    auto tapes = tape::load_calibration_tapes(config.alignment.profile_directories);
    if (!tapes) {
        profiles.unusable = tapes.error().message;
        return profiles;
    }
    profiles.tapes = std::move(tapes).value();
    return profiles;
}

void AlignmentDesk::begin(const Asked& asked, std::uint64_t reservation, Profiles profiles, const Answer& answer) {
    const auto still_ours = [this, reservation] {
        return parts_.runner.reservation() == reservation && parts_.runner.busy() && !parts_.runner.running();
    };
    const char* const stopped = "it was stopped while it was prepared; nothing moved";
    if (!still_ours()) {
        return answer(refused(stopped));
    }
    if (!profiles.unusable.empty()) {
        parts_.runner.release();
        return answer(Reply::error(ErrorCode::UnusableInput, "align: " + profiles.unusable));
    }
    if (!asked.procedure->plays_calibration_tape) {
        return answer(begun(asked, std::move(profiles)));
    }
    // before anybody is asked to thread such a tape it is on the disk that record is barred
    hold_.may_come(kTapeMayCome, [this, asked, still_ours, stopped, profiles = std::move(profiles),
                                  answer](const Result<void>& kept) mutable {
        if (!still_ours()) {
            hold_.settle();
            return answer(refused(stopped));
        }
        if (!kept) {
            parts_.runner.release();
            hold_.settle();
            return answer(Reply::error(ErrorCode::Fault, "align: " + kept.error().message));
        }
        answer(begun(asked, std::move(profiles)));
    });
}

/// Starts it, or says why not; gives the reservation back then.
Reply AlignmentDesk::begun(const Asked& asked, Profiles profiles) {
    const AlignmentProcedure& procedure = *asked.procedure;
    const auto give_back = [this](Reply reply) {
        parts_.runner.release();
        hold_.settle();
        return reply;
    };
    if (const std::string against = obstacle(procedure); !against.empty()) { // it may have come up meanwhile
        return give_back(refused(against));
    }
    const std::string missing = missing_adjuster(procedure, parts_.back_ends.adjust().capabilities());
    const bool by_converters = procedure.automatic && missing.empty();
    Running running;
    running.guided = asked.guided.value_or(procedure.guided && !by_converters);
    if (!running.guided && !by_converters) {
        return give_back(refused(missing.empty() ? "it can't be done without a person; run it guided"
                                                 : missing + "; run it guided, and turn the screws by hand"));
    }
    running.choice = {.procedure = &procedure,
                      .stock = std::move(profiles.stock),
                      .tapes = std::move(profiles.tapes),
                      .chosen = std::nullopt,
                      .print_through = asked.print_through,
                      .today = alignment_day()};
    if (!asked.calibration_tape.empty()) {
        std::string known;
        for (const tape::CalibrationTape& each : running.choice.tapes) {
            known += (known.empty() ? "" : ", ") + each.id;
            if (each.id == asked.calibration_tape) {
                running.choice.chosen = each;
            }
        }
        if (!running.choice.chosen) {
            return give_back(Reply::error(ErrorCode::UnusableInput, "align: there is no calibration tape '" +
                                                                        asked.calibration_tape +
                                                                        "'; there are: " + known));
        }
    }
    running.operator_name = asked.operator_name;
    running.batch = asked.batch;
    tape::AlignmentRecord record;
    record.key = key(running.choice.stock.id, asked.batch);
    if (auto left = asked.anew ? std::nullopt : history_.unfinished(record.key, procedure.name)) {
        running.gone_on = true;
        record = std::move(*left);
    } else {
        record.uuid = new_uuid();
        record.procedure = std::string(procedure.name);
        record.begun_at = utc_text(host_now().utc_ns);
    }
    tape::add_name(record.operators, asked.operator_name);
    tape::add_name(record.measured_by, "overbiasd " OVERBIAS_VERSION);
    running.record = record.uuid;
    running.accepted = record.steps.size();
    running.job = new_uuid();
    std::unique_ptr<transport::Job> job;
    try {
        job = procedure.make(context(std::move(record), running), running.choice, parts_.config, parts_.measured);
    } catch (const std::invalid_argument& unusable) {
        return give_back(Reply::error(ErrorCode::UnusableInput, std::string("align: ") + unusable.what()));
    }
    operator_.begin();
    running_ = std::move(running);
    parts_.starting(running_->job, {{"procedure", procedure.name},
                                    {"record", running_->record},
                                    {"guided", running_->guided},
                                    {"gone_on", running_->gone_on}});
    if (const auto started = parts_.runner.start(std::move(job), running_->job); !started) {
        running_.reset();
        hold_.settle();
        return refused(started.error().message);
    }
    return Reply::with(json::object{{"job", running_->job},
                                    {"record", running_->record},
                                    {"procedure", procedure.name},
                                    {"title", procedure.title},
                                    {"guided", running_->guided},
                                    {"gone_on", running_->gone_on}});
}

calibration::AlignmentContext AlignmentDesk::context(tape::AlignmentRecord record, const Running& running) {
    const Config& config = parts_.config;
    calibration::AlignmentInstallation installation{.chart = config.audio.levels,
                                                    .tape_speed_ips = config.tape.speed_ips,
                                                    .record_to_reproduce_m =
                                                        config.deck.record_to_reproduce_mm / 1000.0,
                                                    .round_trip_s = config.audio.round_trip_s(),
                                                    .return_rate_hz = config.audio.capture_sample_rate_hz};
    installation.chart.operating_level = config.tape.operating_level;
    calibration::AlignmentContext context{.timeline = parts_.back_ends.timeline(),
                                          .transport = parts_.transport,
                                          .adjust = parts_.back_ends.adjust(),
                                          .engine = parts_.engine,
                                          .oscillator = oscillator_,
                                          .tape_return = tape_return_,
                                          .installation = installation,
                                          .record = std::move(record),
                                          .history = history_,
                                          .utc_now = [] { return utc_text(host_now().utc_ns); }};
    context.operator_name = running.operator_name;
    context.operator_port = &operator_;
    context.guided = running.guided;
    if (!parts_.back_ends.simulated()) { // a real deck does not wait for a long calculation
        context.run_elsewhere = [worker = &parts_.worker](std::function<void()> work) {
            worker->post(std::move(work));
        };
    }
    return context;
}

/// What is new on the disk goes to every door.
void AlignmentDesk::stored(const std::string& uuid, std::size_t values) {
    const tape::AlignmentRecord* const record = history_.find(uuid);
    if (!running_ || uuid != running_->record || record == nullptr) {
        return;
    }
    const std::size_t before = running_->accepted;
    running_->accepted = std::min(values, record->steps.size());
    if (before < running_->accepted) {
        parts_.notices.tell(
            "alignment_accepted",
            json_line(json::object{{"job", running_->job},
                                   {"record", uuid},
                                   {"values", accepted_list_json(*record, before, running_->accepted)}}));
    }
}

void AlignmentDesk::tick() {
    hold_.tick();
    if (!running_) { // nobody listens: the tap keeps no old frames
        while (tape_return_.read(idle_frames_).frames > 0) {
        }
    } else {
        parts_.notices.alignment([this] { return shown_line(); });
    }
    if (const bool waits = waits_for_operator(); std::exchange(waited_, waits) != waits) {
        parts_.pace();
    }
}

bool AlignmentDesk::waits_for_operator() const noexcept {
    return running_ && operator_.view() && !operator_.answered() &&
           operator_.view()->task != calibration::OperatorTask::Watch;
}

void AlignmentDesk::keep(JobEnd end, std::function<void(JobEnd)> kept) {
    if (!running_ || end.id != running_->job) {
        return kept(std::move(end));
    }
    parts_.worker.post([logbook = &parts_.logbook, timeline = &parts_.back_ends.timeline(), end = std::move(end),
                        kept = std::move(kept)]() mutable {
        if (const auto written = logbook->flush(); !written) {
            end.report_error = "what was accepted is not on the disk: " + written.error().message;
        }
        timeline->post([end = std::move(end), kept = std::move(kept)] { kept(end); });
    });
}

void AlignmentDesk::job_ended(const JobEnd& end) {
    if (running_ && end.id == running_->job) {
        running_.reset();
        hold_.settle();
        parts_.notices.tell("alignment", "null");
    }
}

json::value AlignmentDesk::shown() const {
    if (!running_) {
        return nullptr;
    }
    const Running& now = *running_;
    auto view = operator_.view();
    if (view && operator_.answered()) { // nothing is asked any more
        view->task = calibration::OperatorTask::Watch;
    }
    return json::object{
        {"job", now.job},
        {"record", now.record},
        {"procedure", now.choice.procedure->name},
        {"title", now.choice.procedure->title},
        {"guided", now.guided},
        {"gone_on", now.gone_on},
        {"operator", text_or_null(now.operator_name)},
        {"calibration_tape", now.choice.chosen ? text_or_null(now.choice.chosen->id) : json::value(nullptr)},
        {"stock", now.choice.stock.id},
        {"batch", text_or_null(now.batch)},
        {"accepted", now.accepted},
        {"sequence", operator_.sequence()},
        {"view", view ? json::value(view_json(*view)) : json::value(nullptr)}};
}

void AlignmentDesk::add_status(json::object& status) const {
    status["alignment"] = shown();
    status["arm_held"] = text_or_null(hold_.words());
}

std::string AlignmentDesk::shown_line() const {
    return json_line(shown());
}

} // namespace overbias::controller
