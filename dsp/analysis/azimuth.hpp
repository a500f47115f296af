// SPDX-License-Identifier: Apache-2.0
// Time between the two channels of a head: azimuth, as far as a signal can tell it. Positive: the second channel is
// later.
//
// A head turned by theta against the tape reads its outer tracks at different times, t = d tan(theta) / v (d: distance
// of the tracks' centres, v: tape speed), a phase that rises with frequency, 360 f t degrees. Three ways, from firm to
// faint:
//  - tones: the phase at each, unwrapped from the lowest up, and the line through zero that fits them;
//  - programme beside its reference: each channel's delay against its own reference, and their difference, so that what
//  the
//    programme itself does between its channels does not matter;
//  - programme alone: the delay between channels where they agree. What was recorded with two microphones apart has
//  such
//    delays of its own, so that this is an estimate with a confidence and can not be held to a tolerance.
// The tape weaves and turns the azimuth by 600 urad peak to peak and more (3 us each way on quarter-inch tape at 15
// in/s), slowly, so every result states over which time it is an average and how far the single values spread.
//
// Thread: one an object. ProgrammeAzimuth allocates in its constructor only.
#pragma once

#include "dsp/analysis/programme_follower.hpp"

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::dsp {

/// Azimuth in radians of a delay, and the delay of an azimuth. Metres, metres a second, seconds.
[[nodiscard]] double azimuth_of_delay(double delay_s, double track_distance_m, double tape_speed_m_per_s);
[[nodiscard]] double delay_of_azimuth(double azimuth_rad, double track_distance_m, double tape_speed_m_per_s);

struct TonePhase {
    double frequency_hz = 0.0;
    double phase_rad = 0.0;  ///< of the second channel less the first, -pi ... pi; late is negative
    double error_rad = 0.0;  ///< standard error of that mean, noise and weave together
    double spread_rad = 0.0; ///< standard deviation of the single values, 20 ms each
    double averaging_s = 0.0;
};

/// Mean phase between the channels at the tone they share; frequency 0 when there is no such tone (both channels must
/// be a tone of one frequency for more than half their power). 50 ms or more.
[[nodiscard]] TonePhase tone_phase(std::span<const float> first, std::span<const float> second, double rate_hz);

struct ToneAzimuth {
    enum class Verdict {
        Resolved,      ///< one line through zero, and no other within reach
        NoTones,       ///< nothing to work from
        LowestTooHigh, ///< half a period of the lowest tone is less than `most_s`: whole periods may be missing
        StepTooWide,   ///< from `used` tones to the next one the line is not sure enough to count periods
        NotALine,      ///< the phases do not lie on a line through zero, not even with one channel reversed
    };
    Verdict verdict = Verdict::NoTones;
    double delay_us = 0.0;           ///< of the tones used
    double error_us = 0.0;           ///< standard error
    double averaging_s = 0.0;        ///< of the shortest tone used
    std::size_t used = 0;            ///< tones, from the lowest
    bool reversed = false;           ///< one channel is of opposite polarity
    double worst_residual_deg = 0.0; ///< of the tones used against the line
};

/// `tones` in any order (at most 32); most_s: largest delay that is possible.
[[nodiscard]] ToneAzimuth azimuth_from_tones(std::span<const TonePhase> tones, double most_s = 200e-6);

struct ProgrammeAzimuthConfig {
    double rate_hz = 48000.0;
    double low_hz = 1000.0, high_hz = 12000.0;
    double most_us = 60.0; ///< largest delay between the channels that is looked for
};

struct AzimuthEstimate {
    bool found = false;
    double delay_us = 0.0;
    double spread_us = 0.0;   ///< standard deviation of the single values, one a frame of 85 ms
    double error_us = 0.0;    ///< standard error of the mean, from the means of eighths of the stretch
    double averaging_s = 0.0; ///< length of the frames that count
    double used_share = 0.0;  ///< of the stretch
    /// Against the reference 1. From programme alone: the share of frames in which the channels agree (correlation of
    /// 0.8 or more) times the share of those within 5 us of the result, 0 ... 1.
    double confidence = 0.0;
    bool reversed = false; ///< one channel is of opposite polarity
};

class ProgrammeAzimuth {
  public:
    explicit ProgrammeAzimuth(const ProgrammeAzimuthConfig& config);
    [[nodiscard]] std::size_t frame() const noexcept { return follower_.size(); }

    /// Both channels of what was recorded and of what came back, four spans of one length. lag: by how many samples the
    /// capture is later, within +-reach samples (at most frame() / 4).
    [[nodiscard]] AzimuthEstimate against_reference(std::span<const float> reference_first,
                                                    std::span<const float> reference_second,
                                                    std::span<const float> first, std::span<const float> second,
                                                    double lag, double reach);
    /// From what the two channels have in common.
    [[nodiscard]] AzimuthEstimate alone(std::span<const float> first, std::span<const float> second);

  private:
    struct Frame {
        double delay_us;
        std::size_t at;
    };
    [[nodiscard]] AzimuthEstimate average(std::size_t length);

    ProgrammeAzimuthConfig config_;
    ProgrammeFollower follower_;
    std::vector<std::complex<float>> a_, b_;
    std::vector<Frame> frames_;
    std::vector<double> sorted_;
};

} // namespace overbias::dsp
