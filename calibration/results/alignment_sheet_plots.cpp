// SPDX-License-Identifier: Apache-2.0
#include "calibration/results/alignment_sheet_plots.hpp"

#include "calibration/results/alignment_sheet_drift.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

using paper::Curve;
using paper::LimitBand;
using paper::Pen;
using paper::Plot;
using paper::PointShape;

constexpr Pen kLeft{.width_mm = 0.35};
constexpr Pen kRight{.width_mm = 0.35, .dash_mm = 1.1};
constexpr Pen kEarlierLeft{.width_mm = 0.2, .grey = 0.5};
constexpr Pen kEarlierRight{.width_mm = 0.2, .grey = 0.5, .dash_mm = 0.8};
constexpr double kLeastSpan_db = 2.0; ///< of an axis: hundredths of a dB are not blown up to a mountain

bool in_group(std::string_view id, std::string_view group) {
    return id.substr(0, group.size()) == group && id.substr(group.size(), 1) == ".";
}

/// By frequency.
void sort(Curve& curve) {
    std::sort(curve.points.begin(), curve.points.end());
}

/// What a row says of one track: its value now, or the one of the earlier record.
std::optional<double> reading(const std::optional<AlignmentValue>& value, bool earlier) {
    if (!value) {
        return std::nullopt;
    }
    return earlier ? value->earlier : std::optional(value->step.reading);
}

Curve curve_of(const std::vector<AlignmentRow>& rows, std::string_view group, bool sweep, bool right, bool earlier) {
    Curve curve;
    for (const AlignmentRow& row : rows) {
        if (row.response_hz && in_group(row.id, group) && is_sweep(row.id) == sweep && row.first_track <= 1) {
            const auto value = reading(right ? row.right : row.left ? row.left : row.whole, earlier);
            if (value && std::isfinite(*value)) {
                curve.points.emplace_back(*row.response_hz, *value);
            }
        }
    }
    sort(curve);
    return curve;
}

LimitBand limits_of(const std::vector<AlignmentRow>& rows, std::string_view group) {
    LimitBand band{.name = "limits", .places = {}};
    for (const AlignmentRow& row : rows) {
        if (!row.response_hz || !in_group(row.id, group) || is_sweep(row.id)) {
            continue;
        }
        for (const AlignmentValue* each : row.values()) {
            const tape::AlignmentStep& step = each->step;
            if (step.target && step.tolerance && step.bound == tape::Bound::BothSides) {
                band.places.push_back(
                    {*row.response_hz, *step.target - *step.tolerance, *step.target + *step.tolerance});
                break;
            }
        }
    }
    std::sort(band.places.begin(), band.places.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    return band;
}

/// An axis that all of it fits on, with a little room.
paper::Axis level_axis(const Plot& plot, double least_span, const std::string& title) {
    double low = 0.0, high = 0.0;
    bool first = true;
    const auto take = [&](double value) {
        if (std::isfinite(value)) {
            low = first ? value : std::min(low, value);
            high = first ? value : std::max(high, value);
            first = false;
        }
    };
    for (const Curve& curve : plot.curves) {
        for (const auto& point : curve.points) {
            take(point.second);
        }
    }
    for (const LimitBand& band : plot.bands) {
        for (const auto& place : band.places) {
            take(place.low);
            take(place.high);
        }
    }
    const double room = 0.05 * std::max(high - low, least_span);
    return paper::value_axis(low - room, high + room, least_span, title);
}

std::vector<Curve> drift_curves(const AlignmentSheet& sheet, std::string_view id, std::string_view unit,
                                std::pair<std::chrono::sys_seconds, std::chrono::sys_seconds>& span) {
    std::vector<Curve> curves;
    bool first = true;
    const std::array<std::pair<int, const char*>, 3> channels{{{0, "deck"}, {1, "left"}, {2, "right"}}};
    for (const auto& [channel, name] : channels) {
        Curve curve{.name = name,
                    .points = {},
                    .pen = channel == 2 ? kRight : kLeft,
                    .shape = channel == 2 ? PointShape::Ring : PointShape::Dot};
        for (const tape::AlignmentStep& each : sheet.values) {
            const auto when = utc_from_text(each.accepted_at);
            if (each.id != id || each.channel != channel || each.unit != unit || !when ||
                !std::isfinite(each.reading)) {
                continue;
            }
            span.first = first ? *when : std::min(span.first, *when);
            span.second = first ? *when : std::max(span.second, *when);
            first = false;
            curve.points.emplace_back(static_cast<double>(when->time_since_epoch().count()), each.reading);
        }
        if (!curve.points.empty()) {
            sort(curve);
            curves.push_back(std::move(curve));
        }
    }
    return curves;
}

std::optional<Plot> drift_plot(const AlignmentSheet& sheet, std::string_view id, std::string_view title) {
    // the newest value says in which unit, and what its limits are
    const tape::AlignmentStep* newest = nullptr;
    for (const tape::AlignmentStep& each : sheet.values) {
        if (each.id == id && (newest == nullptr || each.accepted_at >= newest->accepted_at)) {
            newest = &each;
        }
    }
    if (newest == nullptr) {
        return std::nullopt;
    }
    std::pair<std::chrono::sys_seconds, std::chrono::sys_seconds> span;
    Plot plot;
    plot.curves = drift_curves(sheet, id, newest->unit, span);
    const bool over_time =
        std::any_of(plot.curves.begin(), plot.curves.end(), [](const Curve& each) { return each.points.size() > 1; });
    if (!over_time || span.first == span.second) {
        return std::nullopt;
    }
    const auto& step = *newest;
    if (step.target && step.tolerance && step.bound == tape::Bound::BothSides) {
        plot.bands.push_back({"limits", {{0.0, *step.target - *step.tolerance, *step.target + *step.tolerance}}});
    }
    const bool unsure = std::any_of(sheet.unsure.begin(), sheet.unsure.end(),
                                    [&](const UnsureStep& each) { return each.step_id == id; });
    plot.title = std::string(title) + (unsure ? " (unsure)" : "");
    plot.x = paper::time_axis(span.first, span.second, 3);
    plot.y = level_axis(plot, step.tolerance ? 2.5 * *step.tolerance : 0.5, step.unit);
    return plot;
}

} // namespace

