// SPDX-License-Identifier: Apache-2.0
// The shim's side of the connection to GpioServer. Nothing here keeps state beyond the server's address, takes a lock
// or allocates: it runs inside any program, in any thread, also between fork() and exec().
#pragma once

#include <atomic>
#include <dlfcn.h>

namespace overbias::gpio_shim {

/// The environment names a server: /dev/gpiochip0 is ours. Otherwise every call passes through.
[[nodiscard]] bool configured() noexcept;
/// The server listens.
[[nodiscard]] bool present() noexcept;
/// A new connection, or -1 (errno is ENOENT: the chip is not there). `flags` as of open(): O_CLOEXEC and O_NONBLOCK.
[[nodiscard]] int dial(int flags) noexcept;
/// The descriptor is a connection to the server, whoever made it and however it was copied.
[[nodiscard]] bool ours(int fd) noexcept;
/// As ioctl().
[[nodiscard]] int ask(int fd, unsigned long request, void* argument) noexcept;
/// The descriptor's other end is still there.
[[nodiscard]] bool alive(int fd) noexcept;

/// The function that the program would have called without us.
template <typename Function>
class Next {
  public:
    explicit constexpr Next(const char* name) noexcept : name_(name) {}
    template <typename... Arguments>
    auto operator()(Arguments... arguments) noexcept {
        void* function = function_.load(std::memory_order_relaxed);
        if (function == nullptr) { // two threads may both look: they find the same
            function = dlsym(RTLD_NEXT, name_);
            function_.store(function, std::memory_order_relaxed);
        }
        return reinterpret_cast<Function*>(function)(arguments...);
    }

  private:
    const char* name_;
    std::atomic<void*> function_{nullptr};
};

} // namespace overbias::gpio_shim
