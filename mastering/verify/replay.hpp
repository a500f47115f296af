// SPDX-License-Identifier: Apache-2.0
// Replay: a reel that is played later, against what should be on it. Finds where the tape is (by the slate's onset, or
// by the programme itself), follows it (tape_follower.hpp) and hands programme and return, brought to one time base, to
// the off-tape comparison (mode Replay), whose verdict on level, response, drop-outs, polarity and completeness is the
// print's. Speed, wow and the time between channels come from the follower's own map.
//
// Shapes: interleaved stereo, full scale 1.0, at the programme's rate. Thread: one; reads files, so not the audio
// thread. Searching a whole side takes a second or two: `apart` may do that elsewhere.
#pragma once

#include "mastering/off_tape_comparison.hpp"
#include "mastering/verify/tape_follower.hpp"
#include "mastering/verify/verify_programme.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

/// What the follower's map says of the tape's movement; what is null could not be told.
struct ReplayFigures {
    /// Tape against the programme's nominal rate, positive: it plays fast; the return's crystal taken out where its
    /// clock is known. Recording and playing machine together.
    std::optional<double> speed_error_ppm;
    double speed_uncertainty_ppm = 0.0; ///< of the line; the recording card's crystal (tens of ppm) comes on top
    std::optional<double> wow_percent;  ///< two standard deviations, unweighted, 0.2 to 5 Hz, both machines together
    std::optional<double> wow_peak_percent;
    double wow_seconds = 0.0;             ///< of tape that it rests on
    std::optional<double> azimuth_us;     ///< right behind left, median of all frames
    double azimuth_spread_us = 0.0;       ///< standard deviation of the frames: weave
    std::optional<double> followed_share; ///< of the programme's frames that were found
};

struct ReplayResult {
    bool found = false;              ///< the programme was found on the tape
    std::string found_by;            ///< "slate" or "programme", or why it was not found
    double begins_programme_s = 0.0; ///< of the row, where the comparison begins
    ComparisonResult comparison;
    std::vector<std::size_t> files; ///< which of the programme's files comparison.tracks[] are
    std::vector<double> from_s;     ///< programme time at which each of them began to be heard: 0 for a whole one
    ReplayFigures figures;
    std::vector<LostStretch> lost;
    std::optional<FollowPlace> began; ///< where it was found
};

struct ReplayStatus {
    enum class Phase { Searching, Following, Done } phase = Phase::Searching;
    double programme_s = 0.0; ///< of the row, what is compared now
    double heard_s = 0.0;     ///< of return so far
    bool lost = false;
    LiveComparison live;
};

class Replay {
  public:
    struct Options {
        /// Runs work on another thread, or at once. Replay must then be fed on until it is done.
        std::function<void(std::function<void()>)> apart = {};
    };
    /// Throws std::invalid_argument naming a file that can't be opened.
    Replay(const VerifyProgramme& programme, ComparisonConfig comparison, Options options);
    ~Replay();

    /// Where of the row the return is expected to begin, if the counter tells: the search goes so far around it. Before
    /// the first push_return(); else the whole row is searched.
    void expect(double row_s, double within_s);
    /// A jump in the numbers is a stretch that was lost on the way.
    [[nodiscard]] Result<void> push_return(std::int64_t first_frame, std::span<const float> stereo);
    /// As often as known: ties return frames to time, for the speed.
    void set_clock(ClockPoint tape_return);
    [[nodiscard]] ReplayStatus status() const;
    /// Ends it, wherever it is. Call once.
    [[nodiscard]] Result<ReplayResult> finish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
