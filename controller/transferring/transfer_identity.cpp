// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_identity.hpp"

#include "tape/equalisation.hpp"

#include <cmath>
#include <cstddef>

namespace overbias::controller {

namespace {

/// "reproduce of 2026-11-20, pass, 0c5f...": the last that was ended with this deck's set-up; what recorded levels are
/// read by comes first.
std::string alignment_words(const tape::AlignmentHistory& alignments, const tape::AlignmentKey& key) {
    std::string words;
    for (std::size_t n = 0;; ++n) {
        const auto record = alignments.earlier(key, n);
        if (!record) {
            return words;
        }
        const std::string told = record->procedure + " of " + record->begun_at.substr(0, 10) + ", " +
                                 std::string(tape::verdict_name(tape::verdict_of(*record))) + ", " + record->uuid;
        if (record->procedure == "reproduce") {
            return told;
        }
        if (words.empty()) {
            words = told;
        }
    }
}

} // namespace

mastering::TransferIdentity transfer_identity(const Config& config, const Identity& identity,
                                              const std::string& reel_uuid, const tape::AlignmentHistory& alignments,
                                              double play_speed_ips, const std::string& card) {
    mastering::TransferIdentity out;
    out.deck_uuid = identity.deck_uuid;
    out.head_block_uuid = identity.head_block_uuid;
    out.reel_uuid = reel_uuid;
    out.deck_name = config.deck.profile.name;
    out.stock = config.tape.stock.name;
    out.batch = config.tape.batch;
    out.converter = card;
    out.tape_speed_ips = play_speed_ips;
    out.capture_dbfs_at_operating_level = config.audio.levels.capture_dbfs(0.0);
    out.program_version = OVERBIAS_VERSION;
    constexpr double kSameSpeed = 1e-3;
    if (std::abs(play_speed_ips - config.tape.speed_ips) <= kSameSpeed * config.tape.speed_ips) {
        out.equalisation = std::string(tape::equalisation_name(config.tape.equalisation));
        out.operating_level_nwb_per_m = config.tape.operating_level.nwb_per_m;
        out.alignment = alignment_words(alignments, {.deck_uuid = identity.deck_uuid,
                                                     .head_block_uuid = identity.head_block_uuid,
                                                     .speed_ips = config.tape.speed_ips,
                                                     .equalisation = config.tape.equalisation,
                                                     .stock = config.tape.stock.id,
                                                     .batch = config.tape.batch});
    }
    return out;
}

} // namespace overbias::controller
