// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/tone_stretches.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace overbias::dsp {

namespace {

constexpr double kSegment_s = 0.18;
constexpr double kLowest_hz = 20.0;
constexpr double kAround = 0.30; ///< of the highest bin: what the centre is taken of
constexpr double kWithin = 0.15; ///< of the centre: what counts as the tone
constexpr double kShare = 0.5;
constexpr double kSilence = 1e-10; ///< mean square, -100 dBFS
constexpr double kSameFrequency = 0.02;
constexpr double kSameLevel = 2.0; ///< power, 3 dB
constexpr double kLobeBins = 2.0;

std::size_t segment_size(double rate_hz) {
    if (!(rate_hz > 0.0)) {
        throw std::invalid_argument("tone stretches: sample rate must be above 0 Hz, got " + std::to_string(rate_hz));
    }
    return std::bit_floor(std::max<std::size_t>(static_cast<std::size_t>(kSegment_s * rate_hz), 256));
}

} // namespace

ToneStretches::ToneStretches(double rate_hz)
    : rate_hz_(rate_hz), fft_(segment_size(rate_hz)), window_(hann_window(fft_.size())), gathered_(fft_.size()),
      windowed_(fft_.size()), bins_(fft_.bins()) {
}

void ToneStretches::process(std::span<const float> samples) {
    while (!samples.empty()) {
        const std::size_t taken = std::min(samples.size(), gathered_.size() - filled_);
        std::copy_n(samples.begin(), taken, gathered_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += taken;
        samples = samples.subspan(taken);
        if (filled_ == gathered_.size()) {
            filled_ = 0;
            take(look());
            ++segment_;
        }
    }
}

ToneStretches::Look ToneStretches::look() {
    double mean = 0.0, square = 0.0;
    for (const float x : gathered_) {
        mean += x;
        square += static_cast<double>(x) * x;
    }
    const auto count = static_cast<double>(gathered_.size());
    mean /= count;
    if (!(square / count - mean * mean > kSilence)) { // a sample that is no number is no tone either
        return {0.0, 0.0};
    }
    for (std::size_t i = 0; i < gathered_.size(); ++i) {
        windowed_[i] = window_[i] * (gathered_[i] - static_cast<float>(mean));
    }
    fft_.forward(windowed_, bins_);
    const double bin_hz = rate_hz_ / count;
    const auto bin = [&](double frequency_hz) {
        return std::min(static_cast<std::size_t>(std::max(std::lround(frequency_hz / bin_hz), 1L)), bins_.size());
    };
    double total = 0.0;
    std::size_t highest = bin(kLowest_hz);
    for (std::size_t k = 1; k < bins_.size(); ++k) {
        total += std::norm(bins_[k]);
        if (k > highest && std::norm(bins_[k]) > std::norm(bins_[highest])) {
            highest = k;
        }
    }
    const auto sum = [&](double centre_hz, double share, double& weighted) {
        const double half_hz = share * centre_hz + kLobeBins * bin_hz;
        double power = 0.0;
        weighted = 0.0;
        for (std::size_t k = bin(centre_hz - half_hz); k < std::min(bin(centre_hz + half_hz) + 1, bins_.size()); ++k) {
            power += std::norm(bins_[k]);
            weighted += std::norm(bins_[k]) * static_cast<double>(k) * bin_hz;
        }
        return power;
    };
    double weighted = 0.0;
    const double around = sum(static_cast<double>(highest) * bin_hz, kAround, weighted);
    const double centre_hz = weighted / around;
    const double tone = sum(centre_hz, kWithin, weighted);
    return {tone >= kShare * total ? centre_hz : 0.0, tone / total * (square / count - mean * mean)};
}

bool ToneStretches::Run::fits(const Look& look, double bin_hz) const noexcept {
    const auto n = static_cast<double>(count);
    const double power = power_sum / n;
    return look.frequency_hz > 0.0 &&
           std::abs(look.frequency_hz - frequency_sum / n) <=
               std::max(kSameFrequency * look.frequency_hz, 0.5 * bin_hz) &&
           look.power < power * kSameLevel && look.power > power / kSameLevel;
}

void ToneStretches::Run::add(const Look& look, std::uint64_t segment) noexcept {
    last = segment;
    frequency_sum += look.frequency_hz;
    power_sum += look.power;
    ++count;
}

void ToneStretches::take(const Look& look) {
    const double bin_hz = rate_hz_ / static_cast<double>(fft_.size());
    if (run_ && run_->fits(look, bin_hz)) {
        run_->add(look, segment_);
        next_.reset();
        return;
    }
    if (run_ && segment_ - run_->last < 2) { // one odd segment is a drop-out until the second one
        if (look.frequency_hz > 0.0) {
            next_ = Run{segment_, segment_, look.frequency_hz, look.power, 1};
        }
        return;
    }
    close();
    run_ = next_;
    next_.reset();
    if (run_ && run_->fits(look, bin_hz)) {
        run_->add(look, segment_);
    } else {
        run_.reset();
        if (look.frequency_hz > 0.0) {
            run_ = Run{segment_, segment_, look.frequency_hz, look.power, 1};
        }
    }
}

std::optional<ToneStretch> ToneStretches::stretch_of(const Run& run) const {
    const double segment_s = static_cast<double>(fft_.size()) / rate_hz_;
    const double duration_s = static_cast<double>(run.last - run.first + 1) * segment_s;
    if (duration_s < kLeast_s) {
        return std::nullopt;
    }
    const auto n = static_cast<double>(run.count);
    return ToneStretch{.start_s = static_cast<double>(run.first) * segment_s,
                       .duration_s = duration_s,
                       .frequency_hz = run.frequency_sum / n,
                       .level_dbfs = 10.0 * std::log10(2.0 * run.power_sum / n)};
}

void ToneStretches::close() {
    if (run_) {
        if (const auto stretch = stretch_of(*run_)) {
            found_.push_back(*stretch);
        }
    }
}

std::vector<ToneStretch> ToneStretches::found() const {
    std::vector<ToneStretch> all = found_;
    if (run_) {
        if (const auto stretch = stretch_of(*run_)) {
            all.push_back(*stretch);
        }
    }
    return all;
}

} // namespace overbias::dsp
