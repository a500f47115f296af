// SPDX-License-Identifier: Apache-2.0
// Signals for the meters' tests, made from their descriptions in the standards: lengths of tone, one after another.
#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <random>
#include <vector>

namespace overbias::dsp::signals {

inline double amplitude(double dbfs) {
    return std::pow(10.0, dbfs / 20.0);
}

/// Interleaved frames that grow by lengths of 1 kHz sine, phase going on.
class Programme {
  public:
    explicit Programme(double rate_hz, std::size_t channels = 2) : rate_hz_(rate_hz), channels_(channels) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(rate_hz); ++i) { // a second is 1000 whole periods
            wave_.push_back(std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / rate_hz));
        }
    }

    /// All channels at one level (peak, dBFS).
    Programme& tone(double length_s, double dbfs) { return tone(length_s, std::vector<double>(channels_, dbfs)); }
    Programme& tone(double length_s, const std::vector<double>& dbfs) {
        end_s_ += length_s;
        const auto end = static_cast<std::size_t>(std::llround(end_s_ * rate_hz_));
        std::vector<double> peaks;
        for (const double level : dbfs) {
            peaks.push_back(amplitude(level));
        }
        samples.reserve(end * channels_);
        for (std::size_t frame = samples.size() / channels_; frame < end; ++frame) {
            const double wave = wave_[frame % wave_.size()];
            for (const double peak : peaks) {
                samples.push_back(static_cast<float>(peak * wave));
            }
        }
        return *this;
    }
    Programme& silence(double length_s) { return tone(length_s, -1000.0); }

    std::vector<float> samples;

  private:
    double rate_hz_, end_s_ = 0.0;
    std::size_t channels_;
    std::vector<double> wave_;
};

/// White noise through one pole (music falls towards the treble), under an envelope of beats, with a chord: interleaved
/// stereo that resembles music in what meters are made of.
inline std::vector<float> music(double rate_hz, double length_s, unsigned seed, double level = 0.3) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0.0, 1.0);
    std::uniform_real_distribution<double> any(0.0, 1.0);
    const double pole = std::exp(-2.0 * std::numbers::pi * 2000.0 / rate_hz);
    const double beat_s = 0.3 + 0.5 * any(random), fade = 2.0 + 8.0 * any(random);
    double tones[4], low[2] = {0, 0};
    for (double& tone : tones) {
        tone = 60.0 * std::pow(60.0, any(random));
    }
    std::vector<float> samples;
    const auto frames = static_cast<std::size_t>(rate_hz * length_s);
    samples.reserve(2 * frames);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        const double time_s = static_cast<double>(frame) / rate_hz;
        const double since_beat_s = std::fmod(time_s, beat_s);
        const double swell = 0.55 + 0.45 * std::sin(2.0 * std::numbers::pi * 0.07 * time_s);
        const double envelope = level * swell * (0.1 + std::exp(-fade * since_beat_s));
        double chord = 0.0;
        for (const double tone : tones) {
            chord += 0.15 * std::sin(2.0 * std::numbers::pi * tone * time_s);
        }
        for (double& side : low) {
            side = pole * side + (1.0 - pole) * normal(random);
            samples.push_back(static_cast<float>(envelope * (chord + 2.0 * side + (since_beat_s < 0.002 ? 0.8 : 0.0))));
        }
    }
    return samples;
}

} // namespace overbias::dsp::signals
