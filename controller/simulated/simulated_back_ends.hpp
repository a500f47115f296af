// SPDX-License-Identifier: Apache-2.0
// The wiring of `overbiasd --simulate`: the simulated deck in this process, on simulated deck time.
#pragma once

#include "controller/back_ends.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace overbias::controller {

struct SimulationOptions {
    /// Deck seconds a wall-clock second. 0: as fast as it goes while something runs that ends by itself (a job,
    /// starting, braking, locating), else 1, so that an idle simulated deck does not keep a processor busy.
    double time_scale = 1.0;
    std::vector<std::string> faults; ///< as given to --fault
    std::string tape{};              ///< as given to --tape; empty: bulk-erased
    std::uint64_t misaligned = 0;    ///< as given to --misaligned; 0: aligned
    std::string source{}; ///< as given to --source: a sound file that plays into the deck's line input; empty: none
};

/// Throws std::invalid_argument for a fault or a tape that is not understood.
[[nodiscard]] std::unique_ptr<BackEnds> make_simulated_back_ends(const Config& config,
                                                                 const SimulationOptions& options);
/// What --fault help and --tape help say.
[[nodiscard]] std::string simulated_fault_help();
[[nodiscard]] std::string simulated_tape_help();

} // namespace overbias::controller
