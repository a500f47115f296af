// SPDX-License-Identifier: Apache-2.0
// The command position_match: corrects the counter by what is heard off tape (position_match.hpp), against a print's
// report or a file whose place is given. A correction is told as the notification "position_corrected" and to the log.
#pragma once

#include "controller/machine_commands.hpp"
#include "controller/notices.hpp"
#include "controller/position_match.hpp"

#include <boost/json/fwd.hpp>
#include <filesystem>
#include <string>

namespace overbias::controller {

struct PositionCommands {
    MachineCommands machine;
    PositionMatch& match;
    Notices& notices;
    std::filesystem::path reports; ///< folder of the prints' reports
};

/// {"text", "what", "programme_s", "old_tape_m", "tape_m", "shift_m", "uncertainty_m", "correlation", "runner_up",
/// "speed", "unasked"}; also the notification "position_corrected".
[[nodiscard]] boost::json::object corrected_json(const PositionMatch::Corrected& corrected);
/// The print of that UUID, or the last one when it is empty, from its report. May block on the disk.
[[nodiscard]] Result<mastering::KnownProgramme> load_print(const std::filesystem::path& reports,
                                                           const std::string& job_id);
/// The registry keeps a copy of `commands`; what it refers to must outlive it. Also tells of what was corrected without
/// being asked for.
void add_position_commands(CommandRegistry& registry, const PositionCommands& commands);

} // namespace overbias::controller
