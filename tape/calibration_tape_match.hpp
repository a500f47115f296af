// SPDX-License-Identifier: Apache-2.0
// Which calibration tape is this? From the tones that were heard off a tape, as frequencies and levels: the tape that
// carries them, the speed it was made for, the equalisation it was made with, and what does not fit. Pure functions
// over the facts of tape/calibration_tape.hpp and tape/equalisation.hpp; nothing is heard here
// (dsp/analysis/tape_tones.hpp does that).
//
// Frequencies: a tape made for one speed and played at another has all its tones moved by one ratio, a power of two
// between the speeds there are (3.75, 7.5, 15, 30 ips), times the deck's speed error (up to kMostSpeedError). Each
// ratio is tried; the error is the median over the tones, and a tone is the tape's when it then lies within
// kToneWithin of one of them.
//
// Levels: after one gain for all tones, a tape of one standard on a machine set to another reads the difference of the
// two (mismatch_db). Each pair of standards there is at these speeds is tried. The gain is the one that leaves the
// smallest mean distance, where no tone counts for more than kOutlierCap_db, so that a drop-out or a fringing low tone
// does not turn the verdict; of pairs that fit alike the one is taken that asks for fewer wrong settings.
//
// Ranking: a penalty for each tone missing or foreign, for order, speed, wrong standards and what is left of the
// levels; the weights stand in the source. They are choices of this code, not of any standard.
#pragma once

#include "tape/calibration_tape.hpp"
#include "tape/equalisation.hpp"

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::tape {

struct HeardTone {
    double frequency_hz = 0.0;
    double level_db = 0.0; ///< any reference, the same for all
    std::optional<double> duration_s;
};

/// What the machine that the tape is heard on is believed to be set to.
struct MachineSetting {
    double speed_ips = 15.0;
    std::optional<Equalisation> equalisation; ///< empty: not known
};

inline constexpr double kMostSpeedError = 0.06; ///< relative: a varispeed left on, and more
inline constexpr double kToneWithin = 0.015;    ///< relative
inline constexpr double kOutlierCap_db = 2.0;

struct TapeFit {
    static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

    std::size_t tape = 0;             ///< of the tapes asked about
    double nominal_ratio = 1.0;       ///< heard over recorded frequency, a power of two
    double speed_error = 0.0;         ///< relative, on top of that
    bool speed_as_set = true;         ///< nominal_ratio is that of the machine's speed and this tape's
    std::vector<std::size_t> tones;   ///< of each heard tone: which of the tape's it is, or kNone
    std::vector<std::size_t> missing; ///< tones of the tape that were not heard
    std::vector<std::size_t> foreign; ///< heard tones that are none of its
    bool in_order = true;             ///< always true where the tape's order is not known

    /// The standards that explain the levels best; empty for a tape without equalisation or speeds without a standard.
    std::optional<Equalisation> tape_equalisation, machine_equalisation;
    /// Those and no others do, to 0.5 dB. False as well with fewer than five tones, or fewer than three that fringing
    /// does not reach: a low tone that reads high and a high one that is not aligned look like another standard.
    bool equalisation_certain = false;
    double gain_db = 0.0;              ///< heard level less the level on tape
    double residual_db = 0.0;          ///< mean distance that is left, each capped
    std::vector<std::size_t> outliers; ///< heard tones 1.5 dB and more off that fit (drop-outs, fringing, a worn tape)

    double penalty = 0.0; ///< 0: everything fits
};

struct TapeMatch {
    std::vector<TapeFit> fits;    ///< best first; empty: none of the tapes carries these tones
    std::size_t equally_good = 0; ///< so many of the first cannot be told apart by what was heard (fluxivity cannot)
};

/// `still_playing`: the tape has not ended, so tones that are missing may come yet.
[[nodiscard]] TapeMatch match_calibration_tape(std::span<const HeardTone> heard, std::span<const CalibrationTape> tapes,
                                               const MachineSetting& machine, bool still_playing = false);

/// What a fit says, in words: which tape, and one sentence for each thing that is not as it should be (speed, standard,
/// missing, order, levels).
[[nodiscard]] std::string match_text(const TapeFit& fit, std::span<const HeardTone> heard,
                                     std::span<const CalibrationTape> tapes, const MachineSetting& machine);

} // namespace overbias::tape
