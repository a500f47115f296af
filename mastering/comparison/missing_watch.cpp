// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/missing_watch.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr int kWindow = 12;   // hops of a quarter of a millisecond
constexpr double kGone = 0.1; // of what should have come: 10 dB, half of the 20 dB at which a frame is missing
constexpr double kOverNoise = 10.0;
constexpr double kFall_db = 9.0;   // against what is usual: no tape does that by itself
constexpr double kLaw = 2.0;       // times what a cubic takes more than usual
constexpr double kNoLaw = 0.5;     // of gain: beyond, the cubic says too little of what a tape takes
constexpr int kFewestUsual = 12;   // a second
constexpr double kUsualStep = 0.1; // of each frame

} // namespace

MissingWatch::MissingWatch(double rate_hz, std::int64_t frame_size, std::int64_t hop_frames, double least_s)
    : rate_hz_(rate_hz), size_(frame_size), hop_frames_(hop_frames),
      least_frames_(static_cast<std::int64_t>(least_s * rate_hz)) {
}

void MissingWatch::begin(std::int64_t first_frame, std::array<double, 2> gain, const LaneEnergies& noise_hop) {
    first_frame_ = first_frame;
    gain_ = gain;
    noise_hop_ = noise_hop;
    open_ = {};
    usual_ = {};
    stretches_.clear();
}

double MissingWatch::came_db(const FrameFigures& figures, std::size_t channel) const noexcept {
    const double noise =
        static_cast<double>(noise_hop_[2 * dsp::kWholeBand + channel]) / static_cast<double>(hop_frames_);
    const double came = figures.came_power[channel] - noise;
    return power_db(std::max(1e-6, came / (gain_[channel] * figures.sent_power[channel])));
}

void MissingWatch::note(double came_db, double loss_db, Usual& usual) noexcept {
    const double step = std::max(kUsualStep, 1.0 / ++usual.frames);
    usual.db += step * (came_db - usual.db);
    usual.loss_db += step * (loss_db - usual.loss_db);
}

MissingWatch::Seen MissingWatch::at(std::int64_t hop, const Place& place) const {
    const double came_hop = (place.clocks.return_frame(static_cast<double>(hop * hop_frames_)) + place.lag) /
                            static_cast<double>(hop_frames_);
    if (hop < place.sent.begin() || hop + kWindow >= place.sent.end() || !place.came.has(came_hop, kWindow)) {
        return Seen::Nothing;
    }
    const std::size_t lane = 2 * dsp::kWholeBand + place.channel;
    const double noise = kWindow * static_cast<double>(noise_hop_[lane]);
    const double expected =
        gain_[place.channel] * static_cast<double>(place.sent.sum(static_cast<double>(hop), kWindow)[lane]);
    if (expected < kOverNoise * noise || expected <= 0.0) {
        return Seen::Nothing;
    }
    const double came = static_cast<double>(place.came.sum(came_hop, kWindow)[lane]) - noise;
    return came < place.edge * expected ? Seen::Missing : Seen::Programme;
}

/// The first hop of the hole that ends up as a missing frame: behind the last window before it that holds programme.
std::int64_t MissingWatch::beginning(std::int64_t frame, const Place& place) const {
    const std::int64_t first = std::max(frame - size_, first_frame_) / hop_frames_;
    for (std::int64_t hop = (frame + size_ / 4) / hop_frames_; hop >= first; --hop) {
        if (at(hop, place) == Seen::Programme) {
            return (hop + kWindow - 1) * hop_frames_; // its last tenth of energy is what still counted
        }
    }
    return first * hop_frames_;
}

std::int64_t MissingWatch::ending(std::int64_t frame, const Place& place) const {
    const std::int64_t last = (frame + size_) / hop_frames_;
    for (std::int64_t hop = (frame - size_) / hop_frames_; hop < last; ++hop) {
        if (at(hop, place) == Seen::Programme) {
            return (hop + kWindow - 1) * hop_frames_;
        }
    }
    return frame;
}

void MissingWatch::close(std::size_t channel, std::int64_t to) {
    Open& open = open_[channel];
    if (to - open.from >= least_frames_) {
        stretches_.push_back({static_cast<int>(channel), open.from, to, open.remainders > 0});
    }
    open = {};
}

std::array<bool, 2> MissingWatch::add(std::int64_t frame, const FrameFigures& figures,
                                      const std::array<FrameUse, 2>& use, const EnergyTrack& sent,
                                      const EnergyTrack& came, const ClockMap& clocks, std::array<double, 2> lag) {
    std::array<bool, 2> gone{};
    for (std::size_t c = 0; c < 2; ++c) {
        if (!use[c].programme) {
            continue;
        }
        Open& open = open_[c];
        Usual& usual = usual_[c];
        const double here_db = came_db(figures, c);
        if (!use[c].missing && use[c].loss > kNoLaw && here_db < usual.db - kFall_db) {
            gone[c] = open.open; // as weak as that, it may be the tape: nothing ends and nothing begins
            open.last = open.open ? frame + size_ : 0;
            continue;
        }
        const double loss_db = -amplitude_db(std::max(1.0 - kNoLaw, 1.0 - use[c].loss));
        // What fell is back when it is more than half way up.
        const double allowed_db = (open.open ? 0.5 : 1.0) * kFall_db + kLaw * std::max(0.0, loss_db - usual.loss_db);
        const bool fallen = usual.frames >= kFewestUsual && here_db < usual.db - allowed_db;
        gone[c] = use[c].missing || fallen;
        // Half way down, in decibels, is the edge.
        const double edge = open.open        ? open.edge
                            : use[c].missing ? kGone
                                             : std::max(kGone, power_from_db(0.5 * (here_db + usual.db)));
        const Place place{sent, came, clocks, lag[c], c, edge};
        if (gone[c]) {
            if (!open.open) {
                open = {true, beginning(frame, place), frame, edge};
            }
            open.last = frame + size_;
            open.remainders += use[c].missing ? -1 : 1;
        } else if (open.open) {
            close(c, std::max(open.last - size_ / 2, ending(std::min(frame, open.last), place)));
        }
        if (!gone[c] && use[c].loss <= kNoLaw) {
            note(here_db, loss_db, usual);
        }
    }
    return gone;
}

void MissingWatch::finish() {
    for (std::size_t c = 0; c < 2; ++c) {
        if (open_[c].open) {
            close(c, open_[c].last);
        }
    }
}

double MissingWatch::missing_now_s() const noexcept {
    double longest = 0.0;
    for (const Open& open : open_) {
        if (open.open) {
            longest = std::max(longest, static_cast<double>(open.last - open.from) / rate_hz_);
        }
    }
    return longest;
}

} // namespace overbias::mastering
