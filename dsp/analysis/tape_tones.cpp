// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/tape_tones.hpp"

#include "dsp/analysis/tone.hpp"
#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kFrame_s = 4096.0 / 48000.0;
constexpr double kShare = 0.75, kSameFrequency = 0.01, kSameLevel_db = 1.5;
constexpr std::size_t kSureFrames = 10, kMissesAllowed = 4;
constexpr double kMemory_s = 1.0;
constexpr double kBlock_s = 0.01;
constexpr double kLowest_hz = 25.0;
constexpr std::size_t kLobe = 3;   // bins on each side that a Hann window spreads a sine over
constexpr double kFlutter = 0.005; // and relative width of what flutter does

std::size_t power_of_two(double samples) {
    std::size_t size = 64;
    while (static_cast<double>(size) < 0.75 * samples) {
        size *= 2;
    }
    return size;
}

double checked(double rate_hz) {
    if (!(rate_hz >= 8000.0)) {
        throw std::invalid_argument("tape tones: expected 8000 samples/s or more, got " + std::to_string(rate_hz));
    }
    return rate_hz;
}

} // namespace

TapeTones::TapeTones(const TapeTonesConfig& config)
    : config_(config), size_(power_of_two(kFrame_s * checked(config.rate_hz))), fft_(size_),
      window_(hann_window(size_)), window_power_(window_power(window_)), windowed_(size_),
      memory_(static_cast<std::size_t>(kMemory_s * config.rate_hz)), bins_(fft_.bins()) {
}

void TapeTones::reset() noexcept {
    std::fill(memory_.begin(), memory_.end(), 0.0F);
    pending_ = run_ = misses_ = played_count_ = 0;
    fed_ = 0.0;
    confirmed_ = false;
    heard_ = Heard::Silence;
    last_step_ = TapeTone::kNoStep;
}

void TapeTones::process(std::span<const float> samples) noexcept {
    const std::size_t hop = size_ / 2;
    while (!samples.empty()) {
        const std::size_t take_now = std::min(samples.size(), hop - pending_);
        std::copy(memory_.begin() + static_cast<std::ptrdiff_t>(take_now), memory_.end(), memory_.begin());
        std::copy_n(samples.begin(), take_now, memory_.end() - static_cast<std::ptrdiff_t>(take_now));
        pending_ += take_now;
        fed_ += static_cast<double>(take_now);
        samples = samples.subspan(take_now);
        if (pending_ == hop) {
            pending_ = 0;
            if (fed_ >= static_cast<double>(size_)) {
                take(look());
            }
        }
    }
}

TapeTones::Frame TapeTones::look() noexcept {
    const auto frame = std::span<const float>(memory_).last(size_);
    double power = 0.0, windowed_power = 0.0;
    for (std::size_t n = 0; n < size_; ++n) {
        windowed_[n] = frame[n] * window_[n];
        power += static_cast<double>(frame[n]) * static_cast<double>(frame[n]);
        windowed_power += static_cast<double>(windowed_[n]) * static_cast<double>(windowed_[n]);
    }
    const auto size = static_cast<double>(size_);
    Frame result;
    result.loud = 10.0 * std::log10(2.0 * power / size + 1e-30) >= config_.silence_dbfs;
    if (!result.loud) {
        return result;
    }
    fft_.forward(windowed_, bins_);
    std::size_t peak = 0;
    float best = 0.0F;
    for (auto k = static_cast<std::size_t>(kLowest_hz * size / config_.rate_hz); k + 1 < bins_.size(); ++k) {
        if (const float here = std::norm(bins_[k]); here > best) {
            best = here;
            peak = k;
        }
    }
    // Its power with the sidebands that flutter gives it, or a high tone would seem to fall with every flutter.
    const std::size_t reach = kLobe + static_cast<std::size_t>(kFlutter * static_cast<double>(peak));
    double band = 0.0;
    for (std::size_t k = peak > reach ? peak - reach : 1; k <= std::min(peak + reach, bins_.size() - 1); ++k) {
        band += 2.0 / size * static_cast<double>(std::norm(bins_[k]));
    }
    result.tone = band >= kShare * windowed_power;
    if (result.tone) {
        result.hz = refine_tone(frame, static_cast<double>(peak) / size).cycles_per_sample * config_.rate_hz;
        result.amplitude = std::sqrt(2.0 * band / window_power_);
    }
    return result;
}

