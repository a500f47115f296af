// SPDX-License-Identifier: Apache-2.0
// overbias-decoder: decodes one sound file for overbiasd, locked in (docs/files.md). It is started by the daemon, with
// three descriptors and nothing else; by hand it does nothing.
#include "audio/decoder/decoder_loop.hpp"
#include "audio/decoder/decoder_protocol.hpp"
#include "audio/decoder/sandbox.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int main() {
    using namespace overbias::audio;
    struct stat file {};
    struct stat socket {};
    if (::fstat(kDecoderFile, &file) != 0 || ::fstat(kDecoderSocket, &socket) != 0 || !S_ISSOCK(socket.st_mode)) {
        std::fputs("overbias-decoder is started by overbiasd and does nothing by itself\n", stderr);
        return 2;
    }
    void* const memory = ::mmap(nullptr, kDecoderMemoryBytes, PROT_READ | PROT_WRITE, MAP_SHARED, kDecoderMemory, 0);
    if (memory == MAP_FAILED) {
        return kDecoderNotLockedIn;
    }
    ::close(kDecoderMemory);
    if (!enter_sandbox()) {
        return kDecoderNotLockedIn;
    }
    serve_decoding(static_cast<std::byte*>(memory), static_cast<std::uint64_t>(file.st_size));
    ::_exit(0); // nothing is left to be put in order
}
