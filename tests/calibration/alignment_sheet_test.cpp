// SPDX-License-Identifier: Apache-2.0
#include "alignment_sheet_facts.hpp"
#include "calibration/alignment_rows.hpp"
#include "calibration/alignment_sheet.hpp"
#include "calibration/alignment_sheet_plots.hpp"
#include "layout_rules.hpp"
#include "tape/memory_history.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

namespace overbias::calibration {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> all_texts(const paper::Document& document) {
    std::vector<std::string> all;
    for (const paper::Page& page : document.pages) {
        const auto its = paper::texts_on(page);
        all.insert(all.end(), its.begin(), its.end());
    }
    return all;
}

std::string joined_texts(const AlignmentSheet& sheet) {
    std::string all;
    for (const std::string& each : all_texts(alignment_document(sheet))) {
        all += each + "\n";
    }
    return all;
}

AlignmentSheet full_sheet() {
    AlignmentSheet sheet{.record = usual_record(), .earlier = usual_record_before("2024-02-11", 0.13)};
    sheet.deck = "M15A";
    sheet.stock = "SM900";
    for (const auto& [date, by] : {std::pair{"2022-11-02", 0.3}, {"2023-08-01", -0.1}, {"2024-02-11", 0.13}}) {
        add_values(sheet, usual_record_before(date, by));
    }
    add_values(sheet, sheet.record);
    return sheet;
}

TEST(AlignmentSheetTest, a_usual_alignment_is_one_page_with_everything_in_its_place) {
    const paper::Document document = alignment_document(full_sheet());
    EXPECT_EQ(document.pages.size(), 1U);
    EXPECT_THAT(paper::broken_rules(document, 5.0), IsEmpty());
}

TEST(AlignmentSheetTest, says_what_was_aligned_when_and_by_whom) {
    const std::string all = joined_texts(full_sheet());
    for (const char* fact :
         {"M15A", "15 ips (38.10 cm/s)", "NAB", "SM900 (rtm-sm900)", "T-0423", "J\xc3\xbcrgen M\xc3\xbcller",
          "2024-05-03 10:00 UTC", "2024-05-03 10:20 UTC", "2024-02-11 09:00 UTC, FAIL",
          "3f0c2c1e-52b0-4c5e-9f3a-0d3c5b1e7a01", "aaaaaaaa-0000-4000-8000-000000000001",
          "bbbbbbbb-0000-4000-8000-000000000002", "page 1 of 1"}) {
        EXPECT_THAT(all, HasSubstr(fact));
    }
    EXPECT_THAT(all, StartsWith("FAIL\n")); // erase depth is out
    EXPECT_THAT(all, HasSubstr("212 values, 71 of them with a limit, 1 out of it"));
    EXPECT_THAT(all, HasSubstr("better than: the tape's own noise is what is left"));
}

TEST(AlignmentSheetTest, more_steps_go_on_on_further_pages) {
    AlignmentSheet sheet = full_sheet();
    for (int i = 0; i < 120; ++i) {
        sheet.record.steps.push_back(sheet_step("speed.line.part_" + std::to_string(i), 0, 0.01 * i, "%"));
    }
    const paper::Document document = alignment_document(sheet);
    EXPECT_GT(document.pages.size(), 2U);
    EXPECT_THAT(paper::broken_rules(document, 5.0), IsEmpty());
    const auto all = all_texts(document);
    EXPECT_THAT(all, Contains("line of the spectrum, part 0"));
    EXPECT_THAT(all, Contains("line of the spectrum, part 119"));
    EXPECT_THAT(all, Contains("page 2 of " + std::to_string(document.pages.size())));
}

TEST(AlignmentSheetTest, long_and_strange_words_stay_on_the_page) {
    AlignmentSheet sheet = full_sheet();
    const std::string text = "\xd0\x96\xff\n" + std::string(400, 'W') + " and " + std::string(80, 'x') + " more";
    sheet.deck = sheet.stock = sheet.head_block = text;
    sheet.record.key.batch = text;
    sheet.record.uuid = std::string(300, '3');
    sheet.notes.push_back(text);
    sheet.unsure.push_back({"record.bias", text});
    for (tape::AlignmentStep& step : sheet.record.steps) {
        step.accepted_by = text;
        step.calibration_tape = text;
        step.remark = text;
        step.reading = -123456789.123;
    }
    const paper::Document document = alignment_document(sheet);
    EXPECT_THAT(paper::broken_rules(document, 5.0), IsEmpty());
    EXPECT_TRUE(alignment_pdf(sheet).ok());
}

TEST(AlignmentSheetTest, what_is_no_number_or_not_there_does_no_harm) {
    AlignmentSheet sheet{.record = {}, .earlier = tape::AlignmentRecord{}};
    EXPECT_TRUE(alignment_pdf(sheet).ok()); // an empty record
    sheet = full_sheet();
    for (tape::AlignmentStep& step : sheet.record.steps) {
        step.reading = std::numeric_limits<double>::quiet_NaN();
        step.accepted_at = "long ago";
    }
    sheet.values = sheet.record.steps;
    EXPECT_THAT(paper::broken_rules(alignment_document(sheet), 5.0), IsEmpty());
    EXPECT_TRUE(alignment_pdf(sheet).ok());
}

TEST(AlignmentSheetTest, the_same_facts_give_the_same_bytes_and_the_date_is_that_of_the_record) {
    const auto once = alignment_pdf(full_sheet());
    const auto again = alignment_pdf(full_sheet());
    ASSERT_TRUE(once.ok() && again.ok());
    EXPECT_EQ(*once, *again);
    EXPECT_THAT(*once, StartsWith("%PDF-"));
    EXPECT_THAT(*once, HasSubstr("D:20240503102000Z"));
    EXPECT_TRUE(alignment_pdf(usual_record(), usual_record_before("2024-02-11", 0.13)).ok());
}

TEST(AlignmentVerdictTest, claims_no_more_than_was_judged) {
    tape::AlignmentRecord record = empty_record();
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::NotJudged);
    record.steps.push_back(sheet_step("record.level", 1, 5.0, "dB"));
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::NotJudged); // read, without a limit
    record.steps.push_back(limited_step("record.level", 1, 0.5, "dB", 0.0, 0.1));
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::Fail);
    record.steps.push_back(limited_step("record.level", 1, 0.05, "dB", 0.0, 0.1)); // set in the next round
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::Pass);
    record.ended_at.clear();
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::Unfinished);
}

