// SPDX-License-Identifier: Apache-2.0
// Where a deck's bias can be watched, as its profile says ([[bias_monitor]]), and what of it reaches a converter.
//
// Bias lies above 100 kHz. An audio converter (sigma-delta) filters what is above about 0.45 of its sample rate, so
// even at 192 kHz it hears no usual bias frequency, and nothing of it folds down either. What can be heard is bias that
// was divided, mixed down or rectified on its way; or an alias, |f - n fs|, in a converter that has no such filter and
// whose rate does not put the alias on 0 or half the rate, where it coincides with its own image. A profile that asks
// for more is refused. Plain data and pure functions, any thread.
#pragma once

#include "base/result.hpp"
#include "base/toml/strict_toml.hpp"
#include "tape/figure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace overbias::tape {

enum class BiasSourceKind {
    Direct,    ///< a capture channel hears the bias itself, or its alias
    Divided,   ///< its frequency divided by a whole number, on a capture channel
    Mixed,     ///< mixed with a local oscillator: the difference, on a capture channel
    Rectified, ///< rectified, on a capture channel that passes direct voltage
    Adc,       ///< the deck's rectified test point, on a slow converter of Linux IIO
    Tape,      ///< from what is played back: high frequencies, third harmonic, noise
};

/// "direct", "divided", "mixed", "rectified", "adc", "tape".
[[nodiscard]] const char* bias_source_word(BiasSourceKind kind) noexcept;

/// How far from set-up is worth a warning, and how far is a failure. No limit and no alarm where the profile gives
/// none.
struct BiasLimit {
    std::optional<Figure> warn, fail;
};

struct BiasSource {
    BiasSourceKind kind = BiasSourceKind::Direct;
    int track = 1;                       ///< from 1
    std::optional<Figure> frequency_khz; ///< of the bias itself; given for direct, divided and mixed
    double pull_percent = 1.0;           ///< of the bias frequency: so far to both sides it is looked for

    // --- on a capture channel
    int capture_channel = 0;              ///< from 1; 0: none
    int divide_by = 1;                    ///< divided
    bool level_kept = false;              ///< of a divided one: its level follows the bias; a counter's does not
    std::optional<Figure> oscillator_khz; ///< mixed
    std::optional<Figure> passes_to_khz;  ///< upper end of the converter's band; empty: 0.45 of its sample rate
    bool anti_alias_filter = true;
    bool dc_coupled = false; ///< of a rectified one
    // --- on a slow converter
    std::string device;  ///< its name or label in IIO
    int adc_channel = 0; ///< N of in_voltageN_raw

    // --- rectified and adc: a reading r is (r - zero) * volts_per_unit of bias; the others have no zero
    std::optional<Figure> zero;           ///< the reading with bias off: a diode's offset; empty: 0
    std::optional<Figure> volts_per_unit; ///< bias voltage of a reading of 1 (full scale, or 1 V); empty: not known

    /// Whether its level says something about the bias.
    [[nodiscard]] bool has_level() const noexcept {
        return kind != BiasSourceKind::Tape && (kind != BiasSourceKind::Divided || level_kept);
    }
    [[nodiscard]] bool has_frequency() const noexcept {
        return kind == BiasSourceKind::Direct || kind == BiasSourceKind::Divided || kind == BiasSourceKind::Mixed;
    }

    /// Level in dB, frequency in %, high frequencies (10 kHz) in dB, third harmonic in % of itself, noise in dB.
    BiasLimit level_db, frequency_percent, high_frequency_db, third_harmonic_percent, noise_db;
};

/// What of a bias frequency stands in the samples.
struct HeardBias {
    double frequency_hz = 0.0; ///< expected
    double pull_hz = 0.0;
    double bias_hz = 0.0; ///< expected, of the bias itself
    double slope = 1.0;   ///< change of the heard frequency by that of the bias; negative: mirrored
    /// The bias frequency that is heard as `heard_hz`.
    [[nodiscard]] double bias_of(double heard_hz) const noexcept { return bias_hz + (heard_hz - frequency_hz) / slope; }
};

/// What a converter hears of a direct, divided or mixed source. The error says why nothing, and what can be done.
[[nodiscard]] Result<HeardBias> heard_bias(const BiasSource& source, double sample_rate_hz);

/// Whether the source can be used at this sample rate: every kind. The error is one line.
[[nodiscard]] Result<void> usable_bias_source(const BiasSource& source, double sample_rate_hz);

/// Volts of bias where the scale is known, else what the reading is above zero.
[[nodiscard]] double bias_level(const BiasSource& source, double reading) noexcept;

/// "track 1 (divided by 8, capture channel 3)": the source in a sentence.
[[nodiscard]] std::string bias_source_place(const BiasSource& source);

/// Reads every [[bias_monitor]]. `bias_frequency_khz` is the profile's own, for sources that give none.
[[nodiscard]] std::vector<BiasSource> read_bias_sources(TomlSection root, int tracks,
                                                        const std::optional<Figure>& bias_frequency_khz);

} // namespace overbias::tape
