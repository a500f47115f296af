// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/card-plugin/card_mapping.hpp"

#include <cerrno>
#include <fcntl.h>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace overbias::deck_sim {

namespace {

constexpr std::size_t kPage = 4096;
static_assert(sizeof(SharedCard) <= kPage);

std::size_t ring_bytes(std::size_t channels) {
    return kCardRingFrames * (sizeof(std::uint64_t) + channels * sizeof(std::int32_t));
}

struct flock lock_of(std::int64_t byte) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = byte;
    lock.l_len = 1;
    return lock;
}

} // namespace

CardMapping::~CardMapping() {
    if (card_ != nullptr) {
        ::munmap(card_, bytes_);
    }
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

int CardMapping::create(const std::string& file, std::size_t playback_channels, std::size_t capture_channels) {
    ::unlink(file.c_str());
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd_ < 0) {
        return -errno;
    }
    const std::size_t bytes = kPage + ring_bytes(playback_channels) + ring_bytes(capture_channels);
    // places, not a hole: a full disk must show here and not as a SIGBUS of the audio thread
    if (const int error = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes)); error != 0) {
        return -error;
    }
    if (const int error = map(bytes); error < 0) {
        return error;
    }
    new (card_) SharedCard; // the file is all zero: every tag is one that no frame has
    lay_out(playback_channels, capture_channels);
    return claim(kCardByte) ? 0 : -EBUSY;
}

int CardMapping::open(const std::string& file) {
    fd_ = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0) {
        return errno == ENOENT ? -ENODEV : -errno;
    }
    struct stat status {};
    if (::fstat(fd_, &status) != 0) {
        return -errno;
    }
    if (status.st_size < static_cast<off_t>(kPage)) {
        return -ENODEV;
    }
    if (const int error = map(static_cast<std::size_t>(status.st_size)); error < 0) {
        return error;
    }
    if (card_->magic.load(std::memory_order_acquire) != kCardMagic) {
        return -ENODEV;
    }
    lay_out(card_->playback.channels, card_->capture.channels);
    if (bytes_ != kPage + ring_bytes(playback_.channels) + ring_bytes(capture_.channels)) {
        return -EINVAL;
    }
    return claimed_elsewhere(kCardByte) ? 0 : -ENODEV;
}

int CardMapping::map(std::size_t bytes) {
    void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd_, 0);
    if (memory == MAP_FAILED) {
        return -errno;
    }
    card_ = static_cast<SharedCard*>(memory);
    bytes_ = bytes;
    return 0;
}

void CardMapping::lay_out(std::size_t playback_channels, std::size_t capture_channels) noexcept {
    std::byte* next = reinterpret_cast<std::byte*>(card_) + kPage;
    const auto ring = [&next](std::size_t channels) {
        CardSlots slots;
        slots.tags = reinterpret_cast<std::atomic<std::uint64_t>*>(next);
        slots.samples = reinterpret_cast<std::int32_t*>(next + kCardRingFrames * sizeof(std::uint64_t));
        slots.channels = channels;
        next += ring_bytes(channels);
        return slots;
    };
    playback_ = ring(playback_channels);
    capture_ = ring(capture_channels);
}

bool CardMapping::claim(std::int64_t byte) const noexcept {
    struct flock lock = lock_of(byte);
    return ::fcntl(fd_, F_OFD_SETLK, &lock) == 0;
}

bool CardMapping::claimed_elsewhere(std::int64_t byte) const noexcept {
    struct flock lock = lock_of(byte);
    return ::fcntl(fd_, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

void CardMapping::touch() const noexcept {
    (void)::futimens(fd_, nullptr);
}

std::int64_t monotonic_ns() noexcept {
    struct timespec time {};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

} // namespace overbias::deck_sim
