// SPDX-License-Identifier: Apache-2.0
// Generator: test signals without clicks between them.
//
// A sine or square that gets another frequency goes on in its phase; another level is reached over 10 ms. Any other
// change fades the old signal out and the new one in over 10 ms, both by straight lines, side by side. A change that
// comes while one is still being faded waits for its end; of several that come meanwhile, the last. Thread: one;
// rt_play() and process() may both run on the audio thread. Allocates in the constructor only. The same seed and the
// same requests give the same samples.
#pragma once

#include "dsp/generator/signal_voice.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::dsp {

class Generator {
  public:
    /// Silent. Throws std::invalid_argument for a rate that is not above 0.
    explicit Generator(double rate_hz, std::uint64_t seed = 1);

    /// False, and nothing changes, when the signal can not be played (signal_complaint() says why).
    bool rt_play(const Signal& signal) noexcept;
    void process(std::span<float> out) noexcept;
    /// Silence at once, without a fade; what waits is forgotten.
    void rt_silence() noexcept;

    /// Samples of the fade that is going on which are still to come; a change asked for now begins after them.
    [[nodiscard]] std::size_t fade_left() const noexcept { return fade_ - faded_; }
    /// Samples after which nothing of the old signal or level is left, from the beginning of a change.
    [[nodiscard]] std::size_t fade_samples() const noexcept { return fade_; }
    /// Nothing sounds and nothing is going to.
    [[nodiscard]] bool silent() const noexcept {
        return !waiting_ && faded_ == fade_ && voices_[now_].kind() == Signal::Kind::Silence;
    }
    /// The sequence or sweep last asked for has come to its end.
    [[nodiscard]] bool finished() const noexcept { return !waiting_ && voices_[now_].finished(); }
    /// Tone of the sequence now playing.
    [[nodiscard]] std::size_t step() const noexcept { return voices_[now_].step(); }
    [[nodiscard]] double rate_hz() const noexcept { return rate_hz_; }

  private:
    static constexpr std::size_t kBlock = 64;
    void rt_begin(const Signal& signal) noexcept;

    double rate_hz_;
    std::array<SignalVoice, 2> voices_;
    std::size_t now_ = 0;
    std::size_t fade_, faded_; ///< samples of a fade, and how many of them are done
    bool waiting_ = false;
    Signal next_;
    std::array<float, kBlock> leaving_{};
};

} // namespace overbias::dsp
