// SPDX-License-Identifier: Apache-2.0
// A whole 2500 ft reel at 15 ips, 48 kHz: printed, read back and judged. Memory is a limit here; time is printed (bench
// and docs carry the figure), not judged, so that a busy machine does not fail a build.
#include "audio/decoder/decoder_settings.hpp"
#include "print_rig.hpp"
#include "written_programme.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

namespace overbias::test {

TEST(WholeReel, IsPrintedAndProven) {
#ifdef OVERBIAS_SANITIZED
    const int files = 4; // sanitizers run a shorter tape
#else
    const int files = 16;
#endif
    // decoded as the daemon does it
    const char* const built = std::getenv("OVERBIAS_BINARY_DIR");
    const auto decoding =
        audio::decode_in_child({.program = std::string(built != nullptr ? built : ".") + "/bin/overbias-decoder",
                                .patience = std::chrono::seconds(60)});
    ASSERT_TRUE(decoding) << decoding.error().message;
    PrintRigOptions options;
    options.settings.start_place_m = 4.0;
    // one defect far out on the reel, on the right channel
    const int defect_s = 122 * (files - 1) + 60;
    options.faults = {"dropout:programme_s=" + std::to_string(defect_s) + ",length_ms=20,depth_db=20,channel=right"};
    PrintRig rig(options);
    mastering::PrintRequest request;
    request.files.assign(static_cast<std::size_t>(files), demo_file(120));
    request.gap_s = 2.0;
    const auto begin = std::chrono::steady_clock::now();
    const PrintEnd end = rig.print(request);
    const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const double memory_mb = static_cast<double>(usage.ru_maxrss) / 1024.0;
    std::printf("whole reel: %.1f s of programme in %.1f s, %.0f MB\n", files * 122.0, wall_s, memory_mb);
    ASSERT_EQ(end.report.at("tracks").as_array().size(), static_cast<std::size_t>(files));
    for (int i = 0; i < files; ++i) {
        const auto& track = end.track(static_cast<std::size_t>(i));
        EXPECT_EQ(track.at("dropouts").as_array().size(), i == files - 1 ? 1U : 0U) << i << end.text();
    }
    ASSERT_EQ(end.reason(), "dropout") << end.text();
    const auto& dropout = end.track(static_cast<std::size_t>(files - 1)).at("dropouts").at(0);
    // the defect is placed by true time; programme time runs on the player's crystal, 13 ms apart at the end of the
    // reel
    const double crystal_s = defect_s * options.settings.play_clock_ppm * 1e-6;
    EXPECT_NEAR(dropout.at("programme_time_s").to_number<double>(), 60.0 + crystal_s, 0.010);
    EXPECT_EQ(dropout.at("channel").as_string(), "right");
    EXPECT_NEAR(end.report.at("clock_difference_ppm").to_number<double>(), -20.0, 0.5);
#ifndef OVERBIAS_SANITIZED
    EXPECT_LE(memory_mb, 600.0);
#endif
}

} // namespace overbias::test
