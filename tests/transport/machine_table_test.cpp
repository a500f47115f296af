// SPDX-License-Identifier: Apache-2.0
// Every state x every event against tables written by hand from the rules, not from the code.
#include "machine_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::transport {

using namespace test;

namespace {

// States by letter: U Unknown, S Stopped, A stArting, P Playing, R Recording, F FastForwarding, W reWinding, H
// sHuttling, E Editing, L Locating, B Braking, T TapeOut, X Faulted. Answers: a accepted, u unchanged, f deferred, d
// denied. Each cell: where it goes from there, and how it answers.
constexpr std::string_view kStateLetters = "USAPRFWHELBTX";
constexpr std::string_view kAnswerLetters = "aufd";

// In fair weather: the tape still and settled, play proven, record armed, position known, tape in, no record tally, the
// deck offers everything, nothing deferred, link up, no fault standing, lifters normal.
constexpr const char* kFair = R"(
                  U  S  A  P  R  F  W  H  E  L  B  T  X
Stop              Ba Su Ba Ba Ba Ba Ba Ba Ba Ba Ba Ta Xa
Play              Ud Aa Au Pu Rd Bf Bf Bf Ed Bf Bf Td Xd
Record            Ud Af Af Ra Ru Fd Wd Hd Ed Ld Bf Td Xd
PunchOut          Ud Su Au Pu Pa Fu Wu Hu Eu Lu Bu Tu Xu
FastForward       Ud Fa Fa Fa Bf Fu Bf Fa Ed Bf Bf Td Xd
Rewind            Ud Wa Wa Wa Bf Bf Wu Wa Ed Bf Bf Td Xd
LibraryForward    Ud Fa Fa Fa Bf Fa Bf Fa Ed Bf Bf Td Xd
LibraryReverse    Ud Wa Wa Wa Bf Bf Wa Wa Ed Bf Bf Td Xd
Shuttle           Ud Ha Ha Ha Bf Ha Ha Ha Ed Ha Bf Td Xd
Edit              Ud Ea Ad Pd Rd Fd Wd Hd Eu Ld Bd Td Xd
Locate            Ud La La La La La La La Ed La La Td Xd
ClearFault        Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Sa
Arm               Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Td Xd
Disarm            Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
DefeatLifters     Ud Sa Au Pu Ru Fa Wa Ha Ea Ld Bd Td Xd
RestoreLifters    Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
ThreadOn          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Ta Xd
ThreadOff         Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ta Xu
SelectSpeed       Ud Sa Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
SetReady          Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xd
)";

// What the deck and the tape do, and what no motion hinders: the same in fair weather and a moment after record.
constexpr const char* kUnhindered = R"(
ZeroCounter       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
PresetCounter     Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CorrectPosition   Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectRepro       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectSource      Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xa
TapeStill         Sa Su Au Pu Ru Fu Wu Hu Eu Lu Sa Tu Xu
Settled           Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayProven        Uu Su Pa Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayTallyLost     Uu Su Au Ba Ba Fu Wu Hu Eu Lu Bu Tu Xu
RecordTallyLost   Uu Su Au Pu Ba Fu Wu Hu Eu Lu Bu Tu Xu
UnaskedRecord     Xa Xa Xa Xa Ru Xa Xa Xa Xa Xa Xa Xa Xa
UnaskedPlay       Uu Pa Au Pu Ru Pa Pa Pa Pa Pa Pa Tu Xu
UnaskedForward    Uu Fa Fa Fa Ba Fu Fa Fa Fa Fa Fa Tu Xu
UnaskedRewind     Uu Wa Wa Wa Ba Wa Wu Wa Wa Wa Wa Tu Xu
MotionLost        Uu Su Au Xa Xa Xa Xa Xa Eu Xa Bu Tu Xu
TapeOut           Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Xa
TapeIn            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ba Xu
EdgesLost         Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CueTooFast        Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
LinkLost          Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua
LinkBack          Ua Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
StartTimeout      Uu Su Xa Pu Ru Xa Xa Xa Eu Xa Bu Tu Xu
StillTimeout      Uu Sa Au Pu Ru Fu Wu Hu Eu Xa Xa Tu Xu
RecordTimeout     Uu Su Au Pu Xa Fu Wu Hu Eu Lu Bu Tu Xu
LocateArrived     Uu Su Au Pu Ru Fu Wu Hu Eu Sa Bu Tu Xu
LocateFailed      Uu Su Au Pu Ru Fu Wu Hu Eu Xa Bu Tu Xu
DeckError         Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa
)";

