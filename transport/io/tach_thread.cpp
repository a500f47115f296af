// SPDX-License-Identifier: Apache-2.0
#include "transport/io/tach_thread.hpp"

#include <system_error>
#include <utility>

namespace overbias::transport {

namespace {

constexpr int kPriority = 65;
constexpr std::size_t kStackBytes = std::size_t{256} * 1024; // sanitisers need most of it

} // namespace

TachThread::TachThread(std::function<void()> work) : work_(std::move(work)) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    const int error = pthread_create(
        &thread_, &attributes,
        [](void* self) -> void* {
            static_cast<TachThread*>(self)->work_();
            return nullptr;
        },
        this);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        throw std::system_error(error, std::generic_category(), "tach: no thread to count with");
    }
    pthread_setname_np(thread_, "tach");
    sched_param priority{};
    priority.sched_priority = kPriority;
    real_time_ = pthread_setschedparam(thread_, SCHED_FIFO, &priority) == 0;
}

TachThread::~TachThread() {
    pthread_join(thread_, nullptr);
}

} // namespace overbias::transport
