// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/record_chain.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

namespace {

// Without bias only what exceeds the coating's coercivity stays, roughly the cube of the field: 29 dB down at operating
// level, with a third of it third harmonic.
constexpr float kUnbiased = 0.03F;

double wavelength_m(double speed_ips, double frequency_hz) {
    return metres_per_second(speed_ips) / std::max(frequency_hz, 1.0);
}

} // namespace

double Saturation::coating(double magnetisation) const noexcept {
    const double x = std::clamp(scale * magnetisation, -1.0, 1.0);
    return (x - x * x * x / 3.0) / scale;
}

double last_equalised_hz(double speed_ips) {
    return 18000.0 * speed_ips / 15.0;
}

double record_process_loss(double overbias_db, double speed_ips, double frequency_hz) {
    const double wavelength = wavelength_m(speed_ips, frequency_hz);
    const double change_db = bias_sensitivity_db(bias_from_overbias_db(overbias_db), wavelength) -
                             bias_sensitivity_db(bias_from_overbias_db(kAlignedOverbias_db), wavelength);
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
    : droops_(faults.size()) {
    const double rate = settings.sample_rate_hz;
    const double speed = settings.play_speed_ips;
    const std::size_t taps = equaliser_taps(rate);
    const std::vector<float> aligned_loss =
        minimum_phase_fir([&](double f) { return record_process_loss(kAlignedOverbias_db, speed, f); }, rate, taps);
    // A short filter can't follow the loss's corner at 0 Hz exactly; the equaliser makes up the loss as it came out.
    const double last_hz = last_equalised_hz(speed);
    const std::vector<float> equaliser = minimum_phase_fir(
        [&](double f) {
            const double closed = record_process_loss(kAlignedOverbias_db, speed, std::min(f, last_hz));
            const double realised = amplitude_from_db(response_db(aligned_loss, std::min(f, last_hz), rate));
            return record_equaliser_gain(settings.equalisation, speed, f) * closed / realised;
        },
        rate, taps);
    const std::vector<float> loss = minimum_phase_fir(
        [&](double f) { return record_process_loss(settings.bias_db_over_peak, speed, f); }, rate, taps);
    const FluxStandard standard = flux_standard(settings.equalisation, speed);
    low_boost_ = standard.t1_s > 0.0;
    const double scale = saturation_for(settings.mol_re_operating_db, settings.equalisation, speed).scale;
    scale_ = static_cast<float>(scale);
    // The technician set the level at operating level and at his bias, where the coating already compresses a little:
    // x (1 - x^2/4) = scale / loss.
    const double wanted = scale / amplitude_from_db(response_db(aligned_loss, 1000.0, rate));
    double x = wanted;
    for (int i = 0; i < 20; ++i) {
        x = wanted / (1.0 - x * x / 4.0);
    }
    const double aligned = x / scale / amplitude_from_db(response_db(equaliser, 1000.0, rate));
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Channel made{BlockFir(equaliser, most_frames), BlockFir(loss, most_frames)};
        made.gain = static_cast<float>(aligned * amplitude_from_db(settings.record_gain_error_db[channel]));
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
        channel.low_state = 0.0;
    }
}

void RecordChain::saturate(float* samples, std::size_t frames) const noexcept {
    const float scale = scale_;
    const float back = 1.0F / scale;
    if (no_bias_) {
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
        const float gain = channel.gain * wiring_[c];
        for (std::size_t i = 0; i < frames; ++i) {
            samples[i] *= gain;
        }
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
        saturate(samples, frames);
        channel.loss.process(samples, samples, frames);
    }
}

} // namespace overbias::deck_sim::magnetics
