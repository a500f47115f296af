// SPDX-License-Identifier: Apache-2.0
#include "dsp/listening/source_tape_mixer.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::dsp {

namespace {

std::int64_t fade_frames(double rate_hz) {
    return std::llround(rate_hz * SourceTapeMixer::kFade_s);
}

} // namespace

SourceTapeMixer::SourceTapeMixer(double rate_hz, double most_delay_s)
    : slide_frames_(kSlide_s * rate_hz),
      source_(static_cast<std::size_t>(std::ceil(rate_hz * most_delay_s)) + 4 * SincReader::kHalf),
      tape_gain_(0.0, fade_frames(rate_hz)),
      source_gain_(0.0, fade_frames(rate_hz)), match_{Fade(1.0, fade_frames(rate_hz)), Fade(1.0, fade_frames(rate_hz))},
      dim_(1.0, fade_frames(rate_hz)), mono_(0.0, fade_frames(rate_hz)), mute_(1.0, fade_frames(rate_hz)),
      new_delay_(1.0, fade_frames(rate_hz)) {
}

void SourceTapeMixer::hear(Heard what) noexcept {
    heard_ = what;
    tape_gain_.go_to(what == Heard::Tape ? 1.0 : 0.0);
    source_gain_.go_to(what == Heard::Source ? 1.0 : 0.0);
}

void SourceTapeMixer::set_delay(double frames) noexcept {
    wanted_delay_ = frames;
    if (!delay_known_) {
        delay_known_ = true;
        delay_ = frames;
    }
}

void SourceTapeMixer::set_source_gain_db(std::array<double, 2> gain_db) noexcept {
    for (std::size_t channel = 0; channel < 2; ++channel) {
        match_[channel].go_to(amplitude_from_db(gain_db[channel]));
    }
}

void SourceTapeMixer::set_dim_db(double db) noexcept {
    dim_.go_to(amplitude_from_db(-db));
}

void SourceTapeMixer::set_mono(bool on) noexcept {
    mono_.go_to(on ? 1.0 : 0.0);
}

void SourceTapeMixer::set_mute(bool on) noexcept {
    mute_.go_to(on ? 0.0 : 1.0);
}

void SourceTapeMixer::push_source(std::int64_t first_frame, std::span<const float> interleaved) noexcept {
    source_.push(first_frame, interleaved);
}

bool SourceTapeMixer::silent() const noexcept {
    return heard_ == Heard::Nothing && tape_gain_.resting() && source_gain_.resting();
}

std::array<float, 2> SourceTapeMixer::source_at(std::int64_t tape_frame, double delay) const noexcept {
    // apart, so that a large frame number costs the fraction nothing
    const double whole = std::ceil(delay);
    return source_.at(tape_frame - static_cast<std::int64_t>(whole), whole - delay);
}

void SourceTapeMixer::slide() noexcept {
    if (!new_delay_.resting()) {
        return;
    }
    const double missing = wanted_delay_ - delay_;
    if (std::abs(missing) > slide_frames_) {
        left_delay_ = delay_;
        delay_ = wanted_delay_;
        new_delay_ = Fade(0.0, fade_frames(slide_frames_ / kSlide_s));
        new_delay_.go_to(1.0);
    } else {
        delay_ += std::clamp(missing, -kSlideRate, kSlideRate);
    }
}

void SourceTapeMixer::mix(std::int64_t first_frame, std::span<const float> tape, std::span<float> out) noexcept {
    const std::size_t frames = std::min(tape.size(), out.size()) / 2;
    for (std::size_t i = 0; i < frames; ++i) {
        slide();
        const double of_tape = tape_gain_.next(), of_source = source_gain_.next();
        const double newer = new_delay_.next();
        const std::array<double, 2> match{match_[0].next(), match_[1].next()};
        std::array<double, 2> heard{of_tape * tape[2 * i], of_tape * tape[2 * i + 1]};
        if (of_source > 0.0) {
            const std::int64_t frame = first_frame + static_cast<std::int64_t>(i);
            const std::array<float, 2> now = source_at(frame, delay_);
            std::array<double, 2> source{now[0], now[1]};
            if (newer < 1.0) {
                const std::array<float, 2> before = source_at(frame, left_delay_);
                for (std::size_t channel = 0; channel < 2; ++channel) {
                    source[channel] = newer * source[channel] + (1.0 - newer) * before[channel];
                }
            }
            for (std::size_t channel = 0; channel < 2; ++channel) {
                heard[channel] += of_source * match[channel] * source[channel];
            }
        }
        const double middle = 0.5 * (heard[0] + heard[1]);
        const double mono = mono_.next();
        const double gain = dim_.next() * mute_.next();
        for (std::size_t channel = 0; channel < 2; ++channel) {
            out[2 * i + channel] = static_cast<float>(gain * (heard[channel] + mono * (middle - heard[channel])));
        }
    }
}

} // namespace overbias::dsp
