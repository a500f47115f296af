// SPDX-License-Identifier: Apache-2.0
// What is heard of the tape while it comes to the boundary at which a side goes on, and what the files say of it.
#include "mastering/side_print.hpp"

#include "base/figure.hpp"
#include "base/units.hpp"

#include <memory>
#include <utility>

namespace overbias::mastering {

using transport::JobStopped;

namespace {

constexpr double kFullScale = 2147483648.0;
constexpr double kKeepHeard_s = 6.0;
constexpr double kLookEvery_s = 1.0;

} // namespace

/// What comes back, until the last seconds are there.
void SidePrint::hear() {
    while (context_.played.read(samples_).frames > 0) {
    }
    for (;;) {
        const auto block = return_->read(samples_);
        if (block.frames == 0) {
            break;
        }
        if (!heard_.empty() && block.first_frame != heard_from_ + static_cast<std::int64_t>(heard_.size() / 2)) {
            heard_.clear(); // frames were lost: from here anew
        }
        if (heard_.empty()) {
            heard_from_ = block.first_frame;
        }
        for (std::size_t i = 0; i < block.frames * 2; ++i) {
            heard_.push_back(static_cast<float>(samples_[i] / kFullScale));
        }
    }
    const double rate_hz = context_.installation.sample_rate_hz;
    const auto keep = static_cast<std::size_t>(kKeepHeard_s * rate_hz);
    if (heard_.size() / 2 > 2 * keep) {
        const std::size_t drop = heard_.size() / 2 - keep;
        heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(2 * drop));
        heard_from_ += static_cast<std::int64_t>(drop);
    }
    take_xruns();
}

/// When the end of the track before is heard, by the counter.
double SidePrint::expected_end_s() {
    const double speed_m_s = metres_per_second(context_.installation.tape_speed_ips);
    const double heard_later_m =
        context_.comparison.record_to_reproduce_m + speed_m_s * context_.comparison.round_trip_s;
    return now_s() + (end_place_m_ + heard_later_m - context_.transport.state().position_m) / speed_m_s;
}

/// Matching reads and decodes files: that is not for the thread that STOP comes on. While it goes on the loop turns.
void SidePrint::look(double end_s, double reach_s) {
    const double rate_hz = context_.installation.sample_rate_hz;
    const auto listen = static_cast<std::size_t>(TrackEndFinder::kListen_s * rate_hz);
    const std::int64_t to = heard_from_ + static_cast<std::int64_t>(heard_.size() / 2);
    if (looking_ || heard_.size() / 2 < listen || to - looked_to_ < static_cast<std::int64_t>(kLookEvery_s * rate_hz)) {
        return;
    }
    looked_to_ = to;
    const auto stamp = return_->timestamp();
    const std::int64_t from = to - static_cast<std::int64_t>(listen);
    HeardStretch stretch{.stereo = {heard_.end() - static_cast<std::ptrdiff_t>(2 * listen), heard_.end()},
                         .rate_hz = rate_hz,
                         .from_s = seconds(stamp.at) - static_cast<double>(stamp.frame - from) / rate_hz};
    looking_ = true;
    const auto tell = [this, still = std::weak_ptr<bool>(alive_)] {
        if (still.expired()) {
            return;
        }
        looking_ = false;
        told_ = {finder_->known(), finder_->last(), finder_->trouble()};
        if (told_.known) {
            boundary_end_s_ = told_.known->end_s;
            boundary_uncertainty_s_ = told_.known->uncertainty_s;
        }
    };
    auto work = [finder = finder_, stretch = std::move(stretch), end_s, reach_s] {
        (void)finder->look(stretch, end_s, reach_s); // what came of it is asked for afterwards
    };
    if (context_.aside) {
        return context_.aside(std::move(work), tell);
    }
    work();
    tell();
}

void SidePrint::refuse_unmatched() {
    context_.transport.stop();
    const KnownTrack& track = finder_->track();
    throw JobStopped(JobStopped::Kind::Refused,
                     "nothing was recorded: the tape does not tell that it stands before the end of " + track.name +
                         (told_.trouble.empty() ? std::string(": what was heard agrees with no single place")
                                                : "; " + told_.trouble) +
                         "; check that the reel of this side is threaded, heads out, that the tape return is the "
                         "deck's output at REPRO and not muted, then resume again, or begin the side anew");
}

} // namespace overbias::mastering
