// SPDX-License-Identifier: Apache-2.0
// The asound.conf of a simulated card: with ALSA_CONFIG_PATH on it alone, "hw:Deck", "hw:Deck,0" and
// "hw:CARD=Deck,DEV=0" are the card for PCM and control, "deckplug" is the card behind ALSA's own conversion for
// people's players. Thread: any.
#pragma once

#include <filesystem>
#include <string>

namespace overbias::deck_sim {

/// `card`: the file of the CardBridge. `modules`: where the plug-ins are. Throws std::invalid_argument for a path that
/// ALSA's syntax can't hold (quotes, backslashes, line ends).
[[nodiscard]] std::string asound_conf(const std::filesystem::path& card, const std::filesystem::path& modules);

} // namespace overbias::deck_sim
