// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/side_places.hpp"

#include "base/units.hpp"
#include "mastering/plan/side_begin.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr std::uint64_t kTimingSeed = 1; ///< the print's own timing is not counted: it comes out of the spare

} // namespace

SidePlaces::SidePlaces(const PlanCheckContext& context, const std::vector<PlanFile>& files) : context_(context) {
    for (const PlanFile& file : files) {
        if (file.info.frames > 0) {
            infos_.emplace(file.file, file.info);
        }
    }
}

PlanSideCheck SidePlaces::place(const ReelPlan& plan, std::size_t index, double tape_end_m) const {
    const PlanSide& side = plan.sides.at(index);
    const double speed_ips = plan.tape.speed_ips;
    const double speed_m_s = metres_per_second(speed_ips);
    const double lead_in_m = plan.slate.lead_in_s * speed_m_s;
    double record_from_m = 0.0;
    if (side.start_m) {
        record_from_m = std::max(0.0, *side.start_m - lead_in_m);
    } else if (side.new_tape) {
        record_from_m = begins_on_new_tape_m(plan.tape, speed_ips);
    } else {
        record_from_m = begins_behind_m(side, tape_end_m, speed_ips);
    }
    PlanSideCheck out;
    out.name = side.name;
    out.side = index;
    out.reel = plan.reel_of(index);
    out.start_m = record_from_m + lead_in_m;
    out.usable_m = plan.tape.length_m - plan.tape.tail_leader.metres(speed_ips) - plan.tape.spare.metres(speed_ips) -
                   record_from_m;
    out.usable_s = out.usable_m / speed_m_s;
    auto laid_out = lay_out_side(plan, index, context_.installation,
                                 {.timing_seed = kTimingSeed, .start_m = out.start_m, .any_length = true},
                                 [this](const std::string& file) -> Result<audio::SoundFileInfo> {
                                     const auto known = infos_.find(file);
                                     return known == infos_.end()
                                                ? Result<audio::SoundFileInfo>(Error{file + ": can't be used"})
                                                : Result<audio::SoundFileInfo>(known->second);
                                 });
    if (laid_out) {
        out.laid_out = std::move(laid_out).value();
        out.duration_s = out.laid_out->duration_s(context_.installation.sample_rate_hz) - out.laid_out->own_timing_s;
        place_tracks(plan, record_from_m, out);
    }
    out.end_m = record_from_m + out.duration_s * speed_m_s;
    out.left_s = out.usable_s - out.duration_s;
    out.left_m = out.left_s * speed_m_s;
    return out;
}

void SidePlaces::place_tracks(const ReelPlan& plan, double record_from_m, PlanSideCheck& out) const {
    const double rate_hz = context_.installation.sample_rate_hz;
    const double speed_m_s = metres_per_second(plan.tape.speed_ips);
    const std::optional<double> least_s = least_gap_s(plan);
    for (const ProgrammeSection& section : out.laid_out->sections) {
        if (section.kind != ProgrammeSection::Kind::Track) {
            continue;
        }
        const auto track = static_cast<std::size_t>(section.index);
        PlanTrackPlace place;
        place.track = section.index;
        place.start_s = static_cast<double>(section.first_frame) / rate_hz - out.laid_out->own_timing_s;
        place.end_s = place.start_s + static_cast<double>(section.frames) / rate_hz;
        place.start_m = record_from_m + place.start_s * speed_m_s;
        place.end_m = record_from_m + place.end_s * speed_m_s;
        place.gap_s = plan.gap_before(out.side, track).seconds(plan.tape.speed_ips);
        place.resumable = track > 0 && least_s && place.gap_s > *least_s;
        out.tracks.push_back(place);
    }
}

std::optional<double> SidePlaces::least_gap_s(const ReelPlan& plan) const {
    if (!context_.deck || !context_.deck->erase_to_record_m) {
        return std::nullopt;
    }
    return least_resumable_gap_s(*context_.deck->erase_to_record_m, context_.deck->place_uncertainty_s,
                                 plan.tape.speed_ips);
}

} // namespace overbias::mastering
