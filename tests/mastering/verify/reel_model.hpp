// SPDX-License-Identifier: Apache-2.0
// A reel that is played later, as plain as will do: what was recorded is read at a place that moves with a speed of its
// own, through gain, azimuth, noise and defects. Written from the closed forms, apart from the product.
#pragma once

#include "comparison_tape_model.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace verify_test {

using comparison_test::Stereo;
inline constexpr double kRate = comparison_test::kModelRate;

struct ReelModel {
    double speed_error = 0.0;               ///< 0.002 plays 0.2 % fast
    std::vector<std::array<double, 3>> wow; ///< peak (share of speed), Hz, phase in turns
    double starts_s = 0.0;                  ///< silence of the return before the recording's frame 0
    double ends_s = 1.0;                    ///< and after its end
    std::array<double, 2> gain_db{};
    double azimuth_s = 0.0;    ///< right behind left
    double noise_dbfs = -74.0; ///< RMS
    bool swap = false;
    std::array<bool, 2> invert{};
    struct Hole {
        double at_s = 0.0, length_s = 0.0; ///< of the recording
        double gain_db = -200.0;
        int channel = -1; ///< both
    };
    std::vector<Hole> holes;
    double cut_at_s = -1.0, cut_s = 0.0; ///< so much of the recording was taken out there
    unsigned seed = 1;

    /// Seconds of the return, from its first frame, at which a place of the recording is heard (before the cut).
    [[nodiscard]] double heard_at(double recording_s) const;
    /// What of the recording is heard at a time of the return.
    [[nodiscard]] double place_at(double return_s) const;
};

[[nodiscard]] Stereo play_reel(const ReelModel& reel, const Stereo& recording);

} // namespace verify_test
