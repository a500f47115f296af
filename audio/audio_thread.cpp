// SPDX-License-Identifier: Apache-2.0
#include "audio/audio_thread.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::audio {

namespace {

constexpr int kPriority = 70;
#ifdef OVERBIAS_SANITIZED
constexpr std::size_t kStackBytes = 2 * 1024 * 1024; // sanitizers keep books on it
#else
constexpr std::size_t kStackBytes = 256 * 1024;
#endif
constexpr std::size_t kKeptFree = 32 * 1024; // of what is touched: the guard, and the touching itself
constexpr std::chrono::milliseconds kLongestWait{20};

/// Touches the stack once, so that no page of it is missing in the middle of a block.
[[gnu::noinline]] void prefault_stack() noexcept {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) {
        return;
    }
    void* lowest = nullptr;
    std::size_t bytes = 0;
    pthread_attr_getstack(&attributes, &lowest, &bytes);
    pthread_attr_destroy(&attributes);
    // its upper end is taken already: glibc puts the thread's own variables there
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    const auto below = here - reinterpret_cast<std::uintptr_t>(lowest);
    if (below > bytes || below <= kKeptFree) {
        return;
    }
    const std::size_t length = below - kKeptFree;
    auto* const pages = static_cast<volatile char*>(__builtin_alloca(length));
    for (std::size_t at = 0; at < length; at += 1024) {
        pages[at] = 0;
    }
}

/// 0, or the error.
int create(pthread_t& thread, bool real_time, void* (*body)(void*), void* argument) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    if (real_time) {
        sched_param parameter{};
        parameter.sched_priority = kPriority;
        pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
        pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
        pthread_attr_setschedparam(&attributes, &parameter);
    }
    const int error = pthread_create(&thread, &attributes, body, argument);
    pthread_attr_destroy(&attributes);
    return error;
}

} // namespace

struct AudioThread::Impl {
    Impl(BlockEngine& engine_used, Wait wait_used) : engine(engine_used), wait(std::move(wait_used)) {}

    static void* run(void* self) {
        static_cast<Impl*>(self)->loop();
        return nullptr;
    }

    void loop() noexcept {
        pthread_setname_np(pthread_self(), "audio"); // as ps -L shows it
        prefault_stack();
        while (!stopping.load(std::memory_order_acquire)) {
            if (engine.counters().lost.load(std::memory_order_relaxed)) {
                pollfd stop_signal{stop_event, POLLIN, 0};
                poll(&stop_signal, 1, static_cast<int>(kLongestWait.count()));
            } else {
                wait(kLongestWait);
                engine.rt_process();
            }
            turns.fetch_add(1, std::memory_order_relaxed);
        }
    }

    BlockEngine& engine;
    Wait wait;
    pthread_t thread{};
    bool running = false; // the owner's
    int stop_event = -1;
    std::atomic<bool> stopping{false};
    std::atomic<bool> real_time{false};
    std::atomic<std::uint64_t> turns{0};
};

AudioThread::AudioThread(BlockEngine& engine, Wait rt_wait)
    : impl_(std::make_unique<Impl>(engine, std::move(rt_wait))) {
    if (!impl_->wait) {
        throw std::invalid_argument("audio thread: it was given nothing to wait on; expected the card's rt_wait");
    }
    impl_->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (impl_->stop_event < 0) {
        throw std::system_error(errno, std::generic_category(), "audio thread: no event descriptor");
    }
}

AudioThread::~AudioThread() {
    stop();
    close(impl_->stop_event);
}

void AudioThread::start() {
    Impl& self = *impl_;
    if (self.running) {
        return;
    }
    std::uint64_t old = 0;
    [[maybe_unused]] const auto drained = read(self.stop_event, &old, sizeof old);
    self.stopping.store(false, std::memory_order_release);
    int error = create(self.thread, true, &Impl::run, &self);
    const bool real_time = error == 0;
    if (!real_time) {
        error = create(self.thread, false, &Impl::run, &self);
    }
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "audio thread: it can't be started");
    }
    self.real_time.store(real_time, std::memory_order_relaxed);
    self.running = true;
}

void AudioThread::stop() noexcept {
    Impl& self = *impl_;
    if (!self.running) {
        return;
    }
    self.stopping.store(true, std::memory_order_release);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(self.stop_event, &one, sizeof one);
    pthread_join(self.thread, nullptr);
    self.running = false;
}

std::uint64_t AudioThread::turns() const noexcept {
    return impl_->turns.load(std::memory_order_relaxed);
}

bool AudioThread::real_time() const noexcept {
    return impl_->real_time.load(std::memory_order_relaxed);
}

} // namespace overbias::audio
