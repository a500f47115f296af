// SPDX-License-Identifier: Apache-2.0
#include "calibration/reproduce/reproduce_plan.hpp"

#include "base/figure.hpp"
#include "tape/equalisation.hpp"
#include "tape/fluxivity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr std::size_t kTonesForEqualisation = 5; // below, tape/calibration_tape_match.hpp is never certain
constexpr double kSameFrequency = 0.005;
/// The tones a step can use, as they are heard.
constexpr double kMid_hz = 1000.0, kMidWithin_octaves = 0.1;
constexpr double kHigh_hz = 10000.0, kHighLowest_hz = 5000.0, kHighHighest_hz = 16000.0;
constexpr double kLow_hz = 50.0, kLowHighest_hz = 125.0;
/// At 1 kHz the tracks' equalisers, not yet alike, differ by up to 24 us (3 dB of HF each way at 15 ips); half a period
/// of 10 kHz has room for that and this.
constexpr double kCoarse_us = 10.0;
constexpr double kMostAim_db = 0.1, kInside = 0.8;
constexpr double kLevelMean_s = 2.0, kCoarseMean_s = 2.0;
constexpr double kTimingMean_s = 10.0; // the tape's weave moves it by microseconds
constexpr double kLikeAnother_db = 0.7, kWorthAHint_db = 1.2;
constexpr std::array kStandards{tape::Equalisation::Nab, tape::Equalisation::Iec1, tape::Equalisation::Aes};

double octaves_off(double hz, double from_hz) {
    return std::abs(std::log2(hz / from_hz));
}

/// Of those in the range and there, the loudest of the nearest frequency.
std::optional<std::size_t> nearest(const tape::CalibrationTape& tape, const std::vector<bool>& there, double hz,
                                   double lowest_hz, double highest_hz) {
    std::optional<std::size_t> best;
    for (std::size_t tone = 0; tone < tape.tones.size(); ++tone) {
        const double here_hz = tape.tones[tone].frequency_hz;
        if (!there[tone] || here_hz < lowest_hz || here_hz > highest_hz) {
            continue;
        }
        const double off = octaves_off(here_hz, hz);
        const double best_off = best ? octaves_off(tape.tones[*best].frequency_hz, hz) : 1e9;
        if (off < best_off - kSameFrequency ||
            (off < best_off + kSameFrequency && tape.tones[tone].level_db > tape.tones[*best].level_db)) {
            best = tone;
        }
    }
    return best;
}

double aim_db(double tolerance_db) {
    return std::min(kMostAim_db, kInside * tolerance_db);
}

ReproduceStep level_step(const tape::CalibrationTape& tape, std::size_t tone, const ReproduceDeck& deck, std::string id,
                         std::string title, double tolerance_db, const ReproduceLimits& limits) {
    const double hz = tape.tones[tone].frequency_hz;
    const double expected = expected_db(tape, tone, deck);
    ReproduceStep step;
    step.id = std::move(id);
    step.title = std::move(title);
    step.instruction = "turn each track's " + step.title + " until " + hz_text(hz) +
                       " reads as the tape has it: " + figure(expected, 2, true) + " dB re operating level";
    step.tone = tone;
    step.tolerance = tolerance_db;
    step.aim = aim_db(tolerance_db);
    step.averaging_s = kLevelMean_s;
    step.remark =
        hz_text(hz) + ", expected " + figure(expected, 2, true) + " dB re operating level; limit: " + limits.source;
    return step;
}

ReproduceStep azimuth_step(std::size_t tone, double hz, const ReproduceLimits& limits) {
    ReproduceStep step;
    step.id = "reproduce.azimuth";
    step.title = "reproduce azimuth";
    step.instruction = "turn the reproduce head's azimuth until the tracks come together at " + hz_text(hz);
    step.reads = ReproduceStep::Reads::Timing;
    step.tone = tone;
    step.turns_head = true;
    step.tolerance = limits.azimuth_us;
    step.aim = kInside * limits.azimuth_us;
    step.averaging_s = kTimingMean_s;
    step.remark = hz_text(hz) + "; limit: " + limits.source;
    return step;
}

ReproduceStep coarse_step(std::size_t tone) {
    ReproduceStep step;
    step.id = "reproduce.azimuth.coarse";
    step.title = "reproduce azimuth, coarse";
    step.instruction = "turn the reproduce head's azimuth until the tracks come together at 1 kHz";
    step.reads = ReproduceStep::Reads::Coarse;
    step.tone = tone;
    step.turns_head = true;
    step.aim = kCoarse_us;
    step.averaging_s = kCoarseMean_s;
    step.remark = "tells the period of the high tone; no limit";
    return step;
}

ReproduceStep low_step(const tape::CalibrationTape& tape, std::size_t tone, const ReproduceDeck& deck,
                       const ReproduceLimits& limits) {
    ReproduceStep step = level_step(tape, tone, deck, "reproduce.low", "reproduce LF", limits.low_db, limits);
    const bool adjustable = tape::has_low_frequency_adjustment(deck.equalisation, deck.speed_ips);
    const auto fringing = tape::fringing_warning(tape, tape.tones[tone].frequency_hz);
    if (adjustable && (!fringing || tape.fringing_compensated)) {
        step.turns = transport::Adjuster::ReproduceLow;
        if (fringing) {
            step.note = "the tape makes up for fringing, for one width of track only: check LF afterwards on your own "
                        "recordings";
            step.remark += "; " + step.note;
        }
        return step;
    }
    step.note = !adjustable ? std::string(tape::equalisation_name(deck.equalisation)) + " at " +
                                  figure(deck.speed_ips, 2) + " ips has no LF adjustment: it is only read"
                            : *fringing;
    step.instruction = "listening to " + hz_text(tape.tones[tone].frequency_hz);
    step.remark += "; " + step.note;
    step.tolerance.reset();
    return step;
}

} // namespace

