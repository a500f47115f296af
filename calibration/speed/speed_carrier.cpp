// SPDX-License-Identifier: Apache-2.0
#include "calibration/speed/speed_carrier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace overbias::calibration {

namespace {

constexpr std::size_t kChunk = 4096;
constexpr double kSpoilt_s = 0.001; ///< beside what the demodulator's filter spoils round a drop-out

dsp::FlutterGapConfig gap_config(const dsp::FmDemodulator& demodulator, double rate_hz) {
    return {.rate_hz = demodulator.output_rate_hz(),
            .guard_s = static_cast<double>(demodulator.taps()) / rate_hz + kSpoilt_s,
            .widest_deviation = demodulator.widest_deviation()};
}

} // namespace

SpeedCarrier::SpeedCarrier(double rate_hz, double carrier_hz)
    : demodulator_({.rate_hz = rate_hz, .carrier_hz = carrier_hz}), gaps_(gap_config(demodulator_, rate_hz)),
      cell_samples_(static_cast<std::size_t>(std::lround(kCell_s * demodulator_.output_rate_hz()))),
      waiting_(gaps_.delay()), demodulated_(demodulator_.most_outputs(kChunk)) {
}

void SpeedCarrier::process(std::span<const float> samples) {
    for (; !samples.empty(); samples = samples.subspan(std::min(samples.size(), kChunk))) {
        const std::size_t come = demodulator_.process(samples.first(std::min(samples.size(), kChunk)), demodulated_);
        for (std::size_t n = 0; n < come; ++n) {
            const auto out = gaps_.rt_process(demodulated_[n]);
            if (waiting_ > 0) {
                --waiting_;
                continue;
            }
            if (cells_.empty() || cells_.back().all == cell_samples_) {
                cells_.emplace_back();
            }
            Cell& cell = cells_.back();
            ++cell.all;
            if (out.good) {
                cell.sum += static_cast<double>(out.deviation);
                ++cell.good;
            }
        }
    }
}

std::optional<double> SpeedCarrier::deviation(double last_s) const {
    const auto wanted = static_cast<std::size_t>(std::max(1L, std::lround(last_s / kCell_s)));
    const std::size_t whole = cells_.empty() || cells_.back().all == cell_samples_ ? cells_.size() : cells_.size() - 1;
    if (whole < wanted) {
        return std::nullopt;
    }
    double sum = 0.0;
    std::size_t good = 0;
    for (std::size_t n = whole - wanted; n < whole; ++n) {
        sum += cells_[n].sum;
        good += cells_[n].good;
    }
    return 2 * good > wanted * cell_samples_ ? std::optional(sum / static_cast<double>(good)) : std::nullopt;
}

std::optional<SteadyMean> SpeedCarrier::mean(double skip_s) const {
    std::vector<double> tenths;
    for (auto n = static_cast<std::size_t>(std::lround(skip_s / kCell_s)); n < cells_.size(); ++n) {
        const Cell& cell = cells_[n];
        if (cell.all < cell_samples_) {
            break; // the last one
        }
        tenths.push_back(2 * cell.good > cell.all ? cell.sum / static_cast<double>(cell.good)
                                                  : std::numeric_limits<double>::quiet_NaN());
    }
    return steady_mean(tenths);
}

} // namespace overbias::calibration
