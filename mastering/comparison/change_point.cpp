// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/change_point.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>

namespace overbias::mastering {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kFewest = 8;              // values on either side of a change
constexpr double kLeastEvidence = 6.0;  // two levels and a place always fit better by about 3
constexpr double kInterval = 3.5;       // of the logarithm of likelihood
constexpr double kLongestMemory = 0.95; // more is no noise about a level
constexpr int kPlacesAStep = 2;
constexpr int kTurns = 3;
// A short ramp that begins earlier fits nearly as well as a step: it has to be better by this.
constexpr double kRampDoubt = 2.0;

/// Share of a value that lies behind a step u window lengths before its middle: integral of cos^4.
double behind(double u) {
    if (u <= -0.5) {
        return 0.0;
    }
    if (u >= 0.5) {
        return 1.0;
    }
    return u + 0.5 + (4.0 / 3.0) * std::sin(2.0 * kPi * u) / (2.0 * kPi) +
           (1.0 / 3.0) * std::sin(4.0 * kPi * u) / (4.0 * kPi);
}

/// The model between its levels: from `first` steps behind the place's step on, then 1.
struct Ramp {
    int first = 0;
    std::vector<double> part;
};

Ramp ramp_of(const ChangeSearch& search, double ramp_s, double offset_s) {
    constexpr int kPieces = 16;
    const double reach_s = 0.5 * search.window_s;
    Ramp ramp;
    ramp.first = static_cast<int>(std::floor((offset_s - reach_s) / search.step_s));
    const int last = static_cast<int>(std::ceil((offset_s + ramp_s + reach_s) / search.step_s));
    for (int i = ramp.first; i <= last; ++i) {
        double sum = 0.0;
        for (int p = 0; p < kPieces; ++p) {
            const double at_s = offset_s + ramp_s * (p + 0.5) / kPieces;
            sum += behind((i * search.step_s - at_s) / search.window_s);
        }
        ramp.part.push_back(sum / kPieces);
    }
    return ramp;
}

double level_of(const Ramp& ramp, int i) {
    const int at = i - ramp.first;
    return at < 0 ? 0.0 : at >= static_cast<int>(ramp.part.size()) ? 1.0 : ramp.part[static_cast<std::size_t>(at)];
}

/// A lane with its memory taken out, and running sums of it: each known value less what is remembered of the known one
/// before it, weighted by how much new there is in the rest.
class Sums {
  public:
    Sums(const TraceLane& values, double memory) {
        cc_.push_back(0.0);
        cz_.push_back(0.0);
        known_before_.push_back(0);
        int before = -1;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isfinite(values[i])) {
                Value value;
                value.at = static_cast<int>(i);
                value.before = before;
                value.remembered = before < 0 ? 0.0 : std::pow(memory, value.at - before);
                value.weight = (1.0 - memory * memory) / (1.0 - value.remembered * value.remembered);
                value.white =
                    static_cast<double>(values[i]) -
                    (before < 0 ? 0.0
                                : value.remembered * static_cast<double>(values[static_cast<std::size_t>(before)]));
                before = value.at;
                const double c = 1.0 - value.remembered;
                cc_.push_back(cc_.back() + value.weight * c * c);
                cz_.push_back(cz_.back() + value.weight * c * value.white);
                zz_ += value.weight * value.white * value.white;
                known_.push_back(value);
            }
            known_before_.push_back(static_cast<int>(known_.size()));
        }
    }

    [[nodiscard]] int count() const { return static_cast<int>(known_.size()); }
    /// Squares that are left with one level.
    [[nodiscard]] double left() const { return count() > 0 ? zz_ - cz_.back() * cz_.back() / cc_.back() : 0.0; }

    struct Fit {
        double less = 0.0;             ///< squares that the change takes away
        double before = 0.0, by = 0.0; ///< level before, and the change
    };
    /// With a ramp at a step; nullopt where either side has too few values.
    [[nodiscard]] std::optional<Fit> fit(const Ramp& ramp, int step) const {
        const int last_step = static_cast<int>(known_before_.size()) - 1;
        const int from_step = std::clamp(step + ramp.first, 0, last_step);
        const int to_step = std::clamp(step + ramp.first + static_cast<int>(ramp.part.size()), 0, last_step);
        const int from = known_before_[static_cast<std::size_t>(from_step)];
        // with the first one behind, whose memory reaches into the ramp
        const int to = std::min(count(), known_before_[static_cast<std::size_t>(to_step)] + 1);
        if (from < kFewest || count() - to < kFewest) {
            return std::nullopt;
        }
        double cs = cc_.back() - cc_[static_cast<std::size_t>(to)];
        double ss = cs;
        double sz = cz_.back() - cz_[static_cast<std::size_t>(to)];
        for (int n = from; n < to; ++n) {
            const Value& value = known_[static_cast<std::size_t>(n)];
            const double s = level_of(ramp, value.at - step) -
                             (value.before < 0 ? 0.0 : value.remembered * level_of(ramp, value.before - step));
            cs += value.weight * (1.0 - value.remembered) * s;
            ss += value.weight * s * s;
            sz += value.weight * s * value.white;
        }
        const double cc = cc_.back();
        const double cz = cz_.back();
        const double alone = ss - cs * cs / cc;
        if (!(alone > 1e-12 * ss)) {
            return std::nullopt;
        }
        Fit fit;
        const double along = sz - cs * cz / cc;
        fit.by = along / alone;
        fit.before = (cz - cs * fit.by) / cc;
        fit.less = along * along / alone;
        return fit;
    }

  private:
    struct Value {
        int at = 0, before = 0; ///< steps: its own, and that of the known value before it (-1: none)
        double remembered = 0.0, weight = 1.0, white = 0.0;
    };
    std::vector<Value> known_;
    std::vector<double> cc_, cz_;   ///< of the values up to each, weighted
    std::vector<int> known_before_; ///< known values before each step
    double zz_ = 0.0;
};

