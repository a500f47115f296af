// SPDX-License-Identifier: Apache-2.0
#include "dsp/generator/square_source.hpp"

#include <cmath>
#include <numbers>

namespace overbias::dsp {
namespace {

constexpr double kMiddle = 0.44, kBeta = 8.0;

} // namespace

SquareSource::SquareSource() : table_(static_cast<std::size_t>(kHalf * kPlaces) + 2) {
    // Simpson's rule between places; the whole integral is 1, half of it on each side.
    const auto slope = [](double x) {
        const double sinc =
            x == 0.0 ? 2.0 * kMiddle : std::sin(2.0 * std::numbers::pi * kMiddle * x) / (std::numbers::pi * x);
        const double place = x / kHalf;
        return place < 1.0 ? sinc * std::cyl_bessel_i(0.0, kBeta * std::sqrt(1.0 - place * place)) : 0.0;
    };
    constexpr double kStep = 1.0 / kPlaces;
    double sum = 0.0;
    for (std::size_t n = 1; n < table_.size(); ++n) {
        const double x = static_cast<double>(n - 1) * kStep;
        sum += kStep / 6.0 * (slope(x) + 4.0 * slope(x + 0.5 * kStep) + slope(x + kStep));
        table_[n] = sum;
    }
    for (double& value : table_) {
        value = 0.5 * value / sum - 0.5; // the step from 0 to 1 at x > 0, less the jump
    }
}

double SquareSource::step_less_jump(double samples) const noexcept {
    const double place = std::abs(samples) * kPlaces;
    const auto n = static_cast<std::size_t>(place);
    if (n + 1 >= table_.size()) {
        return 0.0;
    }
    const double value = table_[n] + (place - static_cast<double>(n)) * (table_[n + 1] - table_[n]);
    return samples < 0.0 ? -value : value;
}

double SquareSource::rt_at(double cycles, double cycles_per_sample) const noexcept {
    const double phase = cycles - std::floor(cycles);
    double value = phase < 0.5 ? 1.0 : -1.0;
    const double reach = kHalf * cycles_per_sample;
    const auto first = static_cast<int>(std::ceil(2.0 * (phase - reach)));
    const auto last = static_cast<int>(std::floor(2.0 * (phase + reach)));
    for (int edge = first; edge <= last; ++edge) { // at phase edge / 2; even ones rise by 2
        const double away = (phase - 0.5 * edge) / cycles_per_sample;
        value += (edge % 2 == 0 ? 2.0 : -2.0) * step_less_jump(away);
    }
    return value;
}

} // namespace overbias::dsp
