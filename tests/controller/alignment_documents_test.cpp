// SPDX-License-Identifier: Apache-2.0
// Stored alignments as files, as the doors have them.
#include "controller/alignment/alignment_documents.hpp"

#include "base/async/simulated_timeline.hpp"
#include "tape/alignment_json.hpp"
#include "tape/memory_history.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace overbias::controller {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::StartsWith;

tape::AlignmentRecord record_of(const std::string& uuid, double level_db) {
    return {
        .uuid = uuid,
        .key = {.deck_uuid = "d-1", .head_block_uuid = "h-1", .speed_ips = 15.0, .stock = "no-such-stock", .batch = {}},
        .procedure = "record",
        .begun_at = "2024-05-03T10:12:00.000Z",
        .ended_at = "2024-05-03T10:19:00.000Z",
        .steps = {{.id = "record.level",
                   .channel = 1,
                   .reading = level_db,
                   .unit = "dB",
                   .target = 0.0,
                   .tolerance = 0.1,
                   .averaging_s = 0.5,
                   .accepted_at = "2024-05-03T10:15:00.000Z",
                   .accepted_by = {},
                   .calibration_tape = {}}}};
}

/// RFC 4648, section 4, written out.
std::string unpacked(std::string_view text) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    EXPECT_EQ(text.size() % 4, 0U);
    std::string bytes;
    unsigned bits = 0, held = 0;
    for (const char letter : text) {
        if (letter == '=') {
            break;
        }
        const auto at = kLetters.find(letter);
        EXPECT_NE(at, std::string_view::npos) << letter;
        bits = (bits << 6) | static_cast<unsigned>(at);
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>((bits >> held) & 0xffU);
        }
    }
    return bytes;
}

class AlignmentDocumentsTest : public testing::Test {
  protected:
    AlignmentDocumentsTest() {
        for (const tape::AlignmentRecord& each : records) {
            EXPECT_TRUE(history.store(each));
        }
        add_alignment_document(registry, {.find =
                                              [this](std::string_view uuid) {
                                                  const auto found =
                                                      std::find_if(records.begin(), records.end(),
                                                                   [&](const auto& each) { return each.uuid == uuid; });
                                                  return found == records.end() ? nullptr : &*found;
                                              },
                                          .history = history,
                                          .deck_uuid = "d-1",
                                          .deck_name = "The deck in room 2",
                                          .profile_directories = {},
                                          .timeline = timeline,
                                          .worker = worker});
    }

    Reply ask(const json::object& given) {
        std::optional<Reply> told;
        registry.call("alignment_document", given, {}, [&](const Reply& reply) { told = reply; });
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!told && std::chrono::steady_clock::now() < deadline) {
            timeline.run_for(std::chrono::milliseconds(1));
            std::this_thread::yield(); // the page is made on the worker's thread
        }
        EXPECT_TRUE(told.has_value());
        return told.value_or(Reply{});
    }
    std::string file(const json::object& given) {
        const Reply reply = ask(given);
        EXPECT_TRUE(reply.ok()) << reply.message;
        return reply.ok() ? unpacked(std::string_view(json::parse(reply.result).at("base64").as_string()))
                          : std::string();
    }

    const std::vector<tape::AlignmentRecord> records{record_of("a-1", 0.03), record_of("a-2", -0.14)};
    SimulatedTimeline timeline;
    tape::MemoryAlignmentHistory history;
    CommandRegistry registry;
    Worker worker; ///< last: what it still does uses the rest
};

TEST_F(AlignmentDocumentsTest, JsonIsTheRecordAndWhatStandsOnItsPage) {
    const Reply reply = ask({{"uuid", "a-1"}, {"form", "json"}});
    ASSERT_TRUE(reply.ok()) << reply.message;
    const json::value told = json::parse(reply.result);
    EXPECT_EQ(told.at("name").as_string(), "alignment-a-1.json");
    EXPECT_EQ(told.at("type").as_string(), "application/json");
    const json::value sheet = json::parse(unpacked(std::string_view(told.at("base64").as_string())));
    EXPECT_EQ(sheet.at("verdict"), "pass");
    EXPECT_EQ(sheet.at("deck"), "The deck in room 2");
    EXPECT_THAT(std::string(sheet.at("written_by").as_string()), testing::MatchesRegex("overbiasd [0-9.]+"));
    EXPECT_THAT(std::string(sheet.at("notes").at(0).as_string()), HasSubstr("'no-such-stock'"));
    const auto record = tape::alignment_from_json(json::serialize(sheet.at("record")));
    ASSERT_TRUE(record) << record.error().message;
    EXPECT_EQ(record->uuid, "a-1");
    EXPECT_EQ(record->steps.at(0).reading, 0.03);
}

TEST_F(AlignmentDocumentsTest, CsvHasARowForEachValueAndWhatItWasBefore) {
    const std::string alone = file({{"uuid", "a-2"}, {"form", "csv"}});
    EXPECT_THAT(alone, HasSubstr(",overbiasd "));
    EXPECT_THAT(alone, HasSubstr("record.level"));
    EXPECT_THAT(alone, HasSubstr("-0.14"));
    EXPECT_EQ(alone.find("0.03"), std::string::npos) << alone;
    EXPECT_THAT(file({{"uuid", "a-2"}, {"form", "csv"}, {"against", "a-1"}}), HasSubstr("0.03"));
}

TEST_F(AlignmentDocumentsTest, PdfIsAWholePage) {
    const std::string page = file({{"uuid", "a-1"}, {"form", "pdf"}});
    EXPECT_THAT(page, StartsWith("%PDF-1."));
    EXPECT_NE(page.rfind("%%EOF"), std::string::npos);
    EXPECT_NE(page, file({{"uuid", "a-1"}, {"form", "pdf"}, {"against", "a-2"}}));
}

TEST_F(AlignmentDocumentsTest, WhatIsNotThereIsNamed) {
    for (const json::object& given : {json::object{{"uuid", "a-9"}, {"form", "pdf"}},
                                      json::object{{"uuid", "a-1"}, {"form", "pdf"}, {"against", "a-9"}}}) {
        const Reply reply = ask(given);
        EXPECT_EQ(reply.code, ErrorCode::UnusableInput);
        EXPECT_THAT(reply.message, HasSubstr("there is no alignment a-9"));
    }
    EXPECT_EQ(ask({{"uuid", "a-1"}, {"form", "docx"}}).code, ErrorCode::InvalidParams);
}

} // namespace
} // namespace overbias::controller
