// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/decoder_loop.hpp"

#include "audio/decoder/decoder_protocol.hpp"
#include "audio/decoder/sndfile_decoder.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <unistd.h>
#include <vector>

namespace overbias::audio {

namespace {

using Kind = DecoderMessage::Kind;

/// False: the parent is gone.
bool say(const DecoderMessage& message) {
    ssize_t sent = 0;
    do {
        sent = ::write(kDecoderSocket, &message, sizeof message);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(sizeof message);
}

std::optional<DecoderMessage> hear() {
    DecoderMessage message;
    ssize_t got = 0;
    do {
        got = ::read(kDecoderSocket, &message, sizeof message);
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof message) ? std::optional(message) : std::nullopt;
}

void fill_blocks(SndfileDecoder& decoder, std::byte* memory, std::size_t blocks, std::size_t allowed) {
    std::size_t empty = allowed;
    for (std::size_t block = 0;; block = (block + 1) % blocks) {
        while (empty == 0) {
            const auto message = hear();
            if (!message || message->kind != Kind::Taken) {
                return;
            }
            empty += static_cast<std::size_t>(message->frames);
        }
        const std::size_t frames = decoder.read({memory + block * kBlockBytes, kBlockBytes});
        --empty;
        const bool end = frames < kBlockFrames;
        if (!say({.kind = Kind::Filled,
                  .frames = static_cast<std::int64_t>(frames),
                  .error = end ? decoder.error() : 0}) ||
            end) {
            return;
        }
    }
}

void count_frames(SndfileDecoder& decoder) {
    std::vector<std::byte> samples(kBlockBytes);
    std::int64_t all = 0;
    for (;;) {
        const std::size_t frames = decoder.read(samples);
        all += static_cast<std::int64_t>(frames);
        if (frames < kBlockFrames) {
            (void)say({.kind = Kind::Counted, .frames = all, .error = decoder.error()});
            return;
        }
        if (!say({.kind = Kind::Counting})) {
            return;
        }
    }
}

} // namespace

void serve_decoding(std::byte* memory, std::uint64_t file_bytes) {
    SndfileDecoder decoder(kDecoderFile, file_bytes);
    if (decoder.error() != 0) {
        (void)say({.kind = Kind::Refused, .error = decoder.error()});
        return;
    }
    const DecodedFormat& format = decoder.format();
    if (!say({.kind = Kind::Opened,
              .format = format.format,
              .rate_hz = format.rate_hz,
              .channels = format.channels,
              .frames = format.frames})) {
        return;
    }
    const auto order = hear();
    if (!order) {
        return;
    }
    if (order->kind == Kind::Count) {
        count_frames(decoder);
    } else if (order->kind == Kind::Begin) {
        const auto blocks = static_cast<std::size_t>(std::clamp<std::int64_t>(order->frames, 1, kMostBlocks));
        fill_blocks(decoder, memory, blocks, static_cast<std::size_t>(order->allowed));
    }
    while (hear()) { // the parent takes what is there, then closes; going before it would take our last words along
    }
}

} // namespace overbias::audio
