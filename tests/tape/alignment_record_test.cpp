// SPDX-License-Identifier: Apache-2.0
// Alignment records: verdict, comparison with earlier ones, history, and the way to text and back.
#include "tape/alignment_json.hpp"
#include "tape/memory_history.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace overbias::tape {
namespace {

using testing::HasSubstr;

AlignmentKey key_of(double ips = 15.0, const std::string& batch = "A1") {
    return {.deck_uuid = "deck",
            .head_block_uuid = "heads",
            .speed_ips = ips,
            .equalisation = Equalisation::Nab,
            .stock = "rtm-sm900",
            .batch = batch};
}

AlignmentStep value_of(const std::string& id, int channel, double reading) {
    return {.id = id,
            .channel = channel,
            .reading = reading,
            .unit = "dB",
            .target = 0.0,
            .tolerance = 0.1,
            .averaging_s = 2.0,
            .accepted_at = "2024-05-03T10:15:00.000Z",
            .accepted_by = "the operator",
            .calibration_tape = "mrl-three-frequency-15-nab-250"};
}

AlignmentRecord record_of(const std::string& uuid, const std::string& begun, bool ended = true) {
    return {.uuid = uuid,
            .key = key_of(),
            .procedure = "reproduce",
            .begun_at = begun,
            .ended_at = ended ? begun + "+" : "",
            .steps = {value_of("level", 1, 0.05), value_of("level", 2, -0.05)}};
}

TEST(AlignmentRecord, AStepKeepsItsTolerance) {
    EXPECT_EQ(value_of("level", 1, 0.1).within(), true);
    EXPECT_EQ(value_of("level", 1, -0.1).within(), true);
    EXPECT_EQ(value_of("level", 1, 0.11).within(), false);
    EXPECT_EQ(value_of("level", 1, std::nan("")).within(), false);
    AlignmentStep read = value_of("level", 1, 5.0);
    read.tolerance.reset();
    EXPECT_FALSE(read.within().has_value());
    read = value_of("level", 1, 5.0);
    read.target = 5.05;
    EXPECT_EQ(read.within(), true);
    read.target.reset();
    EXPECT_FALSE(read.within().has_value());
}

TEST(AlignmentRecord, ALimitToOneSide) {
    AlignmentStep depth = value_of("erase", 1, 80.0);
    depth.target = 75.0;
    depth.tolerance = 0.5;
    depth.bound = Bound::AtLeast;
    EXPECT_EQ(depth.within(), true);
    depth.reading = 74.6;
    EXPECT_EQ(depth.within(), true);
    depth.reading = 74.4;
    EXPECT_EQ(depth.within(), false);
    depth.bound = Bound::AtMost;
    EXPECT_EQ(depth.within(), true);
    depth.reading = 75.6;
    EXPECT_EQ(depth.within(), false);
    depth.reading = std::nan("");
    EXPECT_EQ(depth.within(), false);
    depth.bound = Bound::AtLeast;
    EXPECT_EQ(depth.within(), false);
    depth.remark = "the sheet's";
    AlignmentRecord record = record_of("u", "2024");
    record.steps[0] = depth;
    record.steps[0].reading = 76.0;
    const auto back = alignment_from_json(alignment_json(record));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->steps[0].bound, Bound::AtLeast);
    EXPECT_EQ(back->steps[0].remark, "the sheet's");
    EXPECT_EQ(back->steps[1].bound, Bound::BothSides);
}

TEST(AlignmentRecord, TheLastValueOfAStepCounts) {
    AlignmentRecord record = record_of("u", "2024");
    EXPECT_TRUE(record.passed());
    record.steps.push_back(value_of("level", 2, 0.3));
    EXPECT_FALSE(record.passed());
    record.steps.push_back(value_of("level", 2, 0.0));
    EXPECT_TRUE(record.passed()) << "it was set again";
    EXPECT_EQ(record.step("level", 2)->reading, 0.0);
    EXPECT_EQ(record.step("level", 3), nullptr);
    EXPECT_EQ(record.step("azimuth", 1), nullptr);
    record.ended_at.clear();
    EXPECT_FALSE(record.passed()) << "it was broken off";
}

