// SPDX-License-Identifier: Apache-2.0
#include "tape/bias_source.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace overbias::tape {

namespace {

/// Where an audio converter's filter begins, as a share of its sample rate, when the profile does not say.
constexpr double kAudioBand = 0.45;
/// A lock-in wants its carrier this many pull ranges clear of 0 and of half the rate (dsp/analysis/lock_in.hpp).
constexpr double kClear = 1.5;
constexpr double kLeastPullHz = 20.0;

std::string khz(double hz) {
    const double value = hz / 1000.0;
    const bool short_one = std::abs(value * 10.0 - std::round(value * 10.0)) < 1e-6;
    return figure(value, short_one ? 1 : 3) + " kHz";
}

/// What brings this bias into a band that ends at `top_hz`.
std::string ways_out(double bias_hz, double pull_share, double top_hz) {
    int by = 2;
    while (bias_hz * (1.0 + pull_share) / by > top_hz) {
        by *= 2;
    }
    return "mix it down (kind = \"mixed\"), divide it (\"divided\", by " + std::to_string(by) + ": " +
           khz(bias_hz / by) +
           "; most dividers keep the frequency only), rectify it (\"rectified\"), or read the "
           "deck's bias test point with a slow converter (\"adc\")";
}

Error refusal(const BiasSource& source, const std::string& why) {
    return Error{"bias of " + bias_source_place(source) + " can't be watched: " + why};
}

} // namespace

const char* bias_source_word(BiasSourceKind kind) noexcept {
    switch (kind) {
    case BiasSourceKind::Direct:
        return "direct";
    case BiasSourceKind::Divided:
        return "divided";
    case BiasSourceKind::Mixed:
        return "mixed";
    case BiasSourceKind::Rectified:
        return "rectified";
    case BiasSourceKind::Adc:
        return "adc";
    case BiasSourceKind::Tape:
        break;
    }
    return "tape";
}

std::string bias_source_place(const BiasSource& source) {
    const std::string channel = ", capture channel " + std::to_string(source.capture_channel);
    std::string how;
    switch (source.kind) {
    case BiasSourceKind::Direct:
        how = "direct" + channel;
        break;
    case BiasSourceKind::Divided:
        how = "divided by " + std::to_string(source.divide_by) + channel;
        break;
    case BiasSourceKind::Mixed:
        how = "mixed with " + (source.oscillator_khz ? khz(1000.0 * source.oscillator_khz->value) : "an oscillator") +
              channel;
        break;
    case BiasSourceKind::Rectified:
        how = "rectified" + channel;
        break;
    case BiasSourceKind::Adc:
        how = "converter " + source.device + ", channel " + std::to_string(source.adc_channel);
        break;
    case BiasSourceKind::Tape:
        how = "off tape";
        break;
    }
    return "track " + std::to_string(source.track) + " (" + how + ")";
}

double bias_level(const BiasSource& source, double reading) noexcept {
    return (reading - (source.zero ? source.zero->value : 0.0)) *
           (source.volts_per_unit ? source.volts_per_unit->value : 1.0);
}

