// SPDX-License-Identifier: Apache-2.0
// A decoder as an attacker would have it: it reads from its file what to do ("do:NAME" somewhere in it), locks itself
// in as the real one does, and does it. Never part of the product.
#include "audio/decoder/decoder_loop.hpp"
#include "audio/decoder/decoder_protocol.hpp"
#include "audio/decoder/sandbox.hpp"

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <sndfile.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using namespace overbias::audio;
using Kind = DecoderMessage::Kind;

void say(const DecoderMessage& message) {
    (void)!::write(kDecoderSocket, &message, sizeof message);
}
DecoderMessage hear() {
    DecoderMessage message;
    if (::read(kDecoderSocket, &message, sizeof message) != sizeof message) {
        ::_exit(0);
    }
    return message;
}
[[noreturn]] void hang() {
    for (;;) {
        (void)hear(); // ends when the parent has gone
    }
}
/// It is still there: the system call did not kill it.
void survived() {
    say({.kind = Kind::Opened,
         .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16,
         .rate_hz = 48000,
         .channels = 2,
         .frames = 1});
    hang();
}
void opened(std::int64_t frames) {
    say({.kind = Kind::Opened,
         .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16,
         .rate_hz = 48000,
         .channels = 2,
         .frames = frames});
}

/// System calls that the filter must not let through.
bool attempt(std::string_view what) {
    if (what == "fork") {
        (void)::fork();
    } else if (what == "exec") {
        std::string program = "/bin/true";
        const std::array<char*, 2> arguments{program.data(), nullptr};
        (void)::execv(program.c_str(), arguments.data());
    } else if (what == "socket") {
        (void)::socket(AF_INET, SOCK_STREAM, 0);
    } else if (what == "open") {
        (void)::open("/etc/passwd", O_RDONLY);
    } else if (what == "ptrace") {
        (void)::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr);
    } else if (what == "kill") {
        (void)::kill(::getppid(), 0);
    } else if (what == "write-file") {
        (void)!::write(kDecoderFile, "x", 1);
    } else if (what == "executable-memory") {
        (void)::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    } else if (what == "map-file") {
        (void)::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, kDecoderFile, 0);
    } else if (what == "send-descriptor") {
        msghdr nothing{};
        (void)::sendmsg(kDecoderSocket, &nothing, 0);
    } else {
        return false;
    }
    survived();
    return true;
}

/// What it may do and must not.
bool lie(std::string_view what) {
    constexpr auto kBlock = static_cast<std::int64_t>(kBlockFrames);
    if (what == "crash") {
        __builtin_trap();
    } else if (what == "hang") {
        hang();
    } else if (what == "spin") {
        opened(48000);
        for (volatile int turns = 0;;) {
            turns = turns + 1;
        }
    } else if (what == "short-message") {
        (void)!::write(kDecoderSocket, "lie", 3);
        hang();
    } else if (what == "long-message") {
        const std::string much(4096, 'x');
        (void)!::write(kDecoderSocket, much.data(), much.size());
        hang();
    } else if (what == "unknown-kind") {
        say({.kind = static_cast<Kind>(4711)});
        hang();
    } else if (what == "garbage-format") {
        say({.kind = Kind::Opened,
             .format = -1,
             .rate_hz = std::numeric_limits<std::int32_t>::min(),
             .channels = std::numeric_limits<std::int32_t>::max(),
             .frames = std::numeric_limits<std::int64_t>::max()});
        hang();
    } else if (what == "no-channels") {
        say({.kind = Kind::Opened, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16, .rate_hz = 48000, .frames = 48000});
        hang();
    } else if (what == "huge-frames") {
        opened(std::numeric_limits<std::int64_t>::max() - 1);
        hang();
    } else if (what == "negative-frames") {
        opened(-1);
        hang();
    } else if (what == "huge-block" || what == "negative-block" || what == "too-many-blocks" || what == "early-end") {
        opened(48000);
        (void)hear();
        for (int i = 0; what == "too-many-blocks" && i < 100; ++i) {
            say({.kind = Kind::Filled, .frames = kBlock});
        }
        if (what == "too-many-blocks") {
            return true;
        }
        say({.kind = Kind::Filled, .frames = what == "huge-block" ? kBlock + 1 : what == "early-end" ? 100 : -1});
        hang();
    } else if (what == "counts-for-ever") {
        opened(48000);
        while (hear().kind == Kind::Count) {
            for (;;) {
                say({.kind = Kind::Counting});
            }
        }
    } else if (what == "not-numbers") { // main() has put them into the block
        say({.kind = Kind::Opened,
             .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT,
             .rate_hz = 48000,
             .channels = 2,
             .frames = 8000});
        (void)hear();
        say({.kind = Kind::Filled, .frames = 8000});
        hang();
    } else {
        return false;
    }
    return true;
}

std::string order() {
    std::array<char, 1 << 16> bytes{};
    std::string text;
    for (off_t at = 0;;) {
        const ssize_t got = ::pread(kDecoderFile, bytes.data(), bytes.size(), at);
        if (got <= 0) {
            break;
        }
        text.append(bytes.data(), static_cast<std::size_t>(got));
        at += got;
    }
    const auto begin = text.find("do:");
    return begin == std::string::npos ? "" : text.substr(begin + 3, text.find(';', begin) - begin - 3);
}

} // namespace

int main() {
    struct stat file {};
    (void)::fstat(kDecoderFile, &file);
    auto* const memory = static_cast<std::byte*>(
        ::mmap(nullptr, kDecoderMemoryBytes, PROT_READ | PROT_WRITE, MAP_SHARED, kDecoderMemory, 0));
    const std::string what = order();
    if (what == "shrink") { // even before it is locked in
        if (::ftruncate(kDecoderMemory, 0) == 0) {
            opened(48000);
            (void)hear();
            say({.kind = Kind::Filled, .frames = static_cast<std::int64_t>(kBlockFrames)});
            hang();
        }
        return 7;
    }
    if (what == "environment") {
        return environ == nullptr || *environ == nullptr ? 11 : 12;
    }
    if (what == "not-numbers") {
        for (std::size_t i = 0; i < kBlockFrames * 2; ++i) {
            reinterpret_cast<float*>(memory)[i] = std::numeric_limits<float>::quiet_NaN();
        }
    }
    if (what == "descriptors") { // how many others it has been born with
        int more = 0;
        for (int number = 0; number < 1024; ++number) {
            more += ::fcntl(number, F_GETFD) >= 0 && (number < kDecoderFile || number > kDecoderSocket) ? 1 : 0;
        }
        return more == 0 ? 13 : 14;
    }
    if (!enter_sandbox()) {
        return kDecoderNotLockedIn;
    }
    if (!attempt(what) && !lie(what)) {
        serve_decoding(memory, static_cast<std::uint64_t>(file.st_size));
    }
    ::_exit(0);
}
