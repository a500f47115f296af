// SPDX-License-Identifier: Apache-2.0
// IioDac: one voltage channel of a digital-to-analog converter (out_voltageN_raw of Linux's Industrial I/O), within
// limits that it never leaves. Nothing is written until write(). Thread and loss: as IioDevice.
#pragma once

#include "transport/io/iio_device.hpp"

#include <filesystem>
#include <string>

namespace overbias::transport {

class IioDac {
  public:
    /// `channel`: N of out_voltageN_raw. Throws std::invalid_argument unless 0 <= lowest < highest.
    IioDac(std::string device, int channel, long lowest, long highest, std::filesystem::path root = kIioRoot);
    /// Refuses a value outside the limits.
    [[nodiscard]] Result<void> write(long raw);
    /// What the converter says it holds, within the limits or not.
    [[nodiscard]] Result<long> read();
    [[nodiscard]] bool present() const noexcept { return device_.present(); }
    [[nodiscard]] long lowest() const noexcept { return lowest_; }
    [[nodiscard]] long highest() const noexcept { return highest_; }
    [[nodiscard]] const std::string& device() const noexcept { return device_.name(); }

  private:
    IioDevice device_;
    std::string attribute_;
    long lowest_, highest_;
};

} // namespace overbias::transport
