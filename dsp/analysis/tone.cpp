// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/tone.hpp"

#include "dsp/analysis/fft.hpp"
#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace overbias::dsp {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kTaper = 0.1;
constexpr double kFewPeriods = 32.0;

/// The longest even length up to this one without a prime factor above 5: large ones make the transform a hundred times
/// slower.
std::size_t quick_length(std::size_t longest) {
    std::size_t best = 0;
    for (std::size_t fives = 2; fives <= longest; fives *= 5) {
        for (std::size_t threes = fives; threes <= longest; threes *= 3) {
            std::size_t length = threes;
            while (2 * length <= longest) {
                length *= 2;
            }
            best = std::max(best, length);
        }
    }
    return best;
}

double wrapped(double phase) {
    return std::remainder(phase, kTwoPi);
}

/// How far the tone's angular frequency (rad a sample) lies above the guess: slope of its phase, least squares over the
/// stretch with its ends rounded off (a tenth each, raised cosine), so that far-off components do not pull.
double beyond_guess(std::span<const float> samples, double cycles_per_sample) {
    const auto size = static_cast<double>(samples.size());
    const double middle = (size - 1.0) / 2.0, taper = kTaper * size;
    std::complex<double> carrier = std::polar(1.0, kTwoPi * cycles_per_sample * middle);
    const std::complex<double> step = std::polar(1.0, -kTwoPi * cycles_per_sample);
    std::complex<double> sum{}, moment{};
    double weights = 0.0, spread = 0.0;
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double t = static_cast<double>(n) - middle;
        const double from_end = middle - std::abs(t) + 0.5;
        const double weight = from_end < taper ? 0.5 - 0.5 * std::cos(std::numbers::pi * from_end / taper) : 1.0;
        const std::complex<double> term = weight * static_cast<double>(samples[n]) * carrier;
        sum += term;
        moment += t * term;
        weights += weight;
        spread += weight * t * t;
        carrier *= step;
    }
    // sum = (A / 2) weights, moment = j (A / 2) beyond spread
    return std::norm(sum) > 0.0 ? (moment / sum).imag() * weights / spread : 0.0;
}

} // namespace

std::complex<double> tone_at(std::span<const float> samples, double cycles_per_sample) {
    if (samples.empty()) {
        return {};
    }
    const auto size = static_cast<double>(samples.size());
    const double middle = (size - 1.0) / 2.0;
    // Both oscillators run as rotations; a rotation of a few 100 000 steps in double loses nothing that matters here.
    std::complex<double> carrier = std::polar(1.0, kTwoPi * cycles_per_sample * middle);
    const std::complex<double> carrier_step = std::polar(1.0, -kTwoPi * cycles_per_sample);
    std::complex<double> hann = std::polar(1.0, kTwoPi * 0.5 / size);
    const std::complex<double> hann_step = std::polar(1.0, kTwoPi / size);
    std::complex<double> sum{};
    std::complex<double> image{}; // the window at twice the frequency, to solve for the conjugate term
    double weight_sum = 0.0;
    for (const float x : samples) {
        const double weight = 0.5 - 0.5 * hann.real();
        sum += weight * static_cast<double>(x) * carrier;
        image += weight * carrier * carrier;
        weight_sum += weight;
        carrier *= carrier_step;
        hann *= hann_step;
    }
    // sum = (A weight_sum + conj(A) image) / 2, solved for A.
    const double norm = weight_sum * weight_sum - std::norm(image);
    return norm > 0.0 ? 2.0 * (sum * weight_sum - std::conj(sum) * image) / norm : std::complex<double>{};
}

Tone refine_tone(std::span<const float> samples, double guess) {
    Tone tone;
    const std::size_t half = samples.size() / 2;
    if (half < 8) {
        return tone;
    }
    double frequency = guess;
    for (int turn = 0; turn < 3; ++turn) {
        const auto early = tone_at(samples.first(half), frequency);
        const auto late = tone_at(samples.last(half), frequency);
        const auto apart = static_cast<double>(samples.size() - half);
        const double advance = wrapped(std::arg(late) - std::arg(early) - kTwoPi * frequency * apart);
        frequency += advance / (kTwoPi * apart);
    }
    // The halves are safe against the tone's own image and need no start; the slope has 1.05 times the least possible
    // error in white noise where the halves have 1.41 times, but is pulled by the image over few periods.
    if (std::min(frequency, 0.5 - frequency) * static_cast<double>(samples.size()) > kFewPeriods) {
        for (int turn = 0; turn < 2; ++turn) {
            frequency += beyond_guess(samples, frequency) / kTwoPi;
        }
    }
    const auto amplitude = tone_at(samples, frequency);
    tone.cycles_per_sample = frequency;
    tone.amplitude = std::abs(amplitude);
    tone.phase_rad = std::arg(amplitude);
    double power = 0.0;
    for (const float x : samples) {
        power += static_cast<double>(x) * static_cast<double>(x);
    }
    power /= static_cast<double>(samples.size());
    tone.share = power > 0.0 ? std::min(1.0, 0.5 * tone.amplitude * tone.amplitude / power) : 0.0;
    return tone;
}

Tone strongest_tone(std::span<const float> samples) {
    const std::size_t size = quick_length(samples.size());
    if (size < 64) {
        return {};
    }
    RealFft fft(size);
    const auto window = hann_window(size);
    std::vector<float> windowed(size);
    for (std::size_t n = 0; n < size; ++n) {
        windowed[n] = samples[n] * window[n];
    }
    std::vector<std::complex<float>> bins(fft.bins());
    fft.forward(windowed, bins);
    std::size_t peak = 0;
    float best = 0.0F;
    for (std::size_t k = std::max<std::size_t>(2, size / 2400); k + 1 < bins.size(); ++k) {
        if (const float power = std::norm(bins[k]); power > best) {
            best = power;
            peak = k;
        }
    }
    if (peak == 0) {
        return {};
    }
    return refine_tone(samples.first(samples.size() & ~std::size_t{1}),
                       static_cast<double>(peak) / static_cast<double>(size));
}

} // namespace overbias::dsp
