// SPDX-License-Identifier: Apache-2.0
#include "controller/hardware_back_ends.hpp"

#include "audio/alsa_pcm.hpp"
#include "audio/audio_thread.hpp"
#include "base/async/steady_timeline.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/deck_driver.hpp"
#include "controller/deck_settings.hpp"
#include "controller/device_settings.hpp"
#include "transport/io/gpiod_lines.hpp"
#include "transport/io/serial_port.hpp"
#include "transport/io/tach_gpio.hpp"

#include <boost/json.hpp>
#include <optional>
#include <pthread.h>
#include <sched.h>
#include <stdexcept>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr int kControlPriority = 60;
/// The contact outside drops a quarter of a second after the last edge: it stands eleven missing ones.
constexpr DeckDuration kHeartbeatHalfPeriod = std::chrono::milliseconds(20);

std::unique_ptr<transport::TachGpio> open_tach(const Config& config, const SteadyTimeline& timeline) {
    if (!config.gpio.tach || config.deck.tach_edges_per_metre <= 0.0) {
        return nullptr;
    }
    return std::make_unique<transport::TachGpio>(timeline, tach_gpio_config(config.gpio.chip, *config.gpio.tach));
}

/// FIFO for the calling thread alone: what it starts later is ordinary again.
void take_control_priority() {
    sched_param parameter{};
    parameter.sched_priority = kControlPriority;
    if (::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) != 0) {
        journal(JournalLevel::Notice, "overbiasd",
                "real-time scheduling is not permitted: the deck is driven at ordinary priority; give the service "
                "LimitRTPRIO=75, or your user rtprio 75 in /etc/security/limits.d");
    }
}

class ThreadDrive final : public EngineDrive {
  public:
    ThreadDrive(audio::BlockEngine& engine, audio::AlsaPcm& pcm)
        : thread_(engine, [&pcm](std::chrono::milliseconds most) { return pcm.rt_wait(most); }) {}
    void start() override { thread_.start(); }
    void stop() noexcept override { thread_.stop(); }
    [[nodiscard]] std::uint64_t turns() const noexcept override { return thread_.turns(); }

  private:
    audio::AudioThread thread_;
};

class AlsaCard final : public Card {
  public:
    AlsaCard(const SteadyTimeline& timeline, const AudioConfig& audio)
        : name_(audio.playback_device == audio.capture_device ? audio.playback_device
                                                              : audio.playback_device + " and " + audio.capture_device),
          pcm_(timeline, alsa_config(audio)) {}
    Result<void> open() override { return pcm_.open(); }
    void close() noexcept override { pcm_.close(); }
    [[nodiscard]] bool present() const override { return pcm_.present(); }
    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] std::string report_json() const override {
        const audio::AlsaPcm::Report report = pcm_.report();
        const auto ppm = [](const std::optional<double>& drift) {
            return drift ? json::value(*drift) : json::value(nullptr);
        };
        return json_line(json::object{{"capture",
                                       {{"device", report.capture_device},
                                        {"format", report.capture_format},
                                        {"card_timestamps", report.capture_card_timestamps},
                                        {"clock_drift_ppm", ppm(report.capture_drift_ppm)}}},
                                      {"playback",
                                       {{"device", report.playback_device},
                                        {"format", report.playback_format},
                                        {"card_timestamps", report.playback_card_timestamps},
                                        {"clock_drift_ppm", ppm(report.playback_drift_ppm)}}},
                                      {"linked", report.linked}});
    }
    audio::AlsaPcm& pcm() noexcept { return pcm_; }

  private:
    std::string name_;
    audio::AlsaPcm pcm_;
};

/// The GPIO lines and serial devices of the deck.
class HardwarePorts {
  public:
    HardwarePorts(const Config& config, const GpioConfig& gpio, SteadyTimeline& timeline) {
        if (gpio.outputs.empty() && gpio.inputs.empty() && gpio.heartbeat.empty()) {
            none_.emplace();
        } else {
            gpiod_ = std::make_unique<transport::GpiodLines>(timeline, gpio_lines_config(gpio));
            gpiod_->on_lost([this](const std::string& what) { lost_ = what; });
        }
        for (transport::SerialSettings& settings : serial_settings(config)) {
            serial_.push_back(std::make_unique<transport::SerialPort>(timeline, std::move(settings)));
        }
    }
    transport::Lines& lines() {
        return gpiod_ ? static_cast<transport::Lines&>(*gpiod_) : static_cast<transport::Lines&>(*none_);
    }
    [[nodiscard]] std::vector<transport::SerialLink*> links() const {
        std::vector<transport::SerialLink*> links;
        for (const auto& port : serial_) {
            links.push_back(port.get());
        }
        return links;
    }
    [[nodiscard]] const std::string& lines_lost() const noexcept { return lost_; }

