// SPDX-License-Identifier: Apache-2.0
// Level and response of one track, by power with the tape's noise taken out: each second, in windows of five seconds,
// and over the whole.
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
    std::array<FinePowers, 2> fine_noise{};
};

/// One band's comparison.
struct BandFigure {
    std::optional<double> db; ///< came / sent
    bool hot = false;
    double drive = 0.0;     ///< loss of gain a cubic saturation would make, 0 ... 1; hot only
    double own_drive = 0.0; ///< the same of this band alone, by energy
};

/// What one frame of a channel is good for.
struct FrameUse {
    bool clear = false;     ///< programme well over noise in the delay estimator's band
    bool programme = false; ///< programme 20 dB over noise, all bands together
    bool missing = false;   ///< programme, and the return more than 20 dB below what it should have been
    bool fallen = false;    ///< missing, or much weaker than before (MissingWatch)
    bool hot = false;       ///< drives the tape beyond moderation
    bool clipped = false;   ///< no law holds: left out of levels
    bool measured = true;   ///< counts for levels and response
    double loss = 0.0;      ///< of gain, by a cubic saturation
};

[[nodiscard]] std::array<FrameUse, 2> frame_use(const FrameFigures& figures, const LevelReference& reference);

class LevelWindows {
  public:
    explicit LevelWindows(double rate_hz) : second_frames_(static_cast<std::int64_t>(rate_hz)) {}

    /// Makes room for a track of so many frames.
    void expect(std::int64_t frames) { seconds_.reserve(static_cast<std::size_t>(frames / second_frames_ + 1)); }
    void begin(std::int64_t first_frame, const LevelReference& reference);
    void add(std::int64_t frame, const FrameFigures& figures, const std::array<FrameUse, 2>& use);

    static constexpr std::size_t kWindow_s = 5;
    [[nodiscard]] std::size_t windows() const noexcept { return (seconds_.size() + kWindow_s - 1) / kWindow_s; }
    [[nodiscard]] std::size_t seconds() const noexcept { return seconds_.size(); }
    [[nodiscard]] static double window_start_s(std::size_t window) noexcept {
        return static_cast<double>(window * kWindow_s);
    }
    /// Whole track, and one window; the same class (moderate or hot) in both.
    [[nodiscard]] BandFigure band(int channel, std::size_t band) const;
    [[nodiscard]] BandFigure band(int channel, std::size_t band, std::size_t window) const;
    [[nodiscard]] BandFigure band_in_second(int channel, std::size_t band, std::size_t second) const;
    /// Energy-weighted over bands first ... last; moderate frames, or hot ones where there are no others.
    [[nodiscard]] BandFigure level(int channel, std::size_t first, std::size_t last) const;
    [[nodiscard]] BandFigure level_in_second(int channel, std::size_t first, std::size_t last,
                                             std::size_t second) const;
    /// Share of all frames in which a band counted.
    [[nodiscard]] double share_judged(int channel, std::size_t band) const noexcept;
    [[nodiscard]] std::int64_t frames() const noexcept { return frames_; }
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
        BandPowers sent{}, came{}, drive{}, own_drive{};
        std::array<std::uint16_t, kBands> frames{};
    };
    using Second = std::array<std::array<Sums, 2>, 2>; ///< [channel][hot]
    struct Totals {
        std::array<double, kBands> sent{}, came{}, drive{}, own_drive{};
        std::array<int, kBands> frames{};
    };
    [[nodiscard]] BandFigure figure_of(int channel, std::size_t band, std::size_t first, std::size_t last,
                                       int fewest) const;
    [[nodiscard]] bool hot_class(int channel, std::size_t band) const;

    std::int64_t second_frames_, first_frame_ = 0, frames_ = 0;
    LevelReference reference_;
    std::vector<Second> seconds_;
    std::array<std::array<Totals, 2>, 2> totals_{}; ///< [channel][hot]
    std::array<std::int64_t, 2> programme_frames_{}, missing_frames_{};
};

} // namespace overbias::mastering
