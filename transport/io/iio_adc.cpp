// SPDX-License-Identifier: Apache-2.0
#include "transport/io/iio_adc.hpp"

#include <optional>
#include <utility>

namespace overbias::transport {

namespace {

/// The channel's own value, else that of all voltages.
Result<std::optional<double>> own_or_shared(IioDevice& device, const std::string& channel, const char* what) {
    auto value = device.read_if_any(channel + what);
    return !value || *value ? value : device.read_if_any(std::string("in_voltage_") + what);
}

} // namespace

IioAdc::IioAdc(std::string device, int channel, std::filesystem::path root)
    : device_(std::move(device), std::move(root)), channel_("in_voltage" + std::to_string(channel) + "_") {
}

Result<double> IioAdc::read() {
    const auto raw = device_.read(channel_ + "raw");
    if (!raw) {
        return raw.error();
    }
    const auto scale = own_or_shared(device_, channel_, "scale");
    const auto offset = own_or_shared(device_, channel_, "offset");
    if (!scale || !offset) {
        return !scale ? scale.error() : offset.error();
    }
    if (!*scale) {
        return Error{"converter \"" + device_.name() + "\", " + channel_ +
                     "scale: the device says no scale, so its readings are no volts; use another converter or driver"};
    }
    return (*raw + offset->value_or(0.0)) * **scale / 1000.0;
}

} // namespace overbias::transport
