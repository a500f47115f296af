// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/relay_adjust.hpp"

#include <stdexcept>
#include <string>

namespace overbias::transport {

RelayAdjust::RelayAdjust(Lines& lines, std::string_view input_line, std::string_view sync_line) : lines_(lines) {
    std::string missing;
    const auto find = [&](std::string_view name, LineId& line) {
        if (const Result<LineId> found = lines.find_output(name)) {
            line = *found;
        } else {
            missing += "\n  output \"" + std::string(name) + "\": " + found.error().message;
        }
    };
    find(input_line, input_);
    find(sync_line, sync_);
    if (!missing.empty()) {
        throw std::invalid_argument(
            "monitor relays: these lines are configured but not there; correct the names, or configure the deck "
            "without monitor relays:" +
            missing);
    }
}

Result<void> RelayAdjust::select_monitor(MonitorSelect select) {
    if (select != MonitorSelect::Input) {
        lines_.set(input_, false);
    }
    if (select != MonitorSelect::Sync) {
        lines_.set(sync_, false);
    }
    if (select == MonitorSelect::Input) {
        lines_.set(input_, true);
    } else if (select == MonitorSelect::Sync) {
        lines_.set(sync_, true);
    }
    return {};
}

} // namespace overbias::transport
