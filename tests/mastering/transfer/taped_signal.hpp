// SPDX-License-Identifier: Apache-2.0
// What may come off a tape, for the tests of a transfer: noise all along, programme in places. Seeded.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

namespace overbias::test {

class TapedSignal {
  public:
    /// `length_s` of noise, different in the channels.
    TapedSignal(double rate_hz, double length_s, double noise_dbfs, unsigned seed = 1)
        : rate_hz_(rate_hz), random_(seed), samples_(2 * static_cast<std::size_t>(rate_hz * length_s)) {
        std::normal_distribution<double> noise(0.0, std::pow(10.0, noise_dbfs / 20.0));
        for (float& sample : samples_) {
            sample = static_cast<float>(noise(random_));
        }
    }
    /// Noise of a programme: in both channels nearly the same, level as RMS, rising and falling by 4 dB, twice a
    /// second.
    TapedSignal& programme(double from_s, double to_s, double level_dbfs) {
        std::normal_distribution<double> one(0.0, std::pow(10.0, level_dbfs / 20.0));
        for (std::size_t i = frame(from_s); i < frame(to_s); ++i) {
            const double t = static_cast<double>(i) / rate_hz_;
            const double both = one(random_) * std::pow(10.0, 0.2 * std::sin(4.0 * std::numbers::pi * t));
            samples_[2 * i] += static_cast<float>(both);
            samples_[2 * i + 1] += static_cast<float>(0.9 * both + 0.3 * one(random_));
        }
        return *this;
    }
    TapedSignal& tone(double from_s, double to_s, double level_dbfs, double frequency_hz = 1000.0) {
        const double amplitude = std::pow(10.0, level_dbfs / 20.0) * std::numbers::sqrt2;
        for (std::size_t i = frame(from_s); i < frame(to_s); ++i) {
            const double t = static_cast<double>(i) / rate_hz_;
            for (std::size_t c = 0; c < 2; ++c) {
                samples_[2 * i + c] +=
                    static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * frequency_hz * t));
            }
        }
        return *this;
    }
    /// A hole of so many dB in a channel (2: both), its edges within a millisecond.
    TapedSignal& hole(double from_s, double length_ms, double depth_db, int channel) {
        const double end_s = from_s + length_ms / 1000.0;
        for (std::size_t i = frame(from_s); i < frame(end_s); ++i) {
            const double t = static_cast<double>(i) / rate_hz_;
            const double edge = std::min({1.0, (t - from_s) / 0.001, (end_s - t) / 0.001});
            const auto gain = static_cast<float>(std::pow(10.0, -depth_db * std::max(0.0, edge) / 20.0));
            for (int c = 0; c < 2; ++c) {
                if (channel == c || channel == 2) {
                    samples_[2 * i + static_cast<std::size_t>(c)] *= gain;
                }
            }
        }
        return *this;
    }
    [[nodiscard]] std::vector<float>& samples() { return samples_; }
    [[nodiscard]] std::size_t frame(double at_s) const {
        return std::min(static_cast<std::size_t>(std::lround(at_s * rate_hz_)), samples_.size() / 2);
    }
    /// As the card has them: 24 bits, upper.
    [[nodiscard]] std::vector<std::int32_t> captured() const {
        std::vector<std::int32_t> out;
        for (const float sample : samples_) {
            const double held = std::min(1.0, std::max(-1.0, static_cast<double>(sample)));
            out.push_back(static_cast<std::int32_t>(std::min(8388607L, std::lround(held * 8388608.0)) * 256));
        }
        return out;
    }

  private:
    double rate_hz_;
    std::mt19937 random_;
    std::vector<float> samples_;
};

} // namespace overbias::test
