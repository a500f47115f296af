// SPDX-License-Identifier: Apache-2.0
#include "controller/tape_position.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

namespace overbias::controller {

namespace {

std::optional<double> plain_number(std::string_view text) {
    // from_chars for double also takes "inf", "nan" and exponents; a place on the tape is written in digits
    if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) {
        return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

} // namespace

Result<double> parse_tape_position(std::string_view text, double play_speed_ips) {
    const auto bad = [text] {
        return Error{"'" + std::string(text) +
                     "' is not a place on the tape; write metres (34.5) or tape time (h:mm:ss or m:ss)"};
    };
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative) {
        rest.remove_prefix(1);
    }
    if (rest.ends_with('m')) {
        rest.remove_suffix(1);
        if (rest.find(':') != std::string_view::npos) {
            return bad();
        }
    }
    std::vector<double> parts;
    while (true) {
        const std::size_t colon = rest.find(':');
        const std::optional<double> part = plain_number(rest.substr(0, colon));
        const bool last = colon == std::string_view::npos;
        if (!part || (!last && *part != std::floor(*part)) || (!parts.empty() && *part >= 60.0)) {
            return bad(); // only the seconds have a fraction; minutes and seconds after a colon are below 60
        }
        parts.push_back(*part);
        if (last) {
            break;
        }
        rest.remove_prefix(colon + 1);
    }
    if (parts.size() > 3) {
        return bad();
    }
    double value = 0;
    for (const double part : parts) {
        value = value * 60.0 + part;
    }
    const double position_m = parts.size() == 1 ? value : value * metres_per_second(play_speed_ips);
    return negative ? -position_m : position_m;
}

std::string tape_time_text(double position_m, double play_speed_ips) {
    const auto hundredths =
        static_cast<long long>(std::floor(std::abs(position_m) / metres_per_second(play_speed_ips) * 100.0 + 1e-6));
    const long long whole = hundredths / 100;
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s%lld:%02lld:%02lld.%02lld",
                  position_m < 0.0 && hundredths > 0 ? "-" : "", whole / 3600, whole / 60 % 60, whole % 60,
                  hundredths % 100);
    return text.data();
}

std::string tape_place_text(double position_m, double play_speed_ips) {
    return "the tape stood at " + figure(position_m, 2) + " m (" + tape_time_text(position_m, play_speed_ips) + ")";
}

} // namespace overbias::controller
