// SPDX-License-Identifier: Apache-2.0
// Of which steps an alignment's sheet shows the drift over time. Private to calibration/.
#pragma once

#include <array>
#include <string_view>

namespace overbias::calibration {

struct DriftStep {
    std::string_view id, title;
};
/// In the order in which they are shown; a sheet has room for the first three that there are values of.
inline constexpr std::array kDriftSteps{DriftStep{"record.bias", "Bias, drop past the peak"},
                                        DriftStep{"record.level", "Record level"},
                                        DriftStep{"record.high", "Record 10 kHz"},
                                        DriftStep{"reproduce.level", "Reproduce level"},
                                        DriftStep{"reproduce.high", "Reproduce high"},
                                        DriftStep{"proof.level", "Level off tape"},
                                        DriftStep{"speed.error", "Speed error"}};

} // namespace overbias::calibration
