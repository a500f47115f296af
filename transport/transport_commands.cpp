// SPDX-License-Identifier: Apache-2.0
// The shell's commands that carry something: a place, a speed, a track, a reason.
#include "base/figure.hpp"
#include "transport/fault_messages.hpp"
#include "transport/transport_impl.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::transport {

namespace {

std::string ips_text(double ips) {
    return figure(ips, 2) + " ips";
}

} // namespace

CommandResult Transport::Impl::hold_arm(std::string why) {
    if (why.empty()) {
        return {CommandStatus::Denied, "hold the arm: expected words that say why"};
    }
    look();
    work_off();
    if (states_.motion == Motion::Recording || supervision_.may_record() || supervision_.record_tally()) {
        settle_up();
        return {CommandStatus::Denied, "hold the arm: the deck records, or may still be in record: press stop first"};
    }
    const bool same = why == arm_held_;
    arm_held_ = std::move(why);
    (void)handle_event(Event::Disarm, {});
    work_off();
    settle_up();
    return {same ? CommandStatus::Unchanged : CommandStatus::Accepted, {}};
}

CommandResult Transport::Impl::release_arm_hold() {
    const bool held = !std::exchange(arm_held_, {}).empty();
    look();
    work_off();
    settle_up();
    return {held ? CommandStatus::Accepted : CommandStatus::Unchanged, {}};
}

CommandResult Transport::Impl::locate(double position_m) {
    if (!(position_m >= 0.0 && position_m <= config_.tape_length_m)) {
        return {CommandStatus::Denied, "locate: the tape reaches from 0 m to " + metres_text(config_.tape_length_m) +
                                           ", asked for " + metres_text(position_m)};
    }
    asked_.locate_m = position_m;
    return command(Event::Locate);
}

CommandResult Transport::Impl::shuttle(double speed_m_s) {
    if (!std::isfinite(speed_m_s)) {
        return {CommandStatus::Denied, "shuttle: the speed must be a number in m/s"};
    }
    const DeckCapabilities& deck = deck_.capabilities();
    const double amount = std::abs(speed_m_s);
    // what is slower than the deck can is held still rather than run faster than asked for
    asked_.shuttle_m_s = amount < 0.5 * deck.slowest_shuttle_m_s
                             ? 0.0
                             : std::copysign(std::clamp(amount, deck.slowest_shuttle_m_s,
                                                        std::max(deck.slowest_shuttle_m_s, deck.fastest_shuttle_m_s)),
                                             speed_m_s);
    return command(Event::Shuttle);
}

CommandResult Transport::Impl::select_speed(double ips) {
    const std::vector<double>& speeds = deck_.capabilities().speeds_ips;
    const auto is_it = [ips](double speed) { return std::abs(speed - ips) < 0.005 * speed; };
    const auto found = std::find_if(speeds.begin(), speeds.end(), is_it);
    if (!speeds.empty() && found == speeds.end()) {
        std::string all;
        for (const double speed : speeds) {
            all += (all.empty() ? "" : ", ") + ips_text(speed);
        }
        return {CommandStatus::Denied, "speed: this deck can be switched to " + all + ", asked for " + ips_text(ips)};
    }
    asked_.speed_ips = speeds.empty() ? ips : *found;
    return command(Event::SelectSpeed);
}

CommandResult Transport::Impl::set_ready(int track, bool ready) {
    const int tracks = deck_.capabilities().ready_tracks;
    if (tracks > 0 && (track < 1 || track > tracks)) {
        return {CommandStatus::Denied, "record ready: this deck's tracks 1 to " + std::to_string(tracks) +
                                           " can be switched, asked for track " + std::to_string(track)};
    }
    if (ready && !arm_held_.empty()) {
        return {CommandStatus::Denied, "record ready: " + arm_held_};
    }
    asked_.track = track;
    asked_.ready = ready;
    return command(Event::SetReady);
}

CommandResult Transport::Impl::preset_counter(double position_m) {
    if (!(std::abs(position_m) <= config_.tape_length_m)) {
        return {CommandStatus::Denied, "preset: the place must lie within " + metres_text(config_.tape_length_m) +
                                           " of the zero, got " + metres_text(position_m)};
    }
    asked_.position_m = position_m;
    return command(Event::PresetCounter);
}

CommandResult Transport::Impl::correct_position(double position_m, double uncertainty_m) {
    if (!(std::abs(position_m) <= config_.tape_length_m) || !(uncertainty_m >= 0.0)) {
        return {CommandStatus::Denied, "correct position: the place must lie within " +
                                           metres_text(config_.tape_length_m) +
                                           " of the zero and its uncertainty must be 0 or more, got " +
                                           metres_text(position_m) + " and " + metres_text(uncertainty_m)};
    }
    asked_.position_m = position_m;
    asked_.uncertainty_m = uncertainty_m;
    return command(Event::CorrectPosition);
}

CommandResult Transport::Impl::select_monitor(MonitorSelect select) {
    asked_.monitor = select;
    monitor_error_.reset();
    CommandResult result = command(select == MonitorSelect::Repro ? Event::SelectRepro : Event::SelectSource);
    if (monitor_error_) {
        return {CommandStatus::Denied, *monitor_error_};
    }
    return result;
}

} // namespace overbias::transport
