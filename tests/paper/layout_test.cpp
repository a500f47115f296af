// SPDX-License-Identifier: Apache-2.0
#include "layout_rules.hpp"
#include "paper/flow.hpp"
#include "paper/lettering.hpp"
#include "paper/table.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::paper {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(LayoutRulesTest, see_what_is_wrong) {
    Document document;
    document.pages.emplace_back(kA4);
    const Lettering lettering{.size_pt = 10.0};
    document.pages.back().text({20.0, 20.0}, "first", lettering);
    document.pages.back().text({20.0, 25.0}, "below", lettering);
    EXPECT_THAT(broken_rules(document), IsEmpty());
    document.pages.back().text({22.0, 21.0}, "over", lettering);
    EXPECT_THAT(broken_rules(document), SizeIs(1));
    document.pages.back().text({205.0, 100.0}, "beyond the edge", lettering);
    document.pages.back().line({10.0, 290.0}, {10.0, 300.0});
    EXPECT_THAT(broken_rules(document), SizeIs(3));
}

TEST(PageTest, text_is_put_by_its_left_middle_or_right) {
    Page page(kA4);
    const Lettering lettering{.size_pt = 10.0};
    const double width = text_width_mm("width", lettering);
    page.text({100.0, 50.0}, "width", lettering, Align::Left);
    page.text({100.0, 60.0}, "width", lettering, Align::Centre);
    page.text({100.0, 70.0}, "width", lettering, Align::Right);
    EXPECT_NEAR(extent(page.marks()[0]).x_mm, 100.0, 1e-9);
    EXPECT_NEAR(extent(page.marks()[1]).x_mm, 100.0 - 0.5 * width, 1e-9);
    EXPECT_NEAR(extent(page.marks()[2]).right(), 100.0, 1e-9);
}

TEST(FlowTest, goes_on_on_a_new_page_below_its_heading) {
    Document document;
    std::vector<std::size_t> numbers;
    Flow flow(document, {100.0, 50.0}, {}, [&](Page& page, std::size_t number) {
        numbers.push_back(number);
        page.text({15.0, 12.0}, "head", {.size_pt = 8.0});
        return 14.0;
    });
    EXPECT_DOUBLE_EQ(flow.room(), 50.0 - 15.0 - 14.0);
    EXPECT_FALSE(flow.make_room(20.0));
    flow.advance(15.0);
    EXPECT_TRUE(flow.make_room(10.0));
    EXPECT_FALSE(flow.make_room(1000.0)); // a page has no more than it has
    EXPECT_THAT(numbers, testing::ElementsAre(1U, 2U));
    std::string many;
    for (int i = 0; i < 300; ++i) {
        many += "word ";
    }
    flow.paragraph(many, {.size_pt = 9.0});
    EXPECT_GT(document.pages.size(), 3U);
    EXPECT_THAT(broken_rules(document, 9.0), IsEmpty());
}

Table table_of(std::size_t rows) {
    Table table{.columns = {{"Name", 30.0, Align::Left}, {"Left", 20.0, Align::Right}, {"Right", 20.0, Align::Right}},
                .rows = {},
                .size_pt = 8.0};
    for (std::size_t i = 0; i < rows; ++i) {
        table.rows.push_back(
            {.cells = {{.text = "a name that is far too long for its column, row " + std::to_string(i)},
                       {.text = "-12.34"},
                       {.text = std::to_string(i)}},
             .shaded = i % 7 == 0});
    }
    return table;
}

TEST(TableTest, nothing_lies_over_another_and_titles_come_again_on_each_page) {
    Document document;
    Flow flow(document, kA4, {});
    draw_table(flow, table_of(150));
    ASSERT_EQ(document.pages.size(), 3U);
    EXPECT_THAT(broken_rules(document, 14.5), IsEmpty());
    std::size_t last_column = 0;
    for (const Page& page : document.pages) {
        const auto all = texts_on(page);
        EXPECT_EQ(std::count(all.begin(), all.end(), "Name"), 1);
        last_column += (all.size() - 3) / 3;
    }
    EXPECT_EQ(last_column, 150U); // every row, once
}

TEST(TableTest, a_cell_over_two_columns_stands_between_them) {
    Document document;
    document.pages.emplace_back(kA4);
    Table table = table_of(0);
    table.rows.push_back({.cells = {{.text = "both"}, {.text = "0.42", .columns = 2, .align = Align::Centre}}});
    const double end = draw_table(document.pages.back(), {20.0, 30.0}, table);
    EXPECT_NEAR(end, 30.0 + 2.0 * row_height_mm(table), 1e-9);
    const auto& marks = document.pages.back().marks();
    const auto found = std::find_if(marks.begin(), marks.end(), [](const Mark& mark) {
        const auto* text = std::get_if<Text>(&mark);
        return text != nullptr && text->text == "0.42";
    });
    ASSERT_NE(found, marks.end());
    const Box box = extent(*found);
    EXPECT_NEAR(0.5 * (box.x_mm + box.right()), 20.0 + 30.0 + 20.0, 1e-6);
    EXPECT_THAT(broken_rules(document), IsEmpty());
}

TEST(TableTest, more_cells_than_columns_are_left_out) {
    Document document;
    document.pages.emplace_back(kA4);
    Table table = table_of(1);
    table.rows.front().cells.push_back({.text = "one too many"});
    draw_table(document.pages.back(), {20.0, 30.0}, table);
    EXPECT_THAT(texts_on(document.pages.back()), testing::Not(testing::Contains("one too many")));
}

} // namespace
} // namespace overbias::paper
