// SPDX-License-Identifier: Apache-2.0
#include "calibration/bias/bias_monitor.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/bias/bias_quantity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace overbias::calibration {

namespace {

/// A window holds no more readings than this, however fast they come.
constexpr std::size_t kMostInWindow = 256;

const char* unit_of_drift(BiasQuantity quantity) noexcept {
    return quantity == BiasQuantity::Frequency || quantity == BiasQuantity::ThirdHarmonic ? "%" : "dB";
}

std::string value_text(const tape::BiasSource& source, BiasQuantity quantity, double value) {
    switch (quantity) {
    case BiasQuantity::Level:
        if (source.volts_per_unit) {
            return figure(value, 3) + " V";
        }
        return source.kind == tape::BiasSourceKind::Adc ? figure(value, 4) + " V at the test point"
                                                        : figure(amplitude_db(value), 2) + " dBFS";
    case BiasQuantity::Frequency:
        return figure(value / 1000.0, 3) + " kHz";
    case BiasQuantity::ThirdHarmonic:
        return figure(value, 3) + " %";
    case BiasQuantity::HighFrequency:
    case BiasQuantity::Noise:
        break;
    }
    return figure(value, 2) + " dB";
}

const char* what_to_do(BiasQuantity quantity) noexcept {
    switch (quantity) {
    case BiasQuantity::Level:
        return "check the track's bias adjustment and the oscillator's supply";
    case BiasQuantity::Frequency:
        return "check the bias oscillator";
    case BiasQuantity::HighFrequency:
        return "clean the heads, then align bias and record equalisation";
    case BiasQuantity::ThirdHarmonic:
        return "check record level and bias";
    case BiasQuantity::Noise:
        break;
    }
    return "demagnetise heads and guides, then check the bias waveform";
}

void require(bool good, const char* text) {
    if (!good) {
        throw std::invalid_argument(std::string("bias monitor: ") + text);
    }
}

} // namespace

const char* bias_quantity_name(BiasQuantity quantity) noexcept {
    switch (quantity) {
    case BiasQuantity::Level:
        return "bias level";
    case BiasQuantity::Frequency:
        return "bias frequency";
    case BiasQuantity::HighFrequency:
        return "10 kHz level";
    case BiasQuantity::ThirdHarmonic:
        return "third harmonic";
    case BiasQuantity::Noise:
        break;
    }
    return "noise";
}

const char* BiasFigure::drift_unit() const noexcept {
    return unit_of_drift(quantity);
}

BiasMonitor::BiasMonitor(std::vector<tape::BiasSource> sources, const BiasMonitorSettings& settings)
    : sources_(std::move(sources)), settings_(settings) {
    require(settings.averaging_s > 0.0 && settings.settle_s >= 0.0 && settings.missing_s > 0.0,
            "expected times above 0");
    require(settings.gone_db > 0.0, "expected a gone_db above 0");
    require(settings.clear_share > 0.0 && settings.clear_share <= 1.0, "expected a clear_share from 0 to 1");
    require(settings.history_step_s > 0.0 && settings.history_points >= kLeastTrendPoints,
            "expected a history of at least 8 points");
    for (std::size_t index = 0; index < sources_.size(); ++index) {
        const tape::BiasSource& source = sources_[index];
        const auto add = [&](BiasQuantity quantity) {
            Watch watch;
            watch.source = index;
            watch.quantity = quantity;
            watches_.push_back(std::move(watch));
        };
        if (source.has_level()) {
            add(BiasQuantity::Level);
        }
        if (source.has_frequency()) {
            add(BiasQuantity::Frequency);
        }
        if (source.kind == tape::BiasSourceKind::Tape) {
            add(BiasQuantity::HighFrequency);
            add(BiasQuantity::ThirdHarmonic);
            add(BiasQuantity::Noise);
        }
    }
}

const BiasMonitor::Watch* BiasMonitor::find(std::size_t source, BiasQuantity quantity) const noexcept {
    const auto found = std::ranges::find_if(
        watches_, [&](const Watch& watch) { return watch.source == source && watch.quantity == quantity; });
    return found == watches_.end() ? nullptr : &*found;
}

bool BiasMonitor::from_tape(const Watch& watch) const noexcept {
    return sources_[watch.source].kind == tape::BiasSourceKind::Tape;
}

bool BiasMonitor::tells_missing(const Watch& watch) const noexcept {
    return !from_tape(watch) && (watch.quantity == BiasQuantity::Level || !sources_[watch.source].has_level());
}

const tape::BiasLimit& BiasMonitor::limit_of(const Watch& watch) const noexcept {
    return bias_limit(sources_[watch.source], watch.quantity);
}

