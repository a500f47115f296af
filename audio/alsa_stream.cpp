// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_stream.hpp"

#include <algorithm>
#include <bit>
#include <ctime>

namespace overbias::audio {

static_assert(std::endian::native == std::endian::little, "S32_LE goes to the card as it lies in memory");

namespace {

// Between two questions no more than this counts as standing still: when we come late, that isn't the card's fault.
constexpr std::int64_t kLongestQuestion_ns = 50'000'000;
constexpr std::int64_t kTight_ns = 50'000;
constexpr std::int64_t kSettle_ns = 50'000'000;

} // namespace

std::int64_t rt_monotonic_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

AlsaStream::AlsaStream(const SteadyTimeline& timeline, StreamFormat format, bool playback)
    : timeline_(timeline), format_(std::move(format)), playback_(playback), clock_(format_.sample_rate_hz) {
}

void AlsaStream::take(AlsaDevice device) {
    snd_pcm_status_t* status = nullptr;
    if (snd_pcm_status_malloc(&status) < 0) {
        throw std::bad_alloc();
    }
    status_.reset(status);
    device_ = std::move(device);
    const std::size_t bytes = sample_bytes(device_.sample);
    scratch_.assign(kChunkFrames * device_.channels * bytes, std::byte{0});
    planes_.resize(device_.channels);
    for (std::size_t channel = 0; channel < device_.channels; ++channel) {
        planes_[channel] = scratch_.data() + channel * kChunkFrames * bytes;
    }
    silence_.assign(kChunkFrames * device_.channels, 0);
    const auto period_ns =
        static_cast<std::int64_t>(1e9 * static_cast<double>(device_.period_frames) / format_.sample_rate_hz);
    still_limit_ns_ = std::max(kStill_ns, 3 * period_ns); // some cards count by whole periods
    state_ = StreamState::Stopped;
}

void AlsaStream::close() noexcept {
    device_.handle.reset();
    state_ = StreamState::Stopped;
}

int AlsaStream::prepare(std::size_t fill_frames) noexcept {
    fill_frames_ = playback_ ? std::min(fill_frames, device_.buffer_frames) : 0;
    clock_.rt_restart();
    drift_ppm_.store(std::numeric_limits<double>::quiet_NaN(), std::memory_order_relaxed);
    base_ = 0;
    next_frame_ = 0;
    last_stamp_ = {};
    settled_ = false;
    recovery_ = Recovery::None;
    snd_pcm_drop(device_.handle.get());
    const int error = snd_pcm_prepare(device_.handle.get());
    count_ = 0;
    return error < 0 ? error : rt_fill_silence(fill_frames_);
}

int AlsaStream::start() noexcept {
    const int error = snd_pcm_start(device_.handle.get());
    if (error >= 0) {
        started();
    }
    return error;
}

void AlsaStream::started() noexcept {
    state_ = StreamState::Running;
    started_ns_ = asked_ns_ = rt_monotonic_ns();
    still_ns_ = 0;
    moved_count_ = std::numeric_limits<std::int64_t>::min();
    has_started_count_ = moved_since_start_ = false;
    ready_ = 0;
}

void AlsaStream::stop() noexcept {
    if (is_open()) {
        snd_pcm_drop(device_.handle.get());
    }
    state_ = StreamState::Stopped;
}

// --- audio thread

void AlsaStream::rt_trouble(int error) noexcept {
    switch (remedy(snd_pcm_state(device_.handle.get()), error)) {
    case Remedy::None:
    case Remedy::Wait:
        return;
    case Remedy::GiveUp:
        state_ = StreamState::Lost;
        return;
    case Remedy::Unpause:
    case Remedy::Resume:
    case Remedy::Restart:
        if (state_ == StreamState::Running) {
            state_ = StreamState::Xrun;
            recovering_since_ns_ = rt_monotonic_ns();
        }
        recovery_ = Recovery::None;
        last_error_ = error;
        return;
    }
}

void AlsaStream::rt_progress(std::int64_t count) noexcept {
    const std::int64_t now_ns = rt_monotonic_ns();
    snd_pcm_sframes_t delay = 0;
    // the delay may move where the buffer doesn't: what fills it is late, the card itself is not
    const bool moves = count != moved_count_ || (snd_pcm_delay(device_.handle.get(), &delay) >= 0 &&
                                                 (playback_ ? count_ - delay : count_ + delay) != moved_delay_count_);
    if (moves) {
        moved_count_ = count;
        moved_delay_count_ = playback_ ? count_ - delay : count_ + delay;
        still_ns_ = 0;
    } else {
        still_ns_ += std::min(now_ns - asked_ns_, kLongestQuestion_ns);
        if (still_ns_ > (moved_since_start_ ? still_limit_ns_ : std::max(still_limit_ns_, kStillAtStart_ns))) {
            state_ = StreamState::Lost;
        }
    }
    asked_ns_ = now_ns;
}

StreamState AlsaStream::rt_check() noexcept {
    if (state_ != StreamState::Running) {
        return state_;
    }
    snd_pcm_t* const handle = device_.handle.get();
    const snd_pcm_sframes_t available = snd_pcm_avail(handle);
    if (available < 0 || snd_pcm_state(handle) != SND_PCM_STATE_RUNNING) {
        rt_trouble(available < 0 ? static_cast<int>(available) : 0);
        return state_;
    }
    ready_ = std::min(static_cast<std::size_t>(available), device_.buffer_frames);
    rt_progress(count_ + available);
    return state_;
}

bool AlsaStream::rt_reading(Reading& reading) noexcept {
    const std::int64_t before_ns = rt_monotonic_ns();
    const int error = snd_pcm_status(device_.handle.get(), status_.get());
    const std::int64_t after_ns = rt_monotonic_ns();
    if (error < 0 || snd_pcm_status_get_state(status_.get()) != SND_PCM_STATE_RUNNING) {
        rt_trouble(error);
        return false;
    }
    const snd_pcm_sframes_t delay = snd_pcm_status_get_delay(status_.get());
    reading.count = playback_ ? count_ - delay : count_ + delay;
    reading.tight = after_ns - before_ns <= kTight_ns;
    snd_htimestamp_t stamp{};
    snd_pcm_status_get_htstamp(status_.get(), &stamp);
    const std::int64_t stamp_ns = std::int64_t{stamp.tv_sec} * 1'000'000'000 + stamp.tv_nsec;
    // A plug-in's time is not its card's: alsa-lib reads the clock before it asks for the delay. And where the call
    // took long, the later time is the safe one: StreamClock weeds out what is late, not what is early.
    const bool of_card = device_.card >= 0 && stamp_ns >= before_ns && stamp_ns <= after_ns;
    reading.at_ns = of_card && reading.tight ? stamp_ns : after_ns;
    if (of_card) {
        card_timestamps_.store(true, std::memory_order_relaxed);
    }
    if (!has_started_count_) {
        has_started_count_ = true;
        started_count_ = reading.count;
    }
    moved_since_start_ = moved_since_start_ || reading.count != started_count_;
    return true;
}

StreamTimestamp AlsaStream::rt_timestamp() noexcept {
    Reading reading;
    if (state_ != StreamState::Running || !rt_reading(reading)) {
        return last_stamp_;
    }
    // The first readings after a start tell what the driver believes, not what the converter does.
    if (!settled_ && reading.at_ns - started_ns_ > kSettle_ns) {
        settled_ = true;
        clock_.rt_restart();
    }
    const std::int64_t frame = base_ + reading.count;
    if (moved_since_start_) {
        clock_.rt_add(frame, reading.at_ns);
        const auto drift = clock_.rt_drift_ppm();
        drift_ppm_.store(drift ? *drift : std::numeric_limits<double>::quiet_NaN(), std::memory_order_relaxed);
    }
    const std::int64_t at_ns = clock_.rt_valid() ? clock_.rt_time_ns(frame) : reading.at_ns;
    last_stamp_ = {frame, timeline_.at_monotonic(std::chrono::nanoseconds(at_ns))};
    return last_stamp_;
}

std::size_t AlsaStream::rt_poll_descriptors(std::span<pollfd> out) noexcept {
    if (state_ != StreamState::Running) {
        return 0;
    }
    const int count = snd_pcm_poll_descriptors(device_.handle.get(), out.data(), static_cast<unsigned>(out.size()));
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

bool AlsaStream::rt_poll_answer(std::span<pollfd> descriptors) noexcept {
    unsigned short events = 0;
    return snd_pcm_poll_descriptors_revents(device_.handle.get(), descriptors.data(),
                                            static_cast<unsigned>(descriptors.size()), &events) < 0 ||
           events != 0;
}

} // namespace overbias::audio