TEST(AlignmentRecord, ComparedWithAnEarlierOne) {
    const AlignmentRecord then = record_of("a", "2024-01");
    AlignmentRecord now = record_of("b", "2024-02");
    now.steps.push_back(value_of("bias", 1, 3.0)); // not there then
    now.steps.push_back(value_of("level", 1, 0.25));
    AlignmentStep percent = value_of("level", 2, 1.0);
    percent.unit = "%";
    now.steps.push_back(percent);
    const auto changes = alignment_changes(now, then);
    ASSERT_EQ(changes.size(), 1u);
    EXPECT_EQ(changes[0].id, "level");
    EXPECT_EQ(changes[0].channel, 1);
    EXPECT_DOUBLE_EQ(changes[0].then, 0.05);
    EXPECT_NEAR(changes[0].change(), 0.2, 1e-12);
}

TEST(AlignmentRecord, ADifferentBatchSpeedOrHeadBlockIsAnotherAlignment) {
    EXPECT_TRUE(key_of() == key_of());
    EXPECT_TRUE(key_of(15.0) == key_of(15.005));
    EXPECT_FALSE(key_of(15.0) == key_of(7.5));
    EXPECT_FALSE(key_of(15.0, "A1") == key_of(15.0, "A2"));
    AlignmentKey other = key_of();
    other.head_block_uuid = "half inch";
    EXPECT_FALSE(key_of() == other);
    other = key_of();
    other.deck_uuid = "other";
    EXPECT_FALSE(key_of() == other);
    other = key_of();
    other.equalisation = Equalisation::Iec1;
    EXPECT_FALSE(key_of() == other);
    other = key_of();
    other.stock = "rtm-sm911";
    EXPECT_FALSE(key_of() == other);
}

TEST(AlignmentHistory, LatestEarlierAndUnfinished) {
    MemoryAlignmentHistory memory({record_of("c", "2024-03"), record_of("a", "2024-01")});
    AlignmentHistory& history = memory;
    ASSERT_TRUE(history.store(record_of("b", "2024-02")).ok());
    EXPECT_EQ(history.latest(key_of())->uuid, "c");
    EXPECT_EQ(history.earlier(key_of(), 1)->uuid, "b");
    EXPECT_EQ(history.earlier(key_of(), 2)->uuid, "a");
    EXPECT_FALSE(history.earlier(key_of(), 3).has_value());
    EXPECT_FALSE(history.latest(key_of(7.5)).has_value());
    EXPECT_FALSE(history.unfinished(key_of(), "reproduce").has_value());

    AlignmentRecord broken_off = record_of("d", "2024-04", false);
    ASSERT_TRUE(history.store(broken_off).ok());
    EXPECT_EQ(history.latest(key_of())->uuid, "c") << "it has not ended";
    EXPECT_EQ(history.unfinished(key_of(), "reproduce")->uuid, "d");
    EXPECT_FALSE(history.unfinished(key_of(), "record").has_value());
    broken_off.ended_at = "2024-05";
    broken_off.steps.push_back(value_of("level", 1, 0.07));
    ASSERT_TRUE(history.store(broken_off).ok()) << "it went on";
    EXPECT_EQ(history.latest(key_of())->uuid, "d");
    EXPECT_EQ(history.earlier(key_of(), 1)->uuid, "c") << "and was stored once";

    const auto values = history.values(key_of(), "level", 1);
    ASSERT_EQ(values.size(), 5u);
    EXPECT_EQ(values.back().reading, 0.07);
    EXPECT_TRUE(history.values(key_of(), "level", 3).empty());
    AlignmentRecord nameless = record_of("", "2024-06");
    EXPECT_THAT(history.store(nameless).error().message, HasSubstr("no uuid"));
}