TEST(AlignmentRowsTest, the_last_value_counts_and_changes_are_against_the_last_one_then) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = empty_record()};
    sheet.record.steps = {limited_step("record.level", 1, 0.9, "dB", 0.0, 0.1),
                          limited_step("record.level", 2, -0.04, "dB", 0.0, 0.1),
                          limited_step("record.level", 1, 0.03, "dB", 0.0, 0.1), sheet_step("proof.thd", 1, 0.6, "%")};
    sheet.earlier->steps = {sheet_step("record.level", 1, 7.0, "dB"), sheet_step("record.level", 1, 0.1, "dB"),
                            sheet_step("proof.thd", 1, -44.0, "dB")};
    const auto rows = alignment_rows(sheet);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_DOUBLE_EQ(rows[0].left->step.reading, 0.03);
    EXPECT_NEAR(*rows[0].left->change(), -0.07, 1e-12);
    EXPECT_FALSE(rows[0].right->change().has_value()); // it was not read then
    EXPECT_FALSE(rows[1].left->change().has_value());  // per cent against decibels
    EXPECT_FALSE(rows[0].out());
    EXPECT_TRUE(rows[0].judged());
    EXPECT_FALSE(rows[1].judged());
}

TEST(AlignmentRowsTest, tracks_beyond_two_have_rows_of_their_own) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = {}};
    for (const int channel : {1, 2, 3, 4}) {
        sheet.record.steps.push_back(sheet_step("record.level", channel, 0.1 * channel, "dB"));
    }
    const auto rows = alignment_rows(sheet);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_THAT(rows[1].title, HasSubstr("tracks 3 and 4"));
    EXPECT_DOUBLE_EQ(rows[1].left->step.reading, 0.1 * 3);
    EXPECT_DOUBLE_EQ(rows[1].right->step.reading, 0.1 * 4);
}

