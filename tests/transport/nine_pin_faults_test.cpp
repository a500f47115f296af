// SPDX-License-Identifier: Apache-2.0
// SonyNinePin when the line or the deck's talk goes wrong.
#include "nine_pin_rig.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::transport {
namespace {

using namespace std::chrono_literals;
using namespace test;
using testing::HasSubstr;
using Way = deck_sim::SerialPair::Way;

struct Fault {
    const char* name;
    std::function<void(NinePinRig&, bool)> set;
    const char* words;    ///< of link().problem
    bool deck_hears_stop; ///< while it lasts
};

std::vector<Fault> faults() {
    return {
        {"a deck that says nothing", [](NinePinRig& rig, bool on) { rig.line.face.trouble().mute = on; },
         "nothing came", true},
        {"a cut pair to the driver", [](NinePinRig& rig, bool on) { rig.line.pair.faults(Way::ToDriver).silent = on; },
         "nothing came", true},
        {"a cut pair to the deck", [](NinePinRig& rig, bool on) { rig.line.pair.faults(Way::ToDevice).silent = on; },
         "nothing came", false},
        {"half answers", [](NinePinRig& rig, bool on) { rig.line.face.trouble().half_answers = on; }, "break off",
         true},
        {"half questions",
         [](NinePinRig& rig, bool on) {
             rig.line.pair.faults(Way::ToDevice).cut_after = on ? std::optional<std::size_t>(2) : std::nullopt;
         },
         "", false},
        {"a flood of FF", [](NinePinRig& rig, bool on) { rig.line.pair.flood(on); }, "FF FF FF", true},
        {"an echo and a mute deck",
         [](NinePinRig& rig, bool on) {
             rig.line.pair.echo(on);
             rig.line.face.trouble().mute = on;
         },
         "we hear what we send", true},
        {"wrong parity at the driver",
         [](NinePinRig& rig, bool on) { rig.line.pair.faults(Way::ToDriver).wrong_parity = on; }, "odd parity", true},
        {"wrong parity at the deck",
         [](NinePinRig& rig, bool on) { rig.line.pair.faults(Way::ToDevice).wrong_parity = on; }, "parity error",
         false},
        {"wrong checksums", [](NinePinRig& rig, bool on) { rig.line.face.trouble().wrong_checksum = on; },
         "wrong checksum", true},
    };
}

TEST(NinePinFaultsTest, EveryFaultIsALostLinkWithin300Milliseconds) {
    for (const Fault& fault : faults()) {
        SCOPED_TRACE(fault.name);
        for (int offset_ms = 0; offset_ms < 40; offset_ms += 3) { // wherever in the frame it begins
            NinePinRig rig;
            rig.run(1.0 + 0.001 * offset_ms);
            ASSERT_TRUE(rig.up());
            ASSERT_TRUE(rig.driver->press(Key::Play));
            rig.run(0.2);
            const int changes = rig.changes;
            fault.set(rig, true);
            const auto took = rig.until_link(false, 1.0);
            ASSERT_TRUE(took.has_value()) << "the link never went down";
            EXPECT_LE(*took, 0.300);
            EXPECT_GT(rig.changes, changes) << "and whoever listens is told";
            EXPECT_EQ(rig.driver->tallies(), Tallies{});
            EXPECT_THAT(rig.driver->link().problem, HasSubstr(fault.words));
            EXPECT_THAT(rig.driver->link().problem, HasSubstr("/dev/deck"));
            const auto refused = rig.driver->press(Key::Rewind);
            ASSERT_FALSE(refused);
            EXPECT_THAT(refused.error().message, HasSubstr("REWIND was not sent"));
            rig.run(1.0);
            EXPECT_FALSE(rig.up());

            fault.set(rig, false);
            const auto back = rig.until_link(true, 1.0);
            ASSERT_TRUE(back.has_value());
            EXPECT_LE(*back, 0.150);
            EXPECT_EQ(rig.driver->tallies().play, true) << "what the deck says now";
            EXPECT_EQ(rig.deck.pressed, "P") << "nothing is made up for";
            EXPECT_EQ(rig.driver->tach().lost, 1U) << "where the tape went meanwhile is doubtful";
            rig.run(0.2);
            EXPECT_EQ(rig.detail("device type"), "20 25") << "asked anew: it may be another deck";
        }
    }
}

TEST(NinePinFaultsTest, StopGetsThroughWhateverIsWrong) {
    for (const Fault& fault : faults()) {
        SCOPED_TRACE(fault.name);
        NinePinRig rig;
        rig.run(1.0);
        ASSERT_TRUE(rig.driver->press(Key::Record));
        rig.run(0.2);
        ASSERT_TRUE(rig.deck.now.recording);
        fault.set(rig, true);
        rig.driver->make_safe();
        EXPECT_GT(rig.driver->busy_until(), rig.timeline.now());
        rig.run(2.0);
        EXPECT_EQ(rig.deck.now.recording, !fault.deck_hears_stop);
        EXPECT_LE(rig.driver->busy_until(), rig.timeline.now()) << "nobody is kept waiting for ever";
        const int said = rig.times(kStopBytes);
        EXPECT_GE(said, 10) << "it is said on";
        fault.set(rig, false);
        rig.run(0.5);
        EXPECT_FALSE(rig.deck.now.recording);
        EXPECT_EQ(rig.driver->tallies().stop, true);
        const int stops = rig.times(kStopBytes);
        rig.run(5.0);
        EXPECT_EQ(rig.times(kStopBytes), stops) << "and then no more";
    }
}

TEST(NinePinFaultsTest, OneGarbledByteCostsOneQuestion) {
    NinePinRig rig;
    rig.run(1.0);
    rig.driver->make_safe();
    rig.line.pair.noise(Way::ToDevice, 0x55); // into the STOP
    rig.run(0.2);
    EXPECT_EQ(rig.deck.pressed.substr(0, 1), "S");
    EXPECT_TRUE(rig.up());
    for (int i = 0; i < 200; ++i) { // here and there into both ways
        rig.line.pair.noise(i % 2 == 0 ? Way::ToDriver : Way::ToDevice, static_cast<std::uint8_t>(i * 37));
        rig.run(0.137 + 0.0003 * i);
        ASSERT_TRUE(rig.up()) << i << ": " << rig.driver->link().problem;
    }
    EXPECT_EQ(rig.driver->tach().lost, 0U);
    EXPECT_NE(rig.detail("line"), "") << "but it is counted";
}

TEST(NinePinFaultsTest, AnEchoBesideTheAnswersDoesNoHarm) {
    NinePinRig rig;
    rig.line.pair.echo(true);
    rig.run(1.0);
    EXPECT_TRUE(rig.up());
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(0.2);
    EXPECT_EQ(rig.driver->tallies().play, true);
    EXPECT_EQ(rig.deck.pressed, "P");
}

TEST(NinePinFaultsTest, ARefusedKeyIsToldWithEveryBitInWords) {
    constexpr std::array kWords{"undefined command", "software overrun", "checksum", "bit 3", "parity",
                                "overrun",           "framing",          "timeout"};
    for (unsigned bit = 0; bit < 8; ++bit) {
        SCOPED_TRACE(bit);
        NinePinRig rig;
        rig.run(1.0);
        rig.line.face.trouble().refuses_keys = static_cast<std::uint8_t>(1U << bit);
        const int changes = rig.changes;
        ASSERT_TRUE(rig.driver->press(Key::Play));
        rig.run(0.5);
        EXPECT_THAT(rig.detail("last refusal"), HasSubstr("PLAY (20 01 21) refused: "));
        EXPECT_THAT(rig.detail("last refusal"), HasSubstr(kWords.at(bit)));
        EXPECT_GT(rig.changes, changes);
        EXPECT_TRUE(rig.up()) << "the deck lives and tells";
        const bool line_error = bit == 2 || bit >= 4;
        EXPECT_EQ(rig.times(kPlayBytes), line_error ? 3 : 1) << "said again only where the line was to blame";
        for (std::size_t i = 0; i + 1 < rig.asked.size(); ++i) { // >= 10 ms of rest after a refusal
            const auto answer = std::find_if(rig.heard.begin(), rig.heard.end(),
                                             [&](const auto& frame) { return frame.at > rig.asked[i].at; });
            if (answer != rig.heard.end() && answer->bytes[1] == 0x12) {
                EXPECT_GE(rig.asked[i + 1].at - answer->at, 10ms);
            }
        }
        rig.line.face.trouble().refuses_keys.reset();
        rig.run(1.0);
        EXPECT_EQ(rig.deck.pressed, "") << "given up is given up";
    }
}

TEST(NinePinFaultsTest, ARefusedStopIsSaidUntilItIsTaken) {
    for (const std::uint8_t bits : Bytes{0x01, 0x04, 0x10}) {
        NinePinRig rig;
        rig.run(1.0);
        ASSERT_TRUE(rig.driver->press(Key::Record));
        rig.run(0.2);
        rig.line.face.trouble().refuses_keys = bits;
        ASSERT_TRUE(rig.driver->press(Key::Stop));
        rig.run(3.0);
        EXPECT_GE(rig.times(kStopBytes), 10);
        EXPECT_THAT(rig.detail("last refusal"), HasSubstr("STOP: "));
        EXPECT_EQ(rig.driver->tallies().record, true);
        EXPECT_GE(rig.times(kStatusBytes, rig.timeline.now() - 1s), 15) << "the status is asked for beside it";
        rig.line.face.trouble().refuses_keys.reset();
        rig.run(0.3);
        EXPECT_FALSE(rig.deck.now.recording);
    }
}

TEST(NinePinFaultsTest, ADeckThatRefusesItsStatusIsNoDeck) {
    NinePinRig rig;
    rig.run(1.0);
    rig.line.face.trouble().refuses = 0x40;
    const auto took = rig.until_link(false, 1.0);
    ASSERT_TRUE(took.has_value());
    EXPECT_LE(*took, 0.300);
    EXPECT_THAT(rig.driver->link().problem, HasSubstr("framing error"));
}

TEST(NinePinFaultsTest, TheAnswerMayTakeNineMillisecondsAndWhatTheHostAdds) {
    auto settings = NinePinRig::quick();
    settings.answer_after = 9ms - 300us; // the first byte takes its own time besides
    NinePinConfig config = NinePinRig::able();
    config.host_latency_s = 0.0;
    NinePinRig prompt(config, settings);
    prompt.run(1.0);
    EXPECT_TRUE(prompt.up());
    EXPECT_EQ(prompt.detail("line"), "");

    settings.answer_after = 15ms;
    NinePinRig late(config, settings);
    late.run(1.0);
    EXPECT_FALSE(late.up()) << "15 ms are too late";
    config.host_latency_s = 0.010;
    NinePinRig allowed(config, settings);
    allowed.run(1.0);
    EXPECT_TRUE(allowed.up()) << "unless the host is known to add some";
    EXPECT_THAT(allowed.detail("slowest answer"), HasSubstr("ms"));
}

TEST(NinePinFaultsTest, APulledAdapterIsALostLinkAtOnce) {
    NinePinRig rig;
    rig.run(1.0);
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.run(0.2);
    ASSERT_TRUE(rig.driver->press(Key::Rewind)); // still in the queue
    rig.line.pair.unplug();
    EXPECT_FALSE(rig.up());
    EXPECT_EQ(rig.driver->tallies(), Tallies{});
    EXPECT_THAT(rig.driver->link().problem, HasSubstr("end of file"));
    rig.driver->make_safe();
    rig.run(3.0);
    rig.line.pair.plug_in();
    ASSERT_TRUE(rig.until_link(true, 6.0));
    rig.run(0.3);
    EXPECT_EQ(rig.deck.pressed, "PS") << "STOP was wanted all the while; REWIND died with the line";
    EXPECT_EQ(rig.driver->tallies().stop, true);
}

TEST(NinePinFaultsTest, AKeyDiesWithTheLine) {
    NinePinRig rig;
    rig.run(1.0);
    ASSERT_TRUE(rig.until_asking(kStatusBytes));
    ASSERT_TRUE(rig.driver->press(Key::Play)); // waits for its turn
    rig.line.pair.unplug_for(500ms);
    EXPECT_FALSE(rig.up());
    ASSERT_TRUE(rig.until_link(true, 3.0));
    rig.run(0.5);
    EXPECT_EQ(rig.deck.pressed, "");
    EXPECT_EQ(rig.driver->tallies().stop, true);
}

TEST(NinePinFaultsTest, EndingItInTheMiddleLeavesNothingBehind) {
    NinePinRig rig;
    rig.run(1.0);
    ASSERT_TRUE(rig.driver->press(Key::Play));
    rig.driver.reset();
    rig.run(1.0);
    EXPECT_TRUE(rig.deck.pressed.empty() || rig.deck.pressed == "P");
}

} // namespace
} // namespace overbias::transport
