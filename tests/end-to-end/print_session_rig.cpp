// SPDX-License-Identifier: Apache-2.0
#include "print_session_rig.hpp"

#include "base/units.hpp"
#include "comparison_programmes.hpp"
#include "written_programme.hpp"

#include <array>
#include <cmath>
#include <stdexcept>

namespace overbias::test {

PrintRigOptions slipping() {
    PrintRigOptions options;
    options.settings.roller_slip = 0.001;
    return options;
}

mastering::ReelPlan session_plan(const std::vector<std::size_t>& tracks_of_sides, int seconds, double gap_s) {
    const std::array<const char*, 5> kinds{"loud_master", "pink", "speech", "wide", "clicks"};
    mastering::ReelPlan plan;
    plan.title = "Test";
    plan.tape.stock = "sm900";
    plan.tape.length_m = 740.0;
    plan.tape.speed_ips = 15.0;
    plan.tape.operating_level = {320.0, tape::CalibrationSchool::Ansi};
    plan.slate.tones = {{1000.0, 4.0, 0.0, false}, {10000.0, 3.0, -10.0, true}};
    plan.gap = {gap_s, mastering::TapeSpan::Unit::Seconds};
    plan.post_roll_s = 1.0;
    plan.live.stops = {"not_off_tape", "no_signal"};
    unsigned number = 0;
    for (std::size_t s = 0; s < tracks_of_sides.size(); ++s) {
        mastering::PlanSide side;
        side.name = std::string(1, static_cast<char>('A' + s));
        for (std::size_t t = 0; t < tracks_of_sides[s]; ++t, ++number) {
            const std::string kind = kinds.at(number % 2 == 0 ? 0 : 1);
            mastering::PlanTrack track;
            track.file = write_programme(kind + std::to_string(number) + "-" + std::to_string(seconds),
                                         comparison_test::fresh_programme(kind, 11 + number, seconds));
            track.title = "Track " + std::to_string(number + 1);
            side.tracks.push_back(std::move(track));
        }
        plan.sides.push_back(std::move(side));
    }
    return plan;
}

void run_to_phase(PrintRig& rig, const std::string& phase, double more_s) {
    const bool came = rig.timeline.run_until(
        [&] { return rig.ended() || rig.runner->progress().phase.find(phase) != std::string::npos; },
        rig.timeline.now() + deck_seconds(2000.0));
    if (!came || rig.ended()) {
        throw std::runtime_error("the print did not come to \"" + phase + "\": " + rig.runner->progress().phase +
                                 (rig.runner->last() ? " " + rig.runner->last()->reason : ""));
    }
    rig.timeline.run_for(deck_seconds(more_s));
}

double true_place_m(PrintRig& rig, std::int64_t frame) {
    const auto stamp = rig.engine->played_timestamp();
    const auto truth = rig.deck->truth();
    const double due_s = seconds(stamp.at) + static_cast<double>(frame - stamp.frame) / rig.engine->sample_rate_hz() -
                         seconds(rig.timeline.now());
    return truth.place_at_record_head_m + due_s * metres_per_second(15.0) * (1.0 + deck_sim::Settings{}.speed_error);
}

std::vector<std::int16_t> tape_between(PrintRig& rig, double from_m, double to_m) {
    const double cell_m = rig.deck->tape_cell_m();
    const auto from = static_cast<std::int64_t>(std::floor(from_m / cell_m));
    const auto to = static_cast<std::int64_t>(std::floor(to_m / cell_m));
    std::vector<std::int16_t> cells(2 * static_cast<std::size_t>(to - from));
    rig.deck->read_tape(from, cells);
    return cells;
}

void thread_blank(PrintRig& rig, double place_m) {
    if (auto mounted = rig.deck->mount_blank(); !mounted) {
        throw std::runtime_error(mounted.error().message);
    }
    if (auto threaded = rig.deck->thread_at(place_m); !threaded) {
        throw std::runtime_error(threaded.error().message);
    }
}

} // namespace overbias::test
