// SPDX-License-Identifier: Apache-2.0
// The follower alone: a programme, a tape that plays it unevenly, and how far what is given back lies off.
#include "comparison_programmes.hpp"
#include "mastering/verify/tape_follower.hpp"
#include "reel_model.hpp"

#include "audio/sound_stretch.hpp"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <string>

namespace verify_test {

using overbias::mastering::FollowPlace;
using overbias::mastering::LostStretch;
using overbias::mastering::TapeFollower;

namespace {

struct Followed {
    Stereo programme, came;
    std::vector<LostStretch> losses;
    std::vector<TapeFollower::Point> points;
    bool in_order = true;
};

struct Follow {
    double speed_told = 1.0; ///< return frames a programme frame that it is told to begin with
    double place_error_s = 0.0;
    bool with_stretch = true;
};

Followed follow(const Stereo& programme, const Stereo& came, double starts_s, const Follow& how = {}) {
    Followed out;
    std::int64_t next = 0;
    const auto stretch = [&](double from_s, double duration_s) {
        Stereo piece(2 * static_cast<std::size_t>(duration_s * kRate));
        const auto from = static_cast<std::ptrdiff_t>(from_s * kRate);
        for (std::size_t n = 0; n < piece.size() / 2; ++n) {
            const std::ptrdiff_t at = from + static_cast<std::ptrdiff_t>(n);
            if (at >= 0 && at < static_cast<std::ptrdiff_t>(programme.size() / 2)) {
                piece[2 * n] = programme[2 * static_cast<std::size_t>(at)];
                piece[2 * n + 1] = programme[2 * static_cast<std::size_t>(at) + 1];
            }
        }
        return overbias::audio::at_other_rate(piece, kRate, overbias::mastering::kMatchRate_hz);
    };
    TapeFollower follower(
        kRate,
        [&](std::int64_t first, std::span<const float> sent, std::span<const float> back, bool) {
            out.in_order = out.in_order && first == next && sent.size() == back.size();
            next = first + static_cast<std::int64_t>(sent.size() / 2);
            out.programme.insert(out.programme.end(), sent.begin(), sent.end());
            out.came.insert(out.came.end(), back.begin(), back.end());
        },
        how.with_stretch ? TapeFollower::Stretch(stretch) : TapeFollower::Stretch());
    follower.begin(0, FollowPlace{.programme_frame = 0.0,
                                  .return_frame = (starts_s + how.place_error_s) * kRate,
                                  .speed = how.speed_told,
                                  .uncertainty_frames = 48.0});
    std::size_t sent = 0;
    constexpr std::size_t kBlock = 2 * 4800;
    for (std::size_t at = 0; at < came.size(); at += kBlock) {
        const auto piece = std::span(came).subspan(at, std::min(kBlock, came.size() - at));
        follower.push_return(static_cast<std::int64_t>(at / 2), piece);
        while (follower.programme_wanted() > 0 && sent < programme.size()) {
            const auto take = std::min(kBlock, programme.size() - sent);
            follower.push_programme(std::span(programme).subspan(sent, take));
            sent += take;
        }
    }
    follower.finish();
    out.losses = follower.lost_stretches();
    out.points = follower.points();
    return out;
}

/// Time by which what came lies behind the programme, each tenth of a second, from the derivative of the programme
/// low-passed by a mean of 16 frames; only where both are loud enough. Microseconds.
std::vector<double> lags_us(const Followed& followed, double from_s, double to_s, std::size_t channel = 0) {
    std::vector<double> out;
    const auto low = [&](const Stereo& x, std::size_t n) {
        double sum = 0.0;
        for (std::size_t k = 0; k < 16; ++k) {
            sum += static_cast<double>(x[2 * (n + k) + channel]) / 16.0;
        }
        return sum;
    };
    for (double at_s = from_s; at_s + 0.1 < to_s; at_s += 0.1) {
        double cross = 0.0, slope = 0.0, energy = 0.0;
        const auto from = static_cast<std::size_t>(at_s * kRate);
        double before = low(followed.programme, from);
        for (std::size_t n = from + 1; n < from + static_cast<std::size_t>(0.1 * kRate); ++n) {
            const double now = low(followed.programme, n), after = low(followed.programme, n + 1);
            const double derivative = 0.5 * (after - before);
            cross -= (low(followed.came, n) - now) * derivative;
            slope += derivative * derivative;
            energy += now * now;
            before = now;
        }
        if (energy / (0.1 * kRate) > 1e-5 && slope > 0.0) {
            out.push_back(cross / slope / kRate * 1e6);
        }
    }
    return out;
}

double worst(const std::vector<double>& values) {
    double most = 0.0;
    for (const double value : values) {
        most = std::max(most, std::abs(value));
    }
    return most;
}

const Stereo& pink() {
    return comparison_test::programme("pink", 1, 30.0);
}

} // namespace

TEST(TapeFollower, FollowsAnotherSpeedWithWow) {
    ReelModel reel;
    reel.speed_error = 0.002;
    reel.wow = {{0.001, 0.7, 0.1}, {0.0004, 3.1, 0.3}};
    reel.starts_s = 1.5;
    for (const char* name : {"pink", "loud_master", "speech"}) {
        const Stereo& programme = comparison_test::programme(name, 1, 30.0);
        const Followed followed =
            follow(programme, play_reel(reel, programme), reel.heard_at(0.0), {.speed_told = 1.0 / 1.002});
        EXPECT_TRUE(followed.in_order) << name;
        ASSERT_GE(followed.programme.size(), programme.size() - 20000) << name;
        const std::vector<double> lags = lags_us(followed, 1.0, 28.5);
        ASSERT_GT(lags.size(), 100U) << name;
        EXPECT_LT(worst(lags), 40.0) << name;
        EXPECT_TRUE(followed.losses.empty()) << name;
    }
}

TEST(TapeFollower, FindsTheSpeedByItself) {
    ReelModel reel;
    reel.speed_error = -0.003;
    reel.starts_s = 0.5;
    const Followed followed = follow(pink(), play_reel(reel, pink()), 0.5, {.place_error_s = 0.0007});
    EXPECT_LT(worst(lags_us(followed, 2.0, 28.0)), 40.0);
}

TEST(TapeFollower, LosesTheTapeAndFindsItAgain) {
    ReelModel reel;
    reel.speed_error = 0.002;
    reel.wow = {{0.001, 0.7, 0.1}};
    reel.holes = {{.at_s = 12.0, .length_s = 3.0}};
    const Followed followed = follow(pink(), play_reel(reel, pink()), 0.0, {.speed_told = 1.0 / 1.002});
    EXPECT_LT(worst(lags_us(followed, 1.0, 11.9)), 40.0);
    EXPECT_LT(worst(lags_us(followed, 15.2, 28.0)), 40.0);
    ASSERT_EQ(followed.losses.size(), 1U);
    EXPECT_EQ(followed.losses[0].kind, LostStretch::Kind::Drop);
    EXPECT_NEAR(static_cast<double>(followed.losses[0].from_frame) / kRate, 12.0, 0.12);
    EXPECT_NEAR(static_cast<double>(followed.losses[0].to_frame) / kRate, 15.0, 0.12);
}

TEST(TapeFollower, SaysWhatWasCutOut) {
    ReelModel reel;
    reel.speed_error = 0.001;
    reel.cut_at_s = 10.0;
    reel.cut_s = 4.0;
    const Followed followed = follow(pink(), play_reel(reel, pink()), 0.0, {.speed_told = 1.0 / 1.001});
    EXPECT_TRUE(followed.in_order);
    EXPECT_LT(worst(lags_us(followed, 1.0, 9.8)), 40.0);
    EXPECT_LT(worst(lags_us(followed, 14.2, 27.0)), 40.0);
    ASSERT_EQ(followed.losses.size(), 1U);
    EXPECT_EQ(followed.losses[0].kind, LostStretch::Kind::Missing);
    EXPECT_NEAR(static_cast<double>(followed.losses[0].from_frame) / kRate, 10.0, 0.15);
    EXPECT_NEAR(static_cast<double>(followed.losses[0].to_frame - followed.losses[0].from_frame) / kRate, 4.0, 0.02);
    // what is not on the tape comes back as silence
    double energy = 0.0;
    for (std::size_t n = static_cast<std::size_t>(10.3 * kRate); n < static_cast<std::size_t>(13.7 * kRate); ++n) {
        energy += static_cast<double>(followed.came[2 * n] * followed.came[2 * n]);
    }
    EXPECT_EQ(energy, 0.0);
}

TEST(TapeFollower, FollowsAcrossSilenceAndWithChannelsExchangedOrInverted) {
    Stereo programme = comparison_test::programme("wide", 1, 20.0);
    std::fill(programme.begin() + static_cast<std::ptrdiff_t>(2 * 8.0 * kRate),
              programme.begin() + static_cast<std::ptrdiff_t>(2 * 12.0 * kRate), 0.0F);
    for (const bool swap : {false, true}) {
        ReelModel reel;
        reel.speed_error = 0.002;
        reel.wow = {{0.0006, 0.9, 0.2}};
        reel.swap = swap;
        reel.invert = {false, true};
        const Followed followed = follow(programme, play_reel(reel, programme), 0.0, {.speed_told = 1.0 / 1.002});
        EXPECT_TRUE(followed.losses.empty());
        if (!swap) {
            EXPECT_LT(worst(lags_us(followed, 1.0, 7.9)), 60.0);
            EXPECT_LT(worst(lags_us(followed, 12.3, 18.5)), 60.0);
        }
        // by the places themselves: exact to 30 us wherever something was measured
        std::size_t late = 0;
        for (const auto& point : followed.points) {
            const double true_s = reel.heard_at(static_cast<double>(point.programme_frame) / kRate);
            EXPECT_NEAR(point.return_frame / kRate, true_s, 60e-6) << "at " << point.programme_frame << swap;
            late += static_cast<double>(point.programme_frame) > 12.3 * kRate ? 1 : 0;
        }
        EXPECT_GT(late, 50U);
    }
}

TEST(TapeFollower, IsNotLedAstrayByAnotherProgramme) {
    const Stereo& other = comparison_test::programme("pink", 5, 30.0);
    const Followed followed = follow(pink(), play_reel({}, other), 0.0);
    EXPECT_TRUE(followed.points.size() < 8) << followed.points.size();
    EXPECT_TRUE(followed.in_order);
}

} // namespace verify_test
