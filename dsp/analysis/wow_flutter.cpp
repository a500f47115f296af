// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/wow_flutter.hpp"

#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kLostAfter_s = 1.0;
constexpr double kNeedleHold_s = 0.2; // what a bridge instead of the true speed leaves in the weighting is gone by then
constexpr double kPercent = 100.0;
constexpr double kTwoSigma = 0.05;
constexpr double kFrame_s = 8.0;

std::size_t samples_of(double seconds, double rate_hz) {
    if (!(seconds > 0.0)) {
        throw std::invalid_argument("wow & flutter: expected a memory above 0 s, got " + std::to_string(seconds));
    }
    return std::max<std::size_t>(64, static_cast<std::size_t>(seconds * rate_hz));
}

FlutterGapConfig gap_config(const FmDemodulator& demodulator, const WowFlutterConfig& config) {
    return {.rate_hz = demodulator.output_rate_hz(),
            .guard_s = static_cast<double>(demodulator.taps()) / config.rate_hz + 0.001,
            .widest_deviation = demodulator.widest_deviation(),
            .below_db = config.dropout_below_db};
}

} // namespace

WowFlutterMeter::WowFlutterMeter(const WowFlutterConfig& config)
    : config_(config),
      demodulator_(
          {.rate_hz = config.rate_hz, .carrier_hz = config.nominal_carrier_hz, .power_memory_s = config.memory_s}),
      gaps_(gap_config(demodulator_, config)), filters_(deviation_rate_hz()), needle_(deviation_rate_hz()),
      swings_(kFlutterBands, SwingMemory(samples_of(config.memory_s, deviation_rate_hz()))),
      needle_memory_(samples_of(config.memory_s, deviation_rate_hz()) / kNeedleEvery + 1),
      spectrum_({.rate_hz = deviation_rate_hz(), .frame_s = std::min(kFrame_s, std::max(0.1, config.memory_s))}),
      demodulated_(demodulator_.most_outputs(kChunk)), deviation_(samples_of(config.memory_s, deviation_rate_hz())),
      in_order_(deviation_.size()), state_(deviation_.size(), kNothing),
      settle_(static_cast<std::size_t>(config.settle_s * deviation_rate_hz())),
      lost_after_(static_cast<std::size_t>(kLostAfter_s * deviation_rate_hz())),
      needle_hold_(static_cast<std::size_t>(kNeedleHold_s * deviation_rate_hz())),
      seconds_(kDriftSeconds, std::numeric_limits<double>::quiet_NaN()),
      second_(static_cast<std::size_t>(deviation_rate_hz())) {
}

void WowFlutterMeter::reset() noexcept {
    demodulator_.reset();
    gaps_.rt_reset();
    filters_.rt_reset();
    needle_.rt_reset();
    for (SwingMemory& memory : swings_) {
        memory.rt_reset();
    }
    needle_memory_.rt_reset();
    std::fill(deviation_.begin(), deviation_.end(), 0.0F);
    std::fill(state_.begin(), state_.end(), kNothing);
    std::fill(seconds_.begin(), seconds_.end(), std::numeric_limits<double>::quiet_NaN());
    at_ = since_start_ = bad_run_ = needle_held_ = seconds_done_ = in_second_ = good_in_second_ = 0;
    second_sum_ = offset_ = 0.0;
    running_ = false;
}

void WowFlutterMeter::process(std::span<const float> samples) noexcept {
    while (!samples.empty()) {
        const std::size_t take = std::min(samples.size(), kChunk);
        const std::size_t count = demodulator_.process(samples.first(take), demodulated_);
        for (std::size_t n = 0; n < count; ++n) {
            rt_sample(gaps_.rt_process(demodulated_[n]));
        }
        samples = samples.subspan(take);
    }
}

