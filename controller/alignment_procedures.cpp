// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment_procedures.hpp"

#include "calibration/alignment_job.hpp"
#include "calibration/procedure.hpp"
#include "controller/part_settings.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

using calibration::AlignmentContext;
using transport::Adjuster;

namespace {

constexpr std::size_t kTracks = 2;

std::unique_ptr<transport::Job> record_job(AlignmentContext context, const AlignmentChoice& choice,
                                           const Config& config) {
    auto procedure = calibration::record_alignment(choice.stock, config.tape.speed_ips,
                                                   alignment_limits(config.alignment), context.guided);
    if (!procedure) {
        throw std::invalid_argument(procedure.error().message);
    }
    return calibration::make_alignment_job(std::move(context), std::move(procedure).value());
}

/// Bias can be read where it can be turned away and back.
std::unique_ptr<transport::Job> quick_job(AlignmentContext context, const AlignmentChoice& choice,
                                          const Config& config) {
    const auto offered = context.adjust.capabilities().adjusters;
    const auto turns_bias = std::count_if(offered.begin(), offered.end(), [](const transport::AdjusterOffer& each) {
        return each.adjuster == Adjuster::Bias && each.track < kTracks;
    });
    const tape::Overbias* overbias = static_cast<std::size_t>(turns_bias) >= kTracks && !context.guided
                                         ? choice.stock.overbias_at(config.tape.speed_ips)
                                         : nullptr;
    auto procedure = calibration::quick_check(alignment_limits(config.alignment), overbias);
    return calibration::make_alignment_job(std::move(context), std::move(procedure));
}

} // namespace

const std::vector<AlignmentProcedure>& alignment_procedures() {
    static const std::vector<AlignmentProcedure> all{
        {.name = "record",
         .title = "record alignment",
         .does = "bias, record level and HF of both tracks through the tape, until nothing changes",
         .needs = {"a tape to record on", "a reproduce side that is aligned"},
         .sets = {Adjuster::Bias, Adjuster::RecordLevel, Adjuster::RecordHigh},
         .guided = true,
         .automatic = true,
         .records = true},
        {.name = "quick",
         .title = "quick check",
         .does = "reads level, 10 kHz, the tracks' timing and bias before a session; sets nothing",
         .needs = {"a tape to record on"},
         .guided = true,
         .automatic = true,
         .records = true},
    };
    return all;
}

const AlignmentProcedure* find_procedure(std::string_view name) {
    const auto& all = alignment_procedures();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::string missing_adjuster(const AlignmentProcedure& procedure, const transport::DeckAdjustCapabilities& deck) {
    for (const Adjuster adjuster : procedure.sets) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            if (std::none_of(deck.adjusters.begin(), deck.adjusters.end(), [&](const transport::AdjusterOffer& each) {
                    return each.adjuster == adjuster && each.track == track;
                })) {
                return std::string(transport::adjuster_name(adjuster)) + " of track " + std::to_string(track + 1) +
                       " can't be set from here: the deck offers no converter for it";
            }
        }
    }
    return {};
}

std::unique_ptr<transport::Job> make_procedure(AlignmentContext context, const AlignmentChoice& choice,
                                               const Config& config, AlignmentMeasured /*measured*/) {
    const std::string_view name = choice.procedure->name;
    if (name == "record") {
        return record_job(std::move(context), choice, config);
    }
    return quick_job(std::move(context), choice, config);
}

} // namespace overbias::controller
