// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/track_spectrum.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <optional>

namespace overbias::mastering {
namespace {

constexpr float kOverNoise = 10.0F; // 10 dB: a point of a curve needs less than a verdict
constexpr int kFewestFrames = 12;   // a second
constexpr double kResidualFrom_hz = 100.0, kResidualTo_hz = 10000.0;
// 100 Hz to 5 kHz, where the tape's noise is low and most of the programme's power lies
constexpr std::size_t kFirstBand = 3, kLastBand = 20;
constexpr double kOverNoiseAtLevel = 31.6; // 15 dB
constexpr int kFewestAtLevel = 6;

} // namespace

TrackSpectrum::TrackSpectrum(const FrameAnalyser& analyser) {
    for (std::size_t band = 0; band < kFineBands; ++band) {
        hz_[band] = analyser.fine_hz(band);
        turn_[band] = static_cast<float>(2.0 * std::numbers::pi * hz_[band] / analyser.rate_hz());
    }
}

void TrackSpectrum::begin(const LevelReference& reference) {
    reference_ = reference;
    sums_ = {};
    frames_ = {};
    steps_ = {};
}

void TrackSpectrum::add(const FrameFigures& figures, const std::array<FrameUse, 2>& use, std::array<double, 2> delay) {
    for (std::size_t c = 0; c < 2; ++c) {
        if (!use[c].measured || !use[c].programme) {
            continue;
        }
        const auto gain = static_cast<float>(reference_.gain[c]);
        if (!use[c].clipped) {
            const std::size_t hot = use[c].hot ? 1 : 0;
            ++frames_[c][hot];
            for (std::size_t band = 0; band < kFineBands; ++band) {
                const float sent = figures.fine_sent[c][band];
                const float noise = reference_.fine_noise[c][band];
                if (!(sent * gain > kOverNoise * noise)) {
                    continue;
                }
                const float angle = turn_[band] * static_cast<float>(delay[c]);
                const std::complex<float> cross =
                    figures.fine_cross[c][band] * std::complex<float>(std::cos(angle), std::sin(angle));
                Band& sum = sums_[c][hot][band];
                sum.sent += static_cast<double>(sent);
                sum.came += static_cast<double>(figures.fine_came[c][band]);
                sum.real += static_cast<double>(cross.real());
                sum.imaginary += static_cast<double>(cross.imag());
                ++sum.frames;
            }
        }
        double sent = 0.0;
        double came = 0.0;
        double noise = 0.0;
        for (std::size_t b = kFirstBand; b <= kLastBand; ++b) {
            sent += static_cast<double>(figures.sent[c][b]);
            came += static_cast<double>(figures.came[c][b]);
            noise += static_cast<double>(reference_.noise[c][b]);
        }
        if (sent * reference_.gain[c] > kOverNoiseAtLevel * noise) {
            const double re_operating_db = power_db(figures.sent_power[c] / reference_.operating_power);
            const long step = std::lround((re_operating_db - kLowest_db) / kStep_db);
            Step& at = steps_[c][static_cast<std::size_t>(std::clamp(step, 0L, static_cast<long>(kSteps) - 1))];
            at.sent += sent;
            at.came += came - noise;
            ++at.frames;
        }
    }
}

/// Frames that drive the tape moderately where there are enough, else hot ones.
const TrackSpectrum::Bands& TrackSpectrum::bands(std::size_t channel) const noexcept {
    const auto& frames = frames_[channel];
    const bool hot = frames[0] < kFewestFrames || frames[0] * 20 < frames[1];
    return sums_[channel][hot ? 1 : 0];
}

TransferFunction TrackSpectrum::transfer(double operating_db) const {
    TransferFunction out;
    for (std::size_t band = 0; band < kFineBands; ++band) {
        if (hz_[band] <= 0.0) {
            continue;
        }
        out.frequency_hz.push_back(hz_[band]);
        for (std::size_t c = 0; c < 2; ++c) {
            const Band& sum = bands(c)[band];
            std::optional<double> magnitude_db;
            std::optional<double> coherence;
            if (sum.frames >= kFewestFrames) {
                const double noise = static_cast<double>(reference_.fine_noise[c][band]) * sum.frames;
                magnitude_db = power_db(std::max(sum.came - noise, 1e-6 * sum.sent) / sum.sent) - operating_db;
                coherence = std::min(1.0, (sum.real * sum.real + sum.imaginary * sum.imaginary) /
                                              std::max(1e-30, sum.sent * sum.came));
            }
            out.magnitude_db[c].push_back(magnitude_db);
            out.coherence[c].push_back(coherence);
        }
    }
    return out;
}

Residual TrackSpectrum::residual() const {
    Residual out;
    out.from_hz = kResidualFrom_hz;
    out.to_hz = kResidualTo_hz;
    for (std::size_t c = 0; c < 2; ++c) {
        double came = 0.0;
        double left = 0.0;
        for (std::size_t band = 0; band < kFineBands; ++band) {
            const Band& sum = bands(c)[band];
            if (hz_[band] < kResidualFrom_hz || hz_[band] > kResidualTo_hz || sum.frames < kFewestFrames) {
                continue;
            }
            came += sum.came;
            left += std::max(0.0, sum.came - (sum.real * sum.real + sum.imaginary * sum.imaginary) / sum.sent);
        }
        if (came > 0.0) {
            out.db[c] = power_db(std::max(left / came, 1e-12));
        }
    }
    return out;
}

std::vector<CompressionPoint> TrackSpectrum::compression(int channel, double moderate_db) const {
    std::vector<CompressionPoint> out;
    for (std::size_t step = 0; step < kSteps; ++step) {
        const Step& at = steps_[static_cast<std::size_t>(channel)][step];
        if (at.frames >= kFewestAtLevel && at.sent > 0.0) {
            out.push_back({static_cast<double>(kLowest_db + kStep_db * static_cast<int>(step)),
                           power_db(std::max(at.came, 1e-6 * at.sent) / at.sent) - moderate_db, at.frames});
        }
    }
    return out;
}

} // namespace overbias::mastering
