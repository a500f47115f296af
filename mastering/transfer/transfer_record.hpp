// SPDX-License-Identifier: Apache-2.0
// What a transfer was, when it is over: plain data, from which marks, metadata and report are made. Private to
// mastering/transfer/.
#pragma once

#include "mastering/transfer/transfer_recorder.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

struct LostStretch {
    std::int64_t file_frame = 0, frames = 0;
    bool ring_full = false; ///< the disk was too slow; else the card lost them
};

struct CounterAnchor {
    std::int64_t file_frame = 0;
    double counter_m = 0.0;
    std::optional<double> speed_m_s;
};

struct PlacedConcern {
    transport::Concern concern;
    std::int64_t file_frame = 0;
    double counter_m = 0.0;
};

struct StretchLoudness {
    audio::BroadcastLoudness loudness;
    std::array<double, 2> true_peak_dbtp{-200.0, -200.0}, sample_peak_dbfs{-200.0, -200.0};
};

struct TransferredTrack {
    ProgrammePlace place;
    std::string label; ///< "01"
    StretchLoudness levels;
};

/// What was found reading the file back.
struct ReadBack {
    std::string file_sha256, audio_sha256, trouble; ///< trouble: empty, or why it could not be read
    std::uint64_t bytes = 0;
    bool rf64 = false;
};

struct TransferRecord {
    TransferRequest request;
    TransferIdentity identity;
    double rate_hz = 0.0;
    std::int64_t frames = 0;
    bool rounded = false;
    std::int64_t began_utc_ns = 0;
    TransferEnding ending = TransferEnding::Running;
    std::string ending_words, disk_trouble;
    std::vector<LostStretch> lost;
    std::vector<CounterAnchor> anchors;
    std::vector<PlacedConcern> concerns;
    std::vector<TransferredTrack> tracks;
    MonitorFigures whole;
    std::vector<AzimuthOfStretch> azimuth;
    std::optional<AzimuthOfStretch> whole_azimuth;
    std::vector<SuspectedHole> holes;
    std::uint64_t hole_count = 0;
    std::string written_sha256; ///< of the samples, as handed to the disk
    ReadBack read_back;

    [[nodiscard]] double seconds(std::int64_t frame) const { return static_cast<double>(frame) / rate_hz; }
    /// By the counter, from the nearest anchors; empty: there are none.
    [[nodiscard]] std::optional<double> counter_at(std::int64_t file_frame) const;
    [[nodiscard]] std::int64_t lost_frames() const;
};

/// Between the two nearest anchors, beyond them with the slope of the last two.
[[nodiscard]] std::optional<double> counter_at(std::span<const CounterAnchor> anchors, std::int64_t file_frame);

// --- transfer_metadata.cpp: what goes into the file
[[nodiscard]] audio::BroadcastExtension transfer_extension(const TransferRequest& request,
                                                           const TransferIdentity& identity, double rate_hz,
                                                           std::int64_t utc_ns);
[[nodiscard]] std::string transfer_ixml(const TransferRecord& record);
[[nodiscard]] std::vector<audio::WaveMark> transfer_marks(const TransferRecord& record);

// --- transfer_read_back.cpp: fills the tracks' levels. `checked` is told the share that was read
[[nodiscard]] ReadBack read_back(const std::filesystem::path& file, const audio::BroadcastWaveFormat& format,
                                 std::int64_t frames, std::vector<TransferredTrack>& tracks,
                                 const std::function<void(double)>& checked);

// --- transfer_report.cpp
/// Fills pass, reason, words and report.
[[nodiscard]] TransferResult judge_transfer(const TransferRecord& record);

/// A new file with this text, on the disk when it returns. The error is one line for the operator.
[[nodiscard]] Result<void> write_new_file(const std::filesystem::path& path, const std::string& text);

} // namespace overbias::mastering
