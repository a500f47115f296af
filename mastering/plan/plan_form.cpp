// SPDX-License-Identifier: Apache-2.0
#include "mastering/plan/plan_form.hpp"

#include "base/figure.hpp"
#include "mastering/print_plan.hpp"

#include <string>
#include <utility>

namespace overbias::mastering {

namespace {

// What slate_finder and print_slate can work with (docs/proof.md).
constexpr double kLeastSlate_s = 2.0, kLongestSlate_s = 120.0;
constexpr double kLowestSlate_hz = 400.0, kHighestSlate_hz = 4000.0;
constexpr double kLeastSlate_db = -20.0;
constexpr double kLeastNoiseGap_s = 1.0, kLongestGap_s = 60.0;

class Findings {
  public:
    void add(const char* kind, std::string words) {
        PlanFinding finding;
        finding.kind = kind;
        finding.side = side;
        finding.track = track;
        finding.words = std::move(words);
        all.push_back(std::move(finding));
    }
    std::vector<PlanFinding> all;
    std::string side;
    int track = -1;
};

void first_tone(const SlateTone& tone, Findings& found) {
    if (!(tone.duration_s >= kLeastSlate_s && tone.duration_s <= kLongestSlate_s)) {
        found.add("slate_not_usable",
                  "slate of " + figure(tone.duration_s, 1) +
                      " s: expected 2 to 120 s; the proof needs the slate to find the start and the level");
    }
    if (!(tone.frequency_hz >= kLowestSlate_hz && tone.frequency_hz <= kHighestSlate_hz)) {
        found.add("slate_not_usable", "slate of " + figure(tone.frequency_hz, 0) +
                                          " Hz: expected 400 to 4000 Hz; the proof finds the start by the first tone, "
                                          "so put 1000 Hz first and this one after it");
    }
    if (!(tone.level_re_operating_db >= kLeastSlate_db)) {
        found.add("slate_not_usable", "slate at " + figure(tone.level_re_operating_db, 1) +
                                          " dB re operating level: expected -20 dB or more; below that the proof can't "
                                          "read the level off tape");
    }
}

} // namespace

std::vector<PlanFinding> slate_refusals(const ReelPlan& plan, const PrintInstallation& installation) {
    Findings found;
    const ReelSlate& slate = plan.slate;
    if (slate.tones.empty()) {
        found.add("slate_not_usable", "slate without a tone: the proof needs one to find the start and the level");
        return found.all;
    }
    first_tone(slate.tones.front(), found);
    const double highest_hz = 0.45 * installation.sample_rate_hz;
    for (const SlateTone& tone : slate.tones) {
        const double dbfs = installation.play_dbfs_at_operating_level + tone.level_re_operating_db;
        if (dbfs > 0.0) {
            found.add("tone_over_full_scale",
                      "the slate at " + figure(tone.level_re_operating_db, 2) + " dB re operating level would be " +
                          figure(dbfs, 2) + " dBFS; choose a slate level of " +
                          figure(-installation.play_dbfs_at_operating_level, 2) + " dB or less");
        }
        if (!(tone.frequency_hz >= 20.0 && tone.frequency_hz <= highest_hz)) {
            found.add("tone_not_playable", "a tone of " + figure(tone.frequency_hz, 1) + " Hz: expected 20 to " +
                                               figure(highest_hz, 0) + " Hz at this sample rate");
        }
    }
    const double gap_s = slate.tone_gap.seconds(plan.tape.speed_ips);
    if ((slate.tones.size() > 1 || !slate.voice.empty()) && !(gap_s >= kLeastNoiseGap_s && gap_s <= kLongestGap_s)) {
        found.add("gap_not_usable", "gap between tones of " + figure(gap_s, 1) +
                                        " s: expected 1 to 60 s; the tape's own noise is heard in the first");
    }
    if (!(slate.lead_in_s >= 0.5 && slate.lead_in_s <= 60.0)) {
        found.add("lead_in_not_usable", "lead-in of " + figure(slate.lead_in_s, 1) + " s: expected 0.5 to 60 s");
    }
    if (!(plan.post_roll_s >= 1.0 && plan.post_roll_s <= 600.0)) {
        found.add("post_roll_not_usable",
                  "post-roll of " + figure(plan.post_roll_s, 1) +
                      " s: expected 1 to 600 s; the end of the programme must still pass the reproduce head");
    }
    return found.all;
}

std::vector<PlanFinding> side_refusals(const ReelPlan& plan, std::size_t index) {
    Findings found;
    const PlanSide& side = plan.sides.at(index);
    found.side = side.name;
    if (side.tracks.empty()) {
        found.add("nothing_to_print", "no file was given; name the sound files to print, in order");
    }
    if (side.start_m && !(*side.start_m >= 0.0)) {
        found.add("start_not_usable",
                  "start at " + figure(*side.start_m, 2) + " m: expected 0 or more (counter metres)");
    }
    for (std::size_t t = 0; t < side.tracks.size(); ++t) {
        found.track = static_cast<int>(t);
        const double gap_s = plan.gap_before(index, t).seconds(plan.tape.speed_ips);
        const double least_s = t == 0 ? kLeastNoiseGap_s : 0.0;
        if (!(gap_s >= least_s && gap_s <= kLongestGap_s)) {
            found.add("gap_not_usable", "gap of " + figure(gap_s, 1) + " s: expected " + figure(least_s, 0) +
                                            " to 60 s" +
                                            (t == 0 ? "; the tape's own noise is heard in the first gap" : ""));
        }
        if (const double db = side.tracks[t].trim_db; !(db >= -60.0 && db <= 20.0)) {
            found.add("trim_not_usable", "trim of " + figure(db, 2) + " dB: expected -60 to 20 dB");
        }
    }
    return found.all;
}

} // namespace overbias::mastering
