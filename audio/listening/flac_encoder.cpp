// SPDX-License-Identifier: Apache-2.0
#include "audio/listening/flac_encoder.hpp"

#include <FLAC/stream_encoder.h>
#include <stdexcept>
#include <utility>

namespace overbias::audio {

namespace {

constexpr unsigned kLevel = 2; ///< of libFLAC's 0 ... 8: what is heard live is encoded once and thrown away

/// Bits of both CRCs go in from the top, and nothing is inverted (RFC 9639, 9.1.8 and 9.3).
unsigned crc8(std::string_view bytes) {
    unsigned crc = 0;
    for (const char byte : bytes) {
        crc ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) {
            crc = ((crc << 1U) ^ ((crc & 0x80U) != 0 ? 0x07U : 0U)) & 0xffU;
        }
    }
    return crc;
}

struct Crc16Table {
    Crc16Table() {
        for (unsigned byte = 0; byte < 256; ++byte) {
            unsigned crc = byte << 8U;
            for (int bit = 0; bit < 8; ++bit) {
                crc = ((crc << 1U) ^ ((crc & 0x8000U) != 0 ? 0x8005U : 0U)) & 0xffffU;
            }
            of[byte] = crc;
        }
    }
    unsigned of[256]{};
};

unsigned crc16(std::string_view bytes) {
    static const Crc16Table table;
    unsigned crc = 0;
    for (const char byte : bytes) {
        crc = ((crc << 8U) ^ table.of[(crc >> 8U) ^ static_cast<unsigned char>(byte)]) & 0xffffU;
    }
    return crc;
}

/// The coded number: UTF-8 as it was before it was cut to 21 bits.
std::string coded(std::uint32_t number) {
    if (number < 0x80U) {
        return {static_cast<char>(number)};
    }
    std::string tail;
    std::uint32_t first_holds = 0x20U; // of the first byte's values, with one byte after it
    unsigned mark = 0xc0U;
    for (;;) {
        tail.insert(tail.begin(), static_cast<char>(0x80U | (number & 0x3fU)));
        number >>= 6U;
        if (number < first_holds) {
            tail.insert(tail.begin(), static_cast<char>(mark | number));
            return tail;
        }
        first_holds >>= 1U;
        mark = (mark >> 1U) | 0x80U;
    }
}

/// Bytes of a coded number by its first one; 0: it cannot be one.
std::size_t coded_bytes(unsigned char first) {
    if (first < 0x80U) {
        return 1;
    }
    std::size_t bytes = 0;
    for (unsigned mask = 0x80U; (first & mask) != 0; mask >>= 1U) {
        ++bytes;
    }
    return bytes >= 2 && bytes <= 7 ? bytes : 0;
}

} // namespace

std::optional<std::string> renumbered_flac_frame(std::string_view frame, std::uint32_t number) {
    constexpr std::size_t kBeforeNumber = 4;
    constexpr std::size_t kShortest = 10;
    const auto at = [&frame](std::size_t place) { return static_cast<unsigned char>(frame[place]); };
    if (frame.size() < kShortest || at(0) != 0xffU || at(1) != 0xf8U) { // sync, fixed block size
        return std::nullopt;
    }
    const std::size_t old = coded_bytes(at(kBeforeNumber));
    if (old == 0) {
        return std::nullopt;
    }
    const unsigned block = at(2) >> 4U, rate = at(2) & 0x0fU;
    const std::size_t more = (block == 6   ? 1U
                              : block == 7 ? 2U
                                           : 0U) +
                             (rate == 12                 ? 1U
                              : rate == 13 || rate == 14 ? 2U
                                                         : 0U);
    const std::size_t header = kBeforeNumber + old + more; // up to its CRC-8
    if (frame.size() < header + 3) {
        return std::nullopt;
    }
    std::string made(frame.substr(0, kBeforeNumber));
    made += coded(number);
    made += frame.substr(kBeforeNumber + old, more);
    made += static_cast<char>(crc8(made));
    made += frame.substr(header + 1, frame.size() - header - 3);
    const unsigned crc = crc16(made);
    made += static_cast<char>(crc >> 8U);
    made += static_cast<char>(crc & 0xffU);
    return made;
}

struct FlacEncoder::Impl {
    static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder* /*encoder*/, const FLAC__byte buffer[],
                                                std::size_t bytes, std::uint32_t samples, std::uint32_t /*frame*/,
                                                void* self_given) {
        Impl& self = *static_cast<Impl*>(self_given);
        std::string made(reinterpret_cast<const char*>(buffer), bytes);
        if (samples == 0) {
            self.header += made;
        } else {
            self.frame(std::move(made));
        }
        return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
    }
    struct Delete {
        void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
    };

    std::string header;
    std::function<void(std::string)> frame;
    std::unique_ptr<FLAC__StreamEncoder, Delete> encoder{FLAC__stream_encoder_new()};
};

FlacEncoder::FlacEncoder(unsigned rate_hz, std::function<void(std::string)> frame) : impl_(std::make_unique<Impl>()) {
    impl_->frame = std::move(frame);
    FLAC__StreamEncoder* const encoder = impl_->encoder.get();
    const bool set = encoder != nullptr && FLAC__stream_encoder_set_channels(encoder, 2) != 0 &&
                     FLAC__stream_encoder_set_bits_per_sample(encoder, 16) != 0 &&
                     FLAC__stream_encoder_set_sample_rate(encoder, rate_hz) != 0 &&
                     FLAC__stream_encoder_set_compression_level(encoder, kLevel) != 0 &&
                     FLAC__stream_encoder_set_blocksize(encoder, kBlock) != 0;
    if (!set || FLAC__stream_encoder_init_stream(encoder, &Impl::write, nullptr, nullptr, nullptr, impl_.get()) !=
                    FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
        throw std::runtime_error("listening: libFLAC cannot encode 16 bit stereo at " + std::to_string(rate_hz) +
                                 " Hz");
    }
}

FlacEncoder::~FlacEncoder() {
    impl_->frame = [](const std::string&) {}; // its end is nobody's
}

const std::string& FlacEncoder::header() const noexcept {
    return impl_->header;
}

bool FlacEncoder::encode(std::span<const std::int32_t> interleaved) {
    return FLAC__stream_encoder_process_interleaved(impl_->encoder.get(), interleaved.data(),
                                                    static_cast<std::uint32_t>(interleaved.size() / 2)) != 0;
}

} // namespace overbias::audio
