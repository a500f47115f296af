// SPDX-License-Identifier: Apache-2.0
// Level and response of one track, by power with the tape's noise taken out, in windows of five seconds and over the
// whole.
//
// Loud passages are compressed by the tape, which is not a fault of the print. Each band's power is summed apart for
// frames that drive the tape moderately and for hot ones; a hot figure is used only where a track has nothing else, and
// is judged with an allowance.
#pragma once

#include "mastering/comparison/frame_analyser.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace overbias::mastering {

struct LevelReference {
    std::array<double, 2> gain{1.0, 1.0}; ///< came / sent power of the slate
    double operating_power = 0.02;        ///< mean square sent for a sine at operating level
    std::array<BandPowers, 2> noise{};    ///< of the return
};

/// One band's comparison.
struct BandFigure {
    std::optional<double> db; ///< came / sent
    bool hot = false;
    double drive = 0.0; ///< loss of gain a cubic saturation would make, 0 ... 1; hot only
};

class LevelWindows {
  public:
    LevelWindows(double window_s, double rate_hz) : window_frames_(static_cast<std::int64_t>(window_s * rate_hz)) {}

    /// Makes room for the windows of a track of so many frames.
    void expect(std::int64_t frames) { windows_.reserve(static_cast<std::size_t>(frames / window_frames_ + 1)); }
    void begin(std::int64_t first_frame, const LevelReference& reference);
    /// Returns which channels' programme stood well over noise in the delay estimator's band.
    std::array<bool, 2> add(std::int64_t frame, const FrameFigures& figures);

    [[nodiscard]] std::size_t windows() const noexcept { return windows_.size(); }
    [[nodiscard]] double window_start_s(std::size_t window, double rate_hz) const noexcept {
        return static_cast<double>(static_cast<std::int64_t>(window) * window_frames_) / rate_hz;
    }
    /// Whole track, and one window; the same class (moderate or hot) in both.
    [[nodiscard]] BandFigure band(int channel, std::size_t band) const;
    [[nodiscard]] BandFigure band(int channel, std::size_t band, std::size_t window) const;
    /// Energy-weighted over bands first ... last.
    [[nodiscard]] BandFigure level(int channel, std::size_t first, std::size_t last) const;
    /// Frames in which the programme was there at all (20 dB over noise, all bands together).
    [[nodiscard]] std::int64_t frames_with_programme(int channel) const noexcept {
        return programme_frames_[static_cast<std::size_t>(channel)];
    }
    /// Frames of those in which the return was more than 20 dB below what it should have been.
    [[nodiscard]] std::int64_t frames_missing(int channel) const noexcept {
        return missing_frames_[static_cast<std::size_t>(channel)];
    }

  private:
    struct Sums {
        BandPowers sent{}, came{}, drive{};
        std::array<std::uint16_t, kBands> frames{};
    };
    using Window = std::array<std::array<Sums, 2>, 2>; ///< [channel][hot]
    [[nodiscard]] BandFigure figure_of(int channel, std::size_t band, std::size_t first_window, std::size_t last_window,
                                       int fewest) const;
    [[nodiscard]] bool hot_class(int channel, std::size_t band) const;

    std::int64_t window_frames_, first_frame_ = 0;
    LevelReference reference_;
    std::vector<Window> windows_;
    std::array<std::int64_t, 2> programme_frames_{}, missing_frames_{};
};

} // namespace overbias::mastering
