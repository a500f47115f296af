// SPDX-License-Identifier: Apache-2.0
#include "audio/decoder/decoded_sound.hpp"
#include "audio/dither.hpp"
#include "audio/sample_rate_conversion.hpp"
#include "audio/sndfile_handle.hpp"
#include "audio/sound_file.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace overbias::audio {

namespace {

constexpr std::size_t kChunkFrames = 8192;

Error fault(const SoundFileInfo& info, const std::string& what) {
    return Error{info.path.string() + ": " + what};
}

Error not_numbers(const SoundFileInfo& info) {
    return fault(info, "has samples that are not numbers (NaN or infinite), it is damaged; export it again");
}

std::string number(const char* format, double value) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

/// The frames of the file as they are, with a check that it still is the file that was inspected.
class SourceFile {
  public:
    static Result<SourceFile> open(const SoundFileInfo& info) {
        const auto file = SoundDescriptor::open(info.path);
        if (!file) {
            return fault(info, "cannot be opened any more" + file.error().message.substr(info.path.string().size()) +
                                   "; start again");
        }
        if (info.identity.known() && file->identity() != info.identity) {
            return changed(info);
        }
        auto sound = open_decoded(*file);
        if (!sound) {
            return sound.error();
        }
        const DecodedFormat& now = (*sound)->format();
        if (now.frames != info.frames || now.channels != info.channels ||
            now.rate_hz != static_cast<int>(info.sample_rate_hz)) {
            return changed(info);
        }
        (*sound)->prepare();
        return SourceFile(std::move(sound).value(), info);
    }

    [[nodiscard]] int format() const noexcept { return sound_->format().format; }
    [[nodiscard]] std::size_t channels() const noexcept { return channels_; }
    /// It broke while it was read.
    [[nodiscard]] const std::optional<Error>& broken() const noexcept { return broken_; }

    /// Left-justified integers; 0 at the end.
    std::size_t read_integers(std::span<std::int32_t> out) {
        return account(out, [this](std::span<std::int32_t> part) { return sound_->read_integers(part); });
    }
    /// Fractions of full scale; 0 at the end.
    std::size_t read_fractions(std::span<double> out) {
        return account(out, [this](std::span<double> part) { return sound_->read_fractions(part); });
    }

  private:
    SourceFile(std::unique_ptr<DecodedSound> sound, const SoundFileInfo& info)
        : sound_(std::move(sound)), name_(info.path.string()), channels_(static_cast<std::size_t>(info.channels)),
          frames_(info.frames) {}

    static Error changed(const SoundFileInfo& info) {
        return fault(info, "has changed since it was checked; start again with the file that is to be printed");
    }

    template <typename Sample, typename Read>
    std::size_t account(std::span<Sample> out, Read&& read) {
        const auto wanted =
            static_cast<std::size_t>(std::min(static_cast<std::int64_t>(out.size() / channels_), frames_ - read_));
        if (wanted == 0 || broken_) {
            return 0;
        }
        const auto got = read(out.first(wanted * channels_));
        if (!got) {
            broken_ = got.error();
            return 0;
        }
        read_ += static_cast<std::int64_t>(*got);
        if (*got < wanted) {
            broken_ = Error{name_ + ": ends at frame " + std::to_string(read_) + " of " + std::to_string(frames_) +
                            " while it is read; it was changed or the disk fails, check it and print again"};
        }
        return *got;
    }

    std::unique_ptr<DecodedSound> sound_;
    std::string name_;
    std::size_t channels_;
    std::int64_t frames_, read_ = 0;
    std::optional<Error> broken_;
};

/// Integer frames, bit for bit.
class ExactReader final : public ProgrammeReader {
  public:
    ExactReader(SoundFileInfo info, SourceFile source) : info_(std::move(info)), source_(std::move(source)) {
        if (source_.channels() == 1) {
            mono_.resize(kChunkFrames);
        }
    }