TEST(AlignmentRowsTest, steps_in_words) {
    const auto words = [](const char* id) { return step_words(id).first + " | " + step_words(id).second; };
    EXPECT_EQ(words("record.bias"), "Record | bias, drop past the peak");
    EXPECT_EQ(words("record.bias.peak_position"), "Record | bias, peak at");
    EXPECT_EQ(words("proof.crosstalk.1000"), "Proof | crosstalk, 1 kHz");
    EXPECT_EQ(words("proof.response.31.5"), "Proof | response, 31.5 Hz");
    EXPECT_EQ(words("proof.noise.468.mol"), "Proof | noise, ITU-R 468, re MOL");
    EXPECT_EQ(words("speed.line.capstan.2"), "Speed, wow and flutter | line of the spectrum, capstan, 2");
    EXPECT_EQ(words("speed.line.12.1_hz"), "Speed, wow and flutter | line of the spectrum, 12.1 hz");
    EXPECT_EQ(words("lines.linearity.40"), "Converters and lines | linearity, dB below, 40");
    EXPECT_EQ(words("something.never_heard_of"), "something | never heard of");
    EXPECT_EQ(words("odd"), "odd | odd");
    EXPECT_EQ(words(""), " | ");
    EXPECT_EQ(response_frequency("proof.response.12500"), 12500.0);
    EXPECT_EQ(response_frequency("proof.response.sweep.22.4"), 22.4);
    EXPECT_FALSE(response_frequency("proof.response.level").has_value());
    EXPECT_FALSE(response_frequency("proof.response.").has_value());
    EXPECT_FALSE(response_frequency("proof.response.-5").has_value());
    EXPECT_FALSE(response_frequency("proof.crosstalk.1000").has_value());
}

TEST(AlignmentRowsTest, limits_in_words) {
    tape::AlignmentStep step = limited_step("proof.erase", 1, 70.0, "dB", 75.0, 0.5);
    EXPECT_EQ(limit_text(step), "75.00 +- 0.50");
    step.bound = tape::Bound::AtLeast;
    EXPECT_EQ(limit_text(step), "at least 74.50");
    step.bound = tape::Bound::AtMost;
    EXPECT_EQ(limit_text(step), "at most 75.50");
    step.tolerance.reset();
    EXPECT_EQ(limit_text(step), "aim 75.00");
    step.target.reset();
    EXPECT_EQ(limit_text(step), "");
    EXPECT_EQ(value_text(-0.001, "dB", true), "0.00"); // not -0.00
    EXPECT_EQ(value_text(0.25, "dB", true), "+0.25");
    EXPECT_EQ(value_text(1234.5678, "furlongs"), "1235");
    EXPECT_EQ(value_text(0.0123456, "furlongs"), "0.01235");
}

tape::TapeStock stock_of(bool unsure) {
    tape::TapeStock stock;
    stock.id = "rtm-sm900";
    stock.name = "SM900";
    stock.overbias.push_back({.speed_ips = 15.0,
                              .frequency_hz = 10000.0,
                              .overbias_db = 3.0,
                              .record_gap_um = {},
                              .source = "hearsay",
                              .unsure = unsure});
    return stock;
}

TEST(AlignmentSheetTest, unsure_figures_are_marked_wherever_they_are_shown) {
    AlignmentSheet sheet = full_sheet();
    EXPECT_THAT(joined_texts(sheet), Not(HasSubstr("unsure")));
    EXPECT_THAT(alignment_csv(sheet), Not(HasSubstr(",yes,yes,")));
    add_profile(sheet, stock_of(true));
    add_profile(sheet, stock_of(true)); // once is enough
    const std::string all = joined_texts(sheet);
    EXPECT_THAT(all, HasSubstr("3.00 \xc2\xb1 0.25 (unsure)"));
    EXPECT_THAT(all, HasSubstr("1) unsure: the stock's overbias: hearsay"));
    EXPECT_THAT(all, HasSubstr("Bias, drop past the peak (unsure)")); // the plot
    EXPECT_THAT(alignment_csv(sheet), HasSubstr("record.bias,1,3.05,dB,3,0.25,both_sides,yes,yes,"));
}

TEST(AlignmentSheetTest, a_sure_figure_and_a_drop_of_one_s_own_are_not_marked) {
    AlignmentSheet sheet = full_sheet();
    add_profile(sheet, stock_of(false));
    EXPECT_THAT(joined_texts(sheet), Not(HasSubstr("unsure")));
    tape::TapeStock other = stock_of(true);
    other.overbias.front().overbias_db = 2.5; // the target was 3.0
    add_profile(sheet, other);
    other = stock_of(true);
    other.overbias.front().speed_ips = 30.0;
    add_profile(sheet, other);
    EXPECT_THAT(joined_texts(sheet), Not(HasSubstr("unsure")));
}

