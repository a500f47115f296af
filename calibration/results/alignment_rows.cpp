// SPDX-License-Identifier: Apache-2.0
#include "calibration/results/alignment_rows.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <tuple>
#include <utility>

namespace overbias::calibration {

namespace {

using Words = std::pair<std::string_view, std::string_view>;

constexpr std::array kGroups{
    Words{"lines", "Converters and lines"},
    Words{"reproduce", "Reproduce"},
    Words{"speed", "Speed, wow and flutter"},
    Words{"record", "Record"},
    Words{"proof", "Proof"},
};

constexpr std::array kProcedures{
    Words{"lines", "Converters and lines"},
    Words{"reproduce", "Reproduce alignment"},
    Words{"speed", "Speed, wow and flutter"},
    Words{"record", "Record alignment"},
    Words{"proof", "Proof"},
    Words{"quick", "Quick check"},
};

/// Steps in words, in the order in which they are shown. The longest that an id begins with counts, and its rest is
/// added.
constexpr std::array kSteps{
    Words{"lines.play_dbu", "line to the deck, full scale"},
    Words{"lines.capture_dbu", "line from the deck, full scale"},
    Words{"lines.channel_difference", "line from the deck, right less left"},
    Words{"lines.round_trip", "round trip of the converters"},
    Words{"lines.thd_n", "THD+N of the converters"},
    Words{"lines.noise_a", "noise of the converters, A-weighted"},
    Words{"lines.linearity", "linearity"},
    Words{"lines.vu", "line level at 0 VU"},
    Words{"reproduce.azimuth.coarse", "azimuth at 1 kHz, right track later by"},
    Words{"reproduce.azimuth", "azimuth, right track later by"},
    Words{"reproduce.level", "level, 1 kHz"},
    Words{"reproduce.high", "high frequencies"},
    Words{"reproduce.low", "low frequencies"},
    Words{"reproduce.response", "response"},
    Words{"speed.error", "speed error"},
    Words{"speed.error_uncertainty", "speed error, standard deviation"},
    Words{"speed.card_clock", "clock of the sound card"},
    Words{"speed.wow_flutter", "wow and flutter, weighted"},
    Words{"speed.wow_flutter.quasi_peak", "wow and flutter, quasi-peak"},
    Words{"speed.wow_flutter.unweighted", "wow and flutter, unweighted"},
    Words{"speed.wow_flutter.wow", "wow"},
    Words{"speed.wow_flutter.flutter", "flutter"},
    Words{"speed.wow_flutter.drift", "drift"},
    Words{"speed.line", "flutter line"},
    Words{"speed.head_delay", "delay between the heads"},
    Words{"speed.head_delay_uncertainty", "delay between the heads, standard deviation"},
    Words{"speed.record_to_reproduce", "record to reproduce head"},
    Words{"record.azimuth", "azimuth, right track later by"},
    Words{"record.bias", "bias, drop past the peak"},
    Words{"record.bias.peak_position", "bias, setting at the peak"},
    Words{"record.level", "level, 1 kHz"},
    Words{"record.high", "high frequencies, 10 kHz"},
    Words{"record.low", "low frequencies"},
    Words{"record.phase", "phase, right track later by"},
    Words{"proof.response.level", "level of the response, 1 kHz"},
    Words{"proof.response", "response"},
    Words{"proof.response.sweep", "response, sweep"},
    Words{"proof.timing", "right track later by"},
    Words{"proof.level", "level, 1 kHz"},
    Words{"proof.thd", "THD"},
    Words{"proof.h3", "third harmonic"},
    Words{"proof.mol", "MOL, 3 % third harmonic"},
    Words{"proof.noise.a", "noise, A-weighted"},
    Words{"proof.noise.a.mol", "noise, A-weighted, re MOL"},
    Words{"proof.noise.468", "noise, ITU-R 468"},
    Words{"proof.noise.468.mol", "noise, ITU-R 468, re MOL"},
    Words{"proof.noise.band", "noise, 20 Hz to 20 kHz"},
    Words{"proof.crosstalk", "crosstalk"},
    Words{"proof.bias_residual", "bias residual on the line"},
    Words{"proof.erase", "erase depth"},
    Words{"proof.print_through.before", "print-through, before"},
    Words{"proof.print_through.after", "print-through, after"},
};
constexpr std::string_view kSetting = ".position"; ///< where the step's converter was left

/// Decimals of a unit; of one that is not here four significant digits.
constexpr std::array<std::pair<std::string_view, int>, 17> kDecimals{{
    {"dB", 2},
    {"dBu", 2},
    {"dBFS", 2},
    {"us", 2},
    {"ms", 3},
    {"s", 5},
    {"ppm", 0},
    {"%", 3},
    {"Hz", 1},
    {"V", 3},
    {"mm", 2},
    {"m", 3},
    {"deg", 1},
    {"frames", 2},
    {"urad", 0},
    {"of travel", 3},
    {"", 3},
}};

int decimals_of(double value, std::string_view unit) {
    constexpr double kFine_percent = 0.01;
    if (unit == "%" && value != 0.0 && std::abs(value) < kFine_percent) {
        return 5; // converters
    }
    const auto known =
        std::find_if(kDecimals.begin(), kDecimals.end(), [&](const auto& each) { return each.first == unit; });
    if (known != kDecimals.end()) {
        return known->second;
    }
    return value != 0.0 && std::isfinite(value)
               ? std::clamp(3 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 6)
               : 2;
}

/// What rounds to nothing has no sign.
std::string rounded_text(double value, int decimals, bool with_sign) {
    std::string text = figure(value, decimals, with_sign);
    return text.find_first_of("123456789nf") == std::string::npos ? figure(0.0, decimals) : text;
}

std::optional<double> number_from(std::string_view text) {
    double value = 0.0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

/// The part before the next dot; a dot between two digits is a decimal point.
std::size_t part_length(std::string_view rest) {
    const auto digit = [rest](std::size_t i) { return i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; };
    std::size_t dot = rest.find('.');
    while (dot != std::string_view::npos && dot > 0 && digit(dot - 1) && digit(dot + 1)) {
        dot = rest.find('.', dot + 1);
    }
    return std::min(dot, rest.size());
}

/// "peak_position" as "peak position", "12.1_hz" as "12.1 Hz", "10000" as "10 kHz" where it stands for a frequency.
std::string spelled(std::string_view rest, std::string_view group) {
    std::string out;
    while (!rest.empty()) {
        const std::size_t length = part_length(rest);
        std::string part(rest.substr(0, length));
        rest.remove_prefix(std::min(length + 1, rest.size()));
        const auto number = number_from(part);
        if (number && group == "lines") {
            part = "at -" + part + " dB";
        } else if (number && group == "speed") {
            part = "harmonic " + part;
        } else if (number && *number >= 10.0) {
            part = frequency_text(*number);
        } else if (const std::size_t unit = part.rfind("_hz"); unit + 3 == part.size() && part.size() > 3) {
            part.replace(unit, 3, " Hz");
        }
        std::replace(part.begin(), part.end(), '_', ' ');
        out += (out.empty() ? "" : ", ") + part;
    }
    return out;
}

template <typename Table>
const Words* longest(const Table& table, std::string_view id) {
    const Words* best = nullptr;
    for (const Words& each : table) {
        const bool begins = id.substr(0, each.first.size()) == each.first &&
                            (id.size() == each.first.size() || id[each.first.size()] == '.');
        if (begins && (best == nullptr || each.first.size() > best->first.size())) {
            best = &each;
        }
    }
    return best;
}

/// Where a row stands among those of a whole alignment: a setting behind what it was set for, a response by frequency,
/// what is not known behind all that is.
std::tuple<std::size_t, std::size_t, double> place_in_order(const AlignmentRow& row) {
    const Words* group = longest(kGroups, row.id);
    const Words* step = longest(kSteps, row.id);
    return {group == nullptr ? kGroups.size() : static_cast<std::size_t>(group - kGroups.data()),
            step == nullptr ? kSteps.size() : static_cast<std::size_t>(step - kSteps.data()),
            row.response_hz.value_or(std::string_view(row.id).ends_with(kSetting) ? 1.0 : 0.0)};
}

std::optional<AlignmentValue>& place_of(AlignmentRow& row, int channel) {
    return channel == 0 ? row.whole : channel == row.first_track ? row.left : row.right;
}

} // namespace

std::optional<double> AlignmentValue::change() const noexcept {
    return earlier ? std::optional(step.reading - *earlier) : std::nullopt;
}

std::vector<const AlignmentValue*> AlignmentRow::values() const {
    std::vector<const AlignmentValue*> all;
    for (const auto* each : {&whole, &left, &right}) {
        if (*each) {
            all.push_back(&**each);
        }
    }
    return all;
}

bool AlignmentRow::out() const noexcept {
    return (whole && whole->out()) || (left && left->out()) || (right && right->out());
}

bool AlignmentRow::judged() const noexcept {
    return (whole && whole->step.within()) || (left && left->step.within()) || (right && right->step.within());
}

bool AlignmentRow::unsure_limit() const noexcept {
    const auto says_so = [](const std::optional<AlignmentValue>& value) {
        return value && value->step.target && value->step.remark.find("(unsure") != std::string::npos;
    };
    return unsure || says_so(whole) || says_so(left) || says_so(right);
}

std::vector<AlignmentRow> alignment_rows(const AlignmentSheet& sheet) {
    std::vector<AlignmentRow> rows;
    const tape::AlignmentRecord& record = sheet.record;
    for (const tape::AlignmentStep& each : record.steps) {
        const int first_track = each.channel == 0 ? 0 : each.channel - (each.channel + 1) % 2;
        auto row = std::find_if(rows.begin(), rows.end(), [&](const AlignmentRow& other) {
            return other.id == each.id && other.unit == each.unit && other.first_track == first_track;
        });
        const tape::AlignmentStep& last = *record.step(each.id, each.channel);
        if (last.unit != each.unit) {
            continue; // it was read again, in another unit
        }
        if (row == rows.end()) {
            auto [group, title] = step_words(each.id);
            if (first_track > 1) {
                title += ", tracks " + std::to_string(first_track) + " and " + std::to_string(first_track + 1);
            }
            rows.push_back({.id = each.id,
                            .group = std::move(group),
                            .title = std::move(title),
                            .unit = each.unit,
                            .first_track = first_track,
                            .response_hz = response_frequency(each.id)});
            row = rows.end() - 1;
            const auto unsure = std::find_if(sheet.unsure.begin(), sheet.unsure.end(),
                                             [&](const UnsureStep& other) { return other.step_id == each.id; });
            if (unsure != sheet.unsure.end()) {
                row->unsure = unsure->why;
            }
        }
        AlignmentValue value{.step = last, .earlier = {}};
        const tape::AlignmentStep* before = sheet.earlier ? sheet.earlier->step(each.id, each.channel) : nullptr;
        if (before != nullptr && before->unit == each.unit) {
            value.earlier = before->reading;
        }
        place_of(*row, each.channel) = std::move(value);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const AlignmentRow& a, const AlignmentRow& b) {
        return place_in_order(a) < place_in_order(b);
    });
    return rows;
}

std::pair<std::string, std::string> step_words(std::string_view step_id) {
    const std::size_t dot = std::min(step_id.find('.'), step_id.size());
    std::string group(step_id.substr(0, dot));
    if (const Words* known = longest(kGroups, step_id); known != nullptr) {
        group = known->second;
    }
    const bool setting = step_id.ends_with(kSetting);
    const std::string_view named = setting ? step_id.substr(0, step_id.size() - kSetting.size()) : step_id;
    const Words* known = longest(kSteps, named);
    const std::size_t done =
        known == nullptr ? std::min(dot + 1, named.size()) : std::min(known->first.size() + 1, named.size());
    const std::string rest = spelled(named.substr(done), step_id.substr(0, dot));
    std::string title(known == nullptr ? std::string_view() : known->second);
    if (setting) {
        title = title.substr(0, title.find(',')); // "bias" of "bias, drop past the peak"
    }
    title += (title.empty() || rest.empty() ? "" : ", ") + rest;
    title += setting ? std::string(title.empty() ? "" : ", ") + "setting" : std::string();
    return {std::move(group), title.empty() ? std::string(step_id) : title};
}

std::string procedure_words(std::string_view procedure) {
    const auto known = std::find_if(kProcedures.begin(), kProcedures.end(),
                                    [&](const Words& each) { return each.first == procedure; });
    return std::string(known == kProcedures.end() ? procedure : known->second);
}

bool is_sweep(std::string_view step_id) noexcept {
    return step_id.find(".response.sweep.") != std::string_view::npos;
}

std::optional<double> response_frequency(std::string_view step_id) {
    constexpr std::string_view kResponse = ".response.", kSweep = "sweep.";
    const std::size_t at = step_id.find(kResponse);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    step_id.remove_prefix(at + kResponse.size());
    if (step_id.substr(0, kSweep.size()) == kSweep) {
        step_id.remove_prefix(kSweep.size());
    }
    const auto hz = number_from(step_id);
    return hz && *hz > 0.0 && std::isfinite(*hz) ? hz : std::nullopt;
}

std::string value_text(double value, std::string_view unit, bool with_sign) {
    return rounded_text(value, decimals_of(value, unit), with_sign);
}

std::string change_text(const AlignmentValue& value) {
    const auto by = value.change();
    return by ? rounded_text(*by, decimals_of(value.step.reading, value.step.unit), true) : std::string();
}

std::string limit_text(const tape::AlignmentStep& step, std::string_view plus_minus) {
    if (!step.target) {
        return {};
    }
    const double tolerance = step.tolerance.value_or(0.0);
    std::string text = step.tolerance ? "" : "aim ";
    switch (step.bound) {
    case tape::Bound::AtLeast:
        return text + "at least " + value_text(*step.target - tolerance, step.unit);
    case tape::Bound::AtMost:
        return text + "at most " + value_text(*step.target + tolerance, step.unit);
    case tape::Bound::BothSides:
        break;
    }
    text += value_text(*step.target, step.unit);
    return step.tolerance ? text + " " + std::string(plus_minus) + " " + value_text(tolerance, step.unit) : text;
}

std::string limit_text(const AlignmentRow& row, std::string_view plus_minus) {
    std::string out;
    for (const AlignmentValue* each : row.values()) {
        const std::string text = limit_text(each->step, plus_minus);
        if (out.empty()) {
            out = text;
        } else if (!text.empty() && text != out) {
            out += " / " + text;
        }
    }
    return out + (row.unsure_limit() && !out.empty() ? " (unsure)" : "");
}

std::string frequency_text(double hz) {
    const auto plain = [](double value) {
        std::string text = figure(value, 2);
        text.erase(text.find_last_not_of('0') + 1);
        if (text.ends_with('.')) {
            text.pop_back();
        }
        return text;
    };
    return hz >= 1000.0 ? plain(hz / 1000.0) + " kHz" : plain(hz) + " Hz";
}

std::string time_text(std::string_view utc) {
    constexpr std::size_t kMinutes = 16; // "2024-05-03T10:15"
    if (utc.size() < kMinutes || utc[10] != 'T') {
        return std::string(utc);
    }
    std::string text(utc.substr(0, kMinutes));
    text[10] = ' ';
    return text;
}

} // namespace overbias::calibration