  private:
    std::unique_ptr<transport::GpiodLines> gpiod_;
    std::optional<NoLines> none_;
    std::vector<std::unique_ptr<transport::SerialPort>> serial_;
    std::string lost_;
};

class HardwareBackEnds final : public BackEnds {
  public:
    explicit HardwareBackEnds(const Config& config)
        : audio_(config.audio), card_(timeline_, config.audio), trace_(timeline_),
          ports_(config, config.gpio, timeline_), lines_(trace_.watch(ports_.lines())),
          tach_(open_tach(config, timeline_)), deck_(make_deck(config, {.timeline = timeline_,
                                                                        .lines = *lines_,
                                                                        .tach = tach_.get(),
                                                                        .links = ports_.links(),
                                                                        .trace = &trace_})),
          adjust_(make_adjust(config.deck.profile, *lines_)) {
        trace_.set_pins(config.deck.profile.pins);
        if (config.deck.profile.display_bus) {
            trace_.set_restless(config.deck.profile.display_bus->lines());
        }
    }

    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return *deck_; }
    transport::DeckAdjust& adjust() override { return *adjust_; }
    DeckTrace* trace() override { return &trace_; }
    audio::Pcm& pcm() override { return card_.pcm(); }
    Card& card() override { return card_; }
    [[nodiscard]] bool simulated() const override { return false; }
    [[nodiscard]] audio::EngineConfig engine_config() const override {
        audio::EngineConfig engine;
        engine.block_frames = audio_.period_frames;
        // as much as the buffer takes: nobody plays live through us, and a late turn costs nothing
        engine.playback_latency_frames = audio_.buffer_frames - audio_.period_frames;
        return engine;
    }
    std::unique_ptr<EngineDrive> drive(audio::BlockEngine& engine) override {
        return std::make_unique<ThreadDrive>(engine, card_.pcm());
    }
    /// A serial line that is lost is told by the deck itself (Deck::link) and comes back by itself.
    [[nodiscard]] std::string deck_lost() const override {
        return ports_.lines_lost().empty() && tach_ ? tach_->lost() : ports_.lines_lost();
    }
    std::unique_ptr<transport::Heartbeat> heartbeat(std::function<bool()> may_beat) override {
        transport::Lines& lines = ports_.lines(); // not watched: its edges would hide all others
        const auto line = lines.find_output(kHeartbeatLine);
        return line ? std::make_unique<transport::Heartbeat>(timeline_, lines, *line, kHeartbeatHalfPeriod,
                                                             std::move(may_beat))
                    : nullptr;
    }
    void run() override {
        take_control_priority();
        timeline_.run();
    }
    void stop() override { timeline_.stop(); }
    void pace(bool) override {}
    [[nodiscard]] double time_scale() const override { return 1.0; }
    void programme_starts(DeckTime) override {}

  private:
    AudioConfig audio_;
    SteadyTimeline timeline_;
    AlsaCard card_;
    DeckTrace trace_;
    HardwarePorts ports_;
    std::unique_ptr<transport::Lines> lines_; ///< those of ports_, watched
    std::unique_ptr<transport::TachGpio> tach_;
    std::unique_ptr<transport::Deck> deck_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
};

/// A tach that may be opened later than the driver that reads it.
class LateTach final : public transport::Tach {
  public:
    void open(std::unique_ptr<transport::TachGpio> tach) { tach_ = std::move(tach); }
    transport::TachReading read() override { return tach_ ? tach_->read() : transport::TachReading{}; }

  private:
    std::unique_ptr<transport::TachGpio> tach_;
};

GpioConfig without_heartbeat(GpioConfig gpio) {
    gpio.heartbeat.clear();
    return gpio;
}

class HardwareBareDeck final : public BareDeck {
  public:
    HardwareBareDeck(const Config& config, SteadyTimeline& timeline)
        : config_(config), timeline_(timeline), ports_(config, without_heartbeat(config.gpio), timeline),
          deck_(make_deck(config,
                          {.timeline = timeline,
                           .lines = ports_.lines(),
                           .tach = config.gpio.tach ? &tach_ : nullptr,
                           .links = ports_.links()},
                          DeckUse::StopOnly)) {}
    transport::Deck& deck() override { return *deck_; }
    Result<void> open_watch() override {
        try {
            tach_.open(open_tach(config_, timeline_));
        } catch (const std::exception& failure) {
            return Error{failure.what()};
        }
        return {};
    }

  private:
    const Config& config_;
    SteadyTimeline& timeline_;
    HardwarePorts ports_;
    LateTach tach_;
    std::unique_ptr<transport::Deck> deck_;
};

} // namespace

std::unique_ptr<BackEnds> make_hardware_back_ends(const Config& config) {
    return std::make_unique<HardwareBackEnds>(config);
}

std::unique_ptr<BareDeck> open_bare_deck(const Config& config, SteadyTimeline& timeline) {
    return std::make_unique<HardwareBareDeck>(config, timeline);
}

} // namespace overbias::controller
