// SPDX-License-Identifier: Apache-2.0
#include "controller/installation_memory.hpp"

#include "base/journal.hpp"
#include "controller/alignment/measured_head_delay.hpp"
#include "controller/alignment/measured_levels.hpp"
#include "controller/round_trip.hpp"

namespace overbias::controller {

Config with_round_trip(Config config) {
    if (!config.audio.round_trip_frames) {
        config.audio.round_trip_frames = or_throw(load_round_trip(config.daemon.state_dir, config.audio));
    }
    const auto levels = load_line_levels(config.daemon.state_dir, config.audio, config.audio.levels);
    if (!levels) {
        throw std::runtime_error(levels.error().message);
    }
    return config;
}

void take_head_delay(Config& config, const Identity& identity) {
    if (const auto kept = or_throw(load_head_delay(config.daemon.state_dir, identity, config.tape)); kept) {
        config.deck.calibrated_head_delay_ms = kept->delay_s * 1e3;
    }
}

std::optional<KeptPlace> kept_place(const Config& config) {
    auto kept = load_place(config.daemon.state_dir);
    if (!kept) {
        journal(JournalLevel::Warning, "overbiasd", kept.error().message);
        return std::nullopt;
    }
    return std::move(kept).value();
}

transport::LocatorMemory learned_before(const std::optional<KeptPlace>& kept, const Config& config) {
    return kept && kept->deck == config.deck.profile.id ? kept->learned : transport::LocatorMemory{};
}

LogSubject log_subject(const Config& config, const Identity& identity, const std::string& reel_uuid, bool simulated) {
    const tape::DeckProfile& profile = config.deck.profile;
    return {.deck = {.uuid = identity.deck_uuid, .name = profile.name, .profile = profile.id, .simulated = simulated},
            .head_block = {.uuid = identity.head_block_uuid, .deck_uuid = identity.deck_uuid, .name = {}},
            .reel = {.uuid = reel_uuid,
                     .label = simulated ? "simulated reel" : "",
                     .stock = config.tape.stock.id,
                     .batch = {},
                     .length_m = config.tape.length_m}};
}

} // namespace overbias::controller
