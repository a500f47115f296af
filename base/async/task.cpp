// SPDX-License-Identifier: Apache-2.0
#include "base/async/task.hpp"

namespace overbias {

struct Spawned::Root {
    struct promise_type {
        Root get_return_object() { return Root{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
        [[nodiscard]] std::suspend_always final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        void unhandled_exception() const noexcept { std::terminate(); } // done() threw: a bug
    };
    std::coroutine_handle<promise_type> handle;
};

Spawned::Root Spawned::run(Spawned& self) {
    std::exception_ptr failure;
    try {
        co_await self.task_;
    } catch (...) {
        failure = std::current_exception();
    }
    self.finished_ = true;
    if (self.done_) {
        self.done_(failure);
    }
}

Spawned::Spawned(Task<void> task, std::function<void(std::exception_ptr)> done)
    : task_(std::move(task)), done_(std::move(done)) {
    root_ = run(*this).handle;
    root_.resume();
}

Spawned::~Spawned() {
    if (root_) {
        root_.destroy(); // the awaiters inside the frames take their timers back
    }
}

} // namespace overbias
