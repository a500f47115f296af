// SPDX-License-Identifier: Apache-2.0
// FlutterFollower: the wow & flutter meter (dsp/analysis/wow_flutter.hpp) on whatever carrier comes. It begins when a
// tone of 0.9 to 14 kHz is recognised, or a carrier that flutters too much for a tone, takes in what the memory still
// holds of it, runs on with every block, and ends when the carrier does. Thread: one. process() allocates nothing.
#pragma once

#include "controller/analysers/analyser_figures.hpp"
#include "dsp/analysis/wow_flutter.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace overbias::controller {

/// A part by name, its turns a second, and where that figure is from.
struct TurningPart {
    dsp::RotatingPart part;
    std::string source;
};

struct FlutterFigures {
    std::size_t channel = 0;
    double nominal_carrier_hz = 0.0; ///< 0: none of those known, there is no speed error
    dsp::WowFlutterReading reading;
    double bin_hz = 0.0;                 ///< of the spectrum of the deviation
    std::vector<dsp::FlutterLine> lines; ///< highest first; part: index into the parts given
};

class FlutterFollower {
  public:
    FlutterFollower(double rate_hz, double memory_s);

    /// What came in, L, R, L, R ...; after look().
    void process(std::span<const float> interleaved) noexcept;
    /// Before read(): `memory` is what came in until now, `figures` what was made of it.
    void look(const calibration::Channels& memory, const StretchFigures& figures);
    /// Empty while there is no carrier.
    [[nodiscard]] std::optional<FlutterFigures> read(std::span<const TurningPart> parts);
    void clear() noexcept { meter_.reset(); }

  private:
    [[nodiscard]] bool heard(const calibration::Channels& memory, std::size_t channel, double carrier_hz) const;
    void begin(std::span<const float> samples, std::size_t channel, double carrier_hz, double nominal_hz);

    double rate_hz_, memory_s_;
    std::optional<dsp::WowFlutterMeter> meter_;
    std::size_t channel_ = 0;
    double carrier_hz_ = 0.0, nominal_hz_ = 0.0;
    std::vector<float> piece_;
};

} // namespace overbias::controller
