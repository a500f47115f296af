// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_wires.hpp"

#include "base/host_time.hpp"
#include "base/json/json_text.hpp"
#include "controller/deck_settings.hpp"
#include "controller/deck_trace.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

namespace json = boost::json;

namespace {

/// Followers ask again before this is over; one that has gone leaves no work behind.
constexpr DeckDuration kFollowFor = std::chrono::seconds(30);

std::string_view word(transport::StuderDifference::Outcome outcome) {
    using enum transport::StuderDifference::Outcome;
    switch (outcome) {
    case Restored:
        return "restored";
    case ReadOnly:
        return "read_only";
    case NotRestored:
        return "not_restored";
    case NotReadable:
        return "not_readable";
    case NotInProfile:
        return "not_in_profile";
    }
    return "";
}

json::object saved_json(const transport::StuderSave& saved) {
    json::array readings;
    for (const transport::StuderReading& each : saved.readings) {
        readings.push_back({{"query", each.query}, {"value", each.value}});
    }
    return {{"utc", utc_text(host_now().utc_ns)},
            {"software_date", saved.software_date},
            {"readings", std::move(readings)},
            {"not_saved", json::value_from(saved.not_saved)}};
}

json::object restored_json(const transport::StuderRestore& done) {
    json::array differences;
    for (const transport::StuderDifference& each : done.differences) {
        differences.push_back({{"name", each.name},
                               {"query", each.query},
                               {"saved", each.saved},
                               {"found", each.found},
                               {"outcome", word(each.outcome)},
                               {"why", each.why}});
    }
    return {{"complete", done.complete()}, {"unchanged", done.unchanged}, {"differences", std::move(differences)}};
}

/// Throws what boost::json throws when it is not what deck_save answered.
transport::StuderSave saved_of(const json::value& text) {
    transport::StuderSave saved;
    saved.software_date = json::value_to<std::string>(text.at("software_date"));
    for (const json::value& each : text.at("readings").as_array()) {
        saved.readings.push_back(
            {json::value_to<std::string>(each.at("query")), json::value_to<std::string>(each.at("value"))});
    }
    return saved;
}

std::string reason_of(const std::exception_ptr& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& broken) {
        return broken.what();
    }
}

} // namespace

DeckWires::DeckWires(const Config& config, BackEnds& back_ends, transport::Transport& transport, Notices& notices)
    : back_ends_(back_ends), transport_(transport), notices_(notices),
      items_(studer_memory_items(config.deck.profile)) {
    transport::DeckQuestions* const questions = back_ends.deck().questions();
    if (questions != nullptr && !items_.empty()) {
        memory_ = std::make_unique<transport::StuderMemory>(*questions, items_, [this] {
            return transport_.state().current == transport::Motion::Stopped && transport_.state().speed_m_s == 0.0;
        });
    }
}

DeckWires::~DeckWires() {
    back_ends_.timeline().cancel(follow_end_);
    if (DeckTrace* const trace = back_ends_.trace()) {
        trace->follow({});
    }
}

void DeckWires::follow() {
    Timeline& timeline = back_ends_.timeline();
    timeline.cancel(follow_end_);
    back_ends_.trace()->follow([this](const json::object& event) { notices_.tell("deck_lines", json_line(event)); });
    follow_end_ = timeline.call_after(kFollowFor, [this] {
        follow_end_ = 0;
        back_ends_.trace()->follow({});
    });
}

std::string DeckWires::obstacle(const MachineCommands& machine) const {
    if (!memory_) {
        return "this deck's profile lists nothing of its memory ([[studer.memory]]); only decks with a serial line "
               "that "
               "answers questions have any";
    }
    if (at_work_ && !at_work_->finished()) {
        return "it is already being saved or restored";
    }
    return owner_of(machine.runner);
}

