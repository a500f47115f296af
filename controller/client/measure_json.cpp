// SPDX-License-Identifier: Apache-2.0
#include "controller/client/measure_command.hpp"
#include "controller/client/measure_test_tones.hpp"

#include <boost/json.hpp>

namespace overbias::controller {

namespace json = boost::json;
using calibration::AzimuthFrom;
using calibration::FileMeasurement;

namespace {

template <typename T>
json::value or_null(const std::optional<T>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}
json::array each(const std::vector<std::optional<double>>& values) {
    json::array out;
    for (const auto& value : values) {
        out.push_back(or_null(value));
    }
    return out;
}
template <typename T>
json::array all(const std::vector<T>& values) {
    return json::array(values.begin(), values.end());
}

json::object loudness(const FileMeasurement& m) {
    const auto& it = m.loudness;
    return {{"integrated_lufs", or_null(it.integrated_lufs)},
            {"range_lu", or_null(it.range_lu)},
            {"range_stable", it.range_stable},
            {"momentary_max_lufs", or_null(it.momentary_max_lufs)},
            {"short_term_max_lufs", or_null(it.short_term_max_lufs)},
            {"true_peak_dbtp", each(it.true_peak_dbtp)},
            {"sample_peak_dbfs", each(it.sample_peak_dbfs)},
            {"clips", all(it.clips)},
            {"method", "ITU-R BS.1770-5, EBU Tech 3341 and 3342; clips: runs of 3 samples at full scale"}};
}

json::value tone(const FileMeasurement& m) {
    if (!m.tone) {
        return nullptr;
    }
    return json::object{{"frequency_hz", each(m.tone->frequency_hz)},
                        {"level_dbfs", each(m.tone->level_dbfs)},
                        {"thd_percent", each(m.tone->thd_percent)},
                        {"thd_r_percent", each(m.tone->thd_r_percent)},
                        {"h3_percent", each(m.tone->h3_percent)},
                        {"thd_n_percent", each(m.tone->thd_n_percent)},
                        {"start_s", m.tone->start_s},
                        {"measured_s", m.tone->duration_s},
                        {"method", "full-scale sine 0 dBFS; THD to the fundamental, THD_R IEC 60268-3, THD+N AES17"}};
}

json::array tones(const FileMeasurement& m) {
    json::array out;
    for (const auto& found : m.tones) {
        out.push_back(json::object{{"channel", found.channel + 1},
                                   {"start_s", found.tone.begin_s},
                                   {"duration_s", found.duration_s()},
                                   {"frequency_hz", found.tone.frequency_hz},
                                   {"level_dbfs", found.tone.level_dbfs}});
    }
    return out;
}

json::value wow_flutter(const FileMeasurement& m) {
    if (!m.wow_flutter) {
        return nullptr;
    }
    const auto& it = m.wow_flutter->reading;
    json::array lines;
    for (const auto& line : m.wow_flutter->lines) {
        lines.push_back(json::object{{"frequency_hz", line.frequency_hz}, {"peak_percent", line.peak_percent}});
    }
    const double nominal_hz = m.wow_flutter->nominal_carrier_hz;
    return json::object{{"carrier_hz", or_null(it.carrier_hz)},
                        {"nominal_hz", nominal_hz > 0.0 ? json::value(nominal_hz) : json::value(nullptr)},
                        {"speed_error_percent", or_null(it.speed_error_percent)},
                        {"weighted_2sigma_percent", or_null(it.weighted_two_sigma_percent)},
                        {"weighted_quasi_peak_percent", or_null(it.weighted_quasi_peak_percent)},
                        {"unweighted_percent", or_null(it.unweighted_percent)},
                        {"wow_percent", or_null(it.wow_percent)},
                        {"flutter_percent", or_null(it.flutter_percent)},
                        {"weighted_rms_percent", or_null(it.weighted_rms_percent)},
                        {"unweighted_rms_percent", or_null(it.unweighted_rms_percent)},
                        {"drift_percent", or_null(it.drift_percent)},
                        {"drift_over_s", it.drift_over_s},
                        {"excluded_share", it.excluded_share},
                        {"measured_s", it.duration_s},
                        {"channel", m.wow_flutter_channel + 1},
                        {"lines", std::move(lines)},
                        {"method", "AES6-2008, IEC 60386 two-sigma; quasi-peak DIN 45507; unweighted, wow and flutter "
                                   "two-sigma"}};
}

std::string_view name_of(AzimuthFrom from) {
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
    return "";
}

json::value stereo(const FileMeasurement& m) {
    if (!m.stereo) {
        return nullptr;
    }
    const auto& it = *m.stereo;
    const std::string_view from = name_of(it.azimuth_from);
    return json::object{{"level_difference_db", or_null(it.level_difference_db)},
                        {"azimuth_us", or_null(it.azimuth_us)},
                        {"azimuth_error_us", or_null(it.azimuth_error_us)},
                        {"azimuth_from", from.empty() ? json::value(nullptr) : json::value(json::string(from))},
                        {"azimuth_period_us", or_null(it.azimuth_period_us)},
                        {"azimuth_confidence", or_null(it.azimuth_confidence)},
                        {"azimuth_averaging_s", it.azimuth_averaging_s},
                        {"phase_deg_at_carrier", or_null(it.phase_deg_at_carrier)},
                        {"correlation", or_null(it.correlation)},
                        {"method", "second channel less first; a later second channel: positive us, negative deg"}};
}

json::value noise(const FileMeasurement& m) {
    if (!m.noise) {
        return nullptr;
    }
    json::array hum;
    for (const auto& channel : m.hum) {
        json::array lines;
        for (const auto& line : channel.lines) {
            lines.push_back(json::object{
                {"name", line.name()}, {"frequency_hz", line.frequency_hz}, {"level_dbfs", line.level_dbfs}});
        }
        hum.push_back(
            json::object{{"sum_dbfs", channel.lines.empty() ? json::value(nullptr) : json::value(channel.sum_dbfs)},
                         {"lines", std::move(lines)}});
    }
    return json::object{{"rms_dbfs", all(m.noise->rms_dbfs)},
                        {"band_20hz_20khz_dbfs", all(m.noise->band_dbfs)},
                        {"a_weighted_dbfs", all(m.noise->a_weighted_dbfs)},
                        {"c_weighted_dbfs", all(m.noise->c_weighted_dbfs)},
                        {"itu468_dbqps", all(m.noise->itu468_dbqps)},
                        {"ccir_arm_dbfs", all(m.noise->ccir_arm_dbfs)},
                        {"hum", m.hum.empty() ? json::value(nullptr) : json::value(std::move(hum))},
                        {"method", "of the whole file, whatever it holds; A, C: IEC 61672-1, rms; 468: ITU-R BS.468-4 "
                                   "quasi-peak, re the full-scale sine at 1 kHz"}};
}

} // namespace

json::object measurement_json(const FileMeasurement& measured, const std::string& file) {
    return {{"file", file},
            {"sample_rate_hz", measured.sample_rate_hz},
            {"channels", measured.channels},
            {"duration_s", measured.duration_s},
            {"dc_offset", all(measured.dc_offset)},
            {"loudness", loudness(measured)},
            {"tone", tone(measured)},
            {"tones", tones(measured)},
            {"wow_flutter", wow_flutter(measured)},
            {"stereo", stereo(measured)},
            {"noise", noise(measured)},
            {"crosstalk", crosstalk_json(measured.test_tones)},
            {"intermodulation", intermodulation_json(measured.test_tones)},
            {"response", response_json(measured.test_tones)},
            {"mol", mol_json(measured.test_tones)}};
}

} // namespace overbias::controller
