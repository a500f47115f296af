// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/dropout_fine.hpp"

#include "base/units.hpp"
#include "mastering/comparison/saturation_doubt.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::mastering {
namespace {

constexpr std::array<double, 2> kWidth_hz{4000.0, 9000.0}; // of the two bands
constexpr float kStrained = 1.4F;                          // 1.5 dB: from here on saturation shows
constexpr double kDeviations = 3.5;
constexpr double kUnlike = 1.5;         // times Usual::spread_db, at the least
constexpr double kPlace = 0.33;         // of a hop: error of place, and of reading between hops
constexpr double kLaw = 1.25;           // times what the law of saturation takes, in decibels
constexpr double kLeastRoom = 30.0;     // 15 dB over noise: a window with less is not judged
constexpr double kOverNoise = 10.0;     // nor is a part of one with less read
constexpr std::int64_t kAside_ms = 15;  // from a window to its surroundings
constexpr std::int64_t kAround_ms = 60; // of them
constexpr double kUsualMost = 1.12;     // the surroundings may come up by so much over the second
constexpr double kOneSide = 0.9;        // the wander, where only one side can be read
constexpr double kUsualAlone = 0.9;     // where there are none
constexpr std::int64_t kMerge_ms = 6;
constexpr std::int64_t kWalk_ms = 80;                        // edges are looked for so far out
constexpr double kBurst = 4.0;                               // times what was sent
constexpr std::int64_t kClicks_ms = 6;                       // two clicks that a hole of 3 ms has at its edges
constexpr double kProducts = 4.0;                            // times the power of third-order products
constexpr std::int64_t kRing_ms = 3;                         // a band rings on so long
constexpr std::array<double, 2> kMostProducts{0.007, 0.003}; // of the whole's amplitude, in either band: spread out

/// Third harmonic of the whole, c A^2 / 4 = drive^2 / 18 of its amplitude, where strain = cosh^4 drive.
double third_of(float strain) {
    const double drive = drive_of_strain(strain);
    return drive * drive / 18.0;
}

} // namespace

struct FineDropouts::Length {
    std::int64_t ms;
    std::array<double, 2> share; ///< of what should have come that may be missing anyway, in either band
    double spreads;              ///< the same where the tape is driven, in times Usual::spread_db
    static const std::array<Length, 5> all;
};

// With these the nearest that two hours of clean tape came to a hole was four fifths of what it takes.
constexpr std::array<FineDropouts::Length, 5> FineDropouts::Length::all{{{1, {0.20, 0.20}, 10.0},
                                                                         {2, {0.16, 0.16}, 5.5},
                                                                         {4, {0.10, 0.12}, 4.0},
                                                                         {8, {0.09, 0.12}, 3.7},
                                                                         {16, {0.12, 0.13}, 3.0}}};

FineDropouts::FineDropouts(double rate_hz, std::int64_t hop_frames, int step_hops)
    : hops_per_s_(rate_hz / static_cast<double>(hop_frames)), step_(step_hops), ring_(static_cast<std::size_t>(kRing)) {
}

void FineDropouts::begin(std::int64_t first_hop, std::array<double, 2> gain, const LaneEnergies& noise_hop) {
    gain_ = gain;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        noise_hop_[lane] = static_cast<double>(noise_hop[lane + 2]);
    }
    begin_ = end_ = next_ = first_hop;
    at(first_hop) = {};
    open_ = {};
    burst_ = {};
    found_.clear();
}

void FineDropouts::push(const EnergyTrack& sent, const EnergyTrack& came, std::int64_t first_hop, double place,
                        bool out, const Figures& strain) {
    const auto whole = static_cast<std::int64_t>(std::floor(place));
    const double part = place - std::floor(place);
    for (std::int64_t h = 0; h < step_; ++h) {
        Hop& now = at(end_);
        Hop& then = at(end_ + 1);
        now.strain = strain;
        then.sent = now.sent;
        then.came = now.came;
        then.whole = now.whole;
        then.out = now.out + (out ? 1 : 0);
        if (!out) {
            const auto& in = sent.at(first_hop + h);
            const auto& head = came.at(whole + h);
            const auto& tail = came.at(whole + h + 1);
            for (std::size_t c = 0; c < 2; ++c) {
                then.whole[c] += gain_[c] * static_cast<double>(in.energy[2 * dsp::kWholeBand + c]);
            }
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                then.sent[lane] += gain_[lane % 2] * static_cast<double>(in.energy[lane + 2]);
                then.came[lane] += (1.0 - part) * static_cast<double>(head.energy[lane + 2]) +
                                   part * static_cast<double>(tail.energy[lane + 2]);
            }
        }
        ++end_;
    }
    begin_ = std::max(begin_, end_ - kRing + 1);
}

