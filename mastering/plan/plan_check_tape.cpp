// SPDX-License-Identifier: Apache-2.0
// A plan on the tape: what each side leaves of it, sides split at track boundaries where they do not fit, and before
// which tracks a print could go on.
#include "base/figure.hpp"
#include "base/toml/message_text.hpp"
#include "base/units.hpp"
#include "mastering/plan/plan_check_parts.hpp"
#include "mastering/plan/side_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace overbias::mastering {

namespace {

std::string minutes(double value_s) {
    std::array<char, 32> text{};
    const auto whole = static_cast<long>(std::ceil(std::max(0.0, value_s - 0.001)));
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
    return text.data();
}

/// "12:34 (287.3 m)"
std::string length_words(double time_s, double length_m) {
    return minutes(time_s) + " (" + figure(std::max(0.0, length_m), 1) + " m)";
}

class TapeCheck {
  public:
    TapeCheck(PlanCheck& check, const PlanCheckContext& context)
        : check_(check), places_(context, check.files), context_(context) {}

    void run() {
        double tape_end_m = 0.0; // to where this tape is printed on
        for (std::size_t s = 0; s < check_.plan.sides.size(); ++s) {
            if (check_.plan.sides[s].new_tape) {
                tape_end_m = 0.0;
            }
            PlanSideCheck side = places_.place(check_.plan, s, tape_end_m);
            if (side.laid_out && !side.fits()) {
                if (check_.plan.split_sides && split(s, tape_end_m)) {
                    side = places_.place(check_.plan, s, check_.plan.sides[s].new_tape ? 0.0 : tape_end_m);
                } else {
                    refuse_length(s, side);
                }
            }
            check_start(s, side, tape_end_m);
            tell_resumable(s, side);
            tape_end_m = side.end_m;
            check_.sides.push_back(std::move(side));
        }
    }

  private:
    PlanFinding finding(std::size_t s, const char* kind, std::string words, int track = -1) const {
        PlanFinding said;
        said.kind = kind;
        said.side = check_.plan.sides[s].name;
        said.track = track;
        said.words = std::move(words);
        return said;
    }

    /// Makes side `s` as long as the tape allows and puts the rest on a side of its own after it. False: not even its
    /// first track fits.
    bool split(std::size_t s, double tape_end_m) {
        PlanSide& whole = check_.plan.sides[s];
        for (std::size_t keep = whole.tracks.size(); keep-- > 1;) {
            ReelPlan trial = check_.plan;
            trial.sides[s].tracks.resize(keep);
            if (places_.place(trial, s, tape_end_m).fits()) {
                PlanSide rest;
                rest.name = free_name(whole.name);
                rest.new_tape = true;
                rest.tracks.assign(whole.tracks.begin() + static_cast<std::ptrdiff_t>(keep), whole.tracks.end());
                whole.tracks.resize(keep);
                check_.notes.push_back(finding(s, "split",
                                               "side " + whole.name + " does not fit; it goes on as side " + rest.name +
                                                   " on another reel with \"" + rest.tracks.front().name() + "\""));
                check_.plan.sides.insert(check_.plan.sides.begin() + static_cast<std::ptrdiff_t>(s) + 1,
                                         std::move(rest));
                return true;
            }
        }
        if (whole.new_tape) {
            return false;
        }
        // Nothing of it fits behind the side before: a tape of its own.
        ReelPlan trial = check_.plan;
        trial.sides[s].new_tape = true;
        trial.sides[s].start_m.reset();
        trial.sides[s].gap.reset();
        std::swap(trial, check_.plan);
        check_.notes.push_back(finding(s, "split",
                                       "side " + check_.plan.sides[s].name +
                                           " does not fit behind the one before; it goes on another reel"));
        return places_.place(check_.plan, s, 0.0).fits() || split(s, 0.0);
    }

    /// "A-2", or the first after it that no side has.
    std::string free_name(const std::string& name) const {
        const std::size_t dash = name.rfind('-');
        const bool numbered = dash != std::string::npos && dash + 1 < name.size() &&
                              name.find_first_not_of("0123456789", dash + 1) == std::string::npos;
        const std::string base = numbered ? name.substr(0, dash) : name;
        for (int part = 2;; ++part) {
            std::string next = base + "-" + std::to_string(part);
            if (std::ranges::find(check_.plan.sides, next, &PlanSide::name) == check_.plan.sides.end()) {
                return next;
            }
        }
    }

