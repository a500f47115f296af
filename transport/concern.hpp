// SPDX-License-Identifier: Apache-2.0
// Concern: what a monitor (bias, flutter, levels) has to say to the job that runs, the panel and the logbook. A monitor
// makes nothing safe and stops nothing itself: whoever owns the deck decides. Plain data, any thread.
#pragma once

#include <string>
#include <string_view>

namespace overbias::transport {

struct Concern {
    enum class Severity {
        Over, ///< what was said before is over
        Warn,
        Fail, ///< a print may be told to stop on it
    };
    Severity severity = Severity::Warn;
    std::string monitor; ///< "bias"
    std::string subject; ///< what it is about, the same for each concern about it: "level, track 1 (adc)"
    std::string words;   ///< one sentence for the operator
    double at_s = 0.0;   ///< deck time
};

/// "over", "warn", "fail".
[[nodiscard]] constexpr std::string_view concern_word(Concern::Severity severity) noexcept {
    switch (severity) {
    case Concern::Severity::Over:
        return "over";
    case Concern::Severity::Warn:
        return "warn";
    case Concern::Severity::Fail:
        break;
    }
    return "fail";
}

} // namespace overbias::transport
