// SPDX-License-Identifier: Apache-2.0
// Everything that is judged of one track, from its analysis frames to its result.
#pragma once

#include "mastering/comparison/change_point.hpp"
#include "mastering/comparison/channel_match.hpp"
#include "mastering/comparison/delay_close_up.hpp"
#include "mastering/comparison/delay_track.hpp"
#include "mastering/comparison/dropout_detector.hpp"
#include "mastering/comparison/level_trace.hpp"
#include "mastering/comparison/level_windows.hpp"
#include "mastering/comparison/missing_watch.hpp"
#include "mastering/comparison/silence_watch.hpp"
#include "mastering/comparison/track_spectrum.hpp"
#include "mastering/comparison/wow.hpp"
#include "mastering/off_tape_comparison.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

/// What is known of the print as a whole when a track is judged.
struct PrintFacts {
    const ComparisonConfig& config;
    const ClockMap& clocks;
    const DelayTrack& delay;
    const std::vector<double>& band_hz;
    std::int64_t slate_frame = 0;             ///< reference frame of the slate's first frame
    std::optional<double> start_delay_s = {}; ///< the slate's, else that of the side's earlier run or of its start
    std::array<std::optional<double>, 2> slate_difference_db = {}; ///< re operating level minus sent re operating level
    bool recorded_well = true;
    std::optional<std::int64_t> input_from = {}; ///< reference frame from which the return is the deck's input
};

struct TrackPlan {
    std::string name;
    std::int64_t first_frame = 0;
    std::int64_t frames = 0;
};

class TrackJudge {
  public:
    TrackJudge(const DropoutSettings& dropouts, const FrameAnalyser& analyser, double missing_s);

    /// Makes room for a track of so many frames.
    void expect(std::int64_t frames) {
        levels_.expect(frames);
        trace_.expect(frames);
        dropouts_.expect(frames);
    }
    void begin(const TrackPlan& plan, const LevelReference& reference, const LaneEnergies& noise_hop);
    /// Both streams as far as they are kept, for the places of what is found.
    struct Streams {
        const EnergyTrack& sent;
        const EnergyTrack& came;
        const FrameRing& sent_frames;
        const FrameRing& came_frames;
    };
    void add_frame(std::int64_t frame, const FrameFigures& figures, FrameAnalyser& analyser, DelayTrack& delay,
                   const ClockMap& clocks, double cut, const Streams& streams);
    [[nodiscard]] const std::array<FrameUse, 2>& newest_use() const noexcept { return held_.use; }
    /// Nothing more comes of this track.
    void end();
    [[nodiscard]] const MissingWatch& missing() const noexcept { return missing_; }
    [[nodiscard]] DropoutDetector& dropouts() noexcept { return dropouts_; }
    [[nodiscard]] const DropoutDetector& dropouts() const noexcept { return dropouts_; }
    [[nodiscard]] const LevelWindows& levels() const noexcept { return levels_; }

    /// Without what was lost on the way, which is told at the end of the print.
    [[nodiscard]] TrackResult result(const PrintFacts& facts) const;

  private:
    /// A frame's delays, of the channels that are sure.
    struct DelayPoint {
        double at_s = 0.0; ///< its middle, programme time
        std::array<float, 2> sure{};
        std::array<double, 2> delay_s{};
        [[nodiscard]] bool both() const noexcept { return std::min(sure[0], sure[1]) >= kDelaySure; }
        [[nodiscard]] bool any() const noexcept { return std::max(sure[0], sure[1]) >= kDelaySure; }
        /// Mean of the channels that are sure; any() must hold.
        [[nodiscard]] double delay() const noexcept {
            return both() ? 0.5 * (delay_s[0] + delay_s[1]) : delay_s[sure[0] >= kDelaySure ? 0 : 1];
        }
    };
    /// Where the first stretch begins that is not in the return.
    [[nodiscard]] std::optional<double> first_missing_s(int channel) const;
    [[nodiscard]] std::vector<MissingStretch> long_holes(double least_s) const;
    [[nodiscard]] std::vector<MissingStretch> all_missing(double least_s) const;
    [[nodiscard]] bool followed(const PrintFacts& facts, std::int64_t frames) const;
    void judge_presence(const PrintFacts& facts, TrackResult& result) const;
    void judge_levels(const PrintFacts& facts, TrackResult& result) const;
    void judge_response(const PrintFacts& facts, TrackResult& result) const;
    void judge_delay(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const;
    void judge_dropouts(const PrintFacts& facts, TrackResult& result) const;
    void judge_missing(const PrintFacts& facts, TrackResult& result) const;
    void judge_azimuth(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const;
    void judge_wow(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const;
    /// Of a change that stays.
    struct Place {
        double at_s = 0.0;
        std::optional<double> within_s = {}; ///< empty: it was so from the track's beginning
    };
    /// What a close look is to find: a change of the delay, or of the time between channels, within from_s ... to_s.
    struct Close {
        double from_s = 0.0, to_s = 0.0;
        double change_us = 0.0;
        bool apart = false;
        double behind_s = 0.0; ///< the place lies so long behind where the change begins to show
        std::span<const double> ramps_s;
    };
    [[nodiscard]] Place placed(double origin_s, const ChangePoint& change, double behind_s) const;
    [[nodiscard]] Place level_place(int channel, double window_s, double change_db, bool highs) const;
    [[nodiscard]] std::optional<Place> close_place(const Close& close) const;
    [[nodiscard]] Place azimuth_place(double slot_s, double figure_us, const std::vector<DelayPoint>& points) const;
    [[nodiscard]] Place speed_place(double half_way_s, double start_delay_s, double change_ppm,
                                    const std::vector<DelayPoint>& points) const;
    [[nodiscard]] double change_place_s(double start_delay_s, double change_ppm,
                                        const std::vector<DelayPoint>& points) const;
    void judge_speed_change(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const;
    void add_seconds(const PrintFacts& facts, TrackResult& result, const std::vector<DelayPoint>& points) const;
    void add_figures(const PrintFacts& facts, TrackResult& result) const;
    [[nodiscard]] std::vector<DelayPoint> delay_points(const PrintFacts& facts) const;
    void judge_silence(const PrintFacts& facts, TrackResult& result) const;
    void note_quiet(TrackResult& result) const;

    /// A frame waits for the next one: what borders on a missing stretch holds a part of it and is not measured.
    struct Held {
        bool any = false;
        std::int64_t frame = 0;
        FrameFigures figures;
        std::array<FrameUse, 2> use{};
        std::array<double, 2> behind{};
        std::array<bool, 2> after_missing{};
    };
    void measure_held(const std::array<bool, 2>& before_missing);

    double rate_hz_;
    double frame_s_;
    TrackPlan plan_;
    LevelReference reference_;
    LevelWindows levels_;
    LevelTrace trace_;
    DelayCloseUp close_up_;
    ChannelMatcher match_;
    DropoutDetector dropouts_;
    SilenceWatch silence_;
    MissingWatch missing_;
    TrackSpectrum spectrum_;
    Held held_;
};

} // namespace overbias::mastering
