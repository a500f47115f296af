// SPDX-License-Identifier: Apache-2.0
// What a fit of a calibration tape says, in words.
#include "base/figure.hpp"
#include "tape/calibration_tape_match.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace overbias::tape {

namespace {

constexpr double kSpeedErrorWorthTelling = 0.002; // 0.2 %: the least that spec sheets of decks allow

std::string number(double value) {
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%.4g", value);
    return text.data();
}

std::string hz(double value) {
    return value < 1000.0 ? number(value) + " Hz" : number(value / 1000.0) + " kHz";
}

std::string name(Equalisation equalisation) {
    return std::string(equalisation_name(equalisation));
}

std::string speed_words(const TapeFit& fit, const CalibrationTape& tape, const MachineSetting& machine) {
    const std::string made_for = number(tape.speed_ips) + " ips";
    const std::string set_to = number(machine.speed_ips) + " ips";
    if (!fit.speed_as_set) {
        const double running_ips = tape.speed_ips * fit.nominal_ratio;
        return "Its tones come at " + number(fit.nominal_ratio) + " times their frequencies: if it is this tape, the " +
               "deck runs at " + number(running_ips) + " ips and not at " + set_to +
               " as it is set; else it is the like of it for " + number(machine.speed_ips / fit.nominal_ratio) +
               " ips.";
    }
    if (std::abs(tape.speed_ips - machine.speed_ips) > 0.01 * machine.speed_ips) {
        return "It is a tape for " + made_for + " and the deck runs at " + set_to + ".";
    }
    if (std::abs(fit.speed_error) > kSpeedErrorWorthTelling) {
        return "The deck runs " + figure(std::abs(fit.speed_error) * 100.0, 2) +
               (fit.speed_error > 0.0 ? " % fast." : " % slow.");
    }
    return {};
}

std::string standard_words(const TapeFit& fit, const CalibrationTape& tape, const MachineSetting& machine) {
    if (!fit.tape_equalisation || !fit.machine_equalisation || !tape.equalisation) {
        return {};
    }
    const bool other_tape = *fit.tape_equalisation != *tape.equalisation;
    const bool other_machine = machine.equalisation && *fit.machine_equalisation != *machine.equalisation;
    const std::string sure =
        fit.equalisation_certain ? "Its levels are those of " : "Its levels are nearest to those of ";
    const std::string pair =
        sure + name(*fit.tape_equalisation) + " heard on a deck set to " + name(*fit.machine_equalisation);
    if (other_tape && other_machine) {
        return pair + ": both are other than expected (" + name(*tape.equalisation) + " and " +
               name(*machine.equalisation) + ").";
    }
    if (other_tape) {
        return pair + ": the tape is of another equalisation than " + name(*tape.equalisation) + ".";
    }
    if (other_machine) {
        return pair + ": the deck's equalisation switch does not stand at " + name(*machine.equalisation) + ".";
    }
    if (machine.equalisation && *tape.equalisation != *machine.equalisation) {
        return "It is a " + name(*tape.equalisation) + " tape and the deck is set to " + name(*machine.equalisation) +
               ".";
    }
    return {};
}

template <typename Tones>
std::string list(const Tones& indices, const auto& frequency_of) {
    std::string words;
    for (const std::size_t index : indices) {
        words += (words.empty() ? "" : ", ") + hz(frequency_of(index));
    }
    return words;
}

void add(std::string& text, const std::string& sentence) {
    if (!sentence.empty()) {
        text += " " + sentence;
    }
}

} // namespace

std::string match_text(const TapeFit& fit, std::span<const HeardTone> heard, std::span<const CalibrationTape> tapes,
                       const MachineSetting& machine) {
    const CalibrationTape& tape = tapes[fit.tape];
    const auto of_tape = [&](std::size_t i) { return tape.tones[i].frequency_hz; };
    const auto as_heard = [&](std::size_t i) { return heard[i].frequency_hz; };
    std::string text = tape.name + ".";
    add(text, speed_words(fit, tape, machine));
    add(text, standard_words(fit, tape, machine));
    if (!fit.missing.empty()) {
        add(text, "Not heard: " + list(fit.missing, of_tape) + ".");
    }
    if (!fit.foreign.empty()) {
        add(text, "Not of this tape: " + list(fit.foreign, as_heard) + ".");
    }
    if (!fit.in_order) {
        add(text, "Its tones came in another order than the tape has them.");
    }
    if (!fit.outliers.empty()) {
        add(text, "Off in level: " + list(fit.outliers, as_heard) + ".");
    }
    return text;
}

} // namespace overbias::tape
