// SPDX-License-Identifier: Apache-2.0
#include "transport/io/iio_dac.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::transport {

IioDac::IioDac(std::string device, int channel, long lowest, long highest, std::filesystem::path root)
    : device_(std::move(device), std::move(root)), attribute_("out_voltage" + std::to_string(channel) + "_raw"),
      lowest_(lowest), highest_(highest) {
    if (lowest < 0 || lowest >= highest) {
        throw std::invalid_argument("converter \"" + device_.name() + "\", " + attribute_ +
                                    ": expected limits with 0 <= lowest < highest, got " + std::to_string(lowest) +
                                    " and " + std::to_string(highest));
    }
}

Result<void> IioDac::write(long raw) {
    if (raw < lowest_ || raw > highest_) {
        return Error{"converter \"" + device_.name() + "\", " + attribute_ + ": expected " + std::to_string(lowest_) +
                     " to " + std::to_string(highest_) + ", got " + std::to_string(raw) + "; nothing was set"};
    }
    return device_.write(attribute_, raw);
}

Result<long> IioDac::read() {
    const auto value = device_.read(attribute_);
    if (!value) {
        return value.error();
    }
    if (std::abs(*value) > 1e9) {
        return Error{"converter \"" + device_.name() + "\", " + attribute_ + ": what it holds is no such number"};
    }
    return std::lround(*value);
}

} // namespace overbias::transport
