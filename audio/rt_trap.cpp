// SPDX-License-Identifier: Apache-2.0
// The allocation trap: a program that links this object has its own malloc family, which aborts inside an RtScope and
// otherwise hands on to glibc's. operator new and delete of libstdc++ call malloc and free, so they are caught as well,
// as are allocations of C libraries. The memory stays glibc's own, so nothing breaks when one of its functions is not
// in this list. (Replacing malloc: the GNU C Library manual, section 3.2.5.)
//
// Sanitizers have a malloc of their own: there the trap is left out.
#include "audio/rt_guard.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib> // says whether this is glibc
#include <unistd.h>

#if !defined(OVERBIAS_SANITIZED) && defined(__GLIBC__)

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* memory);
}

namespace {

template <std::size_t N>
void trap(const char (&what)[N]) noexcept {
    if (overbias::audio::rt_in_scope()) {
        [[maybe_unused]] const auto written = write(STDERR_FILENO, what, N - 1);
        std::abort();
    }
}

} // namespace

extern "C" {

void* malloc(std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (malloc or operator new inside an RtScope)\n");
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (calloc inside an RtScope)\n");
    return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (realloc inside an RtScope)\n");
    return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (memalign inside an RtScope)\n");
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (aligned_alloc or operator new inside an RtScope)\n");
    return __libc_memalign(alignment, size);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
    trap("overbias: memory allocated in the audio path (posix_memalign inside an RtScope)\n");
    if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
        return EINVAL;
    }
    void* const block = __libc_memalign(alignment, size);
    if (block == nullptr) {
        return ENOMEM;
    }
    *memory = block;
    return 0;
}

void free(void* memory) noexcept {
    if (memory != nullptr) {
        trap("overbias: memory freed in the audio path (free or operator delete inside an RtScope)\n");
    }
    __libc_free(memory);
}

} // extern "C"

#endif