    void refuse_length(std::size_t s, const PlanSideCheck& side) {
        const PlanTape& tape = check_.plan.tape;
        const std::string holds = "the tape holds " + length_words(side.usable_s, side.usable_m) + " of its " +
                                  figure(tape.length_m, 1) + " m from where it begins, less tail leader and spare";
        const std::string at = " at " + number_text(tape.speed_ips) + " ips";
        // A track that does not fit on a reel by itself is not helped by splitting.
        for (std::size_t t = 0; t < check_.plan.sides[s].tracks.size(); ++t) {
            ReelPlan trial = check_.plan;
            trial.sides[s].tracks = {check_.plan.sides[s].tracks[t]};
            trial.sides[s].new_tape = true;
            trial.sides[s].start_m.reset();
            const PlanSideCheck alone = places_.place(trial, s, 0.0);
            if (!alone.fits()) {
                check_.refusals.push_back(finding(
                    s, "track_too_long",
                    "alone with its slate it needs " + length_words(alone.duration_s, alone.usable_m - alone.left_m) +
                        at + ", and a reel holds " + length_words(alone.usable_s, alone.usable_m) +
                        "; use a longer reel or a lower speed",
                    static_cast<int>(t)));
                return;
            }
        }
        PlanFinding too_long =
            finding(s, "too_long",
                    "needs " + length_words(side.duration_s, side.usable_m - side.left_m) + at + ", and " + holds +
                        "; use a longer reel or a lower speed, move tracks to another side, or let it be split "
                        "(split_sides, --split)");
        too_long.at_s = side.duration_s;
        check_.refusals.push_back(std::move(too_long));
    }

    /// Not on the leader, and not on what is printed already.
    void check_start(std::size_t s, const PlanSideCheck& side, double tape_end_m) {
        const PlanTape& tape = check_.plan.tape;
        const double record_from_m = side.end_m - side.duration_s * metres_per_second(tape.speed_ips);
        if (!check_.plan.sides[s].start_m) {
            return;
        }
        if (!check_.plan.sides[s].new_tape && record_from_m < tape_end_m) {
            check_.refusals.push_back(
                finding(s, "sides_overlap",
                        "would be recorded from " + figure(record_from_m, 2) + " m, and the side before ends at " +
                            figure(tape_end_m, 2) +
                            " m on the same tape: it would be erased; begin later, or leave start_m out"));
        } else if (const double leader_m = tape.head_leader.metres(tape.speed_ips); record_from_m < leader_m) {
            check_.refusals.push_back(finding(s, "start_on_leader",
                                              "would be recorded from " + figure(record_from_m, 2) +
                                                  " m, and the head leader reaches to " + figure(leader_m, 2) +
                                                  " m: begin later, or leave start_m out"));
        }
    }

    /// A warning and no refusal: a side without a pause can be printed and proven, only not gone on with.
    void tell_resumable(std::size_t s, const PlanSideCheck& side) {
        const std::optional<double> least_s = places_.least_gap_s(check_.plan);
        if (side.tracks.size() < 2 || !context_.deck) {
            return;
        }
        if (!least_s) {
            check_.warnings.push_back(finding(
                s, "not_resumable",
                "a print that is stopped can't go on at a track: the distance of the erase head from the record "
                "head is not known (head_block.erase_to_record_mm of the deck's profile)"));
            return;
        }
        std::string short_ones;
        for (const PlanTrackPlace& place : side.tracks) {
            if (place.track > 0 && !place.resumable) {
                short_ones += (short_ones.empty() ? "" : ", ") + std::to_string(place.track + 1);
            }
        }
        if (short_ones.empty()) {
            return;
        }
        const bool none = std::ranges::none_of(side.tracks, &PlanTrackPlace::resumable);
        PlanFinding said =
            finding(s, "not_resumable",
                    none ? "a print of this side that is stopped has to be begun anew: no gap in it is longer than " +
                               figure(*least_s, 2) + " s"
                         : "a print that is stopped can't go on before track " + short_ones + ": the gap there is " +
                               figure(*least_s, 2) + " s or less");
        said.basis = "erase head to record head / speed + uncertainty of the place + 0.3 s";
        check_.warnings.push_back(std::move(said));
    }

    PlanCheck& check_;
    SidePlaces places_;
    const PlanCheckContext& context_;
};

} // namespace

void check_tape(PlanCheck& check, const PlanCheckContext& context) {
    TapeCheck(check, context).run();
}

} // namespace overbias::mastering
