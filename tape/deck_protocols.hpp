// SPDX-License-Identifier: Apache-2.0
// What a profile says of a deck that is reached otherwise than by contacts: 9-pin, Studer ASCII, our own motors. Plain
// data; the line settings that belong to a protocol (baud, parity) are the driver's, the device's path is the
// installation's ([serial] of the configuration).
#pragma once

#include "tape/figure.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::tape {

/// Sony 9-pin (P2).
struct NinePinSettings {
    int frames_per_s = 25; ///< of the deck's counter
    enum class Counter { Timer1ThenLtc, Timer1, Ltc, None } counter = Counter::Timer1ThenLtc;
    bool takes_record = true;                               ///< false: record by hand, on the deck
    bool shuttle_fraction = true;                           ///< the deck takes the second speed byte
    std::optional<Figure> slowest_shuttle, fastest_shuttle; ///< multiples of play speed; without: no shuttle
    std::optional<Figure> fastest_wind_m_s;                 ///< a counter that moves more has been set
};

/// Studer and Revox ASCII.
struct StuderSettings {
    /// Mnemonics by what they do ("play", "stop", "record" ... docs/profiles.md); what is left out is not offered.
    std::vector<std::pair<std::string, std::string>> commands;
    std::string identify = "SD?";
    std::string timer_query, timer_answer;
    std::optional<Figure> fastest_wind_m_s; ///< a timer that moves more has been set
    std::optional<Figure> poll_s;           ///< from an answer to the next query
    std::optional<Figure> answer_s;         ///< within which the deck answers
    std::string status_query, status_answer;
    struct StatusRule {
        std::string answer;
        std::vector<std::string> lit;
    };
    struct StatusBit {
        std::string tally;
        int bit = 0;
    };
    std::vector<StatusRule> status_rules;
    std::vector<StatusBit> status_bits;
    /// What the deck keeps in memory and is saved and restored.
    struct MemoryItem {
        std::string name, query, answer, write;
    };
    std::vector<MemoryItem> memory;
    std::string source; ///< where mnemonics and answers are from
};

/// A motor and its controller.
struct DriveMotor {
    int link = 0;          ///< which of the configuration's serial devices it is reached by
    bool over_can = false; ///< on the CAN bus, behind the controller at that link
    int controller_id = 0; ///< as set in the controller
    int pole_pairs = 7;
    Figure torque_n_m_per_a, most_current_a;
    bool reversed = false; ///< a positive current turns it against the direction of play
};

/// A tension arm that a controller reads.
struct DriveArm {
    int link = 0;
    int input = 1; ///< of the controller
    Figure zero_v, newtons_per_volt;
    Figure fallen_n; ///< tension below which it lies on its stop
};

/// Reel motors of our own over VESC controllers, and solenoids.
struct DirectDriveSettings {
    DriveMotor supply, take_up;
    std::optional<DriveMotor> capstan;
    std::optional<DriveArm> supply_arm, take_up_arm;
    std::vector<int> baud; ///< of each link
    std::string brake_supply, brake_take_up, pinch, lifters, capstan_line, record, record_tally, tape_out; ///< lines
    bool spring_differential_brakes = false; ///< applied by springs, the reel that pays out held harder
    bool heartbeat_cuts_solenoids = false;   ///< a dropped heartbeat takes the solenoids' supply away, and record's
    /// What the machine is like, by key ("wind_speed_m_s"; docs/profiles.md has them all); what is left out has the
    /// driver's default.
    std::vector<std::pair<std::string, Figure>> figures;

    [[nodiscard]] std::vector<std::string> output_lines() const;
    [[nodiscard]] std::vector<std::string> input_lines() const;
};

/// The keys of DirectDriveSettings::figures.
[[nodiscard]] std::vector<std::string> direct_drive_figure_keys();

} // namespace overbias::tape