TEST(AlignmentSheetTest, calibration_tapes_are_named_and_their_unsure_level_marked) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = {}};
    sheet.record.steps = {limited_step("reproduce.level", 1, 0.02, "dB", 0.0, 0.1),
                          limited_step("reproduce.azimuth", 0, 0.4, "us", 0.0, 3.0)};
    for (tape::AlignmentStep& step : sheet.record.steps) {
        step.calibration_tape = "three-tone";
    }
    tape::CalibrationTape tape;
    tape.id = "three-tone";
    tape.name = "A tape of three tones";
    tape.unsure = true;
    tape.source = "its box";
    add_profile(sheet, tape);
    const std::string all = joined_texts(sheet);
    EXPECT_THAT(all, HasSubstr("A tape of three tones"));
    EXPECT_THAT(all, HasSubstr("0.00 \xc2\xb1 0.10 (unsure)"));
    EXPECT_THAT(all, HasSubstr("0.00 \xc2\xb1 3.00\n")); // azimuth does not hang on its level
    tape.id = "another";
    tape.name = "Never used";
    add_profile(sheet, tape);
    EXPECT_THAT(joined_texts(sheet), Not(HasSubstr("Never used")));
}

TEST(AlignmentSheetTest, says_what_was_not_measured) {
    tape::AlignmentRecord record = empty_record();
    const auto all = not_measured(record);
    EXPECT_THAT(all, Contains("MOL"));
    EXPECT_THAT(all, Contains("print-through"));
    EXPECT_THAT(all, Contains("record low frequencies"));
    record.steps.push_back(sheet_step("proof.mol", 1, 9.0, "dB"));
    EXPECT_EQ(not_measured(record).size(), all.size() - 1);
    EXPECT_THAT(not_measured(record), Not(Contains("MOL")));
    record.key.speed_ips = 30.0;
    record.key.equalisation = tape::Equalisation::Aes; // has no low-frequency adjustment
    EXPECT_THAT(not_measured(record), Not(Contains("record low frequencies")));
    EXPECT_THAT(joined_texts(full_sheet()), HasSubstr("Not measured in this record: converters and lines"));
}

TEST(AlignmentPlotsTest, the_response_has_both_tracks_the_earlier_one_the_sweep_and_limits) {
    const AlignmentSheet sheet = full_sheet();
    const auto plot = response_plot(sheet, alignment_rows(sheet), "proof");
    ASSERT_TRUE(plot.has_value());
    std::vector<std::string> names;
    for (const paper::Curve& curve : plot->curves) {
        names.push_back(curve.name);
    }
    EXPECT_THAT(names, ElementsAre("left, earlier", "right, earlier", "left", "right", "left, sweep", "right, sweep"));
    EXPECT_EQ(plot->curves[2].points.size(), 31U);
    EXPECT_EQ(plot->curves[4].points.size(), 60U);
    EXPECT_NEAR(plot->curves[0].points[5].second - plot->curves[2].points[5].second, 0.13, 1e-9);
    ASSERT_EQ(plot->bands.size(), 1U);
    EXPECT_DOUBLE_EQ(plot->bands[0].places.front().high, 2.0);
    EXPECT_DOUBLE_EQ(plot->bands[0].places[15].low, -1.0);
    EXPECT_FALSE(response_plot(sheet, alignment_rows(sheet), "reproduce").has_value());
}

TEST(AlignmentPlotsTest, drift_is_drawn_of_what_was_read_at_two_times) {
    AlignmentSheet sheet = full_sheet();
    const auto plots = drift_plots(sheet);
    ASSERT_EQ(plots.size(), 3U);
    EXPECT_EQ(plots[0].title, "Bias, drop past the peak");
    ASSERT_EQ(plots[0].curves.size(), 2U);
    ASSERT_EQ(plots[0].curves[0].points.size(), 4U);
    EXPECT_NEAR(plots[0].curves[0].points[0].second, 3.05 + 0.3, 1e-9); // oldest first
    EXPECT_NEAR(plots[0].curves[0].points[3].second, 3.05, 1e-9);
    // 2024-05-03T10:15:00Z
    EXPECT_DOUBLE_EQ(plots[0].curves[0].points[3].first, 1714731300.0);
    sheet.values.clear();
    add_values(sheet, sheet.record);
    EXPECT_THAT(drift_plots(sheet), IsEmpty()); // one time is no drift
    EXPECT_FALSE(utc_from_text("2024-02-30T10:15:00Z").has_value());
    EXPECT_FALSE(utc_from_text("2024-02-3").has_value());
}

