// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/lock_in.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kStopBandDb = 100.0;

void refuse(bool wrong, const std::string& text) {
    if (wrong) {
        throw std::invalid_argument("lock-in: " + text);
    }
}

/// Modified Bessel function of order 0, by its power series.
double bessel_i0(double x) {
    double term = 1.0, sum = 1.0;
    for (int k = 1; term > 1e-17 * sum; ++k) {
        term *= (x / (2.0 * k)) * (x / (2.0 * k));
        sum += term;
    }
    return sum;
}

/// Passes 0 ... pass, stops from stop on (cycles a sample); Kaiser's formulas for length and shape, gain 1 at 0.
std::vector<double> low_pass(double pass, double stop) {
    const double width_rad = kTwoPi * (stop - pass);
    const auto half = static_cast<std::size_t>(std::ceil((kStopBandDb - 7.95) / (2.285 * width_rad) / 2.0));
    const double beta = 0.1102 * (kStopBandDb - 8.7);
    const double middle = 0.5 * (pass + stop);
    std::vector<double> taps(2 * half + 1);
    double sum = 0.0;
    for (std::size_t i = 0; i < taps.size(); ++i) {
        const double at = static_cast<double>(i) - static_cast<double>(half);
        const double edge = at / (static_cast<double>(half) + 1.0);
        const double sinc = i == half ? 2.0 * middle : std::sin(kTwoPi * middle * at) / (std::numbers::pi * at);
        taps[i] = sinc * bessel_i0(beta * std::sqrt(1.0 - edge * edge));
        sum += taps[i];
    }
    for (double& tap : taps) {
        tap /= sum;
    }
    return taps;
}

} // namespace

LockIn::LockIn(const LockInConfig& config) : config_(config) {
    const double rate = config.rate_hz, pull = config.pull_hz;
    refuse(!(rate > 0.0) || !(pull > 0.0), "expected a rate and a pull range above 0");
    refuse(!(pull >= rate / 20000.0 && pull <= rate / 16.0),
           "expected a pull range from 1/20000 to 1/16 of the rate, got " + std::to_string(pull) + " Hz at " +
               std::to_string(rate) + " Hz");
    refuse(!(config.expected_hz > 1.5 * pull && config.expected_hz < 0.5 * rate - 1.5 * pull),
           "expected a carrier clear of 0 and of half the rate by 1.5 times the pull range, got " +
               std::to_string(config.expected_hz) + " Hz at " + std::to_string(rate) + " Hz");
    refuse(!(config.reading_s * pull >= 16.0 && config.reading_s <= 3600.0),
           "expected a reading of at least 16 / pull range and at most an hour, got " +
               std::to_string(config.reading_s) + " s");
    // slow samples at four times the pull range: the band of 1.5 times the pull range fits to both sides
    decimation_ = static_cast<std::size_t>(rate / (4.0 * pull));
    taps_ = low_pass(pull / rate, 1.5 * pull / rate);
    re_.resize(taps_.size() + kChunk);
    im_.resize(re_.size());
    settling_ = taps_.size() / decimation_ + 1;
    const double slow = config.reading_s * rate / static_cast<double>(decimation_);
    slow_.resize(static_cast<std::size_t>(std::lround(slow / kParts)) * kParts);
    hann_.resize(slow_.size());
    for (std::size_t m = 0; m < hann_.size(); ++m) {
        const double size = static_cast<double>(hann_.size());
        hann_[m] = (1.0 - std::cos(kTwoPi * (static_cast<double>(m) + 0.5) / size)) / size;
    }
    step_ = std::polar(1.0, -kTwoPi * config.expected_hz / rate);
    reset();
}

void LockIn::reset() noexcept {
    std::ranges::fill(re_, 0.0);
    std::ranges::fill(im_, 0.0);
    kept_ = taps_.size() - 1;
    next_ = 0;
    unsettled_ = settling_;
    have_ = 0;
    oscillator_ = {1.0, 0.0};
}

double LockIn::reading_s() const noexcept {
    return static_cast<double>(slow_.size() * decimation_) / config_.rate_hz;
}

std::size_t LockIn::most_readings(std::size_t samples) const noexcept {
    return samples / (slow_.size() * decimation_) + 1;
}

void LockIn::rt_mix(std::span<const float> samples) noexcept {
    for (const float sample : samples) {
        re_[kept_] = oscillator_.real() * static_cast<double>(sample);
        im_[kept_] = oscillator_.imag() * static_cast<double>(sample);
        ++kept_;
        oscillator_ = {oscillator_.real() * step_.real() - oscillator_.imag() * step_.imag(),
                       oscillator_.real() * step_.imag() + oscillator_.imag() * step_.real()};
    }
    oscillator_ /= std::abs(oscillator_);
}

LockIn::Complex LockIn::rt_filtered(std::size_t at) const noexcept {
    double re = 0.0, im = 0.0, re_odd = 0.0, im_odd = 0.0;
    const std::size_t pairs = taps_.size() & ~std::size_t{1};
    for (std::size_t i = 0; i < pairs; i += 2) {
        re += taps_[i] * re_[at + i];
        im += taps_[i] * im_[at + i];
        re_odd += taps_[i + 1] * re_[at + i + 1];
        im_odd += taps_[i + 1] * im_[at + i + 1];
    }
    if (pairs < taps_.size()) {
        re += taps_[pairs] * re_[at + pairs];
        im += taps_[pairs] * im_[at + pairs];
    }
    return {re + re_odd, im + im_odd};
}

