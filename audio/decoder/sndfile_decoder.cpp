// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/sndfile_decoder.hpp"

#include "audio/decoder/decoder_protocol.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace overbias::audio {

namespace {

constexpr std::size_t kReadAhead = 1 << 16;

} // namespace

/// What libsndfile sees of the file: a window of it is kept, since it asks for a few bytes at a time.
struct SndfileDecoder::Input {
    int descriptor = -1;
    std::int64_t bytes = 0, at = 0;
    std::int64_t window_at = 0;
    std::size_t window_bytes = 0;
    std::array<std::byte, kReadAhead> window{};

    static Input& of(void* user) { return *static_cast<Input*>(user); }
    static sf_count_t length(void* user) { return of(user).bytes; }
    static sf_count_t tell(void* user) { return of(user).at; }
    static sf_count_t seek(sf_count_t offset, int whence, void* user) {
        Input& input = of(user);
        const std::int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? input.at : input.bytes;
        std::int64_t to = 0;
        if (__builtin_add_overflow(from, offset, &to) || to < 0) {
            return -1;
        }
        input.at = to;
        return to;
    }
    static sf_count_t read(void* out, sf_count_t count, void* user) {
        Input& input = of(user);
        auto* const bytes = static_cast<std::byte*>(out);
        sf_count_t done = 0;
        while (done < count) {
            const std::int64_t inside = input.at - input.window_at;
            if (inside < 0 || inside >= static_cast<std::int64_t>(input.window_bytes)) {
                input.window_at = input.at;
                input.window_bytes = read_at(input.descriptor, static_cast<std::uint64_t>(input.at), input.window);
                if (input.window_bytes == 0) {
                    break;
                }
                continue;
            }
            const auto part =
                std::min<sf_count_t>(count - done, static_cast<std::int64_t>(input.window_bytes) - inside);
            std::memcpy(bytes + done, input.window.data() + inside, static_cast<std::size_t>(part));
            input.at += part;
            done += part;
        }
        return done;
    }
    static sf_count_t write(const void*, sf_count_t, void*) { return 0; }
};

void SndfileDecoder::InputDeleter::operator()(Input* input) const noexcept {
    delete input;
}

SndfileDecoder::SndfileDecoder(int descriptor, std::uint64_t bytes) : input_(new Input) {
    input_->descriptor = descriptor;
    input_->bytes = static_cast<std::int64_t>(bytes);
    SF_VIRTUAL_IO way{Input::length, Input::seek, Input::read, Input::write, Input::tell};
    SF_INFO info{};
    handle_.reset(sf_open_virtual(&way, SFM_READ, &info, input_.get()));
    if (!handle_) {
        open_error_ = std::max(1, sf_error(nullptr));
        return;
    }
    format_ = {info.format, info.samplerate, info.channels, info.frames};
}

int SndfileDecoder::error() const noexcept {
    return handle_ ? sf_error(handle_.get()) : open_error_;
}

std::size_t SndfileDecoder::read(std::span<std::byte> out) {
    const auto channels = static_cast<std::size_t>(std::max(format_.channels, 1));
    const SampleKind kind = sample_kind(format_.format);
    // more channels than a block has room for are only counted; fewer frames at a time then would mean the end
    if (sample_bytes(kind) * channels * kBlockFrames > out.size()) {
        return 0;
    }
    constexpr auto kFrames = static_cast<sf_count_t>(kBlockFrames);
    sf_count_t got = 0;
    switch (kind) {
    case SampleKind::Integer:
        got = sf_readf_int(handle_.get(), reinterpret_cast<int*>(out.data()), kFrames);
        break;
    case SampleKind::Float:
        got = sf_readf_float(handle_.get(), reinterpret_cast<float*>(out.data()), kFrames);
        break;
    case SampleKind::Double:
        got = sf_readf_double(handle_.get(), reinterpret_cast<double*>(out.data()), kFrames);
        break;
    }
    return static_cast<std::size_t>(std::clamp<sf_count_t>(got, 0, kFrames));
}

} // namespace overbias::audio
