// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/energy_track.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace overbias::mastering {

EnergyTrack::EnergyTrack(const dsp::BandEnergyConfig& config, double keep_s)
    : bank_(config), hop_frames_(config.hop_frames),
      hops_(std::bit_ceil(static_cast<std::size_t>(keep_s * config.rate_hz / static_cast<double>(config.hop_frames)))),
      mask_(static_cast<std::int64_t>(hops_.size()) - 1) {
    rest_.reserve(2 * hop_frames_);
}

void EnergyTrack::restart(std::int64_t frame) {
    bank_.reset();
    rest_.clear();
    const auto hop_frames = static_cast<std::int64_t>(hop_frames_);
    const std::int64_t hop = (frame + hop_frames - 1) / hop_frames;
    if (next_frame_ < 0 || hop - end_ > mask_) {
        begin_ = end_ = hop;
    }
    while (end_ < hop) { // what was not seen reads as silence; the caller leaves it out
        hops_[static_cast<std::size_t>(end_++ & mask_)] = {};
    }
    begin_ = std::max(begin_, end_ - mask_ - 1);
    skip_ = hop * hop_frames - frame;
    next_frame_ = frame;
}

void EnergyTrack::push(std::int64_t first_frame, std::span<const float> interleaved) {
    if (next_frame_ >= 0 && first_frame < next_frame_) {
        const auto seen = static_cast<std::size_t>(next_frame_ - first_frame);
        interleaved = interleaved.subspan(std::min(interleaved.size(), 2 * seen));
    } else if (first_frame != next_frame_) {
        restart(first_frame);
    }
    next_frame_ += static_cast<std::int64_t>(interleaved.size() / 2);
    const auto skip = static_cast<std::size_t>(std::min(skip_, static_cast<std::int64_t>(interleaved.size() / 2)));
    skip_ -= static_cast<std::int64_t>(skip);
    interleaved = interleaved.subspan(2 * skip);

    const auto store = [&](std::span<const float> whole_hops) {
        fresh_.resize(whole_hops.size() / (2 * hop_frames_));
        bank_.process(whole_hops, fresh_);
        for (const auto& hop : fresh_) {
            hops_[static_cast<std::size_t>(end_++ & mask_)] = hop;
        }
    };
    if (!rest_.empty()) {
        const std::size_t take = std::min(2 * hop_frames_ - rest_.size(), interleaved.size());
        rest_.insert(rest_.end(), interleaved.begin(), interleaved.begin() + static_cast<std::ptrdiff_t>(take));
        interleaved = interleaved.subspan(take);
        if (rest_.size() == 2 * hop_frames_) {
            store(rest_);
            rest_.clear();
        }
    }
    const std::size_t whole = interleaved.size() / (2 * hop_frames_) * (2 * hop_frames_);
    store(interleaved.first(whole));
    rest_.insert(rest_.end(), interleaved.begin() + static_cast<std::ptrdiff_t>(whole), interleaved.end());
    begin_ = std::max(begin_, end_ - mask_ - 1);
}

LaneEnergies EnergyTrack::sum(double first_hop, int hops) const noexcept {
    const double whole = std::floor(first_hop);
    const auto fraction = static_cast<float>(first_hop - whole);
    const auto from = static_cast<std::int64_t>(whole);
    LaneEnergies total{};
    const auto& head = at(from);
    const auto& tail = at(from + hops);
    for (std::size_t lane = 0; lane < total.size(); ++lane) {
        total[lane] = (1.0F - fraction) * head.energy[lane] + fraction * tail.energy[lane];
    }
    for (std::int64_t h = from + 1; h < from + hops; ++h) {
        const auto& hop = at(h);
        for (std::size_t lane = 0; lane < total.size(); ++lane) {
            total[lane] += hop.energy[lane];
        }
    }
    return total;
}

} // namespace overbias::mastering
