// SPDX-License-Identifier: Apache-2.0
#include "transport/position/figures.hpp"

#include <cmath>

namespace overbias::transport {

std::string length_text(double value_m) {
    return std::abs(value_m) < 1.0 ? figure(1000.0 * value_m, 1) + " mm" : figure(value_m, 2) + " m";
}

std::string signed_length_text(double value_m) {
    return (value_m < 0.0 ? "" : "+") + length_text(value_m);
}

std::string speed_text(double value_m_s) {
    return figure(value_m_s, 3) + " m/s";
}

std::string percent_text(double share) {
    return figure(100.0 * share, 2) + " %";
}

} // namespace overbias::transport
