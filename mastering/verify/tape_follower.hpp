// SPDX-License-Identifier: Apache-2.0
// TapeFollower: follows a tape that plays with a speed of its own along the programme it should carry, and gives the
// return back on the programme's time base.
//
// Frames of about 85 ms of the programme, every half of that, are compared with the return at the place and speed
// expected (the return is read between its samples for it, so a constant speed error does not blur the comparison). The
// peak of the cross-correlation inside 400 Hz to 5 kHz (dsp/analysis/delay_estimator.hpp) is the place. Where nothing
// can be compared the map goes on along the line of the last seconds; where programme is audible and does not fit, the
// tape is lost: the search opens with the time that has passed, and after some seconds the return is looked for in the
// programme around (mastering/programme_match.hpp), so that a tape that was cut is found again. Channels that have
// changed places are followed as well.
//
// Shapes: interleaved stereo, full scale 1.0, one nominal rate. Thread: one. Allocates.
#pragma once

#include "mastering/programme_match.hpp"
#include "mastering/verify/return_map.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::mastering {

/// Where the tape is on the programme.
struct FollowPlace {
    double programme_frame = 0.0;
    double return_frame = 0.0;
    double speed = 1.0; ///< return frames a programme frame: 1.002 plays 0.2 % slow
    double uncertainty_frames = 48.0;
};

/// A stretch of the programme in which the tape could not be followed.
struct LostStretch {
    std::int64_t from_frame = 0, to_frame = 0; ///< of the programme
    double return_frame = 0.0;                 ///< of its beginning
    enum class Kind {
        Drop,    ///< nothing of it was heard, and the tape ran on
        Missing, ///< it is not on the tape: the tape goes on with what comes after it
        Repeated ///< the tape goes back: so much of it comes twice
    } kind = Kind::Drop;
};

class TapeFollower {
  public:
    /// Programme frames with the return that belongs to them, in order, without gaps. `heard`: false: the tape does not
    /// carry them (the return is silence).
    using Out = std::function<void(std::int64_t first_frame, std::span<const float> programme,
                                   std::span<const float> came, bool heard)>;
    /// Some seconds of the programme at kMatchRate_hz, for a tape that is lost; empty when there is none.
    using Stretch = std::function<std::vector<float>(double from_s, double duration_s)>;

    /// `apart` runs the search for a tape that is lost on another thread (some tenths of a second of work), or at once;
    /// `stretch` is called there.
    using Apart = std::function<void(std::function<void()>)>;
    TapeFollower(double rate_hz, Out out, Stretch stretch = {}, Apart apart = {});
    ~TapeFollower();

    /// Frames of the programme that come are numbered from `first_frame`; what is before the first is silence.
    void begin(std::int64_t first_frame, const FollowPlace& place);
    void push_programme(std::span<const float> stereo);
    /// A jump in the numbers is filled with silence; the caller knows of it.
    void push_return(std::int64_t first_frame, std::span<const float> stereo);
    /// How much of the programme is wanted next.
    [[nodiscard]] std::int64_t programme_wanted() const noexcept;
    /// Gives out what is left, as far as there is return.
    void finish();

    [[nodiscard]] bool lost() const noexcept;
    /// Programme frames given out so far, one past the last.
    [[nodiscard]] std::int64_t given_to() const noexcept;
    /// Programme frames looked at so far: some seconds more than are given out.
    [[nodiscard]] std::int64_t looked_to() const noexcept;
    /// Programme frame that is heard at a return frame, as known now.
    [[nodiscard]] double programme_at(double return_frame) const noexcept;
    [[nodiscard]] const std::vector<LostStretch>& lost_stretches() const noexcept;

    /// Every knot that was measured, kept for the figures of speed, wow and azimuth.
    struct Point {
        std::int64_t programme_frame = 0;
        double return_frame = 0.0;
        float azimuth_frames = 0.0F; ///< right behind left
        bool both = false;           ///< azimuth is known
        int branch = 0;
    };
    [[nodiscard]] const std::vector<Point>& points() const noexcept;
    [[nodiscard]] std::int64_t hop_frames() const noexcept;
    [[nodiscard]] std::int64_t frame_size() const noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::mastering
