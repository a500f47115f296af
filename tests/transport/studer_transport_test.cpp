// SPDX-License-Identifier: Apache-2.0
// The machine on a Studer: with a status query on the deck's tallies; without one on what can be inferred, and it says
// so.
#include "studer_rig.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/transport.hpp"

namespace overbias::transport::test {
namespace {

using testing::HasSubstr;

struct MachineRig : StuderRig {
    explicit MachineRig(const StuderAsciiConfig& given, bool by_tally) : StuderRig(given) {
        start();
        TransportConfig machine;
        machine.proof_by_tally = by_tally;
        machine.edges_per_metre = deck->capabilities().counter_edges_per_metre.value_or(1000.0);
        transport.emplace(timeline, *deck, adjust, machine);
        transport->on_fault([this](const std::string& fault) { faults.push_back(fault); });
        run(2s);
    }
    [[nodiscard]] Motion motion() { return transport->state().current; }
    bool until(const std::function<bool()>& holds, DeckDuration limit = 10s) {
        return timeline.run_until(holds, timeline.now() + limit);
    }

    ManualAdjust adjust;
    std::optional<Transport> transport;
    std::vector<std::string> faults;
};

StuderAsciiConfig without_status() {
    auto config = full_config();
    config.status = {};
    config.senses_motion_itself = true;
    return config;
}

TEST(StuderTransport, WithTalliesPlayRecordPunchOutWindStop) {
    MachineRig rig(full_config(), true);
    EXPECT_FALSE(rig.transport->state().inferred);
    EXPECT_EQ(rig.motion(), Motion::Stopped);
    EXPECT_FALSE(rig.transport->play().denied());
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
    EXPECT_TRUE(rig.tape.state().playing) << "not before the deck does";
    EXPECT_FALSE(rig.transport->arm().denied());
    EXPECT_FALSE(rig.transport->record().denied());
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Recording; }));
    EXPECT_TRUE(rig.tape.recording);
    EXPECT_FALSE(rig.transport->punch_out().denied());
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing && !rig.tape.recording; }));
    rig.run(1s);
    rig.transport->fast_forward();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::FastForwarding; }));
    rig.run(5s);
    EXPECT_GT(rig.tape.speed_m_s, 5.0);
    rig.transport->stop();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    EXPECT_EQ(rig.tape.speed_m_s, 0.0);
    EXPECT_THAT(rig.faults, testing::IsEmpty());
}

TEST(StuderTransport, APunchOutThatTheProfileHasNoMnemonicForStopsTheDeckAndSaysWhy) {
    for (const bool by_tally : {true, false}) {
        auto config = by_tally ? full_config() : without_status();
        config.commands.record_exit.clear();
        MachineRig rig(config, by_tally);
        ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
        rig.transport->play();
        ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
        rig.transport->arm();
        rig.transport->record();
        ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Recording; }));
        ASSERT_TRUE(rig.tape.recording);
        const CommandResult answer = rig.transport->punch_out();
        EXPECT_TRUE(answer.denied());
        EXPECT_THAT(answer.reason, HasSubstr("the deck's profile gives no mnemonic"));
        EXPECT_THAT(answer.reason, HasSubstr("STP"));
        rig.run(100ms);
        EXPECT_FALSE(rig.tape.recording) << "out of record at once, at the cost of stopping";
        EXPECT_TRUE(rig.until([&] { return rig.tape.speed_m_s == 0.0; }));
        ASSERT_FALSE(rig.faults.empty());
        EXPECT_THAT(rig.faults.front(), HasSubstr("record exit"));
        EXPECT_EQ(rig.motion(), Motion::Faulted) << "what it stands on was not wanted";
        rig.run(2s);
        const CommandResult cleared = rig.transport->clear_fault();
        ASSERT_FALSE(cleared.denied()) << cleared.reason;
        EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
        rig.transport->play();
        EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
    }
}

TEST(StuderTransport, WhatTheDeckWouldNotHaveIsToldInItsOwnWords) {
    auto config = full_config();
    config.commands.fast_forward = "FFX";
    MachineRig rig(config, true);
    ASSERT_FALSE(rig.transport->fast_forward().denied()) << "the answer is yet to come";
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Unknown; }));
    const CommandResult answer = rig.transport->play();
    EXPECT_TRUE(answer.denied());
    EXPECT_THAT(answer.reason, HasSubstr("only stop is accepted"));
    EXPECT_THAT(answer.reason, HasSubstr("the deck answered \"FFX\" with \"?\""));
    ASSERT_FALSE(rig.faults.empty());
    EXPECT_THAT(rig.faults.front(), HasSubstr("the deck answered \"FFX\" with \"?\""));
    EXPECT_THAT(rig.deck->refusal(), HasSubstr("FFX"));
    rig.transport->stop();
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    EXPECT_EQ(rig.deck->refusal(), "");
}

