// SPDX-License-Identifier: Apache-2.0
// What both plug-ins need of the card: the arguments of its definition in asound.conf, its memory, and whether it is
// still there. Thread: one at a time (alsa-lib's lock).
#pragma once

#include "deck-sim/card-plugin/card_mapping.hpp"

#include <alsa/asoundlib.h>
#include <string>

namespace overbias::deck_sim {

/// Arguments of pcm.hw and ctl.hw.
struct CardArguments {
    std::string file;
    std::string card = "Deck";
    long device = 0;
    long subdevice = -1;

    /// Reads the definition; 0, or a negative errno (with a message through ALSA's error handler).
    [[nodiscard]] int read(snd_config_t* definition);
};

class CardClient {
  public:
    /// 0; -ENODEV: no such card, device or subdevice, the card is unplugged or gone.
    [[nodiscard]] int open(const CardArguments& arguments);
    /// False for good once the cable was pulled or the card's process is gone.
    [[nodiscard]] bool connected() noexcept;
    [[nodiscard]] SharedCard& card() const noexcept { return mapping_.card(); }
    [[nodiscard]] const CardMapping& mapping() const noexcept { return mapping_; }
    /// The byte of playback's owner, for the card as it was plugged at open().
    [[nodiscard]] std::int64_t playback_byte() const noexcept { return 1 + static_cast<std::int64_t>(plug_number_); }

  private:
    CardMapping mapping_;
    std::uint32_t plug_number_ = 0;
    bool gone_ = false;
};

} // namespace overbias::deck_sim
