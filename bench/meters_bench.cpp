// SPDX-License-Identifier: Apache-2.0
// meters_bench [ROUNDS]: what the live meters of a stereo programme at 96 kHz cost, ns of thread CPU time a frame.
//
// Programme: 10 s of something like music in memory (7.7 MB, more than an L2 cache), in blocks of 960 frames. Each of
// ROUNDS (40) rounds walks every candidate over all of it in turn; the figures are medians over the rounds.
//
// ours:  StereoMeters: K weighting with M, S, I, LRA, true peak 2x, sample peak, clips, VU, PPM type I and type II,
//        correlation, rms, in one pass; read by a display every 100 ms.
// other:
// meter/fused-vs-best-peers   for each function the fastest that is at hand, added up: K weighting (libebur128 M, or
// our
//                             own scalar meter where that is faster), true peak (libebur128's, less its M), and our own
//                             scalar VU, PPM type I and correlation. PPM type II, sample peak and rms are not credited.
// meter/fused-vs-libebur128   libebur128 with M, S, I, LRA and true peak, M and S asked for every 100 ms
// meter/fused-vs-libebur128-unread   the same, never asked
// meter/fused-vs-recurrence   the chain that a peak programme meter can't avoid: a multiply-add and a maximum a frame,
//                             each waiting for the one before (recurrence.cpp)
// truepeak-vs-libebur128      ours: taking the frames in and the pass's interpolation alone; other: libebur128's true
//                             peak less its M
// meter/query-short-term      ns for one reading of S while the programme runs; other: libebur128's
// ratio: ours / other. Without libebur128 at configure time only the lines that don't need it are printed.
// Ends with 1 when a ratio is above its limit: 1/8, 1/15, 1/8, 2.0, 1/12, and 50 ns for the reading of S.
#include "bench/bench_numbers.hpp"
#include "bench/recurrence.hpp"
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "dsp/meters/true_peak_filter.hpp"
#include "dsp/meters/vu_meter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <limits>
#include <map>
#include <random>

#ifdef OVERBIAS_EBUR128
#include <ebur128.h>
#endif

namespace overbias::bench {
namespace {

constexpr double kRate_hz = 96000.0;
constexpr std::size_t kFrames = 960000, kBlock = 960, kBlocksPerLook = 10;

double cpu_ns() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// A chord and low-passed noise under slow swells, two beats a second.
std::vector<float> programme() {
    std::vector<float> samples;
    std::mt19937 random(1);
    std::normal_distribution<double> normal(0.0, 0.3);
    double low[2] = {0.0, 0.0};
    for (std::size_t frame = 0; frame < kFrames; ++frame) {
        const double time_s = static_cast<double>(frame) / kRate_hz;
        const double envelope = 0.15 + 0.6 * std::exp(-7.0 * std::fmod(time_s, 0.5)) + 0.1 * std::sin(0.8 * time_s);
        const double chord = 0.2 * std::sin(1382.0 * time_s) + 0.15 * std::sin(1738.0 * time_s) +
                             0.1 * std::sin(2073.0 * time_s) + 0.05 * std::sin(9111.0 * time_s);
        for (double& side : low) {
            side = 0.9 * side + 0.1 * normal(random);
            samples.push_back(static_cast<float>(envelope * (chord + 2.0 * side)));
        }
    }
    return samples;
}

/// Names -> ns a frame, one entry a round.
using Figures = std::map<std::string, std::vector<double>>;

struct Candidate {
    std::string name;
    std::function<void(std::span<const float> block)> process;
    std::function<void()> look; ///< every 100 ms
};

double sink = 0.0; ///< what is read goes somewhere

#ifdef OVERBIAS_EBUR128
struct Peer {
    explicit Peer(int mode) : state(ebur128_init(2, static_cast<unsigned long>(kRate_hz), mode)) {}
    ~Peer() { ebur128_destroy(&state); }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    void process(std::span<const float> block) const {
        (void)ebur128_add_frames_float(state, block.data(), block.size() / 2);
    }
    void look() const {
        double m = 0.0, s = 0.0;
        (void)ebur128_loudness_momentary(state, &m);
        (void)ebur128_loudness_shortterm(state, &s);
        sink += m + s;
    }
    ebur128_state* state;
};
constexpr int kAll = static_cast<int>(EBUR128_MODE_I) | EBUR128_MODE_LRA | EBUR128_MODE_S | EBUR128_MODE_TRUE_PEAK;
#endif

/// One channel's meter twice, fed from the two channels apart.
template <class Meter>
void both(Meter& left, Meter& right, const std::vector<float>* sides, std::size_t& at) {
    left.process(std::span(sides[0]).subspan(at, kBlock));
    right.process(std::span(sides[1]).subspan(at, kBlock));
    at = (at + kBlock) % kFrames;
}

/// The interpolation of the pass, with frames taken in as the pass takes them.
class TruePeakAlone {
  public:
    TruePeakAlone() {
        const dsp::TruePeakFilter filter = dsp::true_peak_filter(kRate_hz);
        for (std::size_t k = 0; k < dsp::kTruePeakPairs; ++k) {
            tables_.half[k] = static_cast<float>(filter.half[k]);
        }
        oversampling_ = filter.oversampling;
    }
    void process(std::span<const float> block) {
        for (std::vector<float>* side : {&left_, &right_}) {
            std::copy(side->end() - kPast, side->end(), side->begin());
        }
        dsp::stereo_stage(block.data(), nullptr, kBlock,
                          {interleaved_.data(), left_.data() + kPast, right_.data() + kPast});
        dsp::stereo_true_peak(tables_, state_, left_.data() + kPast, right_.data() + kPast, kBlock / dsp::kStereoGroup,
                              oversampling_);
    }
    void look() { sink += static_cast<double>(state_.left_true[0] + state_.right_true[3]); }

