// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace overbias::mastering {

std::span<const std::string_view> reasons() {
    static constexpr std::array<std::string_view, 20> all{"bias_failure",
                                                          "xrun",
                                                          "not_off_tape",
                                                          "no_signal",
                                                          "channel_missing",
                                                          "missing",
                                                          "channels_swapped",
                                                          "polarity",
                                                          "not_recorded_well",
                                                          "level_difference",
                                                          "level_droop",
                                                          "frequency_response",
                                                          "phase",
                                                          "azimuth",
                                                          "dropout",
                                                          "speed_change",
                                                          "wow",
                                                          "unexpected_signal",
                                                          "noise",
                                                          "not_proven"};
    return all;
}

std::size_t gravity(std::string_view reason) {
    const auto all = reasons();
    return static_cast<std::size_t>(std::ranges::find(all, reason) - all.begin());
}

std::string channel_name(int channel) {
    return channel == 0 ? "left" : "right";
}

namespace {

std::string minutes_and_seconds(double seconds, int decimals) {
    const double scale = std::pow(10.0, decimals);
    const double steps = std::round(std::max(0.0, seconds) * scale);
    const auto minutes = static_cast<long>(steps / (60.0 * scale));
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), "%ld:%0*.*f", minutes, decimals + 3, decimals,
                        steps / scale - 60.0 * static_cast<double>(minutes));
    return text.data();
}

} // namespace

std::string clock_time(double seconds) {
    return minutes_and_seconds(seconds, 1);
}

std::string clock_time_ms(double seconds) {
    return minutes_and_seconds(seconds, 3);
}

std::string place_text(double at_s, std::optional<double> within_s) {
    return within_s ? clock_time_ms(at_s) + " (within " + figure(std::ceil(1e3 * *within_s), 0) + " ms)"
                    : clock_time(at_s);
}

} // namespace overbias::mastering
