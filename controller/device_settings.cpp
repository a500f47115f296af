// SPDX-License-Identifier: Apache-2.0
#include "controller/device_settings.hpp"

#include "base/units.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/relay_adjust.hpp"

#include <cmath>

namespace overbias::controller {

namespace {

transport::ContactConfig contact_of(const tape::DeckKey& key) {
    return {key.line, key.pulse_s};
}

transport::GpioLineConfig line_of(const GpioLineSettings& settings) {
    using Line = transport::GpioLineConfig;
    Line line;
    line.name = settings.name;
    line.line = settings.line;
    line.active_low = settings.active_low;
    switch (settings.bias) {
    case GpioLineSettings::Bias::AsIs:
        line.bias = Line::Bias::AsIs;
        break;
    case GpioLineSettings::Bias::PullUp:
        line.bias = Line::Bias::PullUp;
        break;
    case GpioLineSettings::Bias::PullDown:
        line.bias = Line::Bias::PullDown;
        break;
    case GpioLineSettings::Bias::Disabled:
        line.bias = Line::Bias::Disabled;
        break;
    }
    switch (settings.drive) {
    case GpioLineSettings::Drive::PushPull:
        line.drive = Line::Drive::PushPull;
        break;
    case GpioLineSettings::Drive::OpenDrain:
        line.drive = Line::Drive::OpenDrain;
        break;
    case GpioLineSettings::Drive::OpenSource:
        line.drive = Line::Drive::OpenSource;
        break;
    }
    return line;
}

transport::DisplayBusConfig display_bus_of(const tape::DisplayBusSettings& settings, double speed_ips) {
    transport::DisplayBusConfig bus;
    bus.data = settings.data;
    bus.select = settings.select;
    const double unit = settings.digits.back().worth;
    for (const tape::DisplayBusSettings::Digit& digit : settings.digits) {
        bus.digits.push_back({.select = digit.select, .worth = std::llround(digit.worth / unit)});
    }
    if (settings.sign) {
        bus.sign = transport::DisplayBusConfig::Sign{
            .select = settings.sign->select, .minus = settings.sign->minus, .plus = settings.sign->plus};
    }
    bus.wraps_at = std::llround(settings.wraps_at / unit);
    bus.units_per_metre = 1.0 / settings.resolution_m(metres_per_second(speed_ips));
    if (settings.fastest_wind_m_s) {
        bus.fastest_m_s = settings.fastest_wind_m_s->value;
    }
    return bus;
}

} // namespace

transport::ParallelRemoteConfig parallel_remote_config(const tape::DeckProfile& profile, double speed_ips) {
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
    const tape::ExtraLines& extras = profile.extras;
    remote.edit = contact_of(extras.edit);
    remote.edit_held = extras.edit_held;
    remote.library_wind = extras.library_wind;
    remote.library_wind_held = extras.library_wind_press == tape::LibraryWindPress::Held;
    remote.lifter_defeat = extras.lifter_defeat;
    remote.thread = extras.thread;
    remote.ready = extras.ready;
    remote.tally_still = profile.tallies.still;
    if (profile.display_bus) {
        remote.display_bus = display_bus_of(*profile.display_bus, speed_ips);
        if (profile.display_bus->still_below_m_s) {
            remote.counter_still_m_s = profile.display_bus->still_below_m_s->value;
        }
    }
    for (const tape::LampLine& lamp : extras.lamps) {
        remote.lamps.push_back({.name = lamp.name, .line = lamp.line});
    }
    for (const tape::DeckSpeed& speed : profile.speeds) {
        if (speed.select_lines || speed.select_key) {
            remote.speeds.push_back({.speed_ips = speed.speed_ips,
                                     .closed = speed.select_lines.value_or(std::vector<std::string>()),
                                     .key = contact_of(speed.select_key.value_or(tape::DeckKey{}))});
        }
    }
    return remote;
}

std::unique_ptr<transport::DeckAdjust> make_adjust(const tape::DeckProfile& profile, transport::Lines& lines) {
    const transport::RelayLines relays{.monitor_input = profile.monitor_input_line,
                                       .monitor_sync = profile.monitor_sync_line,
                                       .source = profile.routing.source,
                                       .oscillator = profile.routing.oscillator,
                                       .tape_return = profile.routing.tape_return,
                                       .mute = profile.routing.mute,
                                       .mono = profile.routing.mono};
    if (!relays.any()) {
        return std::make_unique<transport::ManualAdjust>();
    }
    return std::make_unique<transport::RelayAdjust>(lines, relays);
}

audio::AlsaConfig alsa_config(const AudioConfig& audio) {
    audio::AlsaConfig alsa;
    alsa.playback = {.device = audio.playback_device,
                     .sample_rate_hz = audio.sample_rate_hz,
                     .roles = audio.playback_roles,
                     .period_frames = audio.period_frames,
                     .buffer_frames = audio.buffer_frames};
    alsa.capture = {.device = audio.capture_device,
                    .sample_rate_hz = audio.capture_sample_rate_hz,
                    .roles = audio.capture_roles,
                    .period_frames = audio.period_frames,
                    .buffer_frames = audio.buffer_frames};
    alsa.shared_clock = audio.shared_clock;
    alsa.mixer_card = audio.mixer_card;
    for (const MixerControlConfig& control : audio.mixer) {
        alsa.mixer.push_back({.control = control.name, .index = control.index, .value = control.value});
    }
    return alsa;
}

transport::GpioLinesConfig gpio_lines_config(const GpioConfig& gpio) {
    transport::GpioLinesConfig lines;
    lines.chip = gpio.chip;
    for (const GpioLineSettings& line : gpio.outputs) {
        lines.outputs.push_back(line_of(line));
    }
    for (const GpioLineSettings& line : gpio.inputs) {
        lines.inputs.push_back(line_of(line));
    }
    if (!gpio.heartbeat.empty()) {
        transport::GpioLineConfig line;
        line.name = kHeartbeatLine;
        line.line = gpio.heartbeat;
        lines.outputs.push_back(std::move(line));
    }
    return lines;
}

transport::TachGpioConfig tach_gpio_config(const std::string& chip, const GpioTachSettings& tach) {
    transport::TachGpioConfig config;
    config.chip = chip;
    switch (tach.kind) {
    case GpioTachSettings::Kind::Single:
        config.kind = transport::TachGpioConfig::Kind::Single;
        break;
    case GpioTachSettings::Kind::Quadrature:
        config.kind = transport::TachGpioConfig::Kind::Quadrature;
        break;
    case GpioTachSettings::Kind::PulseDirection:
        config.kind = transport::TachGpioConfig::Kind::PulseDirection;
        break;
    }
    config.line_a = tach.a;
    config.line_b = tach.b;
    config.active_low = tach.active_low;
    config.reversed = tach.reversed;
    return config;
}

} // namespace overbias::controller