void DeckWires::save(const MachineCommands& machine, Answer answer) {
    if (const std::string against = obstacle(machine); !against.empty()) {
        return answer(Reply::error(ErrorCode::Refused, "deck_save was refused: " + against));
    }
    const auto done = std::make_shared<std::optional<Result<transport::StuderSave>>>();
    const auto work = [](transport::StuderMemory& memory, auto result) -> Task<void> {
        *result = co_await memory.save();
    };
    at_work_ =
        std::make_unique<Spawned>(work(*memory_, done), [done, answer = std::move(answer)](std::exception_ptr failure) {
            if (failure) {
                answer(Reply::error(ErrorCode::Fault, "deck_save: " + reason_of(failure)));
            } else if (!**done) {
                answer(Reply::error(ErrorCode::Refused, "deck_save was refused: " + (*done)->error().message));
            } else {
                answer(Reply::with(saved_json((*done)->value())));
            }
        });
}

void DeckWires::restore(const MachineCommands& machine, const json::object& given, Answer answer) {
    if (const std::string against = obstacle(machine); !against.empty()) {
        return answer(Reply::error(ErrorCode::Refused, "deck_restore was refused: " + against));
    }
    transport::StuderSave saved;
    try {
        saved = saved_of(json::parse(std::string_view(given.at("saved").as_string())));
    } catch (const std::exception&) {
        return answer(Reply::error(ErrorCode::UnusableInput,
                                   "deck_restore: expected what deck_save answered (software_date and readings), got "
                                   "something else"));
    }
    const json::value* other = given.if_contains("other_software");
    const auto done = std::make_shared<std::optional<Result<transport::StuderRestore>>>();
    const auto work = [](transport::StuderMemory& memory, transport::StuderSave text, bool other_software,
                         auto result) -> Task<void> {
        *result = co_await memory.restore(std::move(text), other_software);
    };
    at_work_ = std::make_unique<Spawned>(
        work(*memory_, std::move(saved), other != nullptr && other->as_bool(), done),
        [done, answer = std::move(answer)](std::exception_ptr failure) {
            if (failure) {
                answer(Reply::error(ErrorCode::Fault, "deck_restore: " + reason_of(failure)));
            } else if (!**done) {
                answer(Reply::error(ErrorCode::Refused, "deck_restore was refused: " + (*done)->error().message));
            } else {
                answer(Reply::with(restored_json((*done)->value())));
            }
        });
}

void DeckWires::add_commands(CommandRegistry& registry, const MachineCommands& machine) {
    const auto shared = std::make_shared<const MachineCommands>(machine);
    registry.add({.name = "deck_lines",
                  .help = "every line to the deck with its level, and the last frames of its serial links",
                  .role = Role::Observe,
                  .parameters = {{"follow", ParameterType::Flag, false,
                                  "tell every change as notification deck_lines for the next 30 s"}},
                  .handler = [this](const json::object& given, const Caller&, const Answer& answer) {
                      DeckTrace* const trace = back_ends_.trace();
                      if (trace == nullptr) {
                          return answer(
                              Reply::error(ErrorCode::Refused, "deck_lines: the wires to this deck are not watched"));
                      }
                      const json::value* followed = given.if_contains("follow");
                      if (followed != nullptr && followed->as_bool()) {
                          follow();
                      }
                      answer(Reply::with(trace->snapshot()));
                  }});
    registry.add({.name = "deck_save",
                  .help = "reads what the deck keeps in its memory",
                  .handler = [this, shared](const json::object&, const Caller&, Answer answer) {
                      save(*shared, std::move(answer));
                  }});
    registry.add({.name = "deck_restore",
                  .help = "writes back what deck_save has read, and reads it again",
                  .parameters = {{"saved", ParameterType::Text, true, "what deck_save answered, as JSON text"},
                                 {"other_software", ParameterType::Flag, false,
                                  "even when the deck runs other software than it did then"}},
                  .handler = [this, shared](const json::object& given, const Caller&, Answer answer) {
                      restore(*shared, given, std::move(answer));
                  }});
}

} // namespace overbias::controller
