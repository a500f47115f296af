// SPDX-License-Identifier: Apache-2.0
// The trace of levels against streams of steady tones, one in each band, whose levels are known. All of them have whole
// periods in a step of 5 ms.
#include "mastering/comparison/level_trace.hpp"

#include "tests/support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <numbers>
#include <vector>

namespace overbias::mastering {
namespace {

using Levels_db = std::array<double, dsp::kEnergyBands>;

constexpr double kRate_hz = 48000.0;
constexpr std::int64_t kHop = 12;                        // a quarter of a millisecond
constexpr std::int64_t kStep = 240;                      // 5 ms
constexpr std::array kTones_hz{1000.0, 4600.0, 12000.0}; // 400 Hz ... 3 kHz ... 7 kHz ... 16 kHz
constexpr std::array kTones{0.3, 0.08, 0.16};
constexpr std::array kNoise_hz{1400.0, 5400.0, 11600.0};
constexpr std::int64_t kFirst = 24005; // of the track: between two hops
constexpr std::int64_t kLength = 96000;
constexpr std::int64_t kApart = 4800; // return frame of reference frame 0
constexpr std::int64_t kHeads = 3207; // on the way from head to head: not a number of hops
constexpr std::size_t kFilters = 4;   // steps in which they settle
constexpr double kLeak_db = 0.05; // a band holds a hundredth of its neighbour's tone, which came 3 dB louder or softer
constexpr double kNone_db = -200.0;

double amplitude(double db) {
    return std::pow(10.0, db / 20.0);
}

/// The three tones at a frame, each at a level of its own.
double tones(const std::array<double, 3>& hz, double frame, const Levels_db& level_db) {
    double sum = 0.0;
    for (std::size_t band = 0; band < hz.size(); ++band) {
        sum += kTones[band] * amplitude(level_db[band]) *
               std::sin(2.0 * std::numbers::pi * hz[band] * frame / kRate_hz + 0.3);
    }
    return sum;
}

/// A track and what came of it; levels by channel and frame of the reference.
struct Tape {
    using LevelAt = std::function<Levels_db(std::size_t channel, std::int64_t frame)>;
    LevelAt sent = [](std::size_t, std::int64_t) { return Levels_db{}; };
    LevelAt came = [](std::size_t, std::int64_t) { return Levels_db{}; };
    Levels_db noise{kNone_db, kNone_db, kNone_db}; ///< of the return, against what was sent at 0 dB
    std::array<double, 2> slate_db{};              ///< of the return

    EnergyTrack sent_energy{config(), 4.0}, noise_energy{config(), 4.0}, came_energy;
    ClockMap clocks{kRate_hz};
    LevelTrace trace{kRate_hz, kHop};

    explicit Tape(double keep_s = 4.0) : came_energy(config(), keep_s) {}
    static dsp::BandEnergyConfig config() {
        dsp::BandEnergyConfig energies;
        energies.rate_hz = kRate_hz;
        energies.hop_frames = static_cast<std::size_t>(kHop);
        return energies;
    }
    static std::array<double, 2> lag() { return {static_cast<double>(kHeads), static_cast<double>(kHeads)}; }