Result<HeardBias> heard_bias(const BiasSource& source, double sample_rate_hz) {
    if (!source.frequency_khz) {
        return refusal(source, "expected the bias frequency, got none: give bias_frequency_khz, or frequency_khz in "
                               "[[bias_monitor]]");
    }
    const double half_hz = 0.5 * sample_rate_hz;
    HeardBias heard;
    heard.bias_hz = 1000.0 * source.frequency_khz->value;
    heard.frequency_hz = heard.bias_hz;
    if (source.kind == BiasSourceKind::Divided) {
        heard.slope = 1.0 / source.divide_by;
        heard.frequency_hz *= heard.slope;
    } else if (source.kind == BiasSourceKind::Mixed) {
        const double difference = heard.bias_hz - 1000.0 * (source.oscillator_khz ? source.oscillator_khz->value : 0.0);
        heard.slope = difference < 0.0 ? -1.0 : 1.0;
        heard.frequency_hz = std::abs(difference);
    }
    const double pull_share = source.pull_percent / 100.0;
    heard.pull_hz =
        std::max({pull_share * heard.bias_hz * std::abs(heard.slope), kLeastPullHz, sample_rate_hz / 10000.0});
    const std::string at = khz(sample_rate_hz);
    if (source.anti_alias_filter) {
        const double top_hz = std::min(
            source.passes_to_khz ? 1000.0 * source.passes_to_khz->value : kAudioBand * sample_rate_hz, half_hz);
        if (heard.frequency_hz + heard.pull_hz > top_hz) {
            return refusal(source, khz(heard.frequency_hz) +
                                       " does not pass the converter, which at a sample rate of " + at + " ends at " +
                                       khz(top_hz) + "; " + ways_out(heard.bias_hz, pull_share, top_hz));
        }
    } else {
        const double whole = std::round(heard.frequency_hz / sample_rate_hz);
        const double folded = heard.frequency_hz - whole * sample_rate_hz;
        heard.slope *= folded < 0.0 ? -1.0 : 1.0;
        heard.frequency_hz = std::abs(folded);
        if (half_hz - heard.frequency_hz < kClear * heard.pull_hz) {
            return refusal(source, "at a sample rate of " + at +
                                       " its alias falls on half the rate, onto its own "
                                       "image; choose another sample rate");
        }
    }
    if (heard.frequency_hz < kClear * heard.pull_hz) {
        return refusal(source, "at a sample rate of " + at + " it is heard at " + khz(heard.frequency_hz) +
                                   ", too near 0 for a pull range of " + khz(heard.pull_hz) +
                                   (source.kind == BiasSourceKind::Mixed
                                        ? "; choose an oscillator further from the bias, or a smaller pull_percent"
                                        : "; choose another sample rate, or a smaller pull_percent"));
    }
    if (half_hz - heard.frequency_hz < kClear * heard.pull_hz || heard.pull_hz > sample_rate_hz / 16.0) {
        return refusal(source, "a pull range of " + khz(heard.pull_hz) + " about " + khz(heard.frequency_hz) +
                                   " does not fit below half the sample rate of " + at +
                                   "; choose a smaller pull_percent");
    }
    return heard;
}

Result<void> usable_bias_source(const BiasSource& source, double sample_rate_hz) {
    switch (source.kind) {
    case BiasSourceKind::Direct:
    case BiasSourceKind::Divided:
    case BiasSourceKind::Mixed:
        if (const auto heard = heard_bias(source, sample_rate_hz); !heard) {
            return heard.error();
        }
        return {};
    case BiasSourceKind::Rectified:
        if (!source.dc_coupled) {
            return refusal(source, "a rectified bias is a direct voltage, which an audio input with a capacitor in its "
                                   "way does not pass; use an input that does and say dc_coupled = true, or a slow "
                                   "converter (\"adc\")");
        }
        return {};
    case BiasSourceKind::Adc:
    case BiasSourceKind::Tape:
        break;
    }
    return {};
}

