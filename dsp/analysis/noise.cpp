// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/noise.hpp"

#include "dsp/analysis/aes17_band.hpp"
#include "dsp/analysis/quasi_peak_468.hpp"
#include "dsp/analysis/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.05;
constexpr double kRunIn_s = 1.0;
constexpr std::size_t kNeedleEvery = 64;

double power_dbfs(double mean_square) {
    return mean_square > 5e-21 ? 10.0 * std::log10(2.0 * mean_square) : -200.0;
}

double amplitude_dbfs(double peak) {
    return peak > 1e-10 ? 20.0 * std::log10(peak) : -200.0;
}

std::vector<float> without_dc(std::span<const float> samples) {
    double sum = 0.0;
    for (const float x : samples) {
        sum += static_cast<double>(x);
    }
    const double dc = sum / static_cast<double>(samples.size());
    std::vector<float> rest(samples.size());
    std::transform(samples.begin(), samples.end(), rest.begin(),
                   [dc](float x) { return static_cast<float>(static_cast<double>(x) - dc); });
    return rest;
}

/// Mean over the stretch of what `measure` makes of each filtered sample.
template <typename Filter, typename Measure>
double through(Filter filter, std::span<const float> run_in, std::span<const float> samples, std::size_t late,
               Measure measure) {
    for (std::size_t i = run_in.size(); i-- > 0;) {
        (void)filter.rt_process(static_cast<double>(run_in[i]));
    }
    double sum = 0.0;
    std::size_t seen = 0;
    for (const float x : samples) {
        const double y = filter.rt_process(static_cast<double>(x));
        sum += ++seen > late ? measure(y) : 0.0;
    }
    return sum / static_cast<double>(samples.size() - late);
}

} // namespace

NoiseLevels measure_noise(std::span<const float> whole, double rate_hz) {
    if (!(static_cast<double>(whole.size()) >= kShortest_s * rate_hz)) {
        throw std::invalid_argument("noise: a stretch of " + std::to_string(whole.size()) +
                                    " samples, expected 50 ms or more at " + std::to_string(rate_hz) + " Hz");
    }
    // direct current would come on as a step, which the slow needle remembers for seconds
    const std::vector<float> without = without_dc(whole);
    const std::span<const float> channel(without);
    const auto run_in = channel.first(std::min(channel.size(), static_cast<std::size_t>(kRunIn_s * rate_hz)));
    const auto square = [](double y) { return y * y; };
    NoiseLevels levels;
    double sum = 0.0;
    for (const float x : channel) {
        sum += square(static_cast<double>(x));
    }
    levels.rms_dbfs = power_dbfs(sum / static_cast<double>(channel.size()));
    const Aes17Band band(rate_hz);
    levels.band_dbfs = power_dbfs(through(band, run_in, channel, band.delay(), square));
    levels.a_dbfs = power_dbfs(through(WeightingFilter(Weighting::a, rate_hz), run_in, channel, 0, square));
    levels.c_dbfs = power_dbfs(through(WeightingFilter(Weighting::c, rate_hz), run_in, channel, 0, square));
    const double average = through(WeightingFilter(Weighting::itu468_unity_at_2khz, rate_hz), run_in, channel, 0,
                                   [](double y) { return std::abs(y); });
    levels.ccir_arm_dbfs = amplitude_dbfs(average * std::numbers::pi / 2.0);

    QuasiPeak468 meter(rate_hz, 1.0);
    const std::vector<float> backwards(run_in.rbegin(), run_in.rend());
    meter.process(backwards);
    (void)meter.highest_db();
    double needle = 0.0;
    std::size_t looks = 0;
    for (std::size_t at = 0; at < channel.size(); at += kNeedleEvery, ++looks) {
        meter.process(channel.subspan(at, std::min(kNeedleEvery, channel.size() - at)));
        needle += meter.needle();
    }
    levels.itu468_dbfs = amplitude_dbfs(needle / static_cast<double>(looks));
    levels.itu468_highest_dbfs = std::max(meter.highest_db(), levels.itu468_dbfs);
    return levels;
}

std::vector<NoiseLevels> measure_noise(std::span<const float> interleaved, std::size_t channels, double rate_hz) {
    if (channels == 0) {
        throw std::invalid_argument("noise: no channels");
    }
    std::vector<NoiseLevels> all;
    std::vector<float> channel(interleaved.size() / channels);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = 0; i < channel.size(); ++i) {
            channel[i] = interleaved[i * channels + c];
        }
        all.push_back(measure_noise(channel, rate_hz));
    }
    return all;
}

} // namespace overbias::dsp