Result<void> BiasMonitor::set_up(std::size_t source, BiasQuantity quantity, double value) {
    const auto found = std::ranges::find_if(
        watches_, [&](const Watch& watch) { return watch.source == source && watch.quantity == quantity; });
    if (found == watches_.end()) {
        return Error{std::string(bias_quantity_name(quantity)) + " of source " + std::to_string(source + 1) +
                     " is not watched: the profile has no such [[bias_monitor]]"};
    }
    if (!std::isfinite(value) || (is_ratio(quantity) && value <= 0.0)) {
        return Error{std::string(bias_quantity_name(quantity)) + " of " + tape::bias_source_place(sources_[source]) +
                     " at set-up: expected a value" + (is_ratio(quantity) ? " above 0" : "") + ", got " +
                     figure(value, 3) + "; measure it again while the deck records"};
    }
    // the history is of the drift from what was set up before
    found->set_up = value;
    found->history.clear();
    found->step_sum = 0.0;
    found->step_count = 0;
    if (from_tape(*found)) { // no reading comes soon that would judge it
        found->state = BiasState::NotJudged;
        found->state = judged(*found) == BiasState::Good ? BiasState::Good : BiasState::NotJudged;
    }
    return {};
}

void BiasMonitor::recording(double at_s, bool on) {
    if (on == record_since_s_.has_value()) {
        return;
    }
    record_since_s_ = on ? std::optional(at_s) : std::nullopt;
    for (Watch& watch : watches_) {
        if (!from_tape(watch)) {
            watch.window.clear();
            watch.step_count = 0;
            watch.step_sum = 0.0;
            watch.seen_s.reset();
            watch.state = BiasState::NotJudged;
        }
    }
}

std::optional<double> BiasMonitor::mean(const Watch& watch) const noexcept {
    if (watch.window.empty()) {
        return std::nullopt;
    }
    double sum = 0.0;
    for (const Reading& each : watch.window) {
        sum += each.value;
    }
    return sum / static_cast<double>(watch.window.size());
}

std::optional<double> BiasMonitor::drift(const Watch& watch) const noexcept {
    const auto now = mean(watch);
    if (!now || !watch.set_up) {
        return std::nullopt;
    }
    return drift_of(watch.quantity, *now, *watch.set_up);
}

BiasState BiasMonitor::judged(const Watch& watch) const noexcept {
    const tape::BiasLimit& limit = limit_of(watch);
    const auto warn = limit.warn ? tape::as_limit(*limit.warn) : std::nullopt;
    const auto fail = limit.fail ? tape::as_limit(*limit.fail) : std::nullopt;
    const auto by = drift(watch);
    if (!by || (!warn && !fail)) {
        return BiasState::NotJudged;
    }
    const double far = rises_only(watch.quantity) ? *by : std::abs(*by);
    // a limit that was passed holds on until the drift is well within it
    const auto passed = [&](const std::optional<double>& at, bool held) {
        return at && far >= *at * (held ? settings_.clear_share : 1.0);
    };
    if (passed(fail, watch.state == BiasState::Fail)) {
        return BiasState::Fail;
    }
    return passed(warn, watch.state == BiasState::Warn || watch.state == BiasState::Fail) ? BiasState::Warn
                                                                                          : BiasState::Good;
}

void BiasMonitor::keep(Watch& watch, double at_s) {
    const auto by = watch.set_up && !watch.window.empty()
                        ? std::optional(drift_of(watch.quantity, watch.window.back().value, *watch.set_up))
                        : std::nullopt;
    if (!by) {
        return;
    }
    if (watch.step_count == 0) {
        watch.step_from_s = at_s;
    }
    watch.step_sum += *by;
    ++watch.step_count;
    if (!from_tape(watch) && at_s - watch.step_from_s < settings_.history_step_s) {
        return;
    }
    if (watch.history.size() >= settings_.history_points) {
        watch.history.pop_front();
    }
    watch.history.push_back(
        {.at_s = 0.5 * (at_s + watch.step_from_s), .drift = watch.step_sum / static_cast<double>(watch.step_count)});
    watch.step_sum = 0.0;
    watch.step_count = 0;
}

void BiasMonitor::change(Watch& watch, BiasState to, double at_s, Concerns& said) {
    const BiasState was = watch.state;
    watch.state = to;
    const auto concern_of = [](BiasState state) {
        return state == BiasState::Warn ? 1 : state == BiasState::Fail || state == BiasState::Missing ? 2 : 0;
    };
    if (to == was || (concern_of(to) == 0 && concern_of(was) == 0)) {
        return;
    }
    using Severity = transport::Concern::Severity;
    constexpr std::array kSeverities{Severity::Over, Severity::Warn, Severity::Fail};
    said.push_back({.severity = kSeverities.at(static_cast<std::size_t>(concern_of(to))),
                    .monitor = "bias",
                    .subject = std::string(bias_quantity_name(watch.quantity)) + " of " +
                               tape::bias_source_place(sources_[watch.source]),
                    .words = words(watch, was),
                    .at_s = at_s});
}