double FineDropouts::expected_ratio(std::size_t lane, std::int64_t from, std::int64_t to, double usual) const {
    double ratio = kUsualMost * usual;
    int sides = 0;
    double drift = 1.0; // of one side, towards the window
    const auto look = [&](std::int64_t first, std::int64_t last) {
        first = std::max(first, begin_);
        last = std::min(last, end_);
        if (last - first < 10 * step_ || at(last).out != at(first).out) {
            return;
        }
        const double in = sent(lane, first, last);
        if (in * usual > 3.0 * kOverNoise * noise_hop_[lane] * static_cast<double>(last - first)) {
            ratio = std::min(ratio, came(lane, first, last) / in);
            ++sides;
            const std::int64_t middle = (first + last) / 2;
            const double early = came(lane, first, middle) * sent(lane, middle, last);
            const double late = came(lane, middle, last) * sent(lane, first, middle);
            drift = first >= to ? early / std::max(late, 1e-30) : late / std::max(early, 1e-30);
        }
    };
    look(from - (kAside_ms + kAround_ms) * step_, from - kAside_ms * step_);
    look(to + kAside_ms * step_, to + (kAside_ms + kAround_ms) * step_);
    // A band that the programme leaves, or enters, slowly may go on falling: from the middle of what was read to the
    // window's is up to twice as far as between its halves.
    const double goes_on = std::clamp(drift * drift, 0.25, 1.0);
    return sides == 2 ? ratio : sides == 1 ? kOneSide * goes_on * ratio : kUsualAlone * usual;
}

void FineDropouts::judge_window(std::size_t lane, std::int64_t from, std::int64_t to, const Length& length,
                                const Usual& usual_of) {
    const double usual = static_cast<double>(usual_of.ratio[lane]);
    const double least_share = length.share[lane / 2];
    const auto hops = static_cast<double>(to - from);
    const double in = sent(lane, from, to);
    const double out = came(lane, from, to);
    const double noise = noise_hop_[lane] * hops;
    if (out > (1.0 - least_share) * kUsualMost * usual * in || in * usual < kLeastRoom * noise) {
        return; // nearly always
    }
    const double ratio = expected_ratio(lane, from, to, usual);
    float strain = 1.0F;
    for (std::int64_t h = from; h < to; h += step_) {
        strain = std::max(strain, at(h).strain[lane]);
    }
    const double product = std::min(kMostProducts[lane / 2], third_of(strain));
    if (strain >= kClips || in < kProducts * product * product * (at(to).whole[lane % 2] - at(from).whole[lane % 2])) {
        return;
    }
    const double expected = in * ratio / std::max(1.0, static_cast<double>(strain / usual_of.strain[lane]));
    const auto loudest = [&](std::int64_t hop) { // of the two hops that meet there
        return std::max(sent(lane, hop - 1, hop), sent(lane, hop, hop + 1));
    };
    const double freedom = 2.0 * kWidth_hz[lane / 2] * hops / hops_per_s_;
    const double deviation = std::sqrt((4.0 * expected * noise + 2.0 * noise * noise) / freedom);
    const double missing = expected - std::max(out, 0.0);
    // An attack in the window's last hop may lie beyond it in what came.
    const double least = std::min(sent(lane, from - 1, to - 1), sent(lane, from + 1, to + 1));
    const double place = std::max(kPlace * ratio * (loudest(from) + loudest(to)), expected * (1.0 - least / in));
    // Saturation takes from these windows what it usually does, and never more than its law. Clicks far apart are not
    // alike either.
    const double spread = static_cast<double>(usual_of.spread_db[lane]);
    const double spread_db =
        strain > kStrained ? std::min(length.spreads * spread, kLaw * power_db(static_cast<double>(strain))) : 0.0;
    const double share = std::max(least_share, 1.0 - power_from_db(-std::max(spread_db, kUnlike * spread)));
    const double explained = share * expected + kDeviations * deviation + place;
    if (missing < explained) {
        return;
    }
    if (length.ms > 1) { // one loud moment is no hole: both halves have to be down
        const std::int64_t middle = (from + to) / 2;
        const auto half_down = [&](std::int64_t first, std::int64_t last) {
            const double half = sent(lane, first, last) * ratio;
            return half > kOverNoise * noise_hop_[lane] * static_cast<double>(last - first) &&
                   came(lane, first, last) < (1.0 - 0.3 * least_share) * half;
        };
        if (!half_down(from, middle) || !half_down(middle, to)) {
            return;
        }
    }
    Open& hole = open_[lane % 2];
    if (hole.open && from > hole.end + kMerge_ms * step_) {
        end_hole(static_cast<int>(lane % 2));
    }
    if (!hole.open) {
        hole = Open{true, from, to, 0.0, from, to - from, lane, ratio};
    }
    hole.first = std::min(hole.first, from);
    hole.end = std::max(hole.end, to);
    if (const double sureness = missing / explained; sureness > hole.sureness) {
        hole.sureness = sureness;
        hole.best = from;
        hole.best_hops = to - from;
        hole.lane = lane;
        hole.expected = ratio;
    }
}

