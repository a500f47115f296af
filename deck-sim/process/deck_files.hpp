// SPDX-License-Identifier: Apache-2.0
// The files a simulated deck leaves in its directory for the programs that are to find it: `env` for a shell,
// `asound.conf` for ALSA, `overbias.toml` for a daemon. Thread: any.
#pragma once

#include "deck-sim/settings.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace overbias::deck_sim {

struct DeckDirectory {
    std::filesystem::path dir;     ///< absolute
    std::filesystem::path modules; ///< where the plug-ins and the shim are: lib/overbias beside the program's bin

    [[nodiscard]] std::filesystem::path card() const { return dir / "card.shm"; }
    [[nodiscard]] std::filesystem::path gpio_socket() const { return dir / "gpio.sock"; }
    [[nodiscard]] std::filesystem::path control_socket() const { return dir / "control.sock"; }
    [[nodiscard]] std::filesystem::path nine_pin() const { return dir / "nine-pin"; }
    [[nodiscard]] std::filesystem::path studer() const { return dir / "studer"; }
    [[nodiscard]] std::filesystem::path asound_conf() const { return dir / "asound.conf"; }
    [[nodiscard]] std::filesystem::path env() const { return dir / "env"; }
    [[nodiscard]] std::filesystem::path configuration() const { return dir / "overbias.toml"; }
    [[nodiscard]] std::filesystem::path vesc() const { return dir / "vesc"; }
    /// For a daemon that is to reach the deck through its 9-pin or its ASCII socket.
    [[nodiscard]] std::filesystem::path nine_pin_configuration() const { return dir / "overbias-nine-pin.toml"; }
    [[nodiscard]] std::filesystem::path studer_configuration() const { return dir / "overbias-studer.toml"; }
    [[nodiscard]] std::filesystem::path state() const { return dir / "state"; }
};

/// Makes the directory when it is not there. Throws std::runtime_error when it can't be had, is too deep for a socket's
/// path, or the modules are not where they should be.
[[nodiscard]] DeckDirectory open_directory(const std::filesystem::path& dir);

/// What a program needs in its environment to find this deck.
[[nodiscard]] std::map<std::string, std::string> environment(const DeckDirectory& directory);
/// The same as a shell file.
[[nodiscard]] std::string environment_text(const DeckDirectory& directory);
/// Configuration of a daemon that fits this deck (docs/configuration.md).
[[nodiscard]] std::string configuration_text(const DeckDirectory& directory, const Settings& settings,
                                             bool heartbeat_contact);
/// The same for a daemon that speaks to the deck over a serial line; the monitor's relays and the patch stay on GPIO.
[[nodiscard]] std::string serial_configuration_text(const DeckDirectory& directory, const Settings& settings,
                                                    const std::string& profile, const std::filesystem::path& device);
/// And for the machine with three motors.
[[nodiscard]] std::string direct_drive_configuration_text(const DeckDirectory& directory, const Settings& settings);
/// Throws std::runtime_error with the file's name and the reason.
void write_file(const std::filesystem::path& file, const std::string& text);

} // namespace overbias::deck_sim
