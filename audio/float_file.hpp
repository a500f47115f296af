// SPDX-License-Identifier: Apache-2.0
// A sound file's samples as they are, for measuring: float, full scale 1.0, values beyond it kept; any number of
// channels. Thread: any one thread an object; may block on the disk.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace overbias::audio {

class FloatFile {
  public:
    /// WAV, RF64 or FLAC of 44.1 to 192 kHz that is as long as its header says. The error is one line that names the
    /// file and what to do.
    [[nodiscard]] static Result<FloatFile> open(const std::filesystem::path& path);
    FloatFile(FloatFile&&) noexcept;
    FloatFile& operator=(FloatFile&&) noexcept;
    ~FloatFile();

    [[nodiscard]] double sample_rate_hz() const noexcept { return rate_hz_; }
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
    [[nodiscard]] std::int64_t frames() const noexcept { return frames_; }

    /// Up to out.size() / channels() interleaved frames; 0 at the end. The error is for a file that breaks while it is
    /// read.
    [[nodiscard]] Result<std::size_t> read(std::span<float> out);
    [[nodiscard]] Result<void> seek(std::int64_t frame);

  private:
    struct Open;
    FloatFile(std::unique_ptr<Open> open, double rate_hz, std::size_t channels, std::int64_t frames) noexcept;

    std::unique_ptr<Open> open_;
    double rate_hz_;
    std::size_t channels_;
    std::int64_t frames_;
};

} // namespace overbias::audio
