// SPDX-License-Identifier: Apache-2.0
// The end of one hole: kind, edges, depth, and whether it is one. (The windows are in dropout_detector.cpp.)
#include "base/units.hpp"
#include "mastering/comparison/dropout_detector.hpp"
#include "mastering/comparison/saturation_doubt.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr std::int64_t kShort = 8;       // windows
constexpr std::size_t kMostEvents = 500; // of a track: beyond it the tape or the set-up is at fault
constexpr double kNear_ms = 10.0;        // a fine hole so near to a larger one is its edge
constexpr double kBurst_ms = 90.0;       // a click waits so long for a hole of which it may be an edge
constexpr float kAlike_db = 0.6F;
constexpr double kMostBySaturation = 2.0; // times the law's decibels
constexpr float kDoubt = 2.0F; // 3 dB, 2 dB below 3 % third harmonic: a bass boost may reach saturation from here

} // namespace

void DropoutDetector::close(int channel, const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks) {
    const auto c = static_cast<std::size_t>(channel);
    const Open event = open_[c];
    open_[c].open = false;
    if (over_limit_ >= kMostEvents) {
        return;
    }
    // Spacing loss in dB goes with frequency: about 1 : 5 : 10 in these bands. A hole in the lowest band is no spacing.
    const auto fall = [&](std::size_t b) { return -power_db(static_cast<double>(event.depth[b])); };
    const double above = std::max(fall(1), fall(2));
    // In a short one the lowest band hardly gets down, as it rings on.
    const bool is_short = event.last - event.first < kShort;
    const bool by_top = fall(2) > 0.0 && fall(1) > 0.0 && (event.depth[0] >= 1.0F || is_short);
    const bool spacing = by_top                  ? fall(1) < 0.75 * fall(2)
                         : event.depth[0] < 1.0F ? fall(0) < (is_short ? 0.35 : 0.6) * above
                                                 : fall(2) > 0.0;
    // Edges are read in the highest band that fell much (bass rings on), a flat hole's depth where there is most room
    // over noise.
    const double deepest_fall = std::max(fall(0), above);
    std::size_t band = 0;
    std::size_t depth_band = dsp::kEnergyBands;
    double most_room = 0.0;
    for (std::size_t b = 0; b < dsp::kEnergyBands; ++b) {
        if (fall(b) > 0.6 * deepest_fall) {
            band = b;
            const std::size_t l = 2 * b + c;
            const double room = static_cast<double>(event.energy[b]) / (static_cast<double>(noise_hop_[l]) + 1e-30);
            if (room > most_room) {
                most_room = room;
                depth_band = b;
            }
        }
    }
    if (depth_band == dsp::kEnergyBands || spacing) {
        depth_band = band;
    }
    std::size_t lane = 2 * band + c;
    const int fine = 2 * step_hops_; // 2 ms, read at every hop
    const auto hop_frames = static_cast<double>(settings_.hop_frames);
    const auto ratio = [&](std::int64_t hop, int hops) {
        const double place = (clocks.return_frame(static_cast<double>(hop) * hop_frames) + lag_[c]) / hop_frames;
        if (hop < sent.begin() || hop + hops >= sent.end() || !came.has(place, hops)) {
            return 1.0;
        }
        const double noise = static_cast<double>(noise_hop_[lane]) * hops;
        const double expected = gain_[c] * static_cast<double>(sent.sum(static_cast<double>(hop), hops)[lane]) *
                                static_cast<double>(usual_[lane]);
        // Below 10 dB over noise nothing can be said, and a fade must not stretch an event.
        return expected > 10.0 * noise
                   ? std::max(0.0, static_cast<double>(came.sum(place, hops)[lane]) - noise) / expected
                   : 1.0;
    };
    // The deepest stretch, then outward to half power of the step: there a window of any length has its middle on the
    // edge.
    const std::int64_t first_hop = window(event.first).hop;
    const std::int64_t last_hop = window(event.last).hop + window_hops_ - fine;
    std::int64_t deepest_hop = first_hop;
    double deepest = 1e9;
    for (std::int64_t hop = first_hop; hop <= last_hop; ++hop) {
        if (const double r = ratio(hop, fine); r < deepest) {
            deepest = r;
            deepest_hop = hop;
        }
    }
    const double edge = 0.5 * (1.0 + deepest);
    const std::int64_t reach = 10 * step_hops_;
    const auto crossing = [&](std::int64_t from, std::int64_t direction, std::int64_t stop) {
        double inside = ratio(from, fine);
        std::int64_t hop = from;
        while (hop != stop) {
            const double outside = ratio(hop + direction, fine);
            if (outside >= edge) {
                const double part = outside > inside ? std::clamp((edge - inside) / (outside - inside), 0.0, 1.0) : 1.0;
                return static_cast<double>(hop) + static_cast<double>(direction) * part;
            }
            inside = outside;
            hop += direction;
        }
        return static_cast<double>(hop);
    };
    // Inside the event single windows may come up (merged bands, attacks): the search starts at its outermost deep
    // windows.
    const auto deep = [&](std::int64_t hop) { return ratio(hop, fine) < edge; };
    std::int64_t left = first_hop;
    while (left < deepest_hop && !deep(left)) {
        ++left;
    }
    std::int64_t right = std::max(last_hop, deepest_hop);
    while (right > deepest_hop && !deep(right)) {
        --right;
    }
    const double middle = 0.5 * fine;
    const double start = crossing(left, -1, left - reach) + middle;
    const double end = crossing(right, 1, right + reach) + middle;
    const double length_s = (end - start) * hop_frames / settings_.rate_hz;
    // Depth over 3 ms; a shorter hole is read over 2.
    lane = 2 * depth_band + c;
    double depth = deepest;
    if (end - start > 1.4 * window_hops_) {
        depth = 1e9;
        for (auto hop = static_cast<std::int64_t>(std::ceil(start));
             hop + window_hops_ <= static_cast<std::int64_t>(end); ++hop) {
            depth = std::min(depth, ratio(hop, window_hops_));
        }
    }
    const double room = gain_[c] * static_cast<double>(sent.sum(std::floor(start), window_hops_)[lane]) /
                        (static_cast<double>(noise_hop_[lane]) * window_hops_ + 1e-30);
    const double depth_db = std::min(-power_db(std::max(depth, 1e-9)), std::max(20.0, power_db(room + 1e-9)));
    // Where most windows of this second come back alike, saturation is alike too and makes no hole.
    // Nor does it take much more than the law it is held against, up to where the tape clips: there nothing is left.
    const bool apart = spread_db_[2 * depth_band + c] < kAlike_db ||
                       (event.strain < FineDropouts::kClips &&
                        depth_db > kMostBySaturation * power_db(static_cast<double>(event.strain)));
    if (event.strain > kDoubt && !apart) {
        const auto from = static_cast<std::int64_t>(std::llround(start));
        const DoubtfulHole hole{
            channel,
            from,
            static_cast<std::int64_t>(std::llround(end)) - from,
            (clocks.return_frame(static_cast<double>(from) * hop_frames) + lag_[c]) / hop_frames,
            {fall(0), fall(1), fall(2)},
            depth_db,
            settings_.depth_db,
            std::max(0.0, taken_from_peaks_db(event.strain) - taken_from_peaks_db(usual_strain_[2 * depth_band + c])),
            {gain_[c] * static_cast<double>(usual_[c]), gain_[c] * static_cast<double>(usual_[2 + c]),
             gain_[c] * static_cast<double>(usual_[4 + c])},
            {static_cast<double>(noise_hop_[c]), static_cast<double>(noise_hop_[2 + c]),
             static_cast<double>(noise_hop_[4 + c])}};
        if (saturation_explains(sent, came, hole, settings_.rate_hz / hop_frames)) {
            return;
        }
    }
    settled_.push_back({channel, start, end});
    const bool kind_known = by_top || event.depth[0] < 1.0F; // else one band alone has told
    add({channel, start * hop_frames, length_s, depth_db, spacing, false, kind_known});
}

