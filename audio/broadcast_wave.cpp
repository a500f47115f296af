// SPDX-License-Identifier: Apache-2.0
#include "audio/broadcast_wave.hpp"

#include "audio/broadcast_wave_chunks.hpp"
#include "base/sha256.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::audio {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPieceSamples = 32768;
constexpr int kOwnerWritesAllRead = 0644;

std::string words_of(int error) {
    return std::error_code(error, std::generic_category()).message();
}

Error fault(const fs::path& path, const std::string& what) {
    return Error{path.string() + ": " + what};
}

void put(char*& at, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
        *at++ = static_cast<char>(value >> (8 * i) & 0xFFU);
    }
}

/// To the nearest, the highest code for what lies beyond.
std::int32_t to_24(std::int32_t sample) {
    return static_cast<std::int32_t>(std::min<std::int64_t>((std::int64_t{sample} + 128) >> 8, 8388607));
}

} // namespace

const char* BroadcastWaveFormat::word() const noexcept {
    return samples == Samples::Int24 ? "24" : samples == Samples::Int32 ? "32" : "float";
}

std::optional<BroadcastWaveFormat::Samples> BroadcastWaveFormat::samples_of(const std::string& word) {
    return word == "24"      ? std::optional(Samples::Int24)
           : word == "32"    ? std::optional(Samples::Int32)
           : word == "float" ? std::optional(Samples::Float32)
                             : std::nullopt;
}

struct BroadcastWaveWriter::Open {
    fs::path path;
    BroadcastWaveFormat format;
    BroadcastExtension extension;
    int file = -1;
    std::uint64_t data_bytes = 0; ///< whole frames only
    std::uint64_t trailer_bytes = 0;
    bool failed = false, finished = false, rounded = false;
    Sha256 digest = {};
    std::vector<char> piece = std::vector<char>(kPieceSamples * 4);

    Open(fs::path path_used, const BroadcastWaveFormat& format_used, BroadcastExtension extension_used)
        : path(std::move(path_used)), format(format_used), extension(std::move(extension_used)) {}
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
        if (file >= 0) {
            if (!finished) {
                (void)header();
            }
            ::close(file);
        }
    }

    [[nodiscard]] std::uint64_t data_end() const noexcept { return kHeaderBytes + data_bytes; }

    /// How many bytes could be written.
    std::size_t store(const char* bytes, std::size_t count, std::uint64_t at) {
        std::size_t done = 0;
        while (done < count) {
            const ::ssize_t wrote = ::pwrite(file, bytes + done, count - done, static_cast<::off_t>(at + done));
            if (wrote < 0 && errno == EINTR) {
                continue;
            }
            if (wrote <= 0) {
                break;
            }
            done += static_cast<std::size_t>(wrote);
        }
        return done;
    }

    [[nodiscard]] bool header() {
        const std::string bytes = wave_header(format, extension, {data_end() + trailer_bytes, data_bytes});
        return store(bytes.data(), bytes.size(), 0) == bytes.size();
    }

    Result<void> trouble(const std::string& what) {
        const int error = errno;
        failed = true;
        return fault(path, what + " (" + words_of(error) + "); it holds " +
                               std::to_string(data_bytes / format.frame_bytes()) +
                               " frames; check the space on the disk, and transfer the rest to another file");
    }

    std::size_t convert(std::span<const std::int32_t> samples) {
        char* at = piece.data();
        for (const std::int32_t sample : samples) {
            switch (format.samples) {
            case BroadcastWaveFormat::Samples::Int24:
                rounded = rounded || (static_cast<std::uint32_t>(sample) & 0xFFU) != 0;
                put(at, static_cast<std::uint32_t>(to_24(sample)), 3);
                break;
            case BroadcastWaveFormat::Samples::Int32:
                put(at, static_cast<std::uint32_t>(sample), 4);
                break;
            case BroadcastWaveFormat::Samples::Float32:
                rounded = rounded || (static_cast<std::uint32_t>(sample) & 0xFFU) != 0;
                put(at, std::bit_cast<std::uint32_t>(static_cast<float>(sample) / 2147483648.0F), 4);
                break;
            }
        }
        return static_cast<std::size_t>(at - piece.data());
    }
};

BroadcastWaveWriter::BroadcastWaveWriter(std::unique_ptr<Open> open) noexcept : open_(std::move(open)) {
}
BroadcastWaveWriter::BroadcastWaveWriter(BroadcastWaveWriter&&) noexcept = default;
BroadcastWaveWriter& BroadcastWaveWriter::operator=(BroadcastWaveWriter&&) noexcept = default;
BroadcastWaveWriter::~BroadcastWaveWriter() = default;

