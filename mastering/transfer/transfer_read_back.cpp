// SPDX-License-Identifier: Apache-2.0
// The file as the disk gives it back: its checksums, and the loudness of each track.
#include "base/sha256.hpp"
#include "dsp/meters/stereo_meters.hpp"
#include "mastering/transfer/transfer_record.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <system_error>
#include <unistd.h>

namespace overbias::mastering {

namespace {

constexpr std::size_t kPieceFrames = 16384;

std::string error_words(int error) {
    return std::error_code(error, std::generic_category()).message();
}

/// One sample of the file, full scale 1.0.
float sample_of(const unsigned char* at, audio::BroadcastWaveFormat::Samples samples) {
    using Samples = audio::BroadcastWaveFormat::Samples;
    if (samples == Samples::Int24) {
        const std::uint32_t high =
            std::uint32_t{at[0]} << 8U | std::uint32_t{at[1]} << 16U | std::uint32_t{at[2]} << 24U;
        return static_cast<float>(static_cast<std::int32_t>(high) / 2147483648.0);
    }
    const std::uint32_t all =
        at[0] | std::uint32_t{at[1]} << 8U | std::uint32_t{at[2]} << 16U | std::uint32_t{at[3]} << 24U;
    return samples == Samples::Float32 ? std::bit_cast<float>(all)
                                       : static_cast<float>(static_cast<std::int32_t>(all) / 2147483648.0);
}

/// Meters for one track after the other.
class TrackMeters {
  public:
    TrackMeters(double rate_hz, std::vector<TransferredTrack>& tracks) : rate_hz_(rate_hz), tracks_(tracks) {}

    void push(std::int64_t first_frame, std::span<const float> interleaved) {
        const std::int64_t end_frame = first_frame + static_cast<std::int64_t>(interleaved.size() / 2);
        while (now_ < tracks_.size() && tracks_[now_].place.first_frame < end_frame) {
            const ProgrammePlace& place = tracks_[now_].place;
            const std::int64_t from = std::max(first_frame, place.first_frame);
            const std::int64_t to = std::min(end_frame, place.end_frame);
            if (!meters_) {
                meters_ = std::make_unique<dsp::StereoMeters>(dsp::StereoMeterConfig{.sample_rate_hz = rate_hz_});
                reader_ = meters_->add_reader();
            }
            if (from < to) {
                meters_->process(interleaved.subspan(static_cast<std::size_t>(2 * (from - first_frame)),
                                                     static_cast<std::size_t>(2 * (to - from))));
            }
            if (place.end_frame > end_frame) {
                return;
            }
            end_track();
        }
    }
    void end_track() {
        if (!meters_) {
            return;
        }
        const dsp::StereoReading reading = meters_->read(reader_);
        StretchLoudness& levels = tracks_[now_].levels;
        levels.loudness.integrated_lufs = meters_->loudness().integrated_lufs();
        if (const auto range = meters_->loudness().range()) {
            levels.loudness.range_lu = range->lu;
        }
        levels.loudness.true_peak_dbtp = std::max(reading.true_peak_dbtp[0], reading.true_peak_dbtp[1]);
        levels.loudness.momentary_max_lufs = reading.momentary_lufs;
        levels.loudness.short_term_max_lufs = reading.short_term_lufs;
        levels.true_peak_dbtp = reading.true_peak_dbtp;
        levels.sample_peak_dbfs = reading.sample_peak_dbfs;
        meters_.reset();
        ++now_;
    }

  private:
    double rate_hz_;
    std::vector<TransferredTrack>& tracks_;
    std::size_t now_ = 0, reader_ = 0;
    std::unique_ptr<dsp::StereoMeters> meters_;
};

class Descriptor {
  public:
    explicit Descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

/// As many bytes as are asked for, fewer at the end; -1: an error.
::ssize_t read_all(int file, std::span<unsigned char> out) {
    std::size_t done = 0;
    while (done < out.size()) {
        const ::ssize_t got = ::read(file, out.data() + done, out.size() - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    return static_cast<::ssize_t>(done);
}

} // namespace

ReadBack read_back(const std::filesystem::path& file, const audio::BroadcastWaveFormat& format, std::int64_t frames,
                   std::vector<TransferredTrack>& tracks, const std::function<void(double)>& checked) {
    ReadBack out;
    const Descriptor input(file);
    if (input.get() < 0) {
        out.trouble = "can't be read back (" + error_words(errno) + ")";
        return out;
    }
    Sha256 whole, samples_only;
    std::vector<unsigned char> piece(std::max(audio::BroadcastWaveWriter::kHeaderBytes, kPieceFrames * 8));
    std::vector<float> floats(kPieceFrames * 2);
    const std::size_t sample_bytes = format.frame_bytes() / 2;
    TrackMeters meters(format.sample_rate_hz, tracks);
    const auto take = [&](std::size_t count) -> std::size_t {
        const ::ssize_t got = read_all(input.get(), std::span(piece).first(count));
        if (got < 0) {
            out.trouble = "can't be read back (" + error_words(errno) + ")";
            return 0;
        }
        whole.update(std::as_bytes(std::span(piece).first(static_cast<std::size_t>(got))));
        out.bytes += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    };
    if (take(audio::BroadcastWaveWriter::kHeaderBytes) >= 4) {
        out.rf64 = std::memcmp(piece.data(), "RF64", 4) == 0;
    }
    std::int64_t at = 0;
    while (at < frames && out.trouble.empty()) {
        const auto wanted = static_cast<std::size_t>(std::min<std::int64_t>(kPieceFrames, frames - at));
        const std::size_t got = take(wanted * format.frame_bytes()) / format.frame_bytes();
        samples_only.update(std::as_bytes(std::span(piece).first(got * format.frame_bytes())));
        for (std::size_t i = 0; i < 2 * got; ++i) {
            floats[i] = sample_of(piece.data() + i * sample_bytes, format.samples);
        }
        meters.push(at, std::span<const float>(floats).first(2 * got));
        at += static_cast<std::int64_t>(got);
        if (got < wanted && out.trouble.empty()) {
            out.trouble = "is shorter than was written";
        }
        checked(static_cast<double>(at) / static_cast<double>(frames));
    }
    meters.end_track();
    while (out.trouble.empty() && take(piece.size()) > 0) {
    }
    out.file_sha256 = whole.hex();
    out.audio_sha256 = samples_only.hex();
    return out;
}

} // namespace overbias::mastering
