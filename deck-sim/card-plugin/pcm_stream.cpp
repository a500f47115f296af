// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/card-plugin/pcm_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace overbias::deck_sim {

namespace {

constexpr std::int64_t kNever = 0;            // disarms a timerfd
constexpr std::int64_t kPublish_ns = 500'000; // the card publishes what it captured in steps of about that
constexpr std::int64_t kLookAgain_ns = 500'000;
constexpr std::int64_t kHeldUp_ns = 2'000'000;
constexpr std::uint32_t kRunMask = 0xffffU; // as much of a run's number as a tag holds

/// A channel of the application's buffer.
class Channel {
  public:
    Channel(const snd_pcm_channel_area_t& area, snd_pcm_uframes_t offset) noexcept
        : first_(static_cast<char*>(area.addr) + (area.first + area.step * offset) / 8), step_(area.step / 8) {}
    [[nodiscard]] char* at(std::size_t frame) const noexcept { return first_ + frame * step_; }

  private:
    char* first_;
    std::size_t step_;
};

} // namespace

PcmStream::~PcmStream() {
    if (owner_ && client_.connected()) {
        client_.card().playback_pid.store(0);
    }
    if (watch_ >= 0) {
        ::close(watch_);
    }
    if (timer_ >= 0) {
        ::close(timer_);
    }
}

SharedDirection& PcmStream::direction() const noexcept {
    return playing() ? client_.card().playback : client_.card().capture;
}

const CardSlots& PcmStream::slots() const noexcept {
    return playing() ? client_.mapping().playback() : client_.mapping().capture();
}

/// Frames of the stream that are behind the pointer.
std::int64_t PcmStream::hardware(std::int64_t now_ns) const noexcept {
    if (!running_) {
        return 0;
    }
    const SharedDirection& shared = direction();
    if (!playing()) {
        return std::max<std::int64_t>(shared.frontier.load(std::memory_order_acquire) - start_, 0);
    }
    const auto sound = static_cast<std::int64_t>(std::floor(shared.frames_at(now_ns))) - start_;
    const std::int64_t pointer = std::max<std::int64_t>(sound + static_cast<std::int64_t>(shared.fifo_frames), 0);
    if (io_.state == SND_PCM_STATE_DRAINING) {
        // drained is what has left the converter, not what lies in the FIFO
        return sound >= application() ? application() : std::min(pointer, application() - 1);
    }
    return pointer;
}

std::int64_t PcmStream::available(std::int64_t now_ns) const noexcept {
    const std::int64_t ahead = hardware(now_ns) - application();
    return playing() ? ahead + static_cast<std::int64_t>(io_.buffer_size) : ahead;
}

bool PcmStream::lost_frames(std::int64_t now_ns) const noexcept {
    if (!running_) {
        return false;
    }
    if (late_ || direction().xruns.load(std::memory_order_acquire) != xruns_seen_) {
        return true;
    }
    return io_.state == SND_PCM_STATE_RUNNING && available(now_ns) >= stop_threshold_;
}

int PcmStream::start() noexcept {
    const std::int64_t now = monotonic_ns();
    if (!client_.connected()) {
        snd_pcm_ioplug_set_state(&io_, SND_PCM_STATE_DISCONNECTED);
        return -ENODEV;
    }
    xruns_seen_ = direction().xruns.load(std::memory_order_acquire);
    late_ = false;
    running_ = true;
    if (playing()) {
        place_staged();
    } else {
        start_ = static_cast<std::int64_t>(std::floor(direction().frames_at(now))) + 1;
    }
    arm(monotonic_ns());
    return 0;
}

