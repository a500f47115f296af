// SPDX-License-Identifier: Apache-2.0
// TransferMonitor: what can be said of a tape while it is transferred, from what comes off it alone: level, loudness,
// clips, correlation, azimuth as an estimate, gaps, and holes that may be drop-outs. Nothing of it is a verdict but
// clips. Thread: one. Memory grows by some kilobytes a minute.
#pragma once

#include "mastering/transfer/gap_finder.hpp"
#include "mastering/transfer/hole_watch.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace overbias::mastering {

/// Of music, without a reference: an estimate, no tolerance (dsp/analysis/azimuth.hpp).
struct AzimuthOfStretch {
    double at_s = 0.0; ///< in the file
    double delay_us = 0.0, spread_us = 0.0, averaging_s = 0.0, confidence = 0.0;
    bool reversed = false; ///< one channel seems of opposite polarity
};

struct MonitorFigures {
    std::optional<double> integrated_lufs, range_lu;
    double momentary_lufs = -120.0, short_term_lufs = -120.0;
    double momentary_max_lufs = -120.0, short_term_max_lufs = -120.0;
    std::array<double, 2> true_peak_dbtp{-200.0, -200.0}, sample_peak_dbfs{-200.0, -200.0}; ///< highest
    std::array<double, 2> rms_dbfs{-200.0, -200.0};                                         ///< last 300 ms
    std::array<std::uint64_t, 2> clips{};
    double correlation = 0.0;                ///< last 0.6 s
    std::optional<double> whole_correlation; ///< of everything; empty: silence
    std::optional<AzimuthOfStretch> azimuth; ///< the last stretch in which there was one
    std::optional<double> noise_dbfs, gap_threshold_dbfs;
    std::uint64_t holes = 0;
};

class TransferMonitor {
  public:
    TransferMonitor(double rate_hz, const GapRule& gaps);
    ~TransferMonitor();
    TransferMonitor(const TransferMonitor&) = delete;
    TransferMonitor& operator=(const TransferMonitor&) = delete;

    /// The next frames of the file. `real`: they came off a tape that plays (not silence in place of lost frames).
    void push(std::span<const float> interleaved, bool real);

    [[nodiscard]] MonitorFigures figures() const;
    [[nodiscard]] const GapFinder& gaps() const noexcept;
    [[nodiscard]] const std::vector<SuspectedHole>& holes() const noexcept;
    [[nodiscard]] std::uint64_t hole_count() const noexcept;
    [[nodiscard]] const std::vector<AzimuthOfStretch>& azimuth() const noexcept;
    /// Of the whole, by confidence; empty: nothing to go by.
    [[nodiscard]] std::optional<AzimuthOfStretch> whole_azimuth() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
