// SPDX-License-Identifier: Apache-2.0
#include "transport/stop_model.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::transport {

namespace {

constexpr double kFirstDeadTime_s = 0.08;
constexpr double kSpeedWidth = 0.7;       // of the weights, in natural logarithm of speed: a factor of two
constexpr double kPlaceWidth = 0.2;       // and as a share of the tape
constexpr double kLeastWeight = 1e-3;     // a stop far off still tells a little
constexpr double kCounterNoise_m = 0.002; // an edge or two of the roller
constexpr double kLeastScatter = 0.002, kMostScatter = 0.3;
constexpr double kScatterMemory = 0.1;
constexpr double kRefitSpeed = 0.03, kRefitPlace = 0.01; // a fit serves this far around, in the units of the widths
constexpr double kLeastSpeed_m_s = 0.02;

double square(double value) noexcept {
    return value * value;
}

} // namespace

StopModel::Vector StopModel::terms(double speed_m_s, double place_m, double at_m) const noexcept {
    return {1.0, speed_m_s, speed_m_s * (place_m - at_m) / config_.tape_length_m};
}

const StopModel::Fit& StopModel::fit_near(std::size_t kind, double speed_m_s, double place_m) const {
    Fit& fit = fits_[kind];
    const double log_speed = std::log(speed_m_s);
    if (fit.valid && std::abs(log_speed - fit.log_speed) < kRefitSpeed &&
        std::abs(place_m - fit.place_m) < kRefitPlace * config_.tape_length_m) {
        return fit;
    }
    fit = {.valid = true, .log_speed = log_speed, .place_m = place_m};
    // Prior: first guess, and how wrong it may be.
    const double first_b = 0.5 / config_.first_deceleration_m_s2;
    const Vector prior_mean{kFirstDeadTime_s, first_b, 0.0};
    const Vector prior_deviation{kFirstDeadTime_s, 0.6 * first_b, 0.5 * first_b};
    Matrix precision{};
    Vector right{};
    for (std::size_t i = 0; i < kTerms; ++i) {
        precision[i][i] = 1.0 / square(prior_deviation[i]);
        right[i] = prior_mean[i] * precision[i][i];
    }
    const double scatter_squared = scatter_squared_[kind];
    for (const StopSample& stop : stops_[kind]) {
        const double off_speed = (std::log(stop.speed_m_s) - log_speed) / kSpeedWidth;
        const double off_place = (stop.place_m - place_m) / (kPlaceWidth * config_.tape_length_m);
        const double nearness = std::max(std::exp(-0.5 * (square(off_speed) + square(off_place))), kLeastWeight);
        const double noise_m2 = scatter_squared * square(stop.run_on_m) + square(kCounterNoise_m);
        const double weight = nearness * square(stop.speed_m_s) / noise_m2; // of s / v
        const Vector row = terms(stop.speed_m_s, stop.place_m, place_m);
        const double seen = stop.run_on_m / stop.speed_m_s;
        for (std::size_t i = 0; i < kTerms; ++i) {
            right[i] += weight * row[i] * seen;
            for (std::size_t j = 0; j < kTerms; ++j) {
                precision[i][j] += weight * row[i] * row[j];
            }
        }
    }
    // The inverse of a symmetric positive definite 3 x 3 by cofactors; it is never singular thanks to the prior.
    const auto cofactor = [&precision](std::size_t i, std::size_t j) {
        const std::size_t i1 = (i + 1) % 3, i2 = (i + 2) % 3, j1 = (j + 1) % 3, j2 = (j + 2) % 3;
        return precision[i1][j1] * precision[i2][j2] - precision[i1][j2] * precision[i2][j1];
    };
    double determinant = 0.0;
    for (std::size_t j = 0; j < kTerms; ++j) {
        determinant += precision[0][j] * cofactor(0, j);
    }
    for (std::size_t i = 0; i < kTerms; ++i) {
        for (std::size_t j = 0; j < kTerms; ++j) {
            fit.covariance[i][j] = cofactor(j, i) / determinant;
            fit.mean[i] += fit.covariance[i][j] * right[j];
        }
    }
    return fit;
}

RunOn StopModel::evaluate(const Fit& fit, double speed_m_s, double place_m, double scatter) const {
    const Vector row = terms(speed_m_s, place_m, fit.place_m);
    double time_s = 0.0, variance_s2 = 0.0;
    for (std::size_t i = 0; i < kTerms; ++i) {
        time_s += row[i] * fit.mean[i];
        for (std::size_t j = 0; j < kTerms; ++j) {
            variance_s2 += row[i] * fit.covariance[i][j] * row[j];
        }
    }
    RunOn out;
    out.expected_m = std::max(speed_m_s * time_s, 0.0);
    out.deviation_m = std::sqrt(square(speed_m_s) * std::max(variance_s2, 0.0) + square(scatter * out.expected_m) +
                                square(kCounterNoise_m));
    return out;
}

RunOn StopModel::run_on(StopKind kind, double speed_m_s, double place_m) const {
    if (!(speed_m_s > 0.0)) {
        return {};
    }
    const auto index = static_cast<std::size_t>(kind);
    const Fit& fit = fit_near(index, std::max(speed_m_s, kLeastSpeed_m_s), place_m);
    return evaluate(fit, speed_m_s, place_m, std::sqrt(scatter_squared_[index]));
}

void StopModel::learn(const StopSample& sample) {
    const auto kind = static_cast<std::size_t>(sample.kind);
    const bool sane = kind < kStopKinds && std::isfinite(sample.place_m) && std::isfinite(sample.speed_m_s) &&
                      std::isfinite(sample.run_on_m) && sample.speed_m_s >= kLeastSpeed_m_s && sample.run_on_m > 0.0;
    if (!sane) {
        return;
    }
    // how well it was foretold says how much stops scatter, once ignorance is not the larger part
    const Fit& fit = fit_near(kind, sample.speed_m_s, sample.place_m);
    const RunOn ignorance = evaluate(fit, sample.speed_m_s, sample.place_m, 0.0);
    const double scatter = std::sqrt(scatter_squared_[kind]);
    if (ignorance.deviation_m < std::max(scatter * sample.run_on_m, 2.0 * kCounterNoise_m)) {
        const double off_squared =
            std::max(square(sample.run_on_m - ignorance.expected_m) - square(ignorance.deviation_m), 0.0) /
            square(sample.run_on_m);
        scatter_squared_[kind] =
            std::clamp(scatter_squared_[kind] + kScatterMemory * (off_squared - scatter_squared_[kind]),
                       square(kLeastScatter), square(kMostScatter));
    }
    auto& stops = stops_[kind];
    if (stops.size() >= kRemembered) {
        // it takes the place of the one most like it: what is rare (a stop from full wind at the reel's end) stays
        const auto unlike = [&](const StopSample& stop) {
            return square(std::log(stop.speed_m_s / sample.speed_m_s) / kSpeedWidth) +
                   square((stop.place_m - sample.place_m) / (kPlaceWidth * config_.tape_length_m));
        };
        stops.erase(std::min_element(stops.begin(), stops.end(), [&](const StopSample& one, const StopSample& other) {
            return unlike(one) < unlike(other);
        }));
    }
    stops.push_back(sample);
    fits_[kind].valid = false;
}

std::vector<StopSample> StopModel::samples() const {
    std::vector<StopSample> out;
    for (const auto& stops : stops_) {
        out.insert(out.end(), stops.begin(), stops.end());
    }
    return out;
}

} // namespace overbias::transport
