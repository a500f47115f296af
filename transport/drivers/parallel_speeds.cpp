// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/parallel_speeds.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

std::string ParallelSpeeds::ips_text(double ips) {
    std::string text = std::to_string(ips);
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
}

std::vector<double> ParallelSpeeds::all_ips() const {
    std::vector<double> all;
    for (const Speed& one : speeds_) {
        all.push_back(one.ips);
    }
    return all;
}

const ParallelSpeeds::Speed* ParallelSpeeds::find(double ips) const {
    const auto found =
        std::ranges::find_if(speeds_, [ips](const Speed& one) { return std::abs(one.ips - ips) < 1e-6 * one.ips; });
    return found == speeds_.end() ? nullptr : &*found;
}

Result<void> ParallelSpeeds::select(double ips) {
    const Speed* const wanted = find(ips);
    if (wanted == nullptr) {
        std::string list;
        for (const Speed& one : speeds_) {
            list += (list.empty() ? "" : ", ") + ips_text(one.ips);
        }
        return Error{"speed select: the deck's lines switch it to " + list + " ips, got " + ips_text(ips)};
    }
    // break before make: two speeds selected at once is a state no deck was made for
    const auto selected = [wanted](LineId line) {
        return std::ranges::find(wanted->closed, line) != wanted->closed.end();
    };
    for (const Speed& one : speeds_) {
        for (const LineId line : one.closed) {
            if (!selected(line)) {
                lines_.set(line, false);
            }
        }
    }
    for (const LineId line : wanted->closed) {
        lines_.set(line, true);
    }
    if (wanted->key) {
        key_.press(*wanted->key, wanted->pulse);
    }
    return {};
}

} // namespace overbias::transport
