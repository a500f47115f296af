// SPDX-License-Identifier: Apache-2.0
// Holes in a limited master that drives the tape near its limit, on a deck that lifts the bass in recording: what
// excuses saturation must not excuse them.
#include "comparison_programmes.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace overbias::test {

namespace {

namespace json = boost::json;

/// Lifts the bass on the way to a tape that saturates early.
PrintRigOptions bass_driven_deck() {
    PrintRigOptions options;
    options.settings.seed = 6;
    options.settings.equalisation = deck_sim::Equalisation::Nab;
    options.settings.mol_re_operating_db = 8.6;
    return options;
}

constexpr double kGap_s = 2.0; // of quick_request()
constexpr double kTrack_s = 24.0;
constexpr double kWithin_s = 0.010;
constexpr double kSmooth_s = 0.025; // how early or late an edge that is smooth may be read

struct HotHole {
    std::string fault;
    std::size_t track = 0;
    double at_s = 0.0;
    bool left = true;
};

/// Over and over again flat and spacing, where they meet every part of the beat of half a second.
std::vector<HotHole> holes_in(std::size_t track) {
    const std::vector<std::string> kinds{"dropout:length_ms=20,depth_db=20", "spacing:length_ms=30,depth_db=20",
                                         "dropout:length_ms=20,depth_db=12", "spacing:length_ms=40,depth_db=30"};
    std::vector<HotHole> holes;
    double at_s = 1.2;
    for (std::size_t n = 0; at_s < kTrack_s - 1.5; ++n, at_s += 1.337) {
        const std::string& kind = kinds[(n + track) % kinds.size()];
        holes.push_back({kind, track, at_s, n % 2 == 0});
    }
    return holes;
}

bool found(const json::object& track, const HotHole& hole) {
    const double within_s = hole.fault.starts_with("spacing") ? kSmooth_s : kWithin_s;
    for (const json::value& each : track.at("dropouts").as_array()) {
        if (each.at("channel").as_string() == (hole.left ? "left" : "right") && each.at("over_limit").as_bool() &&
            std::abs(each.at("programme_time_s").to_number<double>() - hole.at_s) < within_s) {
            return true;
        }
    }
    return false;
}

TEST(HotHoles, AreFoundBesideSaturation) {
    PrintRigOptions options = bass_driven_deck();
    std::vector<std::string> files;
    std::vector<HotHole> holes;
    comparison_test::Stereo master = comparison_test::programme("loud_master", 5, kTrack_s);
    for (std::size_t t = 0; t < 4; ++t) { // peaks 13.8 dB over operating level, then 2.3 dB less each time
        files.push_back(write_programme("hot_holes" + std::to_string(t), master));
        for (float& x : master) {
            x *= 0.77F;
        }
        for (const HotHole& hole : holes_in(t)) {
            holes.push_back(hole);
            const double at_s = static_cast<double>(t) * (kTrack_s + kGap_s) + hole.at_s;
            options.faults.push_back(hole.fault + ",programme_s=" + std::to_string(at_s) +
                                     ",channel=" + (hole.left ? "left" : "right"));
        }
    }
    PrintRig rig(options);
    const PrintEnd end = rig.print(PrintRig::quick_request(files));
    ASSERT_TRUE(end.report.is_object()) << end.text();
    std::size_t counted = 0;
    for (const HotHole& hole : holes) {
        const bool is_found = found(end.track(hole.track), hole);
        counted += is_found ? 1 : 0;
        if (!is_found) {
            std::printf("not found: %s at %.3f s of track %zu, %s\n", hole.fault.c_str(), hole.at_s, hole.track,
                        hole.left ? "left" : "right");
        }
    }
    std::printf("%zu of %zu holes found\n", counted, holes.size());
    EXPECT_EQ(counted, holes.size());
}

/// From far over its limit to where only the lift of the bass brings the tape there.
TEST(BassDrivenMaster, GivesNoFalseAlarm) {
    std::vector<std::string> files;
    for (unsigned seed = 1; seed <= 4; ++seed) {
        comparison_test::Stereo master = comparison_test::fresh_programme("loud_master", seed, 15.0);
        for (int softer = 0; softer < 4; ++softer) { // peaks 13.8 dB over operating level, then 2.3 dB less each time
            files.push_back(
                write_programme("bass_driven" + std::to_string(seed) + "-" + std::to_string(softer), master));
            for (float& x : master) {
                x *= 0.77F;
            }
        }
    }
    PrintRig rig(bass_driven_deck());
    const PrintEnd end = rig.print(PrintRig::quick_request(files));
    EXPECT_EQ(end.verdict(), "pass") << end.text();
}

} // namespace

} // namespace overbias::test
