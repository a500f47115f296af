// SPDX-License-Identifier: Apache-2.0
// What is to be printed, and where on the tape: files in order, slate, gaps. A plan is checked before anything moves.
#pragma once

#include "audio/sound_file.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::mastering {

/// The reference tone at the head of the print.
struct Slate {
    double frequency_hz = 1000.0;
    double duration_s = 10.0;
    double level_re_operating_db = 0.0;
};

struct PrintRequest {
    std::vector<std::string> files; ///< in order
    Slate slate;
    std::optional<double> start_m; ///< counter position of the slate's onset; empty: from where the tape stands
    double lead_in_s = 1.0;        ///< in record, before the slate: shows that the tape was silent
    double gap_s = 3.0;            ///< after the slate and between files
    double post_roll_s = 2.0;
    /// Every print has a timing of its own: lead-in and first gap are up to 0.25 s longer than asked for, by this
    /// number. So a print of the same files that stands on the tape already, found again at the same place, cannot be
    /// taken for this one. 0: a new number is drawn.
    std::uint64_t timing_seed = 0;
    double trim_db = 0.0;              ///< of every file
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
    enum class Kind { Silence, Slate, Track } kind = Kind::Silence;
    std::int64_t first_frame = 0; ///< from the start of the stream
    std::int64_t frames = 0;
    int track = -1; ///< index into files
};

struct PrintPlan {
    PrintRequest request;
    std::vector<audio::SoundFileInfo> files;
    std::vector<ProgrammeSection> sections;
    std::int64_t frames = 0; ///< whole stream
    [[nodiscard]] double duration_s(double sample_rate_hz) const {
        return static_cast<double>(frames) / sample_rate_hz;
    }
};

/// Inspects every file and lays the print out. Errors name the file and what to do: unusable file, too long for the
/// tape, nothing to print.
[[nodiscard]] Result<PrintPlan> make_print_plan(const PrintRequest& request, const PrintInstallation& installation);

} // namespace overbias::mastering
