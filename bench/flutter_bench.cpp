// SPDX-License-Identifier: Apache-2.0
// flutter/realtime: processor time that the whole wow & flutter meter takes for 60 s of a 3150 Hz tone (+-0.1 % at 4
// Hz, 48 kHz, blocks of 480 samples, a reading every ten seconds) beside those 60 s. Limit 1/5000.
//
// flutter/demod-vs-zero-crossing: processor time from the samples of that tone to its weighted, unweighted and wow
// deviations. Ours: dsp/analysis/fm_demodulator and flutter_filters (which make a fourth band in the same step). The
// other, the plain way: look for each crossing of zero, place it by a straight line between the two samples, take half
// a period from crossing to crossing, and put these 6300 figures a second through the same three cascades, section
// after section. The true weighted deviation must come out of ours within 0.1 %. Limit 0.4. The crossings of a clean
// tone are the best case of that method: noise, hum and a drop-out each cost it accuracy, not time; what it shows
// unweighted is told beside.
//
// Processor time of the thread, in turn, 60 rounds; what is allocated and generated is outside.
#include "bench/bench_numbers.hpp"
#include "dsp/analysis/wow_flutter.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numbers>
#include <span>
#include <vector>

namespace {
using namespace overbias;

constexpr double kRate_hz = 48000.0, kCarrier_hz = 3150.0, kSeconds = 60.0, kFlutter_hz = 4.0;
constexpr double kTruth = 0.001 / std::numbers::sqrt2;

double cpu_us() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

std::vector<float> flutter_tape() {
    std::vector<float> samples(static_cast<std::size_t>(kRate_hz * kSeconds));
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double t = static_cast<double>(n) / kRate_hz;
        const double swing = kCarrier_hz * 0.001 / kFlutter_hz * std::sin(2.0 * std::numbers::pi * kFlutter_hz * t);
        samples[n] = static_cast<float>(0.3 * std::sin(2.0 * std::numbers::pi * kCarrier_hz * t + swing));
    }
    return samples;
}

struct Bands {
    float weighted = 0.0F, unweighted = 0.0F, wow = 0.0F;
};

/// The plain way.
class ZeroCrossings {
  public:
    ZeroCrossings() {
        for (const auto band : {dsp::kWeighted, dsp::kUnweighted, dsp::kWow}) {
            for (const auto& section : dsp::flutter_band_sections(band, 2.0 * kCarrier_hz)) {
                cascades_[band].emplace_back(section);
            }
        }
    }
    /// Returns how many it wrote.
    std::size_t measure(std::span<const float> samples, std::vector<Bands>& out) {
        std::size_t count = 0;
        double last = -1.0;
        const double to_deviation = 0.5 * kRate_hz / kCarrier_hz;
        for (std::size_t n = 1; n < samples.size(); ++n) {
            const float before = samples[n - 1], now = samples[n];
            if ((before < 0.0F) != (now < 0.0F)) {
                const double at = static_cast<double>(n) - static_cast<double>(now) / static_cast<double>(now - before);
                if (last >= 0.0) {
                    const double deviation = to_deviation / (at - last) - 1.0;
                    out[count++] = {filtered(0, deviation), filtered(1, deviation), filtered(2, deviation)};
                }
                last = at;
            }
        }
        return count;
    }

  private:
    float filtered(std::size_t band, double deviation) {
        for (dsp::Biquad& section : cascades_[band]) {
            deviation = section.rt_process(deviation);
        }
        return static_cast<float>(deviation);
    }
    std::array<std::vector<dsp::Biquad>, 3> cascades_;
};

/// Of the last 40 s: whole periods, long after the start.
template <typename Value>
double rms(std::size_t count, double rate_hz, Value value) {
    double sum = 0.0;
    const auto taken = static_cast<std::size_t>(40.0 * rate_hz);
    for (std::size_t n = count - taken; n < count; ++n) {
        sum += static_cast<double>(value(n)) * static_cast<double>(value(n));
    }
    return std::sqrt(sum / static_cast<double>(taken));
}

} // namespace

