// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated/simulated_back_ends.hpp"

#include "audio/sound_stretch.hpp"
#include "base/async/simulated_timeline.hpp"
#include "controller/config.hpp"
#include "controller/deck_driver.hpp"
#include "controller/deck_settings.hpp"
#include "controller/device_settings.hpp"
#include "controller/part_settings.hpp"
#include "controller/simulated/simulated_adjust.hpp"
#include "controller/simulated/simulated_deck_hands.hpp"
#include "controller/simulated/simulated_remote.hpp"
#include "deck-sim/faces/display_bus_lines.hpp"
#include "deck-sim/simulated_deck.hpp"
#include "deck-sim/simulated_machine.hpp"
#include "transport/io/heartbeat.hpp"

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

/// What a prerecorded tape is that does not say otherwise: it suits the deck.
deck_sim::TapeContent usual_tape(const deck_sim::Settings& settings) {
    deck_sim::TapeContent usual;
    usual.equalisation = settings.equalisation;
    usual.speed_ips = settings.play_speed_ips;
    return usual;
}

/// The simulated deck as the configuration describes the installation: its tape, speed, equalisation and level line-up.
/// What a configuration cannot know (head gap, speed error, gain errors, noise) stays the simulation's own.
deck_sim::Settings settings_of(const Config& config, const SimulationOptions& options) {
    deck_sim::Settings settings;
    settings.misaligned = options.misaligned;
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
    for (const tape::DeckSpeed& speed : config.deck.profile.speeds) {
        if (speed.select_key || speed.select_lines || !speed.select_command.empty()) {
            settings.speeds_ips.push_back(speed.speed_ips);
        }
    }
    settings.senses_motion = config.deck.profile.senses_motion_itself;
    settings.sample_rate_hz = config.audio.sample_rate_hz;
    settings.capture_sample_rate_hz = config.audio.capture_sample_rate_hz;
    if (const auto& bias_khz = config.deck.profile.bias_frequency_khz) {
        settings.bias_hz = 1000.0 * bias_khz->value;
    }
    for (const tape::BiasSource& source : config.deck.profile.bias_sources) {
        if (source.kind == tape::BiasSourceKind::Mixed && source.frequency_khz && source.oscillator_khz) {
            settings.bias_capture = true;
            settings.bias_hz = 1000.0 * source.frequency_khz->value;
            settings.bias_mixer_hz = 1000.0 * source.oscillator_khz->value;
        }
    }
    settings.monitor_playback = !config.listening.monitor_channels.empty();
    settings.round_trip_frames = config.audio.round_trip_frames.value_or(settings.round_trip_frames);
    settings.play_dbfs_at_operating_level = config.audio.levels.play_dbfs_at_operating_level;
    settings.capture_dbfs_at_operating_level = config.audio.levels.capture_dbfs_at_operating_level;
    if (!options.source.empty()) {
        const auto seconds_of = audio::sound_duration_s(options.source);
        auto frames = seconds_of ? audio::read_sound_stretch(options.source, 0.0, *seconds_of, settings.sample_rate_hz)
                                 : Result<std::vector<float>>(seconds_of.error());
        if (!frames) {
            throw std::invalid_argument("--source: " + frames.error().message);
        }
        settings.source = std::make_shared<const std::vector<float>>(std::move(frames).value());
        settings.source_capture = true;
    }
    if (!options.tape.empty()) {
        auto tape = deck_sim::parse_tape(options.tape, usual_tape(settings));
        if (!tape) {
            throw std::invalid_argument("--" + tape.error().message);
        }
        settings.tape = std::move(tape).value();
    }
    return settings;
}

constexpr DeckDuration kEngineTurn = std::chrono::milliseconds(10);
constexpr DeckDuration kHeartbeatHalfPeriod = std::chrono::milliseconds(20);

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

/// The deck with a logic of its own, or the machine that is driven motor by motor: what of it the wiring needs.
class SimulatedPorts {
  public:
    SimulatedPorts(Timeline& timeline, const Config& config, const SimulationOptions& options) {
        std::vector<deck_sim::Fault> faults = read_faults(options.faults);
        if (config.deck.profile.kind == tape::DeckDriver::DirectDrive) {
            machine_ = std::make_unique<deck_sim::SimulatedMachine>(timeline, settings_of(config, options),
                                                                    deck_sim::DriveSettings{}, std::move(faults),
                                                                    serial_settings(config).front().baud);
        } else {
            const deck_sim::Settings settings = settings_of(config, options);
            deck_ = std::make_unique<deck_sim::SimulatedDeck>(timeline, settings, std::move(faults));
            hands_ = std::make_unique<SimulatedDeckHands>(*deck_, usual_tape(settings));
            socket_ = make_simulated_socket(timeline, *deck_, config);
            if (config.deck.profile.display_bus) {
                display_ = std::make_unique<deck_sim::DisplayBusLines>(timeline, deck_->lines(), deck_->remote());
            }
        }
    }
    [[nodiscard]] transport::Lines& lines() {
        if (display_) {
            return *display_;
        }
        return machine_ ? machine_->lines() : deck_->lines();
    }
    [[nodiscard]] transport::Tach& tach() { return machine_ ? machine_->tach() : deck_->tach(); }
    [[nodiscard]] audio::Pcm& pcm() { return machine_ ? machine_->pcm() : deck_->pcm(); }
    [[nodiscard]] std::vector<transport::SerialLink*> links() {
        if (machine_) {
            return {&machine_->line().link()};
        }
        return socket_ ? std::vector<transport::SerialLink*>{&socket_->line().link()}
                       : std::vector<transport::SerialLink*>{};
    }
    /// What the deck lets us set besides the routing. The machine with three motors has no converters.
    [[nodiscard]] std::unique_ptr<transport::DeckAdjust> adjust(std::unique_ptr<transport::DeckAdjust> routing) {
        return machine_ ? std::move(routing) : std::make_unique<SimulatedAdjust>(*deck_, std::move(routing));
    }
    [[nodiscard]] SimulatedHands* hands() { return hands_.get(); }
    void programme_starts(DeckTime at) {
        if (machine_) {
            machine_->programme_starts(at);
        } else {
            deck_->programme_starts(at);
        }
    }

