// SPDX-License-Identifier: Apache-2.0
// After an xrun: the card is started again, and its frames get the numbers that they would have had.
#include "audio/alsa_stream.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::audio {

namespace {

constexpr std::int64_t kNumberAtLeast_ns = 5'000'000;
constexpr std::int64_t kNumberAtMost_ns = 20'000'000;
constexpr int kNumberReadings = 4;

} // namespace

bool AlsaStream::rt_recover() noexcept {
    if (state_ != StreamState::Xrun) {
        return state_ == StreamState::Running;
    }
    if (recovery_ == Recovery::None && !rt_restart(remedy(snd_pcm_state(device_.handle.get()), last_error_))) {
        return false;
    }
    return recovery_ == Recovery::Padding ? rt_pad() : rt_number_frames();
}

bool AlsaStream::rt_restart(Remedy what) noexcept {
    snd_pcm_t* const handle = device_.handle.get();
    if (what == Remedy::GiveUp) {
        state_ = StreamState::Lost;
        return false;
    }
    if (what == Remedy::Resume && snd_pcm_resume(handle) == -EAGAIN) {
        recovering_since_ns_ = rt_monotonic_ns(); // still waking: that may take as long as it likes
        return false;
    }
    if (what == Remedy::Unpause) {
        snd_pcm_pause(handle, 0);
    }
    // whatever it was, the count is not to be trusted any more: all begins anew
    snd_pcm_drop(handle);
    int error = snd_pcm_prepare(handle);
    count_ = 0;
    if (error >= 0) {
        error = rt_fill_silence(fill_frames_);
    }
    if (error >= 0) {
        error = snd_pcm_start(handle);
    }
    if (error < 0) {
        const bool gone = remedy(snd_pcm_state(handle), error) == Remedy::GiveUp;
        if (gone || rt_monotonic_ns() - recovering_since_ns_ > kStill_ns) {
            state_ = StreamState::Lost;
        }
        return false;
    }
    started();
    state_ = StreamState::Xrun; // until its frames have their numbers
    recovery_ = Recovery::Numbering;
    base_readings_ = base_estimates_ = 0;
    return true;
}

bool AlsaStream::rt_number_frames() noexcept {
    Reading reading;
    if (!rt_reading(reading)) {
        return false; // rt_trouble() has said what next
    }
    const std::int64_t since_start_ns = rt_monotonic_ns() - started_ns_;
    if (!moved_since_start_) {
        if (since_start_ns > kStillAtStart_ns) {
            state_ = StreamState::Lost;
        }
        return false;
    }
    if (clock_.rt_valid()) {
        // a late reading makes the card seem further on than it is: the smallest is the best
        const double estimate = clock_.rt_frame(reading.at_ns) - static_cast<double>(reading.count);
        base_estimate_ = base_estimates_ == 0 ? estimate : std::min(base_estimate_, estimate);
        ++base_estimates_;
        base_readings_ += reading.tight ? 1 : 0;
        const auto half_fill_ns =
            static_cast<std::int64_t>(0.5e9 * static_cast<double>(fill_frames_) / format_.sample_rate_hz);
        const std::int64_t longest_ns = playback_ ? std::min(kNumberAtMost_ns, half_fill_ns) : kNumberAtMost_ns;
        const bool enough = base_readings_ >= kNumberReadings && since_start_ns >= kNumberAtLeast_ns;
        if (!enough && since_start_ns < longest_ns) {
            return false;
        }
        // the count is of whole frames, so it is behind by half a frame on average
        base_ = static_cast<std::int64_t>(std::floor(base_estimate_ + 0.25));
    } else {
        base_ = next_frame_ - count_; // lost in its first moments: there is no line to go by
    }
    if (!playback_) {
        base_ = std::max(base_, next_frame_); // a frame is read once
    }
    recovery_ = Recovery::Padding;
    return rt_pad();
}

/// Frames that were written and thrown away by the restart keep their numbers: silence goes out in their place, and the
/// next number leaves one out, so that everybody sees the xrun.
bool AlsaStream::rt_pad() noexcept {
    const std::int64_t missing = playback_ ? next_frame_ + 1 - (base_ + count_) : 0;
    if (missing > 0) {
        const snd_pcm_sframes_t room = snd_pcm_avail(device_.handle.get());
        if (room < 0) {
            rt_trouble(static_cast<int>(room));
            return false;
        }
        const std::int64_t now = std::min<std::int64_t>(missing, room);
        const int error = now > 0 ? rt_fill_silence(static_cast<std::size_t>(now)) : 0;
        if (error < 0 && error != -EAGAIN) {
            rt_trouble(error);
            return false;
        }
        if (next_frame_ + 1 > base_ + count_) {
            return false;
        }
    }
    recovery_ = Recovery::None;
    state_ = StreamState::Running;
    return true;
}

} // namespace overbias::audio