void TapeTones::take(const Frame& frame) noexcept {
    const bool any_level = confirmed_ && !config_.level_ends;
    const bool same = run_ > 0 && frame.tone && std::abs(frame.hz / hz_ - 1.0) < kSameFrequency &&
                      (any_level || std::abs(20.0 * std::log10(frame.amplitude / amplitude_)) < kSameLevel_db);
    if (same) {
        ++run_;
        misses_ = 0;
        last_at_ = fed_;
        // slowly after the tone, so that a sweep or a glide leaves it behind
        hz_ += 0.2 * (frame.hz - hz_);
        amplitude_ += 0.2 * (frame.amplitude - amplitude_);
        if (run_ > latest_.size() + 1) { // the one that came three frames ago is neither among the first nor the last
            const Frame& old = latest_[run_ % latest_.size()];
            hz_sum_ += old.hz;
            power_sum_ += old.amplitude * old.amplitude;
            counted_ += 1.0;
        }
        latest_[run_ % latest_.size()] = frame;
        if (!confirmed_ && run_ >= kSureFrames) {
            confirm();
        }
        if (confirmed_) {
            now_.end_s = fed_ / config_.rate_hz;
            now_.frequency_hz = hz_sum_ / counted_;
            now_.level_dbfs = 10.0 * std::log10(power_sum_ / counted_);
        }
    } else if (confirmed_ && misses_ < kMissesAllowed) {
        ++misses_;
    } else {
        if (confirmed_) {
            end_tone();
        }
        run_ = frame.tone ? 1 : 0; // this one may be the next one's first
        misses_ = 0;
        first_at_ = last_at_ = fed_;
        hz_ = frame.hz;
        amplitude_ = frame.amplitude;
        hz_sum_ = power_sum_ = counted_ = 0.0;
        latest_[run_ % latest_.size()] = frame;
    }
    heard_ = confirmed_ ? Heard::Tone : frame.loud ? Heard::Other : Heard::Silence;
}

double TapeTones::amplitude_at(std::size_t ago, std::size_t block) const noexcept {
    if (ago > memory_.size() || ago < block) {
        return 0.0;
    }
    return std::abs(
        tone_at(std::span<const float>(memory_).subspan(memory_.size() - ago, block), hz_ / config_.rate_hz));
}

std::size_t TapeTones::step_of(double hz) const noexcept {
    const auto matches = [&](std::size_t n) { return std::abs(hz / config_.sequence_hz[n] - 1.0) <= config_.within; };
    const std::size_t count = config_.sequence_hz.size();
    const std::size_t next = last_step_ == TapeTone::kNoStep ? 0 : last_step_ + 1;
    for (std::size_t n = 0; n < count; ++n) {
        if (const std::size_t step = (next + n) % count; matches(step)) {
            return step;
        }
    }
    return TapeTone::kNoStep;
}

/// A tone it is: where it began, to 10 ms, and which one of the sequence.
void TapeTones::confirm() noexcept {
    confirmed_ = true;
    now_ = {};
    const auto block = static_cast<std::size_t>(std::max(kBlock_s, 2.0 / hz_) * config_.rate_hz);
    // From inside the tone back to a frame before its first one.
    const auto inside = static_cast<std::size_t>(fed_ - first_at_) + size_ / 2;
    const std::size_t farthest = std::min(inside + 2 * size_, memory_.size());
    std::size_t begin = inside;
    for (std::size_t ago = inside; ago <= farthest; ago += block / 4) {
        if (amplitude_at(ago, block) < 0.5 * amplitude_) {
            break;
        }
        begin = ago;
    }
    // the block that is half full of the tone shows half of it, with its middle at the beginning
    now_.begin_s =
        std::max(0.0, fed_ - static_cast<double>(begin) + 0.5 * static_cast<double>(block)) / config_.rate_hz;
    if (begin + block / 4 > farthest) {
        now_.begin_s = std::max(0.0, fed_ - static_cast<double>(begin)) / config_.rate_hz;
    }
    now_.step = config_.sequence_hz.empty() ? TapeTone::kNoStep : step_of(hz_);
    if (now_.step != TapeTone::kNoStep) {
        last_step_ = now_.step;
    }
}

void TapeTones::end_tone() noexcept {
    confirmed_ = false;
    const auto block = static_cast<std::size_t>(std::max(kBlock_s, 2.0 / hz_) * config_.rate_hz);
    const auto inside = static_cast<std::size_t>(fed_ - last_at_) + size_ / 2;
    std::size_t end = inside;
    for (std::size_t ago = inside; ago >= block; ago -= block / 4) {
        if (amplitude_at(ago, block) < 0.5 * amplitude_) {
            break;
        }
        end = ago;
        if (ago < block + block / 4) {
            break;
        }
    }
    now_.end_s = (fed_ - static_cast<double>(end) + 0.5 * static_cast<double>(block)) / config_.rate_hz;
    if (played_count_ < kMostTones) {
        played_[played_count_++] = now_;
    }
}

void TapeTones::finish() noexcept {
    if (confirmed_) {
        end_tone();
    }
    run_ = 0;
    heard_ = Heard::Silence;
}

} // namespace overbias::dsp
