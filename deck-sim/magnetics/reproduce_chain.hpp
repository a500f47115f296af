// SPDX-License-Identifier: Apache-2.0
// From the flux at a head to the line output: crosstalk, losses of the head, reproduce equaliser as a technician leaves
// it, head bump, low-frequency roll-off, level error, noise of the electronics. Flux 1 gives output 1 at 1 kHz (both: a
// sine at operating level).
//
// A head gives d(flux)/dt and the amplifier integrates it; here both are left out, which is the same at any speed.
// Thread: any one; no allocation after construction.
#pragma once

#include "deck-sim/magnetics/block_math.hpp"
#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/magnetics/noise.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace overbias::deck_sim::magnetics {

/// Losses of the reproduce head at nominal speed, amplitude ratio: gap and spacing. (Thickness loss is part of the
/// recorded flux, as the flux standards have it.)
[[nodiscard]] double head_loss(double optical_gap_m, double speed_ips, double frequency_hz);
/// Reproduce equaliser with the head's losses, amplitude ratio, without the low-frequency part: the standard's inverse,
/// the head's losses made up to 18 kHz at 15 ips, and a channel's own residual (under 0.5 dB to 15 kHz).
[[nodiscard]] double reproduce_gain(Equalisation equalisation, double speed_ips, std::size_t channel,
                                    double frequency_hz);

/// What is set on one channel of the reproduce side.
struct ReproduceTrim {
    double level_db = 0, high_db = 0, low_db = 0;
    [[nodiscard]] bool operator==(const ReproduceTrim&) const = default;
};

class ReproduceChain {
  public:
    /// With Settings::reproduce_equalisation, if it is set, the switch is there; the tape's noise is that of
    /// Settings::equalisation all the same.
    ReproduceChain(const Settings& settings, std::size_t most_frames);

    /// Flux becomes line output. In place. `sync`: the record head is reproducing (dull: its gap is four times as
    /// long).
    void process(float* left, float* right, std::size_t frames, bool sync) noexcept;
    /// Adds the electronics' noise, which is there whatever the monitor switch selects.
    void add_electronics_noise(float* left, float* right, std::size_t frames) noexcept;
    /// Puts this into effect with the next block. Allocates nothing; up to 4 ms of work when a filter changes.
    void trim(std::size_t channel, const ReproduceTrim& to) noexcept;
    /// Forgets what went through before, and what is set counts at once.
    void reset() noexcept;
    /// Flux noise (rms) that reads settings.noise_a_weighted_db behind this chain.
    [[nodiscard]] double noise_flux_rms() const noexcept { return noise_flux_rms_; }

  private:
    struct Channel {
        Channel(BlockFir behind_repro, BlockFir behind_sync)
            : repro(std::move(behind_repro)), sync(std::move(behind_sync)) {}
        BlockFir repro;
        BlockFir sync;
        float aligned = 1.0F; ///< gain with the screws at rest
        Ramp gain, low;       ///< low: what the shelf adds to what is below its corner
        double shelf_state = 0;
        std::array<double, 2> bump_state{};
        double low_state = 0;
        std::vector<double> repro_bins; ///< magnitude of `repro` with the screws at rest
        ReproduceTrim trim;
    };
    void design(Channel& channel) noexcept;
    std::vector<Channel> channels_;
    float crosstalk_ = 0.0F;
    std::array<double, 3> bump_b_{}; // head bump, biquad
    std::array<double, 2> bump_a_{};
    std::array<double, 2> low_b_{}; // roll-off, first order
    double low_a_ = 0;
    double noise_flux_rms_ = 0;
    float electronics_rms_ = 0;
    Noise noise_;
    double shelf_corner_ = 0;
    FirDesigner designer_;
    std::vector<double> high_bins_, sync_bins_, wanted_; ///< sync: its head's loss over the reproduce head's
    std::vector<float> taps_;
};

} // namespace overbias::deck_sim::magnetics
