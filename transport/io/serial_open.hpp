// SPDX-License-Identifier: Apache-2.0
// Opening a tty of the host for a deck, and the words for what stands in the way. Thread: any.
#pragma once

#include "base/result.hpp"
#include "transport/io/serial_link.hpp"

#include <string>

namespace overbias::transport {

/// Whether a terminal can be set to that rate.
[[nodiscard]] bool serial_baud_exists(int baud) noexcept;
/// Opens, locks and sets the device: a file descriptor, non-blocking. The error says what was expected and what to do.
[[nodiscard]] Result<int> open_serial(const SerialSettings& settings);
/// What has to be done before it is closed: bytes already handed to the host may go out for `waits_s`, the rest is
/// thrown away, and the sole use given up.
void leave_serial(int descriptor, double waits_s) noexcept;
/// "overbiasd (pid 1234)", every program that has this device open as far as /proc shows them to us; may be empty.
[[nodiscard]] std::string users_of_device(const std::string& device);

} // namespace overbias::transport
