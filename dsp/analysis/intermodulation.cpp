// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/intermodulation.hpp"

#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kShortest_s = 0.5, kSegment_s = 1.4;
constexpr double kSearch = 0.02;
constexpr double kFlutterWidth = 0.009;
constexpr double kOverNoise = 100.0; ///< power; a tone below this is not one

/// Two tones and what they make, read off one spectrum.
class Products {
  public:
    Products(std::span<const float> channel, double rate_hz, double low_nominal_hz, double high_nominal_hz)
        : spectrum_(channel, rate_hz, kSegment_s, PowerSpectrum::Window::blackman_harris),
          low_hz_(find(low_nominal_hz)), high_hz_(find(high_nominal_hz)),
          spacing_hz_(std::min(low_hz_, high_hz_ - low_hz_)) {}

    [[nodiscard]] double low_hz() const { return low_hz_; }
    [[nodiscard]] double high_hz() const { return high_hz_; }
    /// Amplitude of low * low_hz + high * high_hz.
    [[nodiscard]] double at(int low, int high) const {
        const double hz = low * low_hz_ + high * high_hz_;
        const double lobe_hz = static_cast<double>(spectrum_.lobe_bins() + 1) * spectrum_.bin_hz();
        const double room_hz = std::max(0.0, spacing_hz_ / 2.0 - lobe_hz);
        return std::sqrt(2.0 * spectrum_.band(hz, std::min(room_hz, kFlutterWidth * hz)).power);
    }

  private:
    [[nodiscard]] double find(double nominal_hz) const {
        const double reach_hz = std::max(kSearch * nominal_hz, 2.0 * spectrum_.bin_hz());
        const double hz = spectrum_.peak_hz(nominal_hz - reach_hz, nominal_hz + reach_hz);
        const auto band = spectrum_.band(hz, spectrum_.bin_hz());
        if (!(hz > 0.0) || !(band.power > kOverNoise * band.noise) || !(band.power > 0.0)) {
            throw std::invalid_argument("intermodulation: no tone found within 2 % of " + std::to_string(nominal_hz) +
                                        " Hz, expected one of the two");
        }
        return hz;
    }
    PowerSpectrum spectrum_;
    double low_hz_, high_hz_, spacing_hz_;
};

void check(std::span<const float> channel, double rate_hz, double low_hz, double high_hz) {
    if (!(static_cast<double>(channel.size()) >= kShortest_s * rate_hz) || !(low_hz > 0.0) || !(high_hz > low_hz) ||
        !(rate_hz > 2.0 * high_hz)) {
        throw std::invalid_argument("intermodulation: " + std::to_string(channel.size()) + " samples at " +
                                    std::to_string(rate_hz) + " Hz, tones " + std::to_string(low_hz) + " and " +
                                    std::to_string(high_hz) +
                                    " Hz: expected half a second or more and a lower and a higher tone");
    }
}

} // namespace

ModulationDistortion measure_modulation_distortion(std::span<const float> channel, double rate_hz,
                                                   double low_nominal_hz, double high_nominal_hz) {
    check(channel, rate_hz, low_nominal_hz, high_nominal_hz);
    const Products products(channel, rate_hz, low_nominal_hz, high_nominal_hz);
    const double carrier = products.at(0, 1);
    const double up1 = products.at(1, 1), down1 = products.at(-1, 1), up2 = products.at(2, 1),
                 down2 = products.at(-2, 1);
    return {.low_hz = products.low_hz(),
            .high_hz = products.high_hz(),
            .d2_percent = 100.0 * (up1 + down1) / carrier,
            .d3_percent = 100.0 * (up2 + down2) / carrier,
            .smpte_percent = 100.0 * std::hypot(std::hypot(up1, down1), std::hypot(up2, down2)) / carrier};
}

DifferenceDistortion measure_difference_distortion(std::span<const float> channel, double rate_hz,
                                                   double low_nominal_hz, double high_nominal_hz) {
    check(channel, rate_hz, low_nominal_hz, high_nominal_hz);
    const Products products(channel, rate_hz, low_nominal_hz, high_nominal_hz);
    const double tones = products.at(1, 0) + products.at(0, 1);
    return {.low_hz = products.low_hz(),
            .high_hz = products.high_hz(),
            .d2_percent = 100.0 * products.at(-1, 1) / tones,
            .d3_percent = 100.0 * (products.at(2, -1) + products.at(-1, 2)) / tones};
}

} // namespace overbias::dsp
