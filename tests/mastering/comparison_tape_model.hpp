// SPDX-License-Identifier: Apache-2.0
// A deck for the comparison's tests, as plain as will do: what was played goes through record gain, saturation and
// drop-outs onto a tape that moves unevenly, and is read back through a fractional delay, response, azimuth, noise and
// a second crystal. It is written from the closed forms, apart from the product and from the simulated deck.
#pragma once

#include "mastering/off_tape_comparison.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace comparison_test {

/// Interleaved stereo at 48 kHz, full scale 1.0.
using Stereo = std::vector<float>;

inline constexpr double kModelRate = 48000.0;
inline constexpr double kOperatingDbfs = -14.0;

struct TapeFault {
    double programme_s = 0.0; ///< in the first track
    double length_ms = 20.0;
    double depth_db = 20.0; ///< flat; spacing: at 10 kHz, smooth edges
    int channel = 0;
    bool spacing = false;
};

struct DeckModel {
    unsigned seed = 1;
    double head_m = 0.0351;
    double speed_ips = 15.0;
    double speed_error = 0.0004;
    double wow_peak = 0.00015, wow_hz = 0.53;
    double capstan_peak = 0.0001, capstan_hz = 11.7;
    double scrape_peak = 0.00006, scrape_hz = 187.0;
    double play_ppm = 7.0, capture_ppm = -13.0;
    double round_trip_frames = 61.37;
    std::array<double, 2> gain_db{0.35, -0.4};
    double bump_db = 0.5, treble_db = -0.5; ///< at 60 Hz, above 12 kHz
    double noise_db = -60.0;                ///< re operating level, RMS, unweighted
    double rest_noise_dbfs = -100.0;
    double azimuth_s = 0.6e-6, weave_s = 3.1e-6;
    bool saturation = true;
    double clock_jitter_s = 0.0;
    /// Level of what lies above 3 kHz, from the coating's unevenness and contact with the head: wanders at random
    /// between + and - this, on each channel for itself.
    double hf_flutter_db = 0.0;

    // faults
    std::vector<TapeFault> dropouts;
    bool monitor_input = false, monitor_sync = false;
    bool no_record = false; ///< what was on the tape plays on
    bool no_bias = false;
    bool swap = false;
    std::array<bool, 2> invert{}, mute{};
    double programme_gain_db = 0.0;            ///< after the slate, both channels
    double droop_db = 0.0, droop_from_s = 0.0; ///< in the track
    double treble_droop_db = 0.0, treble_droop_from_s = 0.0;
    double speed_change = 0.0, speed_change_from_s = 0.0; ///< of the track
    /// The reproduce head tilts at once when this place of the track is at the record head.
    double tilt_s = 0.0, tilt_from_s = 0.0;
    /// Speed swings from here on, beginning at nominal.
    double late_wow_peak = 0.0, late_wow_hz = 0.8, late_wow_from_s = 0.0;
    double hum_dbfs = -200.0;
    double residue_db = -200.0; ///< old programme left after erasing
    std::int64_t lost_return_at = -1, lost_return_frames = 0;
    double missing_from_s = -1.0, missing_s = 0.0; ///< in the first track: recorded silence
    int missing_channel = -1;                      ///< -1: both
    double input_from_s = -1.0;                    ///< in the first track: the return is the deck's input from here on
    /// Read again later and brought to the reference's time base: no head delay, a lag of half a millisecond and what
    /// the warp has left.
    bool replay = false;
    double late_noise_db = 0.0; ///< the tape's noise rises by this behind the first track
};

/// The plan of a test print.
struct PrintModel {
    double lead_s = 3.4; ///< playback frames before the slate: rest, start, record
    double record_at_s = 2.2;
    double play_at_s = 1.2;
    double slate_s = 3.0;
    double gap_s = 1.5;
    double post_s = 1.0;
    Stereo old_tape; ///< plays from the tape's start until it is erased
    bool slate = true;
    struct Tone {
        double hz = 0.0, level_db = 0.0, duration_s = 2.0;
    };
    std::vector<Tone> tones; ///< behind the slate, level re operating level
    Stereo voice;            ///< behind the tones
};

struct Printed {
    overbias::mastering::ComparisonResult result;
    overbias::mastering::LiveComparison live_after_slate;
    double cpu_ns_per_frame = 0.0; ///< of the comparison
};

[[nodiscard]] overbias::mastering::ComparisonConfig model_config();

/// Prints slate, gap and the tracks on the modelled deck and compares, in blocks as a card delivers them.
[[nodiscard]] Printed print_tracks(
    const DeckModel& deck, const PrintModel& plan, const std::vector<const Stereo*>& tracks,
    const overbias::mastering::ComparisonConfig& config = model_config(),
    const std::function<void(overbias::mastering::OffTapeComparison&, std::int64_t track_frame)>& before_end = {});
[[nodiscard]] Printed print_track(const DeckModel& deck, const Stereo& programme);

/// All findings' words, for messages.
[[nodiscard]] std::string describe(const overbias::mastering::ComparisonResult& result);
[[nodiscard]] bool names(const overbias::mastering::ComparisonResult& result, const std::string& reason,
                         int channel = -2);

} // namespace comparison_test
