// SPDX-License-Identifier: Apache-2.0
// Who holds a sound card: what the kernel writes to /proc/asound, so that "busy" comes with a name. Reads files only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace overbias::audio {

struct CardAddress {
    std::string card; ///< number or id, as after "hw:CARD=" or "hw:"
    unsigned device = 0;
};
/// Of "hw:1", "hw:1,0", "hw:Deck", "hw:CARD=Deck,DEV=0"; null when it is not written like that.
[[nodiscard]] std::optional<CardAddress> parse_hw_name(const std::string& device);

struct Holder {
    int pid = 0;
    std::string command; ///< empty when it can't be read (another user's, or gone by now)
};
/// Of the first open substream; null when none is open or the kernel has no such card. `proc` is "/proc".
[[nodiscard]] std::optional<Holder> holder_of(const CardAddress& address, bool playback,
                                              const std::filesystem::path& proc);
/// "held by arecord (process 4711)".
[[nodiscard]] std::string words(const Holder& holder);

} // namespace overbias::audio
