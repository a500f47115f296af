// SPDX-License-Identifier: Apache-2.0
#include "audio/sound_stretch.hpp"

#include "audio/sample_rate_conversion.hpp"
#include "audio/sndfile_handle.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace overbias::audio {

namespace {

constexpr std::size_t kChunkFrames = 4096;

struct Opened {
    SF_INFO info{};
    SndfileHandle file;
};

Result<Opened> open_file(const std::filesystem::path& path) {
    Opened out;
    out.file.reset(sf_open(path.c_str(), SFM_READ, &out.info));
    if (!out.file) {
        return Error{path.string() + ": cannot be opened as a sound file (" + sf_strerror(nullptr) +
                     "): is it still where it was?"};
    }
    if (out.info.channels < 1 || out.info.channels > 2 || out.info.samplerate <= 0) {
        return Error{path.string() + ": has " + std::to_string(out.info.channels) +
                     " channels, expected was mono or stereo"};
    }
    return out;
}

} // namespace

Result<double> sound_duration_s(const std::filesystem::path& path) {
    const Result<Opened> opened = open_file(path);
    if (!opened) {
        return opened.error();
    }
    return static_cast<double>(opened->info.frames) / opened->info.samplerate;
}

Result<std::vector<float>> read_sound_stretch(const std::filesystem::path& path, double from_s, double duration_s,
                                              double rate_hz) {
    const Result<Opened> opened = open_file(path);
    if (!opened) {
        return opened.error();
    }
    const SF_INFO& info = opened->info;
    const auto first = static_cast<std::int64_t>(std::llround(from_s * info.samplerate));
    const auto frames = static_cast<std::int64_t>(std::llround(duration_s * info.samplerate));
    if (frames <= 0) {
        return std::vector<float>{};
    }
    std::vector<float> stereo(static_cast<std::size_t>(2 * frames), 0.0F);
    const std::int64_t begin = std::clamp<std::int64_t>(first, 0, info.frames);
    const std::int64_t end = std::clamp<std::int64_t>(first + frames, 0, info.frames);
    if (end > begin) {
        const auto channels = static_cast<std::size_t>(info.channels);
        std::vector<float> read(static_cast<std::size_t>(end - begin) * channels);
        if (sf_seek(opened->file.get(), begin, SEEK_SET) != begin ||
            sf_readf_float(opened->file.get(), read.data(), end - begin) != end - begin) {
            return Error{path.string() + ": cannot be read to its end (" + sf_strerror(opened->file.get()) +
                         "): was it changed or cut?"};
        }
        for (std::int64_t n = begin; n < end; ++n) {
            const float* frame = read.data() + static_cast<std::size_t>(n - begin) * channels;
            const auto to = static_cast<std::size_t>(2 * (n - first));
            stereo[to] = frame[0];
            stereo[to + 1] = frame[channels - 1];
        }
    }
    return at_other_rate(stereo, info.samplerate, rate_hz);
}

std::vector<float> at_other_rate(std::span<const float> stereo, double from_rate_hz, double to_rate_hz) {
    if (from_rate_hz == to_rate_hz || stereo.empty()) {
        return {stereo.begin(), stereo.end()};
    }
    const auto frames = static_cast<std::int64_t>(stereo.size() / 2);
    std::size_t given = 0;
    SampleRateConversion conversion(from_rate_hz, to_rate_hz, 2, frames, [&](std::span<double> out) {
        const std::size_t count = std::min(out.size(), stereo.size() - given);
        std::copy_n(stereo.begin() + static_cast<std::ptrdiff_t>(given), count, out.begin());
        given += count;
        return count / 2;
    });
    std::vector<float> converted;
    converted.reserve(static_cast<std::size_t>(2 * converted_frames(frames, from_rate_hz, to_rate_hz)));
    std::vector<double> chunk(2 * kChunkFrames);
    for (std::size_t got = conversion.read(chunk); got > 0; got = conversion.read(chunk)) {
        converted.insert(converted.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(2 * got));
    }
    return converted;
}

} // namespace overbias::audio
