// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/certificate_plots.hpp"

#include "base/figure.hpp"
#include "mastering/paper/sheet_parts.hpp"
#include "paper/lettering.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace overbias::mastering {

namespace {

using paper::Box;
using paper::Curve;
using paper::Page;
using paper::Pen;
using paper::Plot;
using paper::PointShape;
using Values = std::vector<std::optional<double>>;

constexpr std::array kPens{Pen{.width_mm = 0.3}, Pen{.width_mm = 0.3, .dash_mm = 1.0}};
constexpr std::array kNames{"left", "right"};
constexpr std::array kShapes{PointShape::Dot, PointShape::Ring};
constexpr double kMinutesFrom_s = 240.0;

double or_nan(const std::optional<double>& value) {
    return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

/// Fits all points and limits, with some room.
void fit(Plot& plot, double least_span, const std::string& title) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto take = [&](double value) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    };
    for (const Curve& curve : plot.curves) {
        for (const auto& point : curve.points) {
            take(point.second);
        }
    }
    for (const auto& band : plot.bands) {
        for (const auto& place : band.places) {
            take(place.low);
            take(place.high);
        }
    }
    if (low > high) {
        low = high = 0.0;
    }
    const double room = 0.06 * std::max(high - low, least_span);
    plot.y = paper::value_axis(low - room, high + room, least_span, title);
}

bool any_point(const Plot& plot) {
    return std::any_of(plot.curves.begin(), plot.curves.end(), [](const Curve& curve) {
        return std::count_if(curve.points.begin(), curve.points.end(),
                             [](const auto& each) { return std::isfinite(each.second); }) > 1;
    });
}

Plot over_frequency(const std::string& title, const std::vector<double>& hz, const std::array<Values, 2>& values,
                    bool points) {
    Plot plot{.title = title, .x = {}, .y = {}};
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Curve curve{.name = kNames[channel],
                    .points = {},
                    .pen = kPens[channel],
                    .shape = points ? kShapes[channel] : PointShape::None};
        for (std::size_t i = 0; i < std::min(hz.size(), values[channel].size()); ++i) {
            curve.points.emplace_back(hz[i], or_nan(values[channel][i]));
        }
        plot.curves.push_back(std::move(curve));
    }
    plot.x = paper::frequency_axis(20.0, 20000.0);
    return plot;
}

/// Seconds, or minutes where there are many.
paper::Axis time_axis(double length_s) {
    const bool minutes = length_s > kMinutesFrom_s;
    return paper::value_axis(0.0, minutes ? length_s / 60.0 : length_s, 1.0, minutes ? "min" : "s");
}

Curve over_time(const PaperTrack& track, const Values& values, const char* name, const Pen& pen, double scale) {
    Curve curve{.name = name, .points = {}, .pen = pen};
    for (std::size_t i = 0; i < values.size(); ++i) {
        curve.points.emplace_back((static_cast<double>(i) + 0.5) * track.step_s * scale, or_nan(values[i]));
    }
    return curve;
}

double length_of(const PaperTrack& track) {
    const std::size_t steps = std::max(track.level_over_time_db[0].size(), track.delay_over_time_ms.size());
    return track.duration_s.value_or(static_cast<double>(steps) * track.step_s);
}

void add(std::vector<Plot>& all, Plot plot, double least_span, const std::string& unit) {
    if (any_point(plot)) {
        fit(plot, least_span, unit);
        all.push_back(std::move(plot));
    }
}

/// What the tape compresses is no response: those bands are marked apart.
Plot thirds_plot(const PaperTrack& track) {
    std::array<Values, 2> moderate = track.third_octave_db;
    Curve hot{.name = "loud only", .points = {}, .pen = kPens[0], .shape = PointShape::Cross};
    for (std::size_t channel = 0; channel < moderate.size(); ++channel) {
        for (std::size_t i = 0; i < std::min(track.third_octave_hz.size(), moderate[channel].size()); ++i) {
            if (moderate[channel][i] && track.only_loud(channel, i)) {
                hot.points.emplace_back(track.third_octave_hz[i], *moderate[channel][i]);
                hot.points.emplace_back(track.third_octave_hz[i], or_nan(std::nullopt)); // no line to the next
                moderate[channel][i].reset();
            }
        }
    }
    Plot plot = over_frequency("Third octaves, tape - sent", track.third_octave_hz, moderate, true);
    if (!hot.points.empty()) {
        plot.curves.push_back(std::move(hot));
    }
    return plot;
}

