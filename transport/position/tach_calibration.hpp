// SPDX-License-Identifier: Apache-2.0
// Edges a metre of the tape roller, measured: a length of tape known by a rule passes the roller in the direction of
// play while the edges are counted.
//   edges_per_metre = edges / length
//   its uncertainty (share) = sqrt((1 edge / edges)^2 + (reading error / length)^2)
// Accepted up to 0.2 %, the counter accuracy Studer states for the A80/R (deploy.doczz.net/doc/5740441).
// Pure. Thread: any, one at a time.
#pragma once

#include "base/result.hpp"
#include "transport/machine.hpp"

#include <string>

namespace overbias::transport {

struct TachCalibrationResult {
    double edges_per_metre = 0.0;
    double edges_per_inch = 0.0;
    double uncertainty = 0.0; ///< share
    double edges = 0.0;
    std::string message; ///< for the operator
};

class TachCalibration {
  public:
    /// `edges_per_metre`: what the counter's metres are made with now. Throws std::invalid_argument unless above 0.
    explicit TachCalibration(double edges_per_metre);

    /// The tape stands, a mark is being drawn. Answers what to do next.
    Result<std::string> begin(double place_m, PositionKnowledge knowledge);
    /// Every few milliseconds while the tape moves.
    void observe(double place_m, PositionKnowledge knowledge) noexcept;
    [[nodiscard]] bool under_way() const noexcept { return under_way_; }
    /// By the counter as it is set now.
    [[nodiscard]] double counted_m() const noexcept { return last_m_ - from_m_; }
    /// The tape stands again; `length_m` is what really passed. Ends it when it succeeds; the error says what is wrong
    /// and what to do.
    Result<TachCalibrationResult> finish(double place_m, double length_m, double reading_error_m = 0.001);
    /// How much tape is needed for the accuracy wanted, with that reading error.
    [[nodiscard]] double least_length_m(double reading_error_m) const noexcept;

    static constexpr double kMostUncertainty = 0.002;

  private:
    double edges_per_metre_;
    bool under_way_ = false, doubtful_ = false;
    double from_m_ = 0.0, last_m_ = 0.0, furthest_m_ = 0.0;
    double back_m_ = 0.0; ///< the furthest it was moved backwards on the way
};

} // namespace overbias::transport