std::string hz_text(double frequency_hz) {
    const bool kilo = frequency_hz >= 1000.0;
    const double value = kilo ? frequency_hz / 1000.0 : frequency_hz;
    const bool whole = std::abs(value - std::round(value)) < 0.01;
    return figure(value, whole ? 0 : kilo ? 2 : 1) + (kilo ? " kHz" : " Hz");
}

double expected_db(const tape::CalibrationTape& tape, std::size_t tone, const ReproduceDeck& deck) {
    double level = tape::level_db(tape.reference->fluxivity, deck.operating_level) + tape.tones[tone].level_db;
    const auto on_tape = tape::time_constants(*tape.equalisation, tape.speed_ips);
    const auto on_deck = tape::time_constants(deck.equalisation, deck.speed_ips);
    if (on_tape && on_deck) {
        level += tape::mismatch_db(*on_tape, tape.speed_ips, *on_deck, deck.speed_ips, tape.tones[tone].frequency_hz);
    }
    return level;
}

bool listened_to_first(const tape::CalibrationTape& tape) {
    bool twice = false;
    for (std::size_t a = 0; a < tape.tones.size(); ++a) {
        for (std::size_t b = a + 1; b < tape.tones.size(); ++b) {
            twice = twice || std::abs(tape.tones[a].frequency_hz / tape.tones[b].frequency_hz - 1.0) < kSameFrequency;
        }
    }
    return twice || !tape.complete || tape.tones.size() >= kTonesForEqualisation;
}

ReproducePlan reproduce_plan(const tape::CalibrationTape& tape, const std::vector<bool>& there,
                             const ReproduceDeck& deck, const ReproduceLimits& limits) {
    ReproducePlan plan;
    const auto mid = nearest(tape, there, kMid_hz, kMid_hz * std::exp2(-kMidWithin_octaves),
                             kMid_hz * std::exp2(kMidWithin_octaves));
    const auto high = nearest(tape, there, kHigh_hz, kHighLowest_hz, kHighHighest_hz);
    const auto low = nearest(tape, there, kLow_hz, 0.0, kLowHighest_hz);
    const auto miss = [&](const std::string& words) { plan.missing += (plan.missing.empty() ? "" : "; ") + words; };
    if (!mid) {
        miss("1 kHz was not heard: level and azimuth can't be told without it");
        return plan;
    }
    plan.steps.push_back(coarse_step(*mid));
    plan.steps.push_back(level_step(tape, *mid, deck, "reproduce.level", "reproduce level", limits.level_db, limits));
    plan.steps.back().turns = transport::Adjuster::ReproduceLevel;
    if (high) {
        plan.steps.push_back(azimuth_step(*high, tape.tones[*high].frequency_hz, limits));
        plan.steps.push_back(level_step(tape, *high, deck, "reproduce.high", "reproduce HF", limits.high_db, limits));
        plan.steps.back().turns = transport::Adjuster::ReproduceHigh;
    } else {
        miss("no tone between 5 and 16 kHz was heard: azimuth and HF were not aligned");
    }
    if (low) {
        plan.steps.push_back(low_step(tape, *low, deck, limits));
    } else {
        miss("no tone below 125 Hz was heard: LF was not aligned");
    }
    for (std::size_t tone = 0; tone < tape.tones.size(); ++tone) {
        if (there[tone] && tone != *mid && high != tone && low != tone) {
            plan.others.push_back(tone);
        }
    }
    return plan;
}

std::string equalisation_hint(const tape::CalibrationTape& tape, std::size_t tone, const ReproduceDeck& deck,
                              const std::array<double, 2>& readings_db) {
    const auto on_tape = tape::time_constants(*tape.equalisation, tape.speed_ips);
    const auto on_deck = tape::time_constants(deck.equalisation, deck.speed_ips);
    if (!on_tape || !on_deck) {
        return {};
    }
    const double hz = tape.tones[tone].frequency_hz;
    const double own = tape::mismatch_db(*on_tape, tape.speed_ips, *on_deck, deck.speed_ips, hz);
    for (const tape::Equalisation other : kStandards) {
        const auto on_other = tape::time_constants(other, deck.speed_ips);
        if (!on_other || other == deck.equalisation) {
            continue;
        }
        const double off_db = tape::mismatch_db(*on_tape, tape.speed_ips, *on_other, deck.speed_ips, hz) - own;
        if (std::abs(off_db) >= kWorthAHint_db && std::all_of(readings_db.begin(), readings_db.end(), [&](double each) {
                return std::abs(each - off_db) <= kLikeAnother_db;
            })) {
            return "both tracks read " + hz_text(hz) + " about as if the deck's equalisation switch stood at " +
                   std::string(tape::equalisation_name(other)) + " (" + figure(off_db, 1, true) +
                   " dB): look at it before you turn";
        }
    }
    return {};
}

} // namespace overbias::calibration
