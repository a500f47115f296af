// SPDX-License-Identifier: Apache-2.0
// "type overbias_deck" of a control: the mixer elements of the simulated card. They live in the card's memory, so every
// program sees the same, and stay as they are when a program ends. Volumes: unity at 80, half a decibel a step.
#include "deck-sim/card-plugin/card_client.hpp"

#include <alsa/asoundlib.h>
#include <alsa/control_external.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace overbias::deck_sim {

namespace {

struct Element {
    const char* name;
    int type;
    long least, most;
};
// in the order of CardControl
constexpr std::array<Element, kCardControls> kElements{
    Element{"Line Playback Volume", SND_CTL_ELEM_TYPE_INTEGER, 0, 100},
    Element{"Line Capture Volume", SND_CTL_ELEM_TYPE_INTEGER, 0, 100},
    Element{"Line Capture Switch", SND_CTL_ELEM_TYPE_BOOLEAN, 0, 1},
    Element{"Clock Source", SND_CTL_ELEM_TYPE_ENUMERATED, 0, 1},
};
constexpr std::array<const char*, 2> kClockSources{"Internal", "Word Clock"};

class Controls {
  public:
    int open(const CardArguments& arguments, const char* name, int mode);
    [[nodiscard]] snd_ctl_t* handle() const noexcept { return ext_.handle; }

    [[nodiscard]] int read(snd_ctl_ext_key_t key, long& value) {
        if (!client_.connected()) {
            return -ENODEV;
        }
        value = client_.card().controls[key].load();
        return 0;
    }
    /// 1: changed, 0: it stood there already.
    [[nodiscard]] int write(snd_ctl_ext_key_t key, long value) {
        if (!client_.connected()) {
            return -ENODEV;
        }
        if (value < kElements[key].least || value > kElements[key].most) {
            return -EINVAL;
        }
        return client_.card().controls[key].exchange(static_cast<std::int32_t>(value)) != value ? 1 : 0;
    }
    [[nodiscard]] bool connected() noexcept { return client_.connected(); }

  private:
    CardClient client_;
    snd_ctl_ext_t ext_{};
};

Controls& controls_of(snd_ctl_ext_t* ext) {
    return *static_cast<Controls*>(ext->private_data);
}

int list_element(snd_ctl_ext_t*, unsigned offset, snd_ctl_elem_id_t* id) {
    if (offset >= kElements.size()) {
        return -EINVAL;
    }
    snd_ctl_elem_id_set_interface(id, SND_CTL_ELEM_IFACE_MIXER);
    snd_ctl_elem_id_set_name(id, kElements[offset].name);
    return 0;
}

snd_ctl_ext_key_t find_element(snd_ctl_ext_t*, const snd_ctl_elem_id_t* id) {
    const unsigned number = snd_ctl_elem_id_get_numid(id);
    if (number > 0 && number <= kElements.size()) {
        return number - 1;
    }
    for (std::size_t i = 0; i < kElements.size(); ++i) {
        if (std::strcmp(snd_ctl_elem_id_get_name(id), kElements[i].name) == 0 && snd_ctl_elem_id_get_index(id) == 0) {
            return i;
        }
    }
    return SND_CTL_EXT_KEY_NOT_FOUND;
}

int item_name(snd_ctl_ext_t*, snd_ctl_ext_key_t, unsigned item, char* name, size_t most) {
    if (item >= kClockSources.size()) {
        return -EINVAL;
    }
    std::snprintf(name, most, "%s", kClockSources[item]);
    return 0;
}

const snd_ctl_ext_callback_t& callbacks() {
    static const snd_ctl_ext_callback_t table = [] {
        snd_ctl_ext_callback_t made{};
        made.close = [](snd_ctl_ext_t* ext) { delete &controls_of(ext); };
        made.elem_count = [](snd_ctl_ext_t* ext) {
            return controls_of(ext).connected() ? static_cast<int>(kElements.size()) : -ENODEV;
        };
        made.elem_list = list_element;
        made.find_elem = find_element;
        made.get_attribute = [](snd_ctl_ext_t*, snd_ctl_ext_key_t key, int* type, unsigned* access, unsigned* count) {
            *type = kElements[key].type;
            *access = SND_CTL_EXT_ACCESS_READWRITE;
            *count = 1;
            return 0;
        };
        made.get_integer_info = [](snd_ctl_ext_t*, snd_ctl_ext_key_t key, long* least, long* most, long* step) {
            *least = kElements[key].least;
            *most = kElements[key].most;
            *step = 1;
            return 0;
        };
        made.get_enumerated_info = [](snd_ctl_ext_t*, snd_ctl_ext_key_t, unsigned* items) {
            *items = kClockSources.size();
            return 0;
        };
        made.get_enumerated_name = item_name;
        made.read_integer = [](snd_ctl_ext_t* ext, snd_ctl_ext_key_t key, long* value) {
            return controls_of(ext).read(key, *value);
        };
        made.read_enumerated = [](snd_ctl_ext_t* ext, snd_ctl_ext_key_t key, unsigned* item) {
            long value = 0;
            const int error = controls_of(ext).read(key, value);
            *item = static_cast<unsigned>(value);
            return error;
        };
        made.write_integer = [](snd_ctl_ext_t* ext, snd_ctl_ext_key_t key, long* value) {
            return controls_of(ext).write(key, *value);
        };
        made.write_enumerated = [](snd_ctl_ext_t* ext, snd_ctl_ext_key_t key, unsigned* item) {
            return controls_of(ext).write(key, static_cast<long>(*item));
        };
        made.read_event = [](snd_ctl_ext_t*, snd_ctl_elem_id_t*, unsigned*) { return -EAGAIN; };
        return made;
    }();
    return table;
}

int Controls::open(const CardArguments& arguments, const char* name, int mode) {
    if (const int error = client_.open(arguments); error < 0) {
        return error;
    }
    ext_.version = SND_CTL_EXT_VERSION;
    ext_.card_idx = 0;
    std::snprintf(ext_.id, sizeof ext_.id, "Deck");
    std::snprintf(ext_.driver, sizeof ext_.driver, "overbias_deck");
    std::snprintf(ext_.name, sizeof ext_.name, "Simulated tape deck");
    std::snprintf(ext_.longname, sizeof ext_.longname, "Simulated tape deck at %.50s", arguments.file.c_str());
    std::snprintf(ext_.mixername, sizeof ext_.mixername, "Simulated tape deck");
    ext_.poll_fd = -1;
    ext_.callback = &callbacks();
    ext_.private_data = this;
    return snd_ctl_ext_create(&ext_, name, mode);
}

} // namespace

} // namespace overbias::deck_sim

extern "C" {
__attribute__((visibility("default"))) SND_CTL_PLUGIN_DEFINE_FUNC(overbias_deck) {
    (void)root;
    try {
        overbias::deck_sim::CardArguments arguments;
        if (const int error = arguments.read(conf); error < 0) {
            return error;
        }
        auto made = std::make_unique<overbias::deck_sim::Controls>();
        if (const int error = made->open(arguments, name, mode); error < 0) {
            return error;
        }
        *handlep = made.release()->handle(); // the close callback deletes it
        return 0;
    } catch (...) {
        return -ENOMEM;
    }
}
__attribute__((visibility("default"))) SND_CTL_PLUGIN_SYMBOL(overbias_deck)
}
