// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/decoder_nursery.hpp"

#include "audio/decoder/decoder_protocol.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <sched.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace overbias::audio {

namespace {

constexpr std::chrono::milliseconds kLook{50}; ///< how often it is looked whether a killed child is gone

/// posix_spawn, as it is used here.
class Spawning {
  public:
    Spawning() {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawnattr_init(&attributes_);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        const sched_param ordinary{};
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setschedpolicy(&attributes_, SCHED_OTHER);
        ::posix_spawnattr_setschedparam(&attributes_, &ordinary);
        ::posix_spawnattr_setflags(&attributes_,
                                   POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSCHEDULER);
    }
    ~Spawning() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    Spawning(const Spawning&) = delete;
    Spawning& operator=(const Spawning&) = delete;

    /// errno; 0: it runs.
    int spawn(const char* program, const std::array<int, 3>& descriptors, pid_t& child) {
        for (std::size_t i = 0; i < descriptors.size(); ++i) {
            ::posix_spawn_file_actions_adddup2(&actions_, descriptors[i], kDecoderFile + static_cast<int>(i));
        }
        for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
            ::posix_spawn_file_actions_addclose(&actions_, standard);
        }
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, kDecoderSocket + 1);
        std::string name = "overbias-decoder";
        const std::array<char*, 2> arguments{name.data(), nullptr};
        const std::array<char*, 1> environment{nullptr};
        return ::posix_spawn(&child, program, &actions_, &attributes_, arguments.data(), environment.data());
    }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

Result<pid_t> spawn_here(const std::filesystem::path& program, std::array<int, 3> descriptors) {
    int failed = 0;
    for (int& descriptor : descriptors) { // out of the way of the numbers they are to have
        descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kDecoderSocket + 1);
        failed = descriptor < 0 && failed == 0 ? errno : failed;
    }
    pid_t child = -1;
    if (failed == 0) {
        failed = Spawning().spawn(program.c_str(), descriptors, child);
    }
    for (const int descriptor : descriptors) {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
    if (failed != 0) {
        return Error{"the decoder '" + program.string() + "' cannot be started (" + std::strerror(failed) + ")"};
    }
    return child;
}

} // namespace

DecoderNursery& DecoderNursery::instance() {
    static auto* const one = new DecoderNursery; // never taken down: children may be handed in until the very end
    return *one;
}

DecoderNursery::DecoderNursery() : thread_([this] { run(); }) {
    thread_.detach();
}

Result<pid_t> DecoderNursery::spawn(const std::filesystem::path& program, int file, int memory, int socket) {
    std::promise<Result<pid_t>> born;
    auto result = born.get_future();
    {
        const std::lock_guard lock(mutex_);
        asked_.emplace_back([&] { born.set_value(spawn_here(program, {file, memory, socket})); });
    }
    changed_.notify_all();
    return result.get();
}

void DecoderNursery::bury(pid_t child) {
    ::kill(child, SIGKILL);
    {
        const std::lock_guard lock(mutex_);
        dying_.push_back(child);
    }
    changed_.notify_all();
}

void DecoderNursery::run() {
    const sched_param ordinary{};
    ::sched_setscheduler(0, SCHED_OTHER, &ordinary);
    std::unique_lock lock(mutex_);
    for (;;) {
        if (asked_.empty() && dying_.empty()) {
            changed_.wait(lock);
        } else if (asked_.empty()) {
            changed_.wait_for(lock, kLook);
        }
        for (const auto& one : std::exchange(asked_, {})) {
            lock.unlock();
            one();
            lock.lock();
        }
        // one that hangs in the disk cannot even be killed, so nobody waits here
        std::erase_if(dying_, [](pid_t child) { return ::waitpid(child, nullptr, WNOHANG) != 0; });
    }
}

} // namespace overbias::audio
