// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/dropout_detector.hpp"

#include "base/units.hpp"
#include "mastering/comparison/nth_smallest.hpp"

#include <algorithm>
#include <bit>
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
constexpr float kUsualLeast = 0.25F;        // -6 dB re slate: below it the second itself is a drop-out
constexpr float kUsualMost = 1.41F;         // +1.5 dB: above it the return has distortion products, not programme
constexpr float kSpread_db = 1.0F;          // as long as there is too little programme to know
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
      window_hops_(3 * step_hops_), reach_hops_(std::max(1, step_hops_ / 2)), ring_(static_cast<std::size_t>(kRing)),
      fine_(settings.rate_hz, settings.hop_frames, step_hops_) {
    values_.reserve(static_cast<std::size_t>(kRing));
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
    spread_db_.fill(kSpread_db);
    open_ = {};
    judged_in_.clear();
    judged_ = windows_ = 0;
    quiet_from_ = -1;
    quiet_.clear();
    events_.clear();
    over_limit_ = 0;
    fine_.begin(next_hop_, gain, noise_hop);
    waiting_.clear();
    settled_.clear();
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
    const std::int64_t frame = w.hop * settings_.hop_frames;
    const auto second = static_cast<std::size_t>(static_cast<double>(std::max<std::int64_t>(0, frame - first_frame_)) /
                                                 settings_.rate_hz);
    if (second >= judged_in_.size()) {
        judged_in_.resize(second + 1);
    }
    ++judged_in_[second].windows;
    for (std::size_t c = 0; c < 2; ++c) {
        const int judged = w.ratio[2 + c] >= 0.0F || w.ratio[4 + c] >= 0.0F ? 1 : 0;
        judged_ += judged;
        judged_in_[second].judged = static_cast<std::uint16_t>(judged_in_[second].judged + judged);
    }
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
        fine_.push(sent, came, next_hop_, place, out, {w.strain[2], w.strain[3], w.strain[4], w.strain[5]});
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
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        values_.clear();
        for (std::int64_t i = from; i < to; i += 2) {
            if (const float ratio = window(i).ratio[lane]; ratio >= 0.0F) {
                values_.push_back(std::bit_cast<std::int32_t>(ratio));
            }
        }
        // With too few the last one known stays, at first the slate's.
        if (values_.size() >= kFewestForUsual) {
            const float usual = nth_smallest(values_, values_.size() / 2);
            const float tenth = nth_smallest(values_, values_.size() / 10);
            usual_[lane] = std::clamp(usual, kUsualLeast, kUsualMost);
            spread_db_[lane] =
                static_cast<float>(power_db(static_cast<double>(usual / std::max(tenth, 1e-3F * usual))));
        }
    }
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        values_.clear();
        for (std::int64_t i = from; i < to; i += 4) {
            if (window(i).ratio[lane] >= 0.0F) {
                values_.push_back(std::bit_cast<std::int32_t>(window(i).strain[lane]));
            }
        }
        if (!values_.empty()) {
            usual_strain_[lane] = nth_smallest(values_, values_.size() / 2);
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
        judge_fine(w.hop);
        for (int channel = 0; channel < 2; ++channel) {
            const auto c = static_cast<std::size_t>(channel);
            Open& event = open_[c];
            bool down = false;
            std::array<float, dsp::kEnergyBands> depth{1.0F, 1.0F, 1.0F};
            std::array<float, dsp::kEnergyBands> energy{};
            float strain = 1.0F;
            for (std::size_t band = 0; band < dsp::kEnergyBands; ++band) {
                const float low = w.low[2 * band + c];
                if (low >= 0.0F) {
                    const std::size_t lane = 2 * band + c;
                    const float excuse = std::max(1.0F, w.strain[lane] / usual_strain_[lane]);
                    depth[band] = low / usual_[lane];
                    energy[band] = w.expected[lane];
                    strain = std::max(strain, w.strain[lane]);
                    down = down || depth[band] * excuse < limit;
                }
            }
            if (down && !event.open) {
                event = Open{true, decided_, decided_, {1.0F, 1.0F, 1.0F}, {}, 1.0F};
            }
            if (event.open) {
                if (down) {
                    event.last = decided_;
                }
                event.strain = std::max(event.strain, strain);
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

void DropoutDetector::finish(const EnergyTrack& sent, const EnergyTrack& came, const ClockMap& clocks) {
    decide_up_to(measured_, sent, came, clocks);
    for (int channel = 0; channel < 2; ++channel) {
        if (open_[static_cast<std::size_t>(channel)].open) {
            close(channel, sent, came, clocks);
        }
    }
    fine_.finish();
    settle_fine(true);
    end_quiet(end_frame_);
}

double DropoutDetector::judged_share() const noexcept {
    return windows_ > 0 ? 0.5 * static_cast<double>(judged_) / static_cast<double>(windows_) : 0.0;
}

float DropoutDetector::judged_in_second(std::size_t second) const noexcept {
    if (second >= judged_in_.size() || judged_in_[second].windows == 0) {
        return 0.0F;
    }
    return 0.5F * static_cast<float>(judged_in_[second].judged) / static_cast<float>(judged_in_[second].windows);
}

} // namespace overbias::mastering
