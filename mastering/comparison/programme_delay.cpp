// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/programme_delay.hpp"

#include "dsp/analysis/fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdlib>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kLook_s = 1.0;
constexpr double kLow_hz = 400.0, kHigh_hz = 5000.0;
constexpr double kSure = 0.85;      // correlation of a frame at the delay found
constexpr double kAgain = 0.95;     // of the highest peak: another as high is another fit
constexpr double kApart_s = 0.0015; // peaks nearer together are one
constexpr std::size_t kFewestFrames = 3;
constexpr float kAlike = 1e-3F; // of the strongest bin

using Spectrum = std::vector<std::complex<float>>;

/// Correlation of all lags 0 ... lags - 1 inside the band.
std::vector<float> correlate(dsp::RealFft& fft, const std::vector<float>& sent, const std::vector<float>& came,
                             double rate_hz) {
    std::vector<float> time(fft.size(), 0.0F);
    Spectrum x(fft.bins());
    Spectrum y(fft.bins());
    std::copy(sent.begin(), sent.end(), time.begin());
    fft.forward(time, x);
    std::fill(time.begin(), time.end(), 0.0F);
    std::copy(came.begin(), came.end(), time.begin());
    fft.forward(time, y);
    const double per_bin = rate_hz / static_cast<double>(fft.size());
    float most = 0.0F;
    for (std::size_t k = 0; k < x.size(); ++k) {
        const double hz = per_bin * static_cast<double>(k);
        y[k] = hz >= kLow_hz && hz <= kHigh_hz ? std::conj(x[k]) * y[k] : std::complex<float>{};
        most = std::max(most, std::abs(y[k]));
    }
    // Strong partials of a note fit again after each of its periods; with all bins that carry programme made alike what
    // begins and ends counts as much.
    for (std::complex<float>& bin : y) {
        bin /= std::abs(bin) + kAlike * most + 1e-30F;
    }
    fft.inverse(y, time);
    return time;
}

/// The one highest peak, of either sign; nullopt when another is as high.
std::optional<std::size_t> only_peak(const std::vector<float>& correlation, std::size_t lags, double rate_hz) {
    const auto higher = [](float a, float b) { return std::abs(a) < std::abs(b); };
    const auto end = correlation.begin() + static_cast<std::ptrdiff_t>(lags);
    const auto best = std::max_element(correlation.begin(), end, higher);
    const auto apart = static_cast<std::ptrdiff_t>(kApart_s * rate_hz);
    float other = 0.0F;
    for (auto at = correlation.begin(); at != end; ++at) {
        if (std::abs(at - best) > apart) {
            other = std::max(other, std::abs(*at));
        }
    }
    if (std::abs(*best) <= 0.0F || static_cast<double>(other) > kAgain * static_cast<double>(std::abs(*best))) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(best - correlation.begin());
}

} // namespace

std::int64_t programme_frames_needed(const ProgrammeSearch& search, double rate_hz) {
    return static_cast<std::int64_t>((kLook_s + std::max(0.0, search.latest_s) + 0.02) * rate_hz);
}

std::optional<std::array<double, 2>> find_programme(const FrameRing& reference, const FrameRing& tape_return,
                                                    const ClockMap& clocks, const ProgrammeSearch& search,
                                                    FrameAnalyser& analyser) {
    const double rate_hz = analyser.rate_hz();
    const auto look = static_cast<std::int64_t>(kLook_s * rate_hz);
    const auto earliest = static_cast<std::int64_t>(std::floor(search.earliest_s * rate_hz));
    const auto lags = static_cast<std::int64_t>((search.latest_s - search.earliest_s) * rate_hz);
    const double mapped = clocks.return_frame(static_cast<double>(search.first_frame));
    const auto from = std::max(tape_return.begin(), static_cast<std::int64_t>(std::floor(mapped)) + earliest);
    if (lags <= 0 || !reference.has(search.first_frame, look) || !tape_return.has(from, look + lags)) {
        return std::nullopt;
    }
    std::array<std::vector<float>, 2> sent;
    std::array<std::vector<float>, 2> came;
    for (int channel = 0; channel < 2; ++channel) {
        sent[static_cast<std::size_t>(channel)] = reference.channel(search.first_frame, look, channel);
        came[static_cast<std::size_t>(channel)] = tape_return.channel(from, look + lags, channel);
    }
    dsp::RealFft fft(std::bit_ceil(static_cast<std::size_t>(look + lags)));
    const std::size_t size = analyser.frame_size();
    std::vector<float> sent_cut(2 * size);
    std::vector<float> came_cut(2 * size);
    FrameFigures figures;
    // Each channel in its own, then in the other one: a swap is found by the judgement, at the delay from here.
    for (const auto& [to, source] : {std::array<std::size_t, 2>{0, 0}, {1, 1}, {1, 0}, {0, 1}}) {
        double power = 0.0;
        for (const float x : sent[source]) {
            power += static_cast<double>(x) * static_cast<double>(x);
        }
        if (power < search.least_power * static_cast<double>(look)) {
            continue;
        }
        const auto peak =
            only_peak(correlate(fft, sent[source], came[to], rate_hz), static_cast<std::size_t>(lags), rate_hz);
        if (!peak) {
            continue;
        }
        const auto cut = from + static_cast<std::int64_t>(*peak);
        std::vector<double> lag;
        for (std::int64_t at = 0; at + static_cast<std::int64_t>(size) <= look; at += static_cast<std::int64_t>(size)) {
            for (std::size_t n = 0; n < size; ++n) { // both lanes carry the pair in question
                const auto k = static_cast<std::size_t>(at) + n;
                sent_cut[2 * n] = sent_cut[2 * n + 1] = sent[source][k];
                came_cut[2 * n] = came_cut[2 * n + 1] = came[to][*peak + k];
            }
            analyser.analyse(sent_cut, came_cut, {0.0, 0.0}, figures);
            if (std::abs(figures.delay[0].correlation) > kSure) {
                lag.push_back(static_cast<double>(cut + at) + figures.delay[0].samples -
                              clocks.return_frame(static_cast<double>(search.first_frame + at)));
            }
        }
        if (lag.size() < kFewestFrames) {
            continue;
        }
        const auto middle = lag.begin() + static_cast<std::ptrdiff_t>(lag.size() / 2);
        std::nth_element(lag.begin(), middle, lag.end());
        return std::array<double, 2>{*middle, *middle};
    }
    return std::nullopt;
}

} // namespace overbias::mastering
