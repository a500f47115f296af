// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/asound_conf.hpp"

#include <stdexcept>
#include <string_view>

namespace overbias::deck_sim {

namespace {

std::string quoted(const std::filesystem::path& path) {
    const std::string text = std::filesystem::absolute(path).string();
    if (text.find_first_of("\"\\'\n\r") != std::string::npos) {
        throw std::invalid_argument("asound.conf: path " + text +
                                    ": expected one without quotes, backslashes and line ends; choose another place");
    }
    return '"' + text + '"';
}

// $CARD, $DEV and $SUBDEV are ALSA's; %...% is filled in here.
constexpr std::string_view kText = R"(# The sound card of a simulated tape deck. Written by the deck's process.
pcm_type.overbias_deck { lib %pcm% }
ctl_type.overbias_deck { lib %ctl% }

pcm.hw {
    @args [ CARD DEV SUBDEV ]
    @args.CARD { type string default "Deck" }
    @args.DEV { type integer default 0 }
    @args.SUBDEV { type integer default -1 }
    type overbias_deck
    card $CARD
    device $DEV
    subdevice $SUBDEV
    file %card%
    hint { show on description "Simulated tape deck, the card itself" }
}
ctl.hw {
    @args [ CARD ]
    @args.CARD { type string default "Deck" }
    type overbias_deck
    card $CARD
    file %card%
    hint { show on description "Simulated tape deck, controls" }
}
pcm.deckplug {
    type plug
    slave.pcm "hw:CARD=Deck,DEV=0"
    hint { show on description "Simulated tape deck, with conversion" }
}
)";

} // namespace

std::string asound_conf(const std::filesystem::path& card, const std::filesystem::path& modules) {
    std::string text{kText};
    const auto fill = [&text](std::string_view name, const std::string& value) {
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
            text.replace(at, name.size(), value);
        }
    };
    fill("%pcm%", quoted(modules / "libasound_module_pcm_overbias_deck.so"));
    fill("%ctl%", quoted(modules / "libasound_module_ctl_overbias_deck.so"));
    fill("%card%", quoted(card));
    return text;
}

} // namespace overbias::deck_sim