// In foul weather: the tape runs forward above the cue limit, play not proven, record not armed, position doubtful, a
// fault stands, lifters defeated (which no state but the slow ones can be; the answer must be right all the same). What
// is the same as in fair weather is here again, so that nothing is left out.
constexpr const char* kFoul = R"(
                  U  S  A  P  R  F  W  H  E  L  B  T  X
Stop              Ua Su Ba Ba Ba Ba Ba Ba Ba Ba Ba Ta Xa
Play              Ud Sf Au Pu Rd Bf Bf Bf Ed Bf Bf Td Xd
Record            Ud Sd Ad Pd Ru Fd Wd Hd Ed Ld Bd Td Xd
PunchOut          Ud Su Au Pu Ba Fu Wu Hu Eu Lu Bu Tu Xu
FastForward       Ud Fa Fa Fa Bf Fu Bf Fa Ed Bf Bf Td Xd
Rewind            Ud Bf Wa Wa Bf Bf Bf Bf Ed Bf Bf Td Xd
LibraryForward    Ud Fa Fa Fa Bf Fa Bf Fa Ed Bf Bf Td Xd
LibraryReverse    Ud Bf Wa Wa Bf Bf Bf Bf Ed Bf Bf Td Xd
Shuttle           Ud Ha Ha Ha Bf Ha Ha Ha Ed Ha Bf Td Xd
Edit              Ud Sd Ad Pd Rd Fd Wd Hd Eu Ld Bd Td Xd
Locate            Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
ClearFault        Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xd
Arm               Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Td Xd
Disarm            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
DefeatLifters     Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Td Xd
RestoreLifters    Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
ThreadOn          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Ta Xd
ThreadOff         Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ta Xu
SelectSpeed       Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
SetReady          Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xd
ZeroCounter       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
PresetCounter     Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CorrectPosition   Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectRepro       Ud Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
SelectSource      Ud Sa Aa Pa Rd Fa Wa Ha Ea La Ba Ta Xa
TapeStill         Xa Su Au Pu Ru Fu Wu Hu Eu Lu Sa Tu Xu
Settled           Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayProven        Uu Su Pa Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
PlayTallyLost     Uu Su Au Ba Ba Fu Wu Hu Eu Lu Bu Tu Xu
RecordTallyLost   Uu Su Au Pu Ba Fu Wu Hu Eu Lu Bu Tu Xu
UnaskedRecord     Xa Xa Xa Xa Ru Xa Xa Xa Xa Xa Xa Xa Xa
UnaskedPlay       Uu Pa Au Pu Ru Pa Pa Pa Pa Pa Pa Tu Xu
UnaskedForward    Uu Fa Fa Fa Ba Fu Fa Fa Fa Fa Fa Tu Xu
UnaskedRewind     Uu Wa Wa Wa Ba Wa Wu Wa Wa Wa Wa Tu Xu
MotionLost        Uu Su Au Xa Xa Xa Xa Xa Eu Xa Bu Tu Xu
TapeOut           Ua Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Ta Xa
TapeIn            Uu Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ba Xu
EdgesLost         Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
CueTooFast        Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
LinkLost          Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua Ua
LinkBack          Ua Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
StartTimeout      Uu Su Xa Pu Ru Xa Xa Xa Eu Xa Bu Tu Xu
StillTimeout      Uu Sa Au Pu Ru Fu Wu Hu Eu Xa Xa Tu Xu
RecordTimeout     Uu Su Au Pu Xa Fu Wu Hu Eu Lu Bu Tu Xu
LocateArrived     Uu Su Au Pu Ru Fu Wu Hu Eu Sa Bu Tu Xu
LocateFailed      Uu Su Au Pu Ru Fu Wu Hu Eu Xa Bu Tu Xu
DeckError         Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa Xa
)";

// A moment after record was left: the deck may still be in it, the tape runs at play speed, record armed again; all
// else fair. Nothing but play may follow without STOP first, nothing that record forbids is done yet.
constexpr const char* kAfterRecord = R"(
                  U  S  A  P  R  F  W  H  E  L  B  T  X
