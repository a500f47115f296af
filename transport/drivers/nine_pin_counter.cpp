// SPDX-License-Identifier: Apache-2.0
#include "transport/drivers/nine_pin_counter.hpp"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace overbias::transport {

namespace {

constexpr double kAnswerJitterSeconds = 0.050; // by which two answers may differ in age when they are read

} // namespace

NinePinCounter::NinePinCounter(int frames_per_s, double frames_per_metre, double fastest_m_s)
    : day_(std::int64_t{24} * 3600 * frames_per_s), fastest_frames_s_(fastest_m_s * frames_per_metre) {
}

void NinePinCounter::take(std::int64_t day_frames, DeckTime at) {
    const std::int64_t before = std::exchange(last_, day_frames);
    const DeckTime before_at = std::exchange(at_, at);
    after_gap_ = false;
    if (!started_) {
        started_ = true;
        reading_.last_edge = at;
        return;
    }
    std::int64_t step = (day_frames - before) % day_;
    if (step >= day_ / 2) {
        step -= day_;
    } else if (step < -day_ / 2) {
        step += day_;
    }
    const double reach = fastest_frames_s_ * (seconds(at - before_at) + kAnswerJitterSeconds) + 1.0;
    if (std::abs(static_cast<double>(step)) > reach) {
        ++reading_.lost; // set by another hand, or the deck was switched off: where the tape is, the count can't say
    } else if (step != 0) {
        reading_.edges += step;
        reading_.last_edge = at;
    }
}

void NinePinCounter::gap() noexcept {
    if (started_ && !after_gap_) {
        ++reading_.lost;
        after_gap_ = true;
    }
}

} // namespace overbias::transport
