// SPDX-License-Identifier: Apache-2.0
#include "base/json/json_text.hpp"
#include "controller/client/alignments_source.hpp"
#include "controller/client/alignments_text.hpp"
#include "controller/client/print_command.hpp"
#include "controller/report_file.hpp"
#include "tape/alignment_json.hpp"

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

namespace json = boost::json;

using testing::HasSubstr;
using testing::Not;

tape::AlignmentStep level(int channel, double reading) {
    tape::AlignmentStep step;
    step.id = "record.level";
    step.channel = channel;
    step.reading = reading;
    step.unit = "dB";
    step.target = 0.0;
    step.tolerance = 0.1;
    step.accepted_at = "2024-05-03T10:15:00.000Z";
    return step;
}

tape::AlignmentRecord a_record() {
    tape::AlignmentRecord record;
    record.uuid = "11111111-2222-4333-8444-555555555555";
    record.key = {.deck_uuid = "aaaaaaaa-0000-4000-8000-000000000001",
                  .head_block_uuid = "bbbbbbbb-0000-4000-8000-000000000002",
                  .speed_ips = 7.5,
                  .equalisation = tape::Equalisation::Iec1,
                  .stock = "no-such-stock",
                  .batch = ""};
    record.procedure = "record";
    record.begun_at = "2024-05-03T10:00:00.000Z";
    record.ended_at = "2024-05-03T10:20:00.000Z";
    record.steps = {level(1, 0.02), level(2, 0.17)};
    return record;
}

AlignmentsSource::Daemon no_daemon() {
    return []() -> RpcClient { throw ConnectionLost("no daemon may be asked for"); };
}

