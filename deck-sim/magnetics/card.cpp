// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/card.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::deck_sim::magnetics {

using audio::StreamState;

namespace {

constexpr std::size_t kChannels = 2; ///< that the deck is wired to, in either direction

} // namespace

Card::Card(const Settings& settings, std::function<double()> now_s, std::function<void()> advance)
    : now_s_(std::move(now_s)), advance_(std::move(advance)), noise_(settings.seed * 3 + 1) {
    for (const auto& [name, rate_hz] : {std::pair{"sample_rate_hz", settings.sample_rate_hz},
                                        std::pair{"capture_sample_rate_hz", settings.capture_rate_hz()}}) {
        if (!(rate_hz >= 8000.0 && rate_hz <= 200000.0)) {
            throw std::invalid_argument(std::string("simulated card: ") + name + " = " + std::to_string(rate_hz) +
                                        ": expected 8000 to 200000");
        }
    }
    if (!(settings.round_trip_frames >= kLeastDacFrames)) {
        throw std::invalid_argument(
            "simulated card: round_trip_frames = " + std::to_string(settings.round_trip_frames) + ": expected " +
            std::to_string(kLeastDacFrames) + " or more, the playback converter's filter looks ahead by as much");
    }
    const double dac_frames = std::max(kLeastDacFrames, settings.round_trip_frames / 2.0);
    dac_s_ = dac_frames / settings.sample_rate_hz;
    adc_s_ = (settings.round_trip_frames - dac_frames) / settings.sample_rate_hz;

    playback_.card = this;
    playback_.rate_hz = settings.sample_rate_hz * (1.0 + settings.play_clock_ppm * 1e-6);
    playback_.format_.sample_rate_hz = settings.sample_rate_hz;
    playback_.format_.roles = {audio::ChannelRole::ProgrammeOutLeft, audio::ChannelRole::ProgrammeOutRight};
    if (settings.monitor_playback) {
        playback_.format_.roles.insert(playback_.format_.roles.end(),
                                       {audio::ChannelRole::MonitorOutLeft, audio::ChannelRole::MonitorOutRight});
        playback_.monitor_heard = settings.monitor_heard;
    }
    playback_.format_.clock_domain = "simulated playback";
    capture_.card = this;
    capture_.rate_hz = settings.capture_rate_hz() *
                       (1.0 + (settings.shared_clock ? settings.play_clock_ppm : settings.capture_clock_ppm) * 1e-6);
    capture_.format_.sample_rate_hz = settings.capture_rate_hz();
    capture_.format_.roles = {audio::ChannelRole::TapeReturnLeft, audio::ChannelRole::TapeReturnRight};
    capture_.format_.clock_domain = settings.shared_clock ? playback_.format_.clock_domain : "simulated capture";
    if (settings.bias_capture) {
        capture_.format_.roles.insert(capture_.format_.roles.end(),
                                      {audio::ChannelRole::Bias, audio::ChannelRole::Bias});
    }
    if (settings.source_capture) {
        capture_.format_.roles.insert(capture_.format_.roles.end(),
                                      {audio::ChannelRole::SourceInLeft, audio::ChannelRole::SourceInRight});
    }
    capture_.ring.assign(kCaptureBuffer * capture_channels(), 0);

    // dBFS of noise: its rms against that of a full-scale sine; half the power in either converter
    noise_rms_ = static_cast<float>(std::pow(10.0, settings.converter_noise_dbfs / 20.0) / std::numbers::sqrt2 /
                                    std::numbers::sqrt2);
}

Result<void> Card::start(std::size_t playback_latency_frames) {
    advance();
    if (running_) {
        return Error{"simulated card: start while it is running; stop it first"};
    }
    start_s_ = now_s_();
    playback_.latency = playback_latency_frames;
    playback_.ring.assign((playback_latency_frames + kPlaybackMargin) * playback_.format_.channels(), 0);
    playback_.taken = 0;
    playback_.resume = 0;
    playback_.written = playback_.silent = static_cast<std::int64_t>(playback_latency_frames);
    playback_.state = StreamState::Running;
    capture_.given = capture_.read = capture_.limit = 0;
    capture_.hole_begin = capture_.hole_end = -1;
    capture_.state = StreamState::Running;
    running_ = true;
    ++starts_;
    return {};
}

