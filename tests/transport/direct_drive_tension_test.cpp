// SPDX-License-Identifier: Apache-2.0
// What the direct drive has to hold on the simulated machine: tension in play, and between 10 and 500 gf in whatever
// happens; start, wind and stop in time. Measured as a recorder beside each reel would draw it, by the machine's own
// truth, with reels empty, half full and full. Each figure goes into the test's record.
#include "direct_drive_rig.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace overbias::transport::drive_rig {
namespace {

constexpr double kLeast_gf = 10.0, kMost_gf = 500.0;
constexpr double kPlaces_m[] = {25.0, 381.0, 737.0}; // take-up empty, half, supply empty; of 762 m

/// What a whole test saw.
struct Extremes {
    double least_gf = 1e9, most_gf = 0.0;
    int runs = 0;
    void take(Rig& rig, const std::string& what) {
        const deck_sim::TensionLog log = rig.machine().tension();
        const double least = log.least_n / kGf_n, most = log.most_n / kGf_n;
        least_gf = std::min(least_gf, least);
        most_gf = std::max(most_gf, most);
        ++runs;
        EXPECT_GE(least, kLeast_gf) << what << ": at " << log.least_at_s << " s";
        EXPECT_LE(most, kMost_gf) << what << ": at " << log.most_at_s << " s";
        EXPECT_FALSE(rig.web().broken()) << what;
    }
    void record() const {
        testing::Test::RecordProperty("least_gf", std::to_string(least_gf));
        testing::Test::RecordProperty("most_gf", std::to_string(most_gf));
        testing::Test::RecordProperty("runs", runs);
        EXPECT_GT(runs, 0);
    }
};

struct Act {
    const char* name;
    double until_s; ///< the interesting time lies between 0 and this
    std::function<void(Rig&, double at_s)> to;
};

/// Starts, stops and reversals, run up to a moment of them.
const std::vector<Act>& acts() {
    static const auto wind_to = [](Key key) {
        return [key](Rig& rig, double at_s) {
            press_ok(rig, key);
            rig.run(at_s);
        };
    };
    static const auto stop_from = [](Key key, double after_s) {
        return [key, after_s](Rig& rig, double at_s) {
            press_ok(rig, key);
            rig.run(after_s);
            press_ok(rig, Key::Stop);
            rig.run(at_s);
        };
    };
    static const std::vector<Act> all{
        {"start play", 0.7, wind_to(Key::Play)},
        {"stop play", 0.9, stop_from(Key::Play, 2.0)},
        {"start wind", 3.5, wind_to(Key::FastForward)},
        {"start rewind", 3.5, wind_to(Key::Rewind)},
        {"stop wind", 3.0, stop_from(Key::FastForward, 1.9)},
        {"stop rewind", 3.0, stop_from(Key::Rewind, 1.9)},
        {"reverse", 4.0,
         [](Rig& rig, double at_s) {
             press_ok(rig, Key::FastForward);
             rig.run(1.9);
             press_ok(rig, Key::Rewind);
             rig.run(at_s);
         }},
        {"wind to play", 5.0,
         [](Rig& rig, double at_s) {
             press_ok(rig, Key::Rewind);
             rig.run(1.9);
             press_ok(rig, Key::Play);
             rig.run(at_s);
         }},
    };
    return all;
}

/// Runs every act at every filling up to seeded moments, lets `disturb` act there, and watches until all is at rest.
void disturbed(Extremes& seen, const RigOptions& base, unsigned seed, int moments, double after_s,
               const std::function<void(Rig&)>& disturb) {
    std::mt19937 random(seed);
    for (const double place_m : kPlaces_m) {
        for (const Act& act : acts()) {
            for (int moment = 0; moment < moments; ++moment) {
                const double at_s =
                    act.until_s * (moment + std::uniform_real_distribution<>(0.0, 1.0)(random)) / moments;
                RigOptions options = base;
                options.start_place_m = place_m;
                Rig rig(options);
                act.to(rig, at_s);
                disturb(rig);
                rig.run(after_s);
                seen.take(rig, std::string(act.name) + " + " + std::to_string(at_s) + " s at " +
                                   std::to_string(place_m) + " m");
            }
        }
    }
}

TEST(DirectDriveTension, PlayHolds85GramWithin20Percent) {
    double least_gf = 1e9, most_gf = 0.0;
    for (const double error : {0.0, 0.05}) { // torque constants a twentieth off, opposite ways
        for (const double place_m : kPlaces_m) {
            RigOptions options;
            options.start_place_m = place_m;
            options.motor_error = error;
            Rig rig(options);
            press_ok(rig, Key::Play);
            rig.run(3.0);
            rig.fresh_log();
            rig.run(10.0);
            least_gf = std::min(least_gf, rig.machine().tension().least_n / kGf_n);
            most_gf = std::max(most_gf, rig.machine().tension().most_n / kGf_n);
        }
    }
    RecordProperty("least_gf", std::to_string(least_gf));
    RecordProperty("most_gf", std::to_string(most_gf));
    EXPECT_GE(least_gf, 85.0 * 0.8);
    EXPECT_LE(most_gf, 85.0 * 1.2);
}

TEST(DirectDriveTension, StartsWithinHalfASecondToATenthOfAPercent) {
    double slowest_s = 0.0;
    for (const double ips : {15.0, 30.0}) {
        for (const bool line : {false, true}) {
            for (const double place_m : kPlaces_m) {
                RigOptions options;
                options.start_place_m = place_m;
                options.speed_ips = ips;
                options.capstan_line = line;
                Rig rig(options);
                press_ok(rig, Key::Play);
                const double play = ips * 0.0254 * (line ? 1.0004 : 1.0); // the line's capstan is 0.04 % fast
                double settled_s = 0.0;
                for (int ms = 0; ms < 2000; ++ms) {
                    rig.run(0.001);
                    if (std::abs(rig.speed() / play - 1.0) > 0.001) {
                        settled_s = (ms + 1) / 1000.0;
                    }
                }
                slowest_s = std::max(slowest_s, settled_s);
                EXPECT_LT(settled_s, 0.5) << ips << " ips at " << place_m << " m";
                EXPECT_TRUE(rig.driver().tallies().play.value());
            }
        }
    }
    RecordProperty("slowest_s", std::to_string(slowest_s));
}

TEST(DirectDriveTension, WindsAThousandMetresInTwoMinutes) {
    RigOptions options;
    options.start_place_m = 5.0;
    options.tape = deck_sim::Settings{};
    options.tape->tape_length_m = 1040.0; // long play, so that it fits the reel
    options.tape->tape_thickness_m = 35e-6;
    for (const Key key : {Key::FastForward, Key::Rewind}) {
        options.start_place_m = key == Key::FastForward ? 20.0 : 1020.0;
        Rig rig(options);
        press_ok(rig, key);
        const auto took_s =
            rig.time_until([&] { return std::abs(rig.web().place_m() - options.start_place_m) >= 1000.0; }, 150.0);
        ASSERT_TRUE(took_s);
        RecordProperty(key == Key::Rewind ? "rewind_s" : "forward_s", std::to_string(*took_s));
        EXPECT_LE(*took_s, 120.0);
        EXPECT_GE(rig.machine().tension().least_n / kGf_n, kLeast_gf);
        EXPECT_LE(rig.machine().tension().most_n / kGf_n, kMost_gf);
    }
}

TEST(DirectDriveTension, StopsFromWindWithinThreeSeconds) {
    double slowest_s = 0.0;
    for (const Key key : {Key::FastForward, Key::Rewind}) {
        for (const double place_m : {150.0, 381.0, 610.0}) {
            RigOptions options;
            options.start_place_m = place_m;
            Rig rig(options);
            press_ok(rig, key);
            ASSERT_TRUE(rig.time_until([&] { return std::abs(rig.speed()) > 9.9; }, 6.0));
            press_ok(rig, Key::Stop);
            double stopped_s = 0.0;
            for (int ms = 0; ms < 4000; ++ms) {
                rig.run(0.001);
                stopped_s = std::abs(rig.speed()) > 0.005 ? (ms + 1) / 1000.0 : stopped_s;
            }
            slowest_s = std::max(slowest_s, stopped_s);
            EXPECT_LE(stopped_s, 3.0) << place_m;
            EXPECT_TRUE(rig.driver().tallies().stop.value());
            EXPECT_TRUE(rig.brakes_hold());
        }
    }
    RecordProperty("slowest_s", std::to_string(slowest_s));
}

TEST(DirectDriveTension, HoldsThroughStartsStopsAndReversals) {
    Extremes seen;
    for (const double error : {0.0, 0.05}) {
        RigOptions options;
        options.motor_error = error;
        disturbed(seen, options, 1, 1, 6.0, [](Rig&) {});
    }
    seen.record();
}

TEST(DirectDriveTension, HoldsWhenThePowerFails) {
    Extremes seen;
    disturbed(seen, {}, 2, 4, 4.0, [](Rig& rig) {
        rig.machine().set_power(false);
        rig.run(4.0);
        EXPECT_LT(std::abs(rig.speed()), 0.01);
        EXPECT_TRUE(rig.brakes_hold());
    });
    seen.record();
}

TEST(DirectDriveTension, HoldsThroughAStallOf50Milliseconds) {
    Extremes seen;
    disturbed(seen, {}, 3, 3, 4.0, [](Rig& rig) {
        const bool up = rig.driver().link().up;
        rig.host().stall_for(0.050);
        rig.run(0.2);
        EXPECT_EQ(rig.driver().link().up, up) << rig.driver().link().problem; // and goes on
    });
    seen.record();
}

TEST(DirectDriveTension, HoldsThroughAStallOf200Milliseconds) {
    Extremes seen;
    disturbed(seen, {}, 4, 3, 4.0, [](Rig& rig) { rig.host().stall_for(0.200); });
    seen.record();
}

TEST(DirectDriveTension, HoldsThroughStallsAt30InchesASecond) {
    Extremes seen;
    RigOptions options;
    options.speed_ips = 30.0;
    for (const double stall_s : {0.050, 0.200, 1.0}) {
        disturbed(seen, options, 10, 1, 3.0, [stall_s](Rig& rig) { rig.host().stall_for(stall_s); });
    }
    seen.record();
}

TEST(DirectDriveTension, HoldsThroughAStallOfASecondAndBrakes) {
    Extremes seen;
    disturbed(seen, {}, 5, 3, 0.5, [](Rig& rig) {
        rig.host().stall_for(1.0);
        rig.run(0.9);
        EXPECT_TRUE(rig.brakes_hold()); // while it is still stalled: the relay has let the springs act
        rig.run(4.0);
        EXPECT_LT(std::abs(rig.speed()), 0.01);
    });
    seen.record();
}

TEST(DirectDriveTension, HoldsWhenALinkIsCutAndBothReelsAreBraked) {
    Extremes seen;
    for (const bool each : {false, true}) {
        for (std::size_t which = 0; which < (each ? 3U : 1U); ++which) {
            RigOptions options;
            options.link_each = each;
            disturbed(seen, options, 6, 1, 0.1, [which](Rig& rig) {
                rig.line(which).unplug();
                rig.run(0.4);
                EXPECT_TRUE(rig.brakes_hold());
                rig.run(4.0);
                EXPECT_LT(std::abs(rig.speed()), 0.01);
                EXPECT_FALSE(rig.driver().link().up);
            });
        }
    }
    seen.record();
}

TEST(DirectDriveTension, HoldsWithArmsThatNobodyReadsWhenItWindsGently) {
    Extremes seen;
    RigOptions options;
    options.arms_read = false;
    options.wind_speed_m_s = 5.0;
    options.motor_error = 0.05;
    disturbed(seen, options, 7, 1, 6.0, [](Rig&) {});
    disturbed(seen, options, 8, 1, 6.0, [](Rig& rig) { rig.machine().set_power(false); });
    disturbed(seen, options, 9, 1, 6.0, [](Rig& rig) { rig.host().stall_for(1.0); });
    seen.record();
}

} // namespace
} // namespace overbias::transport::drive_rig