  private:
    std::unique_ptr<deck_sim::SimulatedDeck> deck_;
    std::unique_ptr<SimulatedDeckHands> hands_;
    std::unique_ptr<SimulatedSocket> socket_;
    std::unique_ptr<deck_sim::DisplayBusLines> display_; ///< the deck's lines with its display bus
    std::unique_ptr<deck_sim::SimulatedMachine> machine_;
};

/// Where a deck counts by itself, or none is wanted, the roller's tach stays unwired.
transport::Tach* tach_of(const Config& config, SimulatedPorts& ports) {
    return config.deck.tach_edges_per_metre > 0.0 && !config.deck.profile.counts_itself() ? &ports.tach() : nullptr;
}

class SimulatedBackEnds final : public BackEnds {
  public:
    SimulatedBackEnds(const Config& config, const SimulationOptions& options)
        : config_(config), time_scale_(options.time_scale),
          timeline_(options.time_scale > 0.0 ? options.time_scale : 1.0), trace_(timeline_),
          ports_(timeline_, config, options), lines_(trace_.watch(ports_.lines())),
          deck_(make_deck(config, {.timeline = timeline_,
                                   .lines = *lines_,
                                   .tach = tach_of(config, ports_),
                                   .links = ports_.links(),
                                   .trace = &trace_})),
          adjust_(ports_.adjust(make_adjust(config.deck.profile, *lines_))) {
        trace_.set_pins(config.deck.profile.pins);
        if (config.deck.profile.display_bus) {
            trace_.set_restless(config.deck.profile.display_bus->lines());
        }
    }

    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return *deck_; }
    transport::DeckAdjust& adjust() override { return *adjust_; }
    DeckTrace* trace() override { return &trace_; }
    SimulatedHands* hands() override { return ports_.hands(); }
    audio::Pcm& pcm() override { return ports_.pcm(); }
    Card& card() override { return card_; }
    [[nodiscard]] bool simulated() const override { return true; }
    [[nodiscard]] audio::EngineConfig engine_config() const override {
        return controller::engine_config(config_, seconds(kEngineTurn));
    }
    std::unique_ptr<EngineDrive> drive(audio::BlockEngine& engine) override {
        return std::make_unique<TimelineDrive>(timeline_, engine);
    }
    /// The simulated machine has a relay of that kind on its solenoids; the simulated deck has none in this process.
    std::unique_ptr<transport::Heartbeat> heartbeat(std::function<bool()> may_beat) override {
        const auto line = ports_.lines().find_output(kHeartbeatLine);
        return line ? std::make_unique<transport::Heartbeat>(timeline_, ports_.lines(), *line, kHeartbeatHalfPeriod,
                                                             std::move(may_beat))
                    : nullptr;
    }
    void run() override { timeline_.run(); }
    void stop() override { timeline_.stop(); }
    void pace(bool hurry) override {
        const double wanted = time_scale_ > 0.0 ? time_scale_ : (hurry ? 0.0 : 1.0);
        if (wanted != timeline_.scale()) {
            timeline_.set_scale(wanted);
        }
    }
    [[nodiscard]] double time_scale() const override { return time_scale_; }
    void programme_starts(DeckTime at) override { ports_.programme_starts(at); }

  private:
    Config config_;
    double time_scale_;
    SimulatedCard card_;
    SimulatedTimeline timeline_;
    DeckTrace trace_;
    SimulatedPorts ports_;
    std::unique_ptr<transport::Lines> lines_; ///< those of ports_, watched
    std::unique_ptr<transport::Deck> deck_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
};

} // namespace

std::unique_ptr<BackEnds> make_simulated_back_ends(const Config& config, const SimulationOptions& options) {
    return std::make_unique<SimulatedBackEnds>(config, options);
}

std::string simulated_fault_help() {
    return deck_sim::fault_help();
}

std::string simulated_tape_help() {
    return deck_sim::tape_help();
}

} // namespace overbias::controller
