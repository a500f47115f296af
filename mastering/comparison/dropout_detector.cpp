// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/dropout_detector.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr float kNotJudged = -1.0F;
constexpr double kOverNoise = 100.0;        // 20 dB
constexpr std::int64_t kHalfSecond = 500;   // windows on either side for the usual ratio
constexpr std::int64_t kRefresh = 100;      // windows between two looks at it
constexpr std::size_t kFewestForUsual = 40; // of every second window of that second
constexpr std::int64_t kMerge = 5;          // windows
constexpr std::int64_t kLongest = 1200;     // windows; a longer fall is reported in pieces
constexpr std::int64_t kShort = 8;          // windows
constexpr std::size_t kMostEvents = 500;    // of a track: beyond it the tape or the set-up is at fault
constexpr float kUsualLeast = 0.25F;        // -6 dB re slate: below it the second itself is a drop-out
constexpr float kUsualMost = 1.41F;         // +1.5 dB: above it the return has distortion products, not programme
// Third harmonic of 3 % at +10 dB re operating level is c A^2 / 4 = 0.03 with A^2 = 10: c = 0.012 at operating level's
// peak. What a small signal loses while a large one drives the tape is 1 - 3 c x^2 and for a tape that saturates like
// tanh cosh^-2; half as much again for the spread of tapes.
constexpr float kStrain = 0.232F;     // sqrt(3 * 1.5 * 0.012)
constexpr float kMostStrain = 316.0F; // 25 dB
// A band's filter rings on after an attack that the tape has clipped: so much longer an attack counts, in milliseconds.
constexpr std::array<int, dsp::kEnergyBands> kRing_ms{8, 3, 2};
// Third harmonic of the whole programme, c A^2 / 4 = drive^2 / 18, which a band has to stand over to be judged; the
// amplitude counted at most, as the products of the loudest programmes spread over all bands.
constexpr std::array<float, dsp::kEnergyBands> kMostProducts{0.1F, 0.007F, 0.003F};
constexpr float kOverProducts = 4.0F;

} // namespace

DropoutDetector::DropoutDetector(const DropoutSettings& settings)
    : settings_(settings),
      step_hops_(std::max(
          1, static_cast<int>(std::lround(0.001 * settings.rate_hz / static_cast<double>(settings.hop_frames))))),
      window_hops_(3 * step_hops_), reach_hops_(std::max(1, step_hops_ / 2)), ring_(static_cast<std::size_t>(kRing)) {
    sorted_.reserve(static_cast<std::size_t>(kRing));
}

void DropoutDetector::begin(std::int64_t first_frame, std::int64_t frames, std::array<double, 2> gain,
                            const LaneEnergies& noise_hop) {
    first_frame_ = first_frame;
    end_frame_ = first_frame + frames;
    next_hop_ = (first_frame + settings_.hop_frames - 1) / settings_.hop_frames;
    gain_ = gain;
    noise_hop_ = noise_hop;
    measured_ = decided_ = usual_until_ = 0;
    usual_.fill(1.0F);
    usual_strain_.fill(1.0F);
    open_ = {};
    judged_ = windows_ = 0;
    quiet_from_ = -1;
    quiet_.clear();
    events_.clear();
}

