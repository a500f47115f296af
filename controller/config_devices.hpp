// SPDX-License-Identifier: Apache-2.0
// Reads the part of the configuration that names devices: card, GPIO lines, tach, serial devices, the panel's address.
// Of config.cpp only.
#pragma once

#include "base/toml/strict_toml.hpp"
#include "controller/config.hpp"

namespace overbias::controller {

class DeviceReader {
  public:
    struct Given {
        bool simulate = false;     ///< then the devices of a real deck may be left out
        bool have_profile = false; ///< config.deck.profile was read
    };
    /// [deck] and the rates of [audio] have been read into `config`.
    DeviceReader(TomlSection root, Config& config, Given given) : root_(root), config_(config), given_(given) {}
    void read();

  private:
    void read_card();
    void read_roles(TomlSection& table, const char* key, bool playback, std::vector<audio::ChannelRole>& roles);
    void read_mixer(TomlSection audio);
    void read_lines();
    void read_tach(TomlSection gpio);
    void read_serial();
    void read_panel();

    TomlSection root_;
    Config& config_;
    Given given_;
};

} // namespace overbias::controller