void WowFlutterMeter::rt_sample(FlutterGaps::Out sample) noexcept {
    bad_run_ = sample.good ? 0 : bad_run_ + 1;
    if (!running_ && sample.good) {
        // The filters begin on the speed as it is: a constant speed error must not reach them as a step.
        running_ = true;
        offset_ = gaps_.mean();
        since_start_ = 0;
        filters_.rt_reset();
        needle_.rt_reset();
    } else if (running_ && bad_run_ > lost_after_) {
        running_ = false;
    }
    const auto deviation = static_cast<double>(sample.deviation);
    if (running_) {
        const auto bands = filters_.rt_process(deviation - offset_);
        const bool counts = sample.good && since_start_ >= settle_;
        for (std::size_t b = 0; b < kFlutterBands; ++b) {
            swings_[b].rt_push(bands[b], counts);
        }
        needle_held_ = sample.good ? needle_held_ - std::min<std::size_t>(needle_held_, 1) : needle_hold_;
        if (needle_held_ == 0) {
            needle_.rt_process(static_cast<double>(bands[kWeighted]));
        }
        if (at_ % kNeedleEvery == 0) {
            needle_memory_.rt_push(static_cast<float>(needle_.reading()), counts);
        }
        state_[at_] = counts ? kGood : sample.good ? kSettling : kOut;
        ++since_start_;
    } else {
        for (SwingMemory& memory : swings_) {
            memory.rt_push(0.0F, false);
        }
        state_[at_] = since_start_ > 0 ? kOut : kNothing;
    }
    deviation_[at_] = sample.deviation;
    at_ = at_ + 1 == deviation_.size() ? 0 : at_ + 1;
    rt_second(deviation, sample.good);
}

void WowFlutterMeter::rt_second(double deviation, bool good) noexcept {
    if (good) {
        second_sum_ += deviation;
        ++good_in_second_;
    }
    if (++in_second_ < second_) {
        return;
    }
    seconds_[seconds_done_ % kDriftSeconds] = good_in_second_ > second_ / 2
                                                  ? second_sum_ / static_cast<double>(good_in_second_)
                                                  : std::numeric_limits<double>::quiet_NaN();
    ++seconds_done_;
    in_second_ = good_in_second_ = 0;
    second_sum_ = 0.0;
}

void WowFlutterMeter::read_drift(WowFlutterReading& reading) const noexcept {
    const std::size_t kept = std::min(seconds_done_, kDriftSeconds);
    double n = 0.0, first = 0.0, last = 0.0, time = 0.0, speed = 0.0, time_time = 0.0, time_speed = 0.0;
    for (std::size_t i = 0; i < kept; ++i) {
        const double value = seconds_[(seconds_done_ - kept + i) % kDriftSeconds];
        if (std::isnan(value)) {
            continue;
        }
        const auto t = static_cast<double>(i);
        first = n == 0.0 ? t : first;
        last = t;
        n += 1.0;
        time += t;
        speed += value;
        time_time += t * t;
        time_speed += t * value;
    }
    if (n < 3.0) {
        return;
    }
    const double slope = (time_speed - time * speed / n) / (time_time - time * time / n); // a second
    reading.drift_over_s = (last - first + 1.0) * static_cast<double>(second_) / deviation_rate_hz();
    reading.drift_percent = kPercent * slope * (last - first + 1.0);
}

WowFlutterReading WowFlutterMeter::reading() noexcept {
    WowFlutterReading reading;
    const double whole = demodulator_.whole_power();
    reading.carrier_present = whole > 0.0 && demodulator_.carrier_power() > 0.5 * whole;
    double sum = 0.0;
    std::array<double, 4> count{};
    for (std::size_t n = 0; n < state_.size(); ++n) {
        count[state_[n]] += 1.0;
        if (state_[n] == kGood || state_[n] == kSettling) {
            sum += static_cast<double>(deviation_[n]);
        }
    }
    const double good = count[kGood] + count[kSettling];
    reading.excluded_share = count[kOut] > 0.0 ? count[kOut] / (good + count[kOut]) : 0.0;
    if (!reading.carrier_present || good == 0.0) {
        return reading;
    }
    reading.speed_error_percent = kPercent * sum / good;
    reading.carrier_hz = config_.nominal_carrier_hz * (1.0 + sum / good);
    read_drift(reading);
    if (count[kGood] == 0.0) {
        return reading;
    }
    reading.duration_s = count[kGood] / deviation_rate_hz();
    reading.weighted_two_sigma_percent = kPercent * swings_[kWeighted].exceeded_by(kTwoSigma);
    reading.weighted_quasi_peak_percent = kPercent * needle_memory_.exceeded_by(0.0);
    reading.unweighted_percent = kPercent * swings_[kUnweighted].exceeded_by(kTwoSigma);
    reading.wow_percent = kPercent * swings_[kWow].exceeded_by(kTwoSigma);
    reading.flutter_percent = kPercent * swings_[kFlutter].exceeded_by(kTwoSigma);
    reading.weighted_rms_percent = kPercent * swings_[kWeighted].rms();
    reading.unweighted_rms_percent = kPercent * swings_[kUnweighted].rms();
    return reading;
}

