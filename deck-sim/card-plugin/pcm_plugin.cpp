// SPDX-License-Identifier: Apache-2.0
// "type overbias_deck" of a PCM: opens a stream of the simulated card and hands ALSA's calls to it.
#include "deck-sim/card-plugin/pcm_stream.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <new>
#include <span>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace overbias::deck_sim {

namespace {

PcmStream& stream_of(snd_pcm_ioplug_t* io) {
    return *static_cast<PcmStream*>(io->private_data);
}

const snd_pcm_ioplug_callback_t& callbacks() {
    static const snd_pcm_ioplug_callback_t table = [] {
        snd_pcm_ioplug_callback_t made{};
        made.start = [](snd_pcm_ioplug_t* io) { return stream_of(io).start(); };
        made.stop = [](snd_pcm_ioplug_t* io) { return stream_of(io).stop(); };
        made.pointer = [](snd_pcm_ioplug_t* io) { return stream_of(io).pointer(); };
        made.transfer = [](snd_pcm_ioplug_t* io, const snd_pcm_channel_area_t* areas, snd_pcm_uframes_t offset,
                           snd_pcm_uframes_t frames) { return stream_of(io).transfer(areas, offset, frames); };
        made.close = [](snd_pcm_ioplug_t* io) {
            delete &stream_of(io);
            return 0;
        };
        made.sw_params = [](snd_pcm_ioplug_t* io, snd_pcm_sw_params_t* parameters) {
            return stream_of(io).sw_params(parameters);
        };
        made.prepare = [](snd_pcm_ioplug_t* io) { return stream_of(io).prepare(); };
        made.delay = [](snd_pcm_ioplug_t* io, snd_pcm_sframes_t* frames) { return stream_of(io).delay(*frames); };
        made.poll_descriptors_count = [](snd_pcm_ioplug_t*) { return 2; };
        made.poll_descriptors = [](snd_pcm_ioplug_t* io, struct pollfd* places, unsigned space) {
            return stream_of(io).descriptors(places, space);
        };
        made.poll_revents = [](snd_pcm_ioplug_t* io, struct pollfd* descriptors, unsigned count,
                               unsigned short* events) { return stream_of(io).ready(descriptors, count, *events); };
        return made;
    }();
    return table;
}

} // namespace

int PcmStream::open(const CardArguments& arguments, const char* name, snd_pcm_stream_t stream, int mode) {
    if (const int error = client_.open(arguments); error < 0) {
        return error;
    }
    SharedCard& card = client_.card();
    if (stream == SND_PCM_STREAM_PLAYBACK) {
        if (!client_.mapping().claim(client_.playback_byte())) {
            SNDERR("simulated card %s: playback is held by process %d", arguments.file.c_str(),
                   card.playback_pid.load());
            return -EBUSY;
        }
        owner_ = true;
        card.playback_run.fetch_add(1, std::memory_order_acq_rel); // nothing of an owner that died is heard
        card.playback_pid.store(::getpid());
    }
    timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (timer_ < 0) {
        return -errno;
    }
    watch_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch_ < 0 || ::inotify_add_watch(watch_, arguments.file.c_str(), IN_ATTRIB) < 0) {
        return -errno;
    }
    io_.version = SND_PCM_IOPLUG_VERSION;
    io_.name = "Simulated tape deck";
    io_.flags = SND_PCM_IOPLUG_FLAG_MONOTONIC | SND_PCM_IOPLUG_FLAG_BOUNDARY_WA;
    io_.poll_fd = timer_;
    io_.poll_events = POLLIN;
    io_.callback = &callbacks();
    io_.private_data = this;
    if (const int error = snd_pcm_ioplug_create(&io_, name, stream, mode); error < 0) {
        return error;
    }
    return set_constraints();
}

int PcmStream::set_constraints() {
    const SharedDirection& shared = direction();
    const unsigned frame_bytes = 4 * shared.channels;
    const auto list = [this](int what, std::span<const unsigned> values) {
        return snd_pcm_ioplug_set_param_list(&io_, what, static_cast<unsigned>(values.size()), values.data());
    };
    const auto range = [this](int what, unsigned least, unsigned most) {
        return snd_pcm_ioplug_set_param_minmax(&io_, what, least, most);
    };
    // mapped access too, which ALSA's own conversions need; transfer() serves it as well
    const std::array<unsigned, 4> accesses{SND_PCM_ACCESS_RW_INTERLEAVED, SND_PCM_ACCESS_RW_NONINTERLEAVED,
                                           SND_PCM_ACCESS_MMAP_INTERLEAVED, SND_PCM_ACCESS_MMAP_NONINTERLEAVED};
    const std::array<unsigned, 1> formats{SND_PCM_FORMAT_S32_LE};
    for (const int error :
         {list(SND_PCM_IOPLUG_HW_ACCESS, accesses), list(SND_PCM_IOPLUG_HW_FORMAT, formats),
          range(SND_PCM_IOPLUG_HW_CHANNELS, shared.channels, shared.channels),
          range(SND_PCM_IOPLUG_HW_RATE, shared.rate_hz, shared.rate_hz),
          range(SND_PCM_IOPLUG_HW_PERIOD_BYTES, 32 * frame_bytes, 8192 * frame_bytes),
          range(SND_PCM_IOPLUG_HW_PERIODS, 2, 1024),
          range(SND_PCM_IOPLUG_HW_BUFFER_BYTES, 64 * frame_bytes, kCardRingFrames / 2 * frame_bytes)}) {
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

} // namespace overbias::deck_sim

extern "C" {
__attribute__((visibility("default"))) SND_PCM_PLUGIN_DEFINE_FUNC(overbias_deck) {
    using overbias::deck_sim::CardArguments;
    using overbias::deck_sim::PcmStream;
    (void)root;
    try {
        CardArguments arguments;
        if (const int error = arguments.read(conf); error < 0) {
            return error;
        }
        auto made = std::make_unique<PcmStream>();
        if (const int error = made->open(arguments, name, stream, mode); error < 0) {
            if (made->pcm() != nullptr) {
                snd_pcm_t* const pcm = made.release()->pcm();
                snd_pcm_close(pcm); // its callback deletes the stream
            }
            return error;
        }
        *pcmp = made.release()->pcm(); // the close callback deletes it
        return 0;
    } catch (...) {
        return -ENOMEM;
    }
}
__attribute__((visibility("default"))) SND_PCM_PLUGIN_SYMBOL(overbias_deck)
}