int main() {
    constexpr int kRounds = 60;
    const auto samples = flutter_tape();
    dsp::WowFlutterMeter meter({.rate_hz = kRate_hz, .nominal_carrier_hz = kCarrier_hz});
    dsp::FmDemodulator demodulator({.rate_hz = kRate_hz, .carrier_hz = kCarrier_hz});
    dsp::FlutterFilters filters(demodulator.output_rate_hz());
    std::vector<dsp::FmSample> speed(demodulator.most_outputs(samples.size()));
    std::vector<Bands> ours_out(speed.size()), plain_out(samples.size());
    ZeroCrossings crossings;
    std::vector<double> whole, ours, plain;
    std::size_t ours_count = 0, plain_count = 0;
    double two_sigma = 0.0;
    for (int round = 0; round < kRounds; ++round) {
        meter.reset();
        double from = cpu_us();
        std::size_t fed = 0;
        for (; fed + 480 <= samples.size(); fed += 480) {
            meter.process(std::span<const float>(samples).subspan(fed, 480));
            if (fed % 480000 == 479520) {
                two_sigma = meter.reading().weighted_two_sigma_percent.value_or(0.0);
            }
        }
        whole.push_back(cpu_us() - from);

        demodulator.reset();
        from = cpu_us();
        ours_count = demodulator.process(samples, speed);
        for (std::size_t n = 0; n < ours_count; ++n) {
            const auto bands = filters.rt_process(static_cast<double>(speed[n].deviation));
            ours_out[n] = {bands[dsp::kWeighted], bands[dsp::kUnweighted], bands[dsp::kWow]};
        }
        ours.push_back(cpu_us() - from);

        from = cpu_us();
        plain_count = crossings.measure(samples, plain_out);
        plain.push_back(cpu_us() - from);
    }
    const double ours_rate = demodulator.output_rate_hz(), plain_rate = 2.0 * kCarrier_hz;
    const double ours_weighted = rms(ours_count, ours_rate, [&](std::size_t n) { return ours_out[n].weighted; });
    const double plain_weighted = rms(plain_count, plain_rate, [&](std::size_t n) { return plain_out[n].weighted; });
    const double ours_rms = rms(ours_count, ours_rate, [&](std::size_t n) { return ours_out[n].unweighted; });
    const double plain_rms = rms(plain_count, plain_rate, [&](std::size_t n) { return plain_out[n].unweighted; });
    const double ratio = bench::quantile(whole, 0.5) / (kSeconds * 1e6);
    std::vector<double> ratios;
    for (const double us : whole) {
        ratios.push_back(us / (kSeconds * 1e6));
    }
    std::printf("# flutter/realtime: %.0f times real time, two-sigma %.5f %%\n", 1.0 / ratio, two_sigma);
    std::printf("flutter/realtime ours %.1f other %.1f ratio %.6f spread %.6f\n", bench::quantile(whole, 0.5),
                kSeconds * 1e6, ratio, bench::quantile(ratios, 0.75) - bench::quantile(ratios, 0.25));
    std::printf(
        "# flutter/demod-vs-zero-crossing: rms %.5f %% true; weighted ours %.5f other %.5f, unweighted %.5f %.5f\n",
        100.0 * kTruth, 100.0 * ours_weighted, 100.0 * plain_weighted, 100.0 * ours_rms, 100.0 * plain_rms);
    const double demodulators = bench::print_comparison("flutter/demod-vs-zero-crossing", ours, plain);
    if (std::abs(ours_weighted / kTruth - 1.0) > 0.001 || std::abs(two_sigma / 0.09969 - 1.0) > 0.005) {
        std::fprintf(stderr, "flutter_bench: the figures measured are wrong, so their time says nothing\n");
        return 2;
    }
    return ratio > 1.0 / 5000.0 || demodulators > 0.4 ? 1 : 0;
}
