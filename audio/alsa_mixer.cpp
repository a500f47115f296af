// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_mixer.hpp"

#include "audio/alsa_error.hpp"
#include "base/nearest_word.hpp"

#include <algorithm>
#include <alsa/asoundlib.h>
#include <memory>
#include <type_traits>

namespace overbias::audio {

namespace {

struct CtlCloser {
    void operator()(snd_ctl_t* handle) const noexcept { snd_ctl_close(handle); }
};
using Ctl = std::unique_ptr<snd_ctl_t, CtlCloser>;

/// alsa-lib's opaque records: made and freed by a pair of functions.
template <typename T, int (*Make)(T**), void (*Free)(T*)>
class Record {
  public:
    Record() {
        if (Make(&it_) < 0) {
            throw std::bad_alloc();
        }
    }
    ~Record() { Free(it_); }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;
    [[nodiscard]] T* get() const noexcept { return it_; }

  private:
    T* it_ = nullptr;
};
using ElementId = Record<snd_ctl_elem_id_t, snd_ctl_elem_id_malloc, snd_ctl_elem_id_free>;
using ElementInfo = Record<snd_ctl_elem_info_t, snd_ctl_elem_info_malloc, snd_ctl_elem_info_free>;
using ElementValue = Record<snd_ctl_elem_value_t, snd_ctl_elem_value_malloc, snd_ctl_elem_value_free>;
using ElementList = Record<snd_ctl_elem_list_t, snd_ctl_elem_list_malloc, snd_ctl_elem_list_free>;

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "'" : ", '") + name + "'";
    }
    return text.empty() ? "nothing" : text;
}

std::string wanted_words(const MixerSetting& setting) {
    if (const auto* on = std::get_if<bool>(&setting.value)) {
        return *on ? "on" : "off";
    }
    if (const auto* value = std::get_if<long>(&setting.value)) {
        return std::to_string(*value);
    }
    return "'" + std::get<std::string>(setting.value) + "'";
}

/// One control of an open card.
class Control {
  public:
    Control(snd_ctl_t* card, std::string name) : card_(card), name_(std::move(name)) {}

    /// Empty: found; else what is wrong.
    std::string find(const MixerSetting& setting) {
        const ElementList list;
        snd_ctl_elem_list(card_, list.get());
        const unsigned count = snd_ctl_elem_list_get_count(list.get());
        if (snd_ctl_elem_list_alloc_space(list.get(), count) < 0) {
            throw std::bad_alloc();
        }
        const int error = snd_ctl_elem_list(card_, list.get());
        std::vector<std::string> names;
        bool found = false;
        for (unsigned i = 0; error >= 0 && i < snd_ctl_elem_list_get_used(list.get()); ++i) {
            names.emplace_back(snd_ctl_elem_list_get_name(list.get(), i));
            if (!found && names.back() == setting.control &&
                snd_ctl_elem_list_get_index(list.get(), i) == setting.index) {
                snd_ctl_elem_list_get_id(list.get(), i, id_.get());
                found = true;
            }
        }
        snd_ctl_elem_list_free_space(list.get());
        if (error < 0) {
            return name_ + ": the card lists no controls: " + alsa_words(error);
        }
        if (!found) {
            std::sort(names.begin(), names.end());
            names.erase(std::unique(names.begin(), names.end()), names.end());
            return name_ + ": the card has no such control; the nearest it has: " +
                   joined(nearest_words(setting.control, names, 3)) + "; `amixer -c CARD controls` lists all";
        }
        snd_ctl_elem_info_set_id(info_.get(), id_.get());
        snd_ctl_elem_value_set_id(value_.get(), id_.get());
        const int described = snd_ctl_elem_info(card_, info_.get());
        return described < 0 ? name_ + ": the control tells nothing of itself: " + alsa_words(described) : "";
    }

    /// The wanted value in the control's own terms. Empty: there is one.
    std::string understand(const MixerSetting& setting) {
        type_ = snd_ctl_elem_info_get_type(info_.get());
        const std::string wanted = name_ + ": wanted " + wanted_words(setting) + ", but ";
        if (const auto* on = std::get_if<bool>(&setting.value)) {
            wanted_ = *on ? 1 : 0;
            return type_ == SND_CTL_ELEM_TYPE_BOOLEAN ? ""
                                                      : wanted + "the control is " + kind() + "; give it such a value";
        }
        if (const auto* value = std::get_if<long>(&setting.value)) {
            wanted_ = *value;
            if (type_ != SND_CTL_ELEM_TYPE_INTEGER && type_ != SND_CTL_ELEM_TYPE_INTEGER64) {
                return wanted + "the control is " + kind() + "; give it such a value";
            }
            const bool wide = type_ == SND_CTL_ELEM_TYPE_INTEGER64;
            const long long least =
                wide ? snd_ctl_elem_info_get_min64(info_.get()) : snd_ctl_elem_info_get_min(info_.get());
            const long long most =
                wide ? snd_ctl_elem_info_get_max64(info_.get()) : snd_ctl_elem_info_get_max(info_.get());
            return wanted_ < least || wanted_ > most ? wanted + "the control goes from " + std::to_string(least) +
                                                           " to " + std::to_string(most) + "; give it a value in there"
                                                     : "";
        }
        if (type_ != SND_CTL_ELEM_TYPE_ENUMERATED) {
            return wanted + "the control is " + kind() + "; give it such a value";
        }
        const auto& item = std::get<std::string>(setting.value);
        std::vector<std::string> items;
        for (unsigned i = 0; i < snd_ctl_elem_info_get_items(info_.get()); ++i) {
            items.push_back(item_name(i));
            if (items.back() == item) {
                wanted_ = i;
                return {};
            }
        }
        return wanted + "the control has no such item; the nearest it has: " + joined(nearest_words(item, items, 3));
    }

