// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/vesc_frame.hpp"

#include <stdexcept>
#include <string>

namespace overbias::transport::vesc {

namespace {
constexpr std::uint8_t kShort = 0x02, kLong = 0x03, kEnd = 0x03;
constexpr std::size_t kShortMost = 255;
} // namespace

std::uint16_t crc16(std::span<const std::uint8_t> bytes) noexcept {
    unsigned crc = 0;
    for (const std::uint8_t byte : bytes) {
        crc ^= static_cast<unsigned>(byte) << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        }
        crc &= 0xFFFFU;
    }
    return static_cast<std::uint16_t>(crc);
}

Bytes frame(std::span<const std::uint8_t> payload) {
    const std::size_t size = payload.size();
    if (size == 0 || size > kMostPayload) {
        throw std::invalid_argument("VESC frame: a payload has 1 to " + std::to_string(kMostPayload) + " bytes, got " +
                                    std::to_string(size));
    }
    Bytes out;
    out.reserve(size + kFrameBytes + 1);
    if (size <= kShortMost) {
        out.push_back(kShort);
    } else {
        out.push_back(kLong);
        out.push_back(static_cast<std::uint8_t>(size >> 8));
    }
    out.push_back(static_cast<std::uint8_t>(size & 0xFF));
    out.insert(out.end(), payload.begin(), payload.end());
    const std::uint16_t crc = crc16(payload);
    out.push_back(static_cast<std::uint8_t>(crc >> 8));
    out.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    out.push_back(kEnd);
    return out;
}

void Decoder::drop(std::size_t count) {
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
}

void Decoder::give_up() noexcept {
    if (!held_.empty()) {
        held_.erase(held_.begin());
        ++dropped_;
    }
}

void Decoder::feed(std::span<const std::uint8_t> bytes,
                   const std::function<void(std::span<const std::uint8_t> payload)>& take) {
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    while (!held_.empty()) {
        const std::size_t head = held_[0] == kShort ? 2 : (held_[0] == kLong ? 3 : 0);
        if (head == 0) {
            drop(1);
            ++dropped_;
            continue;
        }
        if (held_.size() < head) {
            return;
        }
        const std::size_t size = head == 2 ? held_[1] : static_cast<std::size_t>(held_[1]) << 8 | held_[2];
        if (size == 0 || size > kMostPayload || (head == 3 && size <= kShortMost)) {
            drop(1);
            ++dropped_;
            continue;
        }
        const std::size_t whole = head + size + 3;
        if (held_.size() < whole) {
            return;
        }
        const std::span<const std::uint8_t> payload(held_.data() + head, size);
        const std::uint16_t crc = crc16(payload);
        const bool good =
            held_[head + size] == crc >> 8 && held_[head + size + 1] == (crc & 0xFF) && held_[head + size + 2] == kEnd;
        if (!good) {
            drop(1);
            ++dropped_;
            continue;
        }
        ++frames_;
        const Bytes copy(payload.begin(), payload.end()); // whoever takes it may feed again
        drop(whole);
        take(copy);
    }
}

} // namespace overbias::transport::vesc
