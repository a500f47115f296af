// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/decoded_sound.hpp"

#include "audio/decoder/decoder_protocol.hpp"
#include "audio/decoder/sndfile_decoder.hpp"
#include "audio/sndfile_handle.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace overbias::audio {

namespace {

/// libsndfile in this process.
class OwnDecoding final : public DecodedSound {
  public:
    OwnDecoding(SndfileDecoder decoder, SoundDescriptor file)
        : DecodedSound(decoder.format()), file_(std::move(file)), decoder_(std::move(decoder)), samples_(kBlockBytes) {}

    Result<Counted> count() override {
        for (;;) {
            const std::size_t frames = decoder_.read(samples_);
            counted_.frames += static_cast<std::int64_t>(frames);
            if (frames < kBlockFrames) {
                counted_.damaged = decoder_.error() != 0;
                return counted_;
            }
        }
    }

  private:
    Result<Block> next() override { return Block{samples_.data(), decoder_.read(samples_)}; }

    SoundDescriptor file_; ///< kept open for the decoder
    SndfileDecoder decoder_;
    std::vector<std::byte> samples_;
    Counted counted_;
};

struct Process {
    std::mutex mutex;
    DecoderSettings settings;
};
Process& process() {
    static Process one;
    return one;
}

} // namespace

SampleKind sample_kind(int format) noexcept {
    if (!is_float_format(format)) {
        return SampleKind::Integer;
    }
    return (format & SF_FORMAT_SUBMASK) == SF_FORMAT_DOUBLE ? SampleKind::Double : SampleKind::Float;
}

std::size_t sample_bytes(SampleKind kind) noexcept {
    return kind == SampleKind::Double ? sizeof(double) : sizeof(std::int32_t);
}

template <typename Sample, typename Copy>
Result<std::size_t> DecodedSound::read(std::span<Sample> out, Copy&& copy) {
    if (format_.channels != 1 && format_.channels != 2) {
        return Error{"frames of " + std::to_string(format_.channels) + " channels cannot be read; expected 1 or 2"};
    }
    const auto channels = static_cast<std::size_t>(format_.channels);
    const std::size_t frame_bytes = sample_bytes(sample_kind(format_.format)) * channels;
    std::size_t done = 0;
    while (done < out.size() / channels) {
        if (at_ == block_.frames) {
            if (ended_) {
                break;
            }
            auto block = next();
            if (!block) {
                return block.error();
            }
            block_ = *block;
            at_ = 0;
            ended_ = block_.frames < kBlockFrames;
            continue;
        }
        const std::size_t frames = std::min(out.size() / channels - done, block_.frames - at_);
        copy(block_.samples + at_ * frame_bytes, out.subspan(done * channels, frames * channels));
        at_ += frames;
        done += frames;
    }
    return done;
}

Result<std::size_t> DecodedSound::read_integers(std::span<std::int32_t> out) {
    return read(
        out, [](const std::byte* from, std::span<std::int32_t> to) { std::memcpy(to.data(), from, to.size_bytes()); });
}

Result<std::size_t> DecodedSound::read_fractions(std::span<double> out) {
    const SampleKind kind = sample_kind(format_.format);
    return read(out, [kind](const std::byte* from, std::span<double> to) {
        if (kind == SampleKind::Double) {
            std::memcpy(to.data(), from, to.size_bytes());
        } else if (kind == SampleKind::Float) {
            const auto* samples = reinterpret_cast<const float*>(from);
            std::copy(samples, samples + to.size(), to.begin());
        } else {
            const auto* samples = reinterpret_cast<const std::int32_t*>(from);
            std::transform(samples, samples + to.size(), to.begin(),
                           [](std::int32_t sample) { return static_cast<double>(sample) * 0x1p-31; });
        }
    });
}

Result<void> decode_in_child(DecoderSettings settings) {
    if (::access(settings.program.c_str(), X_OK) != 0) {
        return Error{"the decoder '" + settings.program.string() + "' is not there or can't be run (" +
                     std::strerror(errno) +
                     "), and sound files are decoded nowhere else: install overbias-decoder beside overbiasd, or name "
                     "it in files.decoder"};
    }
    const std::lock_guard lock(process().mutex);
    process().settings = std::move(settings);
    return {};
}

void decode_in_process() {
    const std::lock_guard lock(process().mutex);
    process().settings = {};
}

DecoderSettings decoder_settings() {
    const std::lock_guard lock(process().mutex);
    return process().settings;
}

std::filesystem::path installed_decoder() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::path() : self.parent_path() / "overbias-decoder";
}

Result<std::unique_ptr<DecodedSound>> open_decoded(const SoundDescriptor& file) {
    const DecoderSettings settings = decoder_settings();
    if (!settings.program.empty()) {
        return open_in_child(file, settings);
    }
    auto own = file.duplicate();
    if (!own) {
        return own.error();
    }
    SndfileDecoder decoder(own->get(), own->bytes());
    if (decoder.error() != 0) {
        return Error{file.path().string() + ": cannot be opened as a sound file (" + sf_error_number(decoder.error()) +
                     "); export it again as WAV or FLAC"};
    }
    return std::unique_ptr<DecodedSound>(std::make_unique<OwnDecoding>(std::move(decoder), std::move(own).value()));
}

} // namespace overbias::audio
