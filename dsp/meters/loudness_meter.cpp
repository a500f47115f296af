// SPDX-License-Identifier: Apache-2.0
#include "dsp/meters/loudness_meter.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace overbias::dsp {

namespace {

/// Frames of the tick after `ticks` others, so that a hundred of them are the rate's whole second.
std::size_t frames_of_tick(double rate_hz, std::uint64_t ticks) {
    const auto frame_at = [rate_hz](std::uint64_t tick) {
        return std::llround(static_cast<double>(tick) * rate_hz / ProgrammeLoudness::kTicksPerSecond);
    };
    return static_cast<std::size_t>(frame_at(ticks + 1) - frame_at(ticks));
}

} // namespace

LoudnessMeter::LoudnessMeter(double sample_rate_hz) : LoudnessMeter(sample_rate_hz, {1.0, 1.0}) {
}

LoudnessMeter::LoudnessMeter(double sample_rate_hz, std::vector<double> channel_weights)
    : rate_hz_(sample_rate_hz), weights_(std::move(channel_weights)),
      filters_(weights_.size(), KWeighting(sample_rate_hz)), programme_(sample_rate_hz),
      tick_frames_(frames_of_tick(sample_rate_hz, 0)) {
    const bool fit = std::all_of(weights_.begin(), weights_.end(), [](double w) { return w >= 0 && std::isfinite(w); });
    if (weights_.empty() || !fit) {
        throw std::invalid_argument("loudness meter: one weight a channel expected, none of them negative; " +
                                    std::to_string(weights_.size()) + " came");
    }
}

void LoudnessMeter::process(std::span<const float> interleaved) noexcept {
    const std::size_t channels = weights_.size();
    const std::size_t frames = interleaved.size() / channels;
    for (std::size_t done = 0; done < frames;) {
        const std::size_t now = std::min(frames - done, tick_frames_ - gathered_);
        for (std::size_t channel = 0; channel < channels; ++channel) {
            if (weights_[channel] > 0.0) {
                energy_ += weights_[channel] *
                           filters_[channel].process(interleaved.data() + done * channels + channel, now, channels);
            }
        }
        done += now;
        gathered_ += now;
        if (gathered_ == tick_frames_) {
            programme_.add_tick(energy_, gathered_);
            highest_momentary_ = std::max(highest_momentary_, programme_.momentary_power());
            highest_short_term_ = std::max(highest_short_term_, programme_.short_term_power());
            energy_ = 0.0;
            gathered_ = 0;
            tick_frames_ = frames_of_tick(rate_hz_, ++ticks_);
        }
    }
}

double LoudnessMeter::highest_momentary_lufs() noexcept {
    const double highest = ProgrammeLoudness::lufs_of(highest_momentary_);
    highest_momentary_ = programme_.momentary_power();
    return highest;
}

double LoudnessMeter::highest_short_term_lufs() noexcept {
    const double highest = ProgrammeLoudness::lufs_of(highest_short_term_);
    highest_short_term_ = programme_.short_term_power();
    return highest;
}

} // namespace overbias::dsp
