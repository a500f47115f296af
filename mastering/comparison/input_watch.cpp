// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/input_watch.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace overbias::mastering {
namespace {

constexpr double kLost = 0.6;  // correlation below which a clear programme is not at the head delay
constexpr double kSure = 0.85; // at which it is where nothing lies between
constexpr int kEvery = 8;      // frames, once two in a row have been looked at
constexpr int kConfirmed = 2;
constexpr std::int64_t kBack = 28;  // frames: like passages may hide the switch for a while
constexpr double kSilence = 1e-8;   // mean square under which nothing is said
constexpr double kLeastRest = 0.01; // what a block must leave unexplained to tell more than chance

double rest(double correlation) {
    return 1.0 - correlation * correlation;
}

/// The decibels, in nepers, of what one block leaves unexplained in the other, both channels.
double cost_of(std::span<const float> came, std::span<const float> sent) {
    double cost = 0.0;
    for (std::size_t c = 0; c < 2; ++c) {
        const double floor = kSilence * static_cast<double>(came.size() / 2);
        double ss = floor;
        double cc = floor;
        double sc = 0.0;
        for (std::size_t n = c; n < came.size(); n += 2) {
            const auto x = static_cast<double>(sent[n]);
            const auto y = static_cast<double>(came[n]);
            ss += x * x;
            cc += y * y;
            sc += x * y;
        }
        cost += std::log(std::max(kLeastRest, 1.0 - sc * sc / (ss * cc)));
    }
    return cost;
}

} // namespace

/// What came at the delay of the converters alone is what was sent, and is it more nearly than at the head delay.
bool InputWatch::fits_directly(std::int64_t frame, std::array<bool, 2> clear, const FrameFigures& figures,
                               std::span<const float> sent, const Streams& streams, FrameAnalyser& analyser) {
    const double mapped = streams.clocks.return_frame(static_cast<double>(frame)) + direct_lag_;
    const auto at = static_cast<std::int64_t>(std::llround(mapped));
    if (!streams.came.has(at, size_)) {
        return false;
    }
    streams.came.copy(at, cut_);
    const double guess = mapped - static_cast<double>(at);
    analyser.analyse(sent, cut_, {guess, guess}, direct_);
    for (std::size_t c = 0; c < 2; ++c) {
        const double direct = direct_.delay[c].correlation;
        if (clear[c] && std::abs(direct) > kSure && rest(direct) < rest(figures.delay[c].correlation)) {
            return true;
        }
    }
    return false;
}

void InputWatch::add(std::int64_t frame, const FrameFigures& figures, std::array<bool, 2> clear, double tape_lag,
                     std::span<const float> sent, const Streams& streams, FrameAnalyser& analyser) {
    if (from_) {
        return;
    }
    tape_lag_[seen_++ % kLags] = tape_lag;
    if (!clear[0] && !clear[1]) {
        return;
    }
    bool astray = true;
    for (std::size_t c = 0; c < 2; ++c) {
        astray = astray && (!clear[c] || std::abs(figures.delay[c].correlation) < kLost);
    }
    if (!astray && found_ == 0) {
        astray_ = 0;
        return;
    }
    if (astray && astray_++ == 0) {
        astray_from_ = frame;
    }
    if (astray_ > 2 && astray_ % kEvery != 0 && found_ == 0) {
        return;
    }
    if (fits_directly(frame, clear, figures, sent, streams, analyser)) {
        found_ += astray ? 1 : 0;
    } else if (!astray) {
        astray_ = found_ = 0; // a held note, and it is the tape's
    }
    if (found_ >= kConfirmed) {
        from_ = place(streams);
    }
}

/// The place at which "off tape before, direct after" leaves least of the return unexplained, block by block.
std::int64_t InputWatch::place(const Streams& streams) {
    // The lag before it went astray: behind a switch it follows whatever fits.
    const double tape_lag = tape_lag_[seen_ > kLags ? seen_ % kLags : 0];
    const double direct_lag = direct_lag_;
    const std::int64_t step = block_ / 4;
    double tape = 0.0;   // cost of taking everything so far for tape
    double direct = 0.0; // and for direct
    double best = 0.0;
    std::int64_t best_frame = astray_from_;
    bool any = false;
    for (std::int64_t frame = astray_from_ - kBack * size_; frame < astray_from_ + 2 * size_; frame += step) {
        const auto came_at =
            static_cast<std::int64_t>(std::llround(streams.clocks.return_frame(static_cast<double>(frame)) + tape_lag));
        const auto now = static_cast<std::int64_t>(
            std::llround(streams.clocks.reference_frame(static_cast<double>(came_at) - direct_lag)));
        if (!streams.sent.has(frame, block_) || !streams.sent.has(now, block_) || !streams.came.has(came_at, block_)) {
            continue;
        }
        streams.came.copy(came_at, blocks_[0]);
        streams.sent.copy(frame, blocks_[1]);
        streams.sent.copy(now, blocks_[2]);
        tape += cost_of(blocks_[0], blocks_[1]);
        direct += cost_of(blocks_[0], blocks_[2]);
        // Total cost of a switch here, without the constant cost of direct to the end: tape - direct so far.
        if (!any || tape - direct < best) {
            any = true;
            best = tape - direct;
            best_frame = frame + (block_ + step) / 2;
        }
    }
    return best_frame;
}

} // namespace overbias::mastering
