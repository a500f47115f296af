// SPDX-License-Identifier: Apache-2.0
// Set-up values and what they belong to, fed with readings by hand.
#include "controller/bias/bias_json.hpp"
#include "controller/bias/bias_off_tape.hpp"
#include "controller/bias/bias_watch.hpp"
#include "tape/alignment_json.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::controller {
namespace {

using calibration::BiasQuantity;
using calibration::BiasState;
using testing::HasSubstr;
using testing::IsEmpty;

const BiasKey kKey{.deck_uuid = "deck", .head_block_uuid = "heads", .speed_ips = 15.0, .equalisation = "IEC1"};

tape::Figure own(double value) {
    return {.value = value, .source = "house rule"};
}

std::vector<tape::BiasSource> sources() {
    tape::BiasSource adc;
    adc.kind = tape::BiasSourceKind::Adc;
    adc.track = 1;
    adc.device = "ads1115";
    adc.level_db = {.warn = own(0.2), .fail = own(0.5)};
    tape::BiasSource tape;
    tape.kind = tape::BiasSourceKind::Tape;
    tape.track = 2;
    tape.noise_db = {.warn = own(1.0), .fail = own(3.0)};
    return {adc, tape};
}

class Watch : public testing::Test {
  protected:
    BiasWatch::Hooks hooks() {
        return {.utc_now = [] { return std::string("2024-05-03T10:20:00.000Z"); },
                .concern = [this](const BiasConcern& one) { said.push_back(one); },
                .set_up =
                    [this](const std::vector<BiasTaken>& taken, const std::string& by) {
                        stored_by = by;
                        stored = taken.size();
                    }};
    }
    /// Readings twice a second.
    void read(double from_s, double to_s, double volts) {
        for (double at_s = from_s; at_s <= to_s; at_s += 0.5) {
            watch.reading(at_s, 0, BiasQuantity::Level, volts);
        }
    }
    std::vector<BiasConcern> said;
    std::string stored_by;
    std::size_t stored = 0;
    BiasWatch watch{sources(), kKey, {}, hooks()};
};

TEST_F(Watch, AnAlignmentStoresWhatWasReadAfterItsBiasStoodAndNothingBefore) {
    watch.recording(10.0, true);
    read(10.5, 19.5, 1.0);
    watch.bias_was_set(20.0);
    read(20.0, 20.5, 1.0); // begun before the screw stood
    read(21.0, 23.0, 2.0);
    watch.alignment_ended(true);
    EXPECT_EQ(stored_by, "alignment");
    EXPECT_DOUBLE_EQ(watch.monitor().figures().front().set_up.value(), 2.0);
    // set again: only the last time counts, and what failed counts nothing
    watch.bias_was_set(30.0);
    read(31.0, 33.0, 4.0);
    watch.bias_was_set(34.0);
    read(35.0, 36.0, 3.0);
    watch.alignment_ended(true);
    EXPECT_DOUBLE_EQ(watch.monitor().figures().front().set_up.value(), 3.0);
    watch.bias_was_set(40.0);
    read(41.0, 44.0, 9.0);
    watch.alignment_ended(false);
    EXPECT_DOUBLE_EQ(watch.monitor().figures().front().set_up.value(), 3.0);
}

TEST_F(Watch, ATrackThatIsNotThereAndOneThatIsNotReadAreNamed) {
    watch.recording(10.0, true);
    EXPECT_THAT(watch.set_up(7).error().message, HasSubstr("nothing watches the bias of track 7"));
    watch.problem(0, "converter \"ads1115\" is not there");
    EXPECT_THAT(watch.set_up(1).error().message, HasSubstr("converter \"ads1115\" is not there"));
    EXPECT_THAT(watch.why(), HasSubstr("converter \"ads1115\" is not there"));
    EXPECT_TRUE(watch.problem(0, "")); // news
    EXPECT_FALSE(watch.problem(0, ""));
    EXPECT_THAT(watch.why(), HasSubstr("no set-up value"));
}

TEST_F(Watch, FiguresOffTapeAreJudgedWhenTheyCome) {
    watch.off_tape(5.0, 2, BiasQuantity::Noise, -60.0);
    watch.off_tape(5.0, 1, BiasQuantity::Noise, -50.0); // nobody watches that
    watch.recording(10.0, true);
    read(12.5, 19.0, 1.0);
    ASSERT_TRUE(watch.set_up(std::nullopt).ok());
    EXPECT_EQ(stored, 2U);
    watch.recording(20.0, false);
    watch.off_tape(100.0, 2, BiasQuantity::Noise, -58.5);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_EQ(said[0].figure.quantity, BiasQuantity::Noise);
    EXPECT_EQ(said[0].figure.track, 2);
    EXPECT_EQ(said[0].figure.state, BiasState::Warn);
    EXPECT_EQ(watch.concerns().size(), 1U);
    watch.recording(200.0, true);
    EXPECT_THAT(watch.concerns(), IsEmpty()); // of the recording before
}

TEST_F(Watch, WhatWasMeasuredOffTapeBecomesSetUpOnADeckThatStands) {
    EXPECT_THAT(watch.set_up(2).error().message, HasSubstr("of track 2 (off tape): not measured yet"));
    watch.off_tape(5.0, 2, BiasQuantity::Noise, -60.0);
    EXPECT_THAT(watch.set_up(1).error().message, HasSubstr("the deck does not record"));
    ASSERT_TRUE(watch.set_up(std::nullopt).ok());
    EXPECT_EQ(stored, 1U);
    // by an alignment, and before it is judged: what was measured is how it shall be
    watch.bias_was_set(20.0);
    watch.aligned_off_tape(2, BiasQuantity::Noise, -55.0);
    watch.aligned_off_tape(1, BiasQuantity::Noise, -40.0); // nobody watches that
    watch.alignment_ended(true);
    watch.off_tape(21.0, 2, BiasQuantity::Noise, -55.0);
    EXPECT_EQ(stored_by, "alignment");
    EXPECT_EQ(stored, 1U);
    EXPECT_THAT(said, IsEmpty());
    watch.aligned_off_tape(2, BiasQuantity::Noise, -10.0);
    watch.alignment_ended(false);
    EXPECT_DOUBLE_EQ(watch.monitor().figures().back().set_up.value(), -55.0);
}

TEST_F(Watch, APrintCanBeStoppedOnlyByWhatIsHeardWhileItRuns) {
    EXPECT_THAT(watch.cannot_fail(), HasSubstr("bias level of track 1"));
    watch.off_tape(5.0, 2, BiasQuantity::Noise, -60.0);
    ASSERT_TRUE(watch.set_up(2).ok());
    EXPECT_THAT(watch.cannot_fail(), HasSubstr("bias level of track 1")); // noise is known when it is over
    watch.recording(10.0, true);
    read(12.5, 19.0, 1.0);
    ASSERT_TRUE(watch.set_up(1).ok());
    EXPECT_EQ(watch.cannot_fail(), "");
    watch.problem(0, "converter \"ads1115\" is not there");
    EXPECT_THAT(watch.cannot_fail(), HasSubstr("is not there"));
    // one track of two that is not guarded is said
    tape::BiasSource second = sources().front();
    second.track = 2;
    BiasWatch both({sources().front(), second}, kKey, watch.set_ups(), hooks());
    EXPECT_THAT(both.cannot_fail(), HasSubstr("bias level of track 2"));
    BiasWatch tape({sources().back()}, kKey, {}, hooks());
    tape.off_tape(5.0, 2, BiasQuantity::Noise, -60.0);
    ASSERT_TRUE(tape.set_up(2).ok());
    EXPECT_THAT(tape.cannot_fail(), HasSubstr("all of kind \"tape\""));
}

TEST_F(Watch, WhatAnAlignmentTurnsIsNoConcern) {
    watch.recording(10.0, true);
    read(12.5, 19.0, 1.0);
    ASSERT_TRUE(watch.set_up(1).ok());
    watch.aligning(20.0, true);
    EXPECT_EQ(watch.state(), BiasState::NotJudged);
    read(20.5, 40.0, 0.5);
    EXPECT_THAT(said, IsEmpty());
    watch.aligning(40.0, false);
    read(40.5, 50.0, 0.5);
    EXPECT_EQ(said.size(), 1U);
}

TEST_F(Watch, ReportsSayWhatTheBiasDidOnTape) {
    JobEnd print;
    print.name = "print";
    print.report = R"({"verdict": "pass", "noise_dbfs": [-63.5, null]})";
    ASSERT_EQ(bias_off_tape(print).size(), 1U);
    EXPECT_EQ(bias_off_tape(print)[0].track, 1);
    EXPECT_EQ(bias_off_tape(print)[0].quantity, BiasQuantity::Noise);
    EXPECT_DOUBLE_EQ(bias_off_tape(print)[0].value, -63.5);
    tape::AlignmentRecord record;
    record.uuid = "00000000-0000-4000-8000-000000000001";
    record.key.speed_ips = 15.0;
    record.procedure = "proof";
    tape::AlignmentStep high;
    high.id = "record.high";
    high.channel = 2;
    high.reading = -0.4;
    high.unit = "dB";
    tape::AlignmentStep third = high;
    third.id = "proof.h3";
    third.reading = -40.0;
    record.steps = {high, third};
    JobEnd align;
    align.name = "align";
    align.report = tape::alignment_json(record);
    const auto all = bias_off_tape(align);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].quantity, BiasQuantity::HighFrequency);
    EXPECT_DOUBLE_EQ(all[0].value, -0.4);
    EXPECT_EQ(all[1].quantity, BiasQuantity::ThirdHarmonic);
    EXPECT_NEAR(all[1].value, 1.0, 1e-9); // -40 dB is 1 %
    EXPECT_THAT(bias_off_tape({}), IsEmpty());
}

