// SPDX-License-Identifier: Apache-2.0
// Writes a sound file that is there complete or not at all: beside its place until finish(), removed when that does not
// come. Thread: any one thread an object; may block on the disk.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace overbias::audio {

struct SoundFileFormat {
    int sample_rate_hz = 48000;
    int channels = 2;
    int bits = 24; ///< 16, 24 or 32: integers with TPDF dither (audio/dither.hpp); 0: 32-bit float, as it is
    std::uint64_t dither_seed = 1;
    std::int64_t frames =
        0; ///< how many there will be: above 4 GB the file is an RF64 (EBU Tech 3306) instead of a WAV
};

class SoundFileWriter {
  public:
    /// The error is one line that names the file and what to do: it exists and `overwrite` is false, its folder can not
    /// be written, the format is none of those above.
    [[nodiscard]] static Result<SoundFileWriter> create(const std::filesystem::path& path,
                                                        const SoundFileFormat& format, bool overwrite = false);
    SoundFileWriter(SoundFileWriter&&) noexcept;
    SoundFileWriter& operator=(SoundFileWriter&&) noexcept;
    ~SoundFileWriter();

    /// Interleaved samples, full scale 1.0; whole frames.
    [[nodiscard]] Result<void> write(std::span<const float> interleaved);
    /// Closes the file and puts it in its place.
    [[nodiscard]] Result<void> finish();

  private:
    struct Open;
    explicit SoundFileWriter(std::unique_ptr<Open> open) noexcept;
    std::unique_ptr<Open> open_;
};

} // namespace overbias::audio
