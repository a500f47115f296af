// SPDX-License-Identifier: Apache-2.0
// PpmMeter: quasi-peak programme meter, IEC 60268-10. Type I (DIN 45406 scale, Nordic scale): a 5 ms burst reads 2 dB
// low, the needle falls 20 dB in 1.7 s. Type IIa (BBC scale) and IIb (EBU scale): a 10 ms burst reads 2 dB low, the
// needle falls 24 dB in 2.8 s.
//
// Detector: full-wave; two peak-holding one-poles side by side charge at different rates and leak at the same, and the
// reading is their mean. With w = 1 - e^(-charge / rate), d = e^(-leak / rate), a holder z on a rectified sample t goes
//     z' = d z            while t <= d z   (leaks)
//     z' = d z (1 - w) + w t     otherwise (charges); both are z' = max(d z, d (1 - w) z + w t).
// The four charge rates are least-squares fits to nominal burst readings at 5 kHz. Type II: 10, 5, 1.5, 0.5 ms = -2,
// -4, -9, -17 dB (BBC test signals). Type I: 10, 5, 3, 0.4 ms = -1, -2, -4, -15 dB, figures in common use whose printed
// source was not at hand; x42 meters.lv2, an independent meter, reads within 0.5 dB of them. The tolerances of the
// standard are not built in anywhere.
// Scale: dB of the steady sine with the same reading. The steady reading is the same from 100 Hz to a fifth of the
// sample rate within 0.1 dB; a tone locked to fs/4 or fs/3 may stay 1 dB or more below, as its samples miss the crests.
// One channel. Thread: one; no allocation.
#pragma once

#include <array>
#include <span>

namespace overbias::dsp {

/// What the numbers on the scale stand for; the ballistics are those of the type.
enum class PpmScale {
    din,    ///< type I, dB, -50 ... +5; the reference stands at 0
    nordic, ///< type I, dB, -42 ... +12; the reference stands at 0 ("TEST" is +6)
    bbc,    ///< type IIa, marks 1 ... 7, 4 dB a mark; the reference stands at 4
    ebu,    ///< type IIb, dB, -12 ... +12; the reference stands at 0 ("TEST")
};

/// One sample of both holders; double, so that any arithmetic built upon it is the less exact one.
struct PpmCoefficients {
    double fall = 0;              ///< d, what is left of a holder after one sample
    std::array<double, 2> keep{}; ///< d (1 - w) of each holder
    std::array<double, 2> take{}; ///< w of each holder
    double gain = 0;              ///< sum of the holders times this is the peak amplitude of the steady sine
    double lowest = 0;            ///< readings below this amplitude count as this one (off the scale)
};

/// Ballistics at a sample rate. Throws std::invalid_argument when the rate is not positive.
[[nodiscard]] PpmCoefficients ppm_coefficients(PpmScale scale, double sample_rate_hz);

/// Mark of the scale at which a level stands; level in dB above the reference. Not clipped to the scale's ends.
[[nodiscard]] double ppm_mark(PpmScale scale, double db_above_reference) noexcept;

class PpmMeter {
  public:
    /// `reference`: peak amplitude of the steady sine that stands at the scale's reference mark (full scale 1).
    /// Throws std::invalid_argument.
    PpmMeter(PpmScale scale, double sample_rate_hz, double reference);
    void process(std::span<const float> samples) noexcept;

    /// Needle now, and highest since the last call of highest_db(), in dB above the reference; -120 dBFS at rest.
    [[nodiscard]] double reading_db() const noexcept;
    [[nodiscard]] double highest_db() noexcept;
    /// The same as marks of the scale.
    [[nodiscard]] double reading_mark() const noexcept { return ppm_mark(scale_, reading_db()); }
    [[nodiscard]] double highest_mark() noexcept { return ppm_mark(scale_, highest_db()); }

  private:
    [[nodiscard]] double db(double holders) const noexcept;
    PpmScale scale_;
    PpmCoefficients c_;
    double reference_;
    double slow_ = 0, fast_ = 0, highest_ = 0; ///< highest_: of the sum
};

} // namespace overbias::dsp
