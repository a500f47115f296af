// SPDX-License-Identifier: Apache-2.0
// locate_bench [COUNT]: how long locates take beside the least time in which that very deck could have made them.
//
// ours:  median seconds from the locate command until the machine says Stopped, over COUNT random locates a profile
//        (1000), 100 on each of COUNT / 100 decks that the locator has never met: its learning is part of it. Distances
//        log-uniform, reels full to empty, either way; one line a decade of distance, 1 s of tape being 0.381 m.
// other: median of the bound for the same locates. The bound of one locate contains: the deck's wind motor with all it
//        has from the first millisecond, its brakes from the best one, packs, masses, friction, bearings, and the times
//        its solenoids and brakes take to act, all by deck-sim's own drive (locate_bound.hpp); and once, at the end,
//        the time the motion sensor needs to tell that the tape is still. It contains no waiting for play (no locate
//        needs play), no tolerance (the tape ends exactly there, ours within 0.038 m) and no time to think.
// ratio: ours / other. spread: between the quartiles of the single locates' ratios.
// Lines that begin with # say more: the share within 0.038 m by the counter, the worst, the true error with the
// roller's slip, and the ratio from rest to rest without that settle on either side.
// Profiles: keys, shuttle and small-reels (locate_rig.hpp), and beside them serial, the shuttle deck without a tach of
// our own: its counter steps 15 mm and is read 30 times a second, which costs time on short ways.
// Ends with 1 when a ratio is above its limit (1.15 where the wind speed can be set and the roller is counted,
// else 1.6), a locate came out beyond 0.038 m more than once in a thousand, or the deck's truth was ever broken.
#include "bench/locate_bound.hpp"
#include "bench/locate_rig.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace overbias::bench;

constexpr double kSecondOfTape_m = 0.381, kNearEnough_m = 0.0381;
constexpr double kLimitShuttle = 1.15, kLimitKeys = 1.6;
constexpr std::array<const char*, 4> kDecades{"1-10s", "10-100s", "100-1000s", "1000s-reel"};
constexpr int kSession = 100;
constexpr std::uint64_t kSeed = 1;

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Decade {
    std::vector<double> ours_s, bound_s, ratio, rest_ratio;
};

bool run(const LocateProfile& profile, int count) {
    std::array<Decade, kDecades.size()> decades;
    std::vector<double> error_m, true_error_m;
    int wrong = 0, outside = 0;
    const double settle_s = mandatory_settle_s(profile.deck);
    locate_at_random(profile, kSeed, count, kSession, [&](const Locate& one) {
        if (!one.wrong.empty()) {
            ++wrong;
            std::printf("# %s: %g m to %g m: %s\n", std::string(profile.name).c_str(), one.from_m, one.to_m,
                        one.wrong.c_str());
            return;
        }
        error_m.push_back(std::abs(one.error_m));
        true_error_m.push_back(std::abs(one.true_error_m));
        outside += error_m.back() > kNearEnough_m ? 1 : 0;
        const double way_m = one.to_m - one.from_m;
        const double motion_s = least_locate_time_s(profile.deck, one.from_place_m, one.from_place_m + way_m);
        const double decade = std::log10(std::abs(way_m) / kSecondOfTape_m);
        Decade& in = decades[static_cast<std::size_t>(std::clamp(decade, 0.0, 3.0))];
        in.ours_s.push_back(one.took_s);
        in.bound_s.push_back(motion_s + settle_s);
        in.ratio.push_back(one.took_s / (motion_s + settle_s));
        in.rest_ratio.push_back(one.rest_s / motion_s);
    });
    if (error_m.empty()) {
        return false;
    }
    const std::string name(profile.name);
    bool good = wrong == 0 && static_cast<double>(outside) <= 0.001 * count;
    std::printf("# %s: %d locates, %d beyond %.3f m, %d wrong; error by counter median %.4f m, worst %.4f m; true with "
                "slip median %.3f m, worst %.3f m; settle %.3f s\n",
                name.c_str(), count, outside, kNearEnough_m, wrong, quantile(error_m, 0.5), quantile(error_m, 1.0),
                quantile(true_error_m, 0.5), quantile(true_error_m, 1.0), settle_s);
    for (std::size_t n = 0; n < decades.size(); ++n) {
        const Decade& in = decades[n];
        if (in.ratio.empty()) {
            continue; // no reel so long
        }
        const double ours = quantile(in.ours_s, 0.5), other = quantile(in.bound_s, 0.5);
        std::printf("locate/time-vs-optimal/%s/%s ours %.3f other %.3f ratio %.3f spread %.3f\n", name.c_str(),
                    kDecades[n], ours, other, ours / other, quantile(in.ratio, 0.75) - quantile(in.ratio, 0.25));
        std::printf(
            "#   %zu locates; ratio of the median locate %.3f, of one in twenty above %.3f; rest to rest %.3f\n",
            in.ratio.size(), quantile(in.ratio, 0.5), quantile(in.ratio, 0.95), quantile(in.rest_ratio, 0.5));
        const bool by_speed = profile.shuttles && profile.counter_steps_per_metre == 0.0;
        good = good && ours / other <= (by_speed ? kLimitShuttle : kLimitKeys);
    }
    return good;
}

} // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
    if (count < 1) {
        std::fprintf(stderr, "locate_bench: COUNT must be a number above 0, got %s\n", argv[1]);
        return 2;
    }
    bool good = true;
    for (const LocateProfile& profile : locate_profiles()) {
        good = run(profile, count) && good;
    }
    return good ? 0 : 1;
}
