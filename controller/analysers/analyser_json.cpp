// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_json.hpp"

#include <boost/json.hpp>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::controller {

namespace json = boost::json;
using calibration::AzimuthFrom;

namespace {

struct Kind {
    const char* unit;
    const char* standard;
    const char* weighting;
    const char* detector;
    int decimals = 3;
};
constexpr Kind kFrequency{"Hz", "none", "none", "phase slope of the tone", 4};
constexpr Kind kLevel{"dBFS", "AES17 (full-scale sine 0 dBFS)", "none",
                      "rms of the tone alone, flutter sidebands included"};
constexpr Kind kLevelRe{"dB", "none", "none", "as level, re operating level"};
constexpr Kind kThdF{"%", "harmonics to the fundamental (THD_F)", "none", "rms of each harmonic, noise taken off", 5};
constexpr Kind kThdR{"%", "IEC 60268-3 (THD_R)", "none", "rms of each harmonic, noise taken off", 5};
constexpr Kind kThird{"%", "third harmonic to the fundamental (MOL: 3 %)", "none", "rms, noise taken off", 5};
constexpr Kind kThdN{"%", "AES17, 20 Hz to 20 kHz", "none", "rms behind a notch", 5};

constexpr Kind kCarrier{"Hz", "none", "none", "mean, drop-outs left out", 4};
constexpr Kind kSpeed{"%", "AES6-2008, IEC 60386", "none", "mean, re the nominal carrier", 5};
constexpr Kind kDrift{"%", "none", "none", "straight line through means of 1 s, end to end", 5};
constexpr Kind kTwoSigma{"%", "AES6-2008, IEC 60386", "AES6, IEC 60386", "two-sigma peak", 5};
constexpr Kind kQuasiPeak{"%", "DIN 45507, IEC 60386", "AES6, IEC 60386", "quasi-peak, highest", 5};
constexpr Kind kUnweighted{"%", "AES6-2008, 0.3 to 200 Hz", "none", "two-sigma peak", 5};
constexpr Kind kWow{"%", "below 6 Hz", "none", "two-sigma peak", 5};
constexpr Kind kFlutter{"%", "above 6 Hz", "none", "two-sigma peak", 5};

constexpr Kind kDifferenceOfTone{"dB", "second channel less first", "none", "of the tone"};
constexpr Kind kDifference{"dB", "second channel less first", "none", "rms"};
constexpr Kind kCorrelation{"", "none", "none", "normalised product of the channels"};
constexpr Kind kAzimuth{"us", "positive: the second channel is later", "none", "mean"};
constexpr Kind kPhase{"deg", "of the second channel less the first; late: negative", "none", "mean"};

constexpr Kind kRms{"dBFS", "none", "none", "rms"};
constexpr Kind kBand{"dBFS", "AES17, 20 Hz to 20 kHz", "none", "rms"};
constexpr Kind kA{"dBFS", "IEC 61672-1", "A", "rms"};
constexpr Kind kC{"dBFS", "IEC 61672-1", "C", "rms"};
constexpr Kind k468{"dBqps", "ITU-R BS.468-4", "468", "quasi-peak, mean of the needle"};
constexpr Kind kArm{"dBFS", "CCIR/ARM (468 at unity for 2 kHz)", "468", "average"};

json::value number(std::optional<double> value, int decimals) {
    if (!value || !std::isfinite(*value)) {
        return nullptr;
    }
    const double scale = std::pow(10.0, decimals);
    return std::round(*value * scale) / scale;
}

json::object figure(const Kind& kind, json::value value, double averaging_s) {
    return {{"value", std::move(value)},   {"unit", kind.unit},         {"standard", kind.standard},
            {"weighting", kind.weighting}, {"detector", kind.detector}, {"averaging_s", number(averaging_s, 2)}};
}

json::object figure(const Kind& kind, std::optional<double> value, double averaging_s) {
    return figure(kind, number(value, kind.decimals), averaging_s);
}

json::object by_channel(const Kind& kind, const std::vector<std::optional<double>>& values, double averaging_s,
                        double offset = 0.0) {
    json::array each;
    for (const auto& value : values) {
        each.push_back(number(value ? std::optional(*value + offset) : std::nullopt, kind.decimals));
    }
    return figure(kind, json::value(std::move(each)), averaging_s);
}

/// -200 dB is nothing.
json::object by_channel(const Kind& kind, const std::vector<double>& levels, double averaging_s) {
    constexpr double kNothing = -199.0;
    std::vector<std::optional<double>> values;
    for (const double level : levels) {
        values.push_back(level > kNothing ? std::optional(level) : std::nullopt);
    }
    return by_channel(kind, values, averaging_s);
}

std::string_view word(Heard heard) {
    switch (heard) {
    case Heard::Noise:
        return "noise";
    case Heard::Tone:
        return "tone";
    case Heard::Programme:
        return "programme";
    case Heard::Nothing:
        break;
    }
    return "nothing";
}

json::value tone_json(const StretchFigures& figures, double operating_level_dbfs) {
    if (!figures.tone) {
        return nullptr;
    }
    const calibration::ToneFigures& it = *figures.tone;
    const double over_s = it.duration_s;
    return json::object{{"plays_s", number(figures.tone_plays_s, 2)},
                        {"frequency", by_channel(kFrequency, it.frequency_hz, over_s)},
                        {"level", by_channel(kLevel, it.level_dbfs, over_s)},
                        {"level_re_operating", by_channel(kLevelRe, it.level_dbfs, over_s, -operating_level_dbfs)},
                        {"thd", by_channel(kThdF, it.thd_percent, over_s)},
                        {"thd_r", by_channel(kThdR, it.thd_r_percent, over_s)},
                        {"third_harmonic", by_channel(kThird, it.h3_percent, over_s)},
                        {"thd_n", by_channel(kThdN, it.thd_n_percent, over_s)}};
}

json::array tones_json(const StretchFigures& figures) {
    json::array out;
    for (const calibration::FoundTone& found : figures.tones) {
        out.push_back(json::object{{"channel", found.channel + 1},
                                   {"begin_s", number(found.tone.begin_s, 2)},
                                   {"end_s", number(found.tone.end_s, 2)},
                                   {"frequency_hz", number(found.tone.frequency_hz, 2)},
                                   {"level_dbfs", number(found.tone.level_dbfs, 2)}});
    }
    return out;
}

json::value flutter_json(const Analysis& analysis) {
    if (!analysis.flutter) {
        return nullptr;
    }
    const FlutterFigures& flutter = *analysis.flutter;
    const dsp::WowFlutterReading& it = flutter.reading;
    json::array lines;
    for (const dsp::FlutterLine& line : flutter.lines) {
        const bool named = line.part < analysis.parts.size();
        lines.push_back(
            json::object{{"frequency_hz", number(line.frequency_hz, 3)},
                         {"peak_percent", number(line.peak_percent, 5)},
                         {"part", named ? json::value(analysis.parts[line.part].part.name) : json::value(nullptr)},
                         {"times_a_turn", named ? json::value(line.harmonic) : json::value(nullptr)}});
    }
    const double over_s = it.duration_s;
    return json::object{
        {"channel", flutter.channel + 1},
        {"nominal_hz",
         number(flutter.nominal_carrier_hz > 0.0 ? std::optional(flutter.nominal_carrier_hz) : std::nullopt, 1)},
        {"carrier", figure(kCarrier, it.carrier_hz, analysis.memory_s)},
        {"speed_error", figure(kSpeed, it.speed_error_percent, analysis.memory_s)},
        {"drift", figure(kDrift, it.drift_percent, it.drift_over_s)},
        {"weighted", figure(kTwoSigma, it.weighted_two_sigma_percent, over_s)},
        {"weighted_quasi_peak", figure(kQuasiPeak, it.weighted_quasi_peak_percent, over_s)},
        {"unweighted", figure(kUnweighted, it.unweighted_percent, over_s)},
        {"wow", figure(kWow, it.wow_percent, over_s)},
        {"flutter", figure(kFlutter, it.flutter_percent, over_s)},
        {"excluded_share", number(it.excluded_share, 4)},
        {"line_resolution_hz", number(1.5 * flutter.bin_hz, 3)},
        {"lines", std::move(lines)}};
}

json::array parts_json(const Analysis& analysis) {
    json::array out;
    for (const TurningPart& each : analysis.parts) {
        out.push_back(json::object{
            {"name", each.part.name}, {"frequency_hz", number(each.part.frequency_hz, 4)}, {"source", each.source}});
    }
    return out;
}

json::value from_json(AzimuthFrom from) {
    switch (from) {
    case AzimuthFrom::Tones:
        return "tones";
    case AzimuthFrom::AmbiguousTone:
        return "one tone: whole periods may be missing";
    case AzimuthFrom::Programme:
        return "programme alone: an estimate";
    case AzimuthFrom::Nothing:
        break;
    }
    return nullptr;
}

json::value stereo_json(const StretchFigures& figures) {
    if (!figures.stereo) {
        return nullptr;
    }
    const calibration::StereoFigures& it = *figures.stereo;
    const bool of_tone = figures.tone.has_value();
    const double phase_s = it.phase_deg_at_carrier ? it.azimuth_averaging_s : 0.0;
    return json::object{{"level_difference", figure(of_tone ? kDifferenceOfTone : kDifference, it.level_difference_db,
                                                    of_tone ? figures.tone->duration_s : figures.levels_s)},
                        {"azimuth", figure(kAzimuth, it.azimuth_us, it.azimuth_averaging_s)},
                        {"azimuth_error_us", number(it.azimuth_error_us, 3)},
                        {"azimuth_now", figure(kAzimuth, figures.azimuth_now_us, figures.azimuth_now_s)},
                        {"azimuth_from", from_json(it.azimuth_from)},
                        {"azimuth_period_us", number(it.azimuth_period_us, 3)},
                        {"azimuth_confidence", number(it.azimuth_confidence, 2)},
                        {"phase", figure(kPhase, it.phase_deg_at_carrier, phase_s)},
                        {"correlation", figure(kCorrelation, it.correlation, figures.levels_s)}};
}

json::value noise_json(const StretchFigures& figures, double operating_level_dbfs) {
    if (!figures.noise) {
        return nullptr;
    }
    const calibration::NoiseFigures& it = *figures.noise;
    const double over_s = figures.levels_s;
    return json::object{{"rms", by_channel(kRms, it.rms_dbfs, over_s)},
                        {"band", by_channel(kBand, it.band_dbfs, over_s)},
                        {"a_weighted", by_channel(kA, it.a_weighted_dbfs, over_s)},
                        {"c_weighted", by_channel(kC, it.c_weighted_dbfs, over_s)},
                        {"itu468", by_channel(k468, it.itu468_dbqps, over_s)},
                        {"ccir_arm", by_channel(kArm, it.ccir_arm_dbfs, over_s)},
                        {"operating_level_dbfs", number(operating_level_dbfs, 2)}};
}

json::value hum_json(const StretchFigures& figures) {
    if (figures.hum.empty()) {
        return nullptr;
    }
    json::array channels;
    for (const dsp::Hum& hum : figures.hum) {
        json::array lines;
        for (const dsp::HumLine& line : hum.lines) {
            lines.push_back(json::object{{"name", line.name()},
                                         {"frequency_hz", number(line.frequency_hz, 2)},
                                         {"level_dbfs", number(line.level_dbfs, 2)}});
        }
        channels.push_back(
            json::object{{"sum_dbfs", hum.lines.empty() ? json::value(nullptr) : number(hum.sum_dbfs, 2)},
                         {"averaging_s", number(figures.levels_s, 2)},
                         {"lines", std::move(lines)}});
    }
    return channels;
}

} // namespace

