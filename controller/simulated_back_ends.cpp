// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated_back_ends.hpp"

#include "base/async/simulated_timeline.hpp"
#include "controller/config.hpp"
#include "controller/device_settings.hpp"
#include "controller/part_settings.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "transport/drivers/parallel_remote.hpp"

#include <algorithm>
#include <atomic>
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
    settings.capture_sample_rate_hz = config.audio.capture_sample_rate_hz;
    settings.round_trip_frames = config.audio.round_trip_frames.value_or(settings.round_trip_frames);
    settings.play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level;
    settings.capture_dbfs_at_operating_level = config.audio.levels.capture_dbfs_at_operating_level;
    return settings;
}

constexpr DeckDuration kEngineTurn = std::chrono::milliseconds(10);

/// The simulated card is turned by deck time itself.
class TimelineDrive final : public EngineDrive {
  public:
    TimelineDrive(Timeline& timeline, audio::BlockEngine& engine) : timeline_(timeline), engine_(engine) {}
    void start() override {
        turn_ = std::make_unique<PeriodicTimer>(timeline_, kEngineTurn, [this] {
            turns_.fetch_add(1, std::memory_order_relaxed);
            engine_.rt_process();
        });
    }
    void stop() noexcept override { turn_.reset(); }
    [[nodiscard]] std::uint64_t turns() const noexcept override { return turns_.load(std::memory_order_relaxed); }

  private:
    Timeline& timeline_;
    audio::BlockEngine& engine_;
    std::atomic<std::uint64_t> turns_{0};
    std::unique_ptr<PeriodicTimer> turn_;
};

/// Always there.
class SimulatedCard final : public Card {
  public:
    Result<void> open() override { return {}; }
    void close() noexcept override {}
    [[nodiscard]] bool present() const override { return true; }
    [[nodiscard]] std::string name() const override { return "simulated"; }
};

class SimulatedBackEnds final : public BackEnds {
  public:
    SimulatedBackEnds(const Config& config, const SimulationOptions& options)
        : config_(config), time_scale_(options.time_scale),
          timeline_(options.time_scale > 0.0 ? options.time_scale : 1.0),
          deck_(timeline_, settings_of(config), read_faults(options.faults)),
          remote_(timeline_, deck_.lines(), config.deck.tach_edges_per_metre > 0.0 ? &deck_.tach() : nullptr,
                  parallel_remote_config(config.deck.profile)),
          adjust_(make_adjust(config.deck.profile, deck_.lines())) {}

    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return remote_; }
    transport::DeckAdjust& adjust() override { return *adjust_; }
    audio::Pcm& pcm() override { return deck_.pcm(); }
    Card& card() override { return card_; }
    [[nodiscard]] bool simulated() const override { return true; }
    [[nodiscard]] audio::EngineConfig engine_config() const override {
        return controller::engine_config(config_, seconds(kEngineTurn));
    }
    std::unique_ptr<EngineDrive> drive(audio::BlockEngine& engine) override {
        return std::make_unique<TimelineDrive>(timeline_, engine);
    }
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
    Config config_;
    double time_scale_;
    SimulatedCard card_;
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