TEST(StuderTransport, WithoutAStatusQueryTheStateIsInferred) {
    MachineRig rig(without_status(), false);
    EXPECT_TRUE(rig.transport->state().inferred);
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    rig.transport->play();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
    EXPECT_NEAR(rig.tape.speed_m_s, 0.381, 0.01) << "the deck's timer proved it";
    EXPECT_TRUE(rig.transport->state().inferred);
    const double from_m = rig.transport->state().position_m, tape_from_m = rig.tape.place_m;
    rig.transport->fast_forward();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::FastForwarding; }));
    rig.run(5s);
    rig.transport->stop();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    rig.run(1s);
    EXPECT_NEAR(rig.transport->state().position_m - from_m, rig.tape.place_m - tape_from_m, 0.05);
    rig.transport->rewind();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Rewinding; }));
    rig.run(2s);
    rig.transport->stop();
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    EXPECT_THAT(rig.faults, testing::IsEmpty());
}

TEST(StuderTransport, ADeckThatDidNotStartIsAFault) {
    MachineRig rig(without_status(), false);
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    rig.transport->play();
    ASSERT_TRUE(rig.until([&] { return rig.tape.mode == deck_sim::StuderDeck::Key::Play; }));
    rig.tape.press(deck_sim::StuderDeck::Key::Stop); // and somebody presses STOP at the deck
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Faulted; }));
    rig.run(100ms);
    EXPECT_GE(rig.times("STP\r"), 1U);
}

TEST(StuderTransport, WhatTheProfileDoesNotGiveIsRefused) {
    auto config = without_status();
    config.commands.rewind.clear();
    MachineRig rig(config, false);
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    rig.transport->rewind();
    rig.run(1s);
    EXPECT_NE(rig.motion(), Motion::Rewinding);
    ASSERT_FALSE(rig.faults.empty());
    EXPECT_THAT(rig.faults.front(), HasSubstr("rewind: the deck's profile gives no mnemonic"));
}

TEST(StuderTransport, TheLinkLostWhileRecording) {
    MachineRig rig(full_config(), true);
    rig.transport->play();
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
    rig.transport->arm();
    rig.transport->record();
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Recording; }));
    const DeckTime cut = rig.timeline.now();
    rig.pair.faults(deck_sim::SerialPair::Way::ToDriver).silent = true; // we hear nothing, the deck hears us
    EXPECT_TRUE(rig.until([&] { return rig.motion() == Motion::Unknown; }, 1s));
    EXPECT_LE(seconds(rig.timeline.now() - cut), 0.3);
    EXPECT_THAT(rig.transport->state().link_problem, HasSubstr("does not answer"));
    rig.run(1s);
    EXPECT_FALSE(rig.tape.recording) << "STP went out all the same";
    EXPECT_EQ(rig.tape.speed_m_s, 0.0);
    EXPECT_TRUE(rig.transport->play().denied());
    rig.pair.faults(deck_sim::SerialPair::Way::ToDriver).silent = false;
    EXPECT_TRUE(rig.until([&] { return rig.transport->state().link_problem.empty(); }));
    rig.run(10s);
    EXPECT_EQ(rig.tape.speed_m_s, 0.0) << "nothing resumes by itself";
    EXPECT_FALSE(rig.tape.recording);
}

TEST(StuderTransport, ARecordTheDeckDoesNotKnowIsNotTakenForRecording) {
    auto config = without_status(); // no tally would ever contradict
    config.commands.record = "RCD";
    MachineRig rig(config, false);
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Stopped; }));
    rig.transport->play();
    ASSERT_TRUE(rig.until([&] { return rig.motion() == Motion::Playing; }));
    rig.transport->arm();
    rig.transport->record();
    rig.run(2s);
    EXPECT_NE(rig.motion(), Motion::Recording);
    EXPECT_NE(rig.motion(), Motion::Playing);
}

} // namespace
} // namespace overbias::transport::test
