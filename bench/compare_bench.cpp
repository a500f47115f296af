// SPDX-License-Identifier: Apache-2.0
// compare/realtime: processor time that the off-tape comparison takes for a whole print, stereo at 48 kHz: rest, slate,
// gap, 60 s of programme and the verdict, in blocks of 10 ms with the clocks' points, beside those 60 s. What comes
// before the programme is timed and not credited. Limit 1/200. A `#` line has the same at 96 kHz, with the same limit,
// for which the program ends with 1 too, and the longest single blocks of a run: in the programme and at its end, and
// the one in which the slate is searched, once a print.
//
// The tape return (bench/taped_print) has fractional delay, wow, flutter, azimuth, gain and treble errors, hiss and
// another crystal. The verdict must be a pass with the programme judged nearly all of the time and the delay found to
// the microsecond; otherwise the time says nothing.
//
// Processor time of the thread; 20 and 8 rounds, each with a comparison of its own; the print is made, and the
// comparison constructed, outside of it.
#include "bench/bench_numbers.hpp"
#include "bench/taped_print.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <iterator>
#include <vector>

namespace {
using namespace overbias;

constexpr double kProgramme_s = 60.0;

double cpu_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

/// Whether the comparison did all of its work and found the truth.
bool judged(const bench::TapedPrint& print, const mastering::ComparisonResult& result) {
    if (!result.pass || !result.off_tape || !result.slate.found || result.tracks.size() != 1) {
        return false;
    }
    const mastering::TrackResult& track = result.tracks.front();
    return track.pass && track.not_proven.empty() && track.dropouts.empty() && track.judged_share > 0.95 &&
           track.phase_deg && track.speed_change_ppm && track.wow && track.azimuth && track.residual.db[0] &&
           track.seconds.size() == static_cast<std::size_t>(kProgramme_s) && track.level_re_slate_db[0] &&
           track.level_re_slate_db[1] && std::abs(track.delay_ms.value_or(0.0) - 1e3 * print.head_delay_s) < 0.002;
}

struct Timed {
    // of each round
    std::vector<double> us;
    std::vector<double> slate_us, longest_us; ///< longest block before the programme and in it
    bool judged = true;
};

Timed timed(const bench::TapedPrint& print, int rounds) {
    Timed out;
    const auto block = static_cast<std::int64_t>(0.01 * print.config.sample_rate_hz);
    for (int round = 0; round < rounds; ++round) {
        mastering::OffTapeComparison comparison(print.config);
        bench::add_sections(print, comparison);
        const double from = cpu_us();
        double before = from, slate = 0.0, longest = 0.0;
        for (std::int64_t first = 0; first < print.frames(); first += block) {
            bench::feed_block(print, comparison, first, std::min(block, print.frames() - first));
            const double now = cpu_us();
            double& longest_here = first < print.track_from ? slate : longest;
            longest_here = std::max(longest_here, now - before);
            before = now;
        }
        const auto result = comparison.finish();
        out.us.push_back(cpu_us() - from);
        out.slate_us.push_back(slate);
        out.longest_us.push_back(longest);
        out.judged = out.judged && judged(print, result);
    }
    return out;
}

} // namespace

int main() {
    constexpr double kTruth_us = kProgramme_s * 1e6;
    const Timed at_48 = timed(bench::tape_print(48000.0, kProgramme_s), 20);
    const Timed at_96 = timed(bench::tape_print(96000.0, kProgramme_s), 8);
    const double us = bench::quantile(at_48.us, 0.5), us_96 = bench::quantile(at_96.us, 0.5);
    const auto tell = [](const char* rate, const Timed& all) {
        const double share = bench::quantile(all.us, 0.5) / kTruth_us;
        std::printf("# compare/realtime: %s %.0f times real time (%.2f %% of a core live), longest block of 10 ms %.0f "
                    "us, slate search %.0f us\n",
                    rate, 1.0 / share, 100.0 * share, bench::quantile(all.longest_us, 0.5),
                    bench::quantile(all.slate_us, 0.5));
    };
    tell("48 kHz", at_48);
    tell("96 kHz", at_96);
    std::vector<double> ratios;
    std::transform(at_48.us.begin(), at_48.us.end(), std::back_inserter(ratios),
                   [](double t) { return t / kTruth_us; });
    std::printf("compare/realtime ours %.1f other %.1f ratio %.6f spread %.6f\n", us, kTruth_us, us / kTruth_us,
                bench::quantile(ratios, 0.75) - bench::quantile(ratios, 0.25));
    if (!at_48.judged || !at_96.judged) {
        std::fprintf(stderr, "compare_bench: the print was not judged and passed, so its time says nothing\n");
        return 2;
    }
    return us / kTruth_us > 1.0 / 200.0 || us_96 / kTruth_us > 1.0 / 200.0 ? 1 : 0;
}
