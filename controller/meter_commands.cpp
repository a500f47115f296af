// SPDX-License-Identifier: Apache-2.0
#include "controller/meter_commands.hpp"

#include "base/figure.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <string>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

namespace {

constexpr double kStale_s = 1.0;

struct Kind {
    const char* unit;
    const char* standard;
    const char* weighting;
    const char* detector;
};
constexpr Kind kVu{"VU", "IEC 60268-17 (ANSI C16.5)", "none", "full-wave average, 300 ms to 99 %"};
constexpr Kind kPpmTypeI{"dB", "IEC 60268-10 type I", "none", "quasi-peak, 5 ms; falls 20 dB in 1.7 s"};
constexpr Kind kPpmTypeII{"dB", "IEC 60268-10 type II", "none", "quasi-peak, 10 ms; falls 24 dB in 2.8 s"};
constexpr Kind kTruePeak{"dBTP", "ITU-R BS.1770-5 Annex 2", "none", "true peak, oversampled"};
constexpr Kind kSamplePeak{"dBFS", "none", "none", "sample peak"};
constexpr Kind kClips{"clips", "none", "none", "runs of 3 or more samples at full scale of 16 bits"};
constexpr Kind kMomentary{"LUFS", "ITU-R BS.1770-5, EBU Tech 3341", "K", "mean square, 400 ms, ungated"};
constexpr Kind kShortTerm{"LUFS", "ITU-R BS.1770-5, EBU Tech 3341", "K", "mean square, 3 s, ungated"};
constexpr Kind kIntegrated{"LUFS", "ITU-R BS.1770-5, EBU Tech 3341", "K", "mean square since the restart, gated"};
constexpr Kind kRange{"LU", "EBU Tech 3342", "K", "10th to 95th percentile of short-term since the restart, gated"};
constexpr Kind kCorrelation{"", "none", "none", "first-order means, 0.6 s"};

json::value number(double value) {
    return std::isfinite(value) ? json::value(std::round(value * 1000.0) / 1000.0) : json::value(nullptr);
}

json::object figure(const Kind& kind, json::value value, const std::string& reference = {}) {
    json::object object{{"value", std::move(value)},
                        {"unit", kind.unit},
                        {"standard", kind.standard},
                        {"weighting", kind.weighting},
                        {"detector", kind.detector}};
    if (!reference.empty()) {
        object["reference"] = reference;
    }
    return object;
}

template <typename Number>
json::array pair(const std::array<Number, 2>& values) {
    return {number(static_cast<double>(values[0])), number(static_cast<double>(values[1]))};
}

json::object source_json(const web_ui::SourceMeters& source, double vu_reference) {
    const std::string operating =
        "0 VU is operating level, " + overbias::figure(20.0 * std::log10(vu_reference), 2) + " dBFS";
    const std::string alignment = "0 dB is a sine at -18 dBFS";
    return {{"vu", figure(kVu, pair(source.vu), operating)},
            {"ppm_type_i", figure(kPpmTypeI, pair(source.ppm_type_i_db), alignment)},
            {"ppm_type_ii", figure(kPpmTypeII, pair(source.ppm_type_ii_db), alignment)},
            {"true_peak", figure(kTruePeak, pair(source.true_peak_dbtp))},
            {"sample_peak", figure(kSamplePeak, pair(source.sample_peak_dbfs))},
            {"clips", figure(kClips, json::array{source.clips[0], source.clips[1]}, "since the daemon began")},
            {"momentary", figure(kMomentary, number(static_cast<double>(source.momentary_lufs)))},
            {"short_term", figure(kShortTerm, number(static_cast<double>(source.short_term_lufs)))},
            {"integrated", figure(kIntegrated, number(static_cast<double>(source.integrated_lufs)))},
            {"range", figure(kRange, number(static_cast<double>(source.range_lu)))},
            {"correlation", figure(kCorrelation, number(static_cast<double>(source.correlation)))},
            {"loudness_measured_s", number(static_cast<double>(source.measured_s))}};
}

} // namespace

json::object meters_json(const MeterReaders::Reading& reading, const MeterWorkerConfig& references) {
    const double age_s = std::chrono::duration<double>(reading.age).count();
    return {{"capture_time_s", static_cast<double>(reading.frame.capture_time_ns) * 1e-9},
            {"age_s", number(age_s)},
            {"stale", age_s > kStale_s},
            {"tape_return", source_json(reading.frame.tape, references.return_reference)},
            {"programme", source_json(reading.frame.programme, references.played_reference)}};
}

void add_meter_commands(CommandRegistry& registry, std::function<MeterWorker*()> worker) {
    const auto none = [](const char* name) {
        return Reply::error(ErrorCode::Refused, std::string(name) +
                                                    " was refused: the daemon was started without a panel, and the "
                                                    "meters run for the panel (web.listen, --listen)");
    };
    registry.add({.name = "meters",
                  .help = "the live meters: the highest since this reader last asked, each figure with its standard",
                  .role = Role::Observe,
                  .parameters = {{"reader", ParameterType::Text, false,
                                  "a name of your own; without one readers share 'anybody'"}},
                  .handler = [worker, none](const json::object& given, const Caller&, const Answer& answer) {
                      MeterWorker* const meters = worker();
                      if (meters == nullptr) {
                          return answer(none("meters"));
                      }
                      const json::value* const reader = given.if_contains("reader");
                      const auto reading =
                          meters->read(reader == nullptr ? "anybody" : std::string(reader->as_string()).substr(0, 64));
                      if (!reading) {
                          return answer(Reply::error(ErrorCode::Refused,
                                                     "meters was refused: no samples have come from the sound card "
                                                     "yet; see status for the card"));
                      }
                      answer(Reply::with(meters_json(*reading, meters->config())));
                  }});
    registry.add({.name = "meters_reset",
                  .help = "integrated loudness and loudness range begin anew",
                  .handler = [worker, none](const json::object&, const Caller&, const Answer& answer) {
                      MeterWorker* const meters = worker();
                      if (meters == nullptr) {
                          return answer(none("meters_reset"));
                      }
                      meters->restart_loudness();
                      answer(Reply::with(json::object{{"status", "accepted"}, {"reason", nullptr}}));
                  }});
}

} // namespace overbias::controller
