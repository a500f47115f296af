// SPDX-License-Identifier: Apache-2.0
// From the line input to the flux that stays on the tape: wiring faults, droop, level error, record equaliser,
// saturation of the coating, loss in recording. Levels: 1 is the peak of a sine at operating level at the input; flux 1
// is the same on tape at 1 kHz.
//
// The equaliser is what a technician would have set: flux standard over record loss at the overbias he used (3 dB).
// Saturation sits between the two, so that short wavelengths, which need the boost, saturate first. Thread: any one; no
// allocation after construction.
#pragma once

#include "deck-sim/faults.hpp"
#include "deck-sim/magnetics/block_math.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace overbias::deck_sim::magnetics {

/// Third-order saturation with a stated third harmonic: s(x) = x - x^3/3 up to x = 1, flat beyond; coating(m) = s(scale
/// m) / scale.
struct Saturation {
    double scale = 0.1;
    [[nodiscard]] double coating(double magnetisation) const noexcept;
};
/// Scale with which a 1 kHz sine has 3 % third harmonic at `mol_db` re operating level, both read behind the reproduce
/// equaliser.
[[nodiscard]] Saturation saturation_for(double mol_db, Equalisation equalisation, double speed_ips);

/// Up to here the equalisers make up the losses: 18 kHz at 15 ips, the same wavelength at other speeds.
[[nodiscard]] double last_equalised_hz(double speed_ips);
/// Target of the record equaliser (re 1 kHz input), amplitude ratio; the boost is held beyond 18 kHz at 15 ips and
/// never above 36 dB. The low-frequency part of NAB is not in it (a first-order section does that).
[[nodiscard]] double record_equaliser_gain(Equalisation equalisation, double speed_ips, double frequency_hz);
/// Loss in recording at an overbias, amplitude ratio.
[[nodiscard]] double record_process_loss(double overbias_db, double speed_ips, double frequency_hz);

class RecordChain {
  public:
    RecordChain(const Settings& settings, std::span<const Fault> faults, std::size_t most_frames);

    /// left/right are the line input and become flux. In place.
    void process(float* left, float* right, std::size_t frames) noexcept;
    /// Forgets what went through before.
    void reset() noexcept;
    /// Turns droop `index` of the faults on (its place has come).
    void start_droop(std::size_t index) noexcept;
    /// Takes over which droops are on: the same amplifier at another speed.
    void take_over(const RecordChain& other) noexcept;

  private:
    struct Channel {
        BlockFir equaliser;
        BlockFir loss;
        float gain = 1.0F;
        double low_b0 = 1, low_b1 = 0, low_a1 = 0, low_state = 0; // NAB boost, first order
    };
    struct Droop {
        std::array<bool, 2> channels{};
        bool on = false;
        float gain = 1.0F;    // of what droops
        double corner = -1.0; // of the first-order low-pass that is kept (trapezoidal); negative: nothing is kept
        std::array<double, 2> state{}; // of that low-pass
    };
    void saturate(float* samples, std::size_t frames) const noexcept;

    std::vector<Channel> channels_;
    std::vector<Droop> droops_; // one for each fault, in their order (others stay off)
    bool swapped_ = false;
    std::array<float, 2> wiring_{1.0F, 1.0F};
    bool low_boost_ = false;
    bool no_bias_ = false;
    float scale_ = 0.1F;
};

/// Corner of the deck's low-frequency roll-off, Hz: flux below is not boosted further, and the output falls.
inline constexpr double kLowCorner_hz = 8.0;

} // namespace overbias::deck_sim::magnetics