void FineDropouts::judge_burst(std::size_t lane, std::int64_t from, std::int64_t to, double usual) {
    const double out = came(lane, from, to);
    const double in = sent(lane, from, to);
    const double noise = noise_hop_[lane] * static_cast<double>(to - from);
    if (out < kBurst * usual * in || in * usual < kLeastRoom * noise) {
        return; // nearly always
    }
    const std::int64_t back = std::max(begin_, from - kRing_ms * step_);
    const float strain = std::max(at(from).strain[lane], at(to).strain[lane]);
    if (strain >= kClips || at(back).out != at(to).out) {
        return;
    }
    const double most = std::max({in, sent(lane, from - 1, to - 1), sent(lane, from + 1, to + 1)});
    const double third = third_of(strain);
    const double whole = at(to).whole[lane % 2] - at(back).whole[lane % 2];
    if (out < kBurst * usual * most + kProducts * third * third * whole) {
        return;
    }
    Burst& burst = burst_[lane % 2];
    if (burst.open && from > burst.end + kMerge_ms * step_) {
        end_burst(static_cast<int>(lane % 2));
    }
    if (!burst.open) {
        burst = {true, from, to, from, false};
    } else if (from > burst.end) {
        burst.run = from;
    }
    burst.end = std::max(burst.end, to);
    burst.lasting = burst.lasting || burst.end - burst.run > kClicks_ms * step_;
}

void FineDropouts::end_burst(int channel) {
    Burst& burst = burst_[static_cast<std::size_t>(channel)];
    burst.open = false;
    if (burst.lasting) {
        return;
    }
    // The windows reach out half a millisecond and more before the first click and after the last.
    const std::int64_t first = burst.first + step_ / 2;
    const std::int64_t hops = std::max(step_, burst.end - burst.first - step_);
    FineHole found{channel, static_cast<double>(first), static_cast<double>(hops), 0.0, false, true};
    for (std::size_t lane = static_cast<std::size_t>(channel); lane < kLanes; lane += 2) {
        for (std::int64_t h = std::max(begin_, first); h + step_ <= std::min(first + hops, end_); ++h) {
            const double in = sent(lane, h, h + step_);
            if (in > kOverNoise * noise_hop_[lane] * static_cast<double>(step_)) {
                found.depth_db = std::max(found.depth_db, -power_db(std::max(1e-3, came(lane, h, h + step_) / in)));
            }
        }
    }
    found_.push_back(found);
}

