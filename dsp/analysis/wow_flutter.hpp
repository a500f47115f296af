// SPDX-License-Identifier: Apache-2.0
// WowFlutterMeter: speed, drift, wow and flutter of a recorded tone, AES6-2008 = IEC 60386 = DIN 45507.
//
// Demodulator (fm_demodulator.hpp), drop-outs out (flutter_gaps.hpp), filters (flutter_filters.hpp), detectors
// (flutter_detectors.hpp). All figures are percent of the carrier; those of wow and flutter are half the peak-to-peak
// deviation, as in "+-0.1 %", but where they are called rms. The needle is held over a drop-out and 0.2 s after it.
// Filters need `settle_s` after the carrier began; until then, and where no carrier is, figures are empty.
//
// Live: blocks of any length, figures of the last `memory_s`. Offline: measure_wow_flutter() on a span, figures of all.
// Thread: one. Allocates in the constructor only; process() may run on the audio thread, reading() sorts (0.3 ms for
// ten seconds) and should not.
#pragma once

#include "dsp/analysis/flutter_detectors.hpp"
#include "dsp/analysis/flutter_filters.hpp"
#include "dsp/analysis/flutter_gaps.hpp"
#include "dsp/analysis/flutter_spectrum.hpp"
#include "dsp/analysis/fm_demodulator.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::dsp {

struct WowFlutterConfig {
    double rate_hz = 48000.0;
    double nominal_carrier_hz = 3150.0; ///< 1 to 13 kHz; AES6 3150, NAB and JIS 3000
    double memory_s = 10.0;             ///< AES6 reads over 5 s or more
    double settle_s = 4.0;              ///< the 0.3 Hz edge has forgotten the start to 0.5 % by then
    double dropout_below_db = -14.0;    ///< see flutter_gaps.hpp
};

struct WowFlutterReading {
    bool carrier_present = false;              ///< more than half of what arrived is a tone within the carrier's band
    std::optional<double> carrier_hz;          ///< mean over the memory, drop-outs left out
    std::optional<double> speed_error_percent; ///< (carrier / nominal - 1)
    /// Change along the straight line through the speed's means of one second, from its beginning to its end.
    std::optional<double> drift_percent;
    double drift_over_s = 0.0; ///< length of that line, the last 300 s at most
    std::optional<double> weighted_two_sigma_percent, weighted_quasi_peak_percent; ///< the latter: the needle's highest
    std::optional<double> unweighted_percent, wow_percent, flutter_percent;        ///< two-sigma
    std::optional<double> weighted_rms_percent, unweighted_rms_percent;
    double duration_s = 0.0;     ///< of the stretch that the figures of wow and flutter stand for
    double excluded_share = 0.0; ///< of the memory, in drop-outs
};

class WowFlutterMeter {
  public:
    /// Throws std::invalid_argument (FmDemodulator; a memory that is not above 0).
    explicit WowFlutterMeter(const WowFlutterConfig& config);

    void process(std::span<const float> samples) noexcept;
    [[nodiscard]] WowFlutterReading reading() noexcept;
    /// Spectrum and lines of the memory; parts by their own turns a second. Valid until the next call.
    [[nodiscard]] const FlutterSpectrum& spectrum(std::span<const RotatingPart> parts);
    void reset() noexcept;

    /// Of the deviation and all that is made of it.
    [[nodiscard]] double deviation_rate_hz() const noexcept { return demodulator_.output_rate_hz(); }

  private:
    static constexpr std::size_t kChunk = 4096;
    static constexpr std::size_t kDriftSeconds = 300;
    static constexpr std::size_t kNeedleEvery = 8;
    enum State : std::uint8_t { kNothing, kSettling, kGood, kOut };

    void rt_sample(FlutterGaps::Out sample) noexcept;
    void rt_second(double deviation, bool good) noexcept;
    void read_drift(WowFlutterReading& reading) const noexcept;

    WowFlutterConfig config_;
    FmDemodulator demodulator_;
    FlutterGaps gaps_;
    FlutterFilters filters_;
    QuasiPeakFlutter needle_;
    std::vector<SwingMemory> swings_; ///< by band
    SwingMemory needle_memory_;
    FlutterSpectrum spectrum_;
    std::vector<FmSample> demodulated_;
    std::vector<float> deviation_, in_order_;
    std::vector<State> state_;
    std::size_t at_ = 0;
    std::size_t settle_, lost_after_, needle_hold_;
    bool running_ = false;
    double offset_ = 0.0;
    std::size_t since_start_ = 0, bad_run_ = 0, needle_held_ = 0;
    std::vector<double> seconds_; ///< mean deviation of each of the last seconds, NaN where there was none
    std::size_t seconds_done_ = 0, in_second_ = 0, good_in_second_ = 0, second_;
    double second_sum_ = 0.0;
};

struct WowFlutterReport {
    double nominal_carrier_hz = 0.0; ///< 0: the tone is none of those known, there is no speed error
    WowFlutterReading reading;
    double bin_hz = 0.0;
    std::vector<FlutterLine> lines; ///< highest first
};

/// One channel of a recording. A nominal carrier of 0 is found: the strongest tone from 0.9 to 14 kHz, called by the
/// nearest of 3000 and 3150 Hz when it is within 2.4 % of it. memory_s is taken from the span.
[[nodiscard]] WowFlutterReport measure_wow_flutter(std::span<const float> samples, const WowFlutterConfig& config,
                                                   std::span<const RotatingPart> parts = {});

} // namespace overbias::dsp
