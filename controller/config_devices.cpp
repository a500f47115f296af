// SPDX-License-Identifier: Apache-2.0
#include "controller/config_devices.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace overbias::controller {

namespace {

using audio::ChannelRole;

constexpr double kPeriod_s = 0.005;
constexpr const char* kDeviceExpected = "expected an ALSA device that starts with \"hw:\", like \"hw:CARD=Deck,DEV=0\"";

struct RoleWord {
    const char* word;
    ChannelRole role;
    bool playback, capture; ///< where it may stand
};
constexpr RoleWord kRoles[] = {{"unused", ChannelRole::Unused, true, true},
                               {"programme_out_left", ChannelRole::ProgrammeOutLeft, true, false},
                               {"programme_out_right", ChannelRole::ProgrammeOutRight, true, false},
                               {"tape_return_left", ChannelRole::TapeReturnLeft, false, true},
                               {"tape_return_right", ChannelRole::TapeReturnRight, false, true},
                               {"source_in_left", ChannelRole::SourceInLeft, false, true},
                               {"source_in_right", ChannelRole::SourceInRight, false, true},
                               {"bias", ChannelRole::Bias, false, true}};

/// "hw:CARD=Deck,DEV=0" and "hw:CARD=Deck,DEV=1" are one card.
std::string card_of(const std::string& device) {
    return device.substr(0, device.find(','));
}

} // namespace

void DeviceReader::read() {
    read_card();
    read_lines();
    read_serial();
    read_panel();
}

void DeviceReader::read_card() {
    TomlSection table = root_.section("audio");
    AudioConfig& audio = config_.audio;
    for (const auto& [key, device] :
         {std::pair("playback_device", &audio.playback_device), std::pair("capture_device", &audio.capture_device)}) {
        *device = given_.simulate ? table.text(key, "") : table.required_text(key);
        if (!device->empty() && !device->starts_with("hw:")) {
            table.error(key, std::string(kDeviceExpected) + ", got \"" + *device +
                                 "\"; behind a conversion or a mixer the converters could not be measured");
        }
    }
    audio.capture_sample_rate_hz =
        table.number("capture_sample_rate_hz", audio.sample_rate_hz, {.min = 44100.0, .max = 192000.0});
    audio.playback_roles = {ChannelRole::ProgrammeOutLeft, ChannelRole::ProgrammeOutRight};
    audio.capture_roles = {ChannelRole::TapeReturnLeft, ChannelRole::TapeReturnRight, ChannelRole::SourceInLeft,
                           ChannelRole::SourceInRight};
    read_roles(table, "playback_roles", true, audio.playback_roles);
    read_roles(table, "capture_roles", false, audio.capture_roles);
    const auto period = static_cast<std::int64_t>(std::lround(audio.sample_rate_hz * kPeriod_s));
    audio.period_frames =
        static_cast<std::size_t>(table.integer("period_frames", period, {.min = 32.0, .max = 16384.0}));
    audio.buffer_frames =
        static_cast<std::size_t>(table.integer("buffer_frames", 4096, {.min = 128.0, .max = 131072.0}));
    if (audio.buffer_frames < 4 * audio.period_frames) {
        table.error("buffer_frames", "expected at least four periods of " + std::to_string(audio.period_frames) +
                                         " frames, got " + std::to_string(audio.buffer_frames));
    }
    audio.shared_clock = table.boolean("shared_clock", card_of(audio.playback_device) == card_of(audio.capture_device));
    read_mixer(table);
}

