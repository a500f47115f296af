// SPDX-License-Identifier: Apache-2.0
#include "layout_rules.hpp"
#include "paper/plot.hpp"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace overbias::paper {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> labels(const Axis& axis) {
    std::vector<std::string> all;
    for (const Tick& tick : axis.ticks) {
        if (!tick.label.empty()) {
            all.push_back(tick.label);
        }
    }
    return all;
}

std::chrono::sys_seconds on(int year, unsigned month, unsigned day) {
    return std::chrono::sys_days(
        std::chrono::year_month_day{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)});
}

TEST(AxisTest, frequencies_are_numbered_as_engineers_do) {
    const Axis axis = frequency_axis(20.0, 20000.0);
    EXPECT_THAT(labels(axis), ElementsAre("20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k"));
    EXPECT_NEAR(axis.share(20.0), 0.0, 1e-12);
    EXPECT_NEAR(axis.share(20000.0), 1.0, 1e-12);
    EXPECT_NEAR(axis.share(632.455532), 0.5, 1e-9); // the geometric mean
}

TEST(AxisTest, values_have_round_numbers_and_hold_all) {
    const Axis axis = value_axis(-1.3, 2.2, 1.0, "dB");
    EXPECT_LE(axis.low, -1.3);
    EXPECT_GE(axis.high, 2.2);
    EXPECT_THAT(labels(axis), ElementsAre("-1.5", "-1.0", "-0.5", "0", "0.5", "1.0", "1.5", "2.0", "2.5"));
    EXPECT_THAT(labels(value_axis(3.0, 3.0, 0.5, "dB")), ElementsAre("2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3"));
    for (const double scale : {1e-4, 0.03, 1.0, 70.0, 2e5}) {
        const Axis each = value_axis(-0.37 * scale, 1.91 * scale, 1e-9, "");
        EXPECT_GE(each.ticks.size(), 4U) << scale;
        EXPECT_LE(each.ticks.size(), 9U) << scale;
        EXPECT_LE(each.low, -0.37 * scale);
        EXPECT_GE(each.high, 1.91 * scale);
    }
}

TEST(AxisTest, time_is_numbered_by_hours_days_months_or_years) {
    using std::chrono::hours;
    EXPECT_THAT(labels(time_axis(on(2024, 5, 3) + hours(9), on(2024, 5, 3) + hours(15), 3)),
                ElementsAre("05-03 09:00", "05-03 12:00", "05-03 15:00"));
    EXPECT_THAT(labels(time_axis(on(2024, 5, 3), on(2024, 5, 6), 5)),
                ElementsAre("2024-05-03", "2024-05-04", "2024-05-05", "2024-05-06"));
    EXPECT_THAT(labels(time_axis(on(2023, 11, 20), on(2024, 5, 3), 4)), ElementsAre("2024-01", "2024-04"));
    EXPECT_THAT(labels(time_axis(on(2014, 6, 1), on(2024, 5, 3), 4)), ElementsAre("2015", "2020"));
    const Axis single = time_axis(on(2024, 5, 3), on(2024, 5, 3), 4); // one alignment
    EXPECT_GE(single.high - single.low, 3600.0);
    EXPECT_THAT(labels(single), Not(IsEmpty()));
    for (const int years : {1, 3, 10, 40, 150}) {
        EXPECT_LE(labels(time_axis(on(1990, 1, 1), on(1990 + years, 1, 1), 4)).size(), 4U) << years;
    }
}

/// Curves, limits, numbers: all that a plot can have.
Plot full_plot() {
    Plot plot{.title = "Response", .x = frequency_axis(20.0, 20000.0), .y = value_axis(-3.0, 3.0, 1.0, "dB")};
    plot.bands.push_back({"limits", {{20.0, -2.0, 2.0}, {50.0, -1.0, 1.0}, {20000.0, -1.0, 1.0}}});
    Curve left{.name = "left", .points = {}, .pen = {}, .shape = PointShape::Dot};
    Curve right{.name = "right", .points = {}, .pen = {.dash_mm = 1.0}, .shape = PointShape::Ring};
    for (double hz = 20.0; hz <= 20000.0; hz *= 1.26) {
        left.points.emplace_back(hz, std::sin(hz));
        right.points.emplace_back(hz, -0.5);
    }
    plot.curves = {left, right};
    return plot;
}