std::optional<Plot> response_plot(const AlignmentSheet& sheet, const std::vector<AlignmentRow>& rows,
                                  std::string_view group) {
    Plot plot;
    const auto add = [&](Curve curve, const std::string& name, const Pen& pen, PointShape shape) {
        if (curve.points.size() > 1) {
            curve.name = name;
            curve.pen = pen;
            curve.shape = shape;
            plot.curves.push_back(std::move(curve));
        }
    };
    const bool earlier = sheet.earlier.has_value();
    for (const bool sweep : {false, true}) {
        const std::string what = sweep ? ", sweep" : "";
        const bool only = sweep && plot.curves.empty(); // then it is the response
        if (earlier && !sweep) {
            add(curve_of(rows, group, sweep, false, true), "left, earlier", kEarlierLeft, PointShape::None);
            add(curve_of(rows, group, sweep, true, true), "right, earlier", kEarlierRight, PointShape::None);
        }
        const Pen thin{.width_mm = 0.15}, thin_dashes{.width_mm = 0.15, .dash_mm = 0.7};
        add(curve_of(rows, group, sweep, false, false), "left" + what, sweep && !only ? thin : kLeft,
            sweep ? PointShape::None : PointShape::Dot);
        add(curve_of(rows, group, sweep, true, false), "right" + what, sweep && !only ? thin_dashes : kRight,
            sweep ? PointShape::None : PointShape::Ring);
    }
    if (plot.curves.empty()) {
        return std::nullopt;
    }
    if (LimitBand band = limits_of(rows, group); !band.places.empty()) {
        plot.bands.push_back(std::move(band));
    }
    double low = plot.curves.front().points.front().first, high = low;
    for (const Curve& curve : plot.curves) {
        low = std::min(low, curve.points.front().first);
        high = std::max(high, curve.points.back().first);
    }
    // the usual span of a sheet, so that sheets can be laid over one another; wider where the readings are
    plot.x = paper::frequency_axis(std::min(low, 20.0), std::max(high, 20000.0));
    plot.y = level_axis(plot, kLeastSpan_db, "dB");
    plot.title = step_words(group).first + ": response";
    return plot;
}

std::vector<Plot> drift_plots(const AlignmentSheet& sheet) {
    constexpr std::size_t kMost = 3;
    std::vector<Plot> plots;
    for (const bool own : {true, false}) {
        for (const auto& [id, title] : kDriftSteps) {
            const auto& steps = sheet.record.steps;
            const bool has = std::any_of(steps.begin(), steps.end(), [&](const auto& step) { return step.id == id; });
            if (has != own || plots.size() == kMost) {
                continue;
            }
            if (auto plot = drift_plot(sheet, id, title)) {
                plots.push_back(std::move(*plot));
            }
        }
    }
    return plots;
}

std::optional<std::chrono::sys_seconds> utc_from_text(std::string_view text) noexcept {
    constexpr std::string_view kForm = "0000-00-00T00:00:00";
    if (text.size() < kForm.size()) {
        return std::nullopt;
    }
    std::array<int, 6> parts{};
    std::size_t part = 0;
    for (std::size_t i = 0; i < kForm.size(); ++i) {
        if (kForm[i] != '0') {
            if (text[i] != kForm[i]) {
                return std::nullopt;
            }
            ++part;
        } else if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        } else {
            parts.at(part) = parts.at(part) * 10 + (text[i] - '0');
        }
    }
    using namespace std::chrono;
    const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                              day(static_cast<unsigned>(parts[2]))};
    if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) {
        return std::nullopt;
    }
    return sys_days(date) + hours(parts[3]) + minutes(parts[4]) + seconds(parts[5]);
}

} // namespace overbias::calibration
