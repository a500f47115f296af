// SPDX-License-Identifier: Apache-2.0
// What a recording of test tones says of the deck beyond each tone alone: crosstalk, intermodulation, response and
// maximum output level. Each is there only when the file holds what it is measured of.
#pragma once

#include "dsp/analysis/crosstalk.hpp"
#include "dsp/analysis/frequency_response.hpp"
#include "dsp/analysis/intermodulation.hpp"
#include "dsp/analysis/mol_search.hpp"
#include "dsp/analysis/tape_tones.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace overbias::calibration {

struct FoundTone {
    std::size_t channel = 0;
    dsp::TapeTone tone;
    [[nodiscard]] double duration_s() const noexcept { return tone.end_s - tone.begin_s; }
};

/// Of one tone, which one channel of two carries and the other one hears 20 dB or more below.
struct CrosstalkFigures {
    std::size_t from = 0, to = 0; ///< channels
    double start_s = 0.0;
    dsp::Crosstalk crosstalk;
};

/// Of a file that holds two steady tones at once: 60 Hz and 7 kHz at 4 : 1, or two alike that are up to 3 kHz apart.
struct IntermodulationFigures {
    std::size_t channel = 0;
    std::optional<dsp::ModulationDistortion> modulation;
    std::optional<dsp::DifferenceDistortion> difference;
};

/// Levels re 1 kHz of a series of tones: the deck's response where all were sent alike.
struct ResponseFigures {
    std::size_t channel = 0;
    double start_s = 0.0, reference_dbfs = 0.0; ///< level at 1 kHz
    std::vector<dsp::ResponsePoint> points;     ///< by frequency
};

/// Of three or more tones of one frequency, 1 kHz or 315 Hz, at different levels. What was sent is not known: levels
/// sent are those of the fundamental as read.
struct MolFigures {
    std::size_t channel = 0;
    double frequency_hz = 0.0;
    dsp::MolResult result;
};

struct TestToneFigures {
    std::vector<CrosstalkFigures> crosstalk;
    std::vector<IntermodulationFigures> intermodulation;
    std::vector<ResponseFigures> response;
    std::vector<MolFigures> mol;
};

} // namespace overbias::calibration