std::size_t LockIn::process(std::span<const float> samples, std::span<LockInReading> out) noexcept {
    std::size_t written = 0;
    while (!samples.empty()) {
        const std::size_t size = std::min(samples.size(), kChunk);
        rt_mix(samples.first(size));
        samples = samples.subspan(size);
        for (; next_ + taps_.size() <= kept_; next_ += decimation_) {
            if (unsettled_ > 0) {
                --unsettled_;
                continue;
            }
            slow_[have_++] = rt_filtered(next_);
            if (have_ == slow_.size()) {
                have_ = 0;
                const LockInReading reading = rt_reading();
                if (written < out.size()) {
                    out[written] = reading;
                    out[written++].until_frame = frames_ + (size - (kept_ - (next_ + taps_.size())));
                }
            }
        }
        // the low-pass is longer than a step of it: next_ stands within what is kept
        for (std::vector<double>* part : {&re_, &im_}) {
            std::copy(part->begin() + static_cast<std::ptrdiff_t>(next_),
                      part->begin() + static_cast<std::ptrdiff_t>(kept_), part->begin());
        }
        kept_ -= next_;
        next_ = 0;
        frames_ += size;
    }
    return written;
}

void LockIn::turn(double radians_per_sample) noexcept {
    const Complex step = std::polar(1.0, -radians_per_sample);
    Complex by{1.0, 0.0};
    for (Complex& each : slow_) {
        each *= by;
        by *= step;
    }
}

LockInReading LockIn::rt_reading() noexcept {
    LockInReading reading;
    const auto size = static_cast<double>(slow_.size());
    double power = 0.0;
    Complex advance{};
    for (std::size_t m = 0; m < slow_.size(); ++m) {
        power += std::norm(slow_[m]);
        if (m > 0) {
            advance += slow_[m] * std::conj(slow_[m - 1]);
        }
    }
    reading.band_rms = std::sqrt(2.0 * power / size);
    const double first = std::arg(advance);
    turn(first);

    // sixteenths: the rest of the advance between them, then the slope of their phases
    const std::size_t length = slow_.size() / kParts;
    std::array<Complex, kParts> parts{};
    for (std::size_t m = 0; m < slow_.size(); ++m) {
        parts.at(m / length) += slow_[m];
    }
    advance = {};
    for (std::size_t k = 1; k < kParts; ++k) {
        advance += parts.at(k) * std::conj(parts.at(k - 1));
    }
    const double second = std::arg(advance);
    Complex all{};
    for (std::size_t k = 0; k < kParts; ++k) {
        parts.at(k) *= std::polar(1.0, -second * static_cast<double>(k));
        all += parts.at(k);
    }
    double slope = 0.0, squares = 0.0;
    for (std::size_t k = 0; k < kParts; ++k) {
        const double at = static_cast<double>(k) - 0.5 * (kParts - 1);
        slope += at * std::arg(parts.at(k) * std::conj(all));
        squares += at * at;
    }
    const double rest = (second + slope / squares) / static_cast<double>(length);
    turn(rest);

    Complex mean{};
    for (std::size_t m = 0; m < slow_.size(); ++m) {
        mean += hann_[m] * slow_[m];
    }
    double noise = 0.0;
    for (const Complex& each : slow_) {
        noise += std::norm(each - mean);
    }
    noise = std::max(noise / size, 1e-30);
    const double slow_rate = config_.rate_hz / static_cast<double>(decimation_);
    const double off_hz = (first + rest) * slow_rate / kTwoPi;
    reading.amplitude = 2.0 * std::abs(mean);
    reading.frequency_hz = config_.expected_hz + off_hz;
    reading.snr_db = 10.0 * std::log10(std::max(std::norm(mean), 1e-30) / noise);
    // a comparison with what is not a number is false: then there is no carrier
    reading.carrier =
        std::abs(off_hz) <= config_.pull_hz && reading.snr_db >= config_.least_snr_db && reading.amplitude > 1e-12;
    return reading;
}

RectifiedMean::RectifiedMean(double rate_hz, double reading_s) {
    refuse(!(rate_hz > 0.0 && reading_s > 0.0 && rate_hz * reading_s >= 16.0 && reading_s <= 3600.0),
           "expected a reading of at least 16 samples and at most an hour, got " + std::to_string(reading_s) +
               " s at " + std::to_string(rate_hz) + " Hz");
    size_ = static_cast<std::size_t>(std::lround(rate_hz * reading_s));
    step_ = std::polar(1.0, kTwoPi / static_cast<double>(size_));
    reset();
}

void RectifiedMean::reset() noexcept {
    have_ = 0;
    weighted_ = first_ = sum_ = squares_ = 0.0;
    window_ = std::sqrt(step_); // half a sample in, so that the window is symmetric
}

std::size_t RectifiedMean::most_readings(std::size_t samples) const noexcept {
    return samples / size_ + 1;
}

std::size_t RectifiedMean::process(std::span<const float> samples, std::span<RectifiedReading> out) noexcept {
    std::size_t written = 0;
    for (const float sample : samples) {
        const auto x = static_cast<double>(sample);
        if (have_ == 0) {
            first_ = x; // the squares are taken about it, so that small ripple on much direct voltage is not lost
        }
        weighted_ += (1.0 - window_.real()) * x;
        sum_ += x - first_;
        squares_ += (x - first_) * (x - first_);
        window_ = {window_.real() * step_.real() - window_.imag() * step_.imag(),
                   window_.real() * step_.imag() + window_.imag() * step_.real()};
        ++frames_;
        if (++have_ == size_) {
            const auto size = static_cast<double>(size_);
            const double mean = sum_ / size;
            if (written < out.size()) {
                out[written++] = {.mean = weighted_ / size,
                                  .ripple_rms = std::sqrt(std::max(squares_ / size - mean * mean, 0.0)),
                                  .until_frame = frames_};
            }
            reset();
        }
    }
    return written;
}

} // namespace overbias::dsp
