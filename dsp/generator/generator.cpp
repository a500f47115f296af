// SPDX-License-Identifier: Apache-2.0
#include "dsp/generator/generator.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace overbias::dsp {
namespace {

constexpr double kFade_s = 0.01;

double checked(double rate_hz) {
    if (!(rate_hz > 0.0)) {
        throw std::invalid_argument("generator: expected a sample rate above 0, got " + std::to_string(rate_hz));
    }
    return rate_hz;
}

} // namespace

Generator::Generator(double rate_hz, std::uint64_t seed)
    : rate_hz_(checked(rate_hz)), voices_{SignalVoice(rate_hz, seed), SignalVoice(rate_hz, seed)},
      fade_(std::max<std::size_t>(1, static_cast<std::size_t>(kFade_s * rate_hz))), faded_(fade_) {
    voices_[0].rt_start(Signal{});
    voices_[1].rt_start(Signal{});
}

bool Generator::rt_play(const Signal& signal) noexcept {
    if (!rt_playable(signal, rate_hz_)) {
        return false;
    }
    next_ = signal;
    waiting_ = true;
    if (faded_ == fade_) {
        rt_begin(signal);
    }
    return true;
}

void Generator::rt_silence() noexcept {
    for (SignalVoice& voice : voices_) {
        voice.rt_start(Signal{});
    }
    faded_ = fade_;
    waiting_ = false;
}

void Generator::rt_begin(const Signal& signal) noexcept {
    waiting_ = false;
    const bool tonal = signal.kind == Signal::Kind::Sine || signal.kind == Signal::Kind::Square;
    if (tonal && voices_[now_].kind() == signal.kind) {
        voices_[now_].rt_retune(signal);
        return;
    }
    now_ = 1 - now_;
    voices_[now_].rt_start(signal);
    faded_ = 0;
}

void Generator::process(std::span<float> out) noexcept {
    while (!out.empty()) {
        if (waiting_ && faded_ == fade_) {
            rt_begin(next_);
        }
        const std::size_t left = fade_ - faded_;
        const std::size_t take = std::min({out.size(), kBlock, left > 0 ? left : kBlock});
        const auto block = out.first(take);
        voices_[now_].rt_fill(block);
        if (left > 0) {
            const auto old = std::span<float>(leaving_).first(take);
            voices_[1 - now_].rt_fill(old);
            for (std::size_t n = 0; n < take; ++n) {
                const float in = static_cast<float>(faded_ + n + 1) / static_cast<float>(fade_);
                block[n] = in * block[n] + (1.0F - in) * old[n];
            }
            faded_ += take;
        }
        out = out.subspan(take);
    }
}

} // namespace overbias::dsp