Plot compression_plot(const PaperTrack& track) {
    Plot plot{.title = "Compression by level sent", .x = {}, .y = {}};
    double low = 0.0, high = 0.0;
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Curve curve{.name = kNames[channel], .points = {}, .pen = kPens[channel], .shape = kShapes[channel]};
        for (const PaperCompression& each : track.compression[channel]) {
            curve.points.emplace_back(each.sent_re_operating_db, each.difference_db);
            low = std::min(low, each.sent_re_operating_db);
            high = std::max(high, each.sent_re_operating_db);
        }
        plot.curves.push_back(std::move(curve));
    }
    plot.x = paper::value_axis(low - 1.0, high + 1.0, 6.0, "dB re operating level");
    return plot;
}

} // namespace

std::vector<Plot> track_plots(const PrintFacts& facts, const PaperTrack& track) {
    std::vector<Plot> all;
    Plot thirds = thirds_plot(track);
    if (facts.third_octave_limit_db) {
        const double limit = *facts.third_octave_limit_db;
        thirds.bands.push_back({"limits", {{50.0, -limit, limit}, {12500.0, -limit, limit}}});
    }
    add(all, std::move(thirds), 2.0, "dB");
    add(all, over_frequency("Transfer function", track.transfer_hz, track.transfer_db, false), 2.0, "dB");
    add(all, compression_plot(track), 2.0, "dB");
    const double length_s = length_of(track);
    const double scale = length_s > kMinutesFrom_s ? 1.0 / 60.0 : 1.0;
    Plot level{.title = "Level over time, tape - sent", .x = time_axis(length_s), .y = {}};
    for (std::size_t channel = 0; channel < 2; ++channel) {
        level.curves.push_back(
            over_time(track, track.level_over_time_db[channel], kNames[channel], kPens[channel], scale));
    }
    if (facts.level_limit_db) {
        level.bands.push_back({"limits", {{0.0, -*facts.level_limit_db, *facts.level_limit_db}}});
    }
    add(all, std::move(level), 1.0, "dB");
    Plot delay{.title = "Delay over time", .x = time_axis(length_s), .y = {}};
    delay.curves.push_back(over_time(track, track.delay_over_time_ms, "record to reproduce head", kPens[0], scale));
    add(all, std::move(delay), 0.2, "ms");
    return all;
}

