// SPDX-License-Identifier: Apache-2.0
#include "proof_truth.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace overbias::test {

namespace {

using Curve = std::vector<std::pair<double, double>>; ///< Hz, dB

Curve a_curve() { // IEC 61672-1, table 3: the exact tenths of a decade from 10 Hz
    const std::vector<double> db{-70.4, -63.4, -56.7, -50.5, -44.7, -39.4, -34.6, -30.2, -26.2, -22.5, -19.1, -16.1,
                                 -13.4, -10.9, -8.6,  -6.6,  -4.8,  -3.2,  -1.9,  -0.8,  0.0,   0.6,   1.0,   1.2,
                                 1.3,   1.2,   1.0,   0.5,   -0.1,  -1.1,  -2.5,  -4.3,  -6.6,  -9.3};
    Curve curve;
    for (std::size_t n = 0; n < db.size(); ++n) {
        curve.emplace_back(1000.0 * std::pow(10.0, (static_cast<double>(n) - 20.0) / 10.0), db[n]);
    }
    return curve;
}

const Curve k468{{31.5, -29.9},  {63, -23.9},    {100, -19.8},  {200, -13.8}, {400, -7.8},  {800, -1.9},
                 {1000, 0.0},    {2000, 5.6},    {3150, 9.0},   {4000, 10.5}, {5000, 11.7}, {6300, 12.2},
                 {7100, 12.0},   {8000, 11.4},   {9000, 10.1},  {10000, 8.1}, {12500, 0.0}, {14000, -5.3},
                 {16000, -11.7}, {20000, -22.2}, {31500, -42.7}};

/// Straight lines in dB over log f; amplitude.
double weight(const Curve& curve, double hz) {
    if (hz < 1.0) {
        return 0.0;
    }
    std::size_t i = 1;
    while (i + 1 < curve.size() && curve[i].first < hz) {
        ++i;
    }
    const auto& [f1, db1] = curve[i - 1];
    const auto& [f2, db2] = curve[i];
    return std::pow(10.0, (db1 + (db2 - db1) * std::log(hz / f1) / std::log(f2 / f1)) / 20.0);
}

/// Radix 2, in place.
void transform(std::vector<std::complex<double>>& x, double sign) {
    const std::size_t n = x.size();
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; (j & bit) != 0; bit >>= 1) {
            j ^= bit;
        }
        j ^= bit;
        if (i < j) {
            std::swap(x[i], x[j]);
        }
    }
    for (std::size_t length = 2; length <= n; length *= 2) {
        const auto step = std::polar(1.0, sign * 2.0 * std::numbers::pi / static_cast<double>(length));
        for (std::size_t at = 0; at < n; at += length) {
            std::complex<double> turn = 1.0;
            for (std::size_t k = 0; k < length / 2; ++k) {
                const auto a = x[at + k];
                const auto b = x[at + k + length / 2] * turn;
                x[at + k] = a + b;
                x[at + k + length / 2] = a - b;
                turn *= step;
            }
        }
    }
}

std::vector<double> weighted(std::span<const double> samples, double rate_hz, const Curve& curve) {
    std::size_t size = 1;
    while (2 * size <= samples.size()) {
        size *= 2;
    }
    std::vector<std::complex<double>> bins(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(size));
    transform(bins, -1.0);
    for (std::size_t k = 0; k < size; ++k) {
        const auto line = static_cast<double>(std::min(k, size - k));
        bins[k] *= weight(curve, line * rate_hz / static_cast<double>(size)) / static_cast<double>(size);
    }
    transform(bins, 1.0);
    std::vector<double> out(size);
    std::transform(bins.begin(), bins.end(), out.begin(), [](const auto& bin) { return bin.real(); });
    return out;
}

/// Mean of the needle of a quasi-peak meter: charges within 1.41 ms, leaks within 293 ms, needle of 140 ms.
double needle(std::span<const double> samples, double rate_hz) {
    const double charge = 1.0 - std::exp(-1.0 / (0.00141 * rate_hz));
    const double leak = std::exp(-1.0 / (0.293 * rate_hz));
    const double device = 1.0 - std::exp(-1.0 / (0.140 * rate_hz));
    double held = 0.0, shown = 0.0, sum = 0.0;
    const std::size_t settled = std::min(samples.size() / 4, static_cast<std::size_t>(2.0 * rate_hz));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double size = std::abs(samples[i]);
        held = size > held ? held + charge * (size - held) : held * leak;
        shown += device * (held - shown);
        sum += i >= settled ? shown : 0.0;
    }
    return sum / static_cast<double>(samples.size() - settled);
}