  private:
    static constexpr std::ptrdiff_t kPast = 32;
    dsp::StereoPassTables tables_;
    dsp::StereoPassState state_;
    std::vector<float> interleaved_ = std::vector<float>(2 * kBlock), left_ = std::vector<float>(kPast + kBlock),
                       right_ = std::vector<float>(kPast + kBlock);
    std::size_t oversampling_ = 0;
};

Figures measure(std::size_t rounds) {
    const std::vector<float> frames = programme();
    std::vector<float> sides[2];
    for (std::size_t i = 0; i < frames.size(); ++i) {
        sides[i % 2].push_back(frames[i]);
    }
    dsp::StereoMeters fused({.sample_rate_hz = kRate_hz});
    const std::size_t display = fused.add_reader();
    TruePeakAlone true_peak;
    dsp::LoudnessMeter loudness(kRate_hz);
    std::vector<dsp::VuMeter> vu(2, dsp::VuMeter(kRate_hz, 0.1));
    std::vector<dsp::PpmMeter> ppm(2, dsp::PpmMeter(dsp::PpmScale::din, kRate_hz, 0.1));
    dsp::CorrelationMeter correlation(kRate_hz, 0.6);
    std::vector<double> levels(1024);
    for (std::size_t i = 0; i < levels.size(); ++i) {
        levels[i] = 1e-4 * std::abs(static_cast<double>(frames[i]));
    }
    std::size_t vu_at = 0, ppm_at = 0, correlation_at = 0;
    const auto nothing = [] {};
    std::vector<Candidate> candidates{
        {"fused", [&](auto block) { fused.process(block); }, [&] { sink += fused.read(display).momentary_lufs; }},
        {"true peak", [&](auto block) { true_peak.process(block); }, [&] { true_peak.look(); }},
        {"scalar loudness", [&](auto block) { loudness.process(block); },
         [&] { sink += loudness.momentary_lufs() + loudness.short_term_lufs(); }},
        {"scalar VU", [&](auto) { both(vu[0], vu[1], sides, vu_at); }, [&] { sink += vu[0].highest_vu(); }},
        {"scalar PPM", [&](auto) { both(ppm[0], ppm[1], sides, ppm_at); }, [&] { sink += ppm[1].highest_db(); }},
        {"scalar correlation",
         [&](auto) {
             correlation.process(std::span(sides[0]).subspan(correlation_at, kBlock),
                                 std::span(sides[1]).subspan(correlation_at, kBlock));
             correlation_at = (correlation_at + kBlock) % kFrames;
         },
         [&] { sink += correlation.lowest(); }},
        {"recurrence", [&](auto) { sink += recurrence(levels.data(), levels.size(), kBlock); }, nothing}};
#ifdef OVERBIAS_EBUR128
    const Peer all(kAll), unread(kAll), with_true_peak(EBUR128_MODE_TRUE_PEAK), m_only(EBUR128_MODE_M);
    candidates.push_back({"peer", [&](auto block) { all.process(block); }, [&] { all.look(); }});
    candidates.push_back({"peer unread", [&](auto block) { unread.process(block); }, nothing});
    candidates.push_back({"peer true peak", [&](auto block) { with_true_peak.process(block); }, nothing});
    candidates.push_back({"peer M", [&](auto block) { m_only.process(block); }, nothing});
#endif

    Figures figures;
    for (std::size_t round = 0; round <= rounds; ++round) {
        for (const Candidate& candidate : candidates) {
            const double began = cpu_ns();
            for (std::size_t block = 0; block < kFrames / kBlock; ++block) {
                candidate.process({frames.data() + 2 * kBlock * block, 2 * kBlock});
                if (block % kBlocksPerLook == 0) {
                    candidate.look();
                }
            }
            if (round > 0) { // the first warms up
                figures[candidate.name].push_back((cpu_ns() - began) / static_cast<double>(kFrames));
            }
        }
        if (round == 0) {
            continue;
        }
        constexpr int kReads = 1000;
        double began = cpu_ns();
        for (int i = 0; i < kReads; ++i) {
            sink += fused.loudness().short_term_lufs();
        }
        figures["S"].push_back((cpu_ns() - began) / kReads);
#ifdef OVERBIAS_EBUR128
        began = cpu_ns();
        double s = 0.0;
        (void)ebur128_loudness_shortterm(all.state, &s);
        sink += s;
        figures["peer S"].push_back(cpu_ns() - began);
#endif
    }
    return figures;
}

std::vector<double> combine(const std::vector<double>& a, const std::vector<double>& b,
                            const std::function<double(double, double)>& how) {
    std::vector<double> result;
    for (std::size_t i = 0; i < a.size(); ++i) {
        result.push_back(how(a[i], b[i]));
    }
    return result;
}

bool run(std::size_t rounds) {
    double load[1] = {0.0};
    (void)getloadavg(load, 1);
    Figures f = measure(rounds);
    std::printf("# instruction set %s; load %.1f before; ns a frame, medians:", dsp::StereoMeters::instruction_set(),
                load[0]);
    for (const auto& [name, figures] : f) {
        std::printf(" %s %.2f;", name.c_str(), quantile(figures, 0.5));
    }
    std::printf(" (%g)\n", sink);
    bool good = true;
    const auto compare = [&](const char* name, const std::vector<double>& ours, const std::vector<double>& other,
                             double limit) {
        const double ratio = print_comparison(name, ours, other, std::min<std::size_t>(20, rounds), "ns", 2);
        good = good && ratio <= limit;
    };
    compare("meter/fused-vs-recurrence", f["fused"], f["recurrence"], 2.0);
#ifdef OVERBIAS_EBUR128
    const auto plus = [](double a, double b) { return a + b; };
    const auto minus = [](double a, double b) { return a - b; };
    const auto less = [](double a, double b) { return std::min(a, b); };
    const std::vector<double> net = combine(f["peer true peak"], f["peer M"], minus);
    std::vector<double> best = combine(combine(f["peer M"], f["scalar loudness"], less), net, plus);
    for (const char* one : {"scalar VU", "scalar PPM", "scalar correlation"}) {
        best = combine(best, f[one], plus);
    }
    compare("meter/fused-vs-best-peers", f["fused"], best, 1.0 / 8.0);
    compare("meter/fused-vs-libebur128", f["fused"], f["peer"], 1.0 / 15.0);
    compare("meter/fused-vs-libebur128-unread", f["fused"], f["peer unread"], 1.0 / 8.0);
    compare("truepeak-vs-libebur128", f["true peak"], net, 1.0 / 12.0);
    compare("meter/query-short-term", f["S"], f["peer S"], std::numeric_limits<double>::infinity());
#else
    std::printf("# libebur128 was not found when this was configured: no comparison with peers\n");
#endif
    if (quantile(f["S"], 0.5) > 50.0) {
        std::printf("# meter/query-short-term: a reading of S took more than 50 ns\n");
        good = false;
    }
    return good;
}

} // namespace
} // namespace overbias::bench

int main(int argc, char** argv) {
    const long rounds = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 40;
    if (rounds < 1) {
        std::fprintf(stderr, "usage: meters_bench [ROUNDS]; ROUNDS at least 1\n");
        return 2;
    }
    return overbias::bench::run(static_cast<std::size_t>(rounds)) ? 0 : 1;
}