Stop              Ba Su Ba Ba Ba Ba Ba Ba Ba Ba Ba Ta Xa
Play              Ud Sf Au Pu Rd Bf Bf Bf Ed Bf Bf Td Xd
Record            Ud Sf Af Ra Ru Fd Wd Hd Ed Ld Bf Td Xd
PunchOut          Ud Su Au Pu Pa Fu Wu Hu Eu Lu Bu Tu Xu
FastForward       Ud Bf Bf Bf Bf Bf Bf Bf Ed Bf Bf Td Xd
Rewind            Ud Bf Bf Bf Bf Bf Bf Bf Ed Bf Bf Td Xd
LibraryForward    Ud Bf Bf Bf Bf Bf Bf Bf Ed Bf Bf Td Xd
LibraryReverse    Ud Bf Bf Bf Bf Bf Bf Bf Ed Bf Bf Td Xd
Shuttle           Ud Bf Bf Bf Bf Bf Bf Bf Ed Bf Bf Td Xd
Edit              Ud Sd Ad Pd Rd Fd Wd Hd Eu Ld Bd Td Xd
Locate            Ud La La La La La La La Ed La La Td Xd
ClearFault        Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xd
Arm               Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Td Xd
Disarm            Ua Sa Aa Pa Ra Fa Wa Ha Ea La Ba Ta Xa
DefeatLifters     Ud Sa Au Pu Ru Fa Wa Ha Ea Ld Bd Td Xd
RestoreLifters    Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Tu Xu
ThreadOn          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Ta Xd
ThreadOff         Ud Su Au Pu Ru Fu Wu Hu Eu Lu Bu Ta Xu
SelectSpeed       Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
SetReady          Ud Sd Ad Pd Rd Fd Wd Hd Ed Ld Bd Td Xd
)";

Guards all_ill() {
    Guards guards;
    guards.moves_forward = guards.above_cue_limit = guards.shuttle_above_limit = true;
    guards.fault_stands = true;
    return guards;
}

Guards just_left_record() {
    Guards guards;
    guards.may_record = guards.play_proven = guards.moves_forward = true;
    return guards;
}

/// Compares handle() with tables of text, cell by cell. Heads stand in the first of them.
void expect_table(const std::string& table, const MachineStates& as, const Guards& guards) {
    std::istringstream lines(table);
    std::string line;
    std::getline(lines, line); // empty
    std::getline(lines, line); // heads
    std::string heads = line;
    heads.erase(std::remove(heads.begin(), heads.end(), ' '), heads.end());
    ASSERT_EQ(heads, kStateLetters);
    std::vector<int> seen(kEventCount, 0);
    while (std::getline(lines, line)) {
        std::istringstream cells(line);
        std::string name;
        if (!(cells >> name)) {
            continue; // between two tables
        }
        std::size_t event = 0;
        while (event < kEventCount && name_of(static_cast<Event>(event)) != name) {
            ++event;
        }
        ASSERT_LT(event, kEventCount) << name << " is no event";
        ++seen[event];
        for (const Motion motion : kAllMotions) {
            std::string cell;
            ASSERT_TRUE(cells >> cell) << name;
            MachineStates states = as;
            states.motion = motion;
            const Transition got = handle(states, static_cast<Event>(event), guards);
            const std::string text{kStateLetters[static_cast<std::size_t>(got.next.motion)],
                                   kAnswerLetters[static_cast<std::size_t>(got.status)]};
            EXPECT_EQ(text, cell) << name_of(motion) << " on " << name;
            const bool needs_reason = got.status == CommandStatus::Denied || got.status == CommandStatus::Deferred;
            EXPECT_EQ(got.reason.empty(), !needs_reason) << name_of(motion) << " on " << name;
        }
        std::string more;
        EXPECT_FALSE(cells >> more) << name << " has a cell too many";
    }
    for (std::size_t event = 0; event < kEventCount; ++event) {
        EXPECT_EQ(seen[event], 1) << name_of(static_cast<Event>(event)) << " must be in the expectations, once";
    }
}

} // namespace

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSayInFairWeather) {
    expect_table(std::string(kFair) + kUnhindered,
                 {Motion::Stopped, RecordArm::Armed, PositionKnowledge::Known, Lifters::Normal}, all_well());
}

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSayInFoulWeather) {
    expect_table(kFoul, {Motion::Stopped, RecordArm::Safe, PositionKnowledge::Doubtful, Lifters::Defeated}, all_ill());
}

TEST(Machine, EveryStateAnswersEveryEventAsTheRulesSayAMomentAfterRecord) {
    expect_table(std::string(kAfterRecord) + kUnhindered, states_of(Motion::Stopped), just_left_record());
}

} // namespace overbias::transport
