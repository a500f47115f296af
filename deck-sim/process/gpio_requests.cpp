// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/gpio_requests.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>

namespace overbias::deck_sim {

namespace {

constexpr std::uint64_t kDrives = GPIO_V2_LINE_FLAG_OPEN_DRAIN | GPIO_V2_LINE_FLAG_OPEN_SOURCE;
constexpr std::uint64_t kBiases =
    GPIO_V2_LINE_FLAG_BIAS_PULL_UP | GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN | GPIO_V2_LINE_FLAG_BIAS_DISABLED;
constexpr std::uint64_t kAskable = kGpioDirections | kGpioEdges | kDrives | kBiases | GPIO_V2_LINE_FLAG_ACTIVE_LOW |
                                   GPIO_V2_LINE_FLAG_EVENT_CLOCK_REALTIME;

struct FlagPair {
    std::uint64_t v1, v2;
};
constexpr std::array<FlagPair, 8> kHandleFlags{{
    {GPIOHANDLE_REQUEST_INPUT, GPIO_V2_LINE_FLAG_INPUT},
    {GPIOHANDLE_REQUEST_OUTPUT, GPIO_V2_LINE_FLAG_OUTPUT},
    {GPIOHANDLE_REQUEST_ACTIVE_LOW, GPIO_V2_LINE_FLAG_ACTIVE_LOW},
    {GPIOHANDLE_REQUEST_OPEN_DRAIN, GPIO_V2_LINE_FLAG_OPEN_DRAIN},
    {GPIOHANDLE_REQUEST_OPEN_SOURCE, GPIO_V2_LINE_FLAG_OPEN_SOURCE},
    {GPIOHANDLE_REQUEST_BIAS_PULL_UP, GPIO_V2_LINE_FLAG_BIAS_PULL_UP},
    {GPIOHANDLE_REQUEST_BIAS_PULL_DOWN, GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN},
    {GPIOHANDLE_REQUEST_BIAS_DISABLE, GPIO_V2_LINE_FLAG_BIAS_DISABLED},
}};
constexpr std::array<FlagPair, 8> kInfoFlags{{
    {GPIOLINE_FLAG_KERNEL, GPIO_V2_LINE_FLAG_USED},
    {GPIOLINE_FLAG_IS_OUT, GPIO_V2_LINE_FLAG_OUTPUT},
    {GPIOLINE_FLAG_ACTIVE_LOW, GPIO_V2_LINE_FLAG_ACTIVE_LOW},
    {GPIOLINE_FLAG_OPEN_DRAIN, GPIO_V2_LINE_FLAG_OPEN_DRAIN},
    {GPIOLINE_FLAG_OPEN_SOURCE, GPIO_V2_LINE_FLAG_OPEN_SOURCE},
    {GPIOLINE_FLAG_BIAS_PULL_UP, GPIO_V2_LINE_FLAG_BIAS_PULL_UP},
    {GPIOLINE_FLAG_BIAS_PULL_DOWN, GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN},
    {GPIOLINE_FLAG_BIAS_DISABLE, GPIO_V2_LINE_FLAG_BIAS_DISABLED},
}};

bool has(std::uint64_t flags, std::uint64_t any_of) {
    return (flags & any_of) != 0;
}

int check_flags(std::uint64_t flags) {
    if (has(flags, GPIO_V2_LINE_FLAG_EVENT_CLOCK_HTE)) {
        return EOPNOTSUPP; // as a kernel without a hardware timestamp engine
    }
    const bool wrong = has(flags, ~kAskable) || (flags & kGpioDirections) == kGpioDirections ||
                       (has(flags, kGpioEdges) && !has(flags, GPIO_V2_LINE_FLAG_INPUT)) ||
                       (flags & kDrives) == kDrives || (has(flags, kDrives) && !has(flags, GPIO_V2_LINE_FLAG_OUTPUT)) ||
                       (has(flags, kBiases) && !has(flags, kGpioDirections)) || std::popcount(flags & kBiases) > 1;
    return wrong ? EINVAL : 0;
}

/// -1 when a bit is set that version 1 does not know
int from_v1(std::uint32_t v1, std::uint64_t& v2) {
    v2 = 0;
    for (const FlagPair& pair : kHandleFlags) {
        v2 |= has(v1, pair.v1) ? pair.v2 : 0;
        v1 &= static_cast<std::uint32_t>(~pair.v1);
    }
    return v1 != 0 ? EINVAL : check_flags(v2);
}

std::string text(const char (&field)[GPIO_MAX_NAME_SIZE]) {
    return std::string(field, strnlen(field, GPIO_MAX_NAME_SIZE - 1));
}

int check_offsets(std::span<const std::uint32_t> offsets, std::size_t lines) {
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        if (offsets[i] >= lines) {
            return EINVAL;
        }
        if (std::find(offsets.begin(), offsets.begin() + static_cast<std::ptrdiff_t>(i), offsets[i]) !=
            offsets.begin() + static_cast<std::ptrdiff_t>(i)) {
            return EBUSY; // asked for twice: the second finds it held
        }
    }
    return 0;
}

template <std::size_t N>
bool all_zero(const std::uint32_t (&padding)[N]) {
    return std::all_of(std::begin(padding), std::end(padding), [](std::uint32_t word) { return word == 0; });
}

} // namespace

