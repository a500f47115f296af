// SPDX-License-Identifier: Apache-2.0
// ProgrammeLoudness: from K-weighted energy to M, S, I and LRA (ITU-R BS.1770-5, EBU Tech 3341 and 3342, v2023).
//
// Energy comes in ticks of 10 ms: the squares of the weighted samples of all channels, each times its channel's weight.
//     L = -0.691 + 10 log10(energy / frames)
//     M: last 40 ticks, S: last 300 ticks; both move on at every tick, and reading them adds nothing up.
//     I: blocks of 400 ms every 100 ms; those above -70 LUFS, then those above their mean less 10 LU.
//     LRA: S every 100 ms once 3 s are there; those above -70 LUFS, then above their mean less 20 LU; from the 10th to
//     the 95th percentile, the entry at round((n - 1) p / 100 + 1).
// I and LRA keep a histogram of steps of 0.01 LU from -70 to +10 LUFS, so that memory does not grow with the
// programme. The steps of I keep the sum of their blocks' energy, so that only the gate, not the energy, is taken to
// the nearest 0.01 LU; LRA is exact to 0.01 LU. Before the windows have filled they count as if silence had gone
// before. Not a number of its own: I before a block passes the gate, LRA before 3 s that do. Thread: one; no allocation
// after construction.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace overbias::dsp {

struct LoudnessRange {
    double lu = 0.0;
    bool stable = false; ///< Tech 3342: the first 60 s are not to be relied upon
};

class ProgrammeLoudness {
  public:
    static constexpr std::size_t kTicksPerSecond = 100;
    static constexpr double kSilence_lufs = -120.0; ///< M and S at rest

    /// Throws std::invalid_argument when the rate is not positive.
    explicit ProgrammeLoudness(double sample_rate_hz);

    /// The next 10 ms. `energy` is the sum described above, `frames` those that it was taken over (the rate / 100,
    /// give or take what does not divide).
    void add_tick(double energy, std::size_t frames) noexcept;
    /// A new programme: I, LRA and the clock begin again, M and S go on.
    void restart() noexcept;

    [[nodiscard]] double momentary_lufs() const noexcept { return loudness(momentary_); }
    [[nodiscard]] double short_term_lufs() const noexcept { return loudness(short_term_); }
    /// Energy per frame in the two windows: what to keep a maximum of (a logarithm a tick is saved).
    [[nodiscard]] double momentary_power() const noexcept { return momentary_.power(); }
    [[nodiscard]] double short_term_power() const noexcept { return short_term_.power(); }
    [[nodiscard]] static double lufs_of(double power) noexcept;

    [[nodiscard]] std::optional<double> integrated_lufs() const noexcept;
    [[nodiscard]] std::optional<LoudnessRange> range() const noexcept;
    [[nodiscard]] double measured_s() const noexcept { return static_cast<double>(ticks_) / kTicksPerSecond; }

  private:
    static constexpr std::size_t kMomentaryTicks = 40, kShortTermTicks = 300, kBlockTicks = 10;
    static constexpr double kGate_lufs = -70.0, kTop_lufs = 10.0;
    static constexpr std::size_t kStepsPerLu = 100, kSteps = 80 * kStepsPerLu;

    struct Window {
        double energy = 0.0;
        std::size_t frames = 0;
        [[nodiscard]] double power() const noexcept { return energy / static_cast<double>(frames); }
    };
    struct Histogram {
        std::vector<std::uint32_t> count;
        std::vector<double> power; ///< sums of the entries of each step
        std::uint64_t total = 0;
        double total_power = 0.0;
        Histogram() : count(kSteps, 0), power(kSteps, 0.0) {}
        void add(double power_of_entry) noexcept;
        void clear() noexcept;
        /// First step whose middle lies above the mean of everything less `below_lu`.
        [[nodiscard]] std::size_t gate(double below_lu) const noexcept;
        /// Loudness of the rank'th entry (from 0) counted from step `from` on.
        [[nodiscard]] double entry(std::size_t from, std::uint64_t rank) const noexcept;
    };
    [[nodiscard]] static double loudness(const Window& window) noexcept { return lufs_of(window.power()); }
    [[nodiscard]] Window total_of_last(std::size_t ticks) const noexcept;

    std::array<Window, kShortTermTicks> ring_{};
    std::size_t next_ = 0;
    Window momentary_, short_term_;
    std::uint64_t ticks_ = 0;
    Histogram blocks_, short_terms_;
};

} // namespace overbias::dsp