void draw_dropout_map(Page& page, const PrintFacts& facts, std::size_t side, const Box& box) {
    constexpr double kNumbers_mm = 4.0, kStrip_mm = 2.2, kScale_mm = 4.5, kNames_mm = 9.0, kFull_db = 30.0;
    const double length_s = std::max(facts.sides[side].length_s.value_or(0.0), 1.0);
    const double left = box.x_mm + kNames_mm, width = box.width_mm - kNames_mm - 2.0;
    const auto x = [&](double tape_s) { return left + width * std::clamp(tape_s / length_s, 0.0, 1.0); };
    const double top = box.y_mm + kNumbers_mm;
    const double strip = box.bottom() - kScale_mm - kStrip_mm;
    const double lane = (strip - 0.8 - top) / 2.0;
    std::vector<std::pair<double, double>> numbered;
    bool strip_known = false;
    for (std::size_t i = 0; i < facts.tracks.size(); ++i) {
        const PaperTrack& track = facts.tracks[i];
        if (track.side != side || !track.start_tape_s || !track.duration_s) {
            continue;
        }
        const double from = x(*track.start_tape_s), to = x(*track.start_tape_s + *track.duration_s);
        page.area(Box{from, top, to - from, 2.0 * lane}, 0.93);
        const std::string number = std::to_string(i + 1);
        const auto over = [&](const auto& each) { return from < each.second && each.first < to; };
        if (to - from > paper::text_width_mm(number, sheet::kSmall) + 0.5 &&
            std::none_of(numbered.begin(), numbered.end(), over)) {
            page.text({0.5 * (from + to), top - 1.0}, number, sheet::kSmall, paper::Align::Centre);
            numbered.emplace_back(from, to);
        }
        strip_known = strip_known || !track.dropouts_judged.empty();
        for (std::size_t k = 0; k < track.dropouts_judged.size(); ++k) { // dark: judged all the time
            const double begin = *track.start_tape_s + static_cast<double>(k) * track.step_s;
            const double end = std::min(begin + track.step_s, *track.start_tape_s + *track.duration_s);
            const double share = std::clamp(track.dropouts_judged[k].value_or(0.0), 0.0, 1.0);
            if (end > begin && share > 0.0) {
                page.area(Box{x(begin), strip, x(end) - x(begin), kStrip_mm}, 1.0 - 0.6 * share);
            }
        }
        for (const PaperStretch& each : track.not_proven) {
            const double begin = x(*track.start_tape_s + each.from_s);
            const double end = x(*track.start_tape_s + std::min(each.to_s, *track.duration_s));
            page.area(Box{begin, top, std::max(end - begin, 0.2), 2.0 * lane}, 0.75);
        }
        for (const PaperDropout& each : track.dropouts) {
            const auto at = each.tape_s        ? each.tape_s
                            : each.programme_s ? track.tape_s(*each.programme_s)
                                               : std::nullopt;
            if (!at) {
                continue;
            }
            const double base = top + (each.channel == "right" ? 2.0 : 1.0) * lane;
            const double height = lane * std::clamp(each.depth_db / kFull_db, 0.08, 0.96);
            const Pen pen = each.over_limit ? Pen{.width_mm = 0.5} : Pen{.width_mm = 0.2, .grey = 0.35};
            const double place = std::clamp(x(*at), left + 0.3, left + width - 0.3);
            page.line({place, base - 0.1}, {place, base - height}, pen);
        }
    }
    page.frame({left, top, width, 2.0 * lane}, {.width_mm = 0.15});
    page.line({left, top + lane}, {left + width, top + lane}, {.width_mm = 0.15, .grey = 0.4});
    if (strip_known) {
        page.frame({left, strip, width, kStrip_mm}, {.width_mm = 0.1, .grey = 0.4});
        page.text({left - 1.0, strip + 2.0}, "judged", {.size_pt = 6.5}, paper::Align::Right);
    }
    page.text({left - 1.0, top + 0.5 * lane + 0.8}, "left", sheet::kSmall, paper::Align::Right);
    page.text({left - 1.0, top + 1.5 * lane + 0.8}, "right", sheet::kSmall, paper::Align::Right);
    const bool minutes = length_s > kMinutesFrom_s;
    const paper::Axis axis = paper::value_axis(0.0, minutes ? length_s / 60.0 : length_s, 1.0, "");
    double free_from = 0.0;
    for (const paper::Tick& tick : axis.ticks) {
        const double at = tick.value * (minutes ? 60.0 : 1.0);
        const std::string label =
            tick.label.empty() || tick.label == "0" ? tick.label : tick.label + (minutes ? " min" : " s");
        const double wide = paper::text_width_mm(label, sheet::kSmall);
        if (at < 0.0 || at > length_s || label.empty() || x(at) - 0.5 * wide < free_from ||
            x(at) + 0.5 * wide > box.right()) {
            continue;
        }
        page.line({x(at), strip + kStrip_mm}, {x(at), strip + kStrip_mm + 0.8}, {.width_mm = 0.15});
        page.text({x(at), box.bottom() - 0.7}, label, sheet::kSmall, paper::Align::Centre);
        free_from = x(at) + 0.5 * wide + 1.0;
    }
}

} // namespace overbias::mastering
