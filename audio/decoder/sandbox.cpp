// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/sandbox.hpp"

#include "audio/decoder/decoder_protocol.hpp"

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace overbias::audio {

namespace {

constexpr rlim_t kCpuSeconds = 1800; ///< the longest file takes minutes
#ifndef OVERBIAS_SANITIZED
constexpr rlim_t kAddressSpace = rlim_t{384} << 20U; ///< libraries, shared memory, what a decoder needs
#endif

bool limit(__rlimit_resource resource, rlim_t value) {
    const rlimit both{value, value};
    return ::setrlimit(resource, &both) == 0;
}

/// All but its own three, whatever it was born with.
bool close_others() {
    ::close(0);
    ::close(1);
    ::close(2);
    return ::close_range(kDecoderSocket + 1, ~0U, 0) == 0 || errno == ENOSYS; // the parent has closed them as well
}

bool set_limits() {
    bool done = limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 0) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_FSIZE, 0) &&
                limit(RLIMIT_CPU, kCpuSeconds);
#ifndef OVERBIAS_SANITIZED
    done = done && limit(RLIMIT_AS, kAddressSpace);
#endif
    return done;
}

#ifndef OVERBIAS_SANITIZED
bool allow(scmp_filter_ctx filter, int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    return ::seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, static_cast<unsigned>(conditions.size()),
                                    conditions.begin()) == 0;
}

bool load_filter() {
    struct Release {
        void operator()(void* filter) const { ::seccomp_release(filter); }
    };
    const std::unique_ptr<void, Release> filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
    if (!filter) {
        return false;
    }
    const auto is = [](unsigned argument, std::uint64_t value) {
        return scmp_arg_cmp{argument, SCMP_CMP_EQ, value, 0};
    };
    const auto has_none = [](unsigned argument, std::uint64_t bits) {
        return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, bits, 0};
    };
    const auto has = [](unsigned argument, std::uint64_t bits) {
        return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, bits, bits};
    };
    bool done = true;
    done = done && allow(filter.get(), SCMP_SYS(pread64), {is(0, kDecoderFile)});
    done = done && allow(filter.get(), SCMP_SYS(read), {is(0, kDecoderSocket)});
    done = done && allow(filter.get(), SCMP_SYS(write), {is(0, kDecoderSocket)});
    // memory, none of it executable, none of it a file
    done = done && allow(filter.get(), SCMP_SYS(brk)) && allow(filter.get(), SCMP_SYS(munmap)) &&
           allow(filter.get(), SCMP_SYS(mremap)) && allow(filter.get(), SCMP_SYS(madvise)) &&
           allow(filter.get(), SCMP_SYS(mprotect), {has_none(2, PROT_EXEC)});
#ifdef __NR_mmap
    done = done && allow(filter.get(), SCMP_SYS(mmap), {has_none(2, PROT_EXEC), has(3, MAP_ANONYMOUS)});
#endif
#ifdef __NR_mmap2 // 32-bit
    done = done && allow(filter.get(), SCMP_SYS(mmap2), {has_none(2, PROT_EXEC), has(3, MAP_ANONYMOUS)});
#endif
    // the clock, where it is not read without a system call
    done = done && allow(filter.get(), SCMP_SYS(clock_gettime)) && allow(filter.get(), SCMP_SYS(gettimeofday));
#ifdef __NR_clock_gettime64
    done = done && allow(filter.get(), SCMP_SYS(clock_gettime64));
#endif
#ifdef __NR_time
    done = done && allow(filter.get(), SCMP_SYS(time));
#endif
    done = done && allow(filter.get(), SCMP_SYS(restart_syscall)) && allow(filter.get(), SCMP_SYS(exit)) &&
           allow(filter.get(), SCMP_SYS(exit_group));
    return done && ::seccomp_load(filter.get()) == 0;
}
#endif

} // namespace

bool enter_sandbox() {
    const sched_param ordinary{};
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_DUMPABLE, 0) != 0 || ::sched_setscheduler(0, SCHED_OTHER, &ordinary) != 0) {
        return false;
    }
    if (!close_others() || !set_limits()) {
        return false;
    }
#ifndef OVERBIAS_SANITIZED
    return load_filter();
#else
    return true;
#endif
}

} // namespace overbias::audio
