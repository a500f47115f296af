// SPDX-License-Identifier: Apache-2.0
// The laid out side of a print: slate, gaps and tracks as one row of sections in sample-exact frames. It comes from a
// side of a reel plan, or from a list of files, and is checked before anything moves.
#pragma once

#include "audio/sound_file.hpp"
#include "base/result.hpp"
#include "mastering/plan/reel_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// What a list of files is printed with; of a side of a plan: what the job needs to know of it.
struct PrintRequest {
    std::vector<std::string> files; ///< in order
    SlateTone slate;
    std::optional<double> start_m; ///< counter position of the slate's onset; empty: from where the tape stands
    double lead_in_s = 1.0;        ///< in record, before the slate: shows that the tape was silent
    double gap_s = 3.0;            ///< after the slate and between files
    double post_roll_s = 2.0;
    /// Every print has a timing of its own: lead-in and first gap are up to 0.25 s longer than asked for, by this
    /// number. So a print of the same files that stands on the tape already, found again at the same place, cannot be
    /// taken for this one. 0: a new number is drawn.
    std::uint64_t timing_seed = 0;
    double trim_db = 0.0;              ///< of every file (a plan has them in PrintPlan::trims_db)
    bool stop_on_bias_failure = false; ///< the bias monitor may end it
};

/// What the installation gives to a print.
struct PrintInstallation {
    double sample_rate_hz = 48000.0;
    int converter_bits = 24;
    double tape_speed_ips = 15.0;
    double tape_length_m = 762.0;
    double spare_m = 5.0; ///< kept free at the end of the tape
    double play_dbfs_at_operating_level = 0.0;
};

/// One stretch of the continuous stream of frames that goes to the deck.
struct ProgrammeSection {
    enum class Kind { LeadIn, Slate, Tone, Voice, Gap, Track, PostRoll } kind = Kind::LeadIn;
    std::int64_t first_frame = 0; ///< from the start of the stream
    std::int64_t frames = 0;
    /// Slate (0) and Tone: into `tones`. Track, and Gap before a track: into `files`. Else -1.
    int index = -1;
    [[nodiscard]] bool silent() const noexcept {
        return kind == Kind::LeadIn || kind == Kind::Gap || kind == Kind::PostRoll;
    }
};

struct PrintPlan {
    PrintRequest request;
    std::vector<SlateTone> tones;              ///< the first is the slate of the proof; none on a side that goes on
    std::optional<audio::SoundFileInfo> voice; ///< spoken after the tones
    double voice_trim_db = 0.0;
    std::vector<audio::SoundFileInfo> files; ///< one a track
    std::vector<double> trims_db;            ///< one a track
    std::size_t first_track = 0;             ///< of the side's tracks, which files[0] is
    std::vector<ProgrammeSection> sections;
    std::int64_t frames = 0;   ///< whole stream
    double own_timing_s = 0.0; ///< of its length: what makes this print's timing its own
    [[nodiscard]] double duration_s(double sample_rate_hz) const {
        return static_cast<double>(frames) / sample_rate_hz;
    }
};

/// What a file named in a plan is. A caller that has read it already, or knows uploads, gives its own.
using FileInspector = std::function<Result<audio::SoundFileInfo>(const std::string& file)>;

/// Where the stream of a side begins.
struct SideStart {
    std::uint64_t timing_seed = 0;   ///< as in PrintRequest
    std::size_t first_track = 0;     ///< above 0: a print that goes on before this track, without lead-in and slate
    double gap_s = 0.0;              ///< then: what is left of the gap before it
    std::optional<double> start_m{}; ///< goes before the side's own
    bool any_length = false;         ///< it need not fit on the tape: the caller checks that
};

/// Inspects every file and lays the print out. Errors name the file and what to do: unusable file, too long for the
/// tape, nothing to print.
[[nodiscard]] Result<PrintPlan> make_print_plan(const PrintRequest& request, const PrintInstallation& installation);

/// A reel plan of one side with these files: what `overbias print FILES` means.
[[nodiscard]] ReelPlan reel_plan_of(const PrintRequest& request, const PrintInstallation& installation);

/// A side of a reel plan laid out. Errors as above. Speed and tape are the plan's, rate and levels the installation's.
[[nodiscard]] Result<PrintPlan> lay_out_side(const ReelPlan& plan, std::size_t side,
                                             const PrintInstallation& installation, const SideStart& start = {},
                                             const FileInspector& inspect = {});

} // namespace overbias::mastering