double db(double amplitude) {
    return 20.0 * std::log10(amplitude);
}

} // namespace

deck_sim::Settings steady(deck_sim::Settings settings) {
    settings.wow_peak = settings.capstan_flutter_peak = settings.roller_flutter_peak = 0.0;
    settings.scrape_flutter_rms = settings.weave_peak_to_peak_rad = settings.speed_error = 0.0;
    settings.play_clock_ppm = settings.capture_clock_ppm = 0.0;
    settings.shared_clock = true;
    settings.noise_a_weighted_db = -140.0;
    settings.converter_noise_dbfs = -180.0;
    return settings;
}

std::complex<double> amplitude(std::span<const double> samples, double frequency_hz, double rate_hz) {
    const double turn = 2.0 * std::numbers::pi * frequency_hz / rate_hz;
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double hann =
            1.0 - std::cos(2.0 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(samples.size()));
        sum += hann * samples[i] * std::polar(1.0, -turn * static_cast<double>(i));
    }
    return 2.0 * sum / static_cast<double>(samples.size());
}

ProofTruth::ProofTruth(const deck_sim::Settings& settings, const std::function<void(deck_sim::SimulatedDeck&)>& turned)
    : settings_(steady(settings)), twin_(std::make_unique<AlignmentRig>(settings_)) {
    if (turned) {
        turned(*twin_->deck);
    }
    twin_->into_record();
}

ProofTruth::Tone ProofTruth::tone(double frequency_hz, double level_db, audio::OscillatorChannels channels) {
    const double rate_hz = settings_.sample_rate_hz;
    const auto both = twin_->taken(dsp::sine_signal(frequency_hz, settings_.play_dbfs_at_operating_level + level_db),
                                   channels, std::max(0.4, 20.0 / frequency_hz) + 0.1);
    const double periods = std::floor(std::max(0.4 * frequency_hz, 20.0));
    const auto frames = static_cast<std::size_t>(std::lround(periods / frequency_hz * rate_hz));
    Tone tone;
    std::array<std::complex<double>, 2> first;
    for (std::size_t c = 0; c < 2; ++c) {
        const auto samples = std::span<const double>(both.at(c)).first(frames);
        first[c] = amplitude(samples, frequency_hz, rate_hz);
        tone.level_db[c] = db(std::abs(first[c])) - settings_.capture_dbfs_at_operating_level;
        for (std::size_t n = 2; n <= 10; ++n) {
            const double hz = static_cast<double>(n) * frequency_hz;
            tone.share[c][n] = hz < 20000.0 ? std::abs(amplitude(samples, hz, rate_hz)) / std::abs(first[c]) : 0.0;
        }
    }
    tone.late_us = -1e6 * std::arg(first[1] * std::conj(first[0])) / (2.0 * std::numbers::pi * frequency_hz);
    return tone;
}

ProofTruth::PerTrack ProofTruth::mol_db(double frequency_hz) {
    PerTrack found{};
    for (std::size_t c = 0; c < 2; ++c) {
        double low = -5.0, high = 13.5;
        for (int n = 0; n < 9; ++n) {
            const double middle = (low + high) / 2.0;
            const Tone read = tone(frequency_hz, middle);
            (read.share[c][3] < 0.03 ? low : high) = middle;
            found[c] = read.level_db[c];
        }
    }
    return found;
}

double ProofTruth::separation_db(std::size_t listens, double frequency_hz, double level_db) {
    const auto read =
        tone(frequency_hz, level_db, listens == 1 ? audio::OscillatorChannels::Left : audio::OscillatorChannels::Right);
    return read.level_db[1 - listens] - read.level_db[listens];
}

double a_weighted_dbfs(std::span<const double> samples, double rate_hz) {
    double power = 0.0;
    const auto behind = weighted(samples, rate_hz, a_curve());
    for (const double x : behind) {
        power += x * x;
    }
    return 10.0 * std::log10(2.0 * power / static_cast<double>(behind.size()));
}

double quasi_peak_468_dbfs(std::span<const double> samples, double rate_hz) {
    std::vector<double> sine(static_cast<std::size_t>(4.0 * rate_hz));
    for (std::size_t i = 0; i < sine.size(); ++i) {
        sine[i] = std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / rate_hz);
    }
    return db(needle(weighted(samples, rate_hz, k468), rate_hz) / needle(sine, rate_hz));
}

} // namespace overbias::test
