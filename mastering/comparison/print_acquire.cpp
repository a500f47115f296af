// SPDX-License-Identifier: Apache-2.0
// The part of PrintJudge for runs without a slate: a print that goes on after a stop, masters played by somebody else,
// a reel whose slate is not among what is played. The delay is then found in the programme.
#include "base/units.hpp"
#include "mastering/comparison/print_judge.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kRestBefore_s = 1.0;
constexpr double kAfterFirst_s = 0.3; // of the first section heard before anything is judged
constexpr double kNext_s = 1.0;       // where it is looked next
constexpr double kNextLater_s = 10.0; // after so many vain looks: each costs some milliseconds
constexpr int kLooks = 20;
constexpr double kLive_s = 0.6; // most delay that is looked for, as for a slate
// The return has been brought to the reference's time base; a wider look finds a note's next period, or another bar.
constexpr double kReplay_s = 0.005;
constexpr double kLeast_db = -55.0;                   // re operating level: programme that is looked for
constexpr double kSilent_s = 0.7, kSilent_db = -90.0; // dBFS; with the delay, half a second of the return
constexpr double kUnknownNoise_db = -50.0; // re operating level, where nothing was heard of it: no good tape is worse

} // namespace

void PrintJudge::begin_without_slate(bool last_call) {
    if (sections_.empty()) {
        slate_searched_ = last_call;
        return;
    }
    const std::int64_t first = sections_.front().plan.first_frame;
    const double mapped = clocks_.return_frame(static_cast<double>(first));
    const double lag = (evidence_.expected_delay_s + config_.round_trip_s) * rate_hz_;
    const auto due = static_cast<std::int64_t>(mapped + lag);
    const std::int64_t heard = frames_of(kAfterFirst_s);
    if (!last_call && (sent_.end() < first + heard || came_.end() < due + heard)) {
        return;
    }
    slate_searched_ = true;
    from_programme_ = true;
    slate_frame_ = first;
    evidence_.with_slate = false;
    delay_.assume(lag);
    const EarlierRun earlier = config_.earlier.value_or(EarlierRun{});
    const double unknown = evidence_.operating_dbfs + kUnknownNoise_db;
    assume_noise({earlier.noise_dbfs[0].value_or(unknown), earlier.noise_dbfs[1].value_or(unknown)});
    // Before a gap an earlier programme may have played (the pre-roll of a print that goes on); the gap itself will
    // say.
    if (sections_.front().kind != SectionKind::Gap && silent_before(first)) {
        seed_noise(due);
    }
    note_rest_level(mapped - kRestBefore_s * rate_hz_);
    if (earlier.head_delay_s && !replay_) {
        evidence_.earlier_delay_s = earlier.head_delay_s;
    }
    const double operating =
        power_from_db(config_.capture_dbfs_at_operating_level - config_.play_dbfs_at_operating_level);
    for (std::size_t c = 0; c < 2; ++c) {
        if (earlier.noise_dbfs[c]) {
            evidence_.earlier_noise_db[c] = earlier.noise_dbfs[c];
        }
        slate_difference_db_[c] = earlier.slate_level_difference_db[c];
        third_harmonic_[c] = earlier.slate_third_harmonic[c].value_or(0.0);
        if (slate_difference_db_[c] && *slate_difference_db_[c] > -6.0) {
            reference_.gain[c] = operating * power_from_db(*slate_difference_db_[c]);
        }
    }
}

/// Nothing was sent for half a second before a frame.
bool PrintJudge::silent_before(std::int64_t frame) const {
    const std::int64_t frames = frames_of(kSilent_s);
    if (!sent_.has(frame - frames, frames)) {
        return false;
    }
    std::vector<float> before(2 * static_cast<std::size_t>(frames));
    sent_.copy(frame - frames, before);
    double power = 0.0;
    for (const float x : before) {
        power += static_cast<double>(x) * static_cast<double>(x);
    }
    return power < power_from_db(kSilent_db) * static_cast<double>(before.size());
}

/// Looks for the programme from the cursor on. False: not enough has come to look.
bool PrintJudge::look_for_programme(const Section& section, bool last_call) {
    ProgrammeSearch search;
    search.first_frame = cursor_;
    search.earliest_s = replay_ ? -kReplay_s : config_.round_trip_s - 0.002;
    search.latest_s = replay_ ? kReplay_s : config_.round_trip_s + std::max(kLive_s, 1.2 * evidence_.expected_delay_s);
    search.least_power = reference_.operating_power * power_from_db(kLeast_db);
    const std::int64_t needed = programme_frames_needed(search, rate_hz_);
    const double mapped = clocks_.return_frame(static_cast<double>(cursor_));
    if (!last_call &&
        (sent_.end() < cursor_ + needed || static_cast<double>(came_.end()) < mapped + static_cast<double>(needed))) {
        return false;
    }
    ++looks_;
    look_from_ = cursor_ + frames_of(looks_ < kLooks ? kNext_s : kNextLater_s);
    const auto found = find_programme(sent_, came_, clocks_, search, analyser_);
    if (!found) {
        return true;
    }
    delay_.acquire(*found);
    slate_lag_ = 0.5 * ((*found)[0] + (*found)[1]);
    evidence_.delay_s = delay_.delay_s(*slate_lag_, clocks_);
    evidence_.found_at_s = static_cast<double>(cursor_ - section.plan.first_frame) / rate_hz_;
    update_proof();
    return true;
}

} // namespace overbias::mastering
