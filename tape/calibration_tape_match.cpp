// SPDX-License-Identifier: Apache-2.0
#include "tape/calibration_tape_match.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace overbias::tape {

namespace {

constexpr std::array kStandards{Equalisation::Nab, Equalisation::Iec1, Equalisation::Aes};
constexpr int kMostOctaves = 3; // 3.75 to 30 ips

// Penalties. One tone missing or foreign weighs 1; the rest is set against that.
constexpr double kMissing = 1.0, kMissingYet = 0.1;
constexpr double kForeign = 1.0, kForeignOnIncomplete = 0.25;
constexpr double kWrongSpeed = 2.0, kWrongStandard = 1.0, kWrongOrder = 0.5, kWrongDuration = 0.5;
constexpr double kPerDecibel = 0.5;
constexpr double kAlike = 0.3; ///< penalties this near cannot tell two tapes apart

constexpr double kWorthAWrongSetting_db = 0.4; ///< a setting is called wrong when that explains so much more
constexpr double kExplained_db = 0.5;          ///< mean distance of levels that are explained
// A low tone that fringing lifts and a high tone that is not aligned look like another standard: so many tones, and so
// many that fringing does not reach, are asked for before a standard is called certain.
constexpr std::size_t kTonesForCertainty = 5, kCleanTonesForCertainty = 3;
constexpr double kOutlier_db = 1.5;
constexpr double kTonesOfOneFrequency = 0.005;
constexpr double kDurationWithin = 0.25;

double octaves(double ratio) noexcept {
    return std::log2(ratio);
}

/// Tones of a tape that have one frequency: they are told apart by their level.
struct Group {
    double frequency_hz = 0.0;
    std::vector<std::size_t> tones;
};

std::vector<Group> groups_of(const CalibrationTape& tape) {
    std::vector<Group> groups;
    for (std::size_t i = 0; i < tape.tones.size(); ++i) {
        const double hz = tape.tones[i].frequency_hz;
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& each) {
            return std::abs(each.frequency_hz - hz) < kTonesOfOneFrequency * hz;
        });
        if (same == groups.end()) {
            groups.push_back({.frequency_hz = hz, .tones = {i}});
        } else {
            same->tones.push_back(i);
        }
    }
    return groups;
}

std::size_t nearest_group(const std::vector<Group>& groups, double hz) {
    std::size_t best = TapeFit::kNone;
    double least = 1e9;
    for (std::size_t g = 0; g < groups.size(); ++g) {
        const double distance = std::abs(octaves(hz / groups[g].frequency_hz));
        if (distance < least) {
            least = distance;
            best = g;
        }
    }
    return best;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Which group of tones each heard one is, at one nominal ratio; the speed error is found on the way.
std::vector<std::size_t> frequencies_fit(std::span<const HeardTone> heard, const std::vector<Group>& groups,
                                         TapeFit& fit) {
    std::vector<std::size_t> group_of(heard.size(), TapeFit::kNone);
    std::vector<double> errors;
    for (const HeardTone& tone : heard) {
        const double hz = tone.frequency_hz / fit.nominal_ratio;
        const std::size_t g = nearest_group(groups, hz);
        const double error = octaves(hz / groups[g].frequency_hz);
        if (std::abs(error) <= octaves(1.0 + kMostSpeedError)) {
            errors.push_back(error);
        }
    }
    if (errors.empty()) {
        return group_of;
    }
    fit.speed_error = std::exp2(median(errors)) - 1.0;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const double hz = heard[i].frequency_hz / fit.nominal_ratio / (1.0 + fit.speed_error);
        const std::size_t g = nearest_group(groups, hz);
        if (std::abs(octaves(hz / groups[g].frequency_hz)) <= octaves(1.0 + kToneWithin)) {
            group_of[i] = g;
        }
    }
    return group_of;
}

/// One heard tone's level, and what it may be on tape.
struct LevelCase {
    std::size_t heard = 0;
    double frequency_hz = 0.0; ///< as heard, without the speed error
    double level_db = 0.0;
    const Group* group = nullptr;
};

struct LevelFit {
    double cost_db = 1e9;
    double gain_db = 0.0;
    std::vector<double> tilt_db; ///< of each case, by the pair of standards
};

double level_on_tape(const CalibrationTape& tape, std::size_t tone) {
    return tape.tones[tone].level_db;
}

/// Distance from `level` (gain and tilt taken out) to the nearest level there is at this frequency, and which tone that
/// is.
std::pair<double, std::size_t> nearest_level(const CalibrationTape& tape, const Group& group, double level) {
    std::pair<double, std::size_t> best{1e9, TapeFit::kNone};
    for (const std::size_t tone : group.tones) {
        const double distance = level - level_on_tape(tape, tone);
        if (std::abs(distance) < std::abs(best.first)) {
            best = {distance, tone};
        }
    }
    return best;
}

