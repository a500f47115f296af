// SPDX-License-Identifier: Apache-2.0
// Drop-outs in a demodulated carrier: found, bridged and marked, so that what they did to the phase is neither read as
// flutter nor sent ringing through the filters.
//
// A sample is out when its level is more than `below_db` under the carrier's running level (half a second, good samples
// only) or its deviation outside the demodulator's pass-band; the neighbours within `guard_s` on both sides, which the
// demodulator's filter spoils, go with it. A gap of up to `longest_s` is bridged by the straight line between the means
// of the good samples beside it; a longer one holds the last good value. Output is late by `longest_s` and a little.
// -14 dB is no standard's figure: it stands clear of 9.5 dB, what 50 % level modulation takes from a peak to a trough.
// When the carrier stays low for a second, its new level becomes the running one.
//
// Thread: one; no allocation after construction.
#pragma once

#include "dsp/analysis/fm_demodulator.hpp"

#include <cstddef>
#include <vector>

namespace overbias::dsp {

struct FlutterGapConfig {
    double rate_hz = 2000.0;       ///< of the demodulated samples
    double guard_s = 0.004;        ///< demodulator taps / rate and a little
    double widest_deviation = 0.1; ///< FmDemodulator::widest_deviation()
    double below_db = -14.0;
    double longest_s = 0.1;
};

class FlutterGaps {
  public:
    struct Out {
        float deviation = 0.0F;
        bool good = false;
    };
    explicit FlutterGaps(const FlutterGapConfig& config);
    /// One sample in, the one delay() samples ago out; before there is one, deviation 0 and not good.
    Out rt_process(FmSample sample) noexcept;
    [[nodiscard]] std::size_t delay() const noexcept { return ring_.size(); }
    /// Mean deviation of what is between in and out.
    [[nodiscard]] double mean() const noexcept;
    void rt_reset() noexcept;

  private:
    static constexpr std::size_t kMean = 4; ///< good samples that make an end of the bridge

    [[nodiscard]] Out& back(std::size_t samples) noexcept; ///< 0: the newest
    void rt_open() noexcept;
    void rt_close() noexcept;

    double below_, widest_, step_;
    std::size_t guard_, patience_;
    std::vector<Out> ring_;
    std::size_t at_ = 0;        ///< place of the newest
    double running_ = 0.0;      ///< level of the carrier
    std::size_t gap_ = 0;       ///< length of the open gap until now, 0: none
    std::size_t since_bad_ = 0; ///< samples since the last one that was out itself
    std::size_t bad_run_ = 0;
    bool has_left_ = false;
    double left_ = 0.0; ///< mean of the good ones before the gap
};

} // namespace overbias::dsp
