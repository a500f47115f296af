// SPDX-License-Identifier: Apache-2.0
#include "controller/hardware_back_ends.hpp"

#include "audio/alsa_pcm.hpp"
#include "audio/audio_thread.hpp"
#include "base/async/steady_timeline.hpp"
#include "base/journal.hpp"
#include "base/json/json_text.hpp"
#include "controller/device_settings.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/io/gpiod_lines.hpp"
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

class HardwareBackEnds final : public BackEnds {
  public:
    explicit HardwareBackEnds(const Config& config)
        : audio_(config.audio), card_(timeline_, config.audio), lines_(timeline_, gpio_lines_config(config.gpio)),
          tach_(open_tach(config, timeline_)),
          remote_(timeline_, lines_, tach_.get(), parallel_remote_config(config.deck.profile)),
          adjust_(make_adjust(config.deck.profile, lines_)) {
        lines_.on_lost([this](const std::string& what) { lines_lost_ = what; });
    }

    Timeline& timeline() override { return timeline_; }
    transport::Deck& deck() override { return remote_; }
    transport::DeckAdjust& adjust() override { return *adjust_; }
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
    [[nodiscard]] DeckTime deck_busy_until() const override { return remote_.busy_until(); }
    [[nodiscard]] std::string deck_lost() const override {
        return lines_lost_.empty() && tach_ ? tach_->lost() : lines_lost_;
    }
    std::unique_ptr<transport::Heartbeat> heartbeat(std::function<bool()> may_beat) override {
        const auto line = lines_.find_output(kHeartbeatLine);
        return line ? std::make_unique<transport::Heartbeat>(timeline_, lines_, *line, kHeartbeatHalfPeriod,
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
    transport::GpiodLines lines_;
    std::unique_ptr<transport::TachGpio> tach_;
    transport::ParallelRemote remote_;
    std::unique_ptr<transport::DeckAdjust> adjust_;
    std::string lines_lost_;
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
        : config_(config), timeline_(timeline), lines_(timeline, gpio_lines_config(without_heartbeat(config.gpio))),
          remote_(timeline, lines_, config.gpio.tach ? &tach_ : nullptr, parallel_remote_config(config.deck.profile)) {}
    transport::Deck& deck() override { return remote_; }
    [[nodiscard]] DeckTime busy_until() const override { return remote_.busy_until(); }
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
    transport::GpiodLines lines_;
    LateTach tach_;
    transport::ParallelRemote remote_;
};

} // namespace

std::unique_ptr<BackEnds> make_hardware_back_ends(const Config& config) {
    return std::make_unique<HardwareBackEnds>(config);
}

std::unique_ptr<BareDeck> open_bare_deck(const Config& config, SteadyTimeline& timeline) {
    return std::make_unique<HardwareBareDeck>(config, timeline);
}

} // namespace overbias::controller
