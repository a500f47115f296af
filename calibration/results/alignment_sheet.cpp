// SPDX-License-Identifier: Apache-2.0
#include "calibration/results/alignment_sheet.hpp"

#include "calibration/results/alignment_rows.hpp"
#include "calibration/results/alignment_sheet_drift.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace overbias::calibration {

namespace {

constexpr std::string_view kBias = "record.bias";

/// Steps of a full alignment: a step whose id begins so, in words.
struct Expected {
    std::string_view id, words;
};
constexpr std::array kExpected{
    Expected{"lines.", "converters and lines"},
    Expected{"reproduce.azimuth", "reproduce azimuth"},
    Expected{"reproduce.level", "reproduce level"},
    Expected{"reproduce.high", "reproduce high frequencies"},
    Expected{"reproduce.low", "reproduce low frequencies"},
    Expected{"speed.error", "speed"},
    Expected{"speed.wow_flutter", "wow and flutter"},
    Expected{"speed.head_delay", "head delay"},
    Expected{"record.azimuth", "record azimuth"},
    Expected{"record.bias", "bias"},
    Expected{"record.level", "record level"},
    Expected{"record.high", "record high frequencies"},
    Expected{"record.low", "record low frequencies"},
    Expected{"proof.response", "response"},
    Expected{"proof.thd", "THD"},
    Expected{"proof.mol", "MOL"},
    Expected{"proof.noise", "noise"},
    Expected{"proof.crosstalk", "crosstalk"},
    Expected{"proof.erase", "erase depth"},
    Expected{"proof.print_through", "print-through"},
    Expected{"proof.bias_residual", "bias residual"},
};

void add_unsure(AlignmentSheet& sheet, const std::string& step_id, const std::string& why) {
    const bool known = std::any_of(sheet.unsure.begin(), sheet.unsure.end(),
                                   [&](const UnsureStep& each) { return each.step_id == step_id; });
    if (!known) {
        sheet.unsure.push_back({step_id, why});
    }
}

} // namespace

void add_profile(AlignmentSheet& sheet, const tape::TapeStock& stock) {
    sheet.stock = stock.name;
    const double speed = sheet.record.key.speed_ips;
    for (const tape::Overbias& each : stock.overbias) {
        // a drop that somebody else has chosen does not hang on the profile's figure
        const bool aimed_at = std::any_of(sheet.record.steps.begin(), sheet.record.steps.end(), [&](const auto& step) {
            return step.id == kBias && step.target && std::abs(*step.target - each.overbias_db) < 1e-6;
        });
        if (each.unsure && aimed_at && std::abs(each.speed_ips - speed) <= 1e-3 * speed) {
            add_unsure(sheet, std::string(kBias), "the stock's overbias: " + each.source);
        }
    }
}

void add_profile(AlignmentSheet& sheet, const tape::CalibrationTape& tape) {
    const bool unsure = tape.unsure || (tape.reference && tape.reference->unsure);
    bool used = false;
    for (const tape::AlignmentStep& each : sheet.record.steps) {
        if (each.calibration_tape != tape.id) {
            continue;
        }
        used = true;
        if (unsure && each.unit == "dB") {
            add_unsure(sheet, each.id,
                       "the calibration tape's level: " + (tape.unsure ? tape.source : tape.reference->source));
        }
    }
    if (used) {
        sheet.calibration_tapes.emplace_back(tape.id, tape.name);
    }
}

void add_values(AlignmentSheet& sheet, const tape::AlignmentRecord& record) {
    if (!(record.key == sheet.record.key) || record.ended_at.empty()) {
        return;
    }
    for (const auto& [id, title] : kDriftSteps) {
        for (const int channel : {0, 1, 2}) {
            if (const tape::AlignmentStep* step = record.step(id, channel); step != nullptr) {
                sheet.values.push_back(*step);
            }
        }
    }
}

void add_values(AlignmentSheet& sheet, const tape::AlignmentHistory& history) {
    constexpr std::size_t kMost = 50; // more points than that a small plot does not show
    for (std::size_t n = 0, taken = 0; taken < kMost; ++n) {
        const auto record = history.earlier(sheet.record.key, n);
        if (!record) {
            break;
        }
        if (record->begun_at <= sheet.record.begun_at) {
            add_values(sheet, *record);
            ++taken;
        }
    }
}

std::vector<std::string> not_measured(const tape::AlignmentRecord& record) {
    std::vector<std::string> missing;
    for (const Expected& expected : kExpected) {
        if (expected.id == "record.low" &&
            !tape::has_low_frequency_adjustment(record.key.equalisation, record.key.speed_ips)) {
            continue; // there is none
        }
        const bool there = std::any_of(record.steps.begin(), record.steps.end(), [&](const tape::AlignmentStep& each) {
            return std::string_view(each.id).substr(0, expected.id.size()) == expected.id;
        });
        if (!there) {
            missing.emplace_back(expected.words);
        }
    }
    return missing;
}

} // namespace overbias::calibration
