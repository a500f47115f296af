// SPDX-License-Identifier: Apache-2.0
// The whole machine on three motors: Transport, DirectDrive, a serial line, controllers, reels and tape.
#include "direct_drive_rig.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/transport.hpp"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::transport::drive_rig {
namespace {

struct WholeRig {
    explicit WholeRig(const RigOptions& options = {})
        : rig(options), transport(rig.host(), rig.driver(), adjust, config()) {
        transport.on_fault([this](const std::string& message) { faults.push_back(message); });
    }
    static TransportConfig config() {
        TransportConfig config;
        config.settle_after_still_s = 0.2;
        return config;
    }
    [[nodiscard]] bool until(Motion motion, double at_most_s) {
        return rig.time_until([&] { return transport.state().current == motion; }, at_most_s).has_value();
    }
    void expect_held() {
        EXPECT_GT(rig.machine().tension().least_n / kGf_n, 10.0);
        EXPECT_LT(rig.machine().tension().most_n / kGf_n, 500.0);
        EXPECT_EQ(rig.machine().tension().loop_s, 0.0);
    }
    Rig rig;
    ManualAdjust adjust;
    std::vector<std::string> faults;
    Transport transport;
};

TEST(DirectDriveTransport, PlaysRecordsAndStops) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    whole.rig.run(0.5); // settled
    ASSERT_FALSE(whole.transport.arm().denied());
    const CommandResult record = whole.transport.record();
    ASSERT_FALSE(record.denied()) << record.reason;
    ASSERT_TRUE(whole.until(Motion::Recording, 3.0));
    EXPECT_TRUE(whole.rig.machine().recording());
    whole.rig.run(1.0);
    EXPECT_NEAR(whole.transport.state().speed_m_s, 0.381, 0.002);
    ASSERT_FALSE(whole.transport.punch_out().denied());
    whole.rig.run(0.1);
    EXPECT_FALSE(whole.rig.machine().recording());
    EXPECT_EQ(whole.transport.state().current, Motion::Playing);
    ASSERT_FALSE(whole.transport.stop().denied());
    ASSERT_TRUE(whole.until(Motion::Stopped, 3.0));
    whole.rig.run(0.5);
    EXPECT_TRUE(whole.rig.brakes_hold());
    EXPECT_TRUE(whole.faults.empty()) << whole.faults.front();
    whole.expect_held();
}

TEST(DirectDriveTransport, WindsBothWaysAndPlaysFromWind) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    ASSERT_FALSE(whole.transport.fast_forward().denied());
    whole.rig.run(5.0);
    EXPECT_EQ(whole.transport.state().current, Motion::FastForwarding);
    EXPECT_GT(whole.rig.speed(), 9.0);
    ASSERT_FALSE(whole.transport.rewind().denied());
    ASSERT_TRUE(whole.until(Motion::Rewinding, 6.0));
    whole.rig.run(4.0);
    EXPECT_LT(whole.rig.speed(), -9.0);
    ASSERT_FALSE(whole.transport.play().denied());
    ASSERT_TRUE(whole.until(Motion::Playing, 8.0));
    EXPECT_NEAR(whole.rig.speed(), 0.381, 0.004);
    EXPECT_TRUE(whole.faults.empty()) << whole.faults.front();
    whole.expect_held();
}

TEST(DirectDriveTransport, LocatesNearAndFar) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    ASSERT_FALSE(whole.transport.preset_counter(381.0).denied());
    const double counter_zero_m = whole.rig.web().place_m() - 381.0;
    for (const double target_m : {381.6, 500.0, 499.0, 300.0, 650.0, 648.0, 100.0}) {
        const double from_m = whole.transport.state().position_m;
        ASSERT_FALSE(whole.transport.locate(target_m).denied());
        const auto took_s =
            whole.rig.time_until([&] { return whole.transport.state().current == Motion::Stopped; }, 150.0);
        ASSERT_TRUE(took_s) << target_m << ": " << (whole.faults.empty() ? "" : whole.faults.front());
        EXPECT_NEAR(whole.transport.state().position_m, target_m, 0.038) << "0.1 s at 15 ips";
        // the tape itself: the roller slips by 0.03 %
        EXPECT_NEAR(whole.rig.web().place_m() - counter_zero_m, target_m, 0.038 + 0.001 * 1500.0);
        RecordProperty("from_" + std::to_string(static_cast<int>(from_m)) + "_to_" +
                           std::to_string(static_cast<int>(target_m)) + "_s",
                       std::to_string(*took_s));
    }
    EXPECT_TRUE(whole.faults.empty()) << whole.faults.front();
    whole.expect_held();
}

TEST(DirectDriveTransport, ADeadLinkIsUnknownWithin300MillisecondsAndOnlyStopIsTaken) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    ASSERT_FALSE(whole.transport.fast_forward().denied());
    whole.rig.run(4.0);
    whole.rig.line().unplug();
    const auto told_s = whole.rig.time_until([&] { return !whole.transport.state().link_problem.empty(); }, 1.0);
    ASSERT_TRUE(told_s);
    EXPECT_LE(*told_s, 0.3);
    EXPECT_TRUE(whole.transport.play().denied());
    EXPECT_TRUE(whole.transport.fast_forward().denied());
    whole.rig.run(4.0);
    EXPECT_TRUE(whole.rig.brakes_hold());
    EXPECT_LT(std::abs(whole.rig.speed()), 0.01);
    whole.rig.line().plug_in();
    whole.rig.run(8.0);
    EXPECT_TRUE(whole.rig.brakes_hold()); // nothing resumes
    EXPECT_FALSE(whole.transport.stop().denied());
    whole.rig.run(3.0);
    (void)whole.transport.clear_fault();
    ASSERT_TRUE(whole.until(Motion::Stopped, 3.0));
    ASSERT_FALSE(whole.transport.play().denied());
    ASSERT_TRUE(whole.until(Motion::Playing, 3.0));
    whole.expect_held();
}

TEST(DirectDriveTransport, AStallOfTheHostInRecordEndsItAndNothingResumes) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    whole.rig.run(0.5); // settled
    ASSERT_FALSE(whole.transport.arm().denied());
    const CommandResult record = whole.transport.record();
    ASSERT_FALSE(record.denied()) << record.reason;
    ASSERT_TRUE(whole.until(Motion::Recording, 3.0));
    whole.rig.host().stall_for(1.0);
    whole.rig.run(0.5);
    EXPECT_FALSE(whole.rig.machine().recording());
    EXPECT_TRUE(whole.rig.brakes_hold());
    whole.rig.run(5.0);
    EXPECT_FALSE(whole.rig.machine().recording());
    EXPECT_TRUE(whole.rig.brakes_hold());
    EXPECT_NE(whole.transport.state().current, Motion::Playing);
    EXPECT_NE(whole.transport.state().current, Motion::Recording);
    whole.expect_held();
}

TEST(DirectDriveTransport, ABrokenTapeHalts) {
    WholeRig whole;
    ASSERT_TRUE(whole.until(Motion::Stopped, 2.0));
    ASSERT_FALSE(whole.transport.fast_forward().denied());
    whole.rig.run(3.0);
    whole.rig.machine().break_tape();
    ASSERT_TRUE(whole.until(Motion::TapeOut, 1.0));
    whole.rig.run(4.0);
    EXPECT_EQ(whole.rig.web().supply_turn_rad_s(), 0.0);
    EXPECT_EQ(whole.rig.web().take_up_turn_rad_s(), 0.0);
}

} // namespace
} // namespace overbias::transport::drive_rig
