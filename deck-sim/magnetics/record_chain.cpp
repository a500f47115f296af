// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/record_chain.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace overbias::deck_sim::magnetics {

namespace {

// Without bias only what exceeds the coating's coercivity stays, roughly the cube of the field: 29 dB down at operating
// level, with a third of it third harmonic.
constexpr float kUnbiased = 0.03F;

double wavelength_m(double speed_ips, double frequency_hz) {
    return metres_per_second(speed_ips) / std::max(frequency_hz, 1.0);
}

/// Sensitivity against that at the bias the deck was aligned with.
double change_with_bias_db(double bias_db, double slope, double wavelength) {
    return bias_sensitivity_db(bias_db, wavelength, slope) -
           bias_sensitivity_db(bias_from_overbias_db(kAlignedOverbias_db, slope), wavelength, slope);
}

} // namespace

double Saturation::coating(double magnetisation) const noexcept {
    const double x = std::clamp(scale * magnetisation, -1.0, 1.0);
    return (x - x * x * x / 3.0) / scale;
}

double last_equalised_hz(double speed_ips) {
    return 18000.0 * speed_ips / 15.0;
}

double record_process_loss(double overbias_db, double speed_ips, double frequency_hz, double slope) {
    const double wavelength = wavelength_m(speed_ips, frequency_hz);
    const double change_db = change_with_bias_db(bias_from_overbias_db(overbias_db, slope), slope, wavelength);
    return record_loss(wavelength) * amplitude_from_db(change_db);
}

double record_equaliser_gain(Equalisation equalisation, double speed_ips, double frequency_hz) {
    FluxStandard high = flux_standard(equalisation, speed_ips);
    high.t1_s = 0.0;
    const double last_hz = last_equalised_hz(speed_ips);
    const double boost = 1.0 / record_loss(wavelength_m(speed_ips, std::min(frequency_hz, last_hz)));
    return amplitude_from_db(flux_re_1khz_db(high, frequency_hz)) * std::min(boost, amplitude_from_db(36.0));
}

Saturation saturation_for(double mol_db, Equalisation equalisation, double speed_ips) {
    // x = A sin: first harmonic A (1 - A^2/4), third A^3/12. The tape's loss and the reproduce equaliser change their
    // ratio by r.
    const FluxStandard standard = flux_standard(equalisation, speed_ips);
    const double loss_1k = record_loss(wavelength_m(speed_ips, 1000.0));
    const double loss_3k = record_loss(wavelength_m(speed_ips, 3000.0));
    const double r = loss_3k / loss_1k / amplitude_from_db(flux_re_1khz_db(standard, 3000.0));
    const double wanted = 0.03 / r;
    const double a2 = 12.0 * wanted / (1.0 + 3.0 * wanted);
    const double first = std::sqrt(a2) * (1.0 - a2 / 4.0);
    return {first * loss_1k / amplitude_from_db(mol_db)};
}

