// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/simulated_machine.hpp"

#include "deck-sim/direct-drive/drive_ports.hpp"
#include "deck-sim/faces/serial_pair.hpp"
#include "deck-sim/faces/vesc_face.hpp"
#include "deck-sim/magnetics/tape_path.hpp"

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace overbias::deck_sim {

namespace {

transport::SerialSettings line_settings(int baud) {
    transport::SerialSettings settings;
    settings.device = "simulated motor controllers";
    settings.baud = baud;
    return settings;
}

/// The same faults; throws when one is of a line that the machine does not have.
std::vector<Fault> checked(std::vector<Fault> faults) {
    if (const std::string_view line = unknown_line(faults, DriveMachine::kInputNames); !line.empty()) {
        std::string names;
        for (const std::string_view name : DriveMachine::kInputNames) {
            names.append(names.empty() ? "" : " or ").append(name);
        }
        throw std::invalid_argument("fault 'stuck_tally': the machine with three motors has no line '" +
                                    std::string(line) + "'; expected " + names);
    }
    return faults;
}

} // namespace

struct SimulatedMachine::Impl {
    Impl(Timeline& timeline, const Settings& settings, const DriveSettings& drive, std::vector<Fault> given, int baud)
        : faults(checked(std::move(given))), deck(timeline, settings, drive, faults),
          path(
              settings, faults, [&timeline] { return seconds(timeline.now()); }, [this] { (void)deck.machine(); }),
          pair(timeline, line_settings(baud)),
          face(timeline, controllers(), [this](std::span<const std::uint8_t> bytes) { pair.send(bytes); }) {
        deck.on_step([this](const MotionStep& step) { path.process(step); });
        pair.on_bytes([this](std::span<const std::uint8_t> bytes, bool) { face.receive(bytes); });
    }

    std::vector<VescFace::Controller> controllers() {
        using Motor = DriveMachine::Motor;
        DriveMachine& machine = deck.machine();
        return {{.id = 11,
                 .motor = &machine.controller(Motor::Supply),
                 .input_1_v = [this] { return deck.machine().web().supply_arm_v(); },
                 .input_2_v = [this] { return deck.machine().web().take_up_arm_v(); }},
                {.id = 12, .motor = &machine.controller(Motor::TakeUp)},
                {.id = 13, .motor = &machine.controller(Motor::Capstan)}};
    }

    std::vector<Fault> faults;
    DriveDeck deck;
    TapePath path;
    SerialPair pair;
    VescFace face;
};

SimulatedMachine::SimulatedMachine(Timeline& timeline, const Settings& settings, const DriveSettings& drive,
                                   std::vector<Fault> faults, int baud)
    : impl_(std::make_unique<Impl>(timeline, settings, drive, std::move(faults), baud)) {
}

SimulatedMachine::~SimulatedMachine() = default;

transport::Lines& SimulatedMachine::lines() {
    return impl_->deck.lines();
}
transport::Tach& SimulatedMachine::tach() {
    return impl_->deck;
}
audio::Pcm& SimulatedMachine::pcm() {
    return impl_->path.pcm();
}
SerialPair& SimulatedMachine::line() {
    return impl_->pair;
}
DriveMachine& SimulatedMachine::machine() {
    return impl_->deck.machine();
}
void SimulatedMachine::programme_starts(DeckTime at) {
    impl_->deck.machine().programme_starts(seconds(at));
    impl_->path.programme_starts(seconds(at));
}

} // namespace overbias::deck_sim
