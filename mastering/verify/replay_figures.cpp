// SPDX-License-Identifier: Apache-2.0
// Speed is the slope of place against programme. Wow is the speed that the rest of the place, the line taken out, says:
// of each stretch of about ten seconds that was followed nearly everywhere the spectrum of the place x(t) is taken
// (Hann), and the speed's mean square summed from 0.2 to 5 Hz as |X(f)|^2 (2 pi f)^2 / |W(f)|^2, where W is what a
// frame of length T with a Hann window does to a place that moves at f: the window's own transform,
//   W(f) = sinc(f T) / (1 - (f T)^2).
#include "mastering/verify/replay_figures.hpp"

#include "dsp/analysis/fft.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr std::size_t kWowKnots = 256; ///< about 11 s of half frames
constexpr std::int64_t kGapKnots = 5;  ///< so many in a row that were not found begin a new stretch
constexpr double kLow_hz = 0.2, kHigh_hz = 5.0;
constexpr double kLeastFollowed = 0.95;
constexpr std::size_t kLeastForSpeed = 100;

double window_response(double hz, double frame_s) {
    const double x = hz * frame_s;
    const double sinc = x < 1e-9 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
    return sinc / (1.0 - x * x);
}

struct Line {
    double slope = 1.0, deviation = 0.0;
};

/// Of each branch about its own mean, added up: a cut moves places and not the speed.
Line speed_line(std::span<const TapeFollower::Point> points) {
    double xx = 0.0, xy = 0.0, yy = 0.0, n = 0.0;
    for (auto from = points.begin(); from != points.end();) {
        auto to = from;
        double x = 0.0, y = 0.0, count = 0.0;
        for (; to != points.end() && to->branch == from->branch; ++to) {
            x += static_cast<double>(to->programme_frame);
            y += to->return_frame;
            count += 1.0;
        }
        for (auto point = from; point != to; ++point) {
            const double u = static_cast<double>(point->programme_frame) - x / count;
            const double v = point->return_frame - y / count;
            xx += u * u;
            xy += u * v;
            yy += v * v;
        }
        n += count;
        from = to;
    }
    if (xx <= 0.0 || n < 3.0) {
        return {};
    }
    const double slope = xy / xx;
    const double residual = std::max(0.0, yy - slope * xy) / (n - 2.0);
    return {slope, std::sqrt(residual / xx)};
}

