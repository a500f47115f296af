// SPDX-License-Identifier: Apache-2.0
// Of which steps an alignment's sheet shows the drift over time. Private to calibration/.
#pragma once

#include <array>
#include <string_view>

namespace overbias::calibration {

struct DriftStep {
    std::string_view id, title;
};
/// In the order in which they are shown: those that the sheet's own record has, then the others; there is room for the
/// first three that there are values of.
inline constexpr std::array kDriftSteps{DriftStep{"record.bias", "Bias, drop past the peak"},
                                        DriftStep{"record.level", "Record level"},
                                        DriftStep{"record.high", "Record 10 kHz"},
                                        DriftStep{"reproduce.azimuth", "Reproduce azimuth"},
                                        DriftStep{"reproduce.level", "Reproduce level"},
                                        DriftStep{"reproduce.high", "Reproduce high"},
                                        DriftStep{"proof.level", "Level off tape"},
                                        DriftStep{"proof.mol", "MOL"},
                                        DriftStep{"proof.noise.a", "Noise, A-weighted"},
                                        DriftStep{"speed.error", "Speed error"},
                                        DriftStep{"speed.wow_flutter", "Wow and flutter"},
                                        DriftStep{"speed.head_delay", "Delay between the heads"},
                                        DriftStep{"lines.play_dbu", "Line to the deck"},
                                        DriftStep{"lines.capture_dbu", "Line from the deck"}};

} // namespace overbias::calibration
