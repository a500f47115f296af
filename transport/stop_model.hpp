// SPDX-License-Identifier: Apache-2.0
// StopModel: how far the tape runs on after the stop key, learned from every stop that was seen.
//   s = tau v + b v^2: tau the time until the brakes act, b = 1 / (2 a) for the deceleration a of a brake of constant
//   torque. Divided by v it is linear in what is to be learned, with a slope c along the tape because the packs'
//   radii and masses change the brake's effect:
//     s / v = tau + b v + c v (x - x0) / length
// Bayesian linear regression of that (C. M. Bishop, Pattern Recognition and Machine Learning, 3.3), each stop weighted
// by its nearness in speed (logarithm) and place, so that a brake that is not of constant torque is met by pieces. The
// posterior tells how sure the answer is; before anything was learned it is the first guess and not sure at all.
// Thread: any (no sharing: a query keeps its last fit).
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::transport {

/// What moved the tape when the stop key was pressed.
enum class StopKind { Forward, Rewind, Play };
inline constexpr std::size_t kStopKinds = 3;

/// One stop that was seen.
struct StopSample {
    StopKind kind = StopKind::Forward;
    double speed_m_s = 0.0; ///< when the key was pressed; not signed
    double place_m = 0.0;   ///< where, by the counter
    double run_on_m = 0.0;  ///< from there to rest; not signed
    [[nodiscard]] bool operator==(const StopSample&) const = default;
};

struct RunOn {
    double expected_m = 0.0;
    double deviation_m = 0.0; ///< one standard deviation of a stop around that, ignorance included
};

struct StopModelConfig {
    double first_deceleration_m_s2 = 1.0; ///< until learned
    double tape_length_m = 762.0;         ///< scale of the changes along the tape
};

class StopModel {
  public:
    explicit StopModel(const StopModelConfig& config) : config_(config) {}

    [[nodiscard]] RunOn run_on(StopKind kind, double speed_m_s, double place_m) const;
    /// Samples that are not finite or not positive are ignored (they may come from a file).
    void learn(const StopSample& sample);
    /// What it remembers, oldest first: what a restart needs (learn() them again in this order).
    [[nodiscard]] std::vector<StopSample> samples() const;

    static constexpr std::size_t kRemembered = 96; ///< of each kind

  private:
    static constexpr std::size_t kTerms = 3;
    using Vector = std::array<double, kTerms>;
    using Matrix = std::array<Vector, kTerms>;
    /// The regression near one speed and place.
    struct Fit {
        bool valid = false;
        double log_speed = 0.0, place_m = 0.0;
        Vector mean{};
        Matrix covariance{};
    };
    [[nodiscard]] const Fit& fit_near(std::size_t kind, double speed_m_s, double place_m) const;
    [[nodiscard]] RunOn evaluate(const Fit& fit, double speed_m_s, double place_m, double scatter) const;
    [[nodiscard]] Vector terms(double speed_m_s, double place_m, double at_m) const noexcept;

    StopModelConfig config_;
    std::array<std::vector<StopSample>, kStopKinds> stops_; ///< newest last
    std::array<double, kStopKinds> scatter_squared_{kFirstScatter * kFirstScatter, kFirstScatter* kFirstScatter,
                                                    kFirstScatter* kFirstScatter};
    mutable std::array<Fit, kStopKinds> fits_;
    static constexpr double kFirstScatter = 0.03; ///< from stop to stop, as a share of the run-on
};

} // namespace overbias::transport