void DeviceReader::read_roles(TomlSection& table, const char* key, bool playback, std::vector<ChannelRole>& roles) {
    const std::vector<std::string> words = table.texts(key);
    if (words.empty()) {
        return;
    }
    roles.clear();
    for (const std::string& word : words) {
        const auto* const known =
            std::ranges::find_if(kRoles, [&word](const RoleWord& each) { return word == each.word; });
        if (known == std::end(kRoles) || !(playback ? known->playback : known->capture)) {
            std::string list;
            for (const RoleWord& each : kRoles) {
                if (playback ? each.playback : each.capture) {
                    list += (list.empty() ? "\"" : ", \"") + std::string(each.word) + "\"";
                }
            }
            return table.error(key, "expected words out of " + list + ", got \"" + word + "\"");
        }
        roles.push_back(known->role);
    }
    const ChannelRole left = playback ? ChannelRole::ProgrammeOutLeft : ChannelRole::TapeReturnLeft;
    const ChannelRole right = playback ? ChannelRole::ProgrammeOutRight : ChannelRole::TapeReturnRight;
    for (const ChannelRole role : {left, right}) {
        if (std::ranges::count(roles, role) != 1) {
            const auto* const word = std::ranges::find(kRoles, role, &RoleWord::role);
            table.error(key, std::string("expected exactly one channel to be \"") + word->word + "\", got " +
                                 std::to_string(std::ranges::count(roles, role)));
        }
    }
}

void DeviceReader::read_mixer(TomlSection audio) {
    TomlSection mixer = audio.section("mixer");
    config_.audio.mixer_card = mixer.text("card", "");
    for (TomlSection& control : mixer.sections("control")) {
        MixerControlConfig setting;
        setting.name = control.required_text("name");
        setting.index = static_cast<unsigned>(control.integer("index", 0, {.min = 0.0, .max = 255.0}));
        switch (control.type_of("value")) {
        case TomlType::Boolean:
            setting.value = control.boolean("value", false);
            break;
        case TomlType::Integer:
            setting.value = static_cast<long>(control.integer("value", 0, {.min = -1.0e6, .max = 1.0e6}));
            break;
        case TomlType::Text:
            setting.value = control.text("value", "");
            break;
        default:
            control.error("value", "expected true or false (a switch), an integer (the control's own steps) or text "
                                   "(an item's name); this key is required");
        }
        config_.audio.mixer.push_back(std::move(setting));
    }
    if (!config_.audio.mixer.empty() && config_.audio.mixer_card.empty()) {
        mixer.error("card", "expected the card whose controls these are, like \"hw:CARD=Deck\", got nothing");
    }
}

void DeviceReader::read_lines() {
    TomlSection gpio = root_.section("gpio");
    config_.gpio.chip = gpio.text("chip", "");
    config_.gpio.heartbeat = gpio.text_or_empty("heartbeat");
    const tape::DeckProfile& profile = config_.deck.profile;
    if (!given_.simulate && given_.have_profile && config_.gpio.heartbeat.empty() &&
        (profile.heartbeat_contact || profile.direct_drive.heartbeat_cuts_solenoids)) {
        gpio.error("heartbeat", "profile \"" + config_.deck.profile.id +
                                    "\" has a heartbeat contact: expected the name of its line, got nothing");
    }
    const auto read = [](TomlSection lines, const std::string& name) {
        TomlSection table = lines.section(name);
        GpioLineSettings line;
        line.name = name;
        line.line = table.text("line", name);
        line.active_low = table.boolean("active_low", false);
        return std::pair(std::move(line), table);
    };
    for (const std::string& name : config_.deck.profile.output_lines()) {
        auto [line, table] = read(gpio.section("outputs"), name);
        line.drive =
            static_cast<GpioLineSettings::Drive>(table.choice("drive", {"push_pull", "open_drain", "open_source"}, 0));
        config_.gpio.outputs.push_back(std::move(line));
    }
    for (const std::string& name : config_.deck.profile.input_lines()) {
        auto [line, table] = read(gpio.section("inputs"), name);
        line.bias =
            static_cast<GpioLineSettings::Bias>(table.choice("bias", {"as_is", "pull_up", "pull_down", "disabled"}, 0));
        config_.gpio.inputs.push_back(std::move(line));
    }
    read_tach(gpio);
}

