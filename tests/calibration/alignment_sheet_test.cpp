// SPDX-License-Identifier: Apache-2.0
#include "alignment_sheet_examples.hpp"
#include "calibration/results/alignment_rows.hpp"
#include "calibration/results/alignment_sheet.hpp"
#include "tape/tape_stock.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <string>

namespace overbias::calibration {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

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

TEST(AlignmentSheetTest, a_whole_proof_is_one_page) {
    AlignmentSheet sheet = sheet_of(whole_proof());
    sheet.record.steps.back().remark = "better than: the noise of the tape is what is left";
    const paper::Document document = alignment_document(sheet);
    EXPECT_EQ(document.pages.size(), 1U);
    EXPECT_THAT(paper::broken_rules(document, 5.0), IsEmpty());
    EXPECT_THAT(joined_texts(sheet), Not(HasSubstr("continued")));
    EXPECT_THAT(joined_texts(sheet), HasSubstr("dB re operating level unless said otherwise"));
}

TEST(AlignmentSheetTest, all_procedures_at_once_go_on_on_a_second_page_and_the_first_says_so) {
    const AlignmentSheet sheet = sheet_of(all_at_once());
    paper::Document document = alignment_document(sheet);
    EXPECT_EQ(document.pages.size(), 2U);
    EXPECT_THAT(paper::broken_rules(document, 5.0), IsEmpty()); // two responses beside one another, with their keys
    EXPECT_THAT(paper::texts_on(document.pages[0]), Contains("continued on page 2"));
    EXPECT_THAT(paper::texts_on(document.pages[1]), Not(Contains(StartsWith("continued"))));
    for (const char* curve : {"left, earlier", "right, earlier", "left, sweep", "right, sweep"}) {
        EXPECT_THAT(paper::texts_on(document.pages[0]), Contains(curve)); // in the narrow plot's key too
    }
}

TEST(AlignmentSheetTest, nothing_is_cut_short_though_all_of_it_is_out) {
    AlignmentSheet sheet = sheet_of(all_at_once());
    sheet.unsure.push_back({"record.level", "a reason"});
    for (tape::AlignmentStep& step : sheet.record.steps) {
        step.target = response_frequency(step.id) ? 0.0 : -25.0;
        step.reading += step.target == 0.0 ? -22.5 : 0.0;
        step.tolerance = 0.5;
    }
    const auto all = all_texts(alignment_document(sheet));
    EXPECT_THAT(all, Not(Contains(testing::EndsWith("..."))));
    EXPECT_THAT(all, Contains("of travel"));
    EXPECT_GT(std::count(all.begin(), all.end(), "OUT"), 60);
}

TEST(AlignmentSheetTest, names_that_are_long_are_shown_whole) {
    AlignmentSheet sheet = full_sheet();
    sheet.deck = "Telefunken M15A, \xc3\x84ltere Ausf\xc3\xbchrung mit dem Au\xc3\x9f"
                 "enlager, neben der T\xc3\xbcr";
    sheet.record.key.batch = "Charge 2019-17-B/44, Karton 3 von 12, Lage oben, Folie unversehrt";
    std::string all = joined_texts(sheet);
    std::replace(all.begin(), all.end(), '\n', ' ');
    EXPECT_THAT(all, HasSubstr(sheet.deck));
    EXPECT_THAT(all, HasSubstr(sheet.record.key.batch));
}

TEST(AlignmentSheetTest, says_which_program_wrote_it) {
    AlignmentSheet sheet = full_sheet();
    sheet.written_by = "overbias 9.8.7";
    EXPECT_THAT(joined_texts(sheet), HasSubstr(sheet.record.uuid + ", written by overbias 9.8.7"));
    const std::string csv = alignment_csv(sheet);
    EXPECT_THAT(csv, HasSubstr(",change,written_by\r\n"));
    EXPECT_THAT(csv, testing::EndsWith(",overbias 9.8.7\r\n"));
    EXPECT_THAT(joined_texts(sheet), HasSubstr(sheet.earlier->uuid)); // what it was compared with
}

TEST(AlignmentSheetTest, says_who_ran_it_though_it_accepted_by_itself) {
    AlignmentSheet sheet = full_sheet();
    for (tape::AlignmentStep& step : sheet.record.steps) {
        step.accepted_by.clear();
    }
    const auto all = [&] { return all_texts(alignment_document(sheet)); };
    EXPECT_THAT(all(), Contains("not named"));
    EXPECT_THAT(all(), Contains("not known"));
    sheet.record.operators = "F. Meyer";
    sheet.record.measured_by = "overbiasd 9.8.7";
    EXPECT_THAT(all(), Contains("F. Meyer"));
    EXPECT_THAT(all(), Contains("overbiasd 9.8.7"));
    EXPECT_THAT(all(), Not(Contains("not named")));
    sheet.record.steps.front().accepted_by = "B. Lang";
    sheet.record.steps.back().accepted_by = "F. Meyer";
    EXPECT_THAT(all(), Contains("F. Meyer, B. Lang"));
    EXPECT_EQ(alignment_document(sheet).metadata.author, "F. Meyer, B. Lang");
    const std::string csv = alignment_csv(sheet);
    EXPECT_THAT(csv, HasSubstr(",ended_utc,operators,measured_by,step,"));
    EXPECT_THAT(csv, HasSubstr(sheet.record.ended_at + ",F. Meyer,overbiasd 9.8.7,"));
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
    EXPECT_THAT(all, Contains("flutter line, part 0"));
    EXPECT_THAT(all, Contains("flutter line, part 119"));
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

TEST(AlignmentSheetTest, a_limit_whose_remark_says_unsure_is_marked_too) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = {}};
    tape::AlignmentStep erase = sheet_step("proof.erase", 1, 78.2, "dB");
    erase.target = 75.0;
    erase.bound = tape::Bound::AtLeast;
    erase.remark = "the deck's sheet: 75 dB (unsure: hearsay)";
    tape::AlignmentStep only_read = sheet_step("proof.mol", 1, 9.0, "dB");
    only_read.remark = erase.remark;
    sheet.record.steps = {erase, only_read};
    EXPECT_THAT(joined_texts(sheet), HasSubstr("aim at least 75.00 (unsure)\n"));
    EXPECT_THAT(joined_texts(sheet), HasSubstr("1) the deck's sheet: 75 dB (unsure: hearsay)\n"));
    EXPECT_THAT(alignment_csv(sheet), HasSubstr("proof.erase,1,78.2,dB,75,,,,yes,"));
    EXPECT_THAT(alignment_csv(sheet), HasSubstr("proof.mol,1,9,dB,,,,,,0.5,"));
}

TEST(AlignmentSheetTest, remarks_that_differ_say_of_which_track_they_are) {
    AlignmentSheet sheet{.record = empty_record(), .earlier = {}};
    add_both(sheet.record, "proof.mol", 9.0, 9.1, "dB");
    add_both(sheet.record, "proof.thd", 0.6, 0.7, "%");
    add_both(sheet.record, "proof.level", 0.0, 0.1, "dB");
    sheet.record.steps[0].remark = sheet.record.steps[1].remark = "of both";
    sheet.record.steps[3].remark = "of one";
    sheet.record.steps[4].remark = "this";
    sheet.record.steps[5].remark = "that";
    const std::string all = joined_texts(sheet);
    EXPECT_THAT(all, HasSubstr("1) left: this\n2) right: that\n3) right: of one\n4) of both\n"));
    EXPECT_THAT(all, HasSubstr("level, 1 kHz 1,2)\n"));
    EXPECT_THAT(all, HasSubstr("MOL, 3 % third harmonic 4)\n"));
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

} // namespace
} // namespace overbias::calibration
