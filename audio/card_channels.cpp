// SPDX-License-Identifier: Apache-2.0
#include "audio/card_channels.hpp"

#include <algorithm>
#include <stdexcept>

namespace overbias::audio {

std::size_t channel_with_role(const StreamFormat& format, ChannelRole role, const std::string& stream,
                              const std::string& name, const std::string& wired_to) {
    const auto count = std::count(format.roles.begin(), format.roles.end(), role);
    if (count != 1) {
        throw std::invalid_argument("sound card: " + stream + " needs exactly one channel with the role " + name +
                                    ", " + std::to_string(count) + " of its " + std::to_string(format.channels()) +
                                    " channels have it; give it to the channel that is wired to " + wired_to);
    }
    return static_cast<std::size_t>(std::find(format.roles.begin(), format.roles.end(), role) - format.roles.begin());
}

std::optional<std::array<std::size_t, 2>> monitor_pair(const StreamFormat& format) {
    if (std::ranges::count(format.roles, ChannelRole::MonitorOutLeft) == 0 &&
        std::ranges::count(format.roles, ChannelRole::MonitorOutRight) == 0) {
        return std::nullopt;
    }
    return std::array{
        channel_with_role(format, ChannelRole::MonitorOutLeft, "playback", "monitor_out_left", "the left loudspeaker"),
        channel_with_role(format, ChannelRole::MonitorOutRight, "playback", "monitor_out_right",
                          "the right loudspeaker")};
}

} // namespace overbias::audio