TEST(AlignmentJson, ThereAndBack) {
    AlignmentRecord record = record_of("u", "2024-05-03T10:00:00.000Z");
    record.key.batch = "n\xc2\xb0 7 \"B\"";
    record.key.speed_ips = 7.5;
    record.steps[0].reading = 0.1 + 0.2; // no short decimal
    record.steps[0].target.reset();
    record.steps[1].tolerance.reset();
    record.operators = "Meyer, \"Bo\" Lang";
    record.measured_by = "overbiasd 9.8.7";
    const auto back = alignment_from_json(alignment_json(record));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_TRUE(back->key == record.key);
    EXPECT_EQ(back->uuid, "u");
    EXPECT_EQ(back->procedure, "reproduce");
    EXPECT_EQ(back->begun_at, record.begun_at);
    EXPECT_EQ(back->ended_at, record.ended_at);
    EXPECT_EQ(back->operators, record.operators);
    EXPECT_EQ(back->measured_by, record.measured_by);
    ASSERT_EQ(back->steps.size(), 2u);
    EXPECT_EQ(back->steps[0].reading, 0.1 + 0.2);
    EXPECT_FALSE(back->steps[0].target.has_value());
    EXPECT_EQ(back->steps[0].tolerance, 0.1);
    EXPECT_EQ(back->steps[1].target, 0.0);
    EXPECT_FALSE(back->steps[1].tolerance.has_value());
    EXPECT_EQ(back->steps[1].channel, 2);
    EXPECT_EQ(back->steps[1].unit, "dB");
    EXPECT_EQ(back->steps[1].averaging_s, 2.0);
    EXPECT_EQ(back->steps[1].accepted_at, "2024-05-03T10:15:00.000Z");
    EXPECT_EQ(back->steps[1].accepted_by, "the operator");
    EXPECT_EQ(back->steps[1].calibration_tape, "mrl-three-frequency-15-nab-250");
    EXPECT_EQ(alignment_json(*back), alignment_json(record));
}

TEST(AlignmentJson, WhoRanItIsLeftOutWhereNobodyWasNamed) {
    const std::string text = alignment_json(record_of("u", "2024"));
    EXPECT_THAT(text, testing::Not(HasSubstr("operators")));
    EXPECT_THAT(text, testing::Not(HasSubstr("measured_by")));
    const auto back = alignment_from_json(text);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->operators + back->measured_by, "");
}

TEST(AlignmentRecord, NamesEachOnce) {
    std::string names;
    for (const char* name : {"", "Meyer", "Mey", "Meyer", "Lang", "", "Mey", "Lang"}) {
        add_name(names, name);
    }
    EXPECT_EQ(names, "Meyer, Mey, Lang");
}

TEST(AlignmentRecord, WhatHadNoLimitIsNotJudged) {
    AlignmentRecord record = record_of("u", "2024", true);
    EXPECT_EQ(verdict_name(verdict_of(record)), "pass");
    record.steps[1].tolerance.reset();
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::Pass) << "one of them was judged";
    record.steps[0].reading = 1.0;
    EXPECT_EQ(verdict_name(verdict_of(record)), "fail");
    record.steps[0].tolerance.reset();
    EXPECT_EQ(verdict_name(verdict_of(record)), "not_judged");
    EXPECT_EQ(verdict_words(verdict_of(record)), "NOT JUDGED");
    record.steps.clear();
    EXPECT_EQ(verdict_of(record), AlignmentVerdict::NotJudged);
    record.ended_at.clear();
    EXPECT_EQ(verdict_name(verdict_of(record)), "unfinished");
}

TEST(AlignmentJson, MistakesAreNamed) {
    const std::string good = alignment_json(record_of("u", "2024"));
    const auto complaint = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        const auto record = alignment_from_json(text.replace(at, from.size(), to));
        return record ? std::string("accepted") : record.error().message;
    };
    EXPECT_THAT(complaint("\"NAB\"", "\"XYZ\""),
                HasSubstr("alignment record.key.equalisation: expected \"NAB\", \"IEC1\" or \"AES\", got \"XYZ\""));
    EXPECT_THAT(complaint("\"uuid\"", "\"uid\""), HasSubstr("alignment record.uuid: expected a text"));
    EXPECT_THAT(complaint("\"reading\":0.05", "\"reading\":\"0.05\""),
                HasSubstr("alignment record.steps[0].reading: expected a number or null, got \"0.05\""));
    EXPECT_THAT(complaint("\"channel\":1", "\"channel\":1.5"), HasSubstr("steps[0].channel: expected a whole number"));
    EXPECT_THAT(complaint("\"unit\"", "\"extra\":1,\"unit\""), HasSubstr("unknown key \"extra\""));
    EXPECT_THAT(complaint("\"unit\"", "\"bound\":\"none\",\"unit\""), HasSubstr("bound: expected \"at_least\""));
    EXPECT_THAT(complaint("\"steps\":[", "\"steps\":[3,"), HasSubstr("steps[0]: expected an object"));
    EXPECT_THAT(complaint("{", "["), HasSubstr("expected JSON"));
    EXPECT_THAT(alignment_from_json("[]").error().message, HasSubstr("alignment record: expected an object"));
}

} // namespace
} // namespace overbias::tape
