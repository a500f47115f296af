// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/level_trace.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace overbias::mastering {
namespace {

constexpr std::int16_t kUnknown = std::numeric_limits<std::int16_t>::min();
// 20 dB; 10 dB in the two upper bands, where 5 ms hold enough of the noise for its mean to tell
constexpr std::array<float, dsp::kEnergyBands> kOverNoise{100.0F, 10.0F, 10.0F};
// Places between hops are told by a straight line between them: where a step begins in the middle of an attack its
// energy is not known well enough. Of the energy of a step, by which its first hop and the next step's may differ:
constexpr float kMostEdge = 0.15F;
constexpr float kMost_db = 12.0F; // further from the slate's level is a hole or a click

} // namespace

void LevelTrace::begin(std::int64_t first_frame, std::array<double, 2> gain, const LaneEnergies& noise_hop) {
    first_hop_ = (first_frame + hop_frames_ - 1) / hop_frames_;
    offset_s_ = static_cast<double>(first_hop_ * hop_frames_ - first_frame) * step_s_ /
                static_cast<double>(kTraceHops * hop_frames_);
    gain_ = gain;
    noise_hop_ = noise_hop;
    steps_.clear();
}

void LevelTrace::add(std::int64_t from_frame, std::int64_t to_frame, const EnergyTrack& sent, const EnergyTrack& came,
                     const ClockMap& clocks, std::array<double, 2> lag) {
    constexpr auto kHops = static_cast<int>(kTraceHops);
    while (true) {
        const std::int64_t hop = first_hop_ + static_cast<std::int64_t>(steps_.size()) * kTraceHops;
        if ((hop + kTraceHops) * hop_frames_ > to_frame) {
            return;
        }
        Step step;
        step.fill(kUnknown);
        const double mapped = clocks.return_frame(static_cast<double>(hop * hop_frames_));
        for (std::size_t c = 0; c < 2 && hop * hop_frames_ >= from_frame; ++c) {
            const double came_hop = (mapped + lag[c]) / static_cast<double>(hop_frames_);
            if (hop < sent.begin() || hop + kTraceHops >= sent.end() || !came.has(came_hop, kHops)) {
                continue;
            }
            const LaneEnergies x = sent.sum(static_cast<double>(hop), kHops);
            const LaneEnergies y = came.sum(came_hop, kHops);
            float peaks = 1e-12F;
            for (std::int64_t k = hop; k < hop + kTraceHops; ++k) {
                peaks += sent.at(k).emphasised_peak[c] * sent.at(k).emphasised_peak[c];
            }
            step[2 * dsp::kEnergyBands + c] = static_cast<std::int16_t>(std::lround(1000.0F * std::log10(peaks)));
            for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                const std::size_t lane = 2 * band + c;
                const float due = x[lane] * static_cast<float>(gain_[c]);
                const float noise = static_cast<float>(kHops) * noise_hop_[lane];
                const float there = y[lane] - noise;
                const float edge = sent.at(hop).energy[lane] - sent.at(hop + kTraceHops).energy[lane];
                if (!(due > kOverNoise[band] * noise) || !(there > 0.01F * due) ||
                    std::abs(edge) > kMostEdge * x[lane]) {
                    continue;
                }
                const float db = 10.0F * std::log10(there / due);
                if (std::abs(db) < kMost_db) {
                    step[lane] = static_cast<std::int16_t>(std::lround(1000.0F * db));
                }
            }
        }
        steps_.push_back(step);
    }
}

std::size_t LevelTrace::step_at(double programme_s) const noexcept {
    const double step = std::floor((programme_s - offset_s_) / step_s_);
    return step <= 0.0 ? 0 : std::min(steps_.size(), static_cast<std::size_t>(step));
}

TraceLane LevelTrace::values(std::size_t at, float unit, std::size_t first, std::size_t last) const {
    TraceLane out;
    for (std::size_t step = first; step < std::min(last, steps_.size()); ++step) {
        const std::int16_t value = steps_[step][at];
        out.push_back(value == kUnknown ? std::numeric_limits<float>::quiet_NaN() : unit * static_cast<float>(value));
    }
    return out;
}

TraceLane LevelTrace::lane(int channel, std::size_t band, std::size_t first, std::size_t last) const {
    return values(2 * band + static_cast<std::size_t>(channel), 0.001F, first, last);
}

TraceLane LevelTrace::drive(int channel, std::size_t first, std::size_t last) const {
    return values(2 * dsp::kEnergyBands + static_cast<std::size_t>(channel), 0.01F, first, last);
}

} // namespace overbias::mastering