void Card::stop() noexcept {
    advance();
    running_ = false;
    playback_.state = StreamState::Stopped;
    capture_.state = StreamState::Stopped;
}

std::size_t Card::due(double time_s) const noexcept {
    if (!running_) {
        return 0;
    }
    const auto end = static_cast<std::int64_t>(std::ceil((time_s - start_s_) * playback_.rate_hz));
    return end > playback_.taken ? static_cast<std::size_t>(end - playback_.taken) : 0;
}

void Card::take(std::size_t frames, float* left, float* right) noexcept {
    constexpr float kScale = 0x1p-31F;
    const float* noise_left = noise_.block(frames);
    const float* noise_right = noise_.block(frames);
    const std::size_t channels = playback_.format_.channels();
    const auto ring_frames = static_cast<std::int64_t>(playback_.ring.size() / channels);
    std::int64_t slot = playback_.taken % ring_frames;
    for (std::size_t i = 0; i < frames; ++i) {
        const std::int64_t frame = playback_.taken + static_cast<std::int64_t>(i);
        left[i] = noise_left[i] * noise_rms_;
        right[i] = noise_right[i] * noise_rms_;
        if (playback_.state == StreamState::Running) {
            if (frame >= playback_.written) {
                playback_.state = StreamState::Xrun;
            } else if (frame >= playback_.silent) {
                const std::int32_t* from = playback_.ring.data() + static_cast<std::size_t>(slot) * channels;
                left[i] += static_cast<float>(from[0]) * kScale;
                right[i] += static_cast<float>(from[1]) * kScale;
                if (playback_.monitor_heard) {
                    playback_.monitor_heard(frame, from[kChannels], from[kChannels + 1]);
                }
            }
        }
        slot = slot + 1 == ring_frames ? 0 : slot + 1;
    }
    playback_.taken += static_cast<std::int64_t>(frames);
}

void Card::give(std::size_t frames, const float* left, const float* right,
                std::span<const std::vector<float>> more) noexcept {
    const float* noise_left = noise_.block(frames);
    const float* noise_right = noise_.block(frames);
    const auto quantised = [](float value) {
        // 24 bit, rounded to nearest, full scale 2^31
        const float inside = std::min(std::max(value * 0x1p23F, -8388608.0F), 8388607.0F);
        const float shifted = inside + (inside >= 0.0F ? 0.5F : -0.5F);
        return static_cast<std::int32_t>(std::min(std::max(shifted, -8388608.0F), 8388607.0F)) * 256;
    };
    std::size_t slot = static_cast<std::size_t>(capture_.given) % kCaptureBuffer;
    const std::size_t channels = capture_channels();
    for (std::size_t i = 0; i < frames; ++i) {
        std::int32_t* to = capture_.ring.data() + slot * channels;
        to[0] = quantised(left[i] + noise_left[i] * noise_rms_);
        to[1] = quantised(right[i] + noise_right[i] * noise_rms_);
        for (std::size_t c = kChannels; c < channels; ++c) {
            to[c] = quantised(more[c - kChannels][i] + noise_left[frames - 1 - i] * noise_rms_);
        }
        slot = slot + 1 == kCaptureBuffer ? 0 : slot + 1;
    }
    capture_.given += static_cast<std::int64_t>(frames);
    if (capture_.state == StreamState::Running &&
        capture_.given - capture_.read > static_cast<std::int64_t>(kCaptureBuffer)) {
        capture_.state = StreamState::Xrun; // the reader came too late
    }
}

void Card::lose_capture(std::size_t frames) noexcept {
    if (running_) {
        capture_.hole_begin = capture_.given;
        capture_.hole_end = capture_.given + static_cast<std::int64_t>(frames);
    }
}

