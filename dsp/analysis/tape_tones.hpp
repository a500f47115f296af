// SPDX-License-Identifier: Apache-2.0
// TapeTones: follows a calibration tape by itself: which tone of its sequence is playing, where each one began and
// ended, and what lies between them, silence or something that is no tone (the announcer's voice, a sweep, noise).
//
// Frames of 85 ms, every 43 ms. A frame is a tone's when three quarters of its power lie in one sine and what flutter
// makes of it (0.5 % to either side). What plays is a tone when such frames follow each other for 0.4 s at one
// frequency (1 %, which no voice holds) and one level (1.5 dB). It ends when that has not been so for 0.2 s: a shorter
// drop-out does not part it. Where somebody turns at levels while it plays (`level_ends` false) its frequency alone
// says whether it goes on. Begin and end are then looked for in the last second of samples: where the tone's
// amplitude, in blocks of 10 ms or two periods, is half of what it is between. Its frequency and level are means over
// its frames, the first and last two left out.
//
// Tones are matched to the sequence by frequency, within `within` (a deck's speed error and more), the next one after
// the last first, so that 1 kHz at the beginning and 1 kHz at the end of a tape are told apart.
//
// Thread: one; allocates in the constructor only. Times in seconds from the first sample fed.
#pragma once

#include "dsp/analysis/fft.hpp"

#include <array>
#include <complex>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace overbias::dsp {

struct TapeTonesConfig {
    double rate_hz = 48000.0;
    std::vector<double> sequence_hz{}; ///< in the order of the tape; empty: tones are reported without a step
    double within = 0.04;              ///< relative
    double silence_dbfs = -60.0;       ///< rms re a full-scale sine, below: silence
    bool level_ends = true;            ///< a tone that is sure ends with another level too
};

struct TapeTone {
    static constexpr std::size_t kNoStep = std::numeric_limits<std::size_t>::max();
    double begin_s = 0.0, end_s = 0.0; ///< end: where it is heard until now while it plays
    double frequency_hz = 0.0;
    double level_dbfs = 0.0;    ///< peak of a sine
    std::size_t step = kNoStep; ///< of the sequence
};

class TapeTones {
  public:
    enum class Heard { Silence, Tone, Other };
    static constexpr std::size_t kMostTones = 64;

    /// Throws std::invalid_argument for a rate below 8 kHz.
    explicit TapeTones(const TapeTonesConfig& config);

    void process(std::span<const float> samples) noexcept;
    /// The recording is over: what plays now ends here.
    void finish() noexcept;
    void reset() noexcept;

    [[nodiscard]] Heard heard() const noexcept { return heard_; }
    /// nullptr when no tone plays.
    [[nodiscard]] const TapeTone* playing() const noexcept { return confirmed_ ? &now_ : nullptr; }
    /// Those that have ended, first to last; after kMostTones no more are kept.
    [[nodiscard]] std::span<const TapeTone> played() const noexcept { return {played_.data(), played_count_}; }

  private:
    struct Frame {
        bool tone = false, loud = false;
        double hz = 0.0, amplitude = 0.0;
    };
    [[nodiscard]] Frame look() noexcept;
    void take(const Frame& frame) noexcept;
    void confirm() noexcept;
    void end_tone() noexcept;
    [[nodiscard]] std::size_t step_of(double hz) const noexcept;
    /// Amplitude in the block that begins so many samples before the newest one; 0 outside the memory.
    [[nodiscard]] double amplitude_at(std::size_t ago, std::size_t block) const noexcept;

    TapeTonesConfig config_;
    std::size_t size_;
    RealFft fft_;
    std::vector<float> window_;
    double window_power_;
    std::vector<float> windowed_, memory_; ///< memory: the last second, newest at the end
    std::vector<std::complex<float>> bins_;
    std::size_t pending_ = 0; ///< new samples since the last frame
    double fed_ = 0.0;        ///< samples

    Heard heard_ = Heard::Silence;
    bool confirmed_ = false;
    std::size_t run_ = 0, misses_ = 0;      ///< frames of the tone or candidate; frames since it was heard
    double first_at_ = 0.0, last_at_ = 0.0; ///< sample after its first and its last frame
    double hz_ = 0.0, amplitude_ = 0.0;     ///< of its frames until now
    double hz_sum_ = 0.0, power_sum_ = 0.0, counted_ = 0.0;
    std::array<Frame, 3> latest_{}; ///< frames that wait to be counted until it is known that they are not its last
    TapeTone now_;
    std::size_t last_step_ = TapeTone::kNoStep;
    std::array<TapeTone, kMostTones> played_{};
    std::size_t played_count_ = 0;
};

} // namespace overbias::dsp
