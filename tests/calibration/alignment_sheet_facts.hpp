// SPDX-License-Identifier: Apache-2.0
// Alignment records for tests, written by hand: no procedure made them.
#pragma once

#include "tape/alignment_record.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

namespace overbias::calibration {

inline tape::AlignmentStep sheet_step(const std::string& id, int channel, double reading, const std::string& unit) {
    tape::AlignmentStep step;
    step.id = id;
    step.channel = channel;
    step.reading = reading;
    step.unit = unit;
    step.averaging_s = 0.5;
    step.accepted_at = "2024-05-03T10:15:00.000Z";
    step.accepted_by = "J\xc3\xbcrgen M\xc3\xbcller";
    return step;
}

inline tape::AlignmentStep limited_step(const std::string& id, int channel, double reading, const std::string& unit,
                                        double target, double tolerance) {
    tape::AlignmentStep step = sheet_step(id, channel, reading, unit);
    step.target = target;
    step.tolerance = tolerance;
    return step;
}

inline tape::AlignmentRecord empty_record() {
    tape::AlignmentRecord record;
    record.uuid = "3f0c2c1e-52b0-4c5e-9f3a-0d3c5b1e7a01";
    record.key = {.deck_uuid = "aaaaaaaa-0000-4000-8000-000000000001",
                  .head_block_uuid = "bbbbbbbb-0000-4000-8000-000000000002",
                  .speed_ips = 15.0,
                  .equalisation = tape::Equalisation::Nab,
                  .stock = "rtm-sm900",
                  .batch = "T-0423"};
    record.procedure = "record";
    record.begun_at = "2024-05-03T10:00:00.000Z";
    record.ended_at = "2024-05-03T10:20:00.000Z";
    return record;
}

inline void add_both(tape::AlignmentRecord& record, const std::string& id, double left, double right,
                     const std::string& unit) {
    record.steps.push_back(sheet_step(id, 1, left, unit));
    record.steps.push_back(sheet_step(id, 2, right, unit));
}

/// Everything that a usual alignment reads: third octaves, the sweep's frequencies and the single figures.
inline tape::AlignmentRecord usual_record() {
    tape::AlignmentRecord record = empty_record();
    record.procedure = "proof";
    const auto both = [&record](const std::string& id, double left, double right, const std::string& unit) {
        record.steps.push_back(sheet_step(id, 1, left, unit));
        record.steps.push_back(sheet_step(id, 2, right, unit));
    };
    const auto both_limited = [&record](const std::string& id, double left, double right, const std::string& unit,
                                        double target, double tolerance) {
        record.steps.push_back(limited_step(id, 1, left, unit, target, tolerance));
        record.steps.push_back(limited_step(id, 2, right, unit, target, tolerance));
    };
    record.steps.push_back(limited_step("record.azimuth", 0, 0.42, "us", 0.0, 3.0));
    both_limited("record.bias", 3.05, 2.97, "dB", 3.0, 0.25);
    both_limited("record.level", 0.02, -0.04, "dB", 0.0, 0.1);
    both_limited("record.high", 0.31, -0.22, "dB", 0.0, 0.5);
    both("proof.response.level", -0.01, 0.03, "dB");
    for (int i = 0; i < 31; ++i) {
        const double hz = 20.0 * std::pow(1000.0, i / 30.0);
        const double bump = 0.9 * std::exp(-std::pow(std::log2(hz / 60.0), 2.0));
        const double roll = -0.8 * std::pow(hz / 20000.0, 2.0);
        char id[40];
        std::snprintf(id, sizeof id, "proof.response.%.4g", hz);
        const double limit = hz < 50.0 || hz > 15000.0 ? 2.0 : 1.0;
        both_limited(id, bump + roll, 0.7 * bump + 1.5 * roll - 0.1, "dB", 0.0, limit);
    }
    for (int i = 0; i < 60; ++i) {
        const double hz = 22.4 * std::pow(2.0, i / 6.0);
        char id[48];
        std::snprintf(id, sizeof id, "proof.response.sweep.%.4g", hz);
        both(id, 0.8 * std::exp(-std::pow(std::log2(hz / 63.0), 2.0)), -0.1, "dB");
    }
    record.steps.push_back(sheet_step("proof.timing", 0, 0.55, "us"));
    both("proof.level", 0.02, -0.03, "dB");
    both("proof.thd", 0.61, 0.66, "%");
    both("proof.h3", 0.58, 0.62, "%");
    both("proof.mol", 9.4, 9.1, "dB");
    both("proof.noise.a", -63.2, -62.8, "dB");
    both("proof.noise.468", -58.1, -57.6, "dB");
    for (const char* hz : {"100", "1000", "10000"}) {
        both(std::string("proof.crosstalk.") + hz, 42.0, 41.5, "dB");
    }
    tape::AlignmentStep erase = limited_step("proof.erase", 1, 78.2, "dB", 75.0, 0.0);
    erase.bound = tape::Bound::AtLeast;
    erase.remark = "better than: the tape's own noise is what is left";
    record.steps.push_back(erase);
    erase.channel = 2;
    erase.reading = 73.9;
    record.steps.push_back(erase);
    return record;
}

/// Every step that a proof can have (calibration/proof/proof_job.hpp).
inline tape::AlignmentRecord whole_proof() {
    tape::AlignmentRecord record = usual_record();
    std::erase_if(record.steps, [](const tape::AlignmentStep& step) { return step.id.rfind("record.", 0) == 0; });
    add_both(record, "proof.noise.band", -55.0, -54.6, "dB");
    add_both(record, "proof.noise.a.mol", -72.6, -71.9, "dB");
    add_both(record, "proof.noise.468.mol", -67.5, -66.7, "dB");
    add_both(record, "proof.bias_residual", -38.0, -37.2, "dB");
    add_both(record, "proof.print_through.before", -54.0, -54.1, "dB");
    add_both(record, "proof.print_through.after", -56.0, -56.2, "dB");
    return record;
}

/// Lines, reproduce and speed as well, in another order than that of an alignment.
inline tape::AlignmentRecord all_at_once() {
    tape::AlignmentRecord record = whole_proof();
    add_both(record, "record.level", 0.02, -0.04, "dB");
    add_both(record, "record.bias.position", 0.61, 0.62, "of travel");
    add_both(record, "record.bias", 3.05, 2.97, "dB");
    record.steps.push_back(sheet_step("speed.error", 0, 34.2, "ppm"));
    record.steps.push_back(sheet_step("speed.line.capstan.2", 0, 0.013, "%"));
    record.steps.push_back(sheet_step("speed.head_delay", 0, 0.133412, "s"));
    add_both(record, "reproduce.level", 0.02, -0.01, "dB");
    record.steps.push_back(limited_step("reproduce.azimuth", 0, 0.3, "us", 0.0, 3.0));
    for (const char* hz : {"31.5", "100", "1000", "10000", "20000"}) {
        const std::string id = std::string("reproduce.response.") + hz;
        record.steps.push_back(limited_step(id, 1, 0.1, "dB", 0.0, 0.5));
        record.steps.push_back(limited_step(id, 2, -0.2, "dB", 0.0, 0.5));
    }
    add_both(record, "lines.play_dbu", 22.01, 22.04, "dBu");
    add_both(record, "lines.thd_n", 0.0012, 0.0013, "%");
    return record;
}

/// The same, some time ago.
inline tape::AlignmentRecord before(tape::AlignmentRecord record, const std::string& date, double by) {
    record.uuid = "3f0c2c1e-52b0-4c5e-9f3a-" + std::string(2, '0') + date.substr(0, 4) + date.substr(5, 2) +
                  date.substr(8, 2) + "0f";
    record.begun_at = date + "T09:00:00.000Z";
    record.ended_at = date + "T09:20:00.000Z";
    for (tape::AlignmentStep& step : record.steps) {
        step.accepted_at = date + "T09:10:00.000Z";
        step.reading += by;
    }
    return record;
}
inline tape::AlignmentRecord usual_record_before(const std::string& date, double by) {
    return before(usual_record(), date, by);
}

} // namespace overbias::calibration