TEST(BiasSetUps, BelongToDeckHeadsSpeedEqualisationAndSource) {
    BiasSetUps set_ups;
    set_ups.put({.key = kKey, .source = "s", .quantity = BiasQuantity::Level, .value = 1.0, .at_utc = {}, .by = {}});
    set_ups.put({.key = kKey, .source = "s", .quantity = BiasQuantity::Level, .value = 2.0, .at_utc = {}, .by = {}});
    ASSERT_NE(set_ups.find(kKey, "s", BiasQuantity::Level), nullptr);
    EXPECT_EQ(set_ups.find(kKey, "s", BiasQuantity::Level)->value, 2.0);
    EXPECT_EQ(set_ups.all().size(), 1U);
    EXPECT_EQ(set_ups.find(kKey, "t", BiasQuantity::Level), nullptr);
    EXPECT_EQ(set_ups.find(kKey, "s", BiasQuantity::Frequency), nullptr);
    for (int which = 0; which < 4; ++which) {
        BiasKey other = kKey;
        (which == 0   ? other.deck_uuid
         : which == 1 ? other.head_block_uuid
         : which == 2 ? other.equalisation
                      : other.deck_uuid) += "x";
        if (which == 3) {
            other = kKey;
            other.speed_ips = 30.0;
        }
        EXPECT_EQ(set_ups.find(other, "s", BiasQuantity::Level), nullptr) << which;
    }
    // another scale is another figure
    tape::BiasSource scaled = sources().front();
    scaled.volts_per_unit = own(20.0);
    EXPECT_NE(bias_source_identity(scaled), bias_source_identity(sources().front()));
}

TEST(BiasSetUps, AFileThatCannotBeReadIsNamed) {
    std::string name = (std::filesystem::temp_directory_path() / "overbias-set-ups-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    const std::filesystem::path folder = name;
    EXPECT_TRUE(load_bias_set_ups(folder)->all().empty());
    BiasSetUps set_ups;
    set_ups.put({.key = kKey,
                 .source = "s",
                 .quantity = BiasQuantity::ThirdHarmonic,
                 .value = 0.123456789,
                 .at_utc = "2024-05-03T10:20:00.000Z",
                 .by = "operator"});
    ASSERT_TRUE(store_bias_set_ups(folder, set_ups));
    const auto again = load_bias_set_ups(folder);
    ASSERT_TRUE(again.ok());
    ASSERT_NE(again->find(kKey, "s", BiasQuantity::ThirdHarmonic), nullptr);
    EXPECT_DOUBLE_EQ(again->find(kKey, "s", BiasQuantity::ThirdHarmonic)->value, 0.123456789);
    std::filesystem::resize_file(folder / "bias-set-up.json", 40);
    EXPECT_THAT(load_bias_set_ups(folder).error().message, HasSubstr("bias-set-up.json"));
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace overbias::controller
