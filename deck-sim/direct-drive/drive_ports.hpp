// SPDX-License-Identifier: Apache-2.0
// The simulated machine's solenoid and sensor board as Lines, its tape roller as Tach, and the clock that brings it up
// to now. Outputs: brake_supply, brake_take_up (current releases), pinch, lifters, capstan, record, and heartbeat (its
// edges hold the solenoids' supply). Inputs: tape_out, tally_record. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "deck-sim/direct-drive/drive_machine.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/tach.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace overbias::deck_sim {

class DriveLines final : public transport::Lines {
  public:
    /// `advance` brings the machine up to now.
    DriveLines(Timeline& timeline, DriveMachine& machine, std::function<void()> advance);

    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override;
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override;
    void set(transport::LineId output, bool active) override;
    [[nodiscard]] bool get(transport::LineId input) const override;
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override { listener_ = std::move(listener); }

    /// After every step: notes which inputs have changed.
    void note_step(DeckTime end);
    /// Tells the listener of them.
    void deliver();

  private:
    static constexpr std::size_t kInputs = DriveMachine::kInputNames.size();
    Timeline& timeline_;
    DriveMachine& machine_;
    std::function<void()> advance_;
    std::function<void(const transport::LineEdge&)> listener_;
    std::array<bool, kInputs> seen_{};
    std::vector<transport::LineEdge> pending_, delivering_;
};

/// The machine by itself on a timeline, without magnetics.
class DriveDeck final : public transport::Tach {
  public:
    DriveDeck(Timeline& timeline, const Settings& settings, const DriveSettings& drive,
              std::span<const Fault> faults = {});
    [[nodiscard]] DriveMachine& machine();
    [[nodiscard]] transport::Lines& lines() noexcept { return lines_; }
    [[nodiscard]] transport::TachReading read() override;
    /// Told of every millisecond of it; one listener.
    void on_step(std::function<void(const MotionStep&)> listener) { listener_ = std::move(listener); }

  private:
    void advance();
    Timeline& timeline_;
    DriveMachine machine_;
    DriveLines lines_;
    DeckTime reached_;
    std::function<void(const MotionStep&)> listener_;
    PeriodicTimer clock_;
};

} // namespace overbias::deck_sim
