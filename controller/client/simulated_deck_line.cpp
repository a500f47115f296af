// SPDX-License-Identifier: Apache-2.0
#include "controller/client/simulated_deck_line.hpp"

#include "controller/client/words.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

SimulatedDeckLine::SimulatedDeckLine(CLI::App& simulated, DeckLine::Ways ways) : ways_(std::move(ways)) {
    simulated.require_subcommand(1);
    CLI::App* const tape = simulated.add_subcommand("tape", "another reel on it, while nothing moves");
    ways_.add_common(*tape);
    tape->add_option("TAPE", tape_,
                     "blank, calibration:..., flutter:...; `overbiasd --tape help` tells what may stand there")
        ->required();
    tape->callback([this] { ways_.chosen([this] { return mount(); }); });

    CLI::App* const screw = simulated.add_subcommand("screw", "turn a screw; without a position: where it stands");
    ways_.add_common(*screw);
    screw->add_option("SCREW", screw_, "reproduce_level, bias, reproduce_azimuth ...")->required();
    screw->add_option("POSITION", position_, "0 to 1")->check(CLI::Range(0.0, 1.0));
    screw->add_option("--track", track_, "1 or 2 (default 1); azimuths and speed are there once")
        ->check(CLI::Range(1, 2));
    screw->callback([this] { ways_.chosen([this] { return turn(); }); });
}

int SimulatedDeckLine::mount() const {
    const json::value answer = ways_.daemon().call("simulated_tape", {{"tape", tape_}});
    ways_.show(answer, "on the deck: " + text(at(answer, "tape")) + "\n");
    return 0;
}

int SimulatedDeckLine::turn() const {
    json::object request{{"screw", screw_}, {"track", track_}};
    if (position_) {
        request["position"] = *position_;
    }
    const json::value answer = ways_.daemon().call("simulated_screw", request);
    ways_.show(answer, text(at(answer, "screw")) + " of track " + number(at(answer, "track"), 0) + " stands at " +
                           number(at(answer, "position"), 4) + "\n");
    return 0;
}

} // namespace overbias::controller
