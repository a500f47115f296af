// SPDX-License-Identifier: Apache-2.0
// The level chart of an installation: what operating level on tape is in the converters, on the lines and on the VU
// meters. Every figure is measured, once per installation and line-up; the two of the converters are always there (the
// configuration asks for them), a conversion that needs one of the others is empty while that is not known.
//
// dBFS is that of a sine: 20 log10(peak), a full-scale sine is 0 dBFS (EBU Tech 3341). dBu: 0 dBu is the voltage of 1
// mW in 600 ohm, sqrt(0.6) V rms. VU: level on the line relative to the line level at which the meter shows 0. All
// levels are those of a steady sine at mid frequencies, where the response is flat. Every scale is the level relative
// to operating level plus a constant, so that a conversion is one addition and its inverse gives back what went in.
// Pure functions, any thread.
#pragma once

#include "base/units.hpp"
#include "tape/fluxivity.hpp"

#include <cmath>
#include <optional>

namespace overbias::tape {

/// Where a level is told, and in what.
enum class LevelScale {
    ReOperating, ///< dB relative to operating level on tape
    PlayDbfs,    ///< what we send to the playback converter
    PlayDbu,     ///< on the line into the deck
    PlayVu,      ///< a VU meter on that line
    CaptureDbfs, ///< what comes from the capture converter
    CaptureDbu,  ///< on the line out of the deck
    CaptureVu,   ///< a VU meter on that line
};

struct LevelChart {
    double play_dbfs_at_operating_level = 0.0;    ///< a sine sent at this level is recorded at operating level
    double capture_dbfs_at_operating_level = 0.0; ///< operating level off tape comes back at this level
    // Empty: not measured.
    std::optional<double> play_dbu_at_full_scale{};    ///< the playback converter's output for a 0 dBFS sine
    std::optional<double> capture_dbu_at_full_scale{}; ///< the line level that the capture converter reads as 0 dBFS
    std::optional<double> dbu_at_0_vu{};
    std::optional<Fluxivity> operating_level{};

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

    /// Operating level on a scale; empty where a figure that it needs is not known.
    [[nodiscard]] constexpr std::optional<double> operating_level_on(LevelScale scale) const noexcept {
        switch (scale) {
        case LevelScale::ReOperating:
            return 0.0;
        case LevelScale::PlayDbfs:
            return play_dbfs_at_operating_level;
        case LevelScale::PlayDbu:
            return plus(play_dbu_at_full_scale, play_dbfs_at_operating_level);
        case LevelScale::PlayVu:
            return less(operating_level_on(LevelScale::PlayDbu), dbu_at_0_vu);
        case LevelScale::CaptureDbfs:
            return capture_dbfs_at_operating_level;
        case LevelScale::CaptureDbu:
            return plus(capture_dbu_at_full_scale, capture_dbfs_at_operating_level);
        case LevelScale::CaptureVu:
            return less(operating_level_on(LevelScale::CaptureDbu), dbu_at_0_vu);
        }
        return std::nullopt;
    }
    /// A level on one scale told on another. Between the play side and the capture side it goes over the tape: what is
    /// recorded at a level relative to operating level is reproduced at it.
    [[nodiscard]] constexpr std::optional<double> convert(double value, LevelScale from, LevelScale to) const noexcept {
        const auto there = less(operating_level_on(to), operating_level_on(from));
        return plus(there, value);
    }
    /// The flux of a level, as the school of `operating_level` marks it.
    [[nodiscard]] std::optional<Fluxivity> fluxivity(double value, LevelScale from) const noexcept {
        const auto level_db = convert(value, from, LevelScale::ReOperating);
        if (!level_db || !operating_level) {
            return std::nullopt;
        }
        return Fluxivity{.nwb_per_m = operating_level->nwb_per_m * amplitude_from_db(*level_db),
                         .school = operating_level->school};
    }
    /// The level of a flux, whatever school marked it.
    [[nodiscard]] std::optional<double> level_of(const Fluxivity& flux, LevelScale to) const noexcept {
        return operating_level ? convert(level_db(flux, *operating_level), LevelScale::ReOperating, to) : std::nullopt;
    }

    /// As measured: a sine sent at `dbfs` gave `dbu` on the line into the deck.
    constexpr void set_play_line(double dbfs, double dbu) noexcept { play_dbu_at_full_scale = dbu - dbfs; }
    /// As measured: a sine of `dbu` on the line out of the deck was captured as `dbfs`.
    constexpr void set_capture_line(double dbu, double dbfs) noexcept { capture_dbu_at_full_scale = dbu - dbfs; }

  private:
    static constexpr std::optional<double> plus(const std::optional<double>& a, double b) noexcept {
        return a ? std::optional(*a + b) : std::nullopt;
    }
    static constexpr std::optional<double> less(const std::optional<double>& a,
                                                const std::optional<double>& b) noexcept {
        return a && b ? std::optional(*a - *b) : std::nullopt;
    }
};

/// dBu of an rms voltage above 0.
[[nodiscard]] inline double dbu_from_volts(double volts_rms) noexcept {
    return power_db(volts_rms * volts_rms / 0.6);
}
[[nodiscard]] inline double volts_from_dbu(double dbu) noexcept {
    return std::sqrt(0.6 * power_from_db(dbu));
}

} // namespace overbias::tape
