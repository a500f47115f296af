// SPDX-License-Identifier: Apache-2.0
// What programs ask of a GPIO chip, in the structures of linux/gpio.h, made one: version 1 in the terms of version 2.
// Refused with EINVAL is what the kernel refuses (drivers/gpio/gpiolib-cdev.c; Documentation/userspace-api/gpio).
#pragma once

#include <cstddef>
#include <cstdint>
#include <linux/gpio.h>
#include <string>
#include <vector>

namespace overbias::deck_sim {

struct GpioLineSetup {
    std::uint64_t flags = 0; ///< gpio_v2_line_flag
    bool value = false;      ///< an output's first value: active or not
};

struct GpioRequest {
    enum class Kind { V1Handle, V1Event, V2 } kind = Kind::V2;
    std::vector<unsigned> offsets;
    std::vector<GpioLineSetup> setups; ///< as many
    std::string consumer;
    std::size_t edge_places = 16;
};

/// Each returns 0 or an errno, and fills `out` only with 0. `lines` is how many lines the chip has.
[[nodiscard]] int read_request(const gpio_v2_line_request& asked, std::size_t lines, std::size_t most_places,
                               GpioRequest& out);
[[nodiscard]] int read_request(const gpiohandle_request& asked, std::size_t lines, GpioRequest& out);
[[nodiscard]] int read_request(const gpioevent_request& asked, std::size_t lines, GpioRequest& out);
/// A new configuration for a request of `count` lines.
[[nodiscard]] int read_config(const gpio_v2_line_config& asked, std::size_t count, std::vector<GpioLineSetup>& out);
[[nodiscard]] int read_config(const gpiohandle_config& asked, std::size_t count, std::vector<GpioLineSetup>& out);

/// GPIOLINE_FLAG_* of version 1 for flags of version 2.
[[nodiscard]] std::uint32_t v1_info_flags(std::uint64_t v2_flags) noexcept;

inline constexpr std::uint64_t kGpioDirections = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_OUTPUT;
inline constexpr std::uint64_t kGpioEdges = GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
inline constexpr std::size_t kV1EdgePlaces = 16;

} // namespace overbias::deck_sim
