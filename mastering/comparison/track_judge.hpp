// SPDX-License-Identifier: Apache-2.0
// Everything that is judged of one track, from its analysis frames to its result.
#pragma once

#include "mastering/comparison/channel_match.hpp"
#include "mastering/comparison/delay_track.hpp"
#include "mastering/comparison/dropout_detector.hpp"
#include "mastering/comparison/level_windows.hpp"
#include "mastering/comparison/silence_watch.hpp"
#include "mastering/off_tape_comparison.hpp"

namespace overbias::mastering {

/// What is known of the print as a whole when a track is judged.
struct PrintFacts {
    const ComparisonConfig& config;
    const ClockMap& clocks;
    const DelayTrack& delay;
    const std::vector<double>& band_hz;
    std::int64_t slate_frame = 0; ///< reference frame of the slate's first frame
    std::optional<double> slate_delay_s = {};
    std::array<std::optional<double>, 2> slate_difference_db = {}; ///< re operating level minus sent re operating level
    bool recorded_well = true;
};

struct TrackPlan {
    std::string name;
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
};

class TrackJudge {
  public:
    TrackJudge(const DropoutSettings& dropouts, double rate_hz);

    /// Makes room for a track of so many frames.
    void expect(std::int64_t frames) { levels_.expect(frames); }
    void begin(const TrackPlan& plan, const LevelReference& reference, const LaneEnergies& noise_hop);
    void add_frame(std::int64_t frame, const FrameFigures& figures, FrameAnalyser& analyser, DelayTrack& delay,
                   const ClockMap& clocks, double cut);
    [[nodiscard]] DropoutDetector& dropouts() noexcept { return dropouts_; }
    [[nodiscard]] const DropoutDetector& dropouts() const noexcept { return dropouts_; }
    [[nodiscard]] const LevelWindows& levels() const noexcept { return levels_; }

    /// Without what was lost on the way, which is told at the end of the print.
    [[nodiscard]] TrackResult result(const PrintFacts& facts) const;

  private:
    void judge_presence(const PrintFacts& facts, TrackResult& result) const;
    void judge_levels(const PrintFacts& facts, TrackResult& result) const;
    void judge_response(const PrintFacts& facts, TrackResult& result) const;
    void judge_delay(const PrintFacts& facts, TrackResult& result) const;
    void judge_dropouts(const PrintFacts& facts, TrackResult& result) const;
    void judge_silence(const PrintFacts& facts, TrackResult& result) const;
    void note_quiet(TrackResult& result) const;

    double rate_hz_;
    TrackPlan plan_;
    LevelReference reference_;
    LevelWindows levels_;
    ChannelMatcher match_;
    DropoutDetector dropouts_;
    SilenceWatch silence_;
};

} // namespace overbias::mastering
