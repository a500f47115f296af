// SPDX-License-Identifier: Apache-2.0
#include "plan_rig.hpp"

#include <cmath>
#include <cstddef>
#include <gtest/gtest.h>
#include <numbers>

namespace overbias::mastering::testing {

std::string PlanRig::file(const std::string& name, double duration_s, const std::vector<Burst>& bursts, int rate_hz) {
    const auto frames = static_cast<std::size_t>(std::llround(duration_s * rate_hz));
    std::vector<double> samples(2 * frames, 0.0);
    for (const Burst& burst : bursts) {
        const auto from = static_cast<std::size_t>(burst.from_s * rate_hz);
        const auto to = std::min(frames, static_cast<std::size_t>(burst.to_s * rate_hz));
        for (std::size_t n = from; n < to; ++n) {
            const double value =
                std::pow(10.0, burst.peak_dbfs / 20.0) *
                std::sin(2.0 * std::numbers::pi * burst.frequency_hz * static_cast<double>(n - from) / rate_hz +
                         burst.phase_rad);
            samples[2 * n] += burst.left ? value : 0.0;
            samples[2 * n + 1] += burst.right ? value : 0.0;
        }
    }
    return folder_.write(name, audio::testing::kWav24, rate_hz, 2, samples).string();
}

ReelPlan PlanRig::plan(const std::vector<std::string>& files) {
    ReelPlan plan;
    plan.title = "Test";
    plan.tape.stock = "test-tape";
    plan.tape.batch = "7";
    plan.tape.length_m = 30.48;
    plan.tape.speed_ips = 15.0;
    plan.tape.equalisation = tape::Equalisation::Iec1;
    plan.tape.operating_level = {.nwb_per_m = 320.0, .school = tape::CalibrationSchool::Din};
    plan.tape.head_leader = {5.0, TapeSpan::Unit::Seconds};
    plan.tape.tail_leader = {5.0, TapeSpan::Unit::Seconds};
    plan.tape.spare = {5.0, TapeSpan::Unit::Seconds};
    plan.slate.tones = {SlateTone{}};
    PlanSide side;
    side.name = "A";
    for (const std::string& file : files) {
        PlanTrack track;
        track.file = file;
        side.tracks.push_back(track);
    }
    plan.sides = {side};
    return plan;
}

tape::TapeStock PlanRig::stock() {
    tape::TapeStock stock;
    stock.id = "test-tape";
    stock.name = "Test tape";
    const tape::Fluxivity reference{.nwb_per_m = 320.0, .school = tape::CalibrationSchool::Din};
    stock.mol.push_back({.speed_ips = 15.0,
                         .frequency_hz = 1000.0,
                         .level_db = {.value = 9.0, .source = "sheet A", .unsure = false},
                         .reference = reference});
    stock.sol.push_back({.speed_ips = 15.0,
                         .frequency_hz = 10000.0,
                         .level_db = {.value = 1.5, .source = "sheet B", .unsure = true},
                         .reference = reference});
    return stock;
}

PlanDeck PlanRig::deck() {
    PlanDeck deck;
    deck.name = "Test deck";
    deck.speeds_ips = {7.5, 15.0};
    deck.speed_ips = 15.0;
    deck.equalisation = tape::Equalisation::Iec1;
    deck.operating_level = {.nwb_per_m = 320.0, .school = tape::CalibrationSchool::Din};
    deck.erase_to_record_m = 0.0381; // 0.1 s at 15 ips
    tape::AlignmentRecord record;
    record.uuid = "11111111-2222-4333-8444-555555555555";
    record.procedure = "record";
    record.begun_at = "2024-05-02T09:00:00.000Z";
    record.ended_at = "2024-05-02T10:00:00.000Z";
    tape::AlignmentStep step;
    step.id = "record.level";
    step.channel = 1;
    step.reading = 0.02;
    step.unit = "dB";
    step.target = 0.0;
    step.tolerance = 0.1;
    record.steps = {step};
    deck.alignments = {record};
    deck.now_utc = "2024-05-03T10:00:00.000Z";
    return deck;
}

PlanCheckContext PlanRig::context() {
    PlanCheckContext context;
    context.installation.sample_rate_hz = kRate_hz;
    context.installation.play_dbfs_at_operating_level = kOperating_dbfs;
    context.stock = stock();
    context.deck = deck();
    return context;
}

std::vector<std::string> kinds(const std::vector<PlanFinding>& findings) {
    std::vector<std::string> all;
    for (const PlanFinding& each : findings) {
        all.push_back(each.kind);
    }
    return all;
}

PlanFinding finding(const std::vector<PlanFinding>& findings, const std::string& kind) {
    for (const PlanFinding& each : findings) {
        if (each.kind == kind) {
            return each;
        }
    }
    ADD_FAILURE() << "nothing is said of " << kind << "; said is " << ::testing::PrintToString(kinds(findings));
    return {};
}

} // namespace overbias::mastering::testing
