// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/deck_files.hpp"

#include "deck-sim/process/wires.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace overbias::deck_sim {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestSocketPath = 107;
constexpr const char* kShim = "liboverbias_gpio_shim.so";

std::string number(double value) {
    std::array<char, 40> text{};
    (void)std::snprintf(text.data(), text.size(), "%.10g", value);
    return text.data();
}

/// A TOML basic string.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

/// A word of the shell.
std::string shell_word(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

const char* equalisation_word(Equalisation equalisation) {
    switch (equalisation) {
    case Equalisation::Nab:
        return "NAB";
    case Equalisation::Aes:
        return "AES";
    case Equalisation::Iec1:
        break;
    }
    return "IEC1";
}

constexpr const char* kMixer = "\n[audio.mixer]\n"
                               "card = \"hw:Deck\"\n"
                               "[[audio.mixer.control]]\n"
                               "name = \"Line Playback Volume\"\n"
                               "value = 80\n"
                               "[[audio.mixer.control]]\n"
                               "name = \"Line Capture Volume\"\n"
                               "value = 80\n"
                               "[[audio.mixer.control]]\n"
                               "name = \"Line Capture Switch\"\n"
                               "value = true\n"
                               "[[audio.mixer.control]]\n"
                               "name = \"Clock Source\"\n"
                               "value = \"Internal\"\n";

std::string gpio_text() {
    const auto line = [](const char* group, const char* port, const char* kernel) {
        return std::string("[gpio.") + group + "." + port + "]\nline = " + quoted(kernel) + "\n";
    };
    std::string text = "\n[gpio]\nchip = " + quoted(kChipLabel) + "\nheartbeat = " + quoted(kHeartbeatLine) + "\n";
    for (const Wire& wire : kOutputWires) {
        text += line("outputs", wire.deck, wire.chip);
    }
    for (const Wire& wire : kInputWires) {
        text += line("inputs", wire.deck, wire.chip);
    }
    return text + "[gpio.tach]\nkind = \"quadrature\"\na = " + quoted(kTachALine) + "\nb = " + quoted(kTachBLine) +
           "\n";
}

/// All but the devices a deck is reached by.
std::string configuration(const DeckDirectory& directory, const Settings& settings, const std::string& profile,
                          const std::string& devices) {
    return "# overbiasd --config with this file drives the simulated deck in this directory; it needs the environment\n"
           "# in the file env.\n"
           "[deck]\n"
           "profile = " +
           quoted(profile) +
           "\n"
           "\n[tape]\n"
           "stock = \"generic-2500ft\"\n"
           "length_m = " +
           number(settings.tape_length_m) + "\nspeed_ips = " + number(settings.play_speed_ips) + "\nequalisation = \"" +
           equalisation_word(settings.equalisation) +
           "\"\n"
           "operating_level_nwb_per_m = 320\n"
           "operating_level_school = \"DIN\"\n"
           "\n[audio]\n"
           "playback_device = \"hw:CARD=Deck,DEV=0\"\n"
           "capture_device = \"hw:CARD=Deck,DEV=0\"\n"
           "playback_roles = [\"programme_out_left\", \"programme_out_right\", \"unused\", \"unused\"]\n"
           "capture_roles = [\"tape_return_left\", \"tape_return_right\", \"source_in_left\", \"source_in_right\"" +
           (settings.bias_capture ? ", \"bias\", \"bias\"" : "") +
           "]\n"
           "sample_rate_hz = " +
           number(settings.sample_rate_hz) +
           (settings.capture_sample_rate_hz > 0.0
                ? "\ncapture_sample_rate_hz = " + number(settings.capture_sample_rate_hz)
                : "") +
           "\nplay_dbfs_at_operating_level = " + number(settings.play_dbfs_at_operating_level) +
           "\ncapture_dbfs_at_operating_level = " + number(settings.capture_dbfs_at_operating_level) +
           "\nround_trip_frames = " + number(settings.round_trip_frames) +
           "\nshared_clock = " + (settings.shared_clock ? "true" : "false") + "\n" + kMixer + devices +
           "\n[daemon]\nstate_dir = " + quoted(directory.state().string()) +
           "\nsocket = " + quoted((directory.state() / "overbias.sock").string()) + "\n";
}

} // namespace

DeckDirectory open_directory(const fs::path& dir) {
    DeckDirectory directory;
    directory.dir = fs::absolute(dir).lexically_normal();
    std::error_code error;
    fs::create_directories(directory.dir, error);
    if (!fs::is_directory(directory.dir)) {
        throw std::runtime_error("--dir '" + directory.dir.string() + "': expected a directory, or a place where one " +
                                 "can be made" + (error ? ": " + error.message() : std::string()));
    }
    const fs::path longest = directory.state() / "overbias.sock";
    if (longest.native().size() > kLongestSocketPath) {
        throw std::runtime_error("--dir '" + directory.dir.string() + "': a socket's path has at most " +
                                 std::to_string(kLongestSocketPath) + " bytes; give a shorter one");
    }
    const fs::path program = fs::read_symlink("/proc/self/exe");
    directory.modules = program.parent_path().parent_path() / "lib" / "overbias";
    if (!fs::exists(directory.modules / kShim)) {
        throw std::runtime_error("'" + (directory.modules / kShim).string() +
                                 "' is missing: expected the modules of the simulated deck in lib/overbias beside the "
                                 "directory of this program; build or install all of it");
    }
    return directory;
}

std::map<std::string, std::string> environment(const DeckDirectory& directory) {
    return {{"ALSA_CONFIG_PATH", directory.asound_conf().string()},
            {"LD_PRELOAD", (directory.modules / kShim).string()},
            {"OVERBIAS_GPIO_SOCKET", directory.gpio_socket().string()}};
}

std::string environment_text(const DeckDirectory& directory) {
    std::string text = "# . this file, and the programs you start find the simulated deck\n";
    for (const auto& [name, value] : environment(directory)) {
        text += "export " + name + "=" + shell_word(value) + "\n";
    }
    return text;
}

std::string configuration_text(const DeckDirectory& directory, const Settings& settings, bool heartbeat_contact) {
    return configuration(directory, settings, heartbeat_contact ? "simulated-heartbeat" : "simulated-plain",
                         gpio_text());
}

std::string serial_configuration_text(const DeckDirectory& directory, const Settings& settings,
                                      const std::string& profile, const fs::path& device) {
    return configuration(directory, settings, profile,
                         "\n[serial]\ndevice = " + quoted(device.string()) +
                             "\n\n[gpio]\nchip = " + quoted(kChipLabel) + "\nheartbeat = " + quoted(kHeartbeatLine) +
                             "\n[gpio.outputs.monitor_input]\nline = \"RELAY_MON_INPUT\"\n" +
                             "[gpio.outputs.monitor_sync]\nline = \"RELAY_MON_SYNC\"\n");
}

std::string direct_drive_configuration_text(const DeckDirectory& directory, const Settings& settings) {
    return configuration(directory, settings, "simulated-direct-drive",
                         "\n[serial]\ndevice = " + quoted(directory.vesc().string()) +
                             "\n\n[gpio]\nchip = " + quoted(kChipLabel) + "\nheartbeat = \"heartbeat\"\n" +
                             "[gpio.tach]\nkind = \"quadrature\"\na = " + quoted(kTachALine) +
                             "\nb = " + quoted(kTachBLine) + "\n");
}

void write_file(const fs::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (!out) {
        throw std::runtime_error("'" + file.string() + "' cannot be written; is the disk full, is it yours?");
    }
}

} // namespace overbias::deck_sim
