// SPDX-License-Identifier: Apache-2.0
// The walk along the programme, and what is given out.
#include "mastering/verify/tape_follower_impl.hpp"

#include <cmath>
#include <numbers>

namespace overbias::mastering {
namespace {

constexpr double kLow_hz = 400.0, kHigh_hz = 5000.0;
constexpr double kFrame_s = 0.06; ///< at least; a power of two
constexpr double kLine_s = 5.0;   ///< the tape's own speed, wow taken out
constexpr double kCoast_s = 0.35; ///< so long the followed speed holds; then the line
constexpr double kReach_s = 0.0004, kDrift = 3e-4, kMostReach_s = 0.02;
constexpr double kFollowPlace = 0.6, kFollowSpeed = 0.15; ///< of each deviation
constexpr double kLost_s = 0.35;                          ///< audible, and does not fit
constexpr double kHoldQuiet_s = 1.0, kHoldLost_s = 14.0;  ///< what is given out waits so long for the next fit
constexpr double kKeep_s = 5.0;                           ///< of the return, to look around with

std::size_t frame_size(double rate_hz) {
    std::size_t size = 1024;
    while (static_cast<double>(size) < kFrame_s * rate_hz) {
        size *= 2;
    }
    return size;
}

} // namespace

TapeFollower::Impl::Impl(double rate, Out out_used, Stretch stretch_used, Apart apart_used)
    : rate_hz(rate), out(std::move(out_used)), stretch(std::move(stretch_used)), apart(std::move(apart_used)),
      size(mastering::frame_size(rate)), hop(static_cast<std::int64_t>(size / 2)), fft(size),
      estimator(size, rate, kLow_hz, kHigh_hz), window(size), time(size) {
    for (std::size_t n = 0; n < size; ++n) {
        window[n] = static_cast<float>(
            0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size)));
    }
    for (std::size_t channel = 0; channel < 2; ++channel) {
        sent_bins[channel].resize(fft.bins());
        came_bins[channel].resize(fft.bins());
    }
}

/// Where a knot should be in the return.
double TapeFollower::Impl::expected(std::int64_t knot) const {
    const std::int64_t since = knot - last_knot;
    if (measured && since > knots_of(kCoast_s)) {
        if (const auto line = map.line(knot, since + knots_of(kLine_s))) {
            return line->at;
        }
    }
    return last_place + slope * static_cast<double>(since);
}

/// How far off it may be, frames of the return.
double TapeFollower::Impl::uncertainty(std::int64_t knot) const {
    const double away = static_cast<double>(std::abs(knot - last_knot) * hop) * kDrift;
    return std::min(kReach_s * rate_hz + (measured ? 0.0 : first_uncertainty) + away, kMostReach_s * rate_hz);
}

bool TapeFollower::Impl::there(std::int64_t knot, double place) const {
    const double reach = uncertainty(knot) + slope + static_cast<double>(FrameStore::kTaps);
    return knot * hop + hop <= programme.end() && place + reach <= static_cast<double>(came.end());
}

void TapeFollower::Impl::take(std::int64_t knot, double place, const Look& seen) {
    learn(seen);
    const double lost_place = lost ? expected(lost_knot) : 0.0;
    ReturnKnot made{.return_frame = place, .weight = 0.0, .channel = {}, .branch = branch, .heard = true};
    if (seen.fits) {
        const std::int64_t since = knot - last_knot;
        made.return_frame = place + seen.off;
        made.weight = seen.weight;
        for (std::size_t channel = 0; channel < 2; ++channel) {
            if (seen.channel[channel]) {
                made.channel[channel] = place + *seen.channel[channel];
            }
        }
        if (measured && since <= knots_of(kCoast_s)) {
            last_place = place + kFollowPlace * seen.off;
            slope += kFollowSpeed * seen.off / static_cast<double>(std::max<std::int64_t>(1, since));
        } else {
            last_place = made.return_frame;
            if (const auto line = measured ? map.line(knot, since + knots_of(kLine_s)) : std::nullopt) {
                slope = line->slope;
            }
        }
        last_knot = knot;
        measured = true;
        if (lost) {
            losses.push_back({lost_knot * hop, knot * hop, lost_place, LostStretch::Kind::Drop});
        }
        lost = false;
        misses = 0;
        lost_knot = -1;
        look_again_s = 0.0;
        points.push_back(
            {knot * hop, made.return_frame,
             made.channel[0] && made.channel[1] ? static_cast<float>(*made.channel[1] - *made.channel[0]) : 0.0F,
             made.channel[0] && made.channel[1], branch});
    } else if (seen.audible) {
        if (lost_knot < 0) {
            lost_knot = knot;
        }
        ++misses;
        lost = lost || misses > knots_of(kLost_s);
    }
    map.add(made);
}

void TapeFollower::Impl::advance(bool last) {
    for (;;) {
        const double place = expected(cursor);
        if (!there(cursor, place)) {
            break;
        }
        const Look seen = look(cursor, place, uncertainty(cursor));
        take(cursor, place, seen);
        ++cursor;
        if (searching) {
            take_search();
        } else if (lost && stretch && cursor >= look_around_at) {
            look_around();
        }
        give(false);
    }
    if (last) {
        // Frames at the end for which there is no whole look: by where they are expected.
        while (cursor * hop < programme.end() && expected(cursor) < static_cast<double>(came.end())) {
            map.add({.return_frame = expected(cursor), .weight = 0.0, .channel = {}, .branch = branch, .heard = true});
            ++cursor;
        }
        give(true);
    }
    forget();
}

