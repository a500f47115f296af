// SPDX-License-Identifier: Apache-2.0
#include "calibration/record/quick_verdict.hpp"

#include "base/figure.hpp"
#include "calibration/procedure/earlier_alignment.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>

namespace overbias::calibration {

namespace {

/// One step of the check, on one track, beside the last alignment's.
struct Compared {
    const ProcedureStep* step = nullptr;
    int channel = 0;
    double change = 0.0; ///< now less then
    bool moved = false;
    std::string date;
};

/// "10 kHz", "1 kHz", "the bias drop" ...
std::string what(const ProcedureStep& step) {
    switch (step.reads) {
    case Reads::Overbias:
        return "the drop past the bias peak";
    case Reads::Timing:
        return "the right track";
    case Reads::Noise:
        return "noise";
    case Reads::Level:
        break;
    }
    return step.frequency_hz < 1000.0 ? figure(step.frequency_hz, 0) + " Hz"
                                      : figure(step.frequency_hz / 1000.0, 0) + " kHz";
}

std::string change_words(const ProcedureStep& step, double change) {
    if (step.reads == Reads::Timing) {
        return figure(std::abs(change), 1) + (change < 0.0 ? " us earlier" : " us later");
    }
    return figure(std::abs(change), 2) + (change < 0.0 ? " dB lower" : " dB higher");
}

/// Short, for a sentence: a tenth of a dB is what can be acted on, unless the change is smaller.
std::string sentence_words(const ProcedureStep& step, double change) {
    if (step.reads == Reads::Timing || std::abs(change) < 0.95) {
        return change_words(step, change);
    }
    return figure(std::abs(change), 1) + (change < 0.0 ? " dB lower" : " dB higher");
}

const Compared* moved_one(const std::vector<Compared>& all, Reads reads, std::string_view id) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Compared& each) {
        return each.moved && each.step->reads == reads && (id.empty() || each.step->id == id);
    });
    return found == all.end() ? nullptr : &*found;
}

/// What such a change is usually due to, and what to do.
std::string advice(const std::vector<Compared>& all) {
    const Compared* bias = moved_one(all, Reads::Overbias, "");
    const Compared* high = moved_one(all, Reads::Level, "record.high");
    const Compared* level = moved_one(all, Reads::Level, "record.level");
    if (bias != nullptr) {
        return std::string("bias has ") + (bias->change < 0.0 ? "fallen" : "risen") +
               " or the tape is another one: align bias";
    }
    if (moved_one(all, Reads::Timing, "") != nullptr) {
        return "a head or a tape guide has moved: align azimuth first";
    }
    if (level != nullptr) {
        return "check the lines, then align";
    }
    if (high != nullptr && high->change < 0.0) {
        return "clean the heads, then align";
    }
    return "align";
}

/// The same on both tracks is said once.
std::string moved_words(const std::vector<Compared>& all) {
    std::string words;
    for (std::size_t n = 0; n < all.size(); ++n) {
        if (!all[n].moved) {
            continue;
        }
        std::string tracks = all[n].channel > 0 ? " of track " + std::to_string(all[n].channel) : "";
        double change = all[n].change;
        const bool alike = n + 1 < all.size() && all[n + 1].moved && all[n + 1].step == all[n].step &&
                           all[n + 1].date == all[n].date &&
                           std::abs(all[n + 1].change - change) <= 0.5 * std::abs(change);
        const std::string date = all[n].date;
        const ProcedureStep& step = *all[n].step;
        if (alike) {
            change = 0.5 * (change + all[n + 1].change);
            tracks = " of both tracks";
            ++n;
        }
        words += (words.empty() ? "" : "; ") + what(step) + tracks + " is " + sentence_words(step, change) +
                 " than on " + date;
    }
    return words;
}

} // namespace

QuickVerdict compare_with_last_alignment(tape::AlignmentRecord& check, const Procedure& procedure,
                                         const tape::AlignmentHistory& history) {
    std::vector<Compared> all;
    for (tape::AlignmentStep& now : check.steps) {
        const auto step = std::find_if(procedure.steps.begin(), procedure.steps.end(),
                                       [&](const ProcedureStep& each) { return each.id == now.id; });
        if (step == procedure.steps.end()) {
            continue;
        }
        const auto then = last_full_value(history, check.key, now.id, now.channel);
        if (!then || then->step.unit != now.unit) {
            now.remark = "no earlier alignment has it";
            continue;
        }
        const double change = now.reading - then->step.reading;
        now.remark = change_words(*step, change) + " than on " + then->date;
        all.push_back({.step = &*step,
                       .channel = now.channel,
                       .change = change,
                       .moved = now.tolerance && !(std::abs(change) <= *now.tolerance),
                       .date = then->date});
    }
    QuickVerdict verdict;
    verdict.compared = !all.empty();
    if (!verdict.compared) {
        verdict.told = "no full alignment of this deck with this head block, speed, equalisation and tape is known: "
                       "there is nothing to compare with";
        return verdict;
    }
    verdict.moved = moved_words(all);
    if (!verdict.moved.empty()) {
        verdict.moved += ": " + advice(all);
    }
    for (const Compared& each : all) {
        if (each.moved) {
            verdict.moved_steps.emplace_back(each.step->id, each.channel);
        }
        verdict.told += (verdict.told.empty() ? "" : "; ") + what(*each.step) +
                        (each.channel > 0 ? " of track " + std::to_string(each.channel) : "") + " " +
                        change_words(*each.step, each.change) + " than on " + each.date;
    }
    return verdict;
}

} // namespace overbias::calibration
