// SPDX-License-Identifier: Apache-2.0
// Task<T>: a lazy coroutine. It starts when awaited (or when spawned, see Spawned) and it owns its frame: destroying
// the outermost task destroys everything it waits for, timers included, at whatever point it is suspended. That is how
// a job is cancelled.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace overbias {

template <typename T>
class Task;

namespace detail {

struct TaskFinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> finished) noexcept {
        auto waiting = finished.promise().waiting;
        return waiting ? waiting : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
};

struct TaskPromiseBase {
    std::coroutine_handle<> waiting;
    std::exception_ptr failure;
    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] TaskFinalAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <typename T>
struct TaskPromise : TaskPromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <typename U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (failure) {
            std::rethrow_exception(failure);
        }
        return std::move(*value);
    }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
    Task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const {
        if (failure) {
            std::rethrow_exception(failure);
        }
    }
};

} // namespace detail

template <typename T = void>
class [[nodiscard]] Task {
  public:
    using promise_type = detail::TaskPromise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    Task() = default;
    explicit Task(Handle handle) : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() { reset(); }

    struct Awaiter {
        Handle handle;
        [[nodiscard]] bool await_ready() const noexcept { return handle.done(); }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
            handle.promise().waiting = waiting;
            return handle;
        }
        T await_resume() { return handle.promise().take(); }
    };
    /// The task must outlive the wait: `co_await make_task()` and `co_await std::move(task)` both do.
    Awaiter operator co_await() const noexcept { return Awaiter{handle_}; }

    [[nodiscard]] bool valid() const noexcept { return static_cast<bool>(handle_); }

  private:
    void reset() {
        if (handle_) {
            handle_.destroy();
            handle_ = nullptr;
        }
    }
    Handle handle_;
};

namespace detail {
template <typename T>
Task<T> TaskPromise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}
} // namespace detail

/// A task that runs by itself. It starts in the constructor (on the caller's thread, which must be the timeline's) and
/// is cancelled by the destructor. `done` is called once at the end with the failure, or null (inside the constructor
/// when the task never waits); it may destroy neither this object nor its owner (post that), and it must not throw.
class Spawned {
  public:
    Spawned(Task<void> task, std::function<void(std::exception_ptr)> done);
    ~Spawned();
    Spawned(const Spawned&) = delete;
    Spawned& operator=(const Spawned&) = delete;
    [[nodiscard]] bool finished() const noexcept { return finished_; }

  private:
    struct Root;
    static Root run(Spawned& self);
    Task<void> task_;
    std::function<void(std::exception_ptr)> done_;
    std::coroutine_handle<> root_;
    bool finished_ = false;
};

} // namespace overbias
