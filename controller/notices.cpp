// SPDX-License-Identifier: Apache-2.0
#include "controller/notices.hpp"

namespace overbias::controller {

namespace {
constexpr std::chrono::milliseconds kPositionEvery{67};
constexpr std::chrono::milliseconds kProgressEvery{100};
} // namespace

void Notices::tell(std::string_view topic, std::string_view parameters) const {
    for (const Door& door : doors_) {
        door(topic, parameters);
    }
}

void Notices::position(const std::function<std::string()>& parameters) {
    now_and_then(position_, kPositionEvery, "position", parameters);
}

void Notices::progress(const std::function<std::string()>& parameters) {
    now_and_then(progress_, kProgressEvery, "progress", parameters);
}

void Notices::alignment(const std::function<std::string()>& parameters) {
    now_and_then(alignment_, kProgressEvery, "alignment", parameters);
}

void Notices::now_and_then(Pace& pace, std::chrono::milliseconds interval, std::string_view topic,
                           const std::function<std::string()>& parameters) const {
    const auto now = std::chrono::steady_clock::now();
    if (doors_.empty() || now - pace.told < interval) {
        return;
    }
    std::string text = parameters();
    if (text != pace.last) {
        pace.told = now;
        pace.last = std::move(text);
        tell(topic, pace.last);
    }
}

} // namespace overbias::controller
