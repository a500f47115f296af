// SPDX-License-Identifier: Apache-2.0
// Frames to the card and from it, in the card's own format.
#include "audio/alsa_stream.hpp"

#include <algorithm>

namespace overbias::audio {

int AlsaStream::rt_fill_silence(std::size_t frames) noexcept {
    while (frames > 0) {
        const snd_pcm_sframes_t written = rt_transfer_out(silence_.data(), std::min(frames, kChunkFrames));
        if (written <= 0) {
            return written < 0 ? static_cast<int>(written) : -EIO;
        }
        count_ += written;
        frames -= static_cast<std::size_t>(written);
    }
    return 0;
}

template <typename Transfer>
std::size_t AlsaStream::rt_move(std::size_t samples, std::int64_t& first_frame, Transfer transfer) noexcept {
    first_frame = base_ + count_;
    std::size_t done = 0;
    const std::size_t wanted = state_ == StreamState::Running ? samples / device_.channels : 0;
    while (done < wanted) {
        const snd_pcm_sframes_t frames = transfer(done * device_.channels, wanted - done);
        if (frames <= 0) {
            if (frames < 0 && frames != -EAGAIN) {
                rt_trouble(static_cast<int>(frames));
            }
            break;
        }
        done += static_cast<std::size_t>(frames);
        count_ += frames;
    }
    ready_ -= std::min(ready_, done);
    next_frame_ = base_ + count_;
    return done;
}

std::size_t AlsaStream::rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept {
    return rt_move(out.size(), first_frame, [this, out](std::size_t sample, std::size_t frames) noexcept {
        return rt_transfer_in(out.data() + sample, frames);
    });
}

std::size_t AlsaStream::rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept {
    return rt_move(in.size(), first_frame, [this, in](std::size_t sample, std::size_t frames) noexcept {
        return rt_transfer_out(in.data() + sample, frames);
    });
}

snd_pcm_sframes_t AlsaStream::rt_transfer_in(std::int32_t* out, std::size_t frames) noexcept {
    snd_pcm_t* const handle = device_.handle.get();
    if (device_.interleaved && device_.sample == CardSample::S32) {
        return snd_pcm_readi(handle, out, frames);
    }
    const std::size_t chunk = std::min(frames, kChunkFrames);
    const snd_pcm_sframes_t got = device_.interleaved ? snd_pcm_readi(handle, scratch_.data(), chunk)
                                                      : snd_pcm_readn(handle, planes_.data(), chunk);
    if (got <= 0) {
        return got;
    }
    const auto count = static_cast<std::size_t>(got);
    if (device_.interleaved) {
        rt_from_card(device_.sample, scratch_.data(), out, 1, count * device_.channels);
    } else {
        for (std::size_t channel = 0; channel < device_.channels; ++channel) {
            rt_from_card(device_.sample, static_cast<const std::byte*>(planes_[channel]), out + channel,
                         device_.channels, count);
        }
    }
    return got;
}

snd_pcm_sframes_t AlsaStream::rt_transfer_out(const std::int32_t* in, std::size_t frames) noexcept {
    snd_pcm_t* const handle = device_.handle.get();
    if (device_.interleaved && device_.sample == CardSample::S32) {
        return snd_pcm_writei(handle, in, frames);
    }
    const std::size_t chunk = std::min(frames, kChunkFrames);
    if (device_.interleaved) {
        rt_to_card(device_.sample, in, 1, scratch_.data(), chunk * device_.channels);
        return snd_pcm_writei(handle, scratch_.data(), chunk);
    }
    for (std::size_t channel = 0; channel < device_.channels; ++channel) {
        rt_to_card(device_.sample, in + channel, device_.channels, static_cast<std::byte*>(planes_[channel]), chunk);
    }
    return snd_pcm_writen(handle, planes_.data(), chunk);
}

} // namespace overbias::audio