void DropoutDetector::measure(Window& w, const EnergyTrack& sent, const EnergyTrack& came, double place) const {
    const LaneEnergies returned = came.sum(place, window_hops_);
    // Sums of the sent energy at -reach ... +reach hops: slid, and their least and the one in the middle kept.
    LaneEnergies sliding{};
    for (std::int64_t h = w.hop - reach_hops_; h < w.hop - reach_hops_ + window_hops_; ++h) {
        const auto& hop = sent.at(h);
        for (std::size_t lane = 0; lane < 8; ++lane) {
            sliding[lane] += hop.energy[lane];
        }
    }
    LaneEnergies least = sliding;
    LaneEnergies middle = sliding;
    for (int shift = -reach_hops_; shift < reach_hops_; ++shift) {
        const auto& leaving = sent.at(w.hop + shift);
        const auto& coming = sent.at(w.hop + shift + window_hops_);
        for (std::size_t lane = 0; lane < 8; ++lane) {
            sliding[lane] += coming.energy[lane] - leaving.energy[lane];
            least[lane] = std::min(least[lane], sliding[lane]);
        }
        if (shift == -1) {
            middle = sliding;
        }
    }
    const std::array<std::size_t, 2> whole{2 * dsp::kWholeBand, 2 * dsp::kWholeBand + 1};
    std::array<float, 2> drive{};
    std::int64_t from = w.hop + window_hops_ + reach_hops_;
    for (std::size_t band = dsp::kEnergyBands; band-- > 0;) { // from the shortest ring to the longest
        const std::int64_t back = w.hop - reach_hops_ - kRing_ms[band] * step_hops_;
        for (std::size_t c = 0; c < 2; ++c) {
            drive[c] = std::max(drive[c], drive_of(sent, std::max(back, sent.begin()), from, c));
            const std::size_t lane = 2 * band + c;
            const float cosh_drive = std::cosh(drive[c]);
            w.strain[lane] = std::min(kMostStrain, cosh_drive * cosh_drive * cosh_drive * cosh_drive);
            const float gain = static_cast<float>(gain_[c]);
            const float noise = noise_hop_[lane] * static_cast<float>(window_hops_);
            const float products = std::min(kMostProducts[band], drive[c] * drive[c] / 18.0F);
            if (least[lane] * gain < static_cast<float>(kOverNoise) * noise || least[lane] <= 0.0F ||
                least[lane] < kOverProducts * products * products * middle[whole[c]]) {
                w.ratio[lane] = w.low[lane] = kNotJudged;
                continue;
            }
            // Noise can't be taken out closer than this: a hole never reads deeper than 6 dB below it.
            const float signal = std::max(0.25F * noise, returned[lane] - noise);
            w.ratio[lane] = signal / (gain * middle[lane]);
            w.low[lane] = signal / (gain * least[lane]);
            w.expected[lane] = gain * middle[lane];
        }
        from = back;
    }
}

float DropoutDetector::drive_of(const EnergyTrack& sent, std::int64_t from, std::int64_t to,
                                std::size_t channel) const {
    float peak = 0.0F;
    for (std::int64_t h = from; h < to; ++h) {
        peak = std::max(peak, sent.at(h).emphasised_peak[channel]);
    }
    return std::min(4.0F, kStrain * peak / static_cast<float>(settings_.operating_peak));
}

void DropoutDetector::end_quiet(std::int64_t frame) {
    if (quiet_from_ >= 0 && static_cast<double>(frame - quiet_from_) >= settings_.rate_hz) {
        quiet_.push_back({quiet_from_, frame});
    }
    quiet_from_ = -1;
}

void DropoutDetector::note_share(const Window& w, bool excluded) {
    ++windows_;
    bool any = false;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        any = any || w.ratio[lane] >= 0.0F;
    }
    for (std::size_t c = 0; c < 2; ++c) {
        judged_ += w.ratio[2 + c] >= 0.0F || w.ratio[4 + c] >= 0.0F ? 1 : 0;
    }
    const std::int64_t frame = w.hop * settings_.hop_frames;
    if (any || excluded) {
        end_quiet(frame);
    } else if (quiet_from_ < 0) {
        quiet_from_ = frame;
    }
}

void DropoutDetector::advance(const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks,
                              std::array<double, 2> lag, std::int64_t to_frame, std::span<const Excluded> excluded,
                              bool last_call) {
    lag_ = lag;
    const double common = 0.5 * (lag[0] + lag[1]); // channels differ by microseconds
    const auto hop_frames = static_cast<double>(settings_.hop_frames);
    const std::int64_t end_hop = std::min(to_frame, end_frame_) / settings_.hop_frames;
    for (; next_hop_ + window_hops_ <= end_hop; next_hop_ += step_hops_) {
        const double place =
            (clocks.return_frame(static_cast<double>(next_hop_ * settings_.hop_frames)) + common) / hop_frames;
        const bool coming = next_hop_ + window_hops_ + reach_hops_ >= sent.end() ||
                            place + window_hops_ + 1.0 >= static_cast<double>(came.end());
        if (coming && !last_call) {
            return;
        }
        Window& w = window(measured_);
        w.hop = next_hop_;
        const std::int64_t from = next_hop_ * settings_.hop_frames;
        const std::int64_t to = from + window_hops_ * settings_.hop_frames;
        bool out = next_hop_ - reach_hops_ < sent.begin() || next_hop_ + window_hops_ + reach_hops_ >= sent.end() ||
                   !came.has(place, window_hops_);
        for (const Excluded& e : excluded) {
            out = out || (from < e.first_frame + e.frames && to > e.first_frame);
        }
        if (out) {
            w.ratio.fill(kNotJudged);
            w.low.fill(kNotJudged);
            w.strain.fill(1.0F);
        } else {
            measure(w, sent, came, place);
        }
        note_share(w, out);
        ++measured_;
        if (measured_ - decided_ > kHalfSecond) {
            decide_up_to(measured_ - kHalfSecond, sent, came, clocks);
        }
    }
}

