// SPDX-License-Identifier: Apache-2.0
// The frames of a sound file as they are, one after the other: decoded by libsndfile, in the sandboxed child or in this
// process (decoder_settings.hpp). Thread: any one an object; blocks on the disk and on the child, no longer than its
// patience.
#pragma once

#include "audio/decoder/decoder_settings.hpp"
#include "audio/sound_descriptor.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace overbias::audio {

/// What the header says. From a child it may be anything: check before use.
struct DecodedFormat {
    int format = 0; ///< libsndfile's SF_FORMAT_...
    int rate_hz = 0, channels = 0;
    std::int64_t frames = 0;
};

class DecodedSound {
  public:
    struct Counted {
        std::int64_t frames = 0;
        bool damaged = false; ///< libsndfile found something wrong on the way
    };
    DecodedSound(const DecodedSound&) = delete;
    DecodedSound& operator=(const DecodedSound&) = delete;
    virtual ~DecodedSound() = default;

    [[nodiscard]] const DecodedFormat& format() const noexcept { return format_; }
    /// Up to out.size() / channels interleaved frames, left-justified; fewer only at the end. Integer files.
    [[nodiscard]] Result<std::size_t> read_integers(std::span<std::int32_t> out);
    /// The same as fractions of full scale; any file.
    [[nodiscard]] Result<std::size_t> read_fractions(std::span<double> out);
    /// Begins to decode ahead, for who reads later and must not wait then.
    virtual void prepare() {}
    /// Instead of reading: decodes everything, to see how much comes out.
    [[nodiscard]] virtual Result<Counted> count() = 0;

  protected:
    /// Decoded frames; the one before is given back. fewer than kBlockFrames: the end.
    struct Block {
        const std::byte* samples = nullptr; ///< of sample_kind(format)
        std::size_t frames = 0;
    };
    explicit DecodedSound(DecodedFormat format) : format_(format) {}
    [[nodiscard]] virtual Result<Block> next() = 0;

  private:
    template <typename Sample, typename Copy>
    Result<std::size_t> read(std::span<Sample> out, Copy&& copy);
    DecodedFormat format_;
    Block block_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

/// How samples of this format lie in a block.
enum class SampleKind { Integer, Float, Double };
[[nodiscard]] SampleKind sample_kind(int format) noexcept;
[[nodiscard]] std::size_t sample_bytes(SampleKind kind) noexcept;

/// Opens `file` as decoder_settings() say. The error is one line that names the file.
[[nodiscard]] Result<std::unique_ptr<DecodedSound>> open_decoded(const SoundDescriptor& file);
/// In a child, whatever the settings say (tests).
[[nodiscard]] Result<std::unique_ptr<DecodedSound>> open_in_child(const SoundDescriptor& file,
                                                                  const DecoderSettings& settings);

} // namespace overbias::audio
