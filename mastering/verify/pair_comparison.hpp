// SPDX-License-Identifier: Apache-2.0
// PairComparison: what goes into the deck against what comes off tape, both captured by one card, while the deck
// records: for masters that come from somewhere else (a workstation through analog gear). There are no files and no
// slate: the programme itself says when it begins, and the comparison (mode Live) finds the head delay in it.
//
// A piece is judged when its end is known: programme begins where a channel of the source stands over -50 dBFS (RMS of
// 50 ms), and ends where 2.5 s stay under -56 dBFS; what lasts longer than a minute is judged minute by minute. Silence
// of three seconds on a tape that records is heard as tape noise. So no more than a minute of either pair is kept.
// Shapes: interleaved stereo, full scale 1.0, one rate, one clock: frame n of both was captured at the same time.
// Thread: one. Allocates.
#pragma once

#include "mastering/off_tape_comparison.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace overbias::mastering {

/// One judged piece of programme.
struct PairPiece {
    std::size_t programme = 0; ///< from 0: which stretch between silences
    double at_s = 0.0;         ///< capture time of its first frame, from where the listening began
    double from_s = 0.0;       ///< of its programme
    double duration_s = 0.0;
};

struct PairResult {
    ComparisonResult comparison;
    std::vector<PairPiece> pieces; ///< one a track of it
};

struct PairStatus {
    double heard_s = 0.0;
    bool programme = false;     ///< plays now
    double since_s = 0.0;       ///< how long it plays, or is silent
    std::size_t programmes = 0; ///< begun so far
    LiveComparison live;
};

class PairComparison {
  public:
    /// `config`: mode, slate and round trip are taken out of it; play_dbfs_at_operating_level is that of the source
    /// pair. Throws as OffTapeComparison does.
    explicit PairComparison(ComparisonConfig config);
    ~PairComparison();

    void set_clock(ClockPoint capture);
    void push_source(std::int64_t first_frame, std::span<const float> stereo);
    void push_return(std::int64_t first_frame, std::span<const float> stereo);
    /// The deck records from this frame on: silence is tape noise then.
    void recording_from(std::int64_t frame);
    [[nodiscard]] PairStatus status() const;
    [[nodiscard]] PairResult finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
