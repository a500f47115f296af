// SPDX-License-Identifier: Apache-2.0
#include "calibration/record/equalisation_switches.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

namespace overbias::calibration {

using tape::Equalisation;

namespace {

constexpr std::array kStandards{Equalisation::Nab, Equalisation::Iec1, Equalisation::Aes};
/// Within this share of what a wrong switch does at 50 Hz it is nearer to that than to a deck whose switches are right.
constexpr double kNearer = 0.5;
constexpr double kTells_db = 2.0;                         ///< where it moves 50 Hz by less, that says nothing
constexpr double kHighFar_db = 2.0;                       ///< by so much record HF may be off besides
constexpr double kHighAlone_db = 1.0, kLowAlone_db = 1.0; ///< where 10 kHz has to tell it alone

double furthest(const std::array<double, 2>& read_db, double from_db) {
    return std::max(std::abs(read_db[0] - from_db), std::abs(read_db[1] - from_db));
}

std::optional<SwitchesApart> with(Equalisation recorded, Equalisation reproduced, double speed_ips) {
    const auto on_tape = tape::time_constants(recorded, speed_ips);
    const auto machine = tape::time_constants(reproduced, speed_ips);
    if (!on_tape || !machine) {
        return std::nullopt;
    }
    const auto at = [&](double hz) { return tape::mismatch_db(*on_tape, speed_ips, *machine, speed_ips, hz); };
    return SwitchesApart{.recorded = recorded,
                         .reproduced = reproduced,
                         .low_db = at(ResponseEnds::kLow_hz),
                         .high_db = at(ResponseEnds::kHigh_hz)};
}

bool fits(const SwitchesApart& one, const ResponseEnds& read) {
    const double low = furthest(read.low_db, one.low_db);
    const double high = furthest(read.high_db, one.high_db);
    if (std::abs(one.low_db) >= kTells_db) {
        return low <= kNearer * std::abs(one.low_db) && high <= kHighFar_db;
    }
    return low <= kLowAlone_db && high <= kHighAlone_db;
}

std::string both(const std::array<double, 2>& read_db) {
    return figure(read_db[0], 1, true) + " and " + figure(read_db[1], 1, true) + " dB";
}

} // namespace

bool equalisation_can_differ(Equalisation set, double speed_ips) noexcept {
    return tape::time_constants(set, speed_ips) &&
           std::any_of(kStandards.begin(), kStandards.end(), [&](Equalisation other) {
               return other != set && tape::time_constants(other, speed_ips).has_value();
           });
}

std::optional<SwitchesApart> switches_apart(Equalisation set, double speed_ips, const ResponseEnds& read) noexcept {
    for (const Equalisation other : kStandards) {
        for (const auto& one : {with(set, other, speed_ips), with(other, set, speed_ips)}) {
            if (other != set && one && fits(*one, read)) {
                return one;
            }
        }
    }
    return std::nullopt;
}

std::string switches_apart_words(Equalisation set, const SwitchesApart& apart, const ResponseEnds& read) {
    const std::string wanted(tape::equalisation_name(set));
    return "the EQ switches do not stand alike: off tape the tracks read " + both(read.high_db) + " at 10 kHz and " +
           both(read.low_db) + " at 50 Hz; a deck that records " +
           std::string(tape::equalisation_name(apart.recorded)) + " and reproduces " +
           std::string(tape::equalisation_name(apart.reproduced)) + " does that (" + figure(apart.high_db, 1, true) +
           " and " + figure(apart.low_db, 1, true) + " dB); expected " + wanted + " on both: set both switches to " +
           wanted;
}

} // namespace overbias::calibration
