// SPDX-License-Identifier: Apache-2.0
// The tape is lost: what it plays now is looked for in the programme around.
#include "mastering/verify/tape_follower_impl.hpp"

#include "audio/sound_stretch.hpp"
#include "mastering/verify/patient_match.hpp"

#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kHeard_s = 3.0; ///< of the return
constexpr double kBack_s = 12.0, kAhead_s = 30.0;
constexpr double kSoonest_s = 1.0, kLatest_s = 8.0; ///< from one search to the next
constexpr double kOverlap_s = 0.5;
constexpr double kNoJump_s = 0.02; ///< nearer than this the tape only drifted
constexpr double kSpeedRange = 0.01;

} // namespace

void TapeFollower::Impl::look_around() {
    const auto frames = static_cast<std::int64_t>(kHeard_s * rate_hz);
    const std::int64_t to = std::min(static_cast<std::int64_t>(expected(cursor)), came.end());
    const std::int64_t from = to - frames;
    // All of it must have been played after the tape was lost.
    if (lost_knot < 0 || static_cast<double>(from) < expected(lost_knot) - kOverlap_s * rate_hz ||
        from < came.first()) {
        return;
    }
    look_again_s = std::clamp(2.0 * look_again_s, kSoonest_s, kLatest_s);
    look_around_at = cursor + knots_of(look_again_s);
    auto heard = std::make_shared<std::vector<float>>(static_cast<std::size_t>(2 * frames));
    came.copy(from, *heard);
    for (std::size_t n = 0; swapped && n + 1 < heard->size(); n += 2) {
        std::swap((*heard)[n], (*heard)[n + 1]);
    }
    searching = std::make_shared<Search>();
    searching->from = from;
    searching->from_s = static_cast<double>(cursor * hop) / rate_hz - kHeard_s - kBack_s;
    const auto work = [now = searching, heard, around = stretch, rate = rate_hz] {
        const std::vector<float> there = around(now->from_s, kBack_s + kHeard_s + kAhead_s);
        if (!there.empty()) {
            now->match = match_patiently(audio::at_other_rate(*heard, rate, kMatchRate_hz), there, false);
        }
        now->done.store(true, std::memory_order_release);
    };
    if (apart) {
        apart(work);
    } else {
        work();
    }
    take_search();
}

void TapeFollower::Impl::take_search() {
    if (!searching->done.load(std::memory_order_acquire)) {
        return;
    }
    const std::shared_ptr<Search> ended = std::exchange(searching, nullptr);
    if (!lost || !ended->match || std::abs(ended->match->speed - static_cast<double>(hop) / slope) > kSpeedRange) {
        return;
    }
    jump_to((ended->from_s + ended->match->programme_s) * rate_hz,
            static_cast<double>(ended->from) + ended->match->heard_s * rate_hz, slope / static_cast<double>(hop));
}

/// The programme was heard elsewhere than expected: the tape was cut there, or runs back.
void TapeFollower::Impl::jump_to(double programme_frame, double return_frame, double speed) {
    // What is missing lies right before the first piece that did not fit, but not before the last one that did: in a
    // silence nothing tells where.
    const double last_programme = static_cast<double>(last_knot * hop);
    const double missing = programme_frame - (return_frame - last_place) / speed - last_programme;
    if (std::abs(missing) < kNoJump_s * rate_hz) {
        return; // the walk finds that by itself
    }
    const double silent = lost_knot > last_knot ? static_cast<double>((lost_knot - last_knot - 1) * hop) : 0.0;
    const double later = std::max(0.0, silent - std::max(0.0, missing));
    const double from_programme = last_programme + later, from_place = last_place + later * speed;
    const std::int64_t from =
        std::max(static_cast<std::int64_t>(std::floor(from_programme / static_cast<double>(hop))), given) + 1;
    map.rewind(from);
    for (cursor = map.end(); cursor < from; ++cursor) {
        map.add({.return_frame = expected(cursor), .weight = 0.0, .channel = {}, .branch = branch, .heard = true});
    }
    const double place = return_frame + (last_programme - programme_frame) * speed; // of last_knot on the new line
    const auto loss = [&](double to_programme, LostStretch::Kind kind) {
        losses.push_back(
            {static_cast<std::int64_t>(from_programme), static_cast<std::int64_t>(to_programme), from_place, kind});
    };
    if (missing > 0.0) {
        const auto next = static_cast<std::int64_t>(std::ceil((from_programme + missing) / static_cast<double>(hop)));
        for (; cursor < next; ++cursor) {
            map.add({.return_frame = from_place, .weight = 0.0, .channel = {}, .branch = branch, .heard = false});
        }
        loss(from_programme + missing, LostStretch::Kind::Missing);
    } else {
        loss(from_programme - missing, LostStretch::Kind::Repeated);
    }
    ++branch;
    last_place = place;
    slope = speed * static_cast<double>(hop);
    measured = false; // of this branch
    first_uncertainty = 0.002 * rate_hz;
    lost = false;
    misses = 0;
    lost_knot = -1;
}

} // namespace overbias::mastering
