// SPDX-License-Identifier: Apache-2.0
// What the preload shim and GpioServer say to each other.
//
// Every file descriptor that a program gets for the chip or for a line request is a stream connection to the server.
// The shim knows its own descriptors by the name of the socket's other end, so it keeps no table that a dup(), a
// fork() or a close() it did not see could make wrong.
//
// An ioctl goes over the connection it was made on: the header and the structure of linux/gpio.h as it is. The answer
// comes as one datagram to the mailbox the header names (a name the kernel made up, unix(7) autobind), never on the
// connection, where the program reads its edges; so threads may ask at once, and no lock is needed. On the connection
// the server sends nothing but whole gpio_v2_line_event or gpioevent_data records.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace overbias::gpio_wire {

inline constexpr const char* kSocketVariable = "OVERBIAS_GPIO_SOCKET";
inline constexpr const char* kChipName = "gpiochip0"; ///< the chip is /dev/gpiochip0
inline constexpr unsigned kMajor = 254, kMinor = 0;   ///< its device number, as the kernel gives GPIO chips

inline constexpr std::uint32_t kMagic = 0x4f42'4750; ///< "OBGP"

/// Followed by `size` bytes of argument.
struct Request {
    std::uint32_t magic = kMagic;
    std::uint32_t ioctl = 0; ///< the request number as the program gave it
    std::uint32_t size = 0;
    std::array<char, 8> mailbox{}; ///< abstract name without its leading zero: five hexadecimal digits
};

/// Followed by `size` bytes of argument, the server's version of it.
struct Answer {
    std::int32_t error = 0; ///< errno, or 0
    std::uint32_t size = 0;
};

inline constexpr std::size_t kMailboxDigits = 5;
inline constexpr std::size_t kMaxArgument = 1024; ///< the largest structure of linux/gpio.h has 592 bytes

} // namespace overbias::gpio_wire