void DropoutDetector::add(const DropoutEvent& event) {
    const auto is_over = [&](const DropoutEvent& e) {
        return e.length_s * 1e3 >= 0.95 * settings_.length_ms && e.depth_db >= settings_.depth_db;
    };
    const auto end_of = [&](const DropoutEvent& e) { return e.start_frame + e.length_s * settings_.rate_hz; };
    // A hole about as deep as the limit may be read in parts that overlap.
    const auto told = std::find_if(events_.rbegin(), events_.rend(), [&](const DropoutEvent& e) {
        return e.channel == event.channel && e.start_frame < end_of(event) && end_of(e) > event.start_frame;
    });
    if (told != events_.rend()) {
        const double end = std::max(end_of(*told), end_of(event));
        told->start_frame = std::min(told->start_frame, event.start_frame);
        told->length_s = (end - told->start_frame) / settings_.rate_hz;
        told->depth_db = std::max(told->depth_db, event.depth_db);
        if (event.kind_known && !told->kind_known) {
            told->spacing = event.spacing;
            told->kind_known = true;
        }
        over_limit_ += is_over(*told) && !told->over_limit ? 1 : 0;
        told->over_limit = is_over(*told);
        return;
    }
    const bool over = is_over(event);
    if ((over ? over_limit_ : events_.size() - over_limit_) >= kMostEvents) {
        return;
    }
    over_limit_ += over ? 1 : 0;
    events_.push_back(event);
    events_.back().over_limit = over;
}

void DropoutDetector::judge_fine(std::int64_t hop) {
    FineDropouts::Usual usual;
    for (std::size_t lane = 0; lane < FineDropouts::kLanes; ++lane) { // but for the lowest band's
        usual.ratio[lane] = usual_[lane + 2];
        usual.strain[lane] = usual_strain_[lane + 2];
        usual.spread_db[lane] = spread_db_[lane + 2];
    }
    fine_.judge(hop, usual);
    settle_fine(false);
}

void DropoutDetector::settle_fine(bool last_call) {
    const std::vector<FineHole> ended = fine_.take();
    waiting_.insert(waiting_.end(), ended.begin(), ended.end());
    const double near = kNear_ms * step_hops_;
    std::erase_if(waiting_, [&](const FineHole& hole) {
        const Open& larger = open_[static_cast<std::size_t>(hole.channel)];
        const double end = hole.first_hop + hole.hops + near;
        const double wait = hole.burst ? kBurst_ms * step_hops_ : near;
        const bool early = decided_ < measured_ && static_cast<double>(window(decided_).hop) < end + wait;
        const bool beside = larger.open && static_cast<double>(window(larger.first).hop) < end;
        if ((early || beside) && !last_call) {
            return false;
        }
        const bool told = std::any_of(settled_.begin(), settled_.end(), [&](const Span& span) {
            return span.channel == hole.channel && span.from < end && span.to > hole.first_hop - near;
        });
        if (!told) {
            const auto hop_frames = static_cast<double>(settings_.hop_frames);
            settled_.push_back({hole.channel, hole.first_hop, hole.first_hop + hole.hops});
            add({hole.channel, hole.first_hop * hop_frames, hole.hops * hop_frames / settings_.rate_hz, hole.depth_db,
                 hole.spacing, false, hole.kind_known});
        }
        return true;
    });
}

} // namespace overbias::mastering