void DeviceReader::read_tach(TomlSection gpio) {
    TomlSection table = gpio.section("tach");
    const tape::DeckProfile& profile = config_.deck.profile;
    GpioTachSettings tach;
    tach.kind = static_cast<GpioTachSettings::Kind>(
        table.choice("kind", {"single", "quadrature", "pulse_direction"}, profile.tach_quadrature ? 1 : 0));
    tach.a = table.present() ? table.required_text("a") : table.text("a", "");
    const bool two = tach.kind != GpioTachSettings::Kind::Single;
    tach.b = table.present() && two ? table.required_text("b") : table.text("b", "");
    tach.active_low = table.boolean("active_low", false);
    tach.reversed = table.boolean("reversed", false);
    if (!table.present()) {
        if (!given_.simulate && given_.have_profile && !profile.counts_itself() &&
            (profile.proof_of_play == tape::ProofOfPlay::Tach || profile.kind == tape::DeckDriver::DirectDrive)) {
            table.error("a", "profile \"" + profile.id +
                                 "\" needs the tach (to prove play, or to steer its motors): expected the name of its "
                                 "line, got nothing");
        }
        return;
    }
    if (given_.have_profile && config_.deck.tach_edges_per_metre == 0.0) {
        table.error("a", "a tach is wired, but nothing says how many edges it gives a metre: measure them and give "
                         "deck.tach_edges_per_metre");
    }
    config_.gpio.tach = std::move(tach);
}

void DeviceReader::read_serial() {
    TomlSection table = root_.section("serial");
    SerialConfig& serial = config_.serial;
    const bool needed =
        !given_.simulate && given_.have_profile && config_.deck.profile.kind != tape::DeckDriver::ParallelRemote;
    const auto check = [&table](const char* key, const std::string& device) {
        if (!device.empty() && device.front() != '/') {
            table.error(key, "expected the path of a device, like \"/dev/serial/by-id/...\", got \"" + device + "\"");
        }
    };
    serial.device = table.text("device", "");
    check("device", serial.device);
    if (needed && serial.device.empty()) {
        table.error("device", "profile \"" + config_.deck.profile.id +
                                  "\" is reached over a serial line: expected the device's stable path (ls -l "
                                  "/dev/serial/by-id), got nothing");
    }
    serial.more_devices = table.texts("more_devices");
    for (const std::string& device : serial.more_devices) {
        check("more_devices", device);
    }
    serial.address = static_cast<int>(table.integer("address", 0, {.min = 0, .max = 99}));
    serial.host_latency_s = table.number("host_latency_ms", 16.0, {.min = 0.0, .max = 50.0}) / 1000.0;
}

void DeviceReader::read_panel() {
    TomlSection table = root_.section("web");
    if (const auto listen = table.optional_text("listen")) {
        if (auto panel = parse_listen(*listen)) {
            config_.panel = std::move(panel).value();
        } else {
            table.error("listen", panel.error().message);
        }
    }
    config_.panel.host_names = table.texts("host_names");
}

Result<PanelConfig> parse_listen(const std::string& text) {
    PanelConfig panel;
    if (text == "none") {
        panel.on = false;
        return panel;
    }
    const auto bad = [&text] {
        return Error{"expected an address and a port, like \"127.0.0.1:8038\" or \"[::1]:8038\", or \"none\", got \"" +
                     text + "\""};
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return bad();
    }
    panel.address = text.substr(0, colon);
    const bool bracketed = panel.address.starts_with('[') && panel.address.ends_with(']');
    if (bracketed) {
        panel.address = panel.address.substr(1, panel.address.size() - 2);
    }
    if (panel.address.empty() || (!bracketed && panel.address.find(':') != std::string::npos)) {
        return bad();
    }
    const char* const begin = text.data() + colon + 1;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, panel.port);
    if (error != std::errc() || rest != end) {
        return bad();
    }
    return panel;
}

} // namespace overbias::controller
