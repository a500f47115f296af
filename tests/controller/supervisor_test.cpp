// SPDX-License-Identifier: Apache-2.0
// What happens to the deck when something beside it fails: card, audio thread, the way to the deck.
#include "controller/supervisor.hpp"

#include "controller/safety_commands.hpp"
#include "losable_card.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace overbias::controller {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using transport::Motion;

class SupervisorRig : public ::testing::Test {
  protected:
    explicit SupervisorRig(const tape::DeckProfile& profile = rig::simulated_profile()) : profile_(profile) {
        engine_.add_return_tap(96000);
        transport_.on_fault([this](const std::string& what) {
            recording_when_told_ = transport_.state().current == Motion::Recording;
            faults_.push_back(what);
            runner_.machine_fault(what);
        });
        supervisor_ = std::make_unique<Supervisor>(
            Supervisor::Parts{back_ends_.timeline(), transport_, back_ends_, engine_, runner_, profile_},
            [this] { ++changes_; });
        const auto started = supervisor_->start();
        EXPECT_TRUE(started.ok()) << started.error().message;
        tick_ =
            std::make_unique<PeriodicTimer>(back_ends_.timeline(), milliseconds(10), [this] { supervisor_->tick(); });
    }
    ~SupervisorRig() override {
        tick_.reset();
        transport_.stop();
        supervisor_.reset();
    }
    [[nodiscard]] SimulatedTimeline& time() { return back_ends_.simulated_timeline(); }
    bool until(const std::function<bool()>& done, milliseconds most) {
        return time().run_until(done, time().now() + most);
    }
    void record() {
        ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Stopped; }, milliseconds(3000)));
        ASSERT_FALSE(transport_.play().denied());
        ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Playing; }, milliseconds(5000)));
        ASSERT_FALSE(transport_.arm().denied());
        ASSERT_FALSE(transport_.record().denied());
        ASSERT_TRUE(until([&] { return back_ends_.simulated_deck().truth().recording; }, milliseconds(1000)));
        ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Recording; }, milliseconds(1000)));
    }
    /// Until the deck, as it really is, is out of record.
    milliseconds time_to_record_off() {
        const DeckTime begin = time().now();
        EXPECT_TRUE(until([&] { return !back_ends_.simulated_deck().truth().recording; }, milliseconds(5000)));
        return std::chrono::duration_cast<milliseconds>(time().now() - begin);
    }

    tape::DeckProfile profile_;
    rig::LosableBackEnds back_ends_;
    transport::Transport transport_{back_ends_.timeline(), back_ends_.deck(), back_ends_.adjust(), {}};
    audio::BlockEngine engine_{back_ends_.pcm(), back_ends_.engine_config()};
    JobRunner runner_{back_ends_.timeline(),
                      {.make_safe = [this] { transport_.stop(); }, .where = {}, .event = {}, .keep = {}, .ended = {}}};
    std::unique_ptr<Supervisor> supervisor_;
    std::unique_ptr<PeriodicTimer> tick_;
    std::vector<std::string> faults_;
    bool recording_when_told_ = false;
    int changes_ = 0;
};

TEST_F(SupervisorRig, ALostCardTakesTheDeckOutOfRecordBeforeAnybodyHears) {
    record();
    back_ends_.losable_card().unplug();
    EXPECT_LE(time_to_record_off().count(), 250);
    ASSERT_EQ(faults_.size(), 1u);
    EXPECT_THAT(faults_[0], HasSubstr("the sound card (hw:CARD=Test) is gone: record off and stop"));
    EXPECT_FALSE(recording_when_told_) << "the machine has left record before the listener is told";
    EXPECT_TRUE(supervisor_->card_lost());
    EXPECT_EQ(transport_.state().current, Motion::Faulted);
    EXPECT_TRUE(until([&] { return back_ends_.simulated_deck().truth().speed_m_s == 0.0; }, milliseconds(5000)));
}

TEST_F(SupervisorRig, ACardThatComesBackIsOpenedAndNothingResumes) {
    record();
    rig::LosableCard& card = back_ends_.losable_card();
    card.unplug();
    ASSERT_TRUE(until([&] { return card.closed == 1 && card.asked > 3; }, milliseconds(60000)));
    EXPECT_EQ(card.opened, 1) << "not opened while it is not there";
    EXPECT_THAT(supervisor_->record_obstacle(), HasSubstr("is gone"));
    const int told = changes_;
    card.plugged = true;
    ASSERT_TRUE(until([&] { return !supervisor_->card_lost(); }, milliseconds(60000)));
    EXPECT_EQ(card.opened, 2);
    EXPECT_EQ(changes_, told + 1);
    EXPECT_EQ(supervisor_->record_obstacle(), "");
    // turned again, and nothing else happens by itself
    const std::uint64_t turns = supervisor_->turns();
    time().run_for(milliseconds(5000));
    EXPECT_GT(supervisor_->turns(), turns + 400);
    EXPECT_FALSE(engine_.counters().lost.load());
    EXPECT_EQ(transport_.state().current, Motion::Faulted) << "until the operator clears it";
    EXPECT_FALSE(back_ends_.simulated_deck().truth().recording);
    EXPECT_EQ(back_ends_.simulated_deck().truth().speed_m_s, 0.0);
    EXPECT_EQ(faults_.size(), 1u);
    EXPECT_FALSE(transport_.clear_fault().denied());
    EXPECT_EQ(transport_.state().arm, transport::RecordArm::Safe);
}

