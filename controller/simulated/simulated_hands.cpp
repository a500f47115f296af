// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated/simulated_hands.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr std::int64_t kTracks = 2;

Reply not_that_deck(const char* command) {
    return Reply::error(ErrorCode::Refused, std::string(command) +
                                                " was refused: expected the simulated two-track recorder, came a real "
                                                "deck or another simulated one; take tape and screws in hand");
}

} // namespace

void add_simulated_commands(CommandRegistry& registry, SimulatedHands* hands,
                            std::function<void(const std::string& command, const std::string& answer)> commanded) {
    registry.add({.name = "simulated_tape",
                  .help = "another reel on the simulated deck, while nothing moves",
                  .parameters = {{"tape", ParameterType::Text, true, "'blank', or as overbiasd --tape has it"}},
                  .handler = [hands, commanded](const json::object& given, const Caller&, const Answer& answer) {
                      if (hands == nullptr) {
                          return answer(not_that_deck("simulated_tape"));
                      }
                      const auto tape = json::value_to<std::string>(given.at("tape"));
                      const auto mounted = hands->mount(tape);
                      commanded("simulated_tape", mounted ? tape : mounted.error().message);
                      answer(mounted ? Reply::with(json::object{{"status", "accepted"}, {"tape", tape}})
                                     : Reply::error(ErrorCode::Refused, "simulated_tape: " + mounted.error().message));
                  }});
    registry.add(
        {.name = "simulated_screw",
         .help = "turns a screw of the simulated deck; without a position it only looks",
         .parameters = {{"screw", ParameterType::Text, true, "its name; a wrong one is answered with all"},
                        {"track", ParameterType::Integer, false, "1 or 2; 1 when absent"},
                        {"position", ParameterType::Number, false, "0 to 1"}},
         .handler = [hands, commanded](const json::object& given, const Caller&, const Answer& answer) {
             if (hands == nullptr) {
                 return answer(not_that_deck("simulated_screw"));
             }
             const std::int64_t track = given.contains("track") ? given.at("track").to_number<std::int64_t>() : 1;
             std::optional<double> position;
             if (const json::value* const to = given.if_contains("position")) {
                 position = to->to_number<double>();
             }
             if (track < 1 || track > kTracks || (position && !(*position >= 0.0 && *position <= 1.0))) {
                 return answer(Reply::error(ErrorCode::InvalidParams,
                                            "simulated_screw: expected track 1 or 2 and a position of 0 to "
                                            "1"));
             }
             const auto name = json::value_to<std::string>(given.at("screw"));
             const auto stands = hands->screw(name, static_cast<std::size_t>(track - 1), position);
             if (!stands) {
                 return answer(Reply::error(ErrorCode::InvalidParams, "simulated_screw: " + stands.error().message));
             }
             if (position) {
                 commanded("simulated_screw", name);
             }
             answer(Reply::with(json::object{{"screw", name}, {"track", track}, {"position", *stands}}));
         }});
}

} // namespace overbias::controller