void wow(std::span<const TapeFollower::Point> points, std::int64_t hop, double frame_s, double rate_hz,
         ReplayFigures& out) {
    const double hop_s = static_cast<double>(hop) / rate_hz;
    dsp::RealFft fft(kWowKnots);
    std::vector<std::complex<float>> bins(fft.bins());
    std::vector<float> place(kWowKnots);
    double mean_square = 0.0, peak = 0.0;
    int stretches = 0;
    std::size_t first = 0;
    while (first < points.size()) {
        // one stretch: kWowKnots knots on from this one, missing ones on a straight line
        const std::int64_t from = points[first].programme_frame / hop;
        std::vector<double> at(kWowKnots, 0.0);
        std::size_t n = first, found = 0;
        std::int64_t last = -1;
        for (; n < points.size() && points[n].branch == points[first].branch; ++n) {
            const std::int64_t k = points[n].programme_frame / hop - from;
            if (k >= static_cast<std::int64_t>(kWowKnots)) {
                break;
            }
            at[static_cast<std::size_t>(k)] = points[n].return_frame;
            for (std::int64_t m = last + 1; last >= 0 && m < k; ++m) {
                const double share = static_cast<double>(m - last) / static_cast<double>(k - last);
                at[static_cast<std::size_t>(m)] = at[static_cast<std::size_t>(last)] +
                                                  share * (points[n].return_frame - at[static_cast<std::size_t>(last)]);
            }
            last = k;
            ++found;
        }
        if (last + 1 < static_cast<std::int64_t>(kWowKnots) ||
            static_cast<double>(found) < kLeastFollowed * static_cast<double>(kWowKnots)) {
            std::size_t next = first + 1;
            while (next < n && points[next].programme_frame - points[next - 1].programme_frame < kGapKnots * hop) {
                ++next;
            }
            first = next;
            continue;
        }
        // the line taken out, in seconds; Hann
        double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
        for (std::size_t k = 0; k < kWowKnots; ++k) {
            const auto u = static_cast<double>(k);
            x += u;
            y += at[k] - at[0];
            xx += u * u;
            xy += u * (at[k] - at[0]);
        }
        const auto count = static_cast<double>(kWowKnots);
        const double slope = (count * xy - x * y) / (count * xx - x * x);
        const double offset = (y - slope * x) / count;
        for (std::size_t k = 0; k < kWowKnots; ++k) {
            const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(k) / count);
            place[k] = static_cast<float>(hann * (at[k] - at[0] - offset - slope * static_cast<double>(k)) / rate_hz);
        }
        fft.forward(place, bins);
        double sum = 0.0;
        for (std::size_t k = 1; k < bins.size(); ++k) {
            const double hz = static_cast<double>(k) / (count * hop_s);
            if (hz >= kLow_hz && hz <= kHigh_hz) {
                const double speed = 2.0 * std::numbers::pi * hz / window_response(hz, frame_s);
                bins[k] *= static_cast<float>(speed);
                sum += static_cast<double>(std::norm(bins[k]));
                bins[k] *= std::complex<float>(0.0F, 1.0F);
            } else {
                bins[k] = 0.0F;
            }
        }
        bins[0] = 0.0F;
        mean_square += 2.0 * sum / (count * count * 0.375); // Hann: mean square 3/8
        ++stretches;
        // the largest deviation, where the window is nearly one
        fft.inverse(bins, place);
        for (std::size_t k = kWowKnots / 3; k < 2 * kWowKnots / 3; ++k) {
            const double hann = 0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(k) / count);
            peak = std::max(peak, std::abs(static_cast<double>(place[k])) / hann);
        }
        first = n;
    }
    if (stretches > 0) {
        out.wow_percent = 200.0 * std::sqrt(mean_square / stretches);
        out.wow_peak_percent = 100.0 * peak;
        out.wow_seconds = static_cast<double>(stretches) * static_cast<double>(kWowKnots) * hop_s;
    }
}

} // namespace

ReplayFigures replay_figures(std::span<const TapeFollower::Point> points, std::int64_t hop_frames,
                             std::int64_t frame_size, double rate_hz, std::int64_t programme_frames,
                             std::optional<double> clock_ppm) {
    ReplayFigures out;
    if (programme_frames > 0) {
        out.followed_share = std::min(1.0, static_cast<double>(points.size()) * static_cast<double>(hop_frames) /
                                               static_cast<double>(programme_frames));
    }
    if (points.size() >= kLeastForSpeed) {
        const Line line = speed_line(points);
        out.speed_error_ppm = (1.0 / line.slope - 1.0) * 1e6 + clock_ppm.value_or(0.0);
        out.speed_uncertainty_ppm = 2.0 * line.deviation * 1e6;
    }
    wow(points, hop_frames, static_cast<double>(frame_size) / rate_hz, rate_hz, out);
    std::vector<double> apart;
    for (const TapeFollower::Point& point : points) {
        if (point.both) {
            apart.push_back(static_cast<double>(point.azimuth_frames) / rate_hz * 1e6);
        }
    }
    if (apart.size() >= kLeastForSpeed) {
        const auto middle = apart.begin() + static_cast<std::ptrdiff_t>(apart.size() / 2);
        std::nth_element(apart.begin(), middle, apart.end());
        out.azimuth_us = *middle;
        double sum = 0.0;
        std::size_t near = 0; // single frames that met another peak say nothing of weave
        for (const double each : apart) {
            if (std::abs(each - *middle) < 50.0) {
                sum += (each - *middle) * (each - *middle);
                ++near;
            }
        }
        out.azimuth_spread_us = std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, near)));
    }
    return out;
}

} // namespace overbias::mastering
