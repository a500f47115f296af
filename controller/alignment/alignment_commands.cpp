// SPDX-License-Identifier: Apache-2.0
// The commands of AlignmentDesk: what doors may ask of it.
#include "base/host_time.hpp"
#include "base/uuid.hpp"
#include "controller/alignment/alignment_desk.hpp"
#include "controller/alignment/alignment_documents.hpp"
#include "controller/alignment/alignment_words.hpp"
#include "tape/alignment_json.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using calibration::OperatorSays;
using calibration::OperatorTask;

namespace {

constexpr std::int64_t kMostListed = 1000, kListed = 100;

json::value text_or_null(const std::string& words) {
    return words.empty() ? json::value(nullptr) : json::value(json::string(words));
}

OperatorSays said(std::string_view word) {
    return word == "skip"    ? OperatorSays::Skip
           : word == "back"  ? OperatorSays::Back
           : word == "abort" ? OperatorSays::Abort
                             : OperatorSays::Accept;
}

} // namespace

void AlignmentDesk::add_commands(CommandRegistry& registry) {
    std::vector<std::string> names;
    for (const AlignmentProcedure& each : alignment_procedures()) {
        names.emplace_back(each.name);
    }
    registry.add({.name = "align",
                  .help = "begins an alignment procedure; goes on with one that was broken off",
                  .parameters = {{"procedure", ParameterType::Text, true, "which; align_procedures tells more", names},
                                 {"guided", ParameterType::Flag, false, "a person turns; false: by converters"},
                                 {"stock", ParameterType::Text, false, "profile of the tape; else the configured one"},
                                 {"batch", ParameterType::Text, false, "its batch; else the configured one"},
                                 {"operator", ParameterType::Text, false, "who turns; else the configured one"},
                                 {"calibration_tape", ParameterType::Text, false, "profile of the calibration tape"},
                                 {"print_through", ParameterType::Flag, false, "a proof waits for it as well"},
                                 {"anew", ParameterType::Flag, false, "from the first step, whatever was broken off"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      align(given, [this, answer,
                                    what = json::value_to<std::string>(given.at("procedure"))](const Reply& reply) {
                          parts_.commanded("align", reply.ok() ? what : reply.message);
                          answer(reply);
                      });
                  }});
    registry.add({.name = "align_procedures",
                  .help = "the alignment procedures, what they need, and whether they can begin now",
                  .role = Role::Observe,
                  .handler = [this](const json::object&, const Caller&, const Answer& answer) { procedures(answer); }});
    registry.add(
        {.name = "align_say",
         .help = "what the operator of the running alignment says",
         .parameters = {{"says", ParameterType::Text, true, "which", {"accept", "skip", "back", "abort"}},
                        {"value", ParameterType::Number, false, "the value that was asked for"},
                        {"step_id", ParameterType::Text, false, "of the step that is meant"}},
         .handler = [this](const json::object& given, const Caller&, const Answer& answer) { answer(say(given)); }});
    registry.add({.name = "alignment",
                  .help = "what the running alignment shows, and what it has accepted",
                  .role = Role::Observe,
                  .handler = [this](const json::object&, const Caller&, const Answer& answer) {
                      json::value now = shown();
                      if (json::object* const object = now.if_object()) {
                          const tape::AlignmentRecord* record = history_.find(running_->record);
                          (*object)["values"] =
                              record == nullptr ? json::array() : accepted_list_json(*record, 0, running_->accepted);
                      }
                      answer(Reply::with(now));
                  }});
    registry.add(
        {.name = "tape_changed",
         .help = "says that the calibration tape is off the deck: record may be armed again",
         .handler = [this](const json::object&, const Caller&, const Answer& answer) { tape_changed(answer); }});
    registry.add({.name = "alignments",
                  .help = "the alignments that are stored, newest first",
                  .role = Role::Observe,
                  .parameters = {{"last", ParameterType::Integer, false, "how many, 1 to 1000; 100 when absent"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      answer(earlier(given));
                  }});
    registry.add({.name = "alignment_record",
                  .help = "a stored alignment, whole",
                  .role = Role::Observe,
                  .parameters = {{"uuid", ParameterType::Text, true, "of the record"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      const auto uuid = json::value_to<std::string>(given.at("uuid"));
                      const tape::AlignmentRecord* record = history_.find(uuid);
                      answer(record == nullptr
                                 ? Reply::error(ErrorCode::UnusableInput, "alignment_record: there is no alignment " +
                                                                              uuid + "; 'alignments' lists them")
                                 : Reply::with(json::parse(tape::alignment_json(*record))));
                  }});
    add_alignment_document(registry, {.find = [this](std::string_view uuid) { return history_.find(uuid); },
                                      .history = history_,
                                      .deck_uuid = parts_.identity.deck_uuid,
                                      .deck_name = parts_.config.deck.profile.name,
                                      .profile_directories = parts_.config.alignment.profile_directories,
                                      .timeline = parts_.back_ends.timeline(),
                                      .worker = parts_.worker});
}

void AlignmentDesk::procedures(const Answer& answer) {
    parts_.worker.post([this, config = &parts_.config, timeline = &parts_.back_ends.timeline(), answer] {
        Profiles profiles = read_profiles(*config, {});
        timeline->post([this, profiles = std::move(profiles), answer] {
            answer(profiles.unusable.empty()
                       ? list(profiles.tapes)
                       : Reply::error(ErrorCode::UnusableInput, "align_procedures: " + profiles.unusable));
        });
    });
}

Reply AlignmentDesk::list(const std::vector<tape::CalibrationTape>& tapes) const {
    const auto deck = parts_.back_ends.adjust().capabilities();
    const tape::AlignmentKey usual = key(parts_.config.tape.stock.id, parts_.config.tape.batch);
    json::array procedures;
    for (const AlignmentProcedure& each : alignment_procedures()) {
        json::array needs;
        for (const std::string_view need : each.needs) {
            needs.emplace_back(need);
        }
        std::string against = obstacle(each);
        if (against.empty() && parts_.runner.busy()) {
            against = "the deck belongs to '" + parts_.runner.name() + "'";
        }
        const auto left = history_.unfinished(usual, each.name);
        procedures.push_back(
            {{"name", each.name},
             {"title", each.title},
             {"does", each.does},
             {"needs", std::move(needs)},
             {"guided", each.guided},
             {"automatic", each.automatic && missing_adjuster(each, deck).empty()},
             {"obstacle", text_or_null(against)},
             {"unfinished",
              left ? json::value({{"uuid", left->uuid}, {"begun_at", left->begun_at}, {"steps", left->steps.size()}})
                   : json::value(nullptr)}});
    }
    json::array calibration_tapes;
    for (const tape::CalibrationTape& each : tapes) {
        json::object tape = calibration_tape_json(each, alignment_day());
        tape["suits"] = each.speed_ips == parts_.config.tape.speed_ips &&
                        (!each.equalisation || *each.equalisation == parts_.config.tape.equalisation);
        calibration_tapes.push_back(std::move(tape));
    }
    return Reply::with(json::object{{"procedures", std::move(procedures)},
                                    {"calibration_tapes", std::move(calibration_tapes)},
                                    {"stock", parts_.config.tape.stock.id},
                                    {"batch", text_or_null(parts_.config.tape.batch)},
                                    {"operator", text_or_null(parts_.config.alignment.operator_name)},
                                    {"arm_held", text_or_null(hold_.words())}});
}

Reply AlignmentDesk::say(const json::object& given) {
    if (!running_) {
        return Reply::error(ErrorCode::Refused, "align_say was refused: no alignment runs");
    }
    calibration::OperatorWord word;
    word.says = said(given.at("says").as_string());
    if (const json::value* const value = given.if_contains("value")) {
        word.value = value->to_number<double>();
        if (!std::isfinite(*word.value)) {
            return Reply::error(ErrorCode::InvalidParams, "align_say: value: expected a number");
        }
    }
    const auto& view = operator_.view();
    const json::value* const meant = given.if_contains("step_id");
    if (meant != nullptr && (!view || *meant != json::string_view(view->step_id))) {
        return Reply::error(ErrorCode::Refused, "align_say was refused: it was meant for " +
                                                    json::value_to<std::string>(*meant) + ", and " +
                                                    (view ? view->step_id + " is shown now" : "nothing is shown yet"));
    }
    if (word.says == OperatorSays::Accept && view && view->task == OperatorTask::Enter && !word.value) {
        return Reply::error(ErrorCode::InvalidParams, "align_say: " + view->title + ": expected a value in " +
                                                          view->value_unit + "; give it as 'value'");
    }
    if (!operator_.say(word)) {
        return Reply::error(ErrorCode::Refused, "align_say was refused: what was said before is not done with yet");
    }
    return Reply::with(json::object{{"status", "accepted"}});
}

void AlignmentDesk::tape_changed(const Answer& answer) {
    hold_.release([this, answer](const Result<bool>& held) {
        Reply reply =
            !held ? Reply::error(ErrorCode::Fault, "tape_changed: " + held.error().message)
                  : Reply::with(json::object{
                        {"status", *held ? "accepted" : "unchanged"},
                        {"reason", *held ? json::value(nullptr) : json::value("no calibration tape held record")}});
        parts_.commanded("tape_changed", !held ? reply.message : *held ? "accepted" : "unchanged");
        parts_.changed();
        answer(std::move(reply));
    });
}

Reply AlignmentDesk::earlier(const json::object& given) const {
    const std::int64_t last = given.contains("last") ? given.at("last").to_number<std::int64_t>() : kListed;
    if (last < 1 || last > kMostListed) {
        return Reply::error(ErrorCode::InvalidParams,
                            "alignments: last must be 1 to 1000, got " + std::to_string(last));
    }
    json::array list;
    const auto& records = history_.records();
    for (auto each = records.rbegin(); each != records.rend() && list.size() < static_cast<std::size_t>(last); ++each) {
        list.push_back(record_line_json(*each));
    }
    return Reply::with(json::object{{"alignments", std::move(list)}});
}

} // namespace overbias::controller
