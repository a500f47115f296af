// SPDX-License-Identifier: Apache-2.0
// SpeedCarrier: how far a tone is off its frequency, as it plays: demodulated (dsp/analysis/fm_demodulator.hpp), its
// drop-outs bridged (dsp/analysis/flutter_gaps.hpp), and the mean of each tenth of a second kept. Frequencies are
// counted in samples: what the card's crystal is off has to be added. Thread: one; allocates as it goes on.
#pragma once

#include "calibration/procedure/steady_mean.hpp"
#include "dsp/analysis/flutter_gaps.hpp"
#include "dsp/analysis/fm_demodulator.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace overbias::calibration {

class SpeedCarrier {
  public:
    /// Throws as FmDemodulator does.
    SpeedCarrier(double rate_hz, double carrier_hz);

    void process(std::span<const float> samples);
    /// Mean of the last so many seconds, as a share of the carrier; empty while fewer have come. Drop-outs are left
    /// out.
    [[nodiscard]] std::optional<double> deviation(double last_s) const;

    /// Of all that has come, `skip_s` at its beginning left out: tenths of a second that are out for the most part are
    /// not counted. Empty when steady_mean() is.
    [[nodiscard]] std::optional<SteadyMean> mean(double skip_s) const;

  private:
    static constexpr double kCell_s = 0.1;
    struct Cell {
        double sum = 0.0;
        std::size_t good = 0, all = 0;
    };

    dsp::FmDemodulator demodulator_;
    dsp::FlutterGaps gaps_;
    std::size_t cell_samples_; ///< of the demodulated signal
    std::size_t waiting_;      ///< that come before the first one of the tone is out
    std::vector<dsp::FmSample> demodulated_;
    std::vector<Cell> cells_; ///< the last one may not be whole
};

} // namespace overbias::calibration
