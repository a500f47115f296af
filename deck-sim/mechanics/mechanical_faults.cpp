// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/mechanics/mechanical_faults.hpp"

#include <algorithm>

namespace overbias::deck_sim {

namespace {

void happen(const Fault& fault, FaultyMachine& machine) {
    switch (fault.kind) {
    case FaultKind::TapeBreak:
        machine.break_tape();
        break;
    case FaultKind::DeadTach:
        machine.roller().die();
        break;
    case FaultKind::StuckMotor:
        machine.lose_motor(fault.reel);
        break;
    case FaultKind::ReversedDirection:
        machine.roller().reverse(true);
        break;
    case FaultKind::SlippingRoller:
        machine.roller().slip(fault.slip);
        break;
    case FaultKind::PowerLoss:
        machine.set_power(false);
        break;
    case FaultKind::PowerReturn:
        machine.set_power(true);
        break;
    case FaultKind::SpeedChange:
        machine.change_speed(fault.speed_share);
        break;
    case FaultKind::Wow:
        machine.swing_speed(fault.hz, fault.speed_share);
        break;
    default:
        break;
    }
}

} // namespace

MechanicalFaults::MechanicalFaults(std::span<const Fault> faults, std::span<const std::string_view> lines) {
    for (const Fault& fault : faults) {
        switch (fault.kind) {
        case FaultKind::StuckTally: {
            const auto name = std::ranges::find(lines, std::string_view(fault.line));
            if (name != lines.end()) {
                stuck_.push_back({fault.at, static_cast<std::size_t>(name - lines.begin()), fault.value});
            }
            break;
        }
        case FaultKind::TapeBreak:
        case FaultKind::DeadTach:
        case FaultKind::StuckMotor:
        case FaultKind::ReversedDirection:
        case FaultKind::SlippingRoller:
        case FaultKind::PowerLoss:
        case FaultKind::PowerReturn:
        case FaultKind::SpeedChange:
        case FaultKind::Wow:
            events_.push_back({fault});
            break;
        default:
            break; // of the signal's way
        }
    }
}

bool MechanicalFaults::reached(const FaultPlace& at, double time_s, double x0_m, double x1_m) const noexcept {
    if (at.scale == FaultPlace::Scale::Tape) {
        return at.value >= std::min(x0_m, x1_m) && at.value <= std::max(x0_m, x1_m);
    }
    const std::optional<double> from_s = at.time_s(programme_start_s_);
    return from_s && time_s >= *from_s;
}

void MechanicalFaults::step(double time_s, double x0_m, double x1_m, FaultyMachine& machine) {
    for (Event& event : events_) {
        if (!event.done && reached(event.fault.at, time_s, x0_m, x1_m)) {
            event.done = true;
            happen(event.fault, machine);
        }
    }
}

void MechanicalFaults::stick(double time_s, std::span<bool> shown) const noexcept {
    for (const Stuck& one : stuck_) {
        const std::optional<double> from_s = one.at.time_s(programme_start_s_);
        if (from_s && time_s >= *from_s) {
            shown[one.line] = one.value;
        }
    }
}

std::string_view unknown_line(std::span<const Fault> faults, std::span<const std::string_view> lines) {
    for (const Fault& fault : faults) {
        if (fault.kind == FaultKind::StuckTally &&
            std::ranges::find(lines, std::string_view(fault.line)) == lines.end()) {
            return fault.line;
        }
    }
    return {};
}

} // namespace overbias::deck_sim