RecordChain::RecordChain(const Settings& settings, std::span<const Fault> faults, std::size_t most_frames)
    : droops_(faults.size()), rate_hz_(settings.sample_rate_hz), speed_ips_(settings.play_speed_ips),
      slope_(settings.bias_slope), wanted_(FirDesigner::kBins), taps_(equaliser_taps(settings.sample_rate_hz)) {
    const double rate = rate_hz_;
    const double speed = speed_ips_;
    loss_bins_ = at_bins([&](double f) { return record_loss(wavelength_m(speed, f)); }, rate);
    std::vector<float> aligned_loss(taps_.size());
    designer_.minimum_phase(loss_bins_, aligned_loss);
    loss_1k_ = amplitude_from_db(response_db(aligned_loss, 1000.0, rate));
    // A short filter can't follow the loss's corner at 0 Hz exactly; the equaliser makes up the loss as it came out.
    const double last_hz = last_equalised_hz(speed);
    equaliser_bins_ = at_bins(
        [&](double f) {
            const double closed = record_loss(wavelength_m(speed, std::min(f, last_hz)));
            const double realised = amplitude_from_db(response_db(aligned_loss, std::min(f, last_hz), rate));
            return record_equaliser_gain(settings.equalisation, speed, f) * closed / realised;
        },
        rate);
    high_bins_ = at_bins(
        [&](double f) {
            const double x = 2.0 * std::numbers::pi * f * record_high_s(speed);
            return x * x;
        },
        rate);
    std::vector<float> equaliser(taps_.size());
    designer_.minimum_phase(equaliser_bins_, equaliser);
    // how a filter this short follows a change: tried with 3 dB more at 38.1 um than at 1 kHz
    const double short_hz = 10000.0 * speed / 15.0;
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const double hz = rate / 2.0 * static_cast<double>(i) / static_cast<double>(wanted_.size() - 1);
        wanted_[i] = loss_bins_[i] * amplitude_from_db(3.0 * hz / short_hz);
    }
    designer_.minimum_phase(wanted_, taps_);
    steepness_ = (response_db(taps_, short_hz, rate) - response_db(aligned_loss, short_hz, rate) -
                  response_db(taps_, 1000.0, rate) + response_db(aligned_loss, 1000.0, rate)) /
                 (3.0 * (1.0 - 1000.0 / short_hz));
    const double warped = std::tan(std::numbers::pi * kRecordLow_hz / rate);
    shelf_corner_ = warped / (1.0 + warped);
    const FluxStandard standard = flux_standard(settings.equalisation, speed);
    low_boost_ = standard.t1_s > 0.0;
    const double scale = saturation_for(settings.mol_re_operating_db, settings.equalisation, speed).scale;
    scale_ = static_cast<float>(scale);
    // The technician set the level at operating level and at his bias, where the coating already compresses a little:
    // x (1 - x^2/4) = scale / loss.
    const double wanted = scale / loss_1k_;
    double x = wanted;
    for (int i = 0; i < 20; ++i) {
        x = wanted / (1.0 - x * x / 4.0);
    }
    const double aligned = x / scale / amplitude_from_db(response_db(equaliser, 1000.0, rate));
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Channel made(BlockFir(equaliser, most_frames), BlockFir(aligned_loss, most_frames));
        made.aligned = static_cast<float>(aligned * amplitude_from_db(settings.record_gain_error_db[channel]));
        made.gain = Ramp(made.aligned);
        made.low = Ramp(0.0F);
        made.scale = scale_;
        made.trim.bias_db = bias_from_overbias_db(kAlignedOverbias_db, slope_);
        if (low_boost_) {
            // (s + 1/t1) / (s + 2 pi 8 Hz), bilinear, scaled to 1 at 1 kHz where the rest of the chain is calibrated
            const double zero = 1.0 / standard.t1_s;
            const double pole = 2.0 * std::numbers::pi * kLowCorner_hz;
            const double c = 2.0 * rate;
            const double at_1k = amplitude_from_db(flux_db({standard.t1_s, 0.0}, 1000.0));
            made.low_b0 = (c + zero) / (c + pole) / at_1k;
            made.low_b1 = (zero - c) / (c + pole) / at_1k;
            made.low_a1 = (pole - c) / (c + pole);
        }
        channels_.push_back(std::move(made));
    }

    for (std::size_t i = 0; i < faults.size(); ++i) {
        const Fault& fault = faults[i];
        swapped_ = swapped_ != (fault.kind == FaultKind::SwappedChannels);
        no_bias_ = no_bias_ || fault.kind == FaultKind::NoRecordBias;
        for (std::size_t channel = 0; channel < 2; ++channel) {
            channels_[channel].unbiased = no_bias_;
            if (fault.touches(channel)) {
                droops_[i].channels[channel] = fault.kind == FaultKind::Droop;
                wiring_[channel] *= fault.kind == FaultKind::Polarity         ? -1.0F
                                    : fault.kind == FaultKind::MissingChannel ? 0.0F
                                                                              : 1.0F;
            }
        }
        if (fault.kind == FaultKind::Droop) {
            droops_[i].gain = static_cast<float>(amplitude_from_db(-fault.droop_db));
            if (fault.above_hz) {
                const double g = std::tan(std::numbers::pi * std::min(*fault.above_hz / rate, 0.49));
                droops_[i].corner = g / (1.0 + g);
            }
        }
    }
}

void RecordChain::start_droop(std::size_t index) noexcept {
    if (index < droops_.size()) {
        droops_[index].on = true;
    }
}

void RecordChain::take_over(const RecordChain& other) noexcept {
    for (std::size_t i = 0; i < std::min(droops_.size(), other.droops_.size()); ++i) {
        droops_[i].on = other.droops_[i].on;
    }
}

void RecordChain::reset() noexcept {
    for (Channel& channel : channels_) {
        channel.equaliser.reset();
        channel.loss.reset();
        channel.gain.jump();
        channel.low.jump();
        channel.low_state = channel.shelf_state = 0.0;
    }
}

void RecordChain::trim(std::size_t which, const RecordTrim& to) noexcept {
    Channel& channel = channels_[which];
    const RecordTrim before = std::exchange(channel.trim, to);
    channel.gain.set(channel.aligned * static_cast<float>(amplitude_from_db(to.level_db)));
    channel.low.set(static_cast<float>(amplitude_from_db(to.low_db) - 1.0));
    if (to.high_db != before.high_db) {
        design_equaliser(channel);
    }
    channel.unbiased = no_bias_ || to.bias_db < kLeastBias_db;
    if (channel.unbiased) {
        channel.noise = 0.0F;
    } else if (to.bias_db != before.bias_db || channel.noise == 0.0F) {
        design_loss(channel);
        channel.scale = scale_ / static_cast<float>(amplitude_from_db(bias_mol_db(to.bias_db)));
        // half of the noise is the erased tape's, and only the other half follows the bias
        channel.noise =
            static_cast<float>(std::sqrt(std::max(2.0 * power_from_db(bias_noise_db(to.bias_db)) - 1.0, 0.0)));
    }
}