    Result<std::size_t> read(std::span<std::int32_t> out) override {
        std::size_t frames = 0;
        if (source_.channels() == 2) {
            frames = source_.read_integers(out.first(out.size() / 2 * 2));
        } else {
            frames = source_.read_integers(std::span(mono_).first(std::min(mono_.size(), out.size() / 2)));
            for (std::size_t i = 0; i < frames; ++i) {
                out[2 * i] = out[2 * i + 1] = mono_[i];
            }
        }
        if (source_.broken()) {
            return *source_.broken();
        }
        return frames;
    }
    const SoundFileInfo& info() const noexcept override { return info_; }
    std::int64_t frames() const noexcept override { return info_.frames; }
    bool converted() const noexcept override { return false; }

  private:
    SoundFileInfo info_;
    SourceFile source_;
    std::vector<std::int32_t> mono_;
};

/// The file's frames at the card's rate, as fractions of full scale before trim.
class FractionStream {
  public:
    FractionStream(const SoundFileInfo& info, SourceFile source, double to_rate_hz)
        : source_(std::make_unique<SourceFile>(std::move(source))) {
        if (info.sample_rate_hz != to_rate_hz) {
            conversion_ = std::make_unique<SampleRateConversion>(
                info.sample_rate_hz, to_rate_hz, source_->channels(), info.frames,
                [file = source_.get()](std::span<double> out) { return file->read_fractions(out); });
        }
    }
    [[nodiscard]] const SourceFile& source() const noexcept { return *source_; }
    std::size_t read(std::span<double> out) {
        return conversion_ ? conversion_->read(out) : source_->read_fractions(out);
    }

  private:
    std::unique_ptr<SourceFile> source_; // the conversion holds on to its address
    std::unique_ptr<SampleRateConversion> conversion_;
};

/// Converted, trimmed, dithered.
class DitheredReader final : public ProgrammeReader {
  public:
    DitheredReader(SoundFileInfo info, FractionStream stream, const ProgrammeOptions& options)
        : info_(std::move(info)), stream_(std::move(stream)),
          frames_(converted_frames(info_.frames, info_.sample_rate_hz, options.sample_rate_hz)),
          converted_(info_.sample_rate_hz != options.sample_rate_hz), gain_(amplitude_from_db(options.trim_db)),
          quantisers_{DitheredQuantiser(options.converter_bits, options.dither_seed, 0),
                      DitheredQuantiser(options.converter_bits, options.dither_seed, 1)},
          chunk_(kChunkFrames * stream_.source().channels()) {}

    Result<std::size_t> read(std::span<std::int32_t> out) override {
        const std::size_t channels = stream_.source().channels();
        const std::size_t frames =
            stream_.read(std::span(chunk_).first(std::min(chunk_.size(), out.size() / 2 * channels)));
        if (const auto& broken = stream_.source().broken()) {
            return *broken;
        }
        if (!std::ranges::all_of(std::span(chunk_).first(frames * channels),
                                 [](double sample) { return std::isfinite(sample); })) {
            return not_numbers(info_); // found when it was opened, unless it has changed since
        }
        for (std::size_t i = 0; i < frames; ++i) {
            const double left = gain_ * chunk_[i * channels];
            const double right = gain_ * chunk_[i * channels + channels - 1];
            out[2 * i] = quantisers_[0].quantise(left);
            // a mono file stays mono: one dither for both
            out[2 * i + 1] = channels == 1 ? out[2 * i] : quantisers_[1].quantise(right);
        }
        return frames;
    }
    const SoundFileInfo& info() const noexcept override { return info_; }
    std::int64_t frames() const noexcept override { return frames_; }
    bool converted() const noexcept override { return converted_; }
    bool dithered() const noexcept override { return true; }

