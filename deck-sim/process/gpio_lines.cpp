// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/gpio_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace overbias::deck_sim {

namespace {
void copy_name(char (&field)[GPIO_MAX_NAME_SIZE], const std::string& name) {
    const std::size_t length = std::min(name.size(), sizeof field - 1);
    std::memcpy(field, name.data(), length);
    field[length] = '\0';
}
} // namespace

GpioLines::GpioLines(const GpioChip& chip) : lines_(chip.lines.size()), on_release_(chip.on_release) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        lines_[i].name = chip.lines[i];
    }
}

template <typename Act>
void GpioLines::changing(std::size_t offset, Changes& changes, Act act) {
    Line& line = lines_[offset];
    const bool before = line.level();
    act(line);
    if (line.level() != before) {
        changes.push_back({static_cast<unsigned>(offset), line.level()});
    }
}

void GpioLines::apply(Line& line, const GpioLineSetup& setup) {
    const std::uint64_t direction = setup.flags & kGpioDirections;
    // asked "as is", the line goes on in the direction it has
    line.flags = setup.flags | (direction != 0 ? 0 : line.flags & kGpioDirections);
    if (direction == GPIO_V2_LINE_FLAG_OUTPUT) {
        line.driving = true;
        line.out = setup.value != line.active_low();
    } else if (direction == GPIO_V2_LINE_FLAG_INPUT) {
        line.driving = false;
    }
}

int GpioLines::request(Holder& holder, const GpioRequest& request, Changes& changes) {
    for (const unsigned offset : request.offsets) {
        if (lines_[offset].holder != nullptr) {
            return EBUSY;
        }
    }
    for (std::size_t i = 0; i < request.offsets.size(); ++i) {
        changing(request.offsets[i], changes, [&](Line& line) {
            line.holder = &holder;
            line.index = i;
            line.consumer = request.consumer.empty() ? "?" : request.consumer;
            apply(line, request.setups[i]);
        });
    }
    return 0;
}

void GpioLines::configure(const Holder& holder, const std::vector<GpioLineSetup>& setups, Changes& changes) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        // a line that is configured neither as input nor as output is left alone
        if (lines_[i].holder == &holder && (setups[lines_[i].index].flags & kGpioDirections) != 0) {
            changing(i, changes, [&](Line& line) { apply(line, setups[line.index]); });
        }
    }
}

int GpioLines::set(const Holder& holder, std::uint64_t mask, std::uint64_t bits, Changes& changes) {
    bool any = false;
    for (const Line& line : lines_) {
        if (line.holder == &holder && ((mask >> line.index) & 1) != 0) {
            if ((line.flags & GPIO_V2_LINE_FLAG_OUTPUT) == 0) {
                return EPERM;
            }
            any = true;
        }
    }
    if (!any) {
        return EINVAL;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (lines_[i].holder == &holder && ((mask >> lines_[i].index) & 1) != 0) {
            changing(i, changes, [&](Line& line) {
                line.driving = true;
                line.out = (((bits >> line.index) & 1) != 0) != line.active_low();
            });
        }
    }
    return 0;
}

std::uint64_t GpioLines::get(const Holder& holder) const {
    std::uint64_t bits = 0;
    for (const Line& line : lines_) {
        if (line.holder == &holder && line.level() != line.active_low()) {
            bits |= std::uint64_t{1} << line.index;
        }
    }
    return bits;
}

std::vector<unsigned> GpioLines::release(const Holder& holder, Changes& changes) {
    std::vector<unsigned> held;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (lines_[i].holder != &holder) {
            continue;
        }
        held.push_back(static_cast<unsigned>(i));
        changing(i, changes, [&](Line& line) {
            line.holder = nullptr;
            line.consumer.clear();
            line.flags &= kGpioDirections; // the direction stays to be seen, as in the kernel
            line.driving = line.driving && on_release_ == GpioChip::OnRelease::KeepLast;
        });
    }
    return held;
}

void GpioLines::drive(unsigned offset, bool high, std::chrono::nanoseconds at) {
    Line& line = lines_.at(offset);
    const bool before = line.level();
    line.outside = high;
    if (line.level() == before || line.holder == nullptr) {
        return;
    }
    const bool active = high != line.active_low();
    if ((line.flags & (active ? GPIO_V2_LINE_FLAG_EDGE_RISING : GPIO_V2_LINE_FLAG_EDGE_FALLING)) != 0) {
        line.holder->edge({line.index, offset, active, (line.flags & GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME) != 0, at});
    }
}

bool GpioLines::level(unsigned offset) const {
    return lines_.at(offset).level();
}

std::optional<gpio_v2_line_info> GpioLines::info(unsigned offset) const {
    if (offset >= lines_.size()) {
        return std::nullopt;
    }
    const Line& line = lines_[offset];
    gpio_v2_line_info info{};
    copy_name(info.name, line.name);
    copy_name(info.consumer, line.consumer);
    info.offset = offset;
    info.flags = line.flags | (line.holder != nullptr ? GPIO_V2_LINE_FLAG_USED : 0);
    return info;
}

} // namespace overbias::deck_sim