TEST_F(SupervisorRig, ACardThatDoesNotOpenSaysWhyAndIsTriedAgain) {
    rig::LosableCard& card = back_ends_.losable_card();
    card.unplug();
    card.plugged = true; // back at once, but somebody else has it
    card.open_error = "hw:CARD=Test is busy: pid 4711 holds it";
    ASSERT_TRUE(until([&] { return supervisor_->card_problem() == card.open_error; }, milliseconds(60000)));
    const int tried = card.opened;
    ASSERT_TRUE(until([&] { return card.opened >= tried + 2; }, milliseconds(60000)));
    card.open_error.clear();
    ASSERT_TRUE(until([&] { return !supervisor_->card_lost(); }, milliseconds(60000)));
    EXPECT_EQ(supervisor_->card_problem(), "");
}

TEST_F(SupervisorRig, RecordDoesNotGoOnWithoutTheAudioThread) {
    record();
    EXPECT_TRUE(back_ends_.may_beat());
    back_ends_.audio_hangs = true;
    EXPECT_LE(time_to_record_off().count(), 200 + 150);
    ASSERT_EQ(faults_.size(), 1u);
    EXPECT_THAT(faults_[0], HasSubstr("the audio thread has not turned for 0.2 s"));
}

TEST_F(SupervisorRig, TheHeartbeatNeedsTheAudioThreadOnlyForRecord) {
    ASSERT_TRUE(until([&] { return transport_.state().current == Motion::Stopped; }, milliseconds(3000)));
    back_ends_.audio_hangs = true;
    time().run_for(milliseconds(1000));
    EXPECT_TRUE(back_ends_.may_beat()) << "nothing is armed";
    EXPECT_TRUE(faults_.empty());
    ASSERT_FALSE(transport_.arm().denied());
    time().run_for(milliseconds(250));
    EXPECT_FALSE(faults_.empty());
    EXPECT_EQ(transport_.state().arm, transport::RecordArm::Safe);
}

TEST_F(SupervisorRig, TheHeartbeatStopsWithTheControlTick) {
    time().run_for(milliseconds(500));
    EXPECT_TRUE(back_ends_.may_beat());
    tick_.reset(); // stuck
    time().run_for(milliseconds(150));
    EXPECT_FALSE(back_ends_.may_beat());
}

TEST_F(SupervisorRig, ALostWayToTheDeckIsAFaultThatStays) {
    record();
    back_ends_.deck_gone = "GPIO chip 'expander' was unplugged";
    time().run_for(milliseconds(50));
    ASSERT_EQ(faults_.size(), 1u);
    EXPECT_THAT(faults_[0], HasSubstr("the way to the deck is gone: GPIO chip 'expander' was unplugged"));
    EXPECT_FALSE(back_ends_.may_beat());
    EXPECT_THAT(supervisor_->record_obstacle(), HasSubstr("restart the daemon"));
    EXPECT_THAT(supervisor_->clear_obstacle(), HasSubstr("restart the daemon"));
}

Reply reply_of(CommandRegistry& registry, const char* method, bool local) {
    Reply got;
    Caller caller;
    caller.local = local;
    registry.call(method, nullptr, caller, [&](Reply reply) { got = std::move(reply); });
    return got;
}

TEST(Pair, IsForThisMachineOnly) {
    CommandRegistry registry;
    std::string address = "http://127.0.0.1:8038/#token=abc";
    add_pair_command(registry, [&] { return address; });
    EXPECT_EQ(reply_of(registry, "pair", true).result, R"({"address":"http://127.0.0.1:8038/#token=abc"})");
    const Reply web = reply_of(registry, "pair", false);
    EXPECT_EQ(web.code, ErrorCode::Refused);
    EXPECT_THAT(web.message, Not(HasSubstr("token")));
    address.clear();
    EXPECT_THAT(reply_of(registry, "pair", true).message, HasSubstr("without a panel"));
}

tape::DeckProfile with_means(bool stop_line, bool heartbeat_contact) {
    tape::DeckProfile profile = rig::simulated_profile();
    profile.stop_line = stop_line;
    profile.heartbeat_contact = heartbeat_contact;
    return profile;
}

class NothingStopsIt : public SupervisorRig {
  protected:
    NothingStopsIt() : SupervisorRig(with_means(false, false)) {}
};

TEST_F(NothingStopsIt, NeedsAnAcknowledgementOnceASession) {
    EXPECT_TRUE(supervisor_->needs_acknowledgement());
    EXPECT_THAT(supervisor_->record_obstacle(), HasSubstr("acknowledge_no_hardware_stop"));
    CommandRegistry registry;
    std::vector<std::string> told;
    add_safety_commands(registry, *supervisor_, [&](const std::string& command, const std::string& answer) {
        told.push_back(command + " " + answer);
    });
    EXPECT_THAT(reply_of(registry, "acknowledge_no_hardware_stop", false).result, HasSubstr("\"accepted\""));
    EXPECT_EQ(supervisor_->record_obstacle(), "");
    EXPECT_THAT(reply_of(registry, "acknowledge_no_hardware_stop", false).result, HasSubstr("\"unchanged\""));
    EXPECT_THAT(told, ::testing::ElementsAre("acknowledge_no_hardware_stop accepted",
                                             "acknowledge_no_hardware_stop unchanged"));
}

class OnlyAContact : public SupervisorRig {
  protected:
    OnlyAContact() : SupervisorRig(with_means(false, true)) {}
};

TEST_F(OnlyAContact, OrAStopLineIsEnough) {
    EXPECT_FALSE(supervisor_->needs_acknowledgement());
    EXPECT_EQ(supervisor_->record_obstacle(), "");
}

} // namespace
} // namespace overbias::controller