Result<BroadcastWaveWriter> BroadcastWaveWriter::create(const fs::path& path, const BroadcastWaveFormat& format,
                                                        const BroadcastExtension& extension) {
    if (format.sample_rate_hz <= 0 || format.channels <= 0) {
        return fault(path, "can't be written at " + std::to_string(format.sample_rate_hz) + " Hz with " +
                               std::to_string(format.channels) + " channels");
    }
    auto open = std::make_unique<Open>(path, format, extension);
    if (wave_header(format, extension, {kHeaderBytes, 0}).empty()) {
        return fault(path, "the coding history is too long: there is room for about 3 kB; shorten the deck's name or "
                           "what is noted of the tape");
    }
    open->file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerWritesAllRead);
    if (open->file < 0) {
        return fault(path, errno == EEXIST
                               ? "is there already and is never written over; name another file"
                               : "can't be written (" + words_of(errno) + "); check the folder and its rights");
    }
    if (!open->header() || ::fdatasync(open->file) != 0) {
        const int error = errno;
        ::unlink(path.c_str()); // there is nothing in it
        return fault(path, "can't be written (" + words_of(error) + "); check the space on the disk");
    }
    if (const int folder =
            ::open(path.has_parent_path() ? path.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        folder >= 0) {
        (void)::fsync(folder); // its name outlives a power cut
        ::close(folder);
    }
    return BroadcastWaveWriter(std::move(open));
}

void BroadcastWaveWriter::begins(const std::string& date, const std::string& time, std::uint64_t time_reference) {
    open_->extension.date = date;
    open_->extension.time = time;
    open_->extension.time_reference = time_reference;
}

bool BroadcastWaveWriter::discard_if_empty() {
    Open& it = *open_;
    if (it.data_bytes > 0 || it.finished) {
        return false;
    }
    it.finished = true;
    ::close(std::exchange(it.file, -1));
    return ::unlink(it.path.c_str()) == 0;
}

Result<void> BroadcastWaveWriter::write(std::span<const std::int32_t> interleaved) {
    Open& it = *open_;
    if (it.failed || it.finished) {
        return fault(it.path, "can't be written any more");
    }
    const auto channels = static_cast<std::size_t>(it.format.channels);
    const std::size_t most = kPieceSamples / channels * channels;
    for (std::size_t first = 0; first < interleaved.size(); first += most) {
        const std::size_t bytes = it.convert(interleaved.subspan(first, std::min(most, interleaved.size() - first)));
        const std::size_t stored = it.store(it.piece.data(), bytes, it.data_end());
        const std::size_t whole = stored / it.format.frame_bytes() * it.format.frame_bytes();
        it.digest.update(std::as_bytes(std::span<const char>(it.piece).first(whole)));
        it.data_bytes += whole;
        if (stored < bytes) {
            return it.trouble("can't be written further");
        }
    }
    return {};
}

Result<void> BroadcastWaveWriter::keep_valid() {
    Open& it = *open_;
    if (it.failed || it.finished) {
        return {};
    }
    if (::fdatasync(it.file) != 0 || !it.header() || ::fdatasync(it.file) != 0) {
        return it.trouble("its header can't be kept");
    }
    return {};
}

Result<void> BroadcastWaveWriter::finish(const BroadcastLoudness& loudness, const std::string& ixml,
                                         const std::vector<WaveMark>& marks) {
    Open& it = *open_;
    if (it.finished) {
        return {};
    }
    it.extension.loudness = loudness;
    const std::string trailer = wave_trailer(ixml, marks);
    Result<void> told;
    if (it.store(trailer.data(), trailer.size(), it.data_end()) == trailer.size() && ::fdatasync(it.file) == 0) {
        it.trailer_bytes = trailer.size();
    } else {
        told = it.trouble("no room is left for its marks and notes, they are left out");
    }
    // what lies behind is part of a frame, or of the trailer that had no room
    const bool cut = ::ftruncate(it.file, static_cast<::off_t>(it.data_end() + it.trailer_bytes)) == 0;
    if (const bool headed = it.header(); (!cut || !headed || ::fsync(it.file) != 0) && told) {
        told = it.trouble("can't be written to its end");
    }
    it.finished = true;
    if (::close(std::exchange(it.file, -1)) != 0 && told) {
        told = it.trouble("can't be written to its end");
    }
    return told;
}

const fs::path& BroadcastWaveWriter::path() const noexcept {
    return open_->path;
}

std::int64_t BroadcastWaveWriter::frames() const noexcept {
    return static_cast<std::int64_t>(open_->data_bytes / open_->format.frame_bytes());
}

bool BroadcastWaveWriter::rounded() const noexcept {
    return open_->rounded;
}

std::string BroadcastWaveWriter::audio_sha256() {
    return open_->digest.hex();
}

} // namespace overbias::audio
