// SPDX-License-Identifier: Apache-2.0
// What the capture channels say about the bias: a lock-in for each source that is heard direct, divided or mixed, a
// mean for each rectified one. Gives readings for the BiasMonitor. Sources on slow converters and off tape are others'
// to read and are passed over.
//
// Thread: one, not the audio thread. Allocates in the constructor only.
#pragma once

#include "calibration/bias/bias_monitor.hpp"
#include "dsp/analysis/lock_in.hpp"
#include "tape/bias_source.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace overbias::calibration {

/// As BiasMonitor::take() wants it.
struct BiasReading {
    std::size_t source = 0; ///< index into the sources
    BiasQuantity quantity = BiasQuantity::Level;
    std::optional<double> value;   ///< empty: no carrier
    std::uint64_t until_frame = 0; ///< frames taken when the reading was whole
};

class BiasListener {
  public:
    /// `channels`: of the capture. Throws std::invalid_argument with the reason and what to do when a source can't be
    /// heard at this rate or names a channel that there is not.
    BiasListener(std::vector<tape::BiasSource> sources, double rate_hz, std::size_t channels);

    /// Whether there is anything to listen to.
    [[nodiscard]] bool empty() const noexcept { return ears_.empty(); }
    /// Readings that so many frames give at most.
    [[nodiscard]] std::size_t most_readings(std::size_t frames) const noexcept;
    /// Takes interleaved frames, writes the readings they complete (out.size() >= most_readings()), returns how many.
    std::size_t process(std::span<const float> interleaved, std::span<BiasReading> out) noexcept;
    /// For a gap in the capture: what was half read is dropped. Frames go on being counted.
    void reset() noexcept;

  private:
    struct Ear {
        std::size_t source = 0;
        tape::HeardBias heard; ///< of a lock-in
        std::variant<dsp::LockIn, dsp::RectifiedMean> by;
    };
    static constexpr std::size_t kChunk = 512;

    std::size_t listen(Ear& ear, std::span<const float> samples, std::span<BiasReading> out) noexcept;

    std::vector<tape::BiasSource> sources_;
    std::size_t channels_;
    std::vector<Ear> ears_;
    std::vector<float> channel_;
    std::vector<dsp::LockInReading> locked_;
    std::vector<dsp::RectifiedReading> means_;
};

} // namespace overbias::calibration