void DropoutDetector::find_usual(std::int64_t index) {
    const std::int64_t from = std::max<std::int64_t>({0, index - kHalfSecond, measured_ - kRing + 1});
    const std::int64_t to = std::min(measured_, index + kHalfSecond);
    const auto median = [this]() {
        const auto middle = sorted_.begin() + static_cast<std::ptrdiff_t>(sorted_.size() / 2);
        std::nth_element(sorted_.begin(), middle, sorted_.end());
        return *middle;
    };
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        sorted_.clear();
        for (std::int64_t i = from; i < to; i += 2) {
            if (const float ratio = window(i).ratio[lane]; ratio >= 0.0F) {
                sorted_.push_back(ratio);
            }
        }
        // With too few the last one known stays, at first the slate's.
        if (sorted_.size() >= kFewestForUsual) {
            usual_[lane] = std::clamp(median(), kUsualLeast, kUsualMost);
        }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        sorted_.clear();
        for (std::int64_t i = from; i < to; i += 4) {
            if (window(i).ratio[lane] >= 0.0F) {
                sorted_.push_back(window(i).strain[lane]);
            }
        }
        if (!sorted_.empty()) {
            usual_strain_[lane] = median();
        }
    }
    usual_until_ = index + kRefresh;
}

void DropoutDetector::decide_up_to(std::int64_t index, const EnergyTrack& sent, const EnergyTrack& came,
                                   const ClockMap& clocks) {
    const float limit = static_cast<float>(power_from_db(-settings_.depth_db));
    for (; decided_ < index; ++decided_) {
        if (decided_ >= usual_until_) {
            find_usual(decided_);
        }
        const Window& w = window(decided_);
        for (int channel = 0; channel < 2; ++channel) {
            const auto c = static_cast<std::size_t>(channel);
            Open& event = open_[c];
            bool down = false;
            std::array<float, dsp::kEnergyBands> depth{1.0F, 1.0F, 1.0F};
            std::array<float, dsp::kEnergyBands> energy{};
            for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                const float low = w.low[2 * band + c];
                if (low >= 0.0F) {
                    const std::size_t lane = 2 * band + c;
                    const float excuse = std::max(1.0F, w.strain[lane] / usual_strain_[lane]);
                    depth[band] = low / usual_[lane];
                    energy[band] = w.expected[lane];
                    down = down || depth[band] * excuse < limit;
                }
            }
            if (down && !event.open) {
                event = Open{true, decided_, decided_, {1.0F, 1.0F, 1.0F}, {}};
            }
            if (event.open) {
                if (down) {
                    event.last = decided_;
                }
                for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                    event.depth[band] = std::min(event.depth[band], depth[band]);
                    event.energy[band] = std::max(event.energy[band], energy[band]);
                }
                if (decided_ - event.last >= kMerge || decided_ - event.first >= kLongest) {
                    close(channel, sent, came, clocks);
                }
            }
        }
    }
}

void DropoutDetector::close(int channel, const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks) {
    const auto c = static_cast<std::size_t>(channel);
    const Open event = open_[c];
    open_[c].open = false;
    if (events_.size() >= kMostEvents) {
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
    if (length_s * 1e3 < 0.95 * settings_.length_ms || depth_db < settings_.depth_db) {
        return;
    }
    events_.push_back({channel, start * hop_frames, length_s, depth_db, spacing});
}

void DropoutDetector::finish(const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks) {
    decide_up_to(measured_, sent, came, clocks);
    for (int channel = 0; channel < 2; ++channel) {
        if (open_[static_cast<std::size_t>(channel)].open) {
            close(channel, sent, came, clocks);
        }
    }
    end_quiet(end_frame_);
}

double DropoutDetector::judged_share() const noexcept {
    return windows_ > 0 ? 0.5 * static_cast<double>(judged_) / static_cast<double>(windows_) : 0.0;
}

} // namespace overbias::mastering
