// SPDX-License-Identifier: Apache-2.0
// Which files the simulated chip has: its device node and the few of /sys by which libgpiod 1.6 and 2 make sure that a
// node is a GPIO chip's.
#pragma once

namespace overbias::gpio_shim {

/// Opens the file if it is one of the chip's: then true, and `fd` is what open() returns (errno set when -1).
[[nodiscard]] bool open_simulated(const char* path, int flags, int& fd) noexcept;

} // namespace overbias::gpio_shim
