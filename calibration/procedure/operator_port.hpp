// SPDX-License-Identifier: Apache-2.0
// The operator of a running alignment: what it shows, and what was said to it. Thread: the timeline's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace overbias::calibration {

enum class OperatorSays {
    Accept, ///< store the readings as they are, and go on
    Skip,   ///< go on without storing
    Back,   ///< the step before
    Abort,
};

/// What was said, and the value that was typed in where the view asks for one.
struct OperatorWord {
    OperatorSays says = OperatorSays::Accept;
    std::optional<double> value{};
};

/// What is expected of the operator now.
enum class OperatorTask {
    Turn,    ///< a screw, after the readings; Accept stores them
    Watch,   ///< nothing: it is done from here
    Confirm, ///< do what the instruction says, then Accept ("thread the tape")
    Enter,   ///< Accept with a value, in value_unit ("what does the voltmeter read?")
};

/// What one track (or both together) reads now.
struct TrackReading {
    int channel = 0; ///< from 1; 0: between the tracks
    std::optional<double> reading{};
    /// Above 0 up, below 0 down, 0 leave it; empty: nothing is to be turned. In the unit of the reading where the step
    /// says how far it is, else 1 or -1.
    std::optional<double> turn{};
    bool done = false; ///< within tolerance, and held
    std::string words; ///< "1.2 dB to go"
};

struct AlignmentView {
    std::string procedure; ///< "record"
    std::string step_id, title, instruction;
    OperatorTask task = OperatorTask::Turn;
    std::string value_unit;          ///< of the value that is asked for, "dBu"
    std::string note;                ///< what else is to be told: the tone that was recognised, a warning; or empty
    std::size_t step = 0, steps = 0; ///< from 0
    int round = 1;
    std::string unit;
    double target = 0.0, tolerance = 0.0, averaging_s = 0.0;
    std::vector<TrackReading> tracks;
    [[nodiscard]] bool done() const noexcept {
        for (const TrackReading& track : tracks) {
            if (!track.done) {
                return false;
            }
        }
        return !tracks.empty();
    }
};

class OperatorPort {
  public:
    OperatorPort() = default;
    OperatorPort(const OperatorPort&) = delete;
    OperatorPort& operator=(const OperatorPort&) = delete;
    virtual ~OperatorPort() = default;
    /// With every new reading.
    virtual void show(const AlignmentView& view) = 0;
    /// What was said since the last call, the oldest first.
    [[nodiscard]] virtual std::optional<OperatorWord> take() = 0;
};

} // namespace overbias::calibration
