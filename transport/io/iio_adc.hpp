// SPDX-License-Identifier: Apache-2.0
// IioAdc: one voltage channel of an analog-to-digital converter, (raw + offset) * scale in millivolts by the ABI of
// Linux's Industrial I/O. Scale and offset may be the channel's own or those of all its voltages; without an offset it
// is 0, without a scale the reading would not be volts and is refused. Thread and loss: as IioDevice.
#pragma once

#include "transport/io/iio_device.hpp"

#include <filesystem>
#include <string>

namespace overbias::transport {

class IioAdc {
  public:
    /// `channel`: N of in_voltageN_raw. Reads nothing yet.
    IioAdc(std::string device, int channel, std::filesystem::path root = kIioRoot);
    /// Volts.
    [[nodiscard]] Result<double> read();
    /// As of the last read.
    [[nodiscard]] bool present() const noexcept { return device_.present(); }

  private:
    IioDevice device_;
    std::string channel_; ///< "in_voltageN_"
};

} // namespace overbias::transport
