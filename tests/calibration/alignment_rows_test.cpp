// SPDX-License-Identifier: Apache-2.0
#include "alignment_sheet_examples.hpp"
#include "calibration/results/alignment_rows.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "calibration/results/alignment_sheet_plots.hpp"
#include "tape/memory_history.hpp"

#include <algorithm>
#include <clocale>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <locale>
#include <string>
#include <vector>

namespace overbias::calibration {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
    EXPECT_EQ(change_text(*rows[0].left), "-0.07");
    EXPECT_EQ(change_text(*rows[0].right), "");
    const AlignmentValue distortion{.step = sheet_step("proof.thd", 1, 0.286, "%"), .earlier = 0.28588};
    EXPECT_EQ(change_text(distortion), "0.000"); // not with more decimals than the reading
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

TEST(AlignmentRowsTest, rows_come_in_the_order_of_an_alignment) {
    AlignmentSheet sheet{.record = all_at_once(), .earlier = {}};
    sheet.record.steps.insert(sheet.record.steps.begin(), sheet_step("unheard.of", 1, 1.0, "dB"));
    std::vector<std::string> ids;
    for (const AlignmentRow& row : alignment_rows(sheet)) {
        if (!row.response_hz) {
            ids.push_back(row.id);
        }
    }
    EXPECT_THAT(ids, ElementsAre("lines.play_dbu", "lines.thd_n", "reproduce.azimuth", "reproduce.level", "speed.error",
                                 "speed.line.capstan.2", "speed.head_delay", "record.bias", "record.bias.position",
                                 "record.level", "proof.response.level", "proof.timing", "proof.level", "proof.thd",
                                 "proof.h3", "proof.mol", "proof.noise.a", "proof.noise.a.mol", "proof.noise.468",
                                 "proof.noise.468.mol", "proof.noise.band", "proof.crosstalk.100",
                                 "proof.crosstalk.1000", "proof.crosstalk.10000", "proof.bias_residual", "proof.erase",
                                 "proof.print_through.before", "proof.print_through.after", "unheard.of"));
}

TEST(AlignmentRowsTest, steps_in_words) {
    const auto words = [](const char* id) { return step_words(id).first + " | " + step_words(id).second; };
    EXPECT_EQ(words("record.bias"), "Record | bias, drop past the peak");
    EXPECT_EQ(words("record.bias.peak_position"), "Record | bias, setting at the peak");
    EXPECT_EQ(words("record.bias.position"), "Record | bias, setting");
    EXPECT_EQ(words("reproduce.low.position"), "Reproduce | low frequencies, setting");
    EXPECT_EQ(words("proof.crosstalk.1000"), "Proof | crosstalk, 1 kHz");
    EXPECT_EQ(words("proof.response.31.5"), "Proof | response, 31.5 Hz");
    EXPECT_EQ(words("proof.noise.468.mol"), "Proof | noise, ITU-R 468, re MOL");
    EXPECT_EQ(words("speed.line.capstan.2"), "Speed, wow and flutter | flutter line, capstan, harmonic 2");
    EXPECT_EQ(words("speed.line.12.1_hz"), "Speed, wow and flutter | flutter line, 12.1 Hz");
    EXPECT_EQ(words("lines.linearity.40"), "Converters and lines | linearity, at -40 dB");
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
    EXPECT_EQ(limit_text(step), "aim at most 75.00"); // shown, and no verdict hangs on it
    step.bound = tape::Bound::BothSides;
    EXPECT_EQ(limit_text(step), "aim 75.00");
    step.target.reset();
    EXPECT_EQ(limit_text(step), "");
    EXPECT_EQ(value_text(-0.001, "dB", true), "0.00"); // not -0.00
    EXPECT_EQ(value_text(0.25, "dB", true), "+0.25");
    EXPECT_EQ(value_text(0.5 + 1e-9, "of travel"), "0.500");
    EXPECT_EQ(value_text(0.0012, "%"), "0.00120"); // of a converter
    EXPECT_EQ(value_text(0.041, "%"), "0.041");
    EXPECT_EQ(frequency_text(12500.0), "12.5 kHz");
    EXPECT_EQ(frequency_text(1016.0), "1.02 kHz");
    EXPECT_EQ(frequency_text(20000.0), "20 kHz");
    EXPECT_EQ(frequency_text(100.0), "100 Hz");
    EXPECT_EQ(frequency_text(31.5), "31.5 Hz");
    EXPECT_EQ(value_text(1234.5678, "furlongs"), "1235");
    EXPECT_EQ(value_text(0.0123456, "furlongs"), "0.01235");
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
    // of a proof its own figures come first
    sheet = sheet_of(whole_proof());
    add_values(sheet, usual_record_before("2021-01-01", 0.0));
    add_values(sheet, usual_record_before("2022-01-01", 0.0));
    ASSERT_EQ(drift_plots(sheet).size(), 3U);
    EXPECT_EQ(drift_plots(sheet)[0].title, "Level off tape");
    EXPECT_EQ(drift_plots(sheet)[2].title, "Noise, A-weighted");
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
    tape::AlignmentRecord twice = usual_record_before("2023-02-01", 0.2);
    tape::AlignmentStep again = *twice.step("record.level", 1);
    again.reading = 0.07; // set anew in the next round
    twice.steps.push_back(again);
    ASSERT_TRUE(history.store(twice).ok());
    ASSERT_TRUE(history.store(usual_record_before("2030-01-01", 9.0)).ok()); // not known yet when this was made
    tape::AlignmentRecord broken_off = usual_record_before("2023-03-01", 9.0);
    broken_off.ended_at.clear();
    ASSERT_TRUE(history.store(broken_off).ok());
    add_values(sheet, history);
    const auto plots = drift_plots(sheet);
    ASSERT_EQ(plots.size(), 3U);
    ASSERT_EQ(plots[1].title, "Record level");
    std::vector<double> levels;
    for (const auto& point : plots[1].curves.front().points) {
        levels.push_back(point.second);
    }
    EXPECT_THAT(levels, ElementsAre(testing::DoubleNear(0.12, 1e-9), 0.07, 0.02));
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

/// Germany's comma, in the C++ locale.
class CommaLocale : public std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

TEST(AlignmentCsvTest, numbers_have_a_point_whatever_the_locale) {
    const std::string csv = alignment_csv(full_sheet());
    const std::string words = joined_texts(full_sheet());
    const std::locale before = std::locale::global(std::locale(std::locale::classic(), new CommaLocale));
    const char* in_c = nullptr; // where one with a comma is installed
    for (const char* name : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"}) {
        in_c = in_c == nullptr ? std::setlocale(LC_ALL, name) : in_c;
    }
    EXPECT_EQ(alignment_csv(full_sheet()), csv);
    EXPECT_EQ(joined_texts(full_sheet()), words);
    const auto pdf = alignment_pdf(full_sheet());
    std::locale::global(before);
    std::setlocale(LC_ALL, "C");
    ASSERT_TRUE(pdf.ok());
    EXPECT_EQ(*pdf, *alignment_pdf(full_sheet()));
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
