// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/deck_logic.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::deck_sim {

namespace {
constexpr double kCreeping_m_s = 0.05; // slower than this a deck that senses motion takes the tape for stopped
// the deck's own locator: it brakes a little earlier than its servo could, comes in ever slower, and lets the last
// millimetres be
constexpr double kCueBraking = 0.8;
constexpr double kCueComesIn_s = 0.25;
constexpr double kCueSlowest_m_s = 0.01;
constexpr double kCueThere_m = 0.0015;
} // namespace

DeckLogic::DeckLogic(const Settings& settings)
    : senses_motion_(settings.senses_motion), library_wind_m_s_(settings.library_wind_m_s),
      fastest_m_s_(settings.fastest_shuttle_m_s),
      servo_rise_m_s2_(settings.shuttle_acceleration_m_s2), ready_{settings.tracks_ready, settings.tracks_ready},
      record_tracks_(ready_) {
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
    if (deaf()) {
        return; // stop goes before everything while it is held
    }
    switch (which) {
    case Contact::Play:
        play(drive);
        record(held(Contact::Record)); // together with record it records; alone it ends the recording and plays on
        break;
    case Contact::Record:
        record(record_ || held(Contact::Play));
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

void DeckLogic::touch(Contact which, const TapeDrive& drive) noexcept {
    if (which == Contact::Stop && powered_) {
        stop();
    }
    if (which == Contact::Stop || deaf()) {
        return;
    }
    switch (which) {
    case Contact::Record:
        play(drive);
        record(true);
        break;
    case Contact::Play:
        play(drive);
        record(false);
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

void DeckLogic::shuttle(double speed_m_s) noexcept {
    if (!deaf()) {
        wind(Mode::Shuttling);
        shuttle_m_s_ = std::clamp(speed_m_s, -fastest_m_s_, fastest_m_s_);
    }
}

void DeckLogic::cue_up(double counter_m) noexcept {
    if (!deaf()) {
        wind(Mode::Shuttling);
        cue_m_ = counter_m;
    }
}

void DeckLogic::library_wind(Mode direction) noexcept {
    if (!deaf()) {
        wind(direction);
        library_ = true;
    }
}

void DeckLogic::set_library_wind(bool closed) noexcept {
    library_closed_ = closed;
    library_ = library_ || (closed && winds());
}

void DeckLogic::set_edit(bool on, const TapeDrive& drive) noexcept {
    if (!on && mode_ == Mode::Editing) {
        stop();
    }
    if (on && !deaf() && mode_ == Mode::Stopped && drive.still()) {
        forget();
        mode_ = Mode::Editing;
    }
}

void DeckLogic::set_ready(std::size_t track, bool on) noexcept {
    if (track < ready_.size()) {
        ready_[track] = on;
        record_tracks_[track] = record_tracks_[track] && on;
        record_ = record_ && (record_tracks_[0] || record_tracks_[1]);
    }
}

void DeckLogic::set_power(bool on) noexcept {
    stop();
    powered_ = on;
    lifters_defeated_ = lifters_defeated_ && on;
    threading_ = threading_ && on;
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

/// What a command was about ends with the next one.
void DeckLogic::forget() noexcept {
    play_when_still_ = false;
    library_ = false;
    shuttle_m_s_ = 0.0;
    cue_m_.reset();
    cued_ = false;
}

void DeckLogic::stop() noexcept {
    record_ = false;
    forget();
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
    forget();
    mode_ = Mode::Playing;
}

void DeckLogic::record(bool on) noexcept {
    if (on) {
        record_tracks_ = ready_;
    }
    record_ = on && record_enable_ && mode_ == Mode::Playing && (record_tracks_[0] || record_tracks_[1]);
}

void DeckLogic::wind(Mode direction) noexcept {
    record_ = false;
    forget();
    mode_ = direction;
    library_ = library_closed_;
}

/// The locator asks for the speed from which the servo can just stop at the place.
void DeckLogic::steer(const TapeDrive& drive, double counter_m) noexcept {
    if (!cue_m_) {
        return;
    }
    const double way_m = *cue_m_ - counter_m;
    const double left_m = std::abs(way_m);
    if (left_m < kCueThere_m) {
        shuttle_m_s_ = 0.0;
        if (drive.still()) {
            stop();
            cued_ = true;
        }
        return;
    }
    const double speed_m_s = std::min({fastest_m_s_, std::sqrt(2.0 * kCueBraking * servo_rise_m_s2_ * left_m),
                                       std::max(left_m / kCueComesIn_s, kCueSlowest_m_s)});
    shuttle_m_s_ = way_m > 0.0 ? speed_m_s : -speed_m_s;
}

DriveSwitches DeckLogic::step(const TapeDrive& drive, double dt_s, double counter_m) noexcept {
    slack_s_ = drive.taut() && !drive.slack() ? 0.0 : slack_s_ + dt_s;
    if (powered_ && slack_s_ > kTapeOutLag_s) {
        stop();
        mode_ = Mode::TapeOut;
    }
    if (play_when_still_ && drive.still()) {
        play_when_still_ = false;
        mode_ = Mode::Playing;
    }
    steer(drive, counter_m);
    using Motors = DriveSwitches::Motors;
    DriveSwitches switches;
    const bool lifts = winds() || mode_ == Mode::Shuttling;
    // once lifted the tape stays off the heads until it is still or is to play
    lifters_ = lifts || (lifters_ && mode_ != Mode::Playing && !drive.still());
    if (!powered_) {
        light(drive, dt_s);
        return switches;
    }
    switches.lifters = lifters_ && !lifters_defeated_;
    switches.brakes_held_off = lifts || mode_ == Mode::Playing || mode_ == Mode::Editing || threading();
    switch (mode_) {
    case Mode::Playing:
        switches.pinch = true;
        switches.motors = Motors::Tension;
        break;
    case Mode::FastForwarding:
        switches.motors = library_ ? Motors::Servo : Motors::WindForward;
        switches.servo_speed_m_s = library_wind_m_s_;
        break;
    case Mode::Rewinding:
        switches.motors = library_ ? Motors::Servo : Motors::WindReverse;
        switches.servo_speed_m_s = -library_wind_m_s_;
        break;
    case Mode::Shuttling:
        switches.motors = Motors::Servo;
        switches.servo_speed_m_s = shuttle_m_s_;
        break;
    case Mode::Stopped:
        if (drive.taut() && !drive.still()) {
            switches.motors = Motors::Tension; // while the brakes stop the tape
        }
        break;
    case Mode::TapeOut:
        if (threading()) {
            switches.motors = Motors::Thread;
        }
        break;
    case Mode::Editing:
        break;
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
