// SPDX-License-Identifier: Apache-2.0
// What a weighted wow-and-flutter meter has to read of a deck whose speed is known each millisecond: the 17 points of
// IEC 60386 in the spectrum of the speed, and the value that is exceeded 5 % of the time. Nothing of the product's
// filters is in it.
#pragma once

#include "base/async/timeline.hpp"
#include "flutter_signals.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstddef>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

namespace overbias::test {

inline double seconds_of(DeckTime at) {
    return std::chrono::duration<double>(at.time_since_epoch()).count();
}

class FlutterTruth {
  public:
    /// `speed`: of the tape, relative to what it should be.
    FlutterTruth(Timeline& timeline, std::function<double()> speed)
        : begun_s_(seconds_of(timeline.now())),
          timer_(timeline, std::chrono::milliseconds(1),
                 [this, speed = std::move(speed)] { speed_.push_back(speed()); }) {}

    /// Percent, of the stretch between two moments of deck time but for its last second; the tape has to play for three
    /// seconds before it.
    [[nodiscard]] double weighted_two_sigma_percent(double from_s, double to_s) const {
        const std::size_t first = index(from_s - 3.0), last = index(to_s - 0.2);
        double mean = 0.0;
        for (std::size_t n = first; n < last; ++n) {
            mean += speed_[n] / static_cast<double>(last - first);
        }
        std::vector<std::complex<double>> bins(65536);
        for (std::size_t n = first; n < last; ++n) {
            bins.at(n - first) = speed_[n] / mean - 1.0;
        }
        transform(bins, false);
        for (std::size_t k = 0; k < bins.size(); ++k) {
            const double hz = 1000.0 * static_cast<double>(std::min(k, bins.size() - k)) / 65536.0;
            bins[k] *= weight(hz) / 65536.0;
        }
        transform(bins, true);
        std::vector<double> deviation;
        for (std::size_t n = index(from_s) - first; n < index(to_s - 1.0) - first; ++n) {
            deviation.push_back(std::abs(bins[n].real()));
        }
        const auto at = static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(deviation.size()));
        std::nth_element(deviation.begin(), deviation.begin() + at, deviation.end());
        return 100.0 * deviation[static_cast<std::size_t>(at)];
    }

  private:
    [[nodiscard]] std::size_t index(double at_s) const {
        return static_cast<std::size_t>(std::lround((at_s - begun_s_) * 1000.0));
    }
    /// Through the four points about it, a cubic in the logarithm of frequency.
    static double weight(double hz) {
        const auto& points = dsp::test::kFlutterWeights;
        if (hz < 0.1 || hz > 250.0) {
            return 0.0;
        }
        std::size_t above = 0;
        while (above < points.size() && points[above].flutter_hz < hz) {
            ++above;
        }
        const std::size_t begin = std::min(above < 2 ? 0 : above - 2, points.size() - 4);
        double db = 0.0;
        for (std::size_t i = begin; i < begin + 4; ++i) {
            double share = 1.0;
            for (std::size_t j = begin; j < begin + 4; ++j) {
                share *= i == j ? 1.0
                                : std::log(hz / points[j].flutter_hz) /
                                      std::log(points[i].flutter_hz / points[j].flutter_hz);
            }
            db += share * points[i].db;
        }
        return std::pow(10.0, db / 20.0);
    }
    /// Radix 2, in place.
    static void transform(std::vector<std::complex<double>>& x, bool back) {
        for (std::size_t i = 1, j = 0; i < x.size(); ++i) {
            std::size_t bit = x.size() / 2;
            for (; (j & bit) != 0; bit /= 2) {
                j ^= bit;
            }
            j ^= bit;
            if (i < j) {
                std::swap(x[i], x[j]);
            }
        }
        for (std::size_t size = 2; size <= x.size(); size *= 2) {
            const double turn = (back ? 2.0 : -2.0) * std::numbers::pi / static_cast<double>(size);
            for (std::size_t k = 0; k < size / 2; ++k) {
                const auto factor = std::polar(1.0, turn * static_cast<double>(k));
                for (std::size_t i = k; i < x.size(); i += size) {
                    const auto other = factor * x[i + size / 2];
                    x[i + size / 2] = x[i] - other;
                    x[i] += other;
                }
            }
        }
    }

    double begun_s_;
    std::vector<double> speed_;
    PeriodicTimer timer_;
};

} // namespace overbias::test
