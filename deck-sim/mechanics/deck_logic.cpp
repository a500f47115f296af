// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/deck_logic.hpp"

#include <cmath>

namespace overbias::deck_sim {

namespace {
constexpr double kCreeping_m_s = 0.05; // slower than this a deck that senses motion takes the tape for stopped
}

void DeckLogic::contact(Contact which, bool closed, const TapeDrive& drive) noexcept {
    bool& was = closed_[static_cast<std::size_t>(which)];
    const bool pressed = closed && !was;
    was = closed;
    if (!pressed || !powered_) {
        return;
    }
    if (which == Contact::Stop) {
        stop();
        return;
    }
    if (mode_ == Mode::TapeOut || held(Contact::Stop)) {
        return; // stop goes before everything while it is held
    }
    switch (which) {
    case Contact::Play:
        play(drive);
        // together with record it records; alone it ends the recording and plays on
        record_ = record_enable_ && held(Contact::Record) && mode_ == Mode::Playing;
        break;
    case Contact::Record:
        record_ = record_ || (record_enable_ && held(Contact::Play) && mode_ == Mode::Playing);
        break;
    case Contact::FastForward:
        wind(Mode::FastForwarding);
        break;
    case Contact::Rewind:
        wind(Mode::Rewinding);
        break;
    case Contact::Stop:
        break;
    }
}

void DeckLogic::set_power(bool on) noexcept {
    stop();
    powered_ = on;
}

void DeckLogic::set_record_enable(bool closed) noexcept {
    record_enable_ = closed;
    record_ = record_ && closed;
}

void DeckLogic::threaded() noexcept {
    if (mode_ == Mode::TapeOut) {
        mode_ = Mode::Stopped;
    }
}

void DeckLogic::stop() noexcept {
    record_ = false;
    play_when_still_ = false;
    if (mode_ != Mode::TapeOut) {
        mode_ = Mode::Stopped;
    }
}

void DeckLogic::play(const TapeDrive& drive) noexcept {
    if (senses_motion_ && mode_ != Mode::Playing && std::abs(drive.speed_m_s()) > kCreeping_m_s) {
        stop();
        play_when_still_ = true;
        return;
    }
    mode_ = Mode::Playing;
}

void DeckLogic::wind(Mode direction) noexcept {
    record_ = false;
    play_when_still_ = false;
    mode_ = direction;
}

DriveSwitches DeckLogic::step(const TapeDrive& drive, double dt_s) noexcept {
    slack_s_ = drive.taut() ? 0.0 : slack_s_ + dt_s;
    if (powered_ && slack_s_ > kTapeOutLag_s) {
        stop();
        mode_ = Mode::TapeOut;
    }
    if (play_when_still_ && drive.still()) {
        play_when_still_ = false;
        mode_ = Mode::Playing;
    }
    using Motors = DriveSwitches::Motors;
    DriveSwitches switches;
    const bool winds = mode_ == Mode::FastForwarding || mode_ == Mode::Rewinding;
    // once lifted the tape stays off the heads until it is still or is to play
    lifters_ = winds || (lifters_ && mode_ != Mode::Playing && !drive.still());
    if (powered_) {
        switches.brakes_held_off = winds || mode_ == Mode::Playing;
        switches.pinch = mode_ == Mode::Playing;
        switches.lifters = lifters_;
        switches.motors = mode_ == Mode::Playing           ? Motors::Tension
                          : mode_ == Mode::FastForwarding  ? Motors::WindForward
                          : mode_ == Mode::Rewinding       ? Motors::WindReverse
                          : drive.taut() && !drive.still() ? Motors::Tension // while the brakes stop the tape
                                                           : Motors::Off;
    }
    light(drive, dt_s);
    return switches;
}

void DeckLogic::light(const TapeDrive& drive, double dt_s) noexcept {
    const std::array<bool, kTallies> conditions{
        powered_ && (mode_ == Mode::Stopped || mode_ == Mode::TapeOut) && drive.still(),
        powered_ && mode_ == Mode::Playing && drive.at_play_speed(),
        powered_ && recording(drive),
        powered_ && mode_ == Mode::FastForwarding,
        powered_ && mode_ == Mode::Rewinding,
        powered_ && mode_ == Mode::TapeOut,
    };
    for (std::size_t lamp = 0; lamp < kTallies; ++lamp) {
        differs_s_[lamp] = conditions[lamp] != tallies_[lamp] ? differs_s_[lamp] + dt_s : 0.0;
        if (differs_s_[lamp] >= kLampLag_s) {
            tallies_[lamp] = conditions[lamp];
            differs_s_[lamp] = 0.0;
        }
    }
}

} // namespace overbias::deck_sim