TEST(PlotTest, stays_in_its_box_and_no_text_touches_another) {
    for (const Box box : {Box{20.0, 30.0, 170.0, 55.0}, Box{20.0, 30.0, 55.0, 34.0}, Box{20.0, 30.0, 40.0, 30.0}}) {
        Document document;
        document.pages.emplace_back(kA4);
        draw_plot(document.pages.back(), full_plot(), box);
        EXPECT_THAT(broken_rules(document), IsEmpty());
        for (const Mark& mark : document.pages.back().marks()) {
            const Box its = extent(mark);
            EXPECT_GE(its.x_mm, box.x_mm - 0.7);
            EXPECT_LE(its.right(), box.right() + 0.7);
            EXPECT_GE(its.y_mm, box.y_mm - 0.1);
            EXPECT_LE(its.bottom(), box.bottom() + 0.1);
        }
    }
}

TEST(PlotTest, numbers_every_decade_where_there_is_room) {
    Page page(kA4);
    draw_plot(page, full_plot(), {20.0, 30.0, 170.0, 55.0});
    const auto all = texts_on(page);
    for (const char* label :
         {"20", "50", "100", "200", "500", "1k", "2k", "5k", "10k", "20k", "left", "right", "limits"}) {
        EXPECT_EQ(std::count(all.begin(), all.end(), label), 1) << label;
    }
}

TEST(PlotTest, numbers_of_a_low_plot_do_not_touch) {
    for (double height = 14.0; height < 40.0; height += 1.0) {
        Document document;
        document.pages.emplace_back(kA4);
        Plot plot = full_plot();
        plot.y = value_axis(2.73, 3.37, 0.5, "dB"); // eight numbers
        draw_plot(document.pages.back(), plot, {20.0, 30.0, 55.0, height});
        EXPECT_THAT(broken_rules(document), IsEmpty()) << height;
        EXPECT_THAT(texts_on(document.pages.back()), testing::Contains("2.7")) << height;
    }
}

TEST(PlotTest, a_key_that_is_too_long_goes_on_below) {
    Plot plot = full_plot();
    for (int i = 0; i < 6; ++i) {
        plot.curves.push_back(plot.curves.front());
        plot.curves.back().name = "a curve with a name, " + std::to_string(i);
    }
    Document document;
    document.pages.emplace_back(kA4);
    const Box box{20.0, 30.0, 80.0, 55.0};
    draw_plot(document.pages.back(), plot, box);
    EXPECT_THAT(broken_rules(document), IsEmpty());
    const auto all = texts_on(document.pages.back());
    for (const Curve& curve : plot.curves) {
        EXPECT_EQ(std::count(all.begin(), all.end(), curve.name), 1) << curve.name;
    }
    for (const Mark& mark : document.pages.back().marks()) {
        EXPECT_LE(extent(mark).right(), box.right() + 0.7);
        EXPECT_LE(extent(mark).bottom(), box.bottom() + 0.1);
    }
}

TEST(PlotTest, curves_are_cut_off_at_the_frame) {
    Plot plot = full_plot();
    plot.bands.clear();
    plot.curves.resize(1);
    plot.curves.front().shape = PointShape::None;
    plot.curves.front().points = {{20.0, 0.0}, {100.0, 50.0}, {1000.0, -50.0}, {5.0, 1.0}, {20000.0, 1.0}};
    plot.bands.push_back({"limits", {{1.0, -100.0, 100.0}}});
    Page page(kA4);
    const Box box{20.0, 30.0, 170.0, 55.0};
    draw_plot(page, plot, box);
    for (const Mark& mark : page.marks()) {
        EXPECT_GE(extent(mark).y_mm, box.y_mm - 0.1);
        EXPECT_LE(extent(mark).bottom(), box.bottom() + 0.1);
        EXPECT_GE(extent(mark).x_mm, box.x_mm - 0.1);
        EXPECT_LE(extent(mark).right(), box.right() + 0.1);
    }
}

TEST(PlotTest, a_curve_is_broken_where_there_is_no_number) {
    const auto strokes = [](const Plot& plot) {
        Page page(kA4);
        draw_plot(page, plot, {20.0, 30.0, 170.0, 55.0});
        return std::count_if(page.marks().begin(), page.marks().end(), [](const Mark& mark) {
            const auto* stroke = std::get_if<Stroke>(&mark);
            return stroke != nullptr && stroke->pen.width_mm == 0.77;
        });
    };
    Plot plot = full_plot();
    plot.curves.resize(1);
    plot.curves.front().name.clear();
    plot.curves.front().shape = PointShape::None;
    plot.curves.front().pen.width_mm = 0.77; // to be known by
    EXPECT_EQ(strokes(plot), 1);
    plot.curves.front().points[10].second = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(strokes(plot), 2);
}

} // namespace
} // namespace overbias::paper