    /// Empty: it stands where it should.
    std::string set(const MixerSetting& setting) {
        int error = snd_ctl_elem_read(card_, value_.get());
        if (error < 0) {
            return name_ + ": can't be read: " + alsa_words(error);
        }
        if (stands()) {
            return {};
        }
        const std::string before = stand();
        for (unsigned i = 0; i < count(); ++i) {
            put(i);
        }
        error = snd_ctl_elem_write(card_, value_.get());
        if (error < 0) {
            return name_ + ": wanted " + wanted_words(setting) + ", it stands at " + before +
                   " and can't be set: " + alsa_words(error) + "; set it at the card, or drop it from [audio.mixer]";
        }
        error = snd_ctl_elem_read(card_, value_.get());
        if (error < 0 || !stands()) {
            return name_ + ": wanted " + wanted_words(setting) + ", was set, and reads " +
                   (error < 0 ? alsa_words(error) : stand()) +
                   "; another program or a switch on the card holds it: set it there, or drop it from [audio.mixer]";
        }
        return {};
    }

  private:
    [[nodiscard]] unsigned count() const { return snd_ctl_elem_info_get_count(info_.get()); }
    [[nodiscard]] long long at(unsigned i) const {
        switch (type_) {
        case SND_CTL_ELEM_TYPE_BOOLEAN:
            return snd_ctl_elem_value_get_boolean(value_.get(), i) != 0 ? 1 : 0;
        case SND_CTL_ELEM_TYPE_INTEGER64:
            return snd_ctl_elem_value_get_integer64(value_.get(), i);
        case SND_CTL_ELEM_TYPE_ENUMERATED:
            return snd_ctl_elem_value_get_enumerated(value_.get(), i);
        default:
            return snd_ctl_elem_value_get_integer(value_.get(), i);
        }
    }
    void put(unsigned i) {
        switch (type_) {
        case SND_CTL_ELEM_TYPE_BOOLEAN:
            return snd_ctl_elem_value_set_boolean(value_.get(), i, static_cast<long>(wanted_));
        case SND_CTL_ELEM_TYPE_INTEGER64:
            return snd_ctl_elem_value_set_integer64(value_.get(), i, wanted_);
        case SND_CTL_ELEM_TYPE_ENUMERATED:
            return snd_ctl_elem_value_set_enumerated(value_.get(), i, static_cast<unsigned>(wanted_));
        default:
            return snd_ctl_elem_value_set_integer(value_.get(), i, static_cast<long>(wanted_));
        }
    }
    [[nodiscard]] bool stands() const {
        for (unsigned i = 0; i < count(); ++i) {
            if (at(i) != wanted_) {
                return false;
            }
        }
        return true;
    }
    /// What it reads, a value a channel.
    std::string stand() {
        std::string text;
        for (unsigned i = 0; i < count(); ++i) {
            text += i == 0 ? "" : ", ";
            text += type_ == SND_CTL_ELEM_TYPE_BOOLEAN      ? (at(i) != 0 ? "on" : "off")
                    : type_ == SND_CTL_ELEM_TYPE_ENUMERATED ? "'" + item_name(static_cast<unsigned>(at(i))) + "'"
                                                            : std::to_string(at(i));
        }
        return text;
    }
    std::string item_name(unsigned item) {
        snd_ctl_elem_info_set_item(info_.get(), item);
        return snd_ctl_elem_info(card_, info_.get()) < 0 ? "?" : snd_ctl_elem_info_get_item_name(info_.get());
    }
    [[nodiscard]] std::string kind() const {
        switch (type_) {
        case SND_CTL_ELEM_TYPE_BOOLEAN:
            return "a switch (on or off)";
        case SND_CTL_ELEM_TYPE_INTEGER:
        case SND_CTL_ELEM_TYPE_INTEGER64:
            return "a number";
        case SND_CTL_ELEM_TYPE_ENUMERATED:
            return "a choice of items (a name)";
        default:
            return "of a kind that can't be set here";
        }
    }

    snd_ctl_t* card_;
    std::string name_;
    ElementId id_;
    ElementInfo info_;
    ElementValue value_;
    snd_ctl_elem_type_t type_ = SND_CTL_ELEM_TYPE_NONE;
    long long wanted_ = 0;
};

} // namespace

Result<void> apply_mixer(const std::string& card, const std::vector<MixerSetting>& settings) {
    if (settings.empty()) {
        return {};
    }
    const AlsaMessages messages;
    snd_ctl_t* opened = nullptr;
    if (const int error = snd_ctl_open(&opened, card.c_str(), SND_CTL_NONBLOCK); error < 0) {
        return Error{"mixer of sound card " + card + ": can't be opened: " + alsa_words(error) + messages.text() +
                     "; check [audio.mixer] card against `aplay -l`"};
    }
    const Ctl handle(opened);
    for (const MixerSetting& setting : settings) {
        Control control(handle.get(), "mixer control '" + setting.control + "',index=" + std::to_string(setting.index) +
                                          " of sound card " + card);
        std::string problem = control.find(setting);
        if (problem.empty()) {
            problem = control.understand(setting);
        }
        if (problem.empty()) {
            problem = control.set(setting);
        }
        if (!problem.empty()) {
            return Error{problem};
        }
    }
    return {};
}

} // namespace overbias::audio
