// SPDX-License-Identifier: Apache-2.0
// The configuration's section [transfer]. Plain data.
#pragma once

#include <filesystem>
#include <string>

namespace overbias {
class TomlSection;
}

namespace overbias::controller {

struct TransferConfig {
    std::filesystem::path folder; ///< absolute; empty: "transfers" in the state directory
    /// What a request leaves out.
    std::string format = "24"; ///< "24", "32", "float"
    double pre_roll_s = 2.0, post_roll_s = 2.0;
    double gap_s = 2.0;      ///< a shorter silence is part of the programme
    double silence_s = 20.0; ///< of until_silence, where no length is given
    std::string operator_name;
};

/// Reads [transfer] of `root`.
void read_transfer(TomlSection& root, TransferConfig& transfer);

} // namespace overbias::controller