void RecordChain::design_equaliser(Channel& channel) noexcept {
    const double rise = power_from_db(channel.trim.high_db);
    for (std::size_t i = 0; i < wanted_.size(); ++i) { // high_shelf() of curves.hpp
        wanted_[i] = equaliser_bins_[i] * std::sqrt((1.0 + high_bins_[i] * rise) / (1.0 + high_bins_[i]));
    }
    designer_.minimum_phase(wanted_, taps_);
    channel.equaliser.set_taps(taps_);
}

void RecordChain::design_loss(Channel& channel) noexcept {
    // in dB linear in 1/wavelength, and so in frequency
    const double at_1k_db = change_with_bias_db(channel.trim.bias_db, slope_, wavelength_m(speed_ips_, 1000.0));
    const double a_khz_db =
        (change_with_bias_db(channel.trim.bias_db, slope_, wavelength_m(speed_ips_, 2000.0)) - at_1k_db) / steepness_;
    const double khz_a_bin = rate_hz_ / 2000.0 / static_cast<double>(wanted_.size() - 1);
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
        const double khz = khz_a_bin * static_cast<double>(i);
        wanted_[i] = loss_bins_[i] * amplitude_from_db(at_1k_db + (khz - 1.0) * a_khz_db);
    }
    designer_.minimum_phase(wanted_, taps_);
    // exact at 1 kHz, where a short filter is not
    const double came_out = response_db(taps_, 1000.0, rate_hz_);
    const auto right = static_cast<float>(loss_1k_ * amplitude_from_db(at_1k_db - came_out));
    for (float& tap : taps_) {
        tap *= right;
    }
    channel.loss.set_taps(taps_);
}

void RecordChain::saturate(const Channel& channel, float* samples, std::size_t frames) noexcept {
    const float scale = channel.scale;
    const float back = 1.0F / scale;
    if (channel.unbiased) {
        for (std::size_t i = 0; i < frames; ++i) {
            const float x = std::min(std::max(samples[i], -3.0F), 3.0F);
            samples[i] = kUnbiased * x * x * x;
        }
        return;
    }
    for (std::size_t i = 0; i < frames; ++i) {
        const float x = std::min(std::max(samples[i] * scale, -1.0F), 1.0F);
        samples[i] = (x - x * x * x * (1.0F / 3.0F)) * back;
    }
}

/// 1 + (g - 1) w / (s + w): the shelf as what it adds, so that the low-pass goes on while g changes.
void RecordChain::add_low(Channel& channel, float* samples, std::size_t frames) const noexcept {
    if (channel.low.at_rest(0.0F)) {
        return;
    }
    double state = channel.shelf_state;
    channel.low.over(frames, [&](std::size_t i, float added) {
        const double change = (static_cast<double>(samples[i]) - state) * shelf_corner_;
        const double low = state + change;
        state += 2.0 * change;
        samples[i] += added * static_cast<float>(low);
    });
    channel.shelf_state = state + 1e-30;
}

void RecordChain::process(float* left, float* right, std::size_t frames) noexcept {
    if (swapped_) {
        std::swap_ranges(left, left + frames, right);
    }
    const std::array<float*, 2> both{left, right};
    for (std::size_t c = 0; c < 2; ++c) {
        float* samples = both[c];
        for (Droop& droop : droops_) {
            if (!droop.channels[c]) {
                continue;
            }
            const float gain = droop.on ? droop.gain : 1.0F;
            if (droop.corner < 0.0) {
                for (std::size_t i = 0; i < frames; ++i) {
                    samples[i] *= gain;
                }
            } else { // low + gain * (all - low): a first-order shelf
                double state = droop.state[c];
                for (std::size_t i = 0; i < frames; ++i) {
                    const double change = (static_cast<double>(samples[i]) - state) * droop.corner;
                    const auto kept = static_cast<float>(state + change);
                    state += 2.0 * change;
                    samples[i] = kept + gain * (samples[i] - kept);
                }
                droop.state[c] = state + 1e-30;
            }
        }
        Channel& channel = channels_[c];
        const float wiring = wiring_[c];
        channel.gain.over(frames, [=](std::size_t i, float gain) { samples[i] *= gain * wiring; });
        add_low(channel, samples, frames);
        if (low_boost_) {
            double state = channel.low_state;
            for (std::size_t i = 0; i < frames; ++i) {
                const auto x = static_cast<double>(samples[i]);
                const double y = channel.low_b0 * x + state;
                state = channel.low_b1 * x - channel.low_a1 * y;
                samples[i] = static_cast<float>(y);
            }
            channel.low_state = state + 1e-30;
        }
        channel.equaliser.process(samples, samples, frames);
        saturate(channel, samples, frames);
        channel.loss.process(samples, samples, frames);
    }
}

} // namespace overbias::deck_sim::magnetics
