// SPDX-License-Identifier: Apache-2.0
// ServoModel: how a deck's reel servo slows the tape down, learned while it does. Told a falling speed it follows with
// a delay; told to slow down harder than it can, it falls back further and its slope is what it can give. Thread: any.
#pragma once

#include "base/async/timeline.hpp"

#include <optional>

namespace overbias::transport {

/// The tape in the direction of its motion.
struct TapeMotion {
    double speed_m_s = 0.0;
    double acceleration_m_s2 = 0.0;
};

class ServoModel {
  public:
    /// What the servo is trusted to slow down with, m/s2; grows with every move in which it kept up.
    [[nodiscard]] double deceleration_m_s2() const noexcept { return deceleration_m_s2_; }
    [[nodiscard]] double delay_s() const noexcept { return delay_s_; }
    /// It has been tried often enough to know what it costs; before that it is worth a trial.
    [[nodiscard]] bool known() const noexcept { return trials_ >= kTrials; }
    /// What another locator of this deck had learned; ignored when it makes no sense.
    void remember(double deceleration_m_s2, double delay_s) noexcept;

    /// The distance it needs from here to rest.
    [[nodiscard]] double slowing_m(double speed_m_s) const noexcept;
    /// The speed to be told now so that the tape has `enter_m_s` when `left_m` is used up:
    /// v^2 = enter^2 + 2 a left, for where the tape will be when the servo has followed.
    [[nodiscard]] double speed_m_s(const TapeMotion& now, double left_m, double enter_m_s) const noexcept;

    void move_begins() noexcept;
    /// The servo has been told `told_m_s`, which falls.
    void watch(DeckTime at, const TapeMotion& now, double told_m_s) noexcept;
    void not_slowing() noexcept { slows_since_.reset(); }
    void move_ends() noexcept;

  private:
    static constexpr int kTrials = 8;
    static constexpr double kFirst_m_s2 = 1.0, kFirstDelay_s = 0.05;
    double deceleration_m_s2_ = kFirst_m_s2;
    double delay_s_ = kFirstDelay_s;
    std::optional<DeckTime> slows_since_;
    bool slowed_ = false, kept_up_ = false, lagged_ = false; ///< in this move
    bool limit_met_ = false;                                 ///< ever
    int trials_ = 0;
};

} // namespace overbias::transport
