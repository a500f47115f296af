// SPDX-License-Identifier: Apache-2.0
// Lock-in: level and frequency of one carrier near an expected frequency, and the mean of a rectified one.
//
// LockIn multiplies the samples by e^(-j w t) at the expected frequency and averages twice. First a low-pass of the
// pull range takes the carrier to a slow complex signal z[m] and leaves out whatever stands half a pull range or more
// beside it (a Kaiser window design, J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window
// function", 1974; 100 dB). Then, over a whole reading, the frequency is the phase advance of z: from neighbours,
// arg(sum z[m] z*[m-1]), then between sixteenths of the reading, then the slope of their phases by least squares, whose
// error is within 1 % of the Cramer-Rao bound, var w >= 24 s^2 / (A^2 N^3) (Rife and Boorstyn, 1974), where the carrier
// stands clear of the noise. The level is |mean of z e^(-j w' m)| at that frequency under a Hann window, so that a
// neighbour within the pull range does not count. What is left of z beside the carrier is the noise of the SNR.
//
// Thread: one. Allocates in the constructors only. A block may have any length.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace overbias::dsp {

struct LockInConfig {
    double rate_hz = 192000.0;
    double expected_hz = 19200.0; ///< as the samples hold it
    double pull_hz = 192.0;       ///< the carrier is looked for so far to both sides
    double reading_s = 1.0;       ///< of one reading; at least 16 / pull_hz
    double least_snr_db = 6.0;    ///< below this there is no carrier
};

struct LockInReading {
    bool carrier = false;          ///< false: amplitude and frequency say nothing
    double amplitude = 0.0;        ///< peak, in the samples' unit
    double frequency_hz = 0.0;     ///< as the samples hold it
    double snr_db = 0.0;           ///< carrier over all else within 1.5 times the pull range
    double band_rms = 0.0;         ///< of all there is in that band, carrier included
    std::uint64_t until_frame = 0; ///< samples taken when the reading was whole
};

class LockIn {
  public:
    /// Throws std::invalid_argument when rate, frequency, pull range and reading do not go together.
    explicit LockIn(const LockInConfig& config);

    /// Readings that so many samples give at most.
    [[nodiscard]] std::size_t most_readings(std::size_t samples) const noexcept;
    /// Takes samples, writes the readings they complete (out.size() >= most_readings(samples.size())), returns how
    /// many.
    std::size_t process(std::span<const float> samples, std::span<LockInReading> out) noexcept;
    /// As new: for a gap in the samples.
    void reset() noexcept;

    /// Exact length of a reading, a whole number of slow samples.
    [[nodiscard]] double reading_s() const noexcept;

  private:
    using Complex = std::complex<double>;
    static constexpr std::size_t kChunk = 1024;
    static constexpr std::size_t kParts = 16; ///< of a reading, between which the phase is followed

    void rt_mix(std::span<const float> samples) noexcept;
    [[nodiscard]] Complex rt_filtered(std::size_t at) const noexcept;
    [[nodiscard]] LockInReading rt_reading() noexcept;
    void turn(double radians_per_sample) noexcept;

    LockInConfig config_;
    std::size_t decimation_ = 1;
    std::vector<double> taps_;
    std::vector<double> re_, im_; ///< mixed samples that the low-pass still needs
    std::size_t kept_ = 0, next_ = 0;
    std::size_t unsettled_ = 0, settling_ = 0; ///< slow samples until the low-pass is full
    std::vector<Complex> slow_;
    std::vector<double> hann_; ///< sum 1
    std::size_t have_ = 0;
    Complex oscillator_{1.0, 0.0}, step_{1.0, 0.0};
    std::uint64_t frames_ = 0;
};

struct RectifiedReading {
    double mean = 0.0;       ///< with the ripple averaged away
    double ripple_rms = 0.0; ///< of what was averaged away
    std::uint64_t until_frame = 0;
};

/// Mean of a rectified carrier: a direct voltage with ripple on it. Under a Hann window of one reading: ripple at f is
/// lowered by at least 31 dB from f = 2 / reading on and by 18 dB more an octave.
class RectifiedMean {
  public:
    /// Throws std::invalid_argument unless a reading has at least 16 samples.
    RectifiedMean(double rate_hz, double reading_s);
    [[nodiscard]] std::size_t most_readings(std::size_t samples) const noexcept;
    /// As LockIn::process().
    std::size_t process(std::span<const float> samples, std::span<RectifiedReading> out) noexcept;
    void reset() noexcept;

  private:
    std::size_t size_ = 0, have_ = 0;
    double weighted_ = 0.0, first_ = 0.0, sum_ = 0.0, squares_ = 0.0;
    std::complex<double> window_{1.0, 0.0}, step_{1.0, 0.0};
    std::uint64_t frames_ = 0;
};

} // namespace overbias::dsp
