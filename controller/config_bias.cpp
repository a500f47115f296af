// SPDX-License-Identifier: Apache-2.0
#include "controller/config_bias.hpp"

#include <cstddef>

namespace overbias::controller {

std::vector<std::string> bias_obstacles(const tape::DeckProfile& profile, double capture_rate_hz,
                                        const std::vector<audio::ChannelRole>& capture_roles) {
    std::vector<std::string> all;
    for (const tape::BiasSource& source : profile.bias_sources) {
        const std::string place = "bias of " + tape::bias_source_place(source);
        if (source.capture_channel > 0) {
            const auto channel = static_cast<std::size_t>(source.capture_channel - 1);
            if (channel >= capture_roles.size()) {
                all.push_back(place + " can't be watched: expected a capture channel from 1 to " +
                              std::to_string(capture_roles.size()) +
                              "; open more channels of the card (audio.capture_roles), or correct capture_channel");
                continue;
            }
            if (capture_roles[channel] != audio::ChannelRole::Bias) {
                all.push_back(place + " can't be watched: expected a channel with the role \"bias\", got another; "
                                      "correct audio.capture_roles, or capture_channel");
                continue;
            }
        }
        if (const auto usable = tape::usable_bias_source(source, capture_rate_hz); !usable) {
            all.push_back(usable.error().message);
        }
    }
    return all;
}

} // namespace overbias::controller