/// Gives the frames that wait for the start their place on the card, beyond what it has taken already.
void PcmStream::place_staged() noexcept {
    SharedDirection& shared = direction();
    std::atomic<std::uint32_t>& current = client_.card().playback_run;
    const CardSlots& ring = slots();
    const std::size_t frames = staged_.size() / ring.channels;
    for (std::int64_t attempt = 0; attempt < 8; ++attempt) {
        // a run of its own, and not yet the current one: nothing is heard of an attempt until all of it is there
        const std::uint32_t run = current.load(std::memory_order_acquire) + 1 + static_cast<std::uint32_t>(attempt);
        run_ = run & kRunMask;
        const std::int64_t begin_ns = monotonic_ns() + attempt * kHeldUp_ns; // who was held up asks for more time
        start_ = static_cast<std::int64_t>(std::floor(shared.frames_at(begin_ns))) + 1 +
                 static_cast<std::int64_t>(shared.fifo_frames);
        for (std::size_t i = 0; i < frames; ++i) {
            const std::int64_t frame = start_ + static_cast<std::int64_t>(i);
            std::copy_n(staged_.data() + i * ring.channels, ring.channels, ring.at(frame));
            ring.publish(frame, run_);
        }
        if (shared.frontier.load(std::memory_order_acquire) > start_) {
            continue;
        }
        current.store(run, std::memory_order_release);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (shared.frontier.load(std::memory_order_acquire) <= start_) {
            return;
        }
    }
    current.fetch_add(8, std::memory_order_acq_rel); // no later run takes a number that was tried
    late_ = true;
}

int PcmStream::stop() noexcept {
    if (playing() && running_ && client_.connected()) {
        // what lies behind the pointer is still heard, the rest never
        const std::int64_t reached = start_ + std::min(hardware(monotonic_ns()), application());
        client_.card().playback_final.store(CardSlots::tag(reached, run_), std::memory_order_release);
        client_.card().playback_run.fetch_add(1, std::memory_order_acq_rel);
    }
    running_ = false;
    arm(monotonic_ns());
    return 0;
}

int PcmStream::prepare() noexcept {
    if (!client_.connected()) {
        snd_pcm_ioplug_set_state(&io_, SND_PCM_STATE_DISCONNECTED);
        arm_at(1);
        return -ENODEV;
    }
    stop();
    staged_.clear();
    return 0;
}

snd_pcm_sframes_t PcmStream::pointer() noexcept {
    if (!client_.connected()) {
        // no error: ioplug would make an xrun of it, and the calls answer by the state
        snd_pcm_ioplug_set_state(&io_, SND_PCM_STATE_DISCONNECTED);
        arm_at(1);
        return static_cast<snd_pcm_sframes_t>(io_.hw_ptr);
    }
    const std::int64_t now = monotonic_ns();
    if (lost_frames(now)) {
        direction().xruns_told.fetch_add(1, std::memory_order_relaxed);
        stop();
        arm_at(1);
        return -EPIPE;
    }
    if (!playing() && io_.state == SND_PCM_STATE_DRAINING) {
        return -EPIPE; // nothing to wait for: ioplug stops the stream
    }
    return static_cast<snd_pcm_sframes_t>(hardware(now) % boundary_);
}

snd_pcm_sframes_t PcmStream::transfer(const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset,
                                      snd_pcm_uframes_t frames) noexcept {
    if (!client_.connected()) {
        return -ENODEV;
    }
    const CardSlots& ring = slots();
    const std::int64_t first = start_ + application();
    const bool staging = playing() && !running_;
    const auto begin = static_cast<std::size_t>(application()) * ring.channels;
    if (staging) {
        try {
            staged_.resize(begin + frames * ring.channels);
        } catch (...) {
            return -ENOMEM;
        }
    }
    for (std::size_t c = 0; c < ring.channels; ++c) {
        const Channel channel(areas[c], offset);
        for (std::size_t i = 0; i < frames; ++i) {
            const std::int64_t frame = first + static_cast<std::int64_t>(i);
            char* const place = channel.at(i);
            if (playing()) {
                std::int32_t* const slot = staging ? staged_.data() + begin + i * ring.channels : ring.at(frame);
                std::memcpy(slot + c, place, sizeof *slot);
            } else {
                const std::int32_t sample = ring.holds(frame, 0) ? ring.at(frame)[c] : 0;
                std::memcpy(place, &sample, sizeof sample);
            }
        }
    }
    if (playing() && !staging) {
        for (std::size_t i = 0; i < frames; ++i) {
            ring.publish(first + static_cast<std::int64_t>(i), run_);
        }
        std::atomic_thread_fence(std::memory_order_seq_cst);
        // whoever wants no xruns (a stop threshold beyond the buffer) may come too late
        late_ = late_ || (stop_threshold_ <= static_cast<std::int64_t>(io_.buffer_size) &&
                          direction().frontier.load(std::memory_order_acquire) > first);
    }
    return static_cast<snd_pcm_sframes_t>(frames);
}

