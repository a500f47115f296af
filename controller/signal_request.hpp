// SPDX-License-Identifier: Apache-2.0
// What a person says of a test signal, by names, and the signal that is meant: the same words for the command line
// (`overbias generate`, `overbias oscillator`) and for the method `oscillator`. Pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "dsp/generator/signal.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

struct SignalRequest {
    std::string signal; ///< one of signal_names()
    std::optional<double> frequency_hz = {};
    std::optional<double> level_dbfs = {}; ///< of tones and multitone: what the levels of the tones are relative to
    std::optional<double> from_hz = {}, to_hz = {}, duration_s = {}; ///< of a sweep
    std::optional<double> on_s = {}, off_s = {};                     ///< of bursts
    std::vector<std::string> tones = {};                             ///< "FREQUENCY:LEVEL[:SECONDS[:GAP]]"
    bool repeat = false;                                             ///< tones and sweep begin again
};

/// silence, sine, square, sweep, burst, tones, multitone, white, pink.
[[nodiscard]] const std::vector<std::string>& signal_names();
[[nodiscard]] std::string signal_name(dsp::Signal::Kind kind);
/// What of a request goes with that signal: the names of SignalRequest's members.
[[nodiscard]] std::vector<std::string> signal_parts(std::string_view signal);

/// The signal, with what was left out as dsp::Signal has it. The error names what does not go with the signal, what is
/// missing or what is not understood; whether it can be played at a rate is dsp::signal_complaint's to say.
[[nodiscard]] Result<dsp::Signal> signal_of(const SignalRequest& request);

} // namespace overbias::controller