    void run() {
        constexpr std::int64_t kAll = kFirst + kLength + 4800;
        std::vector<float> x, y, noise_only;
        for (std::int64_t frame = 0; frame < kAll; ++frame) {
            for (std::size_t c = 0; c < 2; ++c) {
                const auto at = static_cast<double>(frame);
                const double hiss = tones(kNoise_hz, at, noise);
                x.push_back(static_cast<float>(tones(kTones_hz, at, sent(c, frame))));
                y.push_back(static_cast<float>(amplitude(slate_db[c]) * tones(kTones_hz, at, came(c, frame)) + hiss));
                noise_only.push_back(static_cast<float>(hiss));
            }
        }
        sent_energy.push(0, x);
        came_energy.push(kApart + kHeads, y);
        noise_energy.push(0, noise_only);
        clocks.reference.add(0, 7.0);
        clocks.tape_return.add(kApart, 7.0);
        const std::array gain{std::pow(10.0, slate_db[0] / 10.0), std::pow(10.0, slate_db[1] / 10.0)};
        trace.begin(kFirst, gain, noise_hop());
    }
    void run_and_add() {
        run();
        trace.add(kFirst, kFirst + kLength, sent_energy, came_energy, clocks, lag());
    }
    /// Mean of a second, as it is measured at rest.
    [[nodiscard]] LaneEnergies noise_hop() const {
        LaneEnergies mean = noise_energy.sum(4000.0, 4000);
        for (float& energy : mean) {
            energy /= 4000.0F;
        }
        return mean;
    }
    [[nodiscard]] float value(int channel, std::size_t band, std::size_t step) const {
        return trace.lane(channel, band, step, step + 1).at(0);
    }
    void expect_levels(std::size_t first, std::size_t last, const std::array<Levels_db, 2>& level_db) const {
        for (int channel = 0; channel < 2; ++channel) {
            for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                const double due = level_db[static_cast<std::size_t>(channel)][band];
                for (std::size_t step = first; step < last; ++step) {
                    const auto is = static_cast<double>(value(channel, band, step));
                    ASSERT_NEAR(is, due, kLeak_db) << "channel " << channel << ", band " << band << ", step " << step;
                }
            }
        }
    }
    void expect_unknown(std::size_t first, std::size_t last) const {
        for (int channel = 0; channel < 2; ++channel) {
            for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                for (std::size_t step = first; step < last; ++step) {
                    ASSERT_TRUE(std::isnan(value(channel, band, step)))
                        << "channel " << channel << ", band " << band << ", step " << step;
                }
            }
        }
    }
};

constexpr auto kSteps = static_cast<std::size_t>(kLength / kStep) - 1; // it begins between hops, so the last is cut

TEST(LevelTrace, is_what_came_over_what_was_sent_in_each_band_against_the_slate) {
    const std::array<Levels_db, 2> level_db{{{-1.0, 0.5, -3.0}, {-0.5, -2.0, 0.0}}};
    Tape tape;
    tape.slate_db = {-6.0, 2.0};
    tape.came = [&](std::size_t c, std::int64_t) { return level_db[c]; };
    tape.run_and_add();
    ASSERT_EQ(tape.trace.size(), kSteps);
    tape.expect_levels(0, kSteps, level_db);
}

TEST(LevelTrace, is_the_same_however_loud_the_programme_is) {
    Tape tape;
    tape.sent = [](std::size_t, std::int64_t frame) {
        return frame < kFirst + kLength / 2 ? Levels_db{} : Levels_db{-9.0, -9.0, -9.0};
    };
    tape.came = tape.sent;
    tape.run_and_add();
    tape.expect_levels(0, kSteps / 2 - 1, {});
    tape.expect_levels(kSteps / 2 + kFilters, kSteps, {});
}

TEST(LevelTrace, a_change_of_level_is_in_the_step_where_it_is) {
    constexpr std::size_t kChange = 150;
    Tape tape;
    tape.came = [](std::size_t, std::int64_t frame) {
        // the track's first hop begins seven frames after the track
        return frame < kFirst + 7 + static_cast<std::int64_t>(kChange) * kStep ? Levels_db{}
                                                                               : Levels_db{-2.0, -2.0, -2.0};
    };
    tape.run_and_add();
    tape.expect_levels(0, kChange - 1, {}); // filters don't look ahead, and lines between hops but one of them
    for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
        EXPECT_NEAR(static_cast<double>(tape.value(0, band, kChange - 1)), 0.0, 0.15) << "band " << band;
        EXPECT_NEAR(static_cast<double>(tape.value(0, band, kChange)), -2.0, 0.5) << "band " << band;
    }
    const Levels_db lower{-2.0, -2.0, -2.0};
    tape.expect_levels(kChange + kFilters, kSteps, {lower, lower});
}

TEST(LevelTrace, a_gap_of_silence_is_not_known_and_what_follows_is) {
    constexpr std::size_t kFrom = 100;
    constexpr std::size_t kTo = 200;
    const auto silent = [](std::int64_t frame) {
        const std::int64_t step = (frame - kFirst) / kStep;
        return step >= static_cast<std::int64_t>(kFrom) && step < static_cast<std::int64_t>(kTo);
    };
    const Levels_db none{kNone_db, kNone_db, kNone_db};
    Tape tape;
    tape.noise = {-60.0, -60.0, -60.0};
    tape.sent = [&](std::size_t, std::int64_t frame) { return silent(frame) ? none : Levels_db{}; };
    tape.came = tape.sent;
    tape.run_and_add();
    tape.expect_levels(0, kFrom - 1, {});
    tape.expect_unknown(kFrom + kFilters, kTo - 1);
    tape.expect_levels(kTo + kFilters, kSteps, {});
}

