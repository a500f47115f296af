// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_file.hpp"

#include "audio/sndfile_handle.hpp"
#include "audio/sound_container.hpp"
#include "base/sha256.hpp"

#include <string>
#include <vector>

namespace overbias::audio {

namespace {

constexpr int kLowestRateHz = 44100;
constexpr int kHighestRateHz = 192000;
constexpr sf_count_t kChunkFrames = 1 << 15;

std::string container_name(SoundContainer container) {
    switch (container) {
    case SoundContainer::Rf64:
        return "RF64";
    case SoundContainer::Flac:
        return "FLAC";
    case SoundContainer::Wav:
        break;
    }
    return "WAV";
}

std::string sample_format_name(int format) {
    if (is_float_format(format)) {
        return (format & SF_FORMAT_SUBMASK) == SF_FORMAT_DOUBLE ? "64-bit float" : "float";
    }
    const int bits = integer_bits(format);
    return bits == 0 ? "" : std::to_string(bits) + "-bit";
}

/// How many frames really come out of a compressed file.
sf_count_t decodable_frames(SNDFILE* file, int channels) {
    std::vector<int> chunk(static_cast<std::size_t>(kChunkFrames * channels));
    sf_count_t frames = 0;
    for (;;) {
        const sf_count_t got = sf_readf_int(file, chunk.data(), kChunkFrames);
        frames += got;
        if (got < kChunkFrames || sf_error(file) != SF_ERR_NO_ERROR) {
            return frames;
        }
    }
}

} // namespace

Result<SoundFileInfo> inspect_sound_file(const std::filesystem::path& path) {
    const auto fault = [&path](const std::string& what) { return Error{path.string() + ": " + what}; };
    const auto container = check_sound_container(path);
    if (!container) {
        return container.error();
    }
    SF_INFO info{};
    const SndfileHandle file(sf_open(path.c_str(), SFM_READ, &info));
    if (!file) {
        return fault(std::string("cannot be opened as a sound file (") + sf_strerror(nullptr) +
                     "); export it again as WAV or FLAC");
    }
    if (info.channels != 1 && info.channels != 2) {
        return fault("has " + std::to_string(info.channels) +
                     " channels, a print takes mono or stereo; export the pair that is to go to the deck");
    }
    if (info.samplerate < kLowestRateHz || info.samplerate > kHighestRateHz) {
        return fault("has a sample rate of " + std::to_string(info.samplerate) + " Hz, a print takes " +
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
    if (*container == SoundContainer::Flac) {
        if (info.frames == SF_COUNT_MAX) {
            return fault("does not say how long it is (as after writing to a pipe), so nothing shows that it is "
                         "complete; encode it again");
        }
        const sf_count_t frames = decodable_frames(file.get(), info.channels);
        if (frames != info.frames || sf_error(file.get()) != SF_ERR_NO_ERROR) {
            return fault("is truncated or damaged: its header promises " + std::to_string(info.frames) + " frames, " +
                         std::to_string(frames) + " can be decoded; copy or export it again");
        }
    }
    auto digest = sha256_file(path);
    if (!digest) {
        return digest.error();
    }
    SoundFileInfo result;
    result.path = path;
    result.container = container_name(*container);
    result.sample_format = sample_format;
    result.sample_rate_hz = info.samplerate;
    result.channels = info.channels;
    result.frames = info.frames;
    result.sha256 = std::move(digest).value();
    return result;
}

} // namespace overbias::audio
