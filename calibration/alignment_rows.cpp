// SPDX-License-Identifier: Apache-2.0
#include "calibration/alignment_rows.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
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

/// What follows the group; the longest that an id begins with counts, and its rest is added.
constexpr std::array kSteps{
    Words{"lines.play_dbu", "line to the deck, full scale"},
    Words{"lines.capture_dbu", "line from the deck, full scale"},
    Words{"lines.channel_difference", "right less left"},
    Words{"lines.round_trip", "round trip of the converters"},
    Words{"lines.thd_n", "THD+N"},
    Words{"lines.noise_a", "noise, A-weighted"},
    Words{"lines.linearity", "linearity, dB below"},
    Words{"lines.vu", "line level at 0 VU"},
    Words{"speed.error", "speed error"},
    Words{"speed.error_uncertainty", "speed error, standard deviation"},
    Words{"speed.wow_flutter", "wow and flutter, weighted"},
    Words{"speed.wow_flutter.quasi_peak", "wow and flutter, quasi-peak"},
    Words{"speed.wow_flutter.unweighted", "wow and flutter, unweighted"},
    Words{"speed.wow_flutter.wow", "wow"},
    Words{"speed.wow_flutter.flutter", "flutter"},
    Words{"speed.wow_flutter.drift", "drift"},
    Words{"speed.quasi_peak", "wow and flutter, quasi-peak"},
    Words{"speed.unweighted", "wow and flutter, unweighted"},
    Words{"speed.line", "line of the spectrum"},
    Words{"speed.head_delay", "delay between the heads"},
    Words{"speed.head_delay_uncertainty", "delay between the heads, uncertainty"},
    Words{"speed.record_to_reproduce", "record to reproduce head"},
    Words{"speed.card_clock", "clock of the sound card"},
    Words{"reproduce.high", "high frequencies"},
    Words{"reproduce.low", "low frequencies"},
    Words{"record.azimuth", "azimuth, right track later by"},
    Words{"record.bias", "bias, drop past the peak"},
    Words{"record.bias.peak_position", "bias, peak at"},
    Words{"record.high", "high frequencies, 10 kHz"},
    Words{"record.level", "level, 1 kHz"},
    Words{"record.low", "low frequencies"},
    Words{"proof.response.level", "1 kHz of the response"},
    Words{"proof.timing", "right track later by"},
    Words{"proof.level", "level, 1 kHz"},
    Words{"proof.h3", "third harmonic"},
    Words{"proof.thd", "THD"},
    Words{"proof.mol", "MOL, 3 % third harmonic"},
    Words{"proof.noise.a", "noise, A-weighted"},
    Words{"proof.noise.a.mol", "noise, A-weighted, re MOL"},
    Words{"proof.noise.468", "noise, ITU-R 468"},
    Words{"proof.noise.468.mol", "noise, ITU-R 468, re MOL"},
    Words{"proof.noise.band", "noise, 20 Hz to 20 kHz"},
    Words{"proof.bias_residual", "bias residual on the line"},
    Words{"proof.erase", "erase depth"},
    Words{"proof.print_through.before", "print-through, before"},
    Words{"proof.print_through.after", "print-through, after"},
};

/// Decimals of a unit; of one that is not here four significant digits.
constexpr std::array<std::pair<std::string_view, int>, 16> kDecimals{{
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
    {"", 3},
}};

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

/// "peak_position" as "peak position", "10000" as "10 kHz" where it stands for a frequency.
std::string spelled(std::string_view rest, bool frequencies) {
    std::string out;
    while (!rest.empty()) {
        const std::size_t length = part_length(rest);
        std::string part(rest.substr(0, length));
        rest.remove_prefix(std::min(length + 1, rest.size()));
        if (const auto hz = number_from(part); hz && frequencies && *hz >= 10.0) {
            part = frequency_text(*hz);
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
    return rows;
}

std::pair<std::string, std::string> step_words(std::string_view step_id) {
    const std::size_t dot = std::min(step_id.find('.'), step_id.size());
    std::string group(step_id.substr(0, dot));
    if (const Words* known = longest(kGroups, step_id); known != nullptr) {
        group = known->second;
    }
    const Words* known = longest(kSteps, step_id);
    std::size_t done =
        known == nullptr ? std::min(dot + 1, step_id.size()) : std::min(known->first.size() + 1, step_id.size());
    const bool frequencies = step_id.substr(0, 5) != "lines" && step_id.substr(0, 5) != "speed";
    const std::string rest = spelled(step_id.substr(done), frequencies);
    std::string title = known == nullptr ? "" : std::string(known->second);
    title += (title.empty() || rest.empty() ? "" : ", ") + rest;
    return {std::move(group), title.empty() ? std::string(step_id) : title};
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
    const auto known =
        std::find_if(kDecimals.begin(), kDecimals.end(), [&](const auto& each) { return each.first == unit; });
    int decimals = 2;
    if (known != kDecimals.end()) {
        decimals = known->second;
    } else if (value != 0.0 && std::isfinite(value)) {
        decimals = std::clamp(3 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 6);
    }
    std::string text = figure(value, decimals, with_sign);
    // what rounds to nothing has no sign
    return text.find_first_of("123456789nf") == std::string::npos ? figure(0.0, decimals) : text;
}

std::string limit_text(const tape::AlignmentStep& step, std::string_view plus_minus) {
    if (!step.target) {
        return {};
    }
    if (!step.tolerance) {
        return "aim " + value_text(*step.target, step.unit);
    }
    switch (step.bound) {
    case tape::Bound::AtLeast:
        return "at least " + value_text(*step.target - *step.tolerance, step.unit);
    case tape::Bound::AtMost:
        return "at most " + value_text(*step.target + *step.tolerance, step.unit);
    case tape::Bound::BothSides:
        break;
    }
    return value_text(*step.target, step.unit) + " " + std::string(plus_minus) + " " +
           value_text(*step.tolerance, step.unit);
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
    return out + (row.unsure && !out.empty() ? " (unsure)" : "");
}

std::string frequency_text(double hz) {
    const auto plain = [](double value) {
        for (const int decimals : {0, 1}) {
            if (std::abs(value - std::round(value * (decimals == 0 ? 1.0 : 10.0)) / (decimals == 0 ? 1.0 : 10.0)) <
                1e-9) {
                return figure(value, decimals);
            }
        }
        return figure(value, 2);
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
