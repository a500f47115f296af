// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/reproduce_chain.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/magnetics/record_chain.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kBump_db = 0.5; // an ATR's is half a dB near 60 Hz at 15 ips; its frequency goes with the speed
constexpr double kBumpAt15_hz = 60.0;
constexpr double kBumpQ = 1.2;
constexpr double kElectronicsBelowTape_db = 15.0;

// What is left after alignment: a broad rise or dip near 7 kHz, different in the channels, and a droop toward 15 kHz.
double residual_db(std::size_t channel, double frequency_hz) {
    const double octaves = std::log2(std::max(frequency_hz, 1.0) / 7000.0);
    const double ripple = (channel == 0 ? 0.2 : -0.15) * std::exp(-octaves * octaves / 0.5);
    const double x = std::min(frequency_hz, 20000.0) / 15000.0;
    return ripple - 0.2 * x * x;
}

} // namespace

double head_loss(double optical_gap_m, double speed_ips, double frequency_hz) {
    const double wavelength = metres_per_second(speed_ips) / std::max(frequency_hz, 1.0);
    return std::max(gap_loss(optical_gap_m, wavelength) * spacing_loss(kHeadSpacing_m, wavelength), 1e-3);
}

double reproduce_gain(Equalisation equalisation, double speed_ips, std::size_t channel, double frequency_hz) {
    FluxStandard high = flux_standard(equalisation, speed_ips);
    high.t1_s = 0.0;
    const double last_hz = last_equalised_hz(speed_ips);
    const double made_up = 1.0 / head_loss(kReproduceGap_m, speed_ips, std::min(frequency_hz, last_hz));
    const double db = residual_db(channel, frequency_hz) - flux_re_1khz_db(high, std::min(frequency_hz, 1.3 * last_hz));
    return head_loss(kReproduceGap_m, speed_ips, frequency_hz) * made_up * amplitude_from_db(db);
}

ReproduceChain::ReproduceChain(const Settings& settings, std::size_t most_frames) : noise_(settings.seed * 5 + 2) {
    const double rate = settings.sample_rate_hz;
    const double speed = settings.play_speed_ips;
    const std::size_t taps = equaliser_taps(rate);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        const auto repro = [&](double f) { return reproduce_gain(settings.equalisation, speed, channel, f); };
        const auto sync = [&](double f) {
            return repro(f) * head_loss(kSyncGap_m, speed, f) / head_loss(kReproduceGap_m, speed, f);
        };
        Channel made{BlockFir(minimum_phase_fir(repro, rate, taps), most_frames),
                     BlockFir(minimum_phase_fir(sync, rate, taps), most_frames)};
        made.gain = static_cast<float>(amplitude_from_db(settings.reproduce_gain_error_db[channel] -
                                                         response_db(made.repro.taps(), 1000.0, rate)));
        channels_.push_back(std::move(made));
    }
    crosstalk_ = static_cast<float>(amplitude_from_db(settings.crosstalk_db));

    // head bump: peaking biquad, bilinear (Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter
    // coefficients")
    const double w = kTwoPi * kBumpAt15_hz * speed / 15.0 / rate;
    const double amplitude = std::pow(10.0, kBump_db / 40.0);
    const double alpha = std::sin(w) / (2.0 * kBumpQ);
    const double a0 = 1.0 + alpha / amplitude;
    bump_b_ = {(1.0 + alpha * amplitude) / a0, -2.0 * std::cos(w) / a0, (1.0 - alpha * amplitude) / a0};
    bump_a_ = {-2.0 * std::cos(w) / a0, (1.0 - alpha / amplitude) / a0};

    // s / (s + p): p is the roll-off, or with NAB the corner of its boost (the record side has taken the roll-off in)
    const FluxStandard standard = flux_standard(settings.equalisation, speed);
    const double pole = standard.t1_s > 0.0 ? 1.0 / standard.t1_s : kTwoPi * kLowCorner_hz;
    const double c = 2.0 * rate;
    const double at_1k = standard.t1_s > 0.0 ? amplitude_from_db(flux_db({standard.t1_s, 0.0}, 1000.0)) : 1.0;
    low_b_ = {at_1k * c / (c + pole), -at_1k * c / (c + pole)};
    low_a_ = (pole - c) / (c + pole);

    // Noise: A-weighted power of white noise through the chain and without it, by summation over the band.
    double through = 0.0;
    double bare = 0.0;
    constexpr int kBands = 4000;
    for (int i = 0; i < kBands; ++i) {
        const double f = (i + 0.5) / kBands * rate / 2.0;
        const std::complex<double> z = std::polar(1.0, -kTwoPi * f / rate);
        const double low = std::abs((low_b_[0] + low_b_[1] * z) / (1.0 + low_a_ * z));
        const double gain = low * reproduce_gain(settings.equalisation, speed, 0, f);
        const double weight = power_from_db(a_weighting_db(f));
        through += weight * gain * gain / kBands;
        bare += weight / kBands;
    }
    const double rms = amplitude_from_db(settings.noise_a_weighted_db) / std::numbers::sqrt2;
    noise_flux_rms_ = rms / std::sqrt(through);
    electronics_rms_ = static_cast<float>(rms * amplitude_from_db(-kElectronicsBelowTape_db) / std::sqrt(bare));
}

void ReproduceChain::process(float* left, float* right, std::size_t frames, bool sync) noexcept {
    const float crosstalk = crosstalk_;
    for (std::size_t i = 0; i < frames; ++i) {
        const float l = left[i];
        const float r = right[i];
        left[i] = l + crosstalk * r;
        right[i] = r + crosstalk * l;
    }
    const std::array<float*, 2> both{left, right};
    for (std::size_t c = 0; c < 2; ++c) {
        Channel& channel = channels_[c];
        float* samples = both[c];
        (sync ? channel.sync : channel.repro).process(samples, samples, frames);
        double s0 = channel.bump_state[0];
        double s1 = channel.bump_state[1];
        double low = channel.low_state;
        const auto gain = static_cast<double>(channel.gain);
        for (std::size_t i = 0; i < frames; ++i) {
            const double x = static_cast<double>(samples[i]) + 1e-20; // keeps silence out of the denormals
            const double y = bump_b_[0] * x + s0;
            s0 = bump_b_[1] * x - bump_a_[0] * y + s1;
            s1 = bump_b_[2] * x - bump_a_[1] * y;
            const double out = low_b_[0] * y + low;
            low = low_b_[1] * y - low_a_ * out;
            samples[i] = static_cast<float>(out * gain);
        }
        channel.bump_state = {s0, s1};
        channel.low_state = low;
    }
}

void ReproduceChain::add_electronics_noise(float* left, float* right, std::size_t frames) noexcept {
    const float* noise_left = noise_.block(frames);
    const float* noise_right = noise_.block(frames);
    for (std::size_t i = 0; i < frames; ++i) {
        left[i] += noise_left[i] * electronics_rms_;
        right[i] += noise_right[i] * electronics_rms_;
    }
}

} // namespace overbias::deck_sim::magnetics
