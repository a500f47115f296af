// SPDX-License-Identifier: Apache-2.0
// A converter of Linux's Industrial I/O, found by its name under /sys/bus/iio/devices and read and written through its
// attributes, one small text file each (Linux, Documentation/ABI/testing/sysfs-bus-iio).
//
// Numbers of devices change from boot to boot, so a device is known by what its `name` or `label` says. One that is not
// there, or goes away, is a state and is looked for again at the next use; nothing here ends the program.
// Thread: one. A read waits for the conversion: milliseconds for a slow converter, so not on the control thread.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace overbias::transport {

/// Where Linux shows its converters; tests give a folder of files instead.
inline constexpr const char* kIioRoot = "/sys/bus/iio/devices";

class IioDevice {
  public:
    explicit IioDevice(std::string name, std::filesystem::path root = kIioRoot);

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// Whether the last use found it. False before the first.
    [[nodiscard]] bool present() const noexcept { return folder_.has_value(); }

    /// The number that an attribute holds. The error names device and attribute; after it the device is looked for
    /// anew.
    [[nodiscard]] Result<double> read(const std::string& attribute);
    /// Likewise; empty where the device is there and has no such attribute.
    [[nodiscard]] Result<std::optional<double>> read_if_any(const std::string& attribute);
    /// Never creates an attribute.
    [[nodiscard]] Result<void> write(const std::string& attribute, long value);

  private:
    [[nodiscard]] Result<void> find();
    [[nodiscard]] Error lost(const std::string& attribute, const std::string& why);

    std::string name_;
    std::filesystem::path root_;
    std::optional<std::filesystem::path> folder_; ///< where it was at the last use
};

} // namespace overbias::transport
