// SPDX-License-Identifier: Apache-2.0
// The part of PrintJudge that deals with slate, noise and the proof that the return comes off tape. (The walk through
// the sections is in print_judge.cpp, the verdict in print_verdict.cpp.)
#include "base/units.hpp"
#include "mastering/comparison/print_judge.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kListen_s = 1.5;
constexpr double kNotWell_db = -6.0;
constexpr double kToneWidth_hz = 60.0;
constexpr double kRestBefore_s = 1.0; // the deck runs and records this long before the slate at the latest
constexpr std::size_t kRestBlocks = 3;

} // namespace

bool PrintJudge::search_slate(bool last_call) {
    const auto slate =
        std::find_if(sections_.begin(), sections_.end(), [](const Section& s) { return s.kind == SectionKind::Slate; });
    if (slate == sections_.end()) {
        begin_without_slate(last_call);
        return slate_searched_;
    }
    with_slate_ = true;
    slate_frame_ = slate->plan.first_frame;
    const double duration_s = static_cast<double>(slate->plan.frames) / rate_hz_;
    SlateSearch search;
    search.first_frame = slate_frame_;
    search.listen_s = std::min(kListen_s, duration_s - 0.05);
    search.latest_s = 0.4 * search.listen_s;
    search.expected_delay_s = evidence_.expected_delay_s + config_.round_trip_s;
    search.expected_gain = std::sqrt(reference_.gain[0]);
    const std::int64_t needed = slate_frames_needed(search, rate_hz_);
    const double mapped = clocks_.return_frame(static_cast<double>(slate_frame_));
    const bool there = sent_.end() >= slate_frame_ + needed &&
                       static_cast<double>(came_.end()) >= mapped + static_cast<double>(needed);
    if (!there && !last_call) {
        return false;
    }
    slate_searched_ = true;
    const auto due = static_cast<std::int64_t>(mapped + search.expected_delay_s * rate_hz_);
    seed_noise(due);
    if (const auto found = find_slate(sent_, came_, clocks_, search, rate_hz_)) {
        slate_ = *found;
    }
    std::array<double, 2> lag{};
    int with_lag = 0;
    for (std::size_t c = 0; c < 2; ++c) {
        evidence_.slate_sent = evidence_.slate_sent || slate_[c].sent;
        evidence_.slate_present[c] = slate_[c].present;
        if (slate_[c].present) {
            const double before_db =
                amplitude_db(std::max(slate_[c].before_amplitude, 1e-9) / slate_[c].came_amplitude);
            evidence_.tone_before_db = std::max(evidence_.tone_before_db.value_or(-200.0), before_db);
        }
        if (slate_[c].onset_found) {
            lag[c] = slate_[c].lag_frames;
            ++with_lag;
        }
    }
    if (with_lag > 0) {
        if (with_lag == 1) {
            lag[slate_[0].onset_found ? 1 : 0] = lag[slate_[0].onset_found ? 0 : 1];
        }
        delay_.acquire(lag);
        slate_lag_ = 0.5 * (lag[0] + lag[1]);
        evidence_.delay_s = delay_.delay_s(*slate_lag_, clocks_);
    }
    // A reel that is played later may begin behind its slate.
    from_programme_ = replay_ && !delay_.acquired();
    note_rest_level(mapped - kRestBefore_s * rate_hz_);
    update_proof();
    return true;
}

/// Electronics: the quietest blocks before a frame of the return, when the deck stood still.
void PrintJudge::note_rest_level(double before_frame) {
    const double hop_frames = static_cast<double>(energy_config_.hop_frames);
    std::erase_if(rest_, [&](const RestBlock& block) {
        return static_cast<double>(block.first_hop) * hop_frames > before_frame;
    });
    for (std::size_t c = 0; c < 2; ++c) {
        std::vector<double> levels;
        for (const RestBlock& block : rest_) {
            levels.push_back(lanes_dbfs(block.mean, c));
        }
        if (levels.size() >= kRestBlocks) {
            std::nth_element(levels.begin(), levels.begin() + kRestBlocks / 2, levels.end());
            evidence_.rest_db[c] = levels[kRestBlocks / 2];
        }
    }
    rest_.clear();
    rest_.shrink_to_fit();
}

void PrintJudge::add_slate_frame(std::int64_t frame, const Section& section, double base) {
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    const std::int64_t end = section.plan.first_frame + section.plan.frames;
    if (frame < section.plan.first_frame + 2 * size || frame + 2 * size > end) {
        return; // onset and end
    }
    if (slate_sums_.frames == 0) {
        for (const SlateChannel& channel : slate_) {
            if (channel.came_cycles_per_frame > 0.0) {
                tone_hz_ = channel.came_cycles_per_frame * rate_hz_;
            }
        }
    }
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        slate_sums_.sent[c] += analyser_.sent_power_near(channel, tone_hz_, kToneWidth_hz);
        slate_sums_.came[c] += analyser_.came_power_near(channel, tone_hz_, kToneWidth_hz);
        slate_sums_.third_harmonic[c] += analyser_.came_power_near(channel, 3.0 * tone_hz_, kToneWidth_hz);
        slate_sums_.whole[c] += power_from_db(band_dbfs(figures_.came[c]));
    }
    ++slate_sums_.frames;
    if (delay_.acquired()) {
        delay_.update(figures_, analyser_, clocks_, frame + size / 2, base, {slate_[0].present, slate_[1].present},
                      true);
    }
}

void PrintJudge::end_slate() {
    if (slate_sums_.frames == 0) {
        return;
    }
    // The onset gives the delay of one moment; flutter moves it by tens of microseconds, so the figure is the median
    // over the slate.
    std::vector<double> lags;
    for (const auto& seen : delay_.observations()) {
        for (std::size_t c = 0; c < 2; ++c) {
            if (seen.sure[c] >= kDelaySure) {
                lags.push_back(seen.return_frame[c] - clocks_.return_frame(static_cast<double>(seen.reference_frame)));
            }
        }
    }
    if (const auto median = median_of(lags)) {
        slate_lag_ = median;
        evidence_.delay_s = delay_.delay_s(*slate_lag_, clocks_);
    }
    const double operating =
        power_from_db(config_.capture_dbfs_at_operating_level - config_.play_dbfs_at_operating_level);
    for (std::size_t c = 0; c < 2; ++c) {
        evidence_.during_slate_db[c] = power_db(std::max(1e-20, slate_sums_.whole[c] / slate_sums_.frames));
        if (!slate_[c].present || slate_sums_.sent[c] <= 0.0) {
            continue;
        }
        const double gain = slate_sums_.came[c] / slate_sums_.sent[c];
        slate_difference_db_[c] = power_db(std::max(1e-9, gain / operating));
        third_harmonic_[c] = std::sqrt(slate_sums_.third_harmonic[c] / slate_sums_.came[c]);
        // A slate far off is a fault of its own; the programme is then still measured against what was expected.
        if (*slate_difference_db_[c] > kNotWell_db) {
            reference_.gain[c] = gain;
        }
    }
    update_proof();
}

void PrintJudge::update_proof() {
    OffTapeEvidence evidence = evidence_;
    if (!noise_from_gap_) {
        evidence.gap_db = evidence.lead_in_db; // the best there is so far
    }
    proof_ = judge_off_tape(evidence);
}

} // namespace overbias::mastering
