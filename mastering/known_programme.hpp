// SPDX-License-Identifier: Apache-2.0
// What is known to lie where on a tape: the tracks of a print, from its report, or a file whose place somebody knows.
// A stretch of it round a place is what match_programme() looks for what came off tape in. Thread: any; reading a
// stretch may block on the disk.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::mastering {

struct KnownTrack {
    std::string name; ///< for messages
    std::filesystem::path file;
    double duration_s = 0.0;
    /// By the counter: where its first frame and the one after its last lie. What is between is on the straight line.
    double start_m = 0.0, end_m = 0.0;
    [[nodiscard]] double place_m(double programme_s) const noexcept {
        return start_m + (end_m - start_m) * programme_s / duration_s;
    }
    [[nodiscard]] double programme_s(double at_m) const noexcept {
        return duration_s * (at_m - start_m) / (end_m - start_m);
    }
};

struct KnownProgramme {
    std::string what;               ///< "print 0c5f... of 2026-11-23T..."
    std::vector<KnownTrack> tracks; ///< in order
    double speed_ips = 0.0;
    double uncertainty_m = 0.0; ///< of all of these places together, on the counter's scale
    std::string reel_uuid;      ///< empty: not known
    std::string made_utc;       ///< of a print's report

    [[nodiscard]] double begins_m() const noexcept { return tracks.front().start_m; }
    [[nodiscard]] double ends_m() const noexcept { return tracks.back().end_m; }
    /// Every place moved, such as from what the counter read at the record head to what it reads at the reproduce head.
    void shift(double by_m) noexcept;
};

/// From the text of a print's report (docs/report.md). The error says what it lacks.
[[nodiscard]] Result<KnownProgramme> programme_of_report(const std::string& report);
/// A file whose first frame is heard at a place of the counter, at a speed.
[[nodiscard]] Result<KnownProgramme> programme_of_file(const std::filesystem::path& file, double at_m,
                                                       double speed_ips);

/// What the tape carries between two places, as it sounds at its nominal speed.
struct ProgrammeStretch {
    std::vector<float> stereo; ///< interleaved, at kMatchRate_hz
    struct Piece {
        std::size_t track = 0;
        double at_s = 0.0;        ///< in the stretch
        double programme_s = 0.0; ///< what of the track is there
        double duration_s = 0.0;
    };
    std::vector<Piece> pieces; ///< in order

    struct Place {
        std::size_t track = 0;
        double programme_s = 0.0;
        double tape_m = 0.0;
    };
    /// What lies so far into the stretch; in a gap by the nearest piece.
    [[nodiscard]] Place at(double stretch_s, const KnownProgramme& programme) const;
};

/// The error is that of a file, or that no track lies there.
[[nodiscard]] Result<ProgrammeStretch> read_stretch(const KnownProgramme& programme, double from_m, double to_m);

} // namespace overbias::mastering
