// SPDX-License-Identifier: Apache-2.0
#include "base/toml/message_text.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

namespace overbias::mastering {

std::optional<TapeSpan> tape_span_from_text(std::string_view text) {
    TapeSpan span;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), span.value);
    if (failure != std::errc() || !std::isfinite(span.value) || span.value < 0.0) {
        return std::nullopt;
    }
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    while (!unit.empty() && unit.front() == ' ') {
        unit.remove_prefix(1);
    }
    if (unit == "s") {
        span.unit = TapeSpan::Unit::Seconds;
    } else if (unit == "ft") {
        span.unit = TapeSpan::Unit::Feet;
    } else if (unit == "m") {
        span.unit = TapeSpan::Unit::Metres;
    } else {
        return std::nullopt;
    }
    return span;
}

std::string tape_span_text(const TapeSpan& span) {
    const char* unit = span.unit == TapeSpan::Unit::Seconds ? " s" : span.unit == TapeSpan::Unit::Feet ? " ft" : " m";
    return number_text(span.value) + unit;
}

} // namespace overbias::mastering