/// The gain that leaves the smallest mean capped distance: one of those at which a tone fits exactly.
LevelFit fit_gain(const CalibrationTape& tape, const std::vector<LevelCase>& cases, std::vector<double> tilt_db) {
    LevelFit best;
    for (std::size_t at = 0; at < cases.size(); ++at) {
        for (const std::size_t tone : cases[at].group->tones) {
            const double gain_db = cases[at].level_db - tilt_db[at] - level_on_tape(tape, tone);
            double sum = 0.0;
            for (std::size_t i = 0; i < cases.size(); ++i) {
                const double level = cases[i].level_db - tilt_db[i] - gain_db;
                sum += std::min(kOutlierCap_db, std::abs(nearest_level(tape, *cases[i].group, level).first));
            }
            const double cost = sum / static_cast<double>(cases.size());
            if (cost < best.cost_db - 1e-9) {
                best.cost_db = cost;
                best.gain_db = gain_db;
            }
        }
    }
    best.tilt_db = std::move(tilt_db);
    return best;
}

struct Hypothesis {
    std::optional<Equalisation> tape, machine;
    int departures = 0; ///< settings that are other than believed
    LevelFit fit;
    [[nodiscard]] double weight_db() const noexcept { return fit.cost_db + kWorthAWrongSetting_db * departures; }
};

std::vector<Hypothesis> hypotheses(const CalibrationTape& tape, const MachineSetting& machine, const TapeFit& fit,
                                   const std::vector<LevelCase>& cases) {
    std::vector<Hypothesis> all;
    const double play_ips = tape.speed_ips * fit.nominal_ratio;
    for (const Equalisation on_tape : kStandards) {
        const auto recorded = time_constants(on_tape, tape.speed_ips);
        for (const Equalisation on_machine : kStandards) {
            const auto reproduced = time_constants(on_machine, machine.speed_ips);
            if (!recorded || !reproduced || !tape.equalisation) {
                continue;
            }
            Hypothesis one{.tape = on_tape, .machine = on_machine, .departures = 0, .fit = {}};
            one.departures = (on_tape != *tape.equalisation ? 1 : 0) +
                             (machine.equalisation && on_machine != *machine.equalisation ? 1 : 0);
            std::vector<double> tilt;
            tilt.reserve(cases.size());
            for (const LevelCase& each : cases) {
                tilt.push_back(mismatch_db(*recorded, tape.speed_ips, *reproduced, play_ips, each.frequency_hz));
            }
            one.fit = fit_gain(tape, cases, std::move(tilt));
            all.push_back(std::move(one));
        }
    }
    if (all.empty()) {
        Hypothesis flat;
        flat.fit = fit_gain(tape, cases, std::vector<double>(cases.size(), 0.0));
        all.push_back(std::move(flat));
    }
    std::stable_sort(all.begin(), all.end(), [](const Hypothesis& a, const Hypothesis& b) {
        return a.weight_db() < b.weight_db() - 1e-6 ||
               (std::abs(a.weight_db() - b.weight_db()) <= 1e-6 && a.departures < b.departures);
    });
    return all;
}

/// Whether two pairs of standards ask for the same levels, a gain apart.
bool same_tilt(const LevelFit& a, const LevelFit& b) {
    double low = 1e9, high = -1e9;
    for (std::size_t i = 0; i < a.tilt_db.size(); ++i) {
        low = std::min(low, a.tilt_db[i] - b.tilt_db[i]);
        high = std::max(high, a.tilt_db[i] - b.tilt_db[i]);
    }
    return high - low < 0.1;
}

/// Fills in what the levels say; the number of settings that are other than believed.
int levels_fit(std::span<const HeardTone> heard, const CalibrationTape& tape, const MachineSetting& machine,
               const std::vector<Group>& groups, const std::vector<std::size_t>& group_of, TapeFit& fit) {
    std::vector<LevelCase> cases;
    for (std::size_t i = 0; i < heard.size(); ++i) {
        if (group_of[i] != TapeFit::kNone) {
            cases.push_back({.heard = i,
                             .frequency_hz = heard[i].frequency_hz / (1.0 + fit.speed_error),
                             .level_db = heard[i].level_db,
                             .group = &groups[group_of[i]]});
        }
    }
    const std::vector<Hypothesis> all = hypotheses(tape, machine, fit, cases);
    const Hypothesis& best = all.front();
    fit.tape_equalisation = best.tape;
    fit.machine_equalisation = best.machine;
    fit.gain_db = best.fit.gain_db;
    fit.residual_db = best.fit.cost_db;
    const bool rivalled = std::any_of(all.begin() + 1, all.end(), [&](const Hypothesis& other) {
        return other.fit.cost_db < best.fit.cost_db + kWorthAWrongSetting_db && !same_tilt(other.fit, best.fit);
    });
    const auto clean = std::count_if(cases.begin(), cases.end(), [&](const LevelCase& each) {
        return !tape.full_track || each.frequency_hz / fit.nominal_ratio >= fringing_limit_hz(tape.speed_ips);
    });
    fit.equalisation_certain = best.tape.has_value() && cases.size() >= kTonesForCertainty &&
                               static_cast<std::size_t>(clean) >= kCleanTonesForCertainty &&
                               best.fit.cost_db <= kExplained_db && !rivalled;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const double level = cases[i].level_db - best.fit.tilt_db[i] - best.fit.gain_db;
        const auto [distance, tone] = nearest_level(tape, *cases[i].group, level);
        fit.tones[cases[i].heard] = tone;
        if (std::abs(distance) >= kOutlier_db) {
            fit.outliers.push_back(cases[i].heard);
        }
    }
    return best.departures;
}

