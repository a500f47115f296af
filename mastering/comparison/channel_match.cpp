// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/channel_match.hpp"

#include <cmath>

namespace overbias::mastering {
namespace {

constexpr std::int64_t kFewestFrames = 10;
constexpr double kUnlike = 0.1; // what the own channel leaves unexplained before another explanation is looked for
constexpr double kHardlyUnlike = 0.01; // the same when both channels agree
constexpr double kMuchBetter = 0.3;
constexpr double kRelated = 0.3; // correlation below which nothing is related

double rest(double correlation) {
    return 1.0 - correlation * correlation;
}

} // namespace

bool exchanged(const ChannelMatch& left, const ChannelMatch& right) noexcept {
    const auto one = [](const ChannelMatch& match) {
        return match.judged && rest(match.own_correlation) > kHardlyUnlike &&
               rest(match.other_correlation) < kMuchBetter * rest(match.own_correlation);
    };
    return one(left) && one(right);
}

void ChannelMatcher::add(const FrameFigures& figures, std::array<bool, 2> clear) noexcept {
    // Both channels' programme is used as soon as one is there: a swap moves it to where nothing was sent.
    if (!clear[0] && !clear[1]) {
        return;
    }
    for (std::size_t to = 0; to < 2; ++to) {
        // Each frame counts alike, so that one loud passage does not decide.
        const double norm = 1.0 / (figures.sent_middle[0] + figures.sent_middle[1]);
        for (std::size_t from = 0; from < 2; ++from) {
            cross_[from][to] += norm * figures.cross[from][to];
            sent_[from][to] += norm * figures.sent_middle[from];
        }
        came_[to] += norm * figures.came_middle[to];
        ++frames_[to];
    }
}

ChannelMatch ChannelMatcher::result(int channel) const noexcept {
    const auto c = static_cast<std::size_t>(channel);
    ChannelMatch match;
    const auto correlation = [&](std::size_t from) {
        const double norm = std::sqrt(sent_[from][c] * came_[c]);
        return norm > 0.0 ? cross_[from][c] / norm : 0.0;
    };
    match.own_correlation = correlation(c);
    match.other_correlation = correlation(1 - c);
    match.frames = frames_[c];
    match.judged = frames_[c] >= kFewestFrames && came_[c] > 0.0;
    if (!match.judged) {
        return match;
    }
    const double own_rest = rest(match.own_correlation);
    const double other_rest = rest(match.other_correlation);
    match.swapped = own_rest > kUnlike && other_rest < kMuchBetter * own_rest;
    match.inverted = (match.swapped ? match.other_correlation : match.own_correlation) < -0.5;
    match.unrelated = std::abs(match.own_correlation) < kRelated && std::abs(match.other_correlation) < kRelated;
    return match;
}

} // namespace overbias::mastering
