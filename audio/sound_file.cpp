// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_file.hpp"

#include "audio/decoder/decoded_sound.hpp"
#include "audio/sndfile_handle.hpp"
#include "audio/sound_container.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace overbias::audio {

namespace {

constexpr int kLowestRateHz = 44100;
constexpr int kHighestRateHz = 192000;
/// RFC 9639: a frame of FLAC has at most 65535 samples a channel, and is longer than a byte.
constexpr std::int64_t kMostFlacFramesAByte = 65535;

std::string sample_format_name(int format) {
    if (is_float_format(format)) {
        return (format & SF_FORMAT_SUBMASK) == SF_FORMAT_DOUBLE ? "64-bit float" : "float";
    }
    const int bits = integer_bits(format);
    return bits == 0 ? "" : std::to_string(bits) + "-bit";
}

/// Of uncompressed audio.
std::int64_t most_frames(const DecodedFormat& format, std::uint64_t bytes) {
    const int bits = is_float_format(format.format) ? 8 * static_cast<int>(sample_bytes(sample_kind(format.format)))
                                                    : integer_bits(format.format);
    return static_cast<std::int64_t>(bytes) * 8 / bits / format.channels;
}

std::string too_many_frames(const DecodedFormat& format, std::uint64_t bytes) {
    return "promises " + std::to_string(format.frames) + " frames, which " + std::to_string(bytes) +
           " bytes cannot hold; it is damaged, export it again";
}

} // namespace

Result<SoundFileInfo> inspect_sound_file(const std::filesystem::path& path) {
    const auto fault = [&path](const std::string& what) { return Error{path.string() + ": " + what}; };
    const auto file = SoundDescriptor::open(path);
    if (!file) {
        return file.error();
    }
    const auto container = check_sound_container(*file);
    if (!container) {
        return container.error();
    }
    auto sound = open_decoded(*file);
    if (!sound) {
        return sound.error();
    }
    const DecodedFormat info = (*sound)->format();
    if (info.channels != 1 && info.channels != 2) {
        return fault("has " + std::to_string(info.channels) +
                     " channels, a print takes mono or stereo; export the pair that is to go to the deck");
    }
    if (info.rate_hz < kLowestRateHz || info.rate_hz > kHighestRateHz) {
        return fault("has a sample rate of " + std::to_string(info.rate_hz) + " Hz, a print takes " +
                     std::to_string(kLowestRateHz) + " to " + std::to_string(kHighestRateHz) +
                     " Hz; export it from the original at one of these rates");
    }
    const std::string sample_format = sample_format_name(info.format);
    if (sample_format.empty()) {
        return fault("has samples that are not 16, 24 or 32-bit integer or float (8-bit or compressed); export it "
                     "again as 24-bit WAV");
    }
    if (info.frames <= 0) {
        return fault("has no audio in it (zero frames); export it again");
    }
    if (*container != SoundContainer::Flac && info.frames > most_frames(info, file->bytes())) {
        return fault(too_many_frames(info, file->bytes()));
    }
    if (*container == SoundContainer::Flac) {
        if (info.frames == SF_COUNT_MAX) {
            return fault("does not say how long it is (as after writing to a pipe), so nothing shows that it is "
                         "complete; encode it again");
        }
        if (info.frames / kMostFlacFramesAByte > file->identity().bytes) {
            return fault(too_many_frames(info, file->bytes()));
        }
        const auto counted = (*sound)->count();
        if (!counted) {
            return counted.error();
        }
        if (counted->frames != info.frames || counted->damaged) {
            return fault("is truncated or damaged: its header promises " + std::to_string(info.frames) + " frames, " +
                         std::to_string(counted->frames) + " can be decoded; copy or export it again");
        }
    }
    auto digest = file->sha256();
    if (!digest) {
        return digest.error();
    }
    SoundFileInfo result;
    result.path = path;
    result.container = container_name(*container);
    result.sample_format = sample_format;
    result.sample_rate_hz = info.rate_hz;
    result.channels = info.channels;
    result.frames = info.frames;
    result.sha256 = std::move(digest).value();
    result.identity = file->identity();
    return result;
}

} // namespace overbias::audio