/// Whether the tones were heard in the tape's order; one that was heard again (a pass rewound) stays where it was.
bool rising(const std::vector<std::size_t>& tones) {
    std::size_t last = 0;
    for (const std::size_t tone : tones) {
        if (tone == TapeFit::kNone) {
            continue;
        }
        if (tone < last) {
            return false;
        }
        last = tone;
    }
    return true;
}

bool wrong_duration(std::span<const HeardTone> heard, const CalibrationTape& tape, const TapeFit& fit) {
    for (std::size_t i = 0; i < heard.size(); ++i) {
        if (fit.tones[i] == TapeFit::kNone || !heard[i].duration_s || !tape.tones[fit.tones[i]].duration_s) {
            continue;
        }
        const double expected_s = *tape.tones[fit.tones[i]].duration_s / fit.nominal_ratio;
        if (std::abs(*heard[i].duration_s - expected_s) > kDurationWithin * expected_s) {
            return true;
        }
    }
    return false;
}

/// Empty when fewer than half of what was heard are tones of this tape at this ratio.
std::optional<TapeFit> fit_at(std::span<const HeardTone> heard, const CalibrationTape& tape,
                              const MachineSetting& machine, double nominal_ratio, bool still_playing) {
    TapeFit fit;
    fit.nominal_ratio = nominal_ratio;
    fit.speed_as_set = std::abs(octaves(nominal_ratio * tape.speed_ips / machine.speed_ips)) < 0.01;
    fit.tones.assign(heard.size(), TapeFit::kNone);
    const std::vector<Group> groups = groups_of(tape);
    const std::vector<std::size_t> group_of = frequencies_fit(heard, groups, fit);
    const auto matched = static_cast<std::size_t>(
        std::count_if(group_of.begin(), group_of.end(), [](std::size_t g) { return g != TapeFit::kNone; }));
    if (matched == 0 || matched * 2 < heard.size()) {
        return std::nullopt;
    }
    const int departures = levels_fit(heard, tape, machine, groups, group_of, fit);
    for (std::size_t i = 0; i < heard.size(); ++i) {
        if (fit.tones[i] == TapeFit::kNone) {
            fit.foreign.push_back(i);
        }
    }
    for (std::size_t tone = 0; tone < tape.tones.size(); ++tone) {
        if (std::find(fit.tones.begin(), fit.tones.end(), tone) == fit.tones.end()) {
            fit.missing.push_back(tone);
        }
    }
    fit.in_order = !tape.order_known || rising(fit.tones);
    fit.penalty = static_cast<double>(fit.missing.size()) * (still_playing ? kMissingYet : kMissing) +
                  static_cast<double>(fit.foreign.size()) * (tape.complete ? kForeign : kForeignOnIncomplete) +
                  (fit.speed_as_set ? 0.0 : kWrongSpeed) + (fit.in_order ? 0.0 : kWrongOrder) +
                  (!still_playing && wrong_duration(heard, tape, fit) ? kWrongDuration : 0.0) +
                  kWrongStandard * departures + kPerDecibel * fit.residual_db;
    return fit;
}

} // namespace

TapeMatch match_calibration_tape(std::span<const HeardTone> heard, std::span<const CalibrationTape> tapes,
                                 const MachineSetting& machine, bool still_playing) {
    TapeMatch match;
    if (heard.empty()) {
        return match;
    }
    for (std::size_t t = 0; t < tapes.size(); ++t) {
        std::optional<TapeFit> best;
        for (int octave = -kMostOctaves; octave <= kMostOctaves && !tapes[t].tones.empty(); ++octave) {
            auto fit = fit_at(heard, tapes[t], machine, std::exp2(octave), still_playing);
            if (fit && (!best || fit->penalty < best->penalty)) {
                best = std::move(fit);
            }
        }
        if (best) {
            best->tape = t;
            match.fits.push_back(std::move(*best));
        }
    }
    std::stable_sort(match.fits.begin(), match.fits.end(),
                     [](const TapeFit& a, const TapeFit& b) { return a.penalty < b.penalty; });
    match.equally_good =
        static_cast<std::size_t>(std::count_if(match.fits.begin(), match.fits.end(), [&](const TapeFit& each) {
            return each.penalty < match.fits.front().penalty + kAlike;
        }));
    return match;
}

} // namespace overbias::tape
