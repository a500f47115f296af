// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/hum.hpp"

#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.5, kSegment_s = 4.0;
constexpr double kHighest_hz = 1000.0;
constexpr double kSearch = 0.01;
constexpr int kLowLines = 3; ///< one of these must be there
constexpr std::size_t kFlankInner = 5, kFlankOuter = 40;

struct Family {
    int mains_hz = 0;
    double fundamental_hz = 0;
    double low_power = 0; ///< of the lines that are there among the first three
    std::vector<HumLine> lines;
    std::vector<double> power;
};

class Search {
  public:
    explicit Search(const PowerSpectrum& spectrum)
        : spectrum_(spectrum),
          stands_out_(std::pow(10.0, 1.0 + 0.6 / std::sqrt(static_cast<double>(spectrum.averages())))) {}

    Family family(int mains_hz) const {
        const auto multiples = static_cast<int>(kHighest_hz / mains_hz);
        std::vector<double> threshold;
        for (int k = 1; k <= multiples; ++k) {
            threshold.push_back(stands_out_ * spectrum_.floor(k * mains_hz, kFlankInner, kFlankOuter));
        }
        Family family;
        family.mains_hz = mains_hz;
        const double step_hz = spectrum_.bin_hz() / (4.0 * multiples);
        double best = 0.0;
        for (double f = mains_hz * (1.0 - kSearch); f <= mains_hz * (1.0 + kSearch); f += step_hz) {
            double score = 0.0;
            for (int k = 1; k <= multiples; ++k) {
                const double over = at(k * f) / std::max(threshold[static_cast<std::size_t>(k - 1)], 1e-300);
                score += over > 1.0 ? std::log(over) : 0.0;
            }
            if (score > best) {
                best = score;
                family.fundamental_hz = f;
            }
        }
        for (int k = 1; k <= multiples && best > 0.0; ++k) {
            add(family, k, threshold[static_cast<std::size_t>(k - 1)]);
        }
        if (family.low_power <= 0.0) {
            family.lines.clear();
            family.power.clear();
        }
        return family;
    }

  private:
    [[nodiscard]] double at(double hz) const {
        const auto k = static_cast<std::size_t>(std::lround(hz / spectrum_.bin_hz()));
        return k < spectrum_.bins().size() ? spectrum_.bins()[k] : 0.0;
    }
    void add(Family& family, int k, double threshold) const {
        const double near_hz = k * family.fundamental_hz, reach_hz = 1.5 * spectrum_.bin_hz();
        const double hz = spectrum_.peak_hz(near_hz - reach_hz, near_hz + reach_hz);
        if (!(at(hz) > threshold)) {
            return;
        }
        const double power = spectrum_.band(hz, spectrum_.bin_hz()).power;
        family.lines.push_back({family.mains_hz, k, hz, 10.0 * std::log10(2.0 * power + 1e-20)});
        family.power.push_back(power);
        family.low_power += k <= kLowLines ? power : 0.0;
    }
    const PowerSpectrum& spectrum_;
    double stands_out_;
};

} // namespace

std::string HumLine::name() const {
    return std::to_string(mains_hz * multiple) + " Hz (" + std::to_string(multiple) + " x " + std::to_string(mains_hz) +
           " Hz)";
}

Hum find_hum(std::span<const float> channel, double rate_hz) {
    if (!(static_cast<double>(channel.size()) >= kShortest_s * rate_hz) || !(rate_hz > 2.0 * kHighest_hz)) {
        throw std::invalid_argument("hum: " + std::to_string(channel.size()) + " samples at " +
                                    std::to_string(rate_hz) + " Hz, expected half a second or more above 2 kHz");
    }
    const PowerSpectrum spectrum(channel, rate_hz, kSegment_s, PowerSpectrum::Window::hann);
    const Search search(spectrum);
    std::array<Family, 2> families{search.family(50), search.family(60)};
    if (families[1].low_power > families[0].low_power) {
        std::swap(families[0], families[1]);
    }
    Hum hum;
    double sum = 0.0;
    for (const Family& family : families) {
        for (std::size_t i = 0; i < family.lines.size(); ++i) {
            const HumLine& line = family.lines[i];
            const bool known = std::any_of(hum.lines.begin(), hum.lines.end(), [&](const HumLine& other) {
                return std::abs(other.frequency_hz - line.frequency_hz) < 3.0 * spectrum.bin_hz();
            });
            if (!known) {
                hum.lines.push_back(line);
                sum += family.power[i];
            }
        }
    }
    std::sort(hum.lines.begin(), hum.lines.end(),
              [](const HumLine& a, const HumLine& b) { return a.frequency_hz < b.frequency_hz; });
    if (sum > 0.0) {
        hum.sum_dbfs = 10.0 * std::log10(2.0 * sum);
    }
    return hum;
}

} // namespace overbias::dsp
