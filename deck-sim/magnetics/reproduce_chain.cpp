// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/reproduce_chain.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/magnetics/record_chain.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

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

ReproduceChain::ReproduceChain(const Settings& settings, std::size_t most_frames)
    : noise_(settings.seed * 5 + 2), wanted_(FirDesigner::kBins), taps_(equaliser_taps(settings.sample_rate_hz)) {
    const double rate = settings.sample_rate_hz;
    const double speed = settings.play_speed_ips;
    const Equalisation equalisation = settings.reproduce_equalisation.value_or(settings.equalisation);
    const FluxStandard standard = flux_standard(equalisation, speed);
    sync_bins_ =
        at_bins([&](double f) { return head_loss(kSyncGap_m, speed, f) / head_loss(kReproduceGap_m, speed, f); }, rate);
    high_bins_ = at_bins(
        [&](double f) {
            const double x = kTwoPi * f * standard.t2_s;
            return x * x;
        },
        rate);
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Channel made(BlockFir(taps_, most_frames), BlockFir(taps_, most_frames));
        made.repro_bins = at_bins([&](double f) { return reproduce_gain(equalisation, speed, channel, f); }, rate);
        design(made);
        made.repro.reset();
        made.sync.reset();
        made.aligned = static_cast<float>(amplitude_from_db(settings.reproduce_gain_error_db[channel] -
                                                            response_db(made.repro.taps(), 1000.0, rate)));
        made.gain = Ramp(made.aligned);
        made.low = Ramp(0.0F);
        channels_.push_back(std::move(made));
    }
    const double g = std::tan(std::numbers::pi * kReproduceLow_hz / rate);
    shelf_corner_ = g / (1.0 + g);
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
    const double pole = standard.t1_s > 0.0 ? 1.0 / standard.t1_s : kTwoPi * kLowCorner_hz;
    const double c = 2.0 * rate;
    const double at_1k = standard.t1_s > 0.0 ? amplitude_from_db(flux_db({standard.t1_s, 0.0}, 1000.0)) : 1.0;
    low_b_ = {at_1k * c / (c + pole), -at_1k * c / (c + pole)};
    low_a_ = (pole - c) / (c + pole);

    // Noise: A-weighted power of white noise through the chain and without it, by summation over the band.
    double through = 0.0;
    double bare = 0.0;
    constexpr int kBands = 4000;
    const FluxStandard tape = flux_standard(settings.equalisation, speed);
    for (int i = 0; i < kBands; ++i) {
        const double f = (i + 0.5) / kBands * rate / 2.0;
        const double corner_hz = tape.t1_s > 0.0 ? 1.0 / (kTwoPi * tape.t1_s) : kLowCorner_hz;
        const double low =
            std::sqrt((1.0 + (corner_hz / 1000.0) * (corner_hz / 1000.0)) / (1.0 + (corner_hz / f) * (corner_hz / f)));
        const double gain = low * reproduce_gain(settings.equalisation, speed, 0, f);
        const double weight = power_from_db(a_weighting_db(f));
        through += weight * gain * gain / kBands;
        bare += weight / kBands;
    }
    const double rms = amplitude_from_db(settings.noise_a_weighted_db) / std::numbers::sqrt2;
    noise_flux_rms_ = rms / std::sqrt(through);
    electronics_rms_ = static_cast<float>(rms * amplitude_from_db(-kElectronicsBelowTape_db) / std::sqrt(bare));
}

void ReproduceChain::trim(std::size_t which, const ReproduceTrim& to) noexcept {
    Channel& channel = channels_[which];
    const ReproduceTrim before = std::exchange(channel.trim, to);
    channel.gain.set(channel.aligned * static_cast<float>(amplitude_from_db(to.level_db)));
    channel.low.set(static_cast<float>(amplitude_from_db(to.low_db) - 1.0));
    if (to.high_db != before.high_db) {
        design(channel);
    }
}

void ReproduceChain::reset() noexcept {
    for (Channel& channel : channels_) {
        channel.repro.reset();
        channel.sync.reset();
        channel.gain.jump();
        channel.low.jump();
        channel.shelf_state = channel.low_state = 0.0;
        channel.bump_state = {};
    }
}

void ReproduceChain::design(Channel& channel) noexcept {
    const double rise = power_from_db(channel.trim.high_db);
    for (std::size_t i = 0; i < wanted_.size(); ++i) { // high_shelf() of curves.hpp with the standard's t2
        wanted_[i] = channel.repro_bins[i] * std::sqrt((1.0 + high_bins_[i] * rise) / (1.0 + high_bins_[i]));
    }
    designer_.minimum_phase(wanted_, taps_);
    channel.repro.set_taps(taps_);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        wanted_[i] *= sync_bins_[i];
    }
    designer_.minimum_phase(wanted_, taps_);
    channel.sync.set_taps(taps_);
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
        channel.gain.over(frames, [&](std::size_t i, float gain) {
            const double x = static_cast<double>(samples[i]) + 1e-20; // keeps silence out of the denormals
            const double y = bump_b_[0] * x + s0;
            s0 = bump_b_[1] * x - bump_a_[0] * y + s1;
            s1 = bump_b_[2] * x - bump_a_[1] * y;
            const double out = low_b_[0] * y + low;
            low = low_b_[1] * y - low_a_ * out;
            samples[i] = static_cast<float>(out * static_cast<double>(gain));
        });
        channel.bump_state = {s0, s1};
        channel.low_state = low;
        if (channel.low.at_rest(0.0F)) {
            continue;
        }
        double state = channel.shelf_state; // the shelf as what it adds, so that the low-pass goes on while it changes
        channel.low.over(frames, [&](std::size_t i, float added) {
            const double change = (static_cast<double>(samples[i]) - state) * shelf_corner_;
            const double below = state + change;
            state += 2.0 * change;
            samples[i] += added * static_cast<float>(below);
        });
        channel.shelf_state = state + 1e-30;
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
