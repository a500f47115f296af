// SPDX-License-Identifier: Apache-2.0
#include "dropout_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <random>

namespace comparison_test {
namespace {

constexpr double kOneTurn = 2.0 * std::numbers::pi;
constexpr std::size_t kMillisecond = 48;
constexpr double kApart_s = 0.4;
constexpr double kFromEdges_s = 0.25; // of a track
constexpr std::size_t kAround_ms = 500;
constexpr double kRoom_db = 20.0;

/// Mean square of the model's hiss above 3 kHz: white noise of one, less 0.48 of the sample before, times 0.9.
double hiss_power(const DeckModel& deck) {
    const double rms = std::pow(10.0, (kOperatingDbfs - 3.01 + deck.noise_db) / 20.0);
    double sum = 0.0;
    constexpr int kSteps = 2100;
    const double width_hz = (0.5 * kModelRate - 3000.0) / kSteps;
    for (int k = 0; k < kSteps; ++k) {
        const double f = 3000.0 + (k + 0.5) * width_hz;
        sum += std::norm(1.0 - 0.48 * std::polar(1.0, -kOneTurn * f / kModelRate)) * width_hz / (0.5 * kModelRate);
    }
    return 0.81 * rms * rms * sum;
}

/// Mean square above 3 kHz of each millisecond: what a windowed sinc of 257 taps leaves over from the low-pass; it
/// is half down at 3.3 kHz, so that nothing below 3 kHz is counted.
std::vector<float> treble_power(const Stereo& stereo, std::size_t channel) {
    constexpr int kHalf = 128;
    std::array<float, 2 * kHalf + 1> taps{};
    float sum = 0.0F;
    for (int k = -kHalf; k <= kHalf; ++k) {
        const double x = kOneTurn * 3300.0 / kModelRate * k;
        const double window = 0.54 + 0.46 * std::cos(std::numbers::pi * k / kHalf);
        taps[static_cast<std::size_t>(k + kHalf)] = static_cast<float>((k == 0 ? 1.0 : std::sin(x) / x) * window);
        sum += taps[static_cast<std::size_t>(k + kHalf)];
    }
    for (float& tap : taps) {
        tap /= -sum;
    }
    taps[kHalf] += 1.0F;
    const std::size_t frames = stereo.size() / 2;
    std::vector<float> power(frames / kMillisecond, 0.0F);
    for (std::size_t n = kHalf; n + kHalf < power.size() * kMillisecond; ++n) {
        float y = 0.0F;
        for (std::size_t k = 0; k < taps.size(); ++k) {
            y += taps[k] * stereo[2 * (n + k - kHalf) + channel];
        }
        power[n / kMillisecond] += y * y / static_cast<float>(kMillisecond);
    }
    return power;
}

/// Peak of each millisecond with the record emphasis of 35 us.
std::vector<float> driven_peak(const Stereo& stereo, std::size_t channel) {
    const auto k = static_cast<float>(35e-6 * kModelRate);
    const std::size_t frames = stereo.size() / 2;
    std::vector<float> peak(frames / kMillisecond, 0.0F);
    for (std::size_t n = 1; n < peak.size() * kMillisecond; ++n) {
        const float x = stereo[2 * n + channel];
        peak[n / kMillisecond] = std::max(peak[n / kMillisecond], std::abs(x + k * (x - stereo[2 * n - 2 + channel])));
    }
    return peak;
}

} // namespace

std::vector<Hole> random_holes(const DeckModel& deck, const std::vector<const Stereo*>& tracks, std::size_t count,
                               unsigned seed, Drive drive) {
    std::mt19937 random(seed * 48271U + 11U);
    const auto uniform = [&](double a, double b) { return a + (b - a) * static_cast<double>(random()) / 4294967295.0; };
    const double noise = hiss_power(deck);
    std::vector<std::array<std::vector<float>, 2>> power;
    for (const Stereo* track : tracks) {
        power.push_back({treble_power(*track, 0), treble_power(*track, 1)});
    }
    std::vector<std::array<std::vector<float>, 2>> peak;
    for (const Stereo* track : tracks) {
        peak.push_back({driven_peak(*track, 0), driven_peak(*track, 1)});
    }
    const auto most_peak = static_cast<float>(std::pow(10.0, (kOperatingDbfs + 10.0) / 20.0));
    std::vector<Hole> holes;
    for (int tries = 0; holes.size() < count && tries < 200000; ++tries) {
        Hole hole;
        hole.spacing = holes.size() % 2 == 1;
        do {
            hole.length_ms = std::exp(uniform(0.0, std::log(50.0)));
            hole.depth_db = std::exp(uniform(std::log(3.0), std::log(30.0)));
        } while (hole.length_ms * hole.depth_db < 25.0);
        hole.track = random() % tracks.size();
        hole.channel = static_cast<int>(random() % 3);
        const double seconds = static_cast<double>(tracks[hole.track]->size() / 2) / kModelRate;
        // Not on a raster: programmes have beats.
        for (int place = 0; place < 200; ++place) {
            hole.at_s = uniform(kFromEdges_s, seconds - kFromEdges_s - 0.05);
            const bool near_another = std::any_of(holes.begin(), holes.end(), [&](const Hole& other) {
                return other.track == hole.track && std::abs(other.at_s - hole.at_s) < kApart_s;
            });
            double least = 1e9;
            float driven = 0.0F;
            for (int channel = 0; channel < 2; ++channel) {
                const auto& of = power[hole.track][static_cast<std::size_t>(channel)];
                const auto first = static_cast<std::size_t>(hole.at_s * 1e3);
                const auto last = static_cast<std::size_t>(hole.at_s * 1e3 + hole.length_ms);
                const auto& peaks = peak[hole.track][static_cast<std::size_t>(channel)];
                for (std::size_t ms = first - std::min(first, kAround_ms);
                     hole.on(channel) && ms <= last + kAround_ms && ms < peaks.size(); ++ms) {
                    driven = std::max(driven, peaks[ms]);
                }
                for (std::size_t ms = first; hole.on(channel) && ms <= last && ms < of.size(); ++ms) {
                    least = std::min(least, static_cast<double>(of[ms]));
                }
            }
            hole.room_db = 10.0 * std::log10(std::max(least, 1e-20) / noise);
            if (!near_another && (driven < most_peak) == (drive == Drive::Clean) && hole.room_db >= kRoom_db) {
                holes.push_back(hole);
                break;
            }
        }
    }
    return holes;
}

} // namespace comparison_test
