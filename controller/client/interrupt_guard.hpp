// SPDX-License-Identifier: Apache-2.0
// While it lives, SIGINT and SIGTERM interrupt waiting instead of ending the program; on wish SIGHUP too, which comes
// when the terminal is gone. One at a time.
#pragma once

#include <csignal>

namespace overbias::controller {

inline constexpr int kInterruptedStatus = 130; ///< of a shell: 128 + SIGINT

class InterruptGuard {
  public:
    explicit InterruptGuard(bool hang_up = false) : hang_up_(hang_up) {
        struct sigaction action {};
        action.sa_handler = [](int) { interrupted_ = 1; };
        ::sigaction(SIGINT, &action, &old_int_); // without SA_RESTART: poll() returns
        ::sigaction(SIGTERM, &action, &old_term_);
        if (hang_up_) {
            ::sigaction(SIGHUP, &action, &old_hang_up_);
        }
    }
    ~InterruptGuard() {
        ::sigaction(SIGINT, &old_int_, nullptr);
        ::sigaction(SIGTERM, &old_term_, nullptr);
        if (hang_up_) {
            ::sigaction(SIGHUP, &old_hang_up_, nullptr);
        }
    }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
    /// One has come.
    [[nodiscard]] static bool came() noexcept { return interrupted_ != 0; }
    /// The next one counts anew.
    static void forget() noexcept { interrupted_ = 0; }

  private:
    static inline volatile std::sig_atomic_t interrupted_ = 0;
    bool hang_up_;
    struct sigaction old_hang_up_ {};
    struct sigaction old_int_ {};
    struct sigaction old_term_ {};
};

} // namespace overbias::controller