namespace {

constexpr TomlBounds kKiloHertz{.min = 30.0, .max = 1000.0};
constexpr TomlBounds kDb{.min = 0.01, .max = 20.0};
constexpr TomlBounds kPercent{.min = 0.01, .max = 100.0};

BiasLimit read_limit(TomlSection& table, const std::string& name, const std::string& unit, TomlBounds bounds) {
    const std::string warn = name + "_warn_" + unit, fail = name + "_fail_" + unit;
    BiasLimit limit{.warn = read_figure(table, warn, bounds), .fail = read_figure(table, fail, bounds)};
    if (limit.warn && limit.fail && limit.warn->value > limit.fail->value) {
        table.error(warn, "expected at most " + fail + ": a warning comes before a failure");
    }
    return limit;
}

std::optional<Figure> needed(TomlSection& table, const char* key, TomlBounds bounds) {
    auto figure = read_figure(table, key, bounds);
    if (!figure) {
        table.error(key, "expected { value = ..., source = \"...\" }, got nothing; this kind of source needs it");
    }
    return figure;
}

void read_carrier(TomlSection& entry, BiasSource& source, const std::optional<Figure>& bias_frequency_khz) {
    source.frequency_khz = read_figure(entry, "frequency_khz", kKiloHertz);
    if (!source.frequency_khz) {
        source.frequency_khz = bias_frequency_khz;
    }
    if (!source.frequency_khz) {
        entry.error("frequency_khz", "expected the bias frequency here or as the profile's bias_frequency_khz, got "
                                     "neither");
    }
    source.pull_percent = entry.number("pull_percent", 1.0, {.min = 0.05, .max = 5.0});
    if (source.kind == BiasSourceKind::Divided) {
        source.divide_by = static_cast<int>(entry.required_integer("divide_by", {.min = 2.0, .max = 4096.0}));
        source.level_kept = entry.boolean("level_kept", false);
    }
    if (source.kind == BiasSourceKind::Mixed) {
        source.oscillator_khz = needed(entry, "oscillator_khz", kKiloHertz);
    }
    source.passes_to_khz = read_figure(entry, "passes_to_khz", {.min = 15.0, .max = 2000.0});
    if (source.kind == BiasSourceKind::Direct) {
        source.anti_alias_filter = entry.boolean("anti_alias_filter", true);
    }
    source.frequency_percent = read_limit(entry, "frequency", "percent", kPercent);
    for (const auto& each : {source.frequency_percent.warn, source.frequency_percent.fail}) {
        if (each && each->value >= source.pull_percent) {
            entry.error("pull_percent", "expected more than the limits of the frequency (" + figure(each->value, 2) +
                                            " %): what is outside is not found at all");
            break;
        }
    }
}

BiasSource read_source(TomlSection& entry, int tracks, const std::optional<Figure>& bias_frequency_khz) {
    constexpr std::array kKinds{BiasSourceKind::Direct,    BiasSourceKind::Divided, BiasSourceKind::Mixed,
                                BiasSourceKind::Rectified, BiasSourceKind::Adc,     BiasSourceKind::Tape};
    std::vector<std::string> words;
    for (const BiasSourceKind kind : kKinds) {
        words.emplace_back(bias_source_word(kind));
    }
    BiasSource source;
    source.kind = kKinds.at(entry.required_choice("kind", words));
    source.track = static_cast<int>(entry.required_integer("track", {.min = 1.0, .max = static_cast<double>(tracks)}));
    if (source.kind == BiasSourceKind::Tape) {
        source.high_frequency_db = read_limit(entry, "high_frequency", "db", kDb);
        source.third_harmonic_percent = read_limit(entry, "third_harmonic", "percent", {.min = 1.0, .max = 500.0});
        source.noise_db = read_limit(entry, "noise", "db", kDb);
        return source;
    }
    if (source.kind == BiasSourceKind::Adc) {
        source.device = entry.required_text("device");
        source.adc_channel = static_cast<int>(entry.required_integer("adc_channel", {.min = 0.0, .max = 255.0}));
    } else {
        source.capture_channel = static_cast<int>(entry.required_integer("capture_channel", {.min = 1.0, .max = 64.0}));
    }
    if (source.kind == BiasSourceKind::Adc || source.kind == BiasSourceKind::Rectified) {
        source.zero = read_figure(entry, "zero", {.min = -100.0, .max = 100.0});
    } else {
        read_carrier(entry, source, bias_frequency_khz);
    }
    if (source.kind == BiasSourceKind::Rectified) {
        source.dc_coupled = entry.boolean("dc_coupled", false);
    }
    source.volts_per_unit = read_figure(entry, "volts_per_unit", {.min = 1e-3, .max = 1e5});
    source.level_db = read_limit(entry, "level", "db", kDb);
    if (!source.has_level() && (source.level_db.warn || source.level_db.fail)) {
        entry.error(source.level_db.warn ? "level_warn_db" : "level_fail_db",
                    "a frequency divider gives a level of its own: leave the limits of the level out and watch it by "
                    "another source, or say level_kept = true where the divider's level follows the bias");
    }
    return source;
}

} // namespace

std::vector<BiasSource> read_bias_sources(TomlSection root, int tracks,
                                          const std::optional<Figure>& bias_frequency_khz) {
    std::vector<BiasSource> sources;
    for (TomlSection& entry : root.sections("bias_monitor")) {
        const std::size_t errors = entry.errors_so_far();
        BiasSource source = read_source(entry, tracks, bias_frequency_khz);
        for (const BiasSource& other : sources) {
            if (other.kind == source.kind && other.track == source.track) {
                entry.error("track", "track " + std::to_string(source.track) + " has another source of kind \"" +
                                         bias_source_word(source.kind) + "\" already");
            } else if (source.capture_channel > 0 && other.capture_channel == source.capture_channel) {
                entry.error("capture_channel", "channel " + std::to_string(source.capture_channel) +
                                                   " carries the bias of track " + std::to_string(other.track) +
                                                   " already");
            } else if (source.kind == BiasSourceKind::Adc && other.kind == source.kind &&
                       other.device == source.device && other.adc_channel == source.adc_channel) {
                entry.error("adc_channel", "channel " + std::to_string(source.adc_channel) + " of \"" + source.device +
                                               "\" carries the bias of track " + std::to_string(other.track) +
                                               " already");
            }
        }
        // what no sample rate of the daemon's mends is said here, the rest when the rate is known
        if (entry.errors_so_far() == errors && source.kind == BiasSourceKind::Rectified) {
            if (const auto ok = usable_bias_source(source, 192000.0); !ok) {
                entry.error("dc_coupled", ok.error().message);
            }
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

} // namespace overbias::tape
