// SPDX-License-Identifier: Apache-2.0
#include "controller/transferring/transfer_json.hpp"

#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <optional>

namespace overbias::controller {

namespace json = boost::json;
using Phase = mastering::TransferLive::Phase;

namespace {

/// To a tenth; null when empty.
json::value tenth(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? json::value(std::round(*value * 10.0) / 10.0) : json::value(nullptr);
}

json::array tenths(const std::array<double, 2>& values) {
    return {tenth(values[0]), tenth(values[1])};
}

const char* phase_word(Phase phase) {
    switch (phase) {
    case Phase::Waiting:
        return "waiting";
    case Phase::Capturing:
        return "capturing";
    case Phase::Checking:
        return "checking";
    case Phase::Done:
        break;
    }
    return "done";
}

} // namespace

json::object transfer_json(const std::string& id, const std::filesystem::path& file,
                           const mastering::TransferLive& live) {
    const mastering::MonitorFigures& figures = live.figures;
    json::value azimuth = nullptr;
    if (figures.azimuth) {
        azimuth = json::object{{"delay_us", tenth(figures.azimuth->delay_us)},
                               {"confidence", std::round(figures.azimuth->confidence * 100.0) / 100.0},
                               {"averaging_s", tenth(figures.azimuth->averaging_s)},
                               {"reversed", figures.azimuth->reversed}};
    }
    return {{"job", id},
            {"file", file.string()},
            {"phase", phase_word(live.phase)},
            {"captured_s", tenth(live.captured_s)},
            {"checked", std::round(live.checked * 100.0) / 100.0},
            {"bytes", live.bytes},
            {"lost_frames", live.lost_frames},
            {"disk_trouble", live.disk_trouble.empty() ? json::value(nullptr) : json::value(live.disk_trouble)},
            {"integrated_lufs", tenth(figures.integrated_lufs)},
            {"range_lu", tenth(figures.range_lu)},
            {"momentary_lufs", tenth(figures.momentary_lufs)},
            {"short_term_lufs", tenth(figures.short_term_lufs)},
            {"true_peak_dbtp", tenths(figures.true_peak_dbtp)},
            {"rms_dbfs", tenths(figures.rms_dbfs)},
            {"clips", json::array{figures.clips[0], figures.clips[1]}},
            {"correlation", std::round(figures.correlation * 100.0) / 100.0},
            {"azimuth", std::move(azimuth)},
            {"dropouts_suspected", figures.holes},
            {"noise_dbfs", tenth(figures.noise_dbfs)},
            {"silent_s", tenth(live.silent_s)}};
}

} // namespace overbias::controller