  private:
    SoundFileInfo info_;
    FractionStream stream_;
    std::int64_t frames_;
    bool converted_;
    double gain_;
    std::array<DitheredQuantiser, 2> quantisers_;
    std::vector<double> chunk_;
};

/// Highest absolute sample of the converted file before trim.
Result<double> peak_of(const SoundFileInfo& info, double to_rate_hz) {
    auto source = SourceFile::open(info);
    if (!source) {
        return source.error();
    }
    FractionStream stream(info, std::move(source).value(), to_rate_hz);
    std::vector<double> chunk(kChunkFrames * stream.source().channels());
    double peak = 0.0;
    bool finite = true;
    for (;;) {
        const std::size_t frames = stream.read(chunk);
        if (const auto& broken = stream.source().broken()) {
            return *broken;
        }
        if (frames == 0) {
            break;
        }
        for (const double sample : std::span(chunk).first(frames * stream.source().channels())) {
            finite = finite && std::isfinite(sample);
            peak = std::max(peak, std::abs(sample));
        }
    }
    if (!finite) {
        return not_numbers(info);
    }
    return peak;
}

/// "converting 96 kHz to 48 kHz with a trim of +2.0 dB", for the message.
std::string what_is_done(const SoundFileInfo& info, const ProgrammeOptions& options) {
    std::string text;
    if (info.sample_rate_hz != options.sample_rate_hz) {
        text = "converting " + number("%g", info.sample_rate_hz / 1000.0) + " kHz to " +
               number("%g", options.sample_rate_hz / 1000.0) + " kHz";
    }
    if (options.trim_db != 0.0) {
        text += (text.empty() ? "a trim of " : " with a trim of ") + number("%+g", options.trim_db) + " dB";
    }
    return text.empty() ? "it" : text;
}

/// Refuses what would be beyond full scale.
std::optional<Error> over_full_scale(const SoundFileInfo& info, const ProgrammeOptions& options, double peak) {
    if (peak * amplitude_from_db(options.trim_db) <= 1.0) {
        return std::nullopt;
    }
    double fits_db = std::floor(-amplitude_db(peak) * 10.0) / 10.0;
    while (peak * amplitude_from_db(fits_db) > 1.0) {
        fits_db -= 0.1; // rounding of the logarithm
    }
    const double over_db = std::ceil((amplitude_db(peak) + options.trim_db) * 100.0) / 100.0;
    const std::string trim = number("%.1f", fits_db == 0.0 ? 0.0 : fits_db);
    return fault(info, what_is_done(info, options) + " would exceed full scale by " + number("%.2f", over_db) +
                           " dB; print it with a trim of " + trim + " dB (--trim " + trim + ")");
}

} // namespace

Result<std::unique_ptr<ProgrammeReader>> open_programme(const SoundFileInfo& info, const ProgrammeOptions& options) {
    if (!(options.sample_rate_hz > 0.0) || !std::isfinite(options.trim_db) || options.converter_bits < 16 ||
        options.converter_bits > 32) {
        return fault(info, "cannot be printed at " + number("%g", options.sample_rate_hz) + " Hz with a trim of " +
                               number("%g", options.trim_db) + " dB to " + std::to_string(options.converter_bits) +
                               " bits; check the card's rate, the trim and the converter's bits (16 to 32)");
    }
    auto source = SourceFile::open(info);
    if (!source) {
        return source.error();
    }
    const int format = source->format();
    const bool converted = info.sample_rate_hz != options.sample_rate_hz;
    const bool fits_exactly = integer_bits(format) != 0 && integer_bits(format) <= options.converter_bits;
    if (fits_exactly && !converted && options.trim_db == 0.0) {
        return std::unique_ptr<ProgrammeReader>(std::make_unique<ExactReader>(info, std::move(source).value()));
    }
    // an integer file at the card's rate cannot exceed full scale unless it is made louder
    if (is_float_format(format) || converted || options.trim_db > 0.0) {
        const auto peak = peak_of(info, options.sample_rate_hz);
        if (!peak) {
            return peak.error();
        }
        if (auto refusal = over_full_scale(info, options, *peak)) {
            return *refusal;
        }
    }
    return std::unique_ptr<ProgrammeReader>(std::make_unique<DitheredReader>(
        info, FractionStream(info, std::move(source).value(), options.sample_rate_hz), options));
}

} // namespace overbias::audio