void TapeFollower::Impl::give(bool last) {
    const std::int64_t hold = knots_of(lost ? kHoldLost_s : kHoldQuiet_s) + 1;
    while (given + 1 < cursor) {
        const bool settled = given + 4 <= last_knot; // enough on both sides to smooth it
        if (!last && !settled && given + 1 > cursor - hold) {
            return;
        }
        if (!last && (given + 1) * hop > programme.end()) {
            return; // the tape went on further ahead than the programme has been handed over
        }
        give_interval(given);
        ++given;
    }
}

/// The programme between a knot and the next one.
void TapeFollower::Impl::give_interval(std::int64_t knot) {
    const bool heard = map.at(knot).heard && map.at(knot + 1).heard && map.at(knot).branch == map.at(knot + 1).branch;
    const std::int64_t from = std::max(knot * hop, given_frame);
    const std::int64_t to = std::min((knot + 1) * hop, programme.end());
    if (to <= from) {
        return;
    }
    const auto frames = static_cast<std::size_t>(to - from);
    piece.resize(2 * frames);
    came_piece.assign(2 * frames, 0.0F);
    programme.copy(from, piece);
    if (heard) {
        const double y0 = map.smooth(knot), y1 = map.smooth(knot + 1);
        const auto inside = [&](std::int64_t k) {
            return k >= map.first() && k < map.end() && map.at(k).heard && map.at(k).branch == map.at(knot).branch;
        };
        const double before = inside(knot - 1) ? map.smooth(knot - 1) : 2.0 * y0 - y1;
        const double after = inside(knot + 2) ? map.smooth(knot + 2) : 2.0 * y1 - y0;
        const double m0 = 0.5 * (y1 - before), m1 = 0.5 * (after - y0);
        for (std::size_t n = 0; n < frames; ++n) {
            const double t =
                static_cast<double>(from + static_cast<std::int64_t>(n) - knot * hop) / static_cast<double>(hop);
            const double u = 1.0 - t;
            const double place = u * u * ((1.0 + 2.0 * t) * y0 + t * m0) + t * t * ((3.0 - 2.0 * t) * y1 - u * m1);
            const auto pair = came.between(place);
            came_piece[2 * n] = pair[0];
            came_piece[2 * n + 1] = pair[1];
        }
    }
    out(from, piece, came_piece, heard);
    given_frame = to;
}

void TapeFollower::Impl::forget() {
    const std::int64_t oldest = std::min(given, lost ? std::min(last_knot, cursor) : cursor);
    programme.forget_before((oldest - 4) * hop);
    const double keep =
        std::min(map.first() < map.end() && given < map.end() ? map.at(given).return_frame : expected(given),
                 expected(cursor) - kKeep_s * rate_hz);
    came.forget_before(static_cast<std::int64_t>(keep - 4.0 * static_cast<double>(hop)));
    map.forget_before(std::min(given, cursor - knots_of(kLine_s) - knots_of(kHoldLost_s)) - 8);
}

TapeFollower::TapeFollower(double rate_hz, Out out, Stretch stretch, Apart apart)
    : impl_(std::make_unique<Impl>(rate_hz, std::move(out), std::move(stretch), std::move(apart))) {
}

TapeFollower::~TapeFollower() = default;

void TapeFollower::begin(std::int64_t first_frame, const FollowPlace& place) {
    Impl& self = *impl_;
    self.programme.begin(first_frame);
    const auto first =
        static_cast<std::int64_t>(std::floor(static_cast<double>(first_frame) / static_cast<double>(self.hop)));
    self.map.begin(first);
    self.cursor = self.given = first;
    self.given_frame = first_frame;
    // the line through the place that is known, at the knot nearest to it
    self.slope = place.speed * static_cast<double>(self.hop);
    self.last_knot = std::llround(place.programme_frame / static_cast<double>(self.hop));
    self.last_place =
        place.return_frame + (static_cast<double>(self.last_knot * self.hop) - place.programme_frame) * place.speed;
    self.first_uncertainty = place.uncertainty_frames;
}

void TapeFollower::push_programme(std::span<const float> stereo) {
    impl_->programme.push(impl_->programme.end(), stereo);
    impl_->advance(false);
}

void TapeFollower::push_return(std::int64_t first_frame, std::span<const float> stereo) {
    if (impl_->came.end() == 0 && impl_->came.first() == 0) {
        impl_->came.begin(first_frame);
    }
    impl_->came.push(first_frame, stereo);
    impl_->advance(false);
}

std::int64_t TapeFollower::programme_wanted() const noexcept {
    const Impl& self = *impl_;
    return std::max<std::int64_t>(0, (self.cursor + 4) * self.hop - self.programme.end());
}

void TapeFollower::finish() {
    impl_->advance(true);
}

bool TapeFollower::lost() const noexcept {
    return impl_->lost;
}
std::int64_t TapeFollower::given_to() const noexcept {
    return impl_->given_frame;
}
std::int64_t TapeFollower::looked_to() const noexcept {
    return impl_->cursor * impl_->hop;
}
double TapeFollower::programme_at(double return_frame) const noexcept {
    const Impl& self = *impl_;
    return static_cast<double>(self.last_knot * self.hop) +
           (return_frame - self.last_place) * static_cast<double>(self.hop) / self.slope;
}
const std::vector<LostStretch>& TapeFollower::lost_stretches() const noexcept {
    return impl_->losses;
}
const std::vector<TapeFollower::Point>& TapeFollower::points() const noexcept {
    return impl_->points;
}
std::int64_t TapeFollower::hop_frames() const noexcept {
    return impl_->hop;
}
std::int64_t TapeFollower::frame_size() const noexcept {
    return static_cast<std::int64_t>(impl_->size);
}

} // namespace overbias::mastering
