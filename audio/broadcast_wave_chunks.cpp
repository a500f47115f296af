// SPDX-License-Identifier: Apache-2.0
#include "audio/broadcast_wave_chunks.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

namespace overbias::audio {

namespace {

constexpr std::uint64_t kIn32 = 0xFFFF'FFFFULL;
constexpr std::size_t kDs64Bytes = 28;
constexpr std::uint16_t kPcm = 1, kFloat = 3;
constexpr std::uint16_t kNoFigure = 0x7FFF;

std::string ascii(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80U) {
            out.push_back(byte < 0x20U && c != '\r' && c != '\n' ? ' ' : c);
        } else if ((byte & 0xC0U) != 0x80U) { // one for each character, not for each of its bytes
            out.push_back('?');
        }
    }
    return out;
}

/// In hundredths, as Tech 3285 v2 has it.
std::uint16_t hundredths(const std::optional<double>& figure) {
    if (!figure || !std::isfinite(*figure) || std::abs(*figure) > 99.99) {
        return kNoFigure;
    }
    return static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(*figure * 100.0)));
}

std::string bext_body(const BroadcastExtension& extension) {
    ChunkBytes out;
    out.field(ascii(extension.description), 256);
    out.field(ascii(extension.originator), 32);
    out.field(ascii(extension.originator_reference), 32);
    out.field(ascii(extension.date), 10);
    out.field(ascii(extension.time), 8);
    out.u64(extension.time_reference); // its low half first
    out.u16(2);
    out.zeros(64); // no UMID
    const BroadcastLoudness& loudness = extension.loudness;
    for (const auto& figure : {loudness.integrated_lufs, loudness.range_lu, loudness.true_peak_dbtp,
                               loudness.momentary_max_lufs, loudness.short_term_max_lufs}) {
        out.u16(hundredths(figure));
    }
    out.zeros(180);
    for (const std::string& line : extension.coding_history) {
        out.text(ascii(line));
        out.text("\r\n");
    }
    out.zeros(out.size() % 2); // readers there are that forget the filling byte behind a chunk of odd length
    return out.bytes();
}

std::string fmt_body(const BroadcastWaveFormat& format) {
    const bool is_float = format.samples == BroadcastWaveFormat::Samples::Float32;
    const auto rate = static_cast<std::uint64_t>(format.sample_rate_hz);
    ChunkBytes out;
    out.u16(is_float ? kFloat : kPcm);
    out.u16(static_cast<std::uint64_t>(format.channels));
    out.u32(rate);
    out.u32(rate * format.frame_bytes());
    out.u16(format.frame_bytes());
    out.u16(static_cast<std::uint64_t>(format.bits()));
    if (is_float) {
        out.u16(0); // nothing further
    }
    return out.bytes();
}

} // namespace

void ChunkBytes::field(std::string_view value, std::size_t bytes) {
    bytes_.append(value.substr(0, bytes));
    bytes_.append(bytes - std::min(bytes, value.size()), '\0');
}

void ChunkBytes::chunk(std::string_view four, std::string_view body) {
    id(four);
    u32(body.size());
    text(body);
    if (body.size() % 2 != 0) {
        zeros(1);
    }
}

std::string wave_header(const BroadcastWaveFormat& format, const BroadcastExtension& extension,
                        const WaveSizes& sizes) {
    const bool large = sizes.file_bytes > std::min(format.rf64_above, kIn32);
    const std::uint64_t riff_bytes = sizes.file_bytes - 8;
    const std::uint64_t frames = sizes.data_bytes / format.frame_bytes();
    ChunkBytes out;
    out.id(large ? "RF64" : "RIFF");
    out.u32(large ? kIn32 : riff_bytes);
    out.id("WAVE");
    if (large) {
        ChunkBytes ds64;
        ds64.u64(riff_bytes);
        ds64.u64(sizes.data_bytes);
        ds64.u64(frames);
        ds64.u32(0); // no other chunk is so large
        out.chunk("ds64", ds64.bytes());
    } else {
        out.chunk("JUNK", std::string(kDs64Bytes, '\0'));
    }
    out.chunk("fmt ", fmt_body(format));
    if (format.samples == BroadcastWaveFormat::Samples::Float32) {
        ChunkBytes fact;
        fact.u32(std::min(frames, kIn32));
        out.chunk("fact", fact.bytes());
    }
    out.chunk("bext", bext_body(extension));
    constexpr std::size_t kTwoHeads = 16; // of the filling chunk and of data
    if (out.size() + kTwoHeads > BroadcastWaveWriter::kHeaderBytes) {
        return {};
    }
    out.chunk("JUNK", std::string(BroadcastWaveWriter::kHeaderBytes - kTwoHeads - out.size(), '\0'));
    out.id("data");
    out.u32(large ? kIn32 : sizes.data_bytes);
    return out.bytes();
}

std::string wave_trailer(const std::string& ixml, const std::vector<WaveMark>& marks) {
    ChunkBytes out;
    if (!ixml.empty()) {
        out.chunk("iXML", ixml + std::string(ixml.size() % 2, '\n')); // as with bext
    }
    std::vector<WaveMark> placed; // a cue point counts to 2^32
    std::copy_if(marks.begin(), marks.end(), std::back_inserter(placed), [](const WaveMark& mark) {
        return mark.frame >= 0 && static_cast<std::uint64_t>(mark.frame) <= kIn32;
    });
    if (placed.empty()) {
        return out.bytes();
    }
    ChunkBytes cue;
    ChunkBytes list;
    cue.u32(placed.size());
    list.id("adtl");
    for (std::size_t n = 0; n < placed.size(); ++n) {
        const WaveMark& mark = placed[n];
        const auto frame = static_cast<std::uint64_t>(mark.frame);
        cue.u32(n + 1);
        cue.u32(frame); // in the play order: there is none, so in the file
        cue.id("data");
        cue.u32(0);
        cue.u32(0);
        cue.u32(frame);
        const auto words = [&](std::string_view four, const std::string& text) {
            ChunkBytes body;
            body.u32(n + 1);
            body.text(text);
            body.zeros(1);
            list.chunk(four, body.bytes());
        };
        words("labl", mark.label);
        if (!mark.note.empty()) {
            words("note", mark.note);
        }
        if (mark.frames > 0) {
            ChunkBytes body;
            body.u32(n + 1);
            body.u32(std::min(static_cast<std::uint64_t>(mark.frames), kIn32));
            body.id("rgn ");
            body.zeros(8); // country, language, dialect, code page: none
            list.chunk("ltxt", body.bytes());
        }
    }
    out.chunk("cue ", cue.bytes());
    out.chunk("LIST", list.bytes());
    return out.bytes();
}

} // namespace overbias::audio
