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
#include "deck-sim/magnetics/fir_design.hpp"
#include "deck-sim/settings.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <utility>
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
/// Loss in recording at an overbias, amplitude ratio. `slope`: of the bias curve.
[[nodiscard]] double record_process_loss(double overbias_db, double speed_ips, double frequency_hz, double slope = 2.0);

/// What is set on one channel of the record side.
struct RecordTrim {
    double level_db = 0, high_db = 0, low_db = 0;
    double bias_db =
        3.0; ///< current over that of greatest 10 kHz output; below kLeastBias_db there is none to speak of
    [[nodiscard]] bool operator==(const RecordTrim&) const = default;
};

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
    /// Puts this into effect with the next block. Allocates nothing; up to 2 ms of work when a filter changes.
    void trim(std::size_t channel, const RecordTrim& to) noexcept;
    /// Noise that recording adds, against a deck at 3 dB of bias over the peak; amplitude ratio.
    [[nodiscard]] float noise_gain(std::size_t channel) const noexcept { return channels_[channel].noise; }

  private:
    struct Channel {
        Channel(BlockFir before, BlockFir after) : equaliser(std::move(before)), loss(std::move(after)) {}
        BlockFir equaliser;
        BlockFir loss;
        float aligned = 1.0F; ///< gain with the screws at rest
        Ramp gain, low;       ///< low: what the shelf adds to what is below its corner
        double shelf_state = 0;
        float scale = 0.1F; ///< of the saturation
        bool unbiased = false;
        float noise = 1.0F;
        RecordTrim trim;
        double low_b0 = 1, low_b1 = 0, low_a1 = 0, low_state = 0; // NAB boost, first order
    };
    struct Droop {
        std::array<bool, 2> channels{};
        bool on = false;
        float gain = 1.0F;    // of what droops
        double corner = -1.0; // of the first-order low-pass that is kept (trapezoidal); negative: nothing is kept
        std::array<double, 2> state{}; // of that low-pass
    };
    static void saturate(const Channel& channel, float* samples, std::size_t frames) noexcept;
    void add_low(Channel& channel, float* samples, std::size_t frames) const noexcept;
    void design_equaliser(Channel& channel) noexcept;
    void design_loss(Channel& channel) noexcept;

    std::vector<Channel> channels_;
    std::vector<Droop> droops_; // one for each fault, in their order (others stay off)
    bool swapped_ = false;
    std::array<float, 2> wiring_{1.0F, 1.0F};
    bool low_boost_ = false;
    bool no_bias_ = false;
    float scale_ = 0.1F;
    double rate_hz_, speed_ips_, slope_;
    double shelf_corner_ = 0; ///< of the low-frequency screw, trapezoidal
    FirDesigner designer_;
    std::vector<double> equaliser_bins_, loss_bins_, high_bins_, wanted_; ///< magnitudes; loss: without bias's part
    std::vector<float> taps_;
    double loss_1k_ = 1;     ///< of the aligned loss, as it came out
    double steepness_ = 1.0; ///< of a change over frequency, as a short filter makes it against what it was asked for
};

/// Corner of the deck's low-frequency roll-off, Hz: flux below is not boosted further, and the output falls.
inline constexpr double kLowCorner_hz = 8.0;

} // namespace overbias::deck_sim::magnetics
