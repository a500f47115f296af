// SPDX-License-Identifier: Apache-2.0
// The level chart of an installation: what in the converters is operating level on tape. Both figures are measured once
// per installation and deck line-up and have no default on real hardware.
//
// dBFS is that of a sine: 20 log10(peak), a full-scale sine is 0 dBFS (EBU Tech 3341). Pure functions, any thread.
#pragma once

namespace overbias::tape {

struct LevelChart {
    double play_dbfs_at_operating_level = 0.0;    ///< a sine sent at this level is recorded at operating level
    double capture_dbfs_at_operating_level = 0.0; ///< operating level off tape comes back at this level

    /// dBFS to send for a level relative to operating level.
    [[nodiscard]] constexpr double play_dbfs(double level_re_operating_db) const noexcept {
        return play_dbfs_at_operating_level + level_re_operating_db;
    }
    /// Level relative to operating level that a sent dBFS asks for.
    [[nodiscard]] constexpr double sent_re_operating_db(double dbfs) const noexcept {
        return dbfs - play_dbfs_at_operating_level;
    }
    /// Level relative to operating level of what was captured.
    [[nodiscard]] constexpr double captured_re_operating_db(double dbfs) const noexcept {
        return dbfs - capture_dbfs_at_operating_level;
    }
    /// dBFS at which a level on tape is expected to come back.
    [[nodiscard]] constexpr double capture_dbfs(double level_re_operating_db) const noexcept {
        return capture_dbfs_at_operating_level + level_re_operating_db;
    }
    /// Highest level relative to operating level that fits the playback converter.
    [[nodiscard]] constexpr double play_headroom_db() const noexcept { return -play_dbfs_at_operating_level; }
};

} // namespace overbias::tape
