// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/earlier_alignment.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace overbias::calibration {

namespace {

constexpr std::string_view kQuick = "quick", kAzimuth = "record.azimuth", kPhase = "record.phase";
constexpr int kTracks = 2;

bool same_quantity(std::string_view a, std::string_view b) {
    return a == b || (a == kAzimuth && b == kPhase) || (a == kPhase && b == kAzimuth);
}

const tape::AlignmentStep* last_of(const tape::AlignmentRecord& record, std::string_view id, int channel) {
    const auto last = std::find_if(record.steps.rbegin(), record.steps.rend(), [&](const tape::AlignmentStep& each) {
        return each.channel == channel && same_quantity(each.id, id);
    });
    return last == record.steps.rend() ? nullptr : &*last;
}

} // namespace

std::optional<EarlierValue> last_full_value(const tape::AlignmentHistory& history, const tape::AlignmentKey& key,
                                            std::string_view id, int channel) {
    for (std::size_t n = 0; const auto record = history.earlier(key, n); ++n) {
        if (record->procedure == kQuick) {
            continue;
        }
        if (const tape::AlignmentStep* step = last_of(*record, id, channel)) {
            return EarlierValue{.step = *step, .date = record->begun_at.substr(0, record->begun_at.find('T'))};
        }
    }
    return std::nullopt;
}

std::string last_time_words(const tape::AlignmentHistory& history, const tape::AlignmentKey& key, std::string_view id) {
    std::string words;
    std::string date;
    for (int channel = 0; channel <= kTracks; ++channel) {
        const auto value = last_full_value(history, key, id, channel);
        if (!value) {
            continue;
        }
        if (value->date != date) {
            words += (words.empty() ? "last time (" : "; (") + value->date + "):";
            date = value->date;
        } else {
            words += ",";
        }
        words += channel == 0 ? " " : " track " + std::to_string(channel) + " ";
        words += figure(value->step.reading, 2) + " " + value->step.unit;
        const auto stood = last_full_value(history, key, std::string(id) + ".position", channel);
        if (stood && stood->date == date) {
            words += " at " + figure(100.0 * stood->step.reading, 1) + " % of the travel";
        }
    }
    return words;
}

} // namespace overbias::calibration
