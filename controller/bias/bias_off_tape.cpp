// SPDX-License-Identifier: Apache-2.0
#include "controller/bias/bias_off_tape.hpp"

#include "base/units.hpp"
#include "tape/alignment_json.hpp"

#include <boost/json.hpp>
#include <string>

namespace overbias::controller {

namespace json = boost::json;
using calibration::BiasQuantity;

namespace {

constexpr int kTracks = 2;

std::vector<BiasOffTape> of_alignment(const tape::AlignmentRecord& record) {
    std::vector<BiasOffTape> all;
    for (int track = 1; track <= kTracks; ++track) {
        if (const auto* high = record.step("record.high", track)) {
            all.push_back({.track = track, .quantity = BiasQuantity::HighFrequency, .value = high->reading});
        }
        if (const auto* h3 = record.step("proof.h3", track)) {
            all.push_back({.track = track,
                           .quantity = BiasQuantity::ThirdHarmonic,
                           .value = h3->unit == "%" ? h3->reading : 100.0 * amplitude_from_db(h3->reading)});
        }
    }
    return all;
}

std::vector<BiasOffTape> of_print(const json::object& report) {
    std::vector<BiasOffTape> all;
    const json::value* const noise = report.if_contains("noise_dbfs");
    const json::array* const channels = noise == nullptr ? nullptr : noise->if_array();
    for (std::size_t channel = 0; channels != nullptr && channel < channels->size(); ++channel) {
        if ((*channels)[channel].is_number()) {
            all.push_back({.track = static_cast<int>(channel) + 1,
                           .quantity = BiasQuantity::Noise,
                           .value = (*channels)[channel].to_number<double>()});
        }
    }
    return all;
}

} // namespace

std::vector<BiasOffTape> bias_off_tape(const JobEnd& end) {
    if (end.report.empty()) {
        return {};
    }
    if (end.name == "align") {
        const auto record = tape::alignment_from_json(end.report);
        return record ? of_alignment(*record) : std::vector<BiasOffTape>();
    }
    boost::system::error_code error;
    const json::value report = json::parse(end.report, error);
    return !error && report.is_object() ? of_print(report.as_object()) : std::vector<BiasOffTape>();
}

} // namespace overbias::controller
