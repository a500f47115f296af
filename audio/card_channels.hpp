// SPDX-License-Identifier: Apache-2.0
// Which of a card's channels is wired to what. Thread: any.
#pragma once

#include "audio/ports/pcm.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace overbias::audio {

/// `wired_to`: what that channel goes to, for the message. Throws std::invalid_argument when not exactly one has it.
[[nodiscard]] std::size_t channel_with_role(const StreamFormat& format, ChannelRole role, const std::string& stream,
                                            const std::string& name, const std::string& wired_to);
/// Of a pair that a card may have or not.
[[nodiscard]] std::optional<std::array<std::size_t, 2>> monitor_pair(const StreamFormat& format);

} // namespace overbias::audio