TEST(LevelTrace, what_is_not_in_the_return_is_no_level) {
    constexpr std::int64_t kFrom = kFirst + 100 * kStep;
    Tape tape;
    tape.came = [](std::size_t, std::int64_t frame) {
        return frame < kFrom ? Levels_db{} : Levels_db{-13.0, -40.0, kNone_db};
    };
    tape.run_and_add();
    tape.expect_levels(0, 99, {});
    tape.expect_unknown(100 + kFilters, kSteps);
}

/// The return is read between hops, by a straight line: across a burst that says nothing.
TEST(LevelTrace, a_burst_across_the_edge_of_a_step_is_not_known) {
    constexpr std::size_t kAcross = 100;
    constexpr std::size_t kWithin = 200;
    const auto in_burst = [](std::int64_t frame, std::int64_t middle) {
        return std::abs(frame - kFirst - 7 - middle) < 24; // a millisecond, 20 dB up
    };
    Tape tape;
    tape.sent = [&](std::size_t, std::int64_t frame) {
        return in_burst(frame, kAcross * kStep) || in_burst(frame, kWithin * kStep + kStep / 2)
                   ? Levels_db{20.0, 20.0, 20.0}
                   : Levels_db{};
    };
    tape.came = tape.sent;
    tape.run_and_add();
    tape.expect_levels(0, kAcross - 1, {});
    tape.expect_unknown(kAcross - 1, kAcross + 1);
    tape.expect_levels(kAcross + kFilters, kWithin + 1, {}); // within a step it is known
    tape.expect_levels(kWithin + kFilters, kSteps, {});
}

TEST(LevelTrace, noise_is_taken_off) {
    const Levels_db level_db{-1.0, -1.0, -1.0};
    Tape tape;
    tape.noise = {-22.0, -13.0, -13.0}; // left in, they would raise it by 0.03 dB and 0.27 dB
    tape.came = [&](std::size_t, std::int64_t) { return level_db; };
    tape.run_and_add();
    tape.expect_levels(0, kSteps, {level_db, level_db});
}

/// 20 dB over the noise in the lowest band, 10 dB in the others.
TEST(LevelTrace, what_is_near_the_noise_is_not_known) {
    for (const double over_db : {-1.0, 1.0}) {
        Tape tape;
        tape.noise = {-20.0 - over_db, -10.0 - over_db, -10.0 - over_db};
        tape.run_and_add();
        if (over_db < 0.0) {
            tape.expect_unknown(0, kSteps);
        } else {
            tape.expect_levels(0, kSteps, {});
        }
    }
}

TEST(LevelTrace, what_was_not_added_is_not_known_and_keeps_its_place) {
    Tape tape;
    tape.run();
    const auto add = [&](std::int64_t from, std::int64_t to) {
        tape.trace.add(kFirst + from * kStep, kFirst + to * kStep, tape.sent_energy, tape.came_energy, tape.clocks,
                       Tape::lag());
    };
    add(0, 100);
    add(150, 300);
    ASSERT_EQ(tape.trace.size(), 299U);
    tape.expect_levels(0, 99, {});
    tape.expect_unknown(100, 150);
    tape.expect_levels(150, 299, {});
    // Nor is what has not come yet, or is no longer kept.
    tape.trace.begin(kFirst, {1.0, 1.0}, {});
    tape.trace.add(kFirst, kFirst + kLength + 48000, tape.sent_energy, tape.came_energy, tape.clocks, Tape::lag());
    tape.expect_levels(0, kSteps, {});
    tape.expect_unknown(tape.trace.size() - 100, tape.trace.size());
}

TEST(LevelTrace, what_is_no_longer_kept_is_not_known) {
    Tape tape(0.5); // of the return; it ends 0.1 s behind the track
    tape.run_and_add();
    ASSERT_EQ(tape.trace.size(), kSteps);
    tape.expect_unknown(0, kSteps - 100);
    tape.expect_levels(kSteps - 70, kSteps, {});
}

