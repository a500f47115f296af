// SPDX-License-Identifier: Apache-2.0
// The plan of a reel: what is to be printed on which side, with which slate, leaders and gaps, and what the box has to
// say that nobody else knows. Plain data; docs/printing-a-reel.md shows every key. Read and written by
// reel_plan_text.hpp, checked by plan_check.hpp, laid out side by side by lay_out_side() (print_plan.hpp). What a plan
// file leaves out has been filled in from the installation (PlanDefaults) by the time there is a ReelPlan.
#pragma once

#include "base/units.hpp"
#include "mastering/off_tape_result.hpp"
#include "tape/equalisation.hpp"
#include "tape/fluxivity.hpp"
#include "tape/reel.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// A length of tape as people tell it: by time, in feet or in metres. In a plan it is text: "3 s", "12 ft", "3.5 m".
struct TapeSpan {
    enum class Unit { Seconds, Feet, Metres };
    double value = 0.0;
    Unit unit = Unit::Seconds;

    [[nodiscard]] constexpr double metres(double speed_ips) const noexcept {
        return unit == Unit::Seconds ? value * metres_per_second(speed_ips)
               : unit == Unit::Feet  ? tape::metres_from_feet(value)
                                     : value;
    }
    [[nodiscard]] constexpr double seconds(double speed_ips) const noexcept {
        return unit == Unit::Seconds ? value : metres(speed_ips) / metres_per_second(speed_ips);
    }
    [[nodiscard]] bool operator==(const TapeSpan&) const noexcept = default;
};

/// A tone of the slate, the same on both channels and in phase. The first of a side is the reference tone of the proof.
struct SlateTone {
    double frequency_hz = 1000.0;
    double duration_s = 10.0;
    double level_re_operating_db = 0.0;
    bool azimuth = false; ///< said on label and sheet: set azimuth by this one
    [[nodiscard]] bool operator==(const SlateTone&) const noexcept = default;
};

struct ReelSlate {
    double lead_in_s = 1.0;       ///< recorded silence before the first tone: shows that the tape was silent
    std::vector<SlateTone> tones; ///< at least one
    TapeSpan tone_gap{1.0, TapeSpan::Unit::Seconds}; ///< between tones, and before the voice slate
    std::string voice;                               ///< sound file spoken after the tones; empty: none
    double voice_trim_db = 0.0;
};

struct PlanTrack {
    std::string file; ///< absolute path, or "upload:ID"
    std::string title, version, artist, isrc;
    double trim_db = 0.0;
    std::optional<TapeSpan> gap; ///< before this track; empty: the plan's
    std::string sha256;          ///< that the file has to have, lower-case hexadecimal; empty: any

    /// The title, or the file's name where it has none.
    [[nodiscard]] std::string name() const;
};

struct PlanSide {
    std::string name;     ///< "A"
    bool new_tape = true; ///< another reel than the side before; the first side's always
    /// Counter place where the first tone begins. Empty: on a new tape recording begins where the head leader ends,
    /// else where the tape then stands after the side before and `gap`.
    std::optional<double> start_m;
    std::optional<TapeSpan> gap; ///< to the side before, on the same tape; empty: 10 s
    std::vector<PlanTrack> tracks;
};

/// Who let a print begin though the deck's alignment is old or missing, and why. Both or neither.
struct AlignmentOverride {
    std::string name, reason;
    [[nodiscard]] bool given() const noexcept { return !name.empty(); }
};

/// What is done with what is heard while it is printed. Everything is marked; what is in `warns` is told at once, what
/// is in `stops` ends the print. Words of a failure (off_tape_result.hpp), and "bias" for the bias monitor's.
struct LiveLimits {
    std::vector<std::string> warns, stops;
};

struct PlanTape {
    std::string stock; ///< id of its profile
    std::string batch; ///< as on the box; empty: not known
    double length_m = 0.0;
    double speed_ips = 0.0;
    tape::Equalisation equalisation = tape::Equalisation::Iec1;
    tape::Fluxivity operating_level{};
    TapeSpan head_leader{}, tail_leader{};       ///< at the ends of each reel, not recorded on
    TapeSpan spare{5.0, TapeSpan::Unit::Metres}; ///< kept free at the end besides
    bool tails_out = true;
};

struct ReelPlan {
    std::string title;
    std::string version, artist, catalogue_number, client, studio, engineer, date, noise_reduction, azimuth_note, notes;
    PlanTape tape;
    ReelSlate slate;
    TapeSpan gap{3.0, TapeSpan::Unit::Seconds}; ///< after the slate, and between tracks
    double post_roll_s = 2.0;
    bool split_sides = false; ///< a side that does not fit goes on at a track boundary on a new tape
    std::vector<PlanSide> sides;
    VerdictLimits limits;
    LiveLimits live;
    int alignment_within_days = 30; ///< a deck aligned longer ago is refused; 0: not asked for
    AlignmentOverride alignment_override;

    /// Reels it needs; and which of them (from 1) a side lies on.
    [[nodiscard]] int reels() const noexcept;
    [[nodiscard]] int reel_of(std::size_t side) const noexcept;
    [[nodiscard]] std::size_t tracks() const noexcept;
    /// Gap before a track of a side.
    [[nodiscard]] TapeSpan gap_before(std::size_t side, std::size_t track) const;
};

} // namespace overbias::mastering
