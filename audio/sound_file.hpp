// SPDX-License-Identifier: Apache-2.0
// Sound files as programme: what a file is, and its frames at the card's rate, stereo, left-justified 32 bit. They are
// decoded where decoder/decoder_settings.hpp says: in the daemon in a sandboxed child.
// Thread: any one thread an object; may block on the disk. Never the audio thread.
#pragma once

#include "audio/sound_descriptor.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace overbias::audio {

struct SoundFileInfo {
    std::filesystem::path path;
    std::string container;     ///< "WAV", "RF64", "FLAC", ...
    std::string sample_format; ///< "16-bit", "24-bit", "32-bit", "float", "64-bit float"
    double sample_rate_hz = 0;
    int channels = 0; ///< 1 or 2
    std::int64_t frames = 0;
    std::string sha256;    ///< of the whole file
    FileIdentity identity; ///< so that it is not another one when it is opened later
    [[nodiscard]] double duration_s() const noexcept { return static_cast<double>(frames) / sample_rate_hz; }
};

/// Checks that `path` can be printed: it exists, is a sound file we know (WAV, RF64, FLAC; 44.1 to 192 kHz; 16, 24, 32
/// bit or float; mono or stereo), has frames, and is as long as its header says. The error is one line that names the
/// file and what to do.
[[nodiscard]] Result<SoundFileInfo> inspect_sound_file(const std::filesystem::path& path);

struct ProgrammeOptions {
    double sample_rate_hz = 48000.0; ///< of the card
    double trim_db = 0.0;            ///< level trim; 0 leaves the samples alone
    int converter_bits = 24; ///< 16 to 32, the fixed format of the card: dither goes there after any conversion or trim
    std::uint64_t dither_seed = 1;
};

/// Reads a file as programme: mono is put on both channels; a different rate is converted by libsoxr; after a
/// conversion or trim the frames are dithered (TPDF, +-1 LSB of `converter_bits`). Integer files at the card's rate
/// without trim pass bit for bit. Float files, and integer files with more bits than the converter (32 to 24), are
/// converted to the fixed format, so they are dithered as well.
class ProgrammeReader {
  public:
    virtual ~ProgrammeReader() = default;
    /// Up to out.size() / 2 interleaved frames; 0 at the end. The error is for a file that changed or broke while it
    /// was read.
    [[nodiscard]] virtual Result<std::size_t> read(std::span<std::int32_t> out) = 0;
    [[nodiscard]] virtual const SoundFileInfo& info() const noexcept = 0;
    [[nodiscard]] virtual std::int64_t frames() const noexcept = 0; ///< at the card's rate, exact
    [[nodiscard]] virtual bool converted() const noexcept = 0;      ///< sample rate changed
    /// Not bit for bit: converted, trimmed or requantised.
    [[nodiscard]] virtual bool dithered() const noexcept { return false; }
};

/// Opens a checked file. Refused with the trim that fits when conversion or trim would exceed full scale, or when a
/// float file does (the whole file is read and converted once to find out, so this takes time in a long one).
[[nodiscard]] Result<std::unique_ptr<ProgrammeReader>> open_programme(const SoundFileInfo& info,
                                                                      const ProgrammeOptions& options);

} // namespace overbias::audio
