// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/tape_defects.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/fir_design.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace overbias::deck_sim::magnetics {

TapeDefects::TapeDefects(double speed_ips, double cell_m, std::size_t most, std::size_t most_cells)
    : speed_ips_(speed_ips), cell_m_(cell_m), most_(most) {
    defects_.reserve(most);
    for (std::vector<float>& wide : wide_) {
        wide.resize(most_cells + kTaps);
    }
}

void TapeDefects::prepare(double depth_db) {
    Bank bank{depth_db, {}};
    const double speed = metres_per_second(speed_ips_);
    const double deepest_m = spacing_for_loss_m(depth_db, speed / 10000.0);
    for (std::size_t level = 0; level < kLevels; ++level) {
        const double distance = deepest_m * static_cast<double>(level) / static_cast<double>(kLevels - 1);
        bank.filters.push_back(zero_phase_fir(
            [&](double f) { return f <= 0.0 ? 1.0 : spacing_loss(distance, speed / f); }, speed / cell_m_, kTaps));
    }
    banks_.push_back(std::move(bank));
}

void TapeDefects::add(const TapeDefect& defect) noexcept {
    if (defects_.size() < most_) {
        defects_.push_back(defect); // within what was reserved
    } else if (most_ > 0) {
        defects_[next_] = defect;
        next_ = (next_ + 1) % most_;
    }
}

void TapeDefects::apply(Medium& medium, std::int64_t first, std::size_t count, float* left, float* right) noexcept {
    const double from = static_cast<double>(first) * cell_m_;
    const double to = static_cast<double>(first + static_cast<std::int64_t>(count)) * cell_m_;
    const std::array<float*, 2> window{left, right};
    for (const TapeDefect& defect : defects_) {
        const double margin = defect.spacing ? (defect.end_m - defect.begin_m) / 2.0 : 0.0;
        if (to <= defect.begin_m - margin || from >= defect.end_m + margin) {
            continue;
        }
        if (defect.spacing) {
            apply_spacing(medium, defect, first, count, window);
            continue;
        }
        const auto gain = static_cast<float>(amplitude_from_db(-defect.depth_db));
        const auto begin = static_cast<std::int64_t>(std::ceil(defect.begin_m / cell_m_)) - first;
        const auto end = static_cast<std::int64_t>(std::ceil(defect.end_m / cell_m_)) - first;
        const auto stop = static_cast<std::size_t>(std::clamp<std::int64_t>(end, 0, static_cast<std::int64_t>(count)));
        for (std::size_t c = 0; c < 2; ++c) {
            if (defect.channels[c]) {
                for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(begin, 0)); i < stop; ++i) {
                    window[c][i] *= gain;
                }
            }
        }
    }
}

void TapeDefects::apply_spacing(Medium& medium, const TapeDefect& defect, std::int64_t first, std::size_t count,
                                const std::array<float*, 2>& window) noexcept {
    const auto bank = std::find_if(banks_.begin(), banks_.end(),
                                   [&](const Bank& candidate) { return candidate.depth_db == defect.depth_db; });
    if (bank == banks_.end()) {
        return;
    }
    constexpr std::size_t kMiddle = kTaps / 2;
    medium.read(first - static_cast<std::int64_t>(kMiddle), count + kTaps - 1, wide_[0].data(), wide_[1].data());
    const double length = defect.end_m - defect.begin_m;
    const double middle = 0.5 * (defect.begin_m + defect.end_m);
    for (std::size_t i = 0; i < count; ++i) {
        const double place = static_cast<double>(first + static_cast<std::int64_t>(i)) * cell_m_;
        const double off = std::abs(place - middle) / length; // 0.5 at the half-depth points
        if (off >= 1.0) {
            continue;
        }
        const double level = (0.5 + 0.5 * std::cos(std::numbers::pi * off)) * static_cast<double>(kLevels - 1);
        const auto below = std::min(static_cast<std::size_t>(level), kLevels - 2);
        const auto share = static_cast<float>(level - static_cast<double>(below));
        const float* low = bank->filters[below].data();
        const float* high = bank->filters[below + 1].data();
        for (std::size_t c = 0; c < 2; ++c) {
            if (!defect.channels[c]) {
                continue;
            }
            const float* samples = wide_[c].data() + i;
            float at_low = 0.0F;
            float at_high = 0.0F;
            for (std::size_t t = 0; t < kTaps; ++t) {
                at_low += low[t] * samples[t];
                at_high += high[t] * samples[t];
            }
            window[c][i] = at_low + share * (at_high - at_low);
        }
    }
}

} // namespace overbias::deck_sim::magnetics
