// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated_back_ends.hpp"

#include "base/async/simulated_timeline.hpp"
#include "controller/config.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <algorithm>
#include <stdexcept>

namespace overbias::controller {

namespace {

std::vector<deck_sim::Fault> read_faults(const std::vector<std::string>& texts) {
    std::vector<deck_sim::Fault> faults;
    for (const std::string& text : texts) {
        auto fault = deck_sim::parse_fault(text);
        if (!fault) {
            throw std::invalid_argument("--" + fault.error().message);
        }
        faults.push_back(std::move(fault).value());
    }
    return faults;
}

/// The simulated deck as the configuration describes the installation: its tape, speed, equalisation and level line-up.
/// What a configuration cannot know (head gap, speed error, gain errors, noise) stays the simulation's own.
deck_sim::Settings settings_of(const Config& config) {
    deck_sim::Settings settings;
    settings.tape_length_m = config.tape.length_m;
    settings.start_place_m = std::min(settings.start_place_m, config.tape.length_m / 4.0);
    settings.play_speed_ips = config.tape.speed_ips;
    switch (config.tape.equalisation) {
    case tape::Equalisation::Nab:
        settings.equalisation = deck_sim::Equalisation::Nab;
        break;
    case tape::Equalisation::Iec1:
        settings.equalisation = deck_sim::Equalisation::Iec1;
        break;
    case tape::Equalisation::Aes:
        settings.equalisation = deck_sim::Equalisation::Aes;
        break;
    }
    settings.senses_motion = config.deck.profile.senses_motion_itself;
    settings.sample_rate_hz = config.audio.sample_rate_hz;
    settings.round_trip_frames = config.audio.round_trip_frames;
    settings.play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level;
    settings.capture_dbfs_at_operating_level = config.audio.levels.capture_dbfs_at_operating_level;
    return settings;
}

transport::ContactConfig contact_of(const tape::DeckKey& key) {
    return {key.line, key.pulse_s};
}

transport::ParallelRemoteConfig remote_of(const tape::DeckProfile& profile) {
    transport::ParallelRemoteConfig remote;
    remote.stop = contact_of(profile.stop);
    remote.play = contact_of(profile.play);
    remote.record = contact_of(profile.record);
    remote.fast_forward = contact_of(profile.fast_forward);
    remote.rewind = contact_of(profile.rewind);
    remote.tally_stop = profile.tallies.stop;
    remote.tally_play = profile.tallies.play;
    remote.tally_record = profile.tallies.record;
    remote.tally_fast_forward = profile.tallies.fast_forward;
    remote.tally_rewind = profile.tallies.rewind;
    remote.tape_out = profile.tallies.tape_out;
    remote.debounce_s = profile.tallies.debounce_s;
    remote.record_lead_s = profile.record_lead_s;
    remote.gap_s = profile.key_gap_s;
    remote.record_exit = profile.record_exit == tape::RecordExit::PressPlay
                             ? transport::ParallelRemoteConfig::RecordExit::PressPlay
                             : transport::ParallelRemoteConfig::RecordExit::PressStop;
    remote.senses_motion_itself = profile.senses_motion_itself;
    remote.heartbeat_contact = profile.heartbeat_contact;
    return remote;
}

std::unique_ptr<transport::DeckAdjust> adjust_of(const tape::DeckProfile& profile, transport::Lines& lines) {
    if (profile.monitor_input_line.empty() || profile.monitor_sync_line.empty()) {
        return std::make_unique<transport::ManualAdjust>();
    }
    return std::make_unique<transport::RelayAdjust>(lines, profile.monitor_input_line, profile.monitor_sync_line);
}

class SimulatedBackEnds final : public BackEnds {
  public:
    SimulatedBackEnds(const Config& config, const SimulationOptions& options)
        : time_scale_(options.time_scale), timeline_(options.time_scale > 0.0 ? options.time_scale : 1.0),
          deck_(timeline_, settings_of(config), read_faults(options.faults)),
          remote_(timeline_, deck_.lines(), config.deck.tach_edges_per_metre > 0.0 ? &deck_.tach() : nullptr,
                  remote_of(config.deck.profile)),
          adjust_(adjust_of(config.deck.profile, deck_.lines())) {}

    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return remote_; }
    transport::DeckAdjust& adjust() override { return *adjust_; }
    audio::Pcm& pcm() override { return deck_.pcm(); }
    [[nodiscard]] bool simulated() const override { return true; }
    [[nodiscard]] DeckTime deck_busy_until() const override { return remote_.busy_until(); }
    void run() override { timeline_.run(); }
    void stop() override { timeline_.stop(); }
    void pace(bool hurry) override {
        const double wanted = time_scale_ > 0.0 ? time_scale_ : (hurry ? 0.0 : 1.0);
        if (wanted != timeline_.scale()) {
            timeline_.set_scale(wanted);
        }
    }
    [[nodiscard]] double time_scale() const override { return time_scale_; }
    void programme_starts(DeckTime at) override { deck_.programme_starts(at); }

  private:
    double time_scale_;
    SimulatedTimeline timeline_;
    deck_sim::SimulatedDeck deck_;
    transport::ParallelRemote remote_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
};

} // namespace

std::unique_ptr<BackEnds> make_simulated_back_ends(const Config& config, const SimulationOptions& options) {
    return std::make_unique<SimulatedBackEnds>(config, options);
}

std::string simulated_fault_help() {
    return deck_sim::fault_help();
}

} // namespace overbias::controller
