// SPDX-License-Identifier: Apache-2.0
// RIFF/WAVE: Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0" (1991). RF64, BW64 and
// the ds64 chunk: EBU Tech 3306 and ITU-R BS.2088. DSF: Sony, "DSF File Format Specification 1.01". DSDIFF: Philips,
// "DSDIFF 1.5".
#include "audio/sound_container.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace overbias::audio {

namespace {

constexpr std::uint32_t kSizeInDs64 = 0xffffffffU; ///< also what writers to a pipe leave behind
constexpr std::uint64_t kTrailingChunks = 4096;    ///< what may follow an audio chunk of size 0 that is meant so
constexpr int kMostChunks = 10000;                 ///< a header of zeros would be walked through for ever
constexpr std::uint64_t kLargestRiff = std::uint64_t{0xffffffffU} + 8;

std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

bool looks_like_text(std::string_view head) {
    return !head.empty() && std::all_of(head.begin(), head.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
    });
}

/// Where the content begins after an ID3v2 tag (ID3v2.4 section 3.1: a size of four times seven bits).
std::uint64_t after_id3(std::string_view head) {
    if (head.size() < 10 || !head.starts_with("ID3")) {
        return 0;
    }
    std::uint64_t size = 0;
    for (std::size_t i = 6; i < 10; ++i) {
        size = (size << 7U) | (static_cast<unsigned char>(head[i]) & 0x7fU);
    }
    return size + 10;
}

/// What is wrong with a file that is neither WAV, RF64 nor FLAC.
std::string why_not(std::string_view head) {
    struct Known {
        std::size_t at;
        std::string_view magic, what;
    };
    static constexpr std::string_view kDsd = "is a DSD file, DSD is not supported; convert it to 24-bit WAV first";
    static constexpr std::string_view kLossy =
        "is a lossy file, a print takes lossless masters only; use the WAV or FLAC it was made from";
    static constexpr std::string_view kOther = "is of a format that is not supported; convert it to WAV or FLAC";
    static constexpr std::array known{
        Known{0, "DSD ", kDsd},
        Known{12, "DSD ", kDsd}, // FRM8, size, form type
        Known{28,
              "\x7f"
              "FLAC",
              "is FLAC inside Ogg, which is not supported; rewrap it as plain FLAC (flac --decode, then flac)"},
        Known{0, "OggS", kLossy},
        Known{0, "ID3", kLossy}, // FLAC behind a tag was recognised before
        Known{0, "FORM", "is an AIFF file, which is not supported; convert it to WAV or FLAC"},
        Known{0, "RIFX", "is a big-endian WAV (RIFX), which is not supported; convert it to WAV or FLAC"},
        Known{0, "riff", "is a Wave64 file, which is not supported; convert it to RF64 or FLAC"},
        Known{0, "RIFF", "is a RIFF file but not a WAV; name a WAV, RF64 or FLAC file"},
        Known{4, "ftyp",
              "is an MPEG-4 file, which is not supported; convert it to WAV or FLAC from the lossless original"},
        Known{0, "wvpk", kOther},
        Known{0, "MAC ", kOther},
        Known{0, "caff", kOther},
        Known{0, ".snd", kOther},
    };
    for (const Known& format : known) {
        if (head.size() > format.at && head.substr(format.at).starts_with(format.magic)) {
            return std::string(format.what);
        }
    }
    // MPEG audio frames begin with eleven set bits
    if (head.size() >= 2 && static_cast<unsigned char>(head[0]) == 0xff &&
        (static_cast<unsigned char>(head[1]) & 0xe0U) == 0xe0U) {
        return std::string(kLossy);
    }
    if (looks_like_text(head)) {
        return "is text and not a sound file, whatever its name says; name a WAV, RF64 or FLAC file";
    }
    return "is not a sound file; name a WAV, RF64 or FLAC file";
}

/// Compares the length of the data chunk in the header with what the file holds.
std::optional<std::string> wave_fault(const SoundDescriptor& file, bool rf64) {
    const std::uint64_t file_size = file.bytes();
    if (!rf64 && file_size > kLargestRiff) {
        return "is larger than the header of a WAV can say (4 GiB), so its length is unknown; export it as RF64 or "
               "FLAC";
    }
    std::uint64_t ds64_data_size = 0;
    bool has_format = false;
    int chunks = 0;
    for (std::uint64_t at = 12; at + 8 <= file_size;) {
        if (++chunks > kMostChunks) {
            return "has more than " + std::to_string(kMostChunks) +
                   " chunks and no audio among them, it is damaged; export it again";
        }
        const std::string head = file.bytes_at(at, 8);
        if (head.size() < 8) {
            break;
        }
        const std::string id = head.substr(0, 4);
        std::uint64_t size = little_endian(std::string_view(head).substr(4, 4));
        const std::uint64_t held = file_size - at - 8;
        if (id == "ds64" && held >= 16) {
            ds64_data_size = little_endian(file.bytes_at(at + 16, 8));
        }
        has_format = has_format || id == "fmt ";
        if (id == "data") {
            if (!has_format) {
                return "has no format chunk before its audio, it is damaged; export it again";
            }
            if (rf64 && size == kSizeInDs64) {
                size = ds64_data_size;
            } else if (size == kSizeInDs64 || (size == 0 && held > kTrailingChunks)) {
                return "has an unfinished header (it does not say how long the audio is, as after a crash or a pipe); "
                       "export it again";
            }
            if (size > held) {
                return "is truncated: its header promises " + std::to_string(size) +
                       " bytes of audio, the file holds " + std::to_string(held) + "; copy or export it again";
            }
            return std::nullopt;
        }
        at += 8 + size + (size & 1U);
    }
    return "has no audio in it (no data chunk), it is truncated or damaged; copy or export it again";
}

} // namespace

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

Result<SoundContainer> check_sound_container(const std::filesystem::path& path) {
    const auto file = SoundDescriptor::open(path);
    return file ? check_sound_container(*file) : Result<SoundContainer>(file.error());
}

Result<SoundContainer> check_sound_container(const SoundDescriptor& file) {
    const auto fault = [&file](const std::string& what) { return Error{file.path().string() + ": " + what}; };
    const std::string head = file.bytes_at(0, 64);
    if (head.starts_with("fLaC")) {
        return SoundContainer::Flac;
    }
    if (head.starts_with("ID3") && file.bytes_at(after_id3(head), 4) == "fLaC") {
        return SoundContainer::Flac;
    }
    const bool rf64 = head.starts_with("RF64") || head.starts_with("BW64");
    if ((rf64 || head.starts_with("RIFF")) &&
        std::string_view(head).substr(std::min<std::size_t>(8, head.size())).starts_with("WAVE")) {
        if (const auto what = wave_fault(file, rf64)) {
            return fault(*what);
        }
        return rf64 ? SoundContainer::Rf64 : SoundContainer::Wav;
    }
    return fault(why_not(head));
}

} // namespace overbias::audio
