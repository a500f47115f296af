// SPDX-License-Identifier: Apache-2.0
// SolSearch: the saturation output level (SOL), the most that can be got off tape at a high frequency (10, 14, 16 kHz),
// and the level that must be sent for it. It is told readings and says which level to send next.
//
// Output against input in dB rises by 1 dB a dB, bends and, where the tape erases what it records, falls again. The
// search climbs until the output has fallen (and goes down from a beginning that was too high), then reads on and
// around the top until its error is small. The top is that of a cubic fitted to the readings
// (dsp/analysis/local_fit.hpp), those far below the top counting less:
//     y'(x_sol) = 0,  SOL = y(x_sol);  errors by the fit's covariance, of x_sol: error of y' over the curvature.
// A curve that only flattens has no top within the readings: the answer is "more than the highest output read".
//
// All levels in dB of whatever references the caller keeps: one for what is sent, one for what is read. Thread: one; no
// allocation.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace overbias::dsp {

class LocalFit;

struct SolReading {
    double sent_db = 0.0, output_db = 0.0;
    double error_db = 0.0; ///< standard error of the output, 0: not known
};

struct SolSearchConfig {
    double first_sent_db = -20.0;
    double lowest_sent_db = -60.0, highest_sent_db = 0.0;
    double longest_step_db = 4.0;   ///< beyond the levels sent so far
    double reading_error_db = 0.05; ///< standard error of a reading at least
    double tolerance_db = 0.1;      ///< the search ends when the SOL's standard error is below
    std::size_t most_readings = 24; ///< and after so many in any case; at most SolSearch::kMostReadings
};

struct SolResult {
    enum class Verdict {
        Nothing, ///< fewer than three readings
        Found,
        MoreThan ///< the output still rises at the highest level sent: `output_db` is the highest read
    };
    Verdict verdict = Verdict::Nothing;
    double output_db = 0.0, error_db = 0.0;    ///< the SOL, as read, and its standard error
    double sent_db = 0.0, sent_error_db = 0.0; ///< what must be sent for it; of MoreThan: what was sent
    double rises_db_per_db = 0.0;              ///< at the highest level sent: 1 where nothing is compressed
    std::size_t readings = 0;
};

class SolSearch {
  public:
    static constexpr std::size_t kMostReadings = 64;
    /// Throws std::invalid_argument for limits in the wrong order or figures that are not positive.
    explicit SolSearch(const SolSearchConfig& config = {});

    /// What to send next; empty when the search has ended.
    [[nodiscard]] std::optional<double> next_level() const noexcept;
    /// False, and nothing changes, when there are kMostReadings or a figure is not finite.
    bool add(const SolReading& reading) noexcept;
    [[nodiscard]] SolResult result() const noexcept;
    void reset() noexcept { count_ = 0; }

  private:
    struct Top {
        double sent_db = 0.0, sent_error_db = 0.0, output_db = 0.0, error_db = 0.0;
    };
    [[nodiscard]] LocalFit fit() const noexcept;
    [[nodiscard]] double highest_place(const LocalFit& curve) const noexcept;
    [[nodiscard]] std::optional<Top> top() const noexcept;
    [[nodiscard]] double lowest_sent() const noexcept;
    [[nodiscard]] double rises() const noexcept;
    [[nodiscard]] double highest_sent() const noexcept;
    [[nodiscard]] std::span<const SolReading> readings() const noexcept { return std::span(readings_).first(count_); }

    SolSearchConfig config_;
    std::array<SolReading, kMostReadings> readings_{};
    std::size_t count_ = 0;
};

} // namespace overbias::dsp
