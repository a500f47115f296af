// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_thread.hpp"

#include <utility>

namespace overbias::controller {

namespace {

constexpr auto kLook = std::chrono::milliseconds(5); ///< between two looks into an empty tap

} // namespace

TransferThread::TransferThread(std::shared_ptr<mastering::TransferRecorder> recorder)
    : recorder_(std::move(recorder)), thread_([this] { run(); }) {
}

TransferThread::~TransferThread() {
    thread_.join();
}

void TransferThread::run() {
    for (;;) {
        const bool worked = recorder_->turn();
        {
            const std::lock_guard lock(mutex_);
            ++turns_;
        }
        turned_.notify_all();
        if (recorder_->done()) {
            return;
        }
        if (!worked) {
            std::this_thread::sleep_for(kLook);
        }
    }
}

void TransferThread::wait_until(const std::function<bool()>& there, std::chrono::milliseconds at_most) {
    const auto until = std::chrono::steady_clock::now() + at_most;
    std::unique_lock lock(mutex_);
    turned_.wait_until(lock, until, there);
}

} // namespace overbias::controller
