// SPDX-License-Identifier: Apache-2.0
// A Broadcast Wave file that is being recorded: valid at every moment, whatever becomes of the program.
//
// Layout (RIFF; EBU Tech 3285 v2 for bext, EBU Tech 3306 for RF64):
//     RIFF/WAVE   JUNK (room of a ds64)   fmt   [fact]   bext   JUNK   data ...   iXML   cue   LIST adtl
// Everything that changes while it grows lies in the first 4096 bytes, of which the data begin: keep_valid() writes the
// samples, waits for the disk, writes that header, waits again, so that the header never counts what is not there. A
// file that outgrows 4 GiB becomes an RF64 on the spot: JUNK turns into ds64. What is only known at the end (loudness,
// marks) is written by finish(); a file without it is valid all the same.
//
// Own code, because libsndfile 1.2, which reads all of this, can not write it so: it puts a line of its own into the
// coding history, has no iXML and no labels, wants the marks before the first sample, and never waits for the disk.
//
// Thread: any one thread an object; blocks on the disk.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::audio {

struct BroadcastWaveFormat {
    enum class Samples { Int24, Int32, Float32 };
    int sample_rate_hz = 48000;
    int channels = 2;
    Samples samples = Samples::Int24;
    /// Bytes of a whole file above which it is an RF64; for tests. At most what 32 bits can count.
    std::uint64_t rf64_above = 0xFFFF'FFFFULL;

    [[nodiscard]] int bits() const noexcept { return samples == Samples::Int24 ? 24 : 32; }
    [[nodiscard]] std::size_t frame_bytes() const noexcept {
        return static_cast<std::size_t>(channels) * static_cast<std::size_t>(bits()) / 8;
    }
    /// "24", "32", "float".
    [[nodiscard]] const char* word() const noexcept;
    [[nodiscard]] static std::optional<Samples> samples_of(const std::string& word);
};

/// Of a whole programme; empty: not known (written as 7FFFh, as Tech 3285 v2 says).
struct BroadcastLoudness {
    std::optional<double> integrated_lufs, range_lu, true_peak_dbtp, momentary_max_lufs, short_term_max_lufs;
};

/// The bext chunk, version 2. Texts are ASCII there: other characters become '?'; what is too long is cut.
struct BroadcastExtension {
    std::string description;          ///< 256 bytes
    std::string originator;           ///< 32
    std::string originator_reference; ///< 32
    std::string date;                 ///< "2026-11-23"
    std::string time;                 ///< "16:30:00"
    std::uint64_t time_reference = 0; ///< frames since midnight of the first one
    BroadcastLoudness loudness;
    /// EBU R98: a line for each stage, each with CR LF at its end.
    std::vector<std::string> coding_history;
};

/// A place in the file (cue and LIST/adtl: labl, note; with a length also ltxt "rgn ").
struct WaveMark {
    std::int64_t frame = 0;
    std::int64_t frames = 0; ///< of a region; 0: a point
    std::string label;
    std::string note = {}; ///< empty: none
};

class BroadcastWaveWriter {
  public:
    /// Makes the file, which must not be there: nothing is ever written over. The error is one line that names the file
    /// and what to do.
    [[nodiscard]] static Result<BroadcastWaveWriter>
    create(const std::filesystem::path& path, const BroadcastWaveFormat& format, const BroadcastExtension& extension);
    BroadcastWaveWriter(BroadcastWaveWriter&&) noexcept;
    BroadcastWaveWriter& operator=(BroadcastWaveWriter&&) noexcept;
    /// The header says what is there, as far as the disk lets it; nothing is removed.
    ~BroadcastWaveWriter();

    /// When the first frame was captured, as known by then; told before much is written.
    void begins(const std::string& date, const std::string& time, std::uint64_t time_reference);
    /// Whole frames, interleaved, full scale 2^31. 24 bits are the upper 24 of each, to the nearest. On an error (a
    /// full disk) as much as could be written is in the file, and nothing more can be written but finish().
    [[nodiscard]] Result<void> write(std::span<const std::int32_t> interleaved);
    /// Samples and header are on the disk when it returns.
    [[nodiscard]] Result<void> keep_valid();
    /// Writes iXML (empty: none), marks and the loudness, and closes. Where the disk has no room for them the file
    /// stays valid without, and the error says so.
    [[nodiscard]] Result<void> finish(const BroadcastLoudness& loudness, const std::string& ixml,
                                      const std::vector<WaveMark>& marks);

    /// Removes a file in which there is no frame; true: it did. Nothing can be written then.
    bool discard_if_empty();

    [[nodiscard]] const std::filesystem::path& path() const noexcept;
    /// In the file.
    [[nodiscard]] std::int64_t frames() const noexcept;
    /// A sample had bits below the 24 that were kept.
    [[nodiscard]] bool rounded() const noexcept;
    /// SHA-256 of the sample data so far, as they are in the file; uses the digest up, so once, after finish().
    [[nodiscard]] std::string audio_sha256();

    static constexpr std::size_t kHeaderBytes = 4096; ///< where the samples begin

  private:
    struct Open;
    explicit BroadcastWaveWriter(std::unique_ptr<Open> open) noexcept;
    std::unique_ptr<Open> open_;
};

} // namespace overbias::audio