const FlutterSpectrum& WowFlutterMeter::spectrum(std::span<const RotatingPart> parts) {
    // from the first sample of the memory that holds a speed on
    std::size_t filled = 0;
    for (std::size_t n = 0; n < deviation_.size(); ++n) {
        const std::size_t from = (at_ + n) % deviation_.size();
        if (filled > 0 || state_[from] == kGood || state_[from] == kSettling) {
            in_order_[filled++] = deviation_[from];
        }
    }
    spectrum_.analyse(std::span<const float>(in_order_).first(filled), parts);
    return spectrum_;
}

namespace {

constexpr double kLeast_hz = 900.0, kMost_hz = 14000.0;

/// Of a tone whose nominal carrier is not known: nothing when there is none from 0.9 to 14 kHz. With much flutter the
/// strongest line stands at the edge of the swing, so the centre of the power about it is taken.
std::optional<double> find_carrier_hz(std::span<const float> samples, double rate_hz) {
    constexpr double kLongestSearch_s = 1.0, kAbout = 0.25;
    constexpr int kRounds = 4; // the centre moves, and what is about it
    const auto most = static_cast<std::size_t>(kLongestSearch_s * rate_hz);
    const std::size_t length = std::min(samples.size(), most);
    if (length < static_cast<std::size_t>(0.1 * rate_hz)) {
        return std::nullopt;
    }
    const PowerSpectrum spectrum(samples.subspan((samples.size() - length) / 2, length), rate_hz, kLongestSearch_s,
                                 PowerSpectrum::Window::hann);
    double centre_hz = spectrum.peak_hz(kLeast_hz, std::min(kMost_hz, 0.49 * rate_hz));
    for (int round = 0; round < kRounds && centre_hz > 0.0; ++round) {
        const std::span<const double> bins = spectrum.bins();
        const auto first = static_cast<std::size_t>((1.0 - kAbout) * centre_hz / spectrum.bin_hz());
        const auto last =
            std::min(static_cast<std::size_t>((1.0 + kAbout) * centre_hz / spectrum.bin_hz()), bins.size() - 1);
        double power = 0.0, moment = 0.0;
        for (std::size_t k = first; k <= last; ++k) {
            power += bins[k];
            moment += bins[k] * static_cast<double>(k);
        }
        centre_hz = power > 0.0 ? moment / power * spectrum.bin_hz() : 0.0;
    }
    return centre_hz > kLeast_hz && centre_hz < kMost_hz ? std::optional(centre_hz) : std::nullopt;
}

/// 3000 or 3150 Hz when it is about that.
std::optional<double> nominal_of(double carrier_hz) {
    constexpr double kWithin = 0.024;
    for (const double nominal_hz : {3000.0, 3150.0}) {
        if (std::abs(carrier_hz / nominal_hz - 1.0) < kWithin) {
            return nominal_hz;
        }
    }
    return std::nullopt;
}

} // namespace

WowFlutterReport measure_wow_flutter(std::span<const float> samples, const WowFlutterConfig& config,
                                     std::span<const RotatingPart> parts) {
    WowFlutterReport report;
    WowFlutterConfig whole = config;
    whole.memory_s = std::max(0.1, static_cast<double>(samples.size()) / config.rate_hz);
    report.nominal_carrier_hz = config.nominal_carrier_hz;
    if (config.nominal_carrier_hz == 0.0) {
        const std::optional<double> found = find_carrier_hz(samples, config.rate_hz);
        if (!found) {
            return report;
        }
        report.nominal_carrier_hz = nominal_of(*found).value_or(0.0);
        whole.nominal_carrier_hz = nominal_of(*found).value_or(*found);
    }
    WowFlutterMeter meter(whole);
    meter.process(samples);
    report.reading = meter.reading();
    if (report.nominal_carrier_hz == 0.0) {
        report.reading.speed_error_percent.reset();
    }
    const FlutterSpectrum& spectrum = meter.spectrum(parts);
    report.bin_hz = spectrum.bin_hz();
    report.lines.assign(spectrum.lines().begin(), spectrum.lines().end());
    return report;
}

} // namespace overbias::dsp
