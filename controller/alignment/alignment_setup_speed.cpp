// SPDX-License-Identifier: Apache-2.0
#include "base/figure.hpp"
#include "calibration/speed/speed_job.hpp"
#include "controller/alignment/alignment_procedures.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::controller {

namespace {

/// The one that was chosen, else the only flutter tape of this speed.
tape::CalibrationTape tape_for(const AlignmentChoice& choice, double speed_ips) {
    if (choice.chosen) {
        return *choice.chosen;
    }
    const auto suits = [speed_ips](const tape::CalibrationTape& each) {
        return !each.equalisation && each.speed_ips == speed_ips;
    };
    const auto found = std::ranges::find_if(choice.tapes, suits);
    if (found == choice.tapes.end() || std::ranges::count_if(choice.tapes, suits) > 1) {
        throw std::invalid_argument("there is " +
                                    std::string(found == choice.tapes.end() ? "no flutter tape"
                                                                            : "more than one "
                                                                              "flutter tape") +
                                    " for " + figure(speed_ips, 2) +
                                    " ips among the profiles; name the tape that is to be played (--tape)");
    }
    return *found;
}

std::optional<tape::Figure> sheet_speed_ppm(const tape::DeckProfile& profile) {
    const auto found =
        std::ranges::find_if(profile.spec, [](const auto& each) { return each.first == "speed_error_percent"; });
    if (found == profile.spec.end()) {
        return std::nullopt;
    }
    tape::Figure ppm = found->second;
    ppm.value *= 1e4;
    return ppm;
}

std::unique_ptr<transport::Job> make_speed(calibration::AlignmentContext context, const AlignmentChoice& choice,
                                           const Config& config, const AlignmentMeasured& measured) {
    calibration::SpeedSetup setup;
    setup.tape = tape_for(choice, config.tape.speed_ips);
    setup.today = choice.today;
    setup.speed_limit_ppm = sheet_speed_ppm(config.deck.profile);
    if (const tape::DeckSpeed* const speed = config.deck.profile.speed(config.tape.speed_ips)) {
        setup.wow_flutter_percent = speed->wow_flutter_percent;
    }
    setup.parts = measured.parts;
    setup.today = choice.today;
    setup.measured = measured.speed;
    return calibration::make_speed_job(std::move(context), std::move(setup));
}

} // namespace

AlignmentProcedure speed_procedure() {
    return {.name = "speed",
            .title = "speed, wow and flutter",
            .does = "reads them from a flutter tape, then the delay between the heads on a tape of its own",
            .needs = {"a flutter or calibration tape", "a tape to record on"},
            .guided = true,
            .automatic = true,
            .plays_calibration_tape = true,
            .records = true,
            .make = make_speed};
}

} // namespace overbias::controller
