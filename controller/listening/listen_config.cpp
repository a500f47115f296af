// SPDX-License-Identifier: Apache-2.0
#include "controller/listening/listen_config.hpp"

#include "base/toml/strict_toml.hpp"

#include <cmath>
#include <cstddef>
#include <string>

namespace overbias::controller {

namespace {

using audio::ChannelRole;

constexpr double kMostChannels = 128.0;

void read_monitors(TomlSection& audio, ListenConfig& listening, std::vector<ChannelRole>& roles) {
    constexpr const char* kKey = "monitor_channels";
    const std::vector<double> given = audio.numbers(kKey, {.min = 1.0, .max = kMostChannels});
    if (given.empty()) {
        return;
    }
    const char* const expected =
        "expected two different playback channels, left and right, counted from 1, like [3, 4]";
    if (given.size() != 2 || given[0] == given[1] || given[0] != std::round(given[0]) ||
        given[1] != std::round(given[1])) {
        return audio.error(kKey,
                           std::string(expected) + ", got " + std::to_string(given.size()) + " that are not that");
    }
    for (std::size_t side = 0; side < 2; ++side) {
        const auto channel = static_cast<std::size_t>(given[side]);
        if (roles.size() < channel) {
            roles.resize(channel, ChannelRole::Unused);
        }
        if (roles[channel - 1] != ChannelRole::Unused) {
            return audio.error(kKey, std::string(expected) + ", got channel " + std::to_string(channel) +
                                         ", which audio.playback_roles gives to the deck");
        }
        roles[channel - 1] = side == 0 ? ChannelRole::MonitorOutLeft : ChannelRole::MonitorOutRight;
        listening.monitor_channels.push_back(static_cast<int>(channel));
    }
}

} // namespace

void read_listening(TomlSection& root, ListenConfig& listening, std::vector<ChannelRole>& roles) {
    TomlSection audio = root.section("audio");
    read_monitors(audio, listening, roles);
    TomlSection table = root.section("listening");
    listening.browser = table.boolean("browser", listening.browser);
    listening.browser_listeners =
        static_cast<int>(table.integer("browser_listeners", listening.browser_listeners, {.min = 1.0, .max = 16.0}));
    listening.dim_db = table.number("dim_db", listening.dim_db, {.min = 3.0, .max = 60.0});
}

} // namespace overbias::controller
