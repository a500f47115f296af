// SPDX-License-Identifier: Apache-2.0
// Finding a GPIO line by its name in the kernel, and saying in words why one can't be had. Data in, data out:
// GpiodLines fills the listings through libgpiod, TachGpio through ioctls.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

struct GpioLineListing {
    std::string name;     ///< as the device tree calls it; often empty
    std::string consumer; ///< who holds it, if it says so
    bool used = false;
};

struct GpioChipListing {
    std::string path, name, label; ///< "/dev/gpiochip0", "gpiochip0", "pinctrl-bcm2711"
    std::vector<GpioLineListing> lines;
};

struct GpioPlace {
    std::size_t chip = 0;
    unsigned offset = 0;
};

/// "/dev/gpiochip0", "/dev/gpiochip1"... in the order of their numbers. A `chip` that is a path stands for itself.
[[nodiscard]] std::vector<std::string> gpio_device_paths(const std::string& chip);
/// `chip` is the chip's path, name or label, or empty: every chip.
[[nodiscard]] bool is_gpio_chip(const GpioChipListing& listing, std::string_view chip);

/// Where `line` is among `chips`, which are those that `chip` means. The error says where it was looked for and what is
/// near, or where it is twice, or who holds it.
[[nodiscard]] Result<GpioPlace> find_free_gpio_line(const std::vector<GpioChipListing>& chips, std::string_view chip,
                                                    std::string_view line);
/// Why no chip could be looked at: `problems` are those of opening, `others` the chips there are.
[[nodiscard]] std::string no_gpio_chip(std::string_view chip, const std::vector<GpioChipListing>& others,
                                       const std::vector<std::string>& problems);
/// "gpiochip0 [pinctrl-bcm2711]".
[[nodiscard]] std::string gpio_chip_text(const GpioChipListing& chip);
/// What `error` (an errno) of opening a chip or requesting a line means to whoever has to mend it.
[[nodiscard]] std::string gpio_error_text(int error);

} // namespace overbias::transport