struct Place {
    int step = 0;
    std::size_t ramp = 0;
    double evidence = -std::numeric_limits<double>::infinity();
};

/// How much more likely a change at a place is than none, all lanes together.
double evidence_at(std::span<const Sums> lanes, const Ramp& ramp, int step) {
    double all = 0.0;
    bool any = false;
    for (const Sums& lane : lanes) {
        if (const auto fit = lane.fit(ramp, step)) {
            const double left = lane.left();
            all -= 0.5 * lane.count() * std::log(std::max(1e-9, 1.0 - fit->less / std::max(left, 1e-30)));
            any = true;
        }
    }
    return any ? all : -std::numeric_limits<double>::infinity();
}

/// Correlation of a lane's neighbours about the fitted levels.
double memory_of(const TraceLane& values, const Sums::Fit& fit, const Ramp& ramp, int step) {
    double same = 0.0;
    double next = 0.0;
    double before = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double off =
            static_cast<double>(values[i]) - fit.before - fit.by * level_of(ramp, static_cast<int>(i) - step);
        if (std::isfinite(off)) {
            same += off * off;
            next += std::isfinite(before) ? off * before : 0.0;
        }
        before = off;
    }
    return same > 0.0 ? std::clamp(next / same, 0.0, kLongestMemory) : 0.0;
}

/// Each step's class by drive, as many steps in every one; -1: not known.
std::vector<int> classes_of(std::span<const float> drive) {
    constexpr std::size_t kClasses = 16;
    std::vector<float> sorted;
    std::copy_if(drive.begin(), drive.end(), std::back_inserter(sorted), [](float x) { return std::isfinite(x); });
    std::vector<int> classes(drive.size(), -1);
    if (sorted.size() < 8 * kClasses) {
        return classes;
    }
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < drive.size(); ++i) {
        if (std::isfinite(drive[i])) {
            const auto below = std::lower_bound(sorted.begin(), sorted.end(), drive[i]) - sorted.begin();
            classes[i] = static_cast<int>(static_cast<std::size_t>(below) * kClasses / sorted.size());
        }
    }
    return classes;
}