json::object analysis_json(const Analysis& analysis, const AnalysisContext& context) {
    Analysis nothing;
    nothing.rate_hz = analysis.rate_hz;
    nothing.memory_s = analysis.memory_s;
    nothing.stale = true;
    nothing.lost_frames = analysis.lost_frames;
    nothing.gaps = analysis.gaps;
    nothing.parts = analysis.parts;
    const Analysis& it = context.card_lost || analysis.stale ? nothing : analysis;
    return {{"source", "tape_return"},
            {"sample_rate_hz", it.rate_hz},
            {"memory_s", it.memory_s},
            {"held_s", number(it.held_s, 2)},
            {"stale", it.stale},
            {"card", json::object{{"lost", context.card_lost},
                                  {"problem", context.card_problem.empty() ? json::value(nullptr)
                                                                           : json::value(context.card_problem)}}},
            {"lost_frames", it.lost_frames},
            {"gaps", it.gaps},
            {"signal", word(it.figures.heard)},
            {"tone", tone_json(it.figures, context.operating_level_dbfs)},
            {"tones", tones_json(it.figures)},
            {"wow_flutter", flutter_json(it)},
            {"rotating_parts", parts_json(it)},
            {"stereo", stereo_json(it.figures)},
            {"noise", noise_json(it.figures, context.operating_level_dbfs)},
            {"hum", hum_json(it.figures)}};
}

} // namespace overbias::controller
