// SPDX-License-Identifier: Apache-2.0
// What a prerecorded tape carries: calibration tapes, flutter tapes, with what goes wrong with them. Full track: both
// tracks of the deck read the same. Pure data; any thread.
#pragma once

#include "base/result.hpp"
#include "deck-sim/equalisation.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace overbias::deck_sim {

struct TapeTone {
    double frequency_hz = 1000.0;
    double level_db = 0.0; ///< re the tape's reference fluxivity; at other frequencies the standard's flux comes on top
    double seconds = 10.0;
    double announcement_s = 0.0; ///< somebody speaks before the tone
    double gap_s = 0.5;          ///< silence after the announcement and after the tone
};

/// A hole in the coating, across the whole tape.
struct TapeHole {
    double at_s = 0; ///< from the tape's first announcement or tone
    double length_ms = 20.0;
    double depth_db = 3.0;
};

struct TapeContent {
    Equalisation equalisation = Equalisation::Iec1;
    double speed_ips = 15.0;     ///< that it was made for, whatever the deck runs at
    double fluxivity_db = 0.0;   ///< reference fluxivity re the deck's operating level
    double azimuth_rad = 0.0;    ///< of its record; makers hold 300e-6
    double fringing_db = 0.6;    ///< a narrower head reads full-track tape this much too high at long wavelengths; a
                                 ///< working figure. 0: a tape that makes up for it
    double begin_m = 2.0;        ///< leader before it
    std::vector<TapeTone> tones; ///< in their order
    std::vector<TapeHole> holes;
    /// Until the last tone and its gap are over.
    [[nodiscard]] double length_s() const noexcept {
        double sum_s = 0.0;
        for (const TapeTone& tone : tones) {
            sum_s += (tone.announcement_s > 0.0 ? tone.announcement_s + tone.gap_s : 0.0) + tone.seconds + tone.gap_s;
        }
        return sum_s;
    }
};

/// Reads `KIND:key=value,...`, for example `calibration:standard=NAB,ips=15,tones=1000/10000/50,seconds=20`. What it
/// does not say is as in `usual` (standard and speed). An Error names the kind or key and what was expected.
[[nodiscard]] Result<TapeContent> parse_tape(std::string_view text, const TapeContent& usual = {});
/// The kinds with their keys and defaults, for --help. Ends with a newline.
[[nodiscard]] std::string tape_help();

} // namespace overbias::deck_sim