int read_config(const gpio_v2_line_config& asked, std::size_t count, std::vector<GpioLineSetup>& out) {
    if (asked.num_attrs > GPIO_V2_LINE_NUM_ATTRS_MAX || !all_zero(asked.padding)) {
        return EINVAL;
    }
    std::vector<GpioLineSetup> setups(count);
    for (std::size_t line = 0; line < count; ++line) {
        setups[line].flags = asked.flags;
        bool flags_given = false, value_given = false; // the first attribute of a kind is the one that counts
        for (std::size_t i = 0; i < asked.num_attrs; ++i) {
            const gpio_v2_line_config_attribute& attribute = asked.attrs[i];
            if (((attribute.mask >> line) & 1) == 0) {
                continue;
            }
            if (attribute.attr.id == GPIO_V2_LINE_ATTR_ID_FLAGS && !flags_given) {
                setups[line].flags = attribute.attr.flags;
                flags_given = true;
            } else if (attribute.attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES && !value_given) {
                setups[line].value = ((attribute.attr.values >> line) & 1) != 0;
                value_given = true;
            } else if (attribute.attr.id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE && attribute.attr.debounce_period_us != 0) {
                return EOPNOTSUPP; // this chip does not debounce; a kernel would, so don't say yes
            }
        }
        if (const int error = check_flags(setups[line].flags)) {
            return error;
        }
    }
    out = std::move(setups);
    return 0;
}

int read_config(const gpiohandle_config& asked, std::size_t count, std::vector<GpioLineSetup>& out) {
    std::uint64_t flags = 0;
    if (const int error = from_v1(asked.flags, flags)) {
        return error;
    }
    out.assign(count, {flags, false});
    for (std::size_t line = 0; line < count; ++line) {
        out[line].value = asked.default_values[line] != 0;
    }
    return 0;
}

int read_request(const gpio_v2_line_request& asked, std::size_t lines, std::size_t most_places, GpioRequest& out) {
    if (asked.num_lines == 0 || asked.num_lines > GPIO_V2_LINES_MAX || !all_zero(asked.padding)) {
        return EINVAL;
    }
    GpioRequest request;
    if (const int error = read_config(asked.config, asked.num_lines, request.setups)) {
        return error;
    }
    const std::span offsets(asked.offsets, asked.num_lines);
    if (const int error = check_offsets(offsets, lines)) {
        return error;
    }
    request.offsets.assign(offsets.begin(), offsets.end());
    request.consumer = text(asked.consumer);
    const std::size_t wanted =
        asked.event_buffer_size != 0 ? asked.event_buffer_size : asked.num_lines * std::size_t{16};
    request.edge_places = std::min(std::bit_ceil(std::min(wanted, most_places)), most_places);
    out = std::move(request);
    return 0;
}

int read_request(const gpiohandle_request& asked, std::size_t lines, GpioRequest& out) {
    if (asked.lines == 0 || asked.lines > GPIOHANDLES_MAX) {
        return EINVAL;
    }
    GpioRequest request;
    request.kind = GpioRequest::Kind::V1Handle;
    gpiohandle_config config{};
    config.flags = asked.flags;
    std::copy(std::begin(asked.default_values), std::end(asked.default_values), std::begin(config.default_values));
    if (const int error = read_config(config, asked.lines, request.setups)) {
        return error;
    }
    const std::span offsets(asked.lineoffsets, asked.lines);
    if (const int error = check_offsets(offsets, lines)) {
        return error;
    }
    request.offsets.assign(offsets.begin(), offsets.end());
    request.consumer = text(asked.consumer_label);
    out = std::move(request);
    return 0;
}

int read_request(const gpioevent_request& asked, std::size_t lines, GpioRequest& out) {
    std::uint64_t flags = 0;
    // an event is asked of an input, whether the flag says so or not
    if (const int error = from_v1(asked.handleflags | GPIOHANDLE_REQUEST_INPUT, flags)) {
        return error;
    }
    if ((asked.eventflags & ~static_cast<std::uint32_t>(GPIOEVENT_REQUEST_BOTH_EDGES)) != 0 ||
        asked.lineoffset >= lines) {
        return EINVAL;
    }
    flags |= has(asked.eventflags, GPIOEVENT_REQUEST_RISING_EDGE) ? GPIO_V2_LINE_FLAG_EDGE_RISING : 0;
    flags |= has(asked.eventflags, GPIOEVENT_REQUEST_FALLING_EDGE) ? GPIO_V2_LINE_FLAG_EDGE_FALLING : 0;
    out = {GpioRequest::Kind::V1Event, {asked.lineoffset}, {{flags, false}}, text(asked.consumer_label), kV1EdgePlaces};
    return 0;
}

std::uint32_t v1_info_flags(std::uint64_t v2_flags) noexcept {
    std::uint64_t flags = 0;
    for (const FlagPair& pair : kInfoFlags) {
        flags |= has(v2_flags, pair.v2) ? pair.v1 : 0;
    }
    return static_cast<std::uint32_t>(flags);
}

} // namespace overbias::deck_sim
