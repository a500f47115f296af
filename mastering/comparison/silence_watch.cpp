// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/silence_watch.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kSilent = 0.05;    // of the noise, -13 dB: nothing was sent
constexpr float kSmoothing = 0.15F; // of each new frame: about half a second
constexpr int kSettle = 2;          // frames after programme that may still ring
constexpr int kFewest = 8;

} // namespace

void SilenceWatch::add(std::int64_t frame, const FrameFigures& figures, const std::array<BandPowers, 2>& noise,
                       std::array<double, 2> gain) noexcept {
    for (std::size_t c = 0; c < 2; ++c) {
        double floor = 0.0;
        for (const float power : noise[c]) {
            floor += static_cast<double>(power);
        }
        if (figures.sent_power[c] * gain[c] > kSilent * floor) {
            silent_frames_ = 0; // of either channel: crosstalk is no unexpected signal
            return;
        }
    }
    ++silent_frames_;
    if (silent_frames_ <= kSettle) {
        smoothed_ = noise;
        return;
    }
    for (std::size_t c = 0; c < 2; ++c) {
        for (std::size_t b = 0; b < kBands; ++b) {
            // A fade is below the noise as a whole but may stand over it in a band where noise is low.
            const float expected = 2.0F * static_cast<float>(gain[c]) * figures.sent[c][b];
            smoothed_[c][b] += kSmoothing * (std::max(0.0F, figures.came[c][b] - expected) - smoothed_[c][b]);
            if (silent_frames_ >= kFewest && noise[c][b] > 0.0F) {
                const double over = power_db(static_cast<double>(smoothed_[c][b] / noise[c][b]));
                if (over > worst_[c].over_noise_db) {
                    worst_[c] = {over, b, frame};
                }
            }
        }
    }
}

} // namespace overbias::mastering
