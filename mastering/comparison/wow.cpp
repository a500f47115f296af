// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/wow.hpp"

#include "dsp/analysis/fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <span>

namespace overbias::mastering {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kLow_hz = 0.2, kHigh_hz = 5.0;
constexpr double kLeast_s = 10.0;    // two periods of the lowest
constexpr double kEdge_s = 2.5;      // at both ends of a run, where the band filter rings
constexpr double kPiece_s = 5.0;     // for the place
constexpr double kLeastComb = 0.25;  // of the response
constexpr std::size_t kMostGap = 2;  // frames in a row that are bridged
constexpr double kTwoSigma = 0.9545; // share of values below two standard deviations

double sinc(double x) {
    return std::abs(x) < 1e-9 ? 1.0 : std::sin(kPi * x) / (kPi * x);
}

/// What a frame's weight, the square of a Hann window of length T, leaves of a swing: its Fourier transform,
/// (3/8 - 1/2 cos + 1/8 cos 2)^ -> sinc and its neighbours at 1 / T and 2 / T.
double frame_response(double cycles) {
    return sinc(cycles) + (2.0 / 3.0) * (sinc(cycles - 1.0) + sinc(cycles + 1.0)) +
           (1.0 / 6.0) * (sinc(cycles - 2.0) + sinc(cycles + 2.0));
}

/// Delay over speed deviation at a frequency; its sign and delay are left out, as only magnitudes are told.
double delay_response(double hz, double frame_s, double tau_s) {
    const double path = tau_s > 0.0 ? tau_s * std::abs(sinc(hz * tau_s)) : 1.0 / (2.0 * kPi * hz);
    return path * frame_response(hz * frame_s);
}

double highest_hz(double frame_s, double tau_s) {
    double hz = std::min(kHigh_hz, 0.47 / frame_s);
    while (tau_s > 0.0 && hz > kLow_hz && std::abs(sinc(hz * tau_s)) < kLeastComb) {
        hz -= 0.05;
    }
    // below the first null only
    return tau_s > 0.0 ? std::min(hz, 0.8 / tau_s) : hz;
}

/// Speed deviation of one run; the ends are cut off.
std::vector<double> deviation_of(std::span<const double> run, double frame_s, double tau_s, double to_hz) {
    const std::size_t n = run.size();
    // straight line out
    const double mean_x = 0.5 * static_cast<double>(n - 1);
    double mean_y = 0.0;
    for (const double y : run) {
        mean_y += y / static_cast<double>(n);
    }
    double xy = 0.0;
    double xx = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(i) - mean_x;
        xy += x * (run[i] - mean_y);
        xx += x * x;
    }
    const double slope = xy / xx;
    const std::size_t size = std::bit_ceil(2 * n);
    std::vector<float> time(size, 0.0F);
    const double edge = kEdge_s / frame_s;
    for (std::size_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(i);
        const double from_end = std::min(x, static_cast<double>(n - 1) - x);
        const double taper = from_end < edge ? 0.5 - 0.5 * std::cos(kPi * (from_end + 0.5) / edge) : 1.0;
        // in units of microseconds, which float holds well
        time[i] = static_cast<float>(1e6 * taper * (run[i] - mean_y - slope * (x - mean_x)));
    }
    dsp::RealFft fft(size);
    std::vector<std::complex<float>> bins(fft.bins());
    fft.forward(time, bins);
    for (std::size_t k = 0; k < bins.size(); ++k) {
        const double hz = static_cast<double>(k) / (static_cast<double>(size) * frame_s);
        double gain = 0.0;
        if (hz > 0.75 * kLow_hz && hz < 1.05 * to_hz) {
            const double up = std::clamp((hz - 0.75 * kLow_hz) / (0.5 * kLow_hz), 0.0, 1.0);
            const double down = std::clamp((1.05 * to_hz - hz) / (0.1 * to_hz), 0.0, 1.0);
            gain = (0.5 - 0.5 * std::cos(kPi * up)) * (0.5 - 0.5 * std::cos(kPi * down)) /
                   delay_response(std::min(hz, to_hz), frame_s, tau_s);
        }
        bins[k] *= static_cast<float>(gain);
    }
    fft.inverse(bins, time);
    std::vector<double> deviation;
    const auto cut = static_cast<std::size_t>(std::ceil(edge));
    for (std::size_t i = cut; i + cut < n; ++i) {
        deviation.push_back(1e-6 * static_cast<double>(time[i]));
    }
    return deviation;
}

