// SPDX-License-Identifier: Apache-2.0
#include "controller/panel_link.hpp"

#include "base/journal.hpp"
#include "base/units.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace overbias::controller {

namespace {

constexpr double kTapSeconds = 0.25;
constexpr int kNextPorts = 20;

std::unique_ptr<PanelDoor> open_door(const Config& config, const PanelDoor::Hooks& hooks) {
    web_ui::WebConfig web;
    web.address = config.panel.address;
    web.port = config.panel.port;
    web.host_names = config.panel.host_names;
    web.version = OVERBIAS_VERSION;
    web.sessions_file = config.daemon.state_dir / "panel-sessions";
    try {
        return std::make_unique<PanelDoor>(web, hooks);
    } catch (const std::runtime_error& taken) {
        if (!config.simulate || web.port == 0) {
            throw;
        }
        for (int next = 1; next <= kNextPorts; ++next) {
            web.port = static_cast<std::uint16_t>(config.panel.port + next);
            try {
                auto door = std::make_unique<PanelDoor>(web, hooks);
                journal(JournalLevel::Notice, "overbiasd",
                        std::string(taken.what()) + "; the panel is at port " + std::to_string(door->port()));
                return door;
            } catch (const std::runtime_error&) {
                continue; // that one is taken too
            }
        }
        throw;
    }
}

bool has_screen() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"}) {
        const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): at start-up
        if (value != nullptr && *value != '\0') {
            return true;
        }
    }
    return false;
}

} // namespace

PanelLink::PanelLink(const Config& config, audio::BlockEngine& engine, const PanelDoor::Hooks& hooks)
    : door_(open_door(config, hooks)) {
    MeterWorkerConfig meters;
    meters.played_rate_hz = config.audio.sample_rate_hz;
    meters.return_rate_hz = config.audio.capture_sample_rate_hz;
    meters.played_reference = amplitude_from_db(config.audio.levels.play_dbfs_at_operating_level);
    meters.return_reference = amplitude_from_db(config.audio.levels.capture_dbfs_at_operating_level);
    const auto frames = [](double rate_hz) { return static_cast<std::size_t>(rate_hz * kTapSeconds); };
    meters_ = std::make_unique<MeterWorker>(
        engine.add_played_tap(frames(meters.played_rate_hz)), engine.add_return_tap(frames(meters.return_rate_hz)),
        meters, [door = door_.get()](const web_ui::MeterFrame& frame) { door->publish_meters(frame); },
        MeterPictures{[door = door_.get()](web_ui::PictureSource source) { return door->pictures_wanted(source); },
                      [door = door_.get()](const web_ui::PictureFrame& picture) { door->publish_picture(picture); }});
}

void PanelLink::tick(audio::StreamTimestamp returned, const JobRunner& runner) {
    meters_->anchor(returned);
    if (!runner.running() || runner.name() != "print") {
        print_.clear();
    } else if (print_ != runner.id()) {
        print_ = runner.id();
        in_programme_ = false;
        meters_->restart_loudness();
    }
}

void PanelLink::job_event(const transport::JobEvent& event) {
    if (!print_.empty() && !in_programme_ && event.kind == "track_start") {
        meters_->restart_loudness();
        in_programme_ = true;
    }
}

std::string panel_words(const std::string& pairing_address, const PanelConfig& config, std::uint16_t port) {
    std::string words = "panel: " + pairing_address + "\n";
    if (!has_screen()) {
        std::array<char, 256> host{};
        const bool named = ::gethostname(host.data(), host.size() - 1) == 0 && host[0] != '\0';
        const std::string number = std::to_string(port);
        const std::string address =
            config.address.find(':') != std::string::npos ? "[" + config.address + "]" : config.address;
        words += "       from another computer first: ssh -L " + number + ":" + address + ":" + number + " " +
                 (named ? std::string(host.data()) : "THIS-MACHINE") + "\n";
    }
    return words;
}

} // namespace overbias::controller
