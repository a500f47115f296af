// SPDX-License-Identifier: Apache-2.0
#include "audio/oscillator.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace overbias::audio {

namespace {

constexpr int kConverterBits = 24;
constexpr std::uint64_t kDitherSeed = 0x05c111a7;

std::array<float, 2> gains(OscillatorChannels channels) noexcept {
    return {channels == OscillatorChannels::Right ? 0.0F : 1.0F, channels == OscillatorChannels::Left ? 0.0F : 1.0F};
}

} // namespace

Oscillator::Oscillator(double rate_hz)
    : generator_(rate_hz), quantisers_{DitheredQuantiser(kConverterBits, kDitherSeed, 0),
                                       DitheredQuantiser(kConverterBits, kDitherSeed, 1)} {
}

void Oscillator::ask(const dsp::Signal& signal, OscillatorChannels channels) noexcept {
    request_ = {request_.number + 1, signal, channels};
    asked_.rt_publish(request_);
}

Result<void> Oscillator::play(const dsp::Signal& signal, OscillatorChannels channels) {
    if (std::string complaint = dsp::signal_complaint(signal, rate_hz()); !complaint.empty()) {
        return Error{std::move(complaint)};
    }
    ask(signal, channels);
    return {};
}

void Oscillator::stop() noexcept {
    ask(dsp::Signal{}, request_.channels);
}

bool Oscillator::playing() const noexcept {
    return request_.signal.kind != dsp::Signal::Kind::Silence &&
           ended_.load(std::memory_order_acquire) != request_.number;
}

Oscillator::Change Oscillator::last_change() const noexcept {
    if (request_.number == 0 || change_.load(std::memory_order_acquire) != request_.number) {
        return {};
    }
    const std::int64_t from = from_frame_.load(std::memory_order_relaxed);
    return {from, from + static_cast<std::int64_t>(generator_.fade_samples())};
}

void Oscillator::rt_take_request() noexcept {
    if (const Request& newest = asked_.rt_latest(); newest.number != next_.number) {
        next_ = newest;
        waiting_ = true;
    }
}

void Oscillator::rt_begin(std::size_t offset) noexcept {
    waiting_ = false;
    begins_at_ = offset;
    const bool sound = next_.signal.kind != dsp::Signal::Kind::Silence;
    if (sound) { // what fades out does so on the channels it is on
        wanted_gain_ = gains(next_.channels);
        if (generator_.silent()) {
            gain_ = wanted_gain_;
        }
    }
    if (sound || sounds_) {
        static_cast<void>(generator_.rt_play(next_.signal)); // play() has looked at it
    }
    sounds_ = sound;
}

void Oscillator::rt_fill(std::span<std::int32_t> interleaved) noexcept {
    begins_at_ = kNowhere;
    rt_take_request();
    const std::size_t frames = interleaved.size() / 2;
    for (std::size_t at = 0; at < frames;) {
        std::size_t left = generator_.fade_left();
        if (waiting_ && left == 0) {
            rt_begin(at);
            left = generator_.fade_left();
        }
        const std::size_t take = std::min({frames - at, kPiece, left > 0 ? left : kPiece});
        rt_piece(interleaved.subspan(2 * at, 2 * take));
        at += take;
    }
    if (!waiting_ && generator_.finished()) {
        ended_.store(next_.number, std::memory_order_release);
        generator_.rt_silence(); // it gives zeros already, and they need no dither
        sounds_ = false;
    }
}

void Oscillator::rt_piece(std::span<std::int32_t> interleaved) noexcept {
    if (generator_.silent()) {
        std::fill(interleaved.begin(), interleaved.end(), 0);
        return;
    }
    const auto mono = std::span<float>(mono_).first(interleaved.size() / 2);
    generator_.process(mono);
    const float step = 1.0F / static_cast<float>(generator_.fade_samples());
    for (std::size_t side = 0; side < 2; ++side) {
        float& gain = gain_[side];
        for (std::size_t i = 0; i < mono.size(); ++i) {
            gain += std::clamp(wanted_gain_[side] - gain, -step, step);
            interleaved[2 * i + side] =
                gain > 0.0F ? quantisers_[side].quantise(static_cast<double>(gain * mono[i])) : 0;
        }
    }
}

void Oscillator::rt_written(std::int64_t first_frame, std::size_t offset, std::size_t frames) noexcept {
    if (begins_at_ >= offset && begins_at_ - offset < frames) {
        from_frame_.store(first_frame + static_cast<std::int64_t>(begins_at_ - offset), std::memory_order_relaxed);
        change_.store(next_.number, std::memory_order_release);
    }
}

bool Oscillator::rt_give_way() noexcept {
    begins_at_ = kNowhere;
    rt_take_request();
    waiting_ = false;
    ended_.store(next_.number, std::memory_order_release);
    if (std::exchange(sounds_, false)) {
        static_cast<void>(generator_.rt_play(dsp::Signal{})); // after a fade that is going on
    }
    return generator_.silent();
}

void Oscillator::rt_end() noexcept {
    begins_at_ = kNowhere;
    rt_take_request();
    waiting_ = sounds_ = false;
    ended_.store(next_.number, std::memory_order_release);
    generator_.rt_silence();
}

} // namespace overbias::audio