void Card::lose_playback(std::size_t frames) noexcept {
    if (running_) {
        // A host that stalls: the card takes nothing more, plays what it has, and then runs dry for `frames`.
        playback_.resume = playback_.written + static_cast<std::int64_t>(frames);
    }
}

audio::StreamTimestamp Card::timestamp(double rate_hz) const noexcept {
    if (!running_) {
        return {};
    }
    const double frame = std::floor((now_s_() - start_s_) * rate_hz);
    const double at_s = start_s_ + frame / rate_hz;
    return {static_cast<std::int64_t>(frame),
            DeckTime{std::chrono::nanoseconds{static_cast<std::int64_t>(std::llround(at_s * 1e9))}}};
}

// --- capture

void Card::Capture::update() noexcept {
    card->advance();
    if (state != StreamState::Running) {
        return;
    }
    const auto arrived = static_cast<std::int64_t>(std::floor((card->now_s_() - card->start_s_) * rate_hz));
    limit = std::min(arrived, given);
    if (hole_begin >= 0 && read <= hole_begin && limit > hole_begin) {
        if (read == hole_begin) {
            state = StreamState::Xrun;
        }
        limit = hole_begin; // what came before the loss is still there to be read
    }
}

StreamState Card::Capture::rt_state() noexcept {
    update();
    return state;
}

std::size_t Card::Capture::rt_available() noexcept {
    update();
    return state == StreamState::Running && limit > read ? static_cast<std::size_t>(limit - read) : 0;
}

std::size_t Card::Capture::rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept {
    const std::size_t channels = format_.channels();
    const std::size_t count = std::min(rt_available(), out.size() / channels);
    first_frame = read;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t slot = (static_cast<std::size_t>(read) + i) % kCaptureBuffer * channels;
        for (std::size_t c = 0; c < channels; ++c) {
            out[i * channels + c] = ring[slot + c];
        }
    }
    read += static_cast<std::int64_t>(count);
    return count;
}

bool Card::Capture::rt_recover() noexcept {
    update();
    if (state != StreamState::Xrun) {
        return state == StreamState::Running;
    }
    if (hole_begin >= 0 && read == hole_begin) {
        read = std::max(hole_end, given - static_cast<std::int64_t>(kCaptureBuffer / 2));
        hole_begin = hole_end = -1;
    } else {
        read = given; // all that was waiting is lost
    }
    state = StreamState::Running;
    return true;
}

audio::StreamTimestamp Card::Capture::rt_timestamp() noexcept {
    card->advance();
    return card->timestamp(rate_hz);
}

// --- playback

StreamState Card::Playback::rt_state() noexcept {
    card->advance();
    return state;
}

std::size_t Card::Playback::rt_writable() noexcept {
    card->advance();
    if (state != StreamState::Running || taken < resume) {
        return 0;
    }
    const auto room = static_cast<std::int64_t>(ring.size() / format_.channels()) - (written - taken);
    return room > 0 ? static_cast<std::size_t>(room) : 0;
}

std::size_t Card::Playback::rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept {
    const std::size_t channels = format_.channels();
    const std::size_t count = std::min(rt_writable(), in.size() / channels);
    first_frame = written;
    const std::size_t ring_frames = ring.size() / channels;
    std::size_t slot = static_cast<std::size_t>(written) % ring_frames;
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(in.data() + i * channels, channels, ring.data() + slot * channels);
        slot = slot + 1 == ring_frames ? 0 : slot + 1;
    }
    written += static_cast<std::int64_t>(count);
    return count;
}

bool Card::Playback::rt_recover() noexcept {
    card->advance();
    if (state != StreamState::Xrun) {
        return state == StreamState::Running;
    }
    if (taken < resume) {
        return false; // still stalled
    }
    written = silent = taken + static_cast<std::int64_t>(latency);
    state = StreamState::Running;
    return true;
}

audio::StreamTimestamp Card::Playback::rt_timestamp() noexcept {
    card->advance();
    return card->timestamp(rate_hz);
}

} // namespace overbias::deck_sim::magnetics