void FineDropouts::judge(std::int64_t hop, const Usual& usual) {
    const std::int64_t half = std::max<std::int64_t>(1, step_ / 2);
    for (; next_ < hop; next_ += half) {
        for (const Length& length : Length::all) {
            const std::int64_t to = next_ + length.ms * step_;
            if (to + 1 > end_ || next_ - 1 < begin_ || at(to + 1 > end_ ? end_ : to).out != at(next_).out ||
                (length.ms > 2 && (next_ / half) % 2 != 0)) {
                continue;
            }
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                judge_window(lane, next_, to, length, usual);
                if (length.ms == 1) {
                    judge_burst(lane, next_, to, static_cast<double>(usual.ratio[lane]));
                }
            }
        }
    }
    for (int channel = 0; channel < 2; ++channel) {
        const Open& hole = open_[static_cast<std::size_t>(channel)];
        if (hole.open && next_ > hole.end + kMerge_ms * step_) {
            end_hole(channel);
        }
        const Burst& burst = burst_[static_cast<std::size_t>(channel)];
        if (burst.open && next_ > burst.end + kMerge_ms * step_) {
            end_burst(channel);
        }
    }
}

void FineDropouts::end_hole(int channel) {
    Open& hole = open_[static_cast<std::size_t>(channel)];
    hole.open = false;
    // From the surest window outward, over 2 ms at a time, to where half of the step is reached; a stretch of up to
    // 3 ms that is not down is passed over, as is one that says nothing.
    const std::size_t lane = hole.lane;
    const std::int64_t fine = 2 * step_;
    const auto ratio = [&](std::int64_t from, std::int64_t hops) {
        if (from < begin_ || from + hops > end_ || at(from).out != at(from + hops).out) {
            return 1.0;
        }
        const double in = hole.expected * sent(lane, from, from + hops);
        return in > kOverNoise * noise_hop_[lane] * static_cast<double>(hops)
                   ? std::max(0.0, came(lane, from, from + hops)) / in
                   : 1.0;
    };
    const double down = std::max(0.0, ratio(hole.best, hole.best_hops));
    const double edge = 0.5 * (1.0 + down);
    const std::int64_t middle = hole.best + hole.best_hops / 2;
    const auto walk = [&](std::int64_t direction) {
        std::int64_t last = middle;
        for (std::int64_t h = middle; std::abs(h - last) <= 3 * step_ && std::abs(h - middle) < kWalk_ms * step_;
             h += direction) {
            if (ratio(h - fine / 2, fine) < edge) {
                last = h;
            }
        }
        return last;
    };
    const std::int64_t first = std::min(walk(-1), hole.best + hole.best_hops / 2 - step_ / 2);
    const std::int64_t last = std::max(walk(1), first + step_);
    FineHole found{channel, static_cast<double>(first), static_cast<double>(last - first), 0.0, false, false};
    const double depth = std::min(down, ratio(first, last - first));
    found.depth_db = -power_db(std::max(depth, 1e-3));
    // Spacing takes half as much, in decibels, from 3 - 7 kHz as from 7 - 16 kHz.
    const auto fall = [&](std::size_t band) {
        const std::size_t l = 2 * band + static_cast<std::size_t>(channel);
        const double in = hole.expected * sent(l, hole.best, hole.best + hole.best_hops);
        const double noise = noise_hop_[l] * static_cast<double>(hole.best_hops);
        return in > kOverNoise * noise ? -power_db(std::max(1e-3, came(l, hole.best, hole.best + hole.best_hops) / in))
                                       : -1.0;
    };
    const double low = fall(0);
    const double high = fall(1);
    found.kind_known = low >= 0.0 && high >= 0.0;
    found.spacing = low < 0.0 || (high > 0.0 && low < 0.75 * high);
    found_.push_back(found);
}

void FineDropouts::finish() {
    for (int channel = 0; channel < 2; ++channel) {
        if (open_[static_cast<std::size_t>(channel)].open) {
            end_hole(channel);
        }
        if (burst_[static_cast<std::size_t>(channel)].open) {
            end_burst(channel);
        }
    }
}

std::vector<FineHole> FineDropouts::take() {
    return std::exchange(found_, {});
}

std::int64_t FineDropouts::settled(int channel) const noexcept {
    const Open& hole = open_[static_cast<std::size_t>(channel)];
    return hole.open ? hole.first : next_;
}

} // namespace overbias::mastering