std::string BiasMonitor::words(const Watch& watch, BiasState was) const {
    const tape::BiasSource& source = sources_[watch.source];
    const std::string subject =
        std::string(bias_quantity_name(watch.quantity)) + " of " + tape::bias_source_place(source);
    const std::string expected = ": expected " +
                                 (watch.set_up ? value_text(source, watch.quantity, *watch.set_up) : "a value") +
                                 " as at set-up";
    if (watch.state == BiasState::Missing) {
        return subject + expected + ", got none for " + figure(settings_.missing_s, 0) +
               " s while the deck records; stop, and check the bias and the wire to its monitor";
    }
    const auto now = mean(watch), by = drift(watch);
    const std::string unit = unit_of_drift(watch.quantity);
    std::string text = subject + expected;
    if (now && by) {
        text += ", got " + value_text(source, watch.quantity, *now) + ", " + figure(*by, 2, true) + " " + unit;
    }
    if (watch.state == BiasState::Warn || watch.state == BiasState::Fail) {
        const tape::BiasLimit& limit = limit_of(watch);
        const bool failed = watch.state == BiasState::Fail;
        const tape::Figure& passed = failed ? *limit.fail : *limit.warn;
        text += failed ? "; failure from " : "; warning from ";
        return text + figure(passed.value, 2) + " " + unit + " (" + passed.source + "); " + what_to_do(watch.quantity);
    }
    return text + (was == BiasState::Missing ? "; it is there again" : "; within its limits again");
}

/// The mean is never of times before a gap, and "good" is nothing that nobody has seen for a while. A concern stands.
void BiasMonitor::forget(Watch& watch) noexcept {
    watch.window.clear();
    if (watch.state == BiasState::Good) {
        watch.state = BiasState::NotJudged;
    }
}

BiasMonitor::Concerns BiasMonitor::take(double at_s, std::size_t source, BiasQuantity quantity,
                                        std::optional<double> value) {
    Concerns said;
    const auto found = std::ranges::find_if(
        watches_, [&](const Watch& watch) { return watch.source == source && watch.quantity == quantity; });
    if (found == watches_.end()) {
        return said;
    }
    Watch& watch = *found;
    const bool direct = !from_tape(watch);
    const bool gone = quantity == BiasQuantity::Level && watch.set_up && value &&
                      *value < *watch.set_up * amplitude_from_db(-settings_.gone_db);
    const bool is_one = value && std::isfinite(*value) && (!is_ratio(quantity) || *value > 0.0) && !gone;
    if (direct && (!record_since_s_ || at_s < *record_since_s_ + settings_.settle_s)) {
        return said;
    }
    if (!is_one) {
        forget(watch);
        return tick(at_s, source);
    }
    if (!direct) {
        watch.window.clear();
    }
    if (watch.window.empty()) {
        watch.whole_s = at_s + settings_.averaging_s;
    }
    watch.window.push_back({.at_s = at_s, .value = *value});
    while (watch.window.size() > kMostInWindow || at_s - watch.window.front().at_s >= settings_.averaging_s) {
        watch.window.pop_front();
    }
    watch.seen_s = at_s;
    keep(watch, at_s);
    if (watch.state == BiasState::Missing) {
        change(watch, BiasState::Good, at_s, said);
    }
    if (!direct || at_s >= watch.whole_s) {
        change(watch, judged(watch), at_s, said);
    }
    return said;
}

void BiasMonitor::gap(double at_s, std::size_t source) {
    for (Watch& watch : watches_) {
        if (watch.source == source && !from_tape(watch) && record_since_s_) {
            forget(watch);
            watch.step_count = 0;
            watch.step_sum = 0.0;
            watch.seen_s = std::max(at_s, *record_since_s_ + settings_.settle_s);
        }
    }
}

BiasMonitor::Concerns BiasMonitor::tick(double at_s, std::optional<std::size_t> source) {
    Concerns said;
    if (!record_since_s_) {
        return said;
    }
    for (Watch& watch : watches_) {
        const double since_s = watch.seen_s.value_or(*record_since_s_ + settings_.settle_s);
        if ((!source || *source == watch.source) && tells_missing(watch) && watch.set_up &&
            at_s - since_s > settings_.missing_s) {
            watch.window.clear();
            change(watch, BiasState::Missing, at_s, said);
        }
    }
    return said;
}

} // namespace overbias::calibration