int PcmStream::sw_params(snd_pcm_sw_params_t* parameters) noexcept {
    snd_pcm_uframes_t value = 1;
    snd_pcm_sw_params_get_avail_min(parameters, &value);
    least_available_ = std::max<std::int64_t>(static_cast<std::int64_t>(value), 1);
    snd_pcm_sw_params_get_stop_threshold(parameters, &value);
    stop_threshold_ = static_cast<std::int64_t>(value);
    snd_pcm_sw_params_get_boundary(parameters, &value);
    boundary_ = static_cast<std::int64_t>(value);
    arm(monotonic_ns());
    return 0;
}

int PcmStream::delay(snd_pcm_sframes_t& frames) noexcept {
    const std::int64_t now = monotonic_ns();
    if (!client_.connected()) {
        return -ENODEV;
    }
    if (lost_frames(now)) {
        return -EPIPE;
    }
    const SharedDirection& shared = direction();
    if (!running_) {
        frames = playing() ? application() + static_cast<std::int64_t>(shared.fifo_frames) : 0;
        return 0;
    }
    const auto sound = static_cast<std::int64_t>(std::floor(shared.frames_at(now)));
    const std::int64_t next = start_ + application();
    frames = playing() ? next - sound : sound - next;
    return 0;
}

void PcmStream::arm_at(std::int64_t when_ns) noexcept {
    struct itimerspec timer {};
    timer.it_value.tv_sec = when_ns / 1'000'000'000;
    timer.it_value.tv_nsec = when_ns % 1'000'000'000;
    ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &timer, nullptr);
}

/// Sets the timer to the next instant at which poll has something to say.
void PcmStream::arm(std::int64_t now_ns) noexcept {
    const SharedDirection& shared = direction();
    const std::int64_t buffer = static_cast<std::int64_t>(io_.buffer_size);
    if (io_.state == SND_PCM_STATE_XRUN || io_.state == SND_PCM_STATE_DISCONNECTED || lost_frames(now_ns)) {
        arm_at(1);
    } else if (!running_) {
        arm_at(playing() && buffer - application() >= least_available_ ? 1 : kNever);
    } else if (io_.state == SND_PCM_STATE_DRAINING) {
        arm_at(shared.time_of_ns(start_ + application()));
    } else if (available(now_ns) >= least_available_) {
        arm_at(1);
    } else if (playing()) {
        arm_at(shared.time_of_ns(start_ + application() + least_available_ - buffer -
                                 static_cast<std::int64_t>(shared.fifo_frames)));
    } else {
        const std::int64_t due = shared.time_of_ns(start_ + application() + least_available_) + kPublish_ns;
        arm_at(std::max(due, now_ns + kLookAgain_ns));
    }
}

int PcmStream::descriptors(struct pollfd* places, unsigned space) const noexcept {
    if (space < 2) {
        return -EINVAL;
    }
    places[0] = {timer_, POLLIN, 0};
    places[1] = {watch_, POLLIN, 0};
    return 2;
}

int PcmStream::ready(const struct pollfd* descriptors, unsigned count, unsigned short& events) noexcept {
    events = 0;
    if (count == 2 && (descriptors[1].revents & POLLIN) != 0) {
        alignas(struct inotify_event) char news[1024];
        while (::read(watch_, news, sizeof news) > 0) {
        }
    }
    const std::int64_t now = monotonic_ns();
    if (!client_.connected()) {
        snd_pcm_ioplug_set_state(&io_, SND_PCM_STATE_DISCONNECTED);
        arm_at(1);
        events = POLLERR | POLLHUP;
        return -ENODEV;
    }
    const auto own = static_cast<unsigned short>(playing() ? POLLOUT : POLLIN);
    if (io_.state == SND_PCM_STATE_XRUN || lost_frames(now)) {
        events = static_cast<unsigned short>(POLLERR | own);
    } else if (io_.state == SND_PCM_STATE_DRAINING ? hardware(now) >= application()
                                                   : available(now) >= least_available_) {
        events = own;
    } else {
        arm(now);
    }
    return 0;
}

} // namespace overbias::deck_sim
