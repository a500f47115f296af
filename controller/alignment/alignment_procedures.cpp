// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/alignment_procedures.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace overbias::controller {

using transport::Adjuster;

namespace {

constexpr std::size_t kTracks = 2;

} // namespace

const std::vector<AlignmentProcedure>& alignment_procedures() {
    static const std::vector<AlignmentProcedure> all{lines_procedure(),  reproduce_procedure(), speed_procedure(),
                                                     record_procedure(), proof_procedure(),     quick_procedure()};
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

} // namespace overbias::controller
