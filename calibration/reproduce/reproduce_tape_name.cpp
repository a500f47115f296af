// SPDX-License-Identifier: Apache-2.0
// Which calibration tape was heard, and what is wrong with it.
#include "calibration/reproduce/reproduce_plan.hpp"
#include "tape/fluxivity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

using Heard = std::array<std::vector<tape::HeardTone>, 2>;

struct Fits {
    const Heard& heard;
    const std::vector<tape::CalibrationTape>& tapes;
    tape::MachineSetting machine;
    bool still_playing;
    std::array<tape::TapeMatch, 2> of; ///< of each track

    [[nodiscard]] const tape::TapeFit* fit(std::size_t track, std::size_t index) const {
        for (const tape::TapeFit& each : of[track].fits) {
            if (each.tape == index) {
                return &each;
            }
        }
        return nullptr;
    }
    /// While it plays, what has not come is not missing yet.
    [[nodiscard]] std::string text(std::size_t track, tape::TapeFit fit) const {
        if (still_playing) {
            fit.missing.clear();
        }
        return tape::match_text(fit, heard[track], tapes, machine);
    }
};

std::string tones_text(const std::vector<tape::HeardTone>& heard) {
    std::string words;
    for (const tape::HeardTone& tone : heard) {
        words += (words.empty() ? "" : ", ") + hz_text(tone.frequency_hz);
    }
    return words.empty() ? "no tone" : words;
}

NamedTape none_of_them(const Fits& fits) {
    NamedTape out;
    out.words = "none of the known tapes has these tones: " + tones_text(fits.heard[0]) +
                "; check which tape is on the deck, its beginning, and the deck's speed";
    return out;
}

NamedTape right(const Fits& fits, const tape::TapeFit& fit, NamedTape::Verdict verdict) {
    NamedTape out;
    out.verdict = verdict;
    out.tape = fits.tapes[fit.tape];
    out.tones = fit.tones;
    out.speed_error = fit.speed_error;
    out.words = fits.text(0, fit);
    return out;
}

/// Both tracks are sure, and of the same: a misaligned track alone can look like another standard.
bool other_equalisation(const Fits& fits, std::size_t index) {
    const tape::TapeFit* left = fits.fit(0, index);
    const tape::TapeFit* right_track = fits.fit(1, index);
    if (left == nullptr || right_track == nullptr || !left->equalisation_certain ||
        !right_track->equalisation_certain || left->tape_equalisation != right_track->tape_equalisation ||
        left->machine_equalisation != right_track->machine_equalisation) {
        return false;
    }
    return left->tape_equalisation != fits.tapes[index].equalisation ||
           left->machine_equalisation != fits.machine.equalisation;
}

NamedTape judged(const Fits& fits, const tape::TapeFit& fit) {
    return right(fits, fit,
                 other_equalisation(fits, fit.tape) ? NamedTape::Verdict::Equalisation : NamedTape::Verdict::Right);
}

NamedTape is_it(const Fits& fits, std::size_t index) {
    if (fits.of[0].fits.empty()) {
        return none_of_them(fits);
    }
    const tape::TapeFit& best = fits.of[0].fits.front();
    const tape::TapeFit* own = fits.fit(0, index);
    const bool others = own == nullptr ||
                        (best.tape != index && best.foreign.size() < own->foreign.size() && fits.tapes[index].complete);
    if (!others && own->speed_as_set) {
        return judged(fits, *own);
    }
    NamedTape out;
    out.words = others ? "this is not " + fits.tapes[index].name + " but the like of " + fits.text(0, best)
                       : fits.text(0, *own);
    return out;
}

bool of_use(const tape::CalibrationTape& tape) {
    return tape.reference && tape.equalisation;
}

NamedTape which_is_it(const Fits& fits) {
    if (fits.of[0].fits.empty()) {
        return none_of_them(fits);
    }
    const auto& all = fits.of[0].fits;
    const tape::TapeFit& best = all.front();
    NamedTape out;
    if (!best.speed_as_set || !of_use(fits.tapes[best.tape])) {
        out.words = fits.text(0, best);
        if (!of_use(fits.tapes[best.tape])) {
            out.words += " It has no reference level: nothing can be aligned with it.";
        }
        return out;
    }
    const auto& first = fits.tapes[best.tape];
    for (std::size_t n = 1; n < fits.of[0].equally_good; ++n) {
        const auto& other = fits.tapes[all[n].tape];
        const bool same = of_use(other) && other.equalisation == first.equalisation &&
                          std::abs(tape::level_db(other.reference->fluxivity, first.reference->fluxivity)) < 0.01;
        if (!same) {
            out.verdict = NamedTape::Verdict::Unclear;
            out.words += (out.words.empty() ? first.name + " or " : " or ") + other.name;
        }
    }
    if (out.verdict == NamedTape::Verdict::Unclear) {
        out.words = "by its sound this can be " + out.words + ": say which one it is";
        return out;
    }
    return judged(fits, best);
}

} // namespace

NamedTape name_tape(const Heard& heard, std::span<const tape::CalibrationTape> tapes,
                    const tape::CalibrationTape* chosen, const ReproduceDeck& deck, bool still_playing) {
    std::vector<tape::CalibrationTape> all;
    for (const tape::CalibrationTape& each : tapes) {
        if (chosen == nullptr || each.id != chosen->id) {
            all.push_back(each);
        }
    }
    if (chosen != nullptr) {
        all.push_back(*chosen);
    }
    const tape::MachineSetting machine{.speed_ips = deck.speed_ips, .equalisation = deck.equalisation};
    Fits fits{.heard = heard, .tapes = all, .machine = machine, .still_playing = still_playing, .of = {}};
    for (std::size_t track = 0; track < heard.size(); ++track) {
        fits.of[track] = tape::match_calibration_tape(heard[track], all, machine, still_playing);
    }
    return chosen != nullptr ? is_it(fits, all.size() - 1) : which_is_it(fits);
}

} // namespace overbias::calibration
