// SPDX-License-Identifier: Apache-2.0
// What is measured of one stretch of a file that holds a tone, or programme: all channels of it side by side.
// Thread: any; allocates.
#pragma once

#include "calibration/measure/file_measurement.hpp"

#include <span>
#include <vector>

namespace overbias::calibration {

using Channels = std::vector<std::vector<float>>;

/// Of a stretch that holds one steady tone in at least one channel.
[[nodiscard]] ToneFigures measure_tone(const Channels& stretch, double rate_hz, double about_hz);

/// `about_hz`: of the carrier, 0: not known. The channel with the fewest drop-outs; empty when none holds a carrier.
struct FlutterOfChannel {
    std::size_t channel = 0;
    dsp::WowFlutterReport report;
};
[[nodiscard]] std::optional<FlutterOfChannel> measure_flutter(const Channels& stretch, double rate_hz, double about_hz);

/// Fills in what tones say about the azimuth: one stretch a tone, two channels each; `longest` is the one whose phase
/// is given.
void azimuth_of_tones(const std::vector<Channels>& tones, std::size_t longest, double rate_hz, StereoFigures& figures);

/// The same from programme; nothing when the channels have too little in common.
void azimuth_of_programme(const Channels& stretch, double rate_hz, StereoFigures& figures);

} // namespace overbias::calibration
