// SPDX-License-Identifier: Apache-2.0
#include "audio/float_file.hpp"

#include "audio/sndfile_handle.hpp"
#include "audio/sound_container.hpp"

#include <string>
#include <utility>

namespace overbias::audio {

namespace {

constexpr int kLowestRateHz = 44100;
constexpr int kHighestRateHz = 192000;

} // namespace

struct FloatFile::Open {
    std::filesystem::path path;
    SndfileHandle handle;
};

FloatFile::FloatFile(std::unique_ptr<Open> open, double rate_hz, std::size_t channels, std::int64_t frames) noexcept
    : open_(std::move(open)), rate_hz_(rate_hz), channels_(channels), frames_(frames) {
}
FloatFile::FloatFile(FloatFile&&) noexcept = default;
FloatFile& FloatFile::operator=(FloatFile&&) noexcept = default;
FloatFile::~FloatFile() = default;

Result<FloatFile> FloatFile::open(const std::filesystem::path& path) {
    const auto fault = [&path](const std::string& what) { return Error{path.string() + ": " + what}; };
    if (const auto container = check_sound_container(path); !container) {
        return container.error();
    }
    SF_INFO info{};
    SndfileHandle handle(sf_open(path.c_str(), SFM_READ, &info));
    if (!handle) {
        return fault(std::string("cannot be opened as a sound file (") + sf_strerror(nullptr) +
                     "); export it again as WAV or FLAC");
    }
    if (info.samplerate < kLowestRateHz || info.samplerate > kHighestRateHz) {
        return fault("has a sample rate of " + std::to_string(info.samplerate) + " Hz; " +
                     std::to_string(kLowestRateHz) + " to " + std::to_string(kHighestRateHz) +
                     " Hz can be measured; record or export it at one of these rates");
    }
    if (info.frames <= 0) {
        return fault("has no audio in it (zero frames); export it again");
    }
    return FloatFile(std::make_unique<Open>(Open{path, std::move(handle)}), info.samplerate,
                     static_cast<std::size_t>(info.channels), info.frames);
}

Result<std::size_t> FloatFile::read(std::span<float> out) {
    const auto wanted = static_cast<sf_count_t>(out.size() / channels_);
    const sf_count_t got = sf_readf_float(open_->handle.get(), out.data(), wanted);
    if (got < wanted && sf_error(open_->handle.get()) != SF_ERR_NO_ERROR) {
        return Error{open_->path.string() + ": cannot be read further (" + sf_strerror(open_->handle.get()) +
                     "); copy or export it again"};
    }
    return static_cast<std::size_t>(got);
}

Result<void> FloatFile::seek(std::int64_t frame) {
    if (sf_seek(open_->handle.get(), frame, SEEK_SET) != frame) {
        return Error{open_->path.string() + ": frame " + std::to_string(frame) + " of " + std::to_string(frames_) +
                     " cannot be reached; copy or export it again"};
    }
    return {};
}

} // namespace overbias::audio
