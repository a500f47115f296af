// SPDX-License-Identifier: Apache-2.0
// Tones whose speed is known by the formula that makes them, and the weighting that a reading of them must have.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <vector>

namespace overbias::dsp::test {

inline constexpr double kTwoPi = 2.0 * std::numbers::pi;

/// sin(2 pi fc speed t + (df / fm) sin(2 pi fm t)): a sine of `percent` peak of frequency deviation, one of level.
struct FlutterTone {
    double rate_hz = 48000.0;
    double duration_s = 30.0;
    double carrier_hz = 3150.0;
    double flutter_hz = 4.0;
    double percent = 0.1;
    double speed = 1.0;
    double level_modulation = 0.0, level_modulation_hz = 4.0;
    double amplitude = 0.25;
    double flutter_phase_rad = 0.0;
};

inline std::vector<float> flutter_tone(const FlutterTone& tone) {
    std::vector<float> samples(static_cast<std::size_t>(tone.rate_hz * tone.duration_s));
    const double index = tone.carrier_hz * tone.percent / 100.0 / tone.flutter_hz;
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double t = static_cast<double>(n) / tone.rate_hz;
        const double level = 1.0 + tone.level_modulation * std::sin(kTwoPi * tone.level_modulation_hz * t);
        const double phase = kTwoPi * tone.carrier_hz * tone.speed * t +
                             index * std::sin(kTwoPi * tone.flutter_hz * t + tone.flutter_phase_rad);
        samples[n] = static_cast<float>(tone.amplitude * level * std::sin(phase));
    }
    return samples;
}

struct FlutterWeight {
    double flutter_hz, db;
};
/// The 17 points of IEC 60386 / DIN 45507. The product has no such table, only the corners of a network fitted to it.
inline constexpr std::array<FlutterWeight, 17> kFlutterWeights{{{0.1, -48.0},
                                                                {0.2, -30.6},
                                                                {0.315, -19.7},
                                                                {0.4, -15.0},
                                                                {0.63, -8.4},
                                                                {0.8, -6.0},
                                                                {1.0, -4.2},
                                                                {1.6, -1.8},
                                                                {2.0, -0.9},
                                                                {4.0, 0.0},
                                                                {6.3, -0.9},
                                                                {10.0, -2.1},
                                                                {20.0, -5.9},
                                                                {40.0, -10.4},
                                                                {63.0, -14.2},
                                                                {100.0, -17.3},
                                                                {200.0, -23.0}}};

} // namespace overbias::dsp::test
