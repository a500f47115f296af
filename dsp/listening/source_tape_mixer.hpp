// SPDX-License-Identifier: Apache-2.0
// SourceTapeMixer: what a monitor hears: the tape return as it came, or the source, held back and gained so that it
// fits the tape.
//
// Everything counts in frames of the tape return. The source frame s is heard with the tape frame c = s + delay; delay
// is a fraction of frames too (dsp/listening/sinc_reader.hpp). A delay that changes by up to 2 ms slides, by a
// thousandth of a frame a frame (as slow wow does); by more it is cross-faded to. Switching A/B cross-fades in 8 ms at
// equal gain: the two are the same programme, so their amplitudes add. Gains, dim, mono and mute fade in the same time.
//
// Thread: one; allocates in the constructor only.
#pragma once

#include "dsp/listening/fade.hpp"
#include "dsp/listening/sinc_reader.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::dsp {

enum class Heard { Nothing, Tape, Source };

class SourceTapeMixer {
  public:
    static constexpr double kFade_s = 0.008;
    static constexpr double kSlide_s = 0.002;   ///< longest change of delay that slides
    static constexpr double kSlideRate = 0.001; ///< frames a frame

    /// `most_delay_s`: longest delay, with what the source is ahead of the tape's frames.
    SourceTapeMixer(double rate_hz, double most_delay_s);

    void hear(Heard what) noexcept;
    [[nodiscard]] Heard heard() const noexcept { return heard_; }
    /// By how many frames the tape is later than the source. The first one is taken as it is.
    void set_delay(double frames) noexcept;
    [[nodiscard]] double delay() const noexcept { return delay_; } ///< as it is now, on its way to what was set
    /// Of the source, left and right: what the tape comes back louder than it was sent.
    void set_source_gain_db(std::array<double, 2> gain_db) noexcept;
    void set_dim_db(double db) noexcept; ///< lower by so much; 0: none
    void set_mono(bool on) noexcept;     ///< (left + right) / 2 on both
    void set_mute(bool on) noexcept;

    /// Source frames with their numbers, interleaved; they come before the tape frames that need them.
    void push_source(std::int64_t first_frame, std::span<const float> interleaved) noexcept;
    /// Tape frames with their numbers, interleaved; `out` of the same size gets what is heard.
    void mix(std::int64_t first_frame, std::span<const float> tape, std::span<float> out) noexcept;
    /// Nothing is heard, and every fade to that has ended.
    [[nodiscard]] bool silent() const noexcept;
    void forget_source() noexcept { source_.clear(); }

  private:
    [[nodiscard]] std::array<float, 2> source_at(std::int64_t tape_frame, double delay) const noexcept;
    void slide() noexcept;

    double slide_frames_;
    SincReader source_;
    Heard heard_ = Heard::Nothing;
    Fade tape_gain_, source_gain_;
    std::array<Fade, 2> match_;
    Fade dim_, mono_, mute_;
    bool delay_known_ = false;
    double delay_ = 0.0, wanted_delay_ = 0.0;
    double left_delay_ = 0.0; ///< of the reading that is faded out
    Fade new_delay_;          ///< 1: delay_ alone is heard
};

} // namespace overbias::dsp
