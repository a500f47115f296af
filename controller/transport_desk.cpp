// SPDX-License-Identifier: Apache-2.0
#include "controller/transport_desk.hpp"

#include "base/host_time.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/deck_offers.hpp"
#include "controller/locator_commands.hpp"
#include "controller/mode_commands.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

namespace {

DeckMeasurements::Settings measurement_settings(const Config& config, const transport::DeckCapabilities& deck) {
    DeckMeasurements::Settings settings;
    if (deck.tach) {
        settings.counts_itself = deck.counter_edges_per_metre.has_value();
        settings.edges_per_metre = deck.counter_edges_per_metre.value_or(config.deck.tach_edges_per_metre);
    }
    settings.tape_length_m = config.tape.length_m;
    const auto& hub_mm = config.deck.profile.hub_radius_mm;
    const auto& thickness_um = config.tape.stock.total_thickness_um;
    if (hub_mm && thickness_um) {
        settings.geometry = transport::ReelGeometry{.hub_radius_m = hub_mm->value * 1e-3,
                                                    .tape_thickness_m = thickness_um->value * 1e-6,
                                                    .tape_length_m = config.tape.length_m};
    }
    return settings;
}

} // namespace

TransportDesk::TransportDesk(const Parts& parts)
    : timeline_(parts.back_ends.timeline()), transport_(parts.transport), notices_(parts.notices),
      patch_(parts.back_ends.adjust(), [this] { notices_.tell("routes", json_line(routes_json(patch_))); }),
      autolocator_(timeline_, transport_),
      measurements_(measurement_settings(parts.config, transport_.deck()), parts.back_ends.deck()),
      wires_(parts.config, parts.back_ends, transport_, parts.notices),
      place_(parts.config.daemon.state_dir, parts.worker, parts.config.deck.profile.id,
             [this] { return transport_.locator_memory(); }),
      cue_mute_({.limit_dbfs = parts.config.audio.cue_mute_dbfs}) {
    transport_.remember_locates(parts.learned);
    if (const auto taken = cues_.restore(parts.cues); !taken) {
        journal(JournalLevel::Warning, "overbiasd", "the kept cue points are not taken over: " + taken.error().message);
    }
    autolocator_.on_change([this] { tell(); });
}

boost::json::object TransportDesk::locator() const {
    return locator_json(cues_, autolocator_.state(), transport_.config().play_speed_ips);
}

void TransportDesk::tell() {
    notices_.tell("locator", json_line(locator()));
}

void TransportDesk::add_status(boost::json::object& status) const {
    status["locator"] = locator();
    status["routes"] = routes_json(patch_);
}

void TransportDesk::let_go(const std::string& why) {
    autolocator_.cancel(why);
}

void TransportDesk::add_commands(CommandRegistry& registry, const MachineCommands& machine) {
    add_mode_commands(registry, machine, patch_);
    add_locator_commands(
        registry, {.machine = machine, .autolocator = autolocator_, .cues = cues_, .changed = [this] { tell(); }});
    measurements_.add_commands(registry, machine);
    wires_.add_commands(registry, machine);
}

void TransportDesk::tick() {
    const transport::MachineState& state = transport_.state();
    const DeckTime now = timeline_.now();
    measurements_.tick(state, now);
    place_.look(state, cues_.stored(), now);
    tape_return({}); // also while a job has the frames: a mute must not outlast the lifters' return
}

void TransportDesk::tape_return(std::span<const std::int32_t> frames) {
    const bool defeated = transport_.state().lifters == transport::Lifters::Defeated;
    const auto muted = cue_mute_.update(defeated, frames, timeline_.now());
    if (!muted) {
        return;
    }
    if (const auto done = patch_.mute_cue(*muted); !done && *muted) {
        journal(JournalLevel::Warning, "overbiasd",
                "the tape return is loud on defeated lifters and can't be muted: " + done.error().message);
    }
}

transport::TransportConfig with_kept_place(transport::TransportConfig config, const std::optional<KeptPlace>& kept) {
    if (kept) {
        const transport::TakenOverPosition place =
            transport::take_over(kept->position, host_now().utc_ns / 1'000'000'000, config.tape_length_m);
        config.last_position_m = place.position_m;
        config.last_uncertainty_m = place.uncertainty_m;
    }
    return config;
}

} // namespace overbias::controller