/// A lane less the mean of what its fit leaves in each class.
TraceLane without_drive(const TraceLane& values, const std::vector<int>& classes, const Sums::Fit& fit,
                        const Ramp& ramp, int step) {
    std::array<double, 32> sum{};
    std::array<int, 32> count{};
    const auto known = [&](std::size_t i) { return i < classes.size() && classes[i] >= 0 && std::isfinite(values[i]); };
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (known(i)) {
            const auto k = static_cast<std::size_t>(classes[i]);
            sum[k] += static_cast<double>(values[i]) - fit.before - fit.by * level_of(ramp, static_cast<int>(i) - step);
            ++count[k];
        }
    }
    TraceLane out = values;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (known(i)) {
            const auto k = static_cast<std::size_t>(classes[i]);
            out[i] -= static_cast<float>(sum[k] / count[k]);
        }
    }
    return out;
}

} // namespace

std::optional<ChangePoint> find_change(std::span<const TraceLane> given, const ChangeSearch& search) {
    std::vector<TraceLane> lanes(given.begin(), given.end());
    const std::vector<int> classes = classes_of(search.drive);
    std::vector<Ramp> ramps;
    for (const double ramp_s : search.ramps_s) {
        for (int p = 0; p < kPlacesAStep; ++p) {
            ramps.push_back(ramp_of(search, ramp_s, search.step_s * p / kPlacesAStep));
        }
    }
    const auto size = lanes.empty() ? 0 : static_cast<int>(lanes.front().size());
    std::vector<double> memory(lanes.size(), 0.0);
    std::vector<Sums> sums;
    std::vector<Place> places;
    Place best;
    // First without memory, which the noise about each fit tells.
    for (int turn = 0; turn < kTurns; ++turn) {
        sums.clear();
        for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
            sums.emplace_back(lanes[lane], memory[lane]);
        }
        places.clear();
        best = {};
        for (int step = 0; step < size; ++step) {
            for (std::size_t r = 0; r < ramps.size(); ++r) {
                const double doubt = search.ramps_s[r / kPlacesAStep] > 0.0 ? kRampDoubt : 0.0;
                places.push_back({step, r, evidence_at(sums, ramps[r], step) - doubt});
                best = places.back().evidence > best.evidence ? places.back() : best;
            }
        }
        if (!(best.evidence > kLeastEvidence)) {
            return std::nullopt;
        }
        for (std::size_t lane = 0; turn + 1 < kTurns && lane < lanes.size(); ++lane) {
            if (const auto fit = sums[lane].fit(ramps[best.ramp], best.step)) {
                lanes[lane] = without_drive(given[lane], classes, *fit, ramps[best.ramp], best.step);
                memory[lane] = memory_of(lanes[lane], *fit, ramps[best.ramp], best.step);
            }
        }
    }
    const auto begin_s = [&](const Place& place) {
        const auto part = static_cast<int>(place.ramp % kPlacesAStep);
        return search.step_s * (place.step + static_cast<double>(part) / kPlacesAStep);
    };
    ChangePoint found;
    found.begin_s = begin_s(best);
    found.ramp_s = search.ramps_s[best.ramp / kPlacesAStep];
    found.earliest_s = found.latest_s = found.begin_s;
    found.evidence = best.evidence;
    const double half_s = 0.5 * search.step_s / kPlacesAStep;
    for (const Place& place : places) {
        if (place.evidence >= best.evidence - kInterval) {
            found.earliest_s = std::min(found.earliest_s, begin_s(place) - half_s);
            found.latest_s = std::max(found.latest_s, begin_s(place) + half_s);
        }
    }
    for (const Sums& lane : sums) {
        const auto fit = lane.fit(ramps[best.ramp], best.step);
        found.change.push_back(fit ? fit->by : 0.0);
    }
    return found;
}

} // namespace overbias::mastering