TEST(AlignmentSheetTest, values_come_from_the_same_key_and_from_what_has_an_end) {
    AlignmentSheet sheet{.record = usual_record(), .earlier = {}};
    tape::AlignmentRecord other = usual_record_before("2023-01-01", 0.1);
    other.key.batch = "another";
    add_values(sheet, other);
    EXPECT_THAT(sheet.values, IsEmpty());
    other = usual_record_before("2023-01-01", 0.1);
    other.ended_at.clear();
    add_values(sheet, other);
    EXPECT_THAT(sheet.values, IsEmpty());
    tape::MemoryAlignmentHistory history;
    ASSERT_TRUE(history.store(usual_record_before("2023-01-01", 0.1)).ok());
    ASSERT_TRUE(history.store(usual_record()).ok());
    add_values(sheet, history);
    EXPECT_EQ(drift_plots(sheet).size(), 3U);
}

/// RFC 4180, read by its grammar.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
    std::vector<std::vector<std::string>> lines(1);
    lines.back().emplace_back();
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string& field = lines.back().back();
        if (quoted && text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            field += text[i++];
        } else if (text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && text[i] == ',') {
            lines.back().emplace_back();
        } else if (!quoted && text.compare(i, 2, "\r\n") == 0) {
            ++i;
            lines.emplace_back(1);
        } else {
            field += text[i];
        }
    }
    EXPECT_THAT(lines.back(), ElementsAre("")); // the last line ends too
    lines.pop_back();
    return lines;
}

TEST(AlignmentCsvTest, a_row_for_each_step_and_track_in_full) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = empty_record()};
    sheet.earlier->uuid = "earlier";
    sheet.record.steps = {limited_step("record.level", 1, 0.025, "dB", 0.0, 0.1),
                          sheet_step("proof.thd", 2, 1.0 / 3.0, "%")};
    sheet.earlier->steps = {sheet_step("record.level", 1, 0.325, "dB")};
    const auto lines = read_csv(alignment_csv(sheet));
    ASSERT_EQ(lines.size(), 3U);
    const auto field = [&lines](std::size_t line, const std::string& name) {
        const auto& names = lines.front();
        const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
        return at < lines[line].size() ? lines[line][at] : "no column " + name;
    };
    for (const auto& line : lines) {
        EXPECT_EQ(line.size(), lines.front().size());
    }
    EXPECT_EQ(field(1, "step"), "record.level");
    EXPECT_EQ(field(1, "reading"), "0.025");
    EXPECT_EQ(field(1, "within"), "yes");
    EXPECT_EQ(field(1, "change"), "-0.3");
    EXPECT_EQ(field(1, "earlier_record_uuid"), "earlier");
    EXPECT_EQ(field(1, "averaging_s"), "0.5");
    EXPECT_EQ(field(1, "speed_ips"), "15");
    EXPECT_EQ(field(2, "channel"), "2");
    EXPECT_EQ(field(2, "target"), "");
    EXPECT_EQ(field(2, "within"), "");
    EXPECT_EQ(field(2, "earlier_record_uuid"), "");
    EXPECT_EQ(std::stod(field(2, "reading")), 1.0 / 3.0); // nothing is lost
}

TEST(AlignmentCsvTest, commas_quotes_and_line_ends_are_quoted) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = {}};
    const std::string name = "M\xc3\xbcller, \"Jo\"\r\nand son";
    tape::AlignmentStep step = sheet_step("record.level", 1, 0.0, "dB");
    step.accepted_by = name;
    sheet.record.steps = {step};
    EXPECT_THAT(alignment_csv(sheet), HasSubstr(",\"M\xc3\xbcller, \"\"Jo\"\"\r\nand son\","));
    const auto lines = read_csv(alignment_csv(sheet));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[1], Contains(name));
}

} // namespace
} // namespace overbias::calibration
