// SPDX-License-Identifier: Apache-2.0
#include "mastering/paper/box_label.hpp"

#include "layout_rules.hpp"
#include "mastering/paper/cue_sheet.hpp"
#include "paper/pdf.hpp"
#include "paper_examples.hpp"

#include <boost/json.hpp>
#include <cstddef>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::mastering {
namespace {

namespace json = boost::json;
using examples::files_report;
using examples::two_sided_report;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

PrintFacts facts_of(const json::object& report) {
    auto facts = read_print_facts(report);
    EXPECT_TRUE(facts.ok()) << (facts ? "" : facts.error().message);
    return facts ? *facts : PrintFacts{};
}

paper::Document label(const PrintFacts& facts, const LabelSize& size) {
    auto document = label_document(facts, size);
    EXPECT_TRUE(document.ok()) << (document ? "" : document.error().message);
    return document ? *document : paper::Document{};
}

std::string field(const PrintFacts& facts, std::size_t reel, const std::string& key) {
    for (const LegendField& each : box_legend(facts, reel)) {
        if (each.key == key) {
            return each.text;
        }
    }
    ADD_FAILURE() << key;
    return {};
}

TEST(LevelReTest, is_twenty_times_the_logarithm_of_the_fluxivities) {
    // 250 over 185: 2.6 dB, the "+3" of the studios; 320 over 185: 4.76 dB; 355 over 320: 0.90 dB
    EXPECT_NEAR(level_re(250.0).re_185_db, 2.615, 0.001);
    EXPECT_NEAR(level_re(320.0).re_185_db, 4.759, 0.001);
    EXPECT_NEAR(level_re(355.0).re_320_db, 0.902, 0.001);
    EXPECT_NEAR(level_re(185.0).re_320_db, -4.759, 0.001);
    EXPECT_DOUBLE_EQ(level_re(320.0).re_320_db, 0.0);
}

TEST(TapeTimeTest, is_rounded_once) {
    EXPECT_EQ(tape_time(0.0), "0:00.0");
    EXPECT_EQ(tape_time(59.96), "1:00.0");
    EXPECT_EQ(tape_time(59.94), "0:59.9");
    EXPECT_EQ(tape_time(3599.96), "1:00:00.0");
    EXPECT_EQ(tape_time(3725.25, 2), "1:02:05.25");
    EXPECT_EQ(tape_time(75.0625, 3), "1:15.063");
    EXPECT_EQ(tape_time(61.5, 0), "1:02");
    EXPECT_EQ(tape_time(-1.5), "-0:01.5");
    EXPECT_EQ(tape_time(-0.01), "0:00.0");
}

TEST(BoxLegendTest, comes_from_report_and_plan) {
    const PrintFacts facts = facts_of(two_sided_report());
    EXPECT_EQ(facts.reels, 2U);
    EXPECT_EQ(field(facts, 1, "reel"), "2 of 2");
    EXPECT_EQ(field(facts, 0, "batch"), "26-114");
    EXPECT_EQ(field(facts, 0, "speed"), "38.1 cm/s, 15 ips");
    EXPECT_EQ(field(facts, 0, "operating_level"), "320 nWb/m (+4.76 dB re 185, +0.00 dB re 320 nWb/m)");
    EXPECT_EQ(field(facts, 0, "tones"), "1 kHz, 10 kHz at -10.0 dB (azimuth), 100 Hz at -10.0 dB");
    EXPECT_EQ(field(facts, 0, "heads_tails"), "tails out");
    EXPECT_EQ(field(facts, 0, "timings"), "side A 17:40 from the first tone, 5 tracks"); // 74 + 970 + 16
    EXPECT_EQ(field(facts, 0, "engineer"), "E. Engineer");
    EXPECT_EQ(field(facts, 0, "machine"), "Two-track machine");
}

TEST(BoxLegendTest, what_nobody_knows_is_a_blank) {
    const PrintFacts facts = facts_of(files_report());
    for (const char* each : {"title", "batch", "noise_reduction", "studio", "engineer", "machine_serial",
                             "track_format", "tape_width", "azimuth", "heads_tails"}) {
        EXPECT_EQ(field(facts, 0, each), "") << each;
    }
    EXPECT_EQ(field(facts, 0, "tones"), "1 kHz");
    EXPECT_EQ(field(facts, 0, "date"), "2026-05-03");
    EXPECT_THAT(label_text(facts), HasSubstr("Batch: ________"));
    EXPECT_TRUE(label_json(facts).at("reels").at(0).at("batch").is_null());
}

TEST(BoxLegendTest, two_sides_of_one_tape_share_a_reel) {
    json::object report = two_sided_report();
    report["plan"].as_object()["sides"].as_array()[1].as_object()["new_tape"] = false;
    for (json::value& each : report["sides"].as_array()) {
        each.as_object()["reel"] = json::object{{"uuid", "one"}};
    }
    const PrintFacts facts = facts_of(report);
    EXPECT_EQ(facts.reels, 1U);
    EXPECT_THAT(field(facts, 0, "timings"), HasSubstr("; side B"));
    EXPECT_EQ(label(facts, kLabel7).pages.size(), 2U);
}

TEST(HoldDownTest, blue_is_tails_out_and_red_heads_out) {
    EXPECT_THAT(hold_down_words(true), HasSubstr("blue"));
    EXPECT_THAT(hold_down_words(true), HasSubstr("TAILS OUT"));
    EXPECT_THAT(hold_down_words(false), HasSubstr("red"));
    EXPECT_THAT(hold_down_words({}), testing::AllOf(HasSubstr("blue for tails out"), HasSubstr("red for heads out")));
}

TEST(BoxLabelTest, is_as_large_as_it_was_asked_for) {
    const PrintFacts facts = facts_of(two_sided_report());
    const paper::Document ten = label(facts, kLabel10);
    ASSERT_EQ(ten.pages.size(), 4U); // front and spine of two reels
    EXPECT_DOUBLE_EQ(ten.pages[0].size().width_mm, 266.7);
    EXPECT_DOUBLE_EQ(ten.pages[0].size().height_mm, 266.7);
    EXPECT_DOUBLE_EQ(ten.pages[1].size().width_mm, 266.7);
    EXPECT_DOUBLE_EQ(ten.pages[1].size().height_mm, 12.0);
    EXPECT_DOUBLE_EQ(label(facts, kLabel7).pages[0].size().width_mm, 177.8);
    EXPECT_EQ(label(facts, {200.0, 150.0, 0.0}).pages.size(), 2U); // no spine
}

TEST(BoxLabelTest, nothing_lies_outside_or_over_another) {
    for (const json::object& report : {files_report(), two_sided_report()}) {
        for (const LabelSize& size : {kLabel10, kLabel7, LabelSize{120.0, 120.0, 8.0}, LabelSize{420.0, 420.0, 100.0},
                                      LabelSize{120.0, 420.0, 25.0}, LabelSize{420.0, 120.0, 30.0}}) {
            EXPECT_THAT(paper::broken_rules(label(facts_of(report), size)), IsEmpty())
                << size.width_mm << " x " << size.height_mm;
        }
    }
}

TEST(BoxLabelTest, texts_of_any_length_stay_inside) {
    for (const std::size_t length : {1U, 60U, 200U, 2000U}) {
        for (const char* unit : {"W", "Wo rd ", "\xc3\x84"}) {
            std::string text;
            while (text.size() < length) {
                text += unit;
            }
            json::object report = two_sided_report();
            json::object& plan = report["plan"].as_object();
            for (const char* each : {"title", "version", "artist", "catalogue_number", "client", "studio", "engineer",
                                     "date", "noise_reduction", "azimuth_note", "notes"}) {
                plan[each] = text;
            }
            for (json::value& each : report["tracks"].as_array()) {
                each.as_object()["title"] = text;
            }
            const PrintFacts facts = facts_of(report);
            EXPECT_THAT(paper::broken_rules(label(facts, kLabel7)), IsEmpty()) << length << unit;
            EXPECT_THAT(paper::broken_rules(label(facts, kLabel10)), IsEmpty()) << length << unit;
            EXPECT_THAT(paper::broken_rules(cue_sheet_document(facts), 8.0), IsEmpty()) << length << unit;
        }
    }
}

TEST(BoxLabelTest, a_long_title_is_set_smaller_before_anything_of_it_is_cut) {
    const PrintFacts facts = facts_of(two_sided_report());
    std::string all;
    for (const std::string& each : paper::texts_on(label(facts, kLabel7).pages.front())) {
        all += each + " ";
    }
    EXPECT_THAT(all, HasSubstr(facts.title));
}

TEST(BoxLabelTest, more_tracks_than_there_is_room_for_are_counted) {
    json::object report = two_sided_report();
    json::array& tracks = report["tracks"].as_array();
    const json::array ten = tracks;
    for (int i = 0; i < 9; ++i) {
        tracks.insert(tracks.end(), ten.begin(), ten.end());
    }
    const paper::Document document = label(facts_of(report), kLabel7);
    EXPECT_THAT(paper::broken_rules(document), IsEmpty());
    EXPECT_THAT(paper::texts_in(document), Contains(HasSubstr("more: see the cue sheet")));
}

TEST(BoxLabelTest, a_size_that_is_none_is_told) {
    const PrintFacts facts = facts_of(files_report());
    for (const LabelSize& size :
         {LabelSize{0.0, 0.0, 0.0}, LabelSize{119.0, 200.0, 12.0}, LabelSize{200.0, 500.0, 12.0},
          LabelSize{200.0, 200.0, 7.0}, LabelSize{200.0, 200.0, -1.0}}) {
        const auto document = label_document(facts, size);
        ASSERT_FALSE(document.ok());
        EXPECT_THAT(document.error().message, HasSubstr("120 to 420 mm"));
    }
}

TEST(CueSheetTest, has_leaders_tones_and_tracks_with_their_places) {
    const PrintFacts facts = facts_of(two_sided_report());
    const paper::Document document = cue_sheet_document(facts);
    EXPECT_THAT(paper::broken_rules(document, 8.0), IsEmpty());
    const auto texts = paper::texts_in(document);
    for (const char* each : {"Head leader", "12 ft", "Tone 1 kHz", "Tone 10 kHz (azimuth)", "Tail leader", "Overture",
                             "1:14.0", "Side A, Reel 1 of 2", "Side B, Reel 2 of 2"}) {
        EXPECT_THAT(texts, Contains(each));
    }
    const std::string text = cue_sheet_text(facts);
    // 31 s at 15 in/s are 11.811 m after the slate's counter of 12.5 m
    EXPECT_THAT(
        text,
        HasSubstr("Tone 10 kHz (azimuth), at 0:31.0, counter 24.31 m, length 0:20.0, dB: -10.0; tape +0.20 / +0.10"));
    EXPECT_THAT(text, HasSubstr("3 Spacing, at "));
    EXPECT_THAT(text, HasSubstr("FAILED: dropout"));
    EXPECT_EQ(cue_sheet_json(facts).at("sides").at(1).at("cues").as_array().size(),
              10U); // 2 leaders, 3 tones, 5 tracks
}

TEST(CueSheetTest, characters_that_the_type_has_not_are_told) {
    const auto with = paper::texts_in(cue_sheet_document(facts_of(two_sided_report())));
    EXPECT_THAT(with, Contains(HasSubstr("the type on this sheet has not the character")));
    json::object report = two_sided_report();
    report["tracks"].as_array()[3].as_object()["title"] = "Nacht";
    EXPECT_THAT(paper::texts_in(cue_sheet_document(facts_of(report))),
                Not(Contains(HasSubstr("the type on this sheet has not the character"))));
}

TEST(PaperFilesTest, are_pdf) {
    const PrintFacts facts = facts_of(two_sided_report());
    for (const paper::Document& document : {label(facts, kLabel10), cue_sheet_document(facts)}) {
        const auto bytes = paper::pdf_bytes(document);
        ASSERT_TRUE(bytes.ok()) << bytes.error().message;
        EXPECT_THAT(*bytes, testing::StartsWith("%PDF-1."));
    }
}

} // namespace
} // namespace overbias::mastering