class AlignmentFilesTest : public testing::Test {
  protected:
    AlignmentFilesTest() {
        std::string pattern = (std::filesystem::path(testing::TempDir()) / "overbias-alignments.XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }
    ~AlignmentFilesTest() override { std::filesystem::remove_all(folder_); }
    std::string put(const char* name, const std::string& text) {
        const auto file = folder_ / name;
        EXPECT_TRUE(write_file_atomically(file, text).ok());
        return file.string();
    }
    std::filesystem::path folder_;
};

TEST_F(AlignmentFilesTest, a_record_is_shown_from_its_file_without_a_daemon) {
    tape::AlignmentRecord before = a_record();
    before.steps = {level(1, 0.05), level(2, 0.08)};
    const std::string now = put("now.json", tape::alignment_json(a_record()));
    const std::string then = put("then.json", tape::alignment_json(before));
    AlignmentsSource source(no_daemon());
    const auto sheet = source.sheet(now, then);
    const std::string text = alignment_sheet_text(sheet);
    EXPECT_THAT(text, HasSubstr("alignment 11111111-2222-4333-8444-555555555555, record: FAIL"));
    EXPECT_THAT(text, HasSubstr("7.5 ips, IEC1, no-such-stock, batch not known"));
    EXPECT_THAT(text, HasSubstr("0.00 +- 0.10"));
    EXPECT_THAT(text, HasSubstr("-0.03"));
    EXPECT_THAT(text, HasSubstr("+0.09"));
    EXPECT_THAT(text, HasSubstr("OUT: above right (was within)"));
    EXPECT_THAT(text, Not(HasSubstr("above left")));
    EXPECT_THAT(text, HasSubstr("no profile of the tape stock 'no-such-stock'"));
    EXPECT_THAT(text, HasSubstr("not measured in this record: converters and lines"));
}

TEST_F(AlignmentFilesTest, what_show_prints_as_json_is_read_again) {
    const std::string file = put("now.json", tape::alignment_json(a_record()));
    const json::value shown =
        json::parse(calibration::alignment_sheet_json(AlignmentsSource(no_daemon()).sheet(file, file)));
    EXPECT_EQ(shown.at("verdict"), "fail");
    EXPECT_EQ(shown.at("changes").as_array().size(), 2U);
    EXPECT_EQ(shown.at("changes").at(1).at("change").to_number<double>(), 0.0);
    const auto again = AlignmentsSource(no_daemon()).sheet(put("shown.json", json_line(shown)), "");
    EXPECT_EQ(tape::alignment_json(again.record), tape::alignment_json(a_record()));
    EXPECT_FALSE(again.earlier.has_value());
}

TEST_F(AlignmentFilesTest, names_and_program_go_with_the_file_and_every_figure_comes_back) {
    tape::AlignmentRecord record = a_record();
    record.key.batch = "a \"batch\", with\na line end and \xc3\xbc";
    record.steps.front().reading = 1.0 / 3.0;
    record.steps.front().remark = "1e-300 of \\ it";
    record.steps.back().reading = -1e-300;
    record.steps.back().bound = tape::Bound::AtLeast;
    calibration::AlignmentSheet sheet{.record = record, .earlier = {}};
    sheet.deck = "M15A";
    sheet.head_block = "2 mm";
    sheet.unsure.push_back({"record.level", "hearsay"});
    sheet.written_by = "overbias 9.8.7";
    const json::value told = json::parse(calibration::alignment_sheet_json(sheet));
    EXPECT_EQ(told.at("written_by"), "overbias 9.8.7");
    EXPECT_EQ(told.at("unsure").at(0).at("why"), "hearsay");
    const auto again = AlignmentsSource(no_daemon()).sheet(put("told.json", json_indented(told)), "");
    EXPECT_EQ(tape::alignment_json(again.record), tape::alignment_json(record));
    EXPECT_EQ(again.record.steps.front().reading, 1.0 / 3.0);
    EXPECT_EQ(again.deck, "M15A");
    EXPECT_EQ(again.head_block, "2 mm");
}

TEST_F(AlignmentFilesTest, files_that_are_none_are_named) {
    AlignmentsSource source(no_daemon());
    const auto message = [&](const std::string& file) {
        try {
            static_cast<void>(source.sheet(file, ""));
        } catch (const UnusableArgument& failure) {
            return std::string(failure.what());
        }
        return std::string("nothing was thrown");
    };
    EXPECT_THAT(message((folder_ / "missing.json").string()), HasSubstr("missing.json: expected a file"));
    EXPECT_THAT(message(put("torn.json", "{\"uuid\":")), HasSubstr("torn.json: alignment record: expected JSON"));
    EXPECT_THAT(message(put("other.json", "{\"uuid\": 4}")), HasSubstr("other.json: alignment record"));
    EXPECT_THAT(message(put("list.json", "[1, 2]")), HasSubstr("list.json: alignment record"));
}

TEST_F(AlignmentFilesTest, a_record_of_something_else_is_compared_and_said_to_be) {
    tape::AlignmentRecord other = a_record();
    other.key.stock = "another";
    const auto sheet =
        AlignmentsSource(no_daemon())
            .sheet(put("now.json", tape::alignment_json(a_record())), put("then.json", tape::alignment_json(other)));
    EXPECT_THAT(alignment_sheet_text(sheet), HasSubstr("its differences are not a drift"));
}

TEST_F(AlignmentFilesTest, words_of_a_record_cannot_drive_the_terminal) {
    tape::AlignmentRecord record = a_record();
    record.key.batch = "\x1b[2J";
    record.steps.front().id = "odd.\x1b]0;title\x07";
    const auto sheet = AlignmentsSource(no_daemon()).sheet(put("now.json", tape::alignment_json(record)), "");
    EXPECT_THAT(alignment_sheet_text(sheet), Not(HasSubstr("\x1b")));
}

TEST(AlignmentsTextTest, a_line_for_each_and_only_the_deck_that_was_asked_for) {
    const auto line = [](const char* uuid, const char* deck) {
        return json::object{{"uuid", uuid},
                            {"key",
                             {{"deck_uuid", deck},
                              {"head_block_uuid", "bbbbbbbb-0000"},
                              {"speed_ips", 15.0},
                              {"equalisation", "NAB"},
                              {"stock", "rtm-sm900"},
                              {"batch", "T-1"}}},
                            {"procedure", "proof"},
                            {"begun_at", "2024-05-03T10:00:00.000Z"},
                            {"ended_at", nullptr},
                            {"verdict", "unfinished"},
                            {"steps", 12}};
    };
    const json::value answer{
        {"alignments", json::array{line("first-uuid-1", "aaaa-1"), line("second-uuid", "cccc-2")}}};
    const std::string text = alignments_text(answer);
    EXPECT_THAT(
        text,
        HasSubstr("2024-05-03 10:00  first-uu  proof      unfinished  aaaa-1  bbbbbbbb    15 ips NAB  rtm-sm900, T-1"));
    const json::value one = alignments_of_deck(answer, "cccc");
    ASSERT_EQ(one.at("alignments").as_array().size(), 1U);
    EXPECT_EQ(one.at("alignments").at(0).at("uuid"), "second-uuid");
    EXPECT_EQ(alignments_text(json::object{}), "no alignment is stored\n");
}

} // namespace
} // namespace overbias::controller