double two_sigma(std::vector<double> values) {
    for (double& value : values) {
        value = std::abs(value);
    }
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(kTwoSigma * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace

std::optional<WowFound> wow_of(const DelayTrace& trace, double frame_s, double tau_s, double limit_percent) {
    WowFound found;
    found.wow.from_hz = kLow_hz;
    found.wow.to_hz = highest_hz(frame_s, tau_s);
    found.wow.basis = tau_s > 0.0 ? "delay trace, comb of the head distance undone" : "delay trace";
    const auto least = static_cast<std::size_t>(std::ceil(kLeast_s / frame_s));
    const auto piece = static_cast<std::size_t>(kPiece_s / frame_s);
    const auto edge = static_cast<std::size_t>(std::ceil(kEdge_s / frame_s));
    std::vector<double> all;
    std::vector<double> run;
    std::size_t first = 0;
    const auto end_run = [&]() {
        if (run.size() >= least && found.wow.to_hz > 2.0 * kLow_hz) {
            const auto deviation = deviation_of(run, frame_s, tau_s, found.wow.to_hz);
            all.insert(all.end(), deviation.begin(), deviation.end());
            for (std::size_t at = 0; at < deviation.size(); at += piece) {
                const std::size_t to = std::min(at + piece, deviation.size());
                if (2 * (to - at) < piece) {
                    break;
                }
                const std::vector<double> here(deviation.begin() + static_cast<std::ptrdiff_t>(at),
                                               deviation.begin() + static_cast<std::ptrdiff_t>(to));
                if (100.0 * two_sigma(here) > limit_percent) {
                    // the run's first and last seconds are taken to be as what lies beside them
                    const std::size_t from = at == 0 ? first : first + edge + at;
                    const bool last = to == deviation.size();
                    found.from_s = found.from_s.value_or(static_cast<double>(from) * frame_s);
                    found.to_s = static_cast<double>(last ? first + run.size() : first + edge + to) * frame_s;
                }
            }
        }
        run.clear();
    };
    for (std::size_t i = 0; i < trace.size(); ++i) {
        if (trace[i]) {
            if (run.empty()) {
                first = i;
            }
            run.push_back(*trace[i]);
            continue;
        }
        std::size_t next = i;
        while (next < trace.size() && !trace[next]) {
            ++next;
        }
        if (run.empty() || next == trace.size() || next - i > kMostGap) {
            end_run();
            i = next - 1;
            continue;
        }
        const double before = run.back();
        const double step = (*trace[next] - before) / static_cast<double>(next - i + 1);
        for (std::size_t k = i; k < next; ++k) {
            run.push_back(before + step * static_cast<double>(k - i + 1));
        }
        i = next - 1;
    }
    end_run();
    if (all.empty()) {
        return std::nullopt;
    }
    found.wow.seconds = static_cast<double>(all.size()) * frame_s;
    for (const double value : all) {
        found.wow.peak_percent = std::max(found.wow.peak_percent, 100.0 * std::abs(value));
    }
    found.wow.percent = 100.0 * two_sigma(std::move(all));
    return found;
}

std::optional<WowPlace> wow_place(const DelayTrace& trace, double frame_s, double from_s) {
    constexpr double kReach_s = kPiece_s + kEdge_s;
    constexpr std::size_t kFewest = 12; // frames on either side
    constexpr double kTimes = 4.0;      // the variance at least
    constexpr double kInterval = 3.5;
    const auto first = static_cast<std::size_t>(std::max(0.0, from_s - kReach_s) / frame_s);
    const std::size_t last = std::min(trace.size(), static_cast<std::size_t>((from_s + kReach_s) / frame_s));
    struct Sum {
        double n = 0.0, x = 0.0, xx = 0.0;
        [[nodiscard]] double variance() const { return std::max(1e-18, xx / n - x / n * (x / n)); }
    };
    std::vector<Sum> sums{{}};
    std::vector<std::size_t> slot;
    double zero = 0.0;
    for (std::size_t i = first; i < last; ++i) {
        if (trace[i]) {
            zero = slot.empty() ? *trace[i] : zero;
            const double x = *trace[i] - zero;
            sums.push_back({sums.back().n + 1.0, sums.back().x + x, sums.back().xx + x * x});
            slot.push_back(i);
        }
    }
    std::vector<double> likelihood(slot.size(), -1e300);
    std::size_t best = 0;
    for (std::size_t k = kFewest; k + kFewest < slot.size(); ++k) {
        const Sum& before = sums[k];
        const Sum& all = sums.back();
        const Sum after{all.n - before.n, all.x - before.x, all.xx - before.xx};
        if (after.variance() > kTimes * before.variance()) {
            likelihood[k] = -0.5 * (before.n * std::log(before.variance()) + after.n * std::log(after.variance()));
            best = likelihood[k] > likelihood[best] ? k : best;
        }
    }
    if (best == 0) {
        return std::nullopt;
    }
    std::size_t from = best;
    std::size_t to = best;
    for (std::size_t k = 0; k < slot.size(); ++k) {
        if (likelihood[k] > likelihood[best] - kInterval) {
            from = std::min(from, k);
            to = std::max(to, k);
        }
    }
    // A swing begins slowly: the first two frames of it may look as those before.
    const double at = static_cast<double>(slot[best]);
    return WowPlace{at * frame_s, frame_s * (2.0 + std::max(at - static_cast<double>(slot[from]),
                                                            static_cast<double>(slot[to]) - at))};
}

} // namespace overbias::mastering
