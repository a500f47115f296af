// SPDX-License-Identifier: Apache-2.0
#include "mastering/transfer/transfer_monitor.hpp"

#include "dsp/analysis/azimuth.hpp"
#include "dsp/meters/stereo_meters.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

namespace overbias::mastering {

namespace {

constexpr double kAzimuthStretch_s = 5.0;
constexpr double kLeastConfidence = 0.3; ///< below that a stretch says nothing of the whole

} // namespace

struct TransferMonitor::Impl {
    double rate_hz;
    GapFinder gaps;
    HoleWatch holes;
    dsp::StereoMeters meters;
    std::size_t reader = meters.add_reader();
    dsp::ProgrammeAzimuth azimuth_of;
    std::vector<float> left, right; ///< of the stretch that runs
    std::size_t stretch_frames;
    std::vector<AzimuthOfStretch> azimuth = {};
    MonitorFigures figures = {};
    double left_right = 0.0, left_left = 0.0, right_right = 0.0;
    std::int64_t frames = 0;

    Impl(double rate, const GapRule& rule)
        : rate_hz(rate), gaps(rate, rule), holes(rate), meters({.sample_rate_hz = rate}), azimuth_of({.rate_hz = rate}),
          stretch_frames(static_cast<std::size_t>(rate * kAzimuthStretch_s)) {
        left.reserve(stretch_frames);
        right.reserve(stretch_frames);
    }

    void gather(std::span<const float> interleaved) {
        for (std::size_t i = 0; i + 1 < interleaved.size(); i += 2) {
            left.push_back(interleaved[i]);
            right.push_back(interleaved[i + 1]);
            if (left.size() == stretch_frames) {
                end_stretch(static_cast<double>(frames + static_cast<std::int64_t>(i / 2) + 1) / rate_hz);
            }
        }
    }

    void end_stretch(double end_s) {
        const dsp::AzimuthEstimate estimate = azimuth_of.alone(left, right);
        if (estimate.found) {
            azimuth.push_back({end_s - kAzimuthStretch_s, estimate.delay_us, estimate.spread_us, estimate.averaging_s,
                               estimate.confidence, estimate.reversed});
            figures.azimuth = azimuth.back();
        }
        left.clear();
        right.clear();
    }

    void correlate(std::span<const float> interleaved) {
        double both = 0.0, first = 0.0, second = 0.0;
        for (std::size_t i = 0; i + 1 < interleaved.size(); i += 2) {
            const auto l = static_cast<double>(interleaved[i]), r = static_cast<double>(interleaved[i + 1]);
            both += l * r;
            first += l * l;
            second += r * r;
        }
        left_right += both;
        left_left += first;
        right_right += second;
    }

    void take_figures() {
        const dsp::StereoReading now = meters.read(reader);
        for (std::size_t c = 0; c < 2; ++c) {
            figures.true_peak_dbtp[c] = std::max(figures.true_peak_dbtp[c], now.true_peak_dbtp[c]);
            figures.sample_peak_dbfs[c] = std::max(figures.sample_peak_dbfs[c], now.sample_peak_dbfs[c]);
            figures.rms_dbfs[c] = now.rms_dbfs[c];
            figures.clips[c] += now.clips[c];
        }
        figures.momentary_lufs = now.momentary_now_lufs;
        figures.short_term_lufs = now.short_term_now_lufs;
        figures.momentary_max_lufs = std::max(figures.momentary_max_lufs, now.momentary_lufs);
        figures.short_term_max_lufs = std::max(figures.short_term_max_lufs, now.short_term_lufs);
        figures.correlation = now.correlation;
        figures.noise_dbfs = gaps.noise_dbfs();
        figures.gap_threshold_dbfs = gaps.threshold_dbfs();
        figures.holes = holes.count();
    }
};

TransferMonitor::TransferMonitor(double rate_hz, const GapRule& gaps) : impl_(std::make_unique<Impl>(rate_hz, gaps)) {
}
TransferMonitor::~TransferMonitor() = default;

void TransferMonitor::push(std::span<const float> interleaved, bool real) {
    Impl& it = *impl_;
    it.meters.process(interleaved);
    it.gaps.push(interleaved, real);
    if (!real) {
        it.holes.interrupt();
        it.left.clear();
        it.right.clear();
    }
    it.holes.push(interleaved, it.gaps.noise_dbfs());
    if (real) {
        it.gather(interleaved);
    } else {
        it.holes.interrupt();
    }
    it.correlate(interleaved);
    it.frames += static_cast<std::int64_t>(interleaved.size() / 2);
    it.take_figures();
}

MonitorFigures TransferMonitor::figures() const {
    MonitorFigures figures = impl_->figures;
    figures.integrated_lufs = impl_->meters.loudness().integrated_lufs();
    if (const auto range = impl_->meters.loudness().range()) {
        figures.range_lu = range->lu;
    }
    if (const double power = std::sqrt(impl_->left_left * impl_->right_right); power > 0.0) {
        figures.whole_correlation = impl_->left_right / power;
    }
    return figures;
}

const GapFinder& TransferMonitor::gaps() const noexcept {
    return impl_->gaps;
}
const std::vector<SuspectedHole>& TransferMonitor::holes() const noexcept {
    return impl_->holes.found();
}
std::uint64_t TransferMonitor::hole_count() const noexcept {
    return impl_->holes.count();
}
const std::vector<AzimuthOfStretch>& TransferMonitor::azimuth() const noexcept {
    return impl_->azimuth;
}

/// The median of the stretches, each with the weight of its confidence.
std::optional<AzimuthOfStretch> TransferMonitor::whole_azimuth() const {
    std::vector<AzimuthOfStretch> sure;
    std::copy_if(impl_->azimuth.begin(), impl_->azimuth.end(), std::back_inserter(sure),
                 [](const AzimuthOfStretch& one) { return one.confidence >= kLeastConfidence; });
    if (sure.empty()) {
        return std::nullopt;
    }
    std::sort(sure.begin(), sure.end(), [](const auto& a, const auto& b) { return a.delay_us < b.delay_us; });
    double weight = 0.0, reversed = 0.0;
    AzimuthOfStretch whole;
    for (const AzimuthOfStretch& one : sure) {
        weight += one.confidence;
        reversed += one.reversed ? one.confidence : 0.0;
        whole.averaging_s += one.averaging_s;
    }
    double reached = 0.0;
    for (const AzimuthOfStretch& one : sure) {
        reached += one.confidence;
        whole.delay_us = one.delay_us;
        if (reached >= weight / 2.0) {
            break;
        }
    }
    double squares = 0.0;
    for (const AzimuthOfStretch& one : sure) {
        squares += one.confidence * (one.delay_us - whole.delay_us) * (one.delay_us - whole.delay_us);
    }
    whole.spread_us = std::sqrt(squares / weight);
    whole.confidence = weight / static_cast<double>(sure.size());
    whole.reversed = reversed > weight / 2.0;
    return whole;
}

} // namespace overbias::mastering
