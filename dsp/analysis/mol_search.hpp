// SPDX-License-Identifier: Apache-2.0
// MolSearch: the maximum output level (MOL), the level at which the third harmonic of a tone (1 kHz; 315 Hz at low
// speeds) off tape is 3 % of its fundamental. It is told readings and says which level to send next; a recording of a
// staircase of tones is told all at once.
//
// Third harmonic re fundamental in dB, r, against the level sent in dB, x: a bend without a memory, y = x + c x^3 +
// ..., makes it rise by 2 dB a dB at small levels (a3 / a1 = c A^2 / 4 + ...) and faster near saturation. r(x) and the
// level of the fundamental g(x) are fitted about the target (dsp/analysis/local_fit.hpp; known beforehand: slopes 2 +-
// 0.5 and 0.9 +- 0.3 dB a dB), readings further from the target counting less, because the model holds less there:
//     r(x_mol) = 20 log10(3 %),  MOL = g(x_mol),  errors by the fit's covariance.
// Where readings on both sides of 3 % say that the fit's place can not be right (a clipper), the middle between them is
// read next. A reading whose third harmonic does not stand 10 dB over the noise in its band says nothing but to send
// more.
//
// All levels in dB of whatever references the caller keeps: one for what is sent, one for what is read. Thread: one; no
// allocation.
#pragma once

#include "dsp/analysis/distortion.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace overbias::dsp {

struct MolReading {
    double sent_db = 0.0;
    double fundamental_db = 0.0;
    double third_db = 0.0;    ///< level of the third harmonic, same reference as the fundamental
    double noise_db = -200.0; ///< what noise in the third harmonic's band amounts to, same reference
};
/// Of a stretch that measure_distortion() has read; a third harmonic above the band reads -200 dB.
[[nodiscard]] MolReading mol_reading(double sent_db, const Distortion& read) noexcept;

struct MolSearchConfig {
    double target_percent = 3.0; ///< above 0
    double first_sent_db = -20.0;
    double lowest_sent_db = -60.0, highest_sent_db = 0.0;
    double longest_step_db = 6.0;   ///< up from the highest level sent so far
    double reading_error_db = 0.05; ///< standard error of a reading besides its noise
    double tolerance_db = 0.1;      ///< the search ends when the MOL's standard error is below
    std::size_t most_readings = 16; ///< and after so many in any case; at most MolSearch::kMostReadings
    double extrapolates_db = 3.0;   ///< beyond the readings, in what is sent
};

struct MolResult {
    enum class Verdict {
        Nothing,      ///< no reading from which anything follows
        Found,        ///< between readings, to within its error
        Extrapolated, ///< a little beyond them
        MoreThan,     ///< the loudest reading is still below 3 %: `bound_db` is its level
        LessThan      ///< the softest reading is already above: `bound_db` is its level
    };
    Verdict verdict = Verdict::Nothing;
    double output_db = 0.0;                    ///< the MOL, as read; Found and Extrapolated
    double error_db = 0.0;                     ///< its standard error
    double sent_db = 0.0, sent_error_db = 0.0; ///< what must be sent for it
    std::optional<double> bound_db;            ///< not of Found
    std::size_t readings = 0, above_noise = 0; ///< told; told something
};

class MolSearch {
  public:
    static constexpr std::size_t kMostReadings = 64;
    /// Throws std::invalid_argument for limits in the wrong order or figures that are not positive.
    explicit MolSearch(const MolSearchConfig& config = {});

    /// What to send next; empty when the search has ended.
    [[nodiscard]] std::optional<double> next_level() const noexcept;
    /// False, and nothing changes, when there are kMostReadings or a figure is not finite.
    bool add(const MolReading& reading) noexcept;
    [[nodiscard]] MolResult result() const noexcept;
    void reset() noexcept { count_ = 0; }

  private:
    struct Estimate {
        double sent_db = 0.0, sent_error_db = 0.0, output_db = 0.0, output_error_db = 0.0;
    };
    [[nodiscard]] double ratio_db(const MolReading& reading) const noexcept;
    [[nodiscard]] static bool stands_out(const MolReading& reading) noexcept;
    [[nodiscard]] bool tells(const MolReading& reading) const noexcept;
    [[nodiscard]] std::pair<double, double> told() const noexcept;
    [[nodiscard]] std::optional<Estimate> estimate() const noexcept;
    [[nodiscard]] std::span<const MolReading> readings() const noexcept { return std::span(readings_).first(count_); }

    MolSearchConfig config_;
    std::array<MolReading, kMostReadings> readings_{};
    std::size_t count_ = 0;
};

} // namespace overbias::dsp
