// SPDX-License-Identifier: Apache-2.0
#include "audio/listening/listen_thread.hpp"

#include <chrono>

namespace overbias::audio {

namespace {

constexpr std::chrono::milliseconds kListening{5}, kIdle{20};

} // namespace

ListenThread::ListenThread(ListenPath& path) : path_(path) {
    thread_ = std::thread([this] { run(); });
}

ListenThread::~ListenThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void ListenThread::run() {
    std::unique_lock lock(mutex_);
    while (!ending_) {
        lock.unlock();
        const bool listened = path_.turn();
        lock.lock();
        changed_.wait_for(lock, listened ? kListening : kIdle, [this] { return ending_; });
    }
}

} // namespace overbias::audio
