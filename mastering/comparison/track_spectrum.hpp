// SPDX-License-Identifier: Apache-2.0
// What a track as a whole says of the transfer from sent to came, by frequency and by level: twelfth-octave sums of
// both powers and of their cross spectrum at the tracked delay, and band powers by the level that was sent.
//
// Magnitude is that of powers with the tape's noise taken out (flutter within a frame turns phases and would read as a
// loss); coherence |S_xy|^2 / (S_xx S_yy) and the residual S_yy (1 - coherence) are of the cross spectrum, so the
// residual holds noise, distortion and modulation. (Bendat and Piersol, Random Data, chapter 6.)
#pragma once

#include "mastering/comparison/level_windows.hpp"
#include "mastering/off_tape_result.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace overbias::mastering {

class TrackSpectrum {
  public:
    explicit TrackSpectrum(const FrameAnalyser& analyser);

    void begin(const LevelReference& reference);
    /// `delay`: samples by which came is behind sent as cut out, of each channel.
    void add(const FrameFigures& figures, const std::array<FrameUse, 2>& use, std::array<double, 2> delay);

    /// operating_db: what came over sent is when both are at operating level.
    [[nodiscard]] TransferFunction transfer(double operating_db) const;
    [[nodiscard]] Residual residual() const;
    /// moderate_db: came over sent of the channel's frames that drive the tape moderately.
    [[nodiscard]] std::vector<CompressionPoint> compression(int channel, double moderate_db) const;

  private:
    struct Band {
        double sent = 0.0, came = 0.0, real = 0.0, imaginary = 0.0;
        int frames = 0;
    };
    struct Step {
        double sent = 0.0, came = 0.0;
        int frames = 0;
    };
    static constexpr int kLowest_db = -42, kStep_db = 3;
    static constexpr std::size_t kSteps = 21; ///< -42 to +18 dB re operating level
    using Bands = std::array<Band, kFineBands>;
    [[nodiscard]] const Bands& bands(std::size_t channel) const noexcept;

    std::array<double, kFineBands> hz_{};
    std::array<float, kFineBands> turn_{}; ///< radians a sample of delay
    LevelReference reference_;
    std::array<std::array<Bands, 2>, 2> sums_{}; ///< [channel][hot]
    std::array<std::array<int, 2>, 2> frames_{};
    std::array<std::array<Step, kSteps>, 2> steps_{};
};

} // namespace overbias::mastering
