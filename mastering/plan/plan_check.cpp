// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/plan_check.hpp"

#include "base/units.hpp"
#include "mastering/plan/plan_check_parts.hpp"
#include "mastering/plan/plan_form.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr double kResumeMargin_s = 0.3;

/// Says in every finding's words where it is.
void place_all(const ReelPlan& plan, std::vector<PlanFinding>& findings) {
    for (PlanFinding& finding : findings) {
        if (const std::string place = place_words(plan, finding); !place.empty()) {
            finding.words = place + ": " + finding.words;
        }
    }
}

} // namespace

double least_resumable_gap_s(double erase_to_record_m, double place_uncertainty_s, double speed_ips) {
    return erase_to_record_m / metres_per_second(speed_ips) + place_uncertainty_s + kResumeMargin_s;
}

std::string place_words(const ReelPlan& plan, const PlanFinding& finding) {
    if (finding.side.empty()) {
        return {};
    }
    std::string words = "side " + finding.side;
    const auto side = std::ranges::find(plan.sides, finding.side, &PlanSide::name);
    if (finding.track >= 0 && side != plan.sides.end() &&
        static_cast<std::size_t>(finding.track) < side->tracks.size()) {
        words += ", track " + std::to_string(finding.track + 1) + " (" +
                 side->tracks[static_cast<std::size_t>(finding.track)].name() + ")";
    }
    return words;
}

PlanCheck check_plan(const ReelPlan& plan, const PlanCheckContext& context) {
    const auto begun = std::chrono::steady_clock::now();
    PlanCheck check;
    check.plan = plan;
    check.sample_rate_hz = context.installation.sample_rate_hz;
    check.refusals = slate_refusals(plan, context.installation);
    for (std::size_t side = 0; side < plan.sides.size(); ++side) {
        std::ranges::move(side_refusals(plan, side), std::back_inserter(check.refusals));
    }
    if (plan.sides.empty()) {
        check.refusals.push_back(
            {.kind = "nothing_to_print", .words = "the plan has no side; give it one, with the tracks to print"});
    }
    check_deck(check, context);
    check_files(check, context);
    // Findings so far count tracks as the plan was given; from here on sides may be split.
    place_all(plan, check.refusals);
    place_all(plan, check.warnings);
    PlanCheck tape;
    tape.plan = check.plan;
    tape.files = check.files;
    check_tape(tape, context);
    check.plan = std::move(tape.plan);
    check.sides = std::move(tape.sides);
    place_all(check.plan, tape.refusals);
    place_all(check.plan, tape.warnings);
    std::ranges::move(tape.refusals, std::back_inserter(check.refusals));
    std::ranges::move(tape.warnings, std::back_inserter(check.warnings));
    std::ranges::move(tape.notes, std::back_inserter(check.notes));
    check.check_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return check;
}

} // namespace overbias::mastering
