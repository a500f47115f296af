// SPDX-License-Identifier: Apache-2.0
// StereoMeters: every live meter of a stereo programme in one pass over its frames: loudness M, S, I, LRA (BS.1770-5),
// true peak (BS.1770-5 Annex 2), sample peak and clips, VU, PPM type I and type II (IEC 60268-10), correlation, rms.
// The pass is compiled for each instruction set and chosen at run time (stereo_pass.hpp). The definitions are those of
// the single meters, which are plain scalar code and what this one is checked against: LoudnessMeter, TruePeakMeter,
// PeakMeter, VuMeter, PpmMeter, CorrelationMeter.
//
// Against them: frames are taken in groups of 32, so that up to 31 frames wait for the next block (0.7 ms at 44.1 kHz,
// 0.3 ms at 96 kHz). A loudness tick of 10 ms ends with the nearest group, and its windows lie four frames late. The
// PPM's highest reading is looked up every 16 frames (0.004 dB low at most), the VU's every 32, the correlation's
// lowest every 10 ms. Samples below 1e-20, beyond 1e9 or no numbers are silence.
//
// Readers: a display, a log and a report may each have their own; what it reads is the highest since *it* last asked.
// Thread: process and read on one thread (the meter worker); readings are values to be passed on. No allocation, lock
// or call to the system after construction, add_reader() included.
#pragma once

#include "dsp/meters/correlation_meter.hpp"
#include "dsp/meters/peak_meter.hpp"
#include "dsp/meters/ppm_meter.hpp"
#include "dsp/meters/programme_loudness.hpp"
#include "dsp/meters/stereo_pass.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace overbias::dsp {

struct StereoMeterConfig {
    double sample_rate_hz = 0;
    double vu_reference = 0.1;        ///< peak amplitude of the sine that reads 0 VU (full scale 1)
    double ppm_reference = 0.1258925; ///< peak amplitude of the sine that reads 0 dB on the PPMs: -18 dBFS
    double correlation_s = 0.6;       ///< averaging time
    ClipRule clip{};
};

/// Pairs are left, right.
struct StereoReading {
    // highest (correlation: lowest) since this reader last asked
    std::array<double, 2> sample_peak_dbfs{}, true_peak_dbtp{}; ///< -200 at silence
    std::array<double, 2> vu{};                                 ///< -60 at rest
    std::array<double, 2> ppm_type_i_db{}, ppm_type_ii_db{};    ///< re ppm_reference; ppm_mark() makes marks of them
    double momentary_lufs = 0, short_term_lufs = 0;             ///< -120 at silence
    double lowest_correlation = 0;
    std::array<std::uint64_t, 2> clips{}; ///< that happened since this reader last asked
    // now
    std::array<double, 2> vu_now{}, ppm_type_i_now_db{}, ppm_type_ii_now_db{};
    std::array<double, 2> rms_dbfs{}; ///< last 300 ms; a full-scale sine reads 0 (AES17, as RmsMeter); -200 at silence
    double momentary_now_lufs = 0, short_term_now_lufs = 0;
    double correlation = 0;
};

class StereoMeters {
  public:
    static constexpr std::size_t kMostReaders = 8;
    static constexpr std::size_t kRmsTicks = 30; ///< of 10 ms

    /// Throws std::invalid_argument (rate not from 8 to 768 kHz, a reference or time that is not positive).
    explicit StereoMeters(const StereoMeterConfig& config);

    /// L, R, L, R ...; an odd last sample is left out.
    void process(std::span<const float> interleaved) noexcept;
    /// One channel at a time; the shorter span counts.
    void process(std::span<const float> left, std::span<const float> right) noexcept;

    /// A reader's number. Throws std::length_error beyond kMostReaders.
    [[nodiscard]] std::size_t add_reader();
    /// Throws std::out_of_range for a number that add_reader() did not give.
    [[nodiscard]] StereoReading read(std::size_t reader);
    /// M, S, I, LRA as they stand; restart_loudness() begins a new programme for I and LRA.
    [[nodiscard]] const ProgrammeLoudness& loudness() const noexcept { return loudness_; }
    void restart_loudness() noexcept { loudness_.restart(); }

    /// Instruction set in use, as the dispatcher calls it.
    [[nodiscard]] static const char* instruction_set() noexcept { return stereo_pass_target(); }

  private:
    using Pair = std::array<double, 2>;
    static constexpr std::size_t kPast = 32, kStrip = 1024; ///< frames before and of a strip

    /// Highest since a reader asked, in the units of the pass.
    struct Marks {
        Pair sample_peak{}, true_peak{}, vu{}, ppm_i{}, ppm_ii{};
        double momentary = 0, short_term = 0, lowest_correlation = 1.0;
        std::array<std::uint64_t, 2> clips_before{};
    };
    struct Strip {
        alignas(64) std::array<float, 2 * kStrip> interleaved{};
        alignas(64) std::array<float, kPast + kStrip> left{}, right{};
    };
    /// Sums of squares of the channels over one tick.
    struct Squares {
        Pair sums{};
        std::size_t frames = 0;
    };

    void process(const float* first, const float* second, std::size_t step, std::size_t frames) noexcept;
    void pass_strip() noexcept;
    void end_tick() noexcept;
    void fold() noexcept;
    void begin_anew(Marks& marks) const noexcept;
    [[nodiscard]] std::size_t groups_of_tick(std::uint64_t tick) const noexcept;
    [[nodiscard]] double correlation_now() const noexcept;
    [[nodiscard]] Pair needles() const noexcept { return {state_.vu[0], state_.vu[1]}; }
    [[nodiscard]] Pair holders(std::size_t type) const noexcept;
    [[nodiscard]] double ppm_db(double holders, const PpmCoefficients& c) const noexcept;

    StereoPassTables tables_;
    StereoPassState state_;
    Strip strip_;
    std::size_t staged_ = 0; ///< frames in the strip
    std::size_t oversampling_ = 0;

    double rate_hz_, vu_unit_, ppm_reference_;
    PpmCoefficients ppm_i_, ppm_ii_;
    CorrelationCoefficients correlation_;

    ProgrammeLoudness loudness_;
    std::uint64_t ticks_ = 0;
    std::size_t groups_left_ = 0, groups_in_tick_ = 0;
    std::array<Squares, kRmsTicks> squares_{};

    Marks running_; ///< what no reader has been told of yet: only its tick's figures; the pass keeps the others
    std::array<Marks, kMostReaders> marks_{};
    std::size_t readers_ = 0;
};

} // namespace overbias::dsp
