// SPDX-License-Identifier: Apache-2.0
// meters_counted fused|scalar|peer ROUNDS: a tenth of a second of programme at 96 kHz through the meters, ROUNDS times:
// what count-instructions.sh counts the instructions of. "scalar": the single meters; "peer": libebur128's true peak
// with its weighting, if it was there at configure time (else ends with 77). Prints the instruction set of the pass.
#include "dsp/meters/loudness_meter.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "dsp/meters/true_peak_meter.hpp"
#include "dsp/meters/vu_meter.hpp"
#include "meter_signals.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>

#ifdef OVERBIAS_EBUR128
#include <ebur128.h>
#endif

namespace {

using namespace overbias::dsp;
constexpr double kRate_hz = 96000.0;
constexpr std::size_t kBlock = 960;

void rounds_of(long rounds, const std::vector<float>& frames,
               const std::function<void(std::span<const float>)>& meter) {
    for (long round = 0; round < rounds; ++round) {
        for (std::size_t at = 0; at + 2 * kBlock <= frames.size(); at += 2 * kBlock) {
            meter({frames.data() + at, 2 * kBlock});
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::string which = argc > 1 ? argv[1] : "";
    const long rounds = argc > 2 ? std::strtol(argv[2], nullptr, 10) : 0;
    const std::vector<float> frames = signals::music(kRate_hz, 0.1, 1);
    if (which == "fused") {
        StereoMeters meters({.sample_rate_hz = kRate_hz});
        rounds_of(rounds, frames, [&](auto block) { meters.process(block); });
    } else if (which == "scalar") {
        LoudnessMeter loudness(kRate_hz);
        CorrelationMeter correlation(kRate_hz, 0.6);
        std::vector<TruePeakMeter> true_peak(2, TruePeakMeter(kRate_hz));
        std::vector<PeakMeter> peak(2);
        std::vector<VuMeter> vu(2, VuMeter(kRate_hz, 0.1));
        std::vector<PpmMeter> type_i(2, PpmMeter(PpmScale::din, kRate_hz, 0.1));
        std::vector<PpmMeter> type_ii(2, PpmMeter(PpmScale::ebu, kRate_hz, 0.1));
        std::vector<float> sides[2];
        for (std::size_t i = 0; i < frames.size(); ++i) {
            sides[i % 2].push_back(frames[i]);
        }
        std::size_t at = 0;
        rounds_of(rounds, frames, [&](auto block) {
            loudness.process(block);
            for (std::size_t channel = 0; channel < 2; ++channel) {
                const std::span<const float> side(sides[channel].data() + at, kBlock);
                true_peak[channel].process(side);
                peak[channel].process(side);
                vu[channel].process(side);
                type_i[channel].process(side);
                type_ii[channel].process(side);
            }
            correlation.process({sides[0].data() + at, kBlock}, {sides[1].data() + at, kBlock});
            at = (at + kBlock) % (frames.size() / 2);
        });
    } else if (which == "peer") {
#ifdef OVERBIAS_EBUR128
        ebur128_state* state = ebur128_init(2, static_cast<unsigned long>(kRate_hz), EBUR128_MODE_TRUE_PEAK);
        rounds_of(rounds, frames, [&](auto block) { (void)ebur128_add_frames_float(state, block.data(), kBlock); });
        ebur128_destroy(&state);
#else
        return 77;
#endif
    } else {
        std::fprintf(stderr, "usage: meters_counted fused|scalar|peer ROUNDS\n");
        return 2;
    }
    std::printf("%s\n", StereoMeters::instruction_set());
    return 0;
}
