// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/card-plugin/card_client.hpp"

#include <cstring>
#include <string_view>

namespace overbias::deck_sim {

namespace {

// A card that has not turned for so long is asked whether its process lives: a busy machine may hold it up.
constexpr std::int64_t kQuiet_ns = 100'000'000;

} // namespace

int CardArguments::read(snd_config_t* definition) {
    snd_config_iterator_t place{};
    snd_config_iterator_t next{};
    snd_config_for_each(place, next, definition) {
        snd_config_t* const entry = snd_config_iterator_entry(place);
        const char* id = nullptr;
        if (snd_config_get_id(entry, &id) < 0) {
            continue;
        }
        const std::string_view key(id);
        if (key == "type" || key == "hint" || key == "comment") {
            continue;
        }
        if (key == "file" || key == "card") {
            char* text = nullptr; // the card's name may come as a number, "hw:0"
            if (const int error = snd_config_get_ascii(entry, &text); error < 0) {
                SNDERR("simulated card: %s: expected a string", id);
                return error;
            }
            (key == "file" ? file : card) = text;
            std::free(text);
        } else if (key == "device" || key == "subdevice") {
            if (const int error = snd_config_get_integer(entry, key == "device" ? &device : &subdevice); error < 0) {
                SNDERR("simulated card: %s: expected a number", id);
                return error;
            }
        } else {
            SNDERR("simulated card: unknown key %s: expected file, card, device, subdevice", id);
            return -EINVAL;
        }
    }
    if (file.empty()) {
        SNDERR("simulated card: key file is missing: expected the card.shm of a running overbias-decksim");
        return -EINVAL;
    }
    return 0;
}

int CardClient::open(const CardArguments& arguments) {
    if ((arguments.card != "Deck" && arguments.card != "0") || arguments.device != 0 || arguments.subdevice > 0) {
        return -ENODEV;
    }
    if (const int error = mapping_.open(arguments.file); error < 0) {
        return error;
    }
    plug_number_ = card().plug_number.load(std::memory_order_acquire);
    return connected() ? 0 : -ENODEV;
}

bool CardClient::connected() noexcept {
    if (gone_) {
        return false;
    }
    const SharedCard& shared = card();
    if (shared.plugged.load(std::memory_order_acquire) == 0 ||
        shared.plug_number.load(std::memory_order_acquire) != plug_number_) {
        gone_ = true;
    } else if (monotonic_ns() - shared.turned_ns.load(std::memory_order_acquire) > kQuiet_ns) {
        gone_ = !mapping_.claimed_elsewhere(CardMapping::kCardByte);
    }
    return !gone_;
}

} // namespace overbias::deck_sim