/// Steady at half of full scale, no emphasis does anything: 20 hops of a square of 0.25. And 6.02 dB less of half of
/// it.
TEST(LevelTrace, drive_is_how_loud_the_peaks_were) {
    LevelTrace trace(kRate_hz, kHop);
    EnergyTrack sent(Tape::config(), 4.0);
    std::vector<float> frames;
    for (int n = 0; n < 24000; ++n) {
        frames.push_back(0.5F);
        frames.push_back(0.25F);
    }
    sent.push(0, frames);
    trace.begin(0, {1.0, 1.0}, {});
    trace.add(0, 23040, sent, sent, ClockMap(kRate_hz), {24.0, 24.0});
    const TraceLane left = trace.drive(0, 1, trace.size());
    const TraceLane right = trace.drive(1, 1, trace.size());
    ASSERT_EQ(left.size(), 95U);
    ASSERT_EQ(right.size(), left.size());
    for (std::size_t n = 0; n < left.size(); ++n) {
        ASSERT_NEAR(static_cast<double>(left[n]), 6.99, 0.011) << n;
        ASSERT_NEAR(static_cast<double>(right[n]), 0.97, 0.011) << n;
    }
}

TEST(LevelTrace, places_are_those_of_the_programme) {
    Tape tape;
    tape.run_and_add();
    const LevelTrace& trace = tape.trace;
    EXPECT_NEAR(trace.step_s(), 0.005, 1e-12);
    EXPECT_NEAR(trace.middle_s(0), 7.0 / 48000.0 + 0.0025, 1e-12); // the next hop begins at frame 24012
    for (std::size_t step = 0; step < trace.size(); ++step) {
        ASSERT_EQ(trace.step_at(trace.middle_s(step)), step);
    }
    EXPECT_EQ(trace.step_at(1.0001), 199U); // 200 steps are 1 s, and the track's first hop is a little late
    EXPECT_NEAR(LevelTrace(44100.0, 11).step_s(), 0.005, 2e-5);
}

TEST(LevelTrace, past_its_end_there_is_nothing) {
    Tape tape;
    EXPECT_TRUE(tape.trace.lane(0, 0, 0, 10).empty()); // before there is anything
    EXPECT_EQ(tape.trace.step_at(1.0), 0U);
    tape.run_and_add();
    const LevelTrace& trace = tape.trace;
    EXPECT_EQ(trace.lane(1, 2, kSteps - 3, kSteps + 50).size(), 3U);
    EXPECT_TRUE(trace.lane(0, 0, kSteps, kSteps + 1).empty());
    EXPECT_TRUE(trace.lane(0, 0, kSteps + 10, kSteps + 20).empty());
    EXPECT_TRUE(trace.drive(1, kSteps + 10, kSteps + 20).empty());
    EXPECT_EQ(trace.drive(0, 0, kSteps + 20).size(), kSteps);
    EXPECT_EQ(trace.step_at(1e6), kSteps);
    EXPECT_EQ(trace.step_at(-3.0), 0U);
}

/// Frames of analysis over ten minutes and a second track behind; what they hold does not matter.
TEST(LevelTrace, takes_no_memory_while_a_track_runs) {
    ASSERT_TRUE(test_support::AllocationCount::works());
    constexpr std::int64_t kTenMinutes = 600 * 48000;
    constexpr std::int64_t kFrame = 4096;
    const EnergyTrack nothing(Tape::config(), 0.1);
    const ClockMap clocks(kRate_hz);
    const auto allocations = [&](LevelTrace& trace, std::int64_t first, std::int64_t length) {
        const test_support::AllocationCount count;
        trace.begin(first, {1.0, 1.0}, {});
        for (std::int64_t frame = first; frame + kFrame <= first + length; frame += kFrame) {
            trace.add(frame, frame + kFrame, nothing, nothing, clocks, {0.0, 0.0});
        }
        return count.so_far();
    };
    LevelTrace unprepared(kRate_hz, kHop);
    EXPECT_GT(allocations(unprepared, kFirst, kTenMinutes), 0U);
    LevelTrace trace(kRate_hz, kHop);
    trace.expect(kTenMinutes / 2);
    trace.expect(kTenMinutes);
    trace.expect(kTenMinutes / 3);
    EXPECT_EQ(allocations(trace, kFirst, kTenMinutes), 0U);
    EXPECT_GE(trace.size(), 119980U) << "all but a frame";
    EXPECT_EQ(allocations(trace, kFirst + kTenMinutes, kTenMinutes / 2), 0U);
    EXPECT_LE(trace.size(), 60000U) << "the second track's alone";
}

} // namespace
} // namespace overbias::mastering
