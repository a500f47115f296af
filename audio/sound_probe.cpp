// SPDX-License-Identifier: Apache-2.0
// WAV and RF64: as sound_container.cpp. FLAC: RFC 9639, section 8.2 (STREAMINFO).
#include "audio/sound_probe.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace overbias::audio {

namespace {

constexpr int kMostChunks = 64;
constexpr std::uint64_t kSizeInDs64 = 0xffffffffU;

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) {
        value = (value << 8U) | static_cast<unsigned char>(byte);
    }
    return value;
}

std::optional<SoundProbe> probe_flac(std::string_view head) {
    if (head.size() < 26 || (static_cast<unsigned char>(head[4]) & 0x7fU) != 0) { // the first block is STREAMINFO
        return std::nullopt;
    }
    // after block sizes and frame sizes: 20 bits rate, 3 channels less one, 5 bits a sample less one, 36 frames
    const std::uint64_t figures = big_endian(head.substr(18, 8));
    return SoundProbe{"FLAC", static_cast<double>(figures >> 44U), static_cast<int>((figures >> 41U) & 7U) + 1,
                      static_cast<std::int64_t>(figures & 0xfffffffffU)};
}

std::optional<SoundProbe> probe_wave(const SoundDescriptor& file, bool rf64) {
    SoundProbe probe{rf64 ? "RF64" : "WAV"};
    std::uint64_t frame_bytes = 0;
    std::uint64_t long_size = 0;
    std::uint64_t at = 12;
    for (int chunk = 0; chunk < kMostChunks && at + 8 <= file.bytes(); ++chunk) {
        const std::string head = file.bytes_at(at, 24);
        if (head.size() < 8) {
            break;
        }
        const std::string_view id = std::string_view(head).substr(0, 4);
        std::uint64_t size = little_endian(std::string_view(head).substr(4, 4));
        if (id == "ds64" && head.size() == 24) {
            long_size = little_endian(std::string_view(head).substr(16, 8));
        } else if (id == "fmt " && head.size() == 24) {
            probe.channels = static_cast<int>(little_endian(std::string_view(head).substr(10, 2)));
            probe.sample_rate_hz = static_cast<double>(little_endian(std::string_view(head).substr(12, 4)));
            frame_bytes = little_endian(std::string_view(head).substr(20, 2));
        } else if (id == "data") {
            size = rf64 && size == kSizeInDs64 ? long_size : size;
            const std::uint64_t held = std::min(size, file.bytes() - at - 8);
            probe.frames = frame_bytes > 0 ? static_cast<std::int64_t>(held / frame_bytes) : 0;
            return probe;
        }
        at += 8 + size + (size & 1U);
    }
    return std::nullopt;
}

} // namespace

std::optional<SoundProbe> probe_sound(const SoundDescriptor& file) {
    const std::string head = file.bytes_at(0, 64);
    std::optional<SoundProbe> probe;
    if (head.starts_with("fLaC")) {
        probe = probe_flac(head);
    } else if (const bool rf64 = head.starts_with("RF64") || head.starts_with("BW64");
               (rf64 || head.starts_with("RIFF")) && head.size() >= 12 && head.substr(8, 4) == "WAVE") {
        probe = probe_wave(file, rf64);
    }
    return probe && probe->sample_rate_hz > 0 && probe->channels > 0 ? probe : std::nullopt;
}

} // namespace overbias::audio
