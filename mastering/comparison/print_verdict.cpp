// SPDX-License-Identifier: Apache-2.0
// The end of PrintJudge: what is left is judged, findings of the print as a whole, the verdict.
#include "base/units.hpp"
#include "mastering/comparison/print_judge.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kNotWell_db = -6.0;
constexpr double kNotWellHarmonic = 0.1;
constexpr double kMissing_db = -30.0;
constexpr double kNoiseLimit_db = -40.0; // re operating level, unweighted: no erased tape is that loud
constexpr double kHumBand = 1.13;        // half a third octave
constexpr double kHumLeak_hz = 24.0;     // two bins of a frame of 85 ms: a Hann window spreads a line so far

/// The loudest line of the mains in a gap that the side's first gap did not have: above all of that gap's noise, and
/// `rise_db` over what it had of that line.
const HumLine* new_hum(const GapResult& gap, const GapResult& first, std::size_t c, double rise_db) {
    const HumLine* loudest = nullptr;
    for (const HumLine& line : gap.hum) {
        const auto before = std::find_if(first.hum.begin(), first.hum.end(), [&](const HumLine& other) {
            return std::abs(other.frequency_hz - line.frequency_hz) < 0.5;
        });
        const double known_db = before != first.hum.end() ? before->dbfs[c] : -200.0;
        if (line.dbfs[c] > first.noise_dbfs[c].value_or(0.0) && line.dbfs[c] > known_db + rise_db &&
            (loudest == nullptr || line.dbfs[c] > loudest->dbfs[c])) {
            loudest = &line;
        }
    }
    return loudest;
}

/// Hum beside a programme reads as a response that rises there: it is no response.
void rename_response(TrackResult& track, int channel, const GapResult& gap, double first_db) {
    const auto c = static_cast<std::size_t>(channel);
    for (Finding& finding : track.findings) {
        if (finding.reason != "frequency_response" || finding.channel != channel || !finding.from_hz ||
            !finding.to_hz) {
            continue;
        }
        const auto& bands = track.third_octave_difference_db[c];
        bool rises = true;
        for (std::size_t b = 0; b < bands.size(); ++b) {
            const bool off = track.third_octave_hz[b] >= *finding.from_hz && track.third_octave_hz[b] <= *finding.to_hz;
            rises = rises && (!off || bands[b].value_or(0.0) > 0.0);
        }
        const bool there = std::any_of(gap.hum.begin(), gap.hum.end(), [&](const HumLine& line) {
            return line.dbfs[c] > first_db && line.frequency_hz > *finding.from_hz / kHumBand - kHumLeak_hz &&
                   line.frequency_hz < *finding.to_hz * kHumBand + kHumLeak_hz;
        });
        if (rises && there) {
            finding.reason = "unexpected_signal";
            finding.text += "; hum of the same frequency stands in the gap at " + figure(gap.start_tape_s, 1) + " s";
        }
    }
}

} // namespace

void PrintJudge::judge_print(ComparisonResult& result) const {
    if (!proof_.off_tape) {
        result.findings.push_back({proof_.nothing_came ? "no_signal" : "not_off_tape", proof_.text, -1});
    }
    if (slate_sums_.frames > 0 || (with_slate_ && !from_programme_)) {
        judge_slate(result);
    }
    for (const ToneResult& tone : tones_) {
        if (tone.frequency_hz && !tone.found) {
            result.findings.push_back({"missing",
                                       "the tone of " + figure(*tone.frequency_hz, 0) + " Hz at " +
                                           figure(tone.start_tape_s, 1) + " s is not in the return",
                                       -1});
        }
    }
    for (const VoiceResult& voice : voices_) {
        if (voice.there && !*voice.there) {
            result.findings.push_back(
                {"missing", "the spoken slate at " + figure(voice.start_tape_s, 1) + " s is not in the return", -1});
        }
    }
    judge_noise(result);
}

void PrintJudge::judge_slate(ComparisonResult& result) const {
    const auto difference = slate_difference_db_;
    const bool well =
        !((difference[0] && *difference[0] < kNotWell_db && (!difference[1] || *difference[1] < kNotWell_db)) ||
          (difference[1] && *difference[1] < kNotWell_db && !difference[0]) ||
          std::max(third_harmonic_[0], third_harmonic_[1]) > kNotWellHarmonic);
    // What is not the tape's says nothing of how it was recorded.
    if (!well && !proof_.direct) {
        const std::size_t worst = third_harmonic_[1] > third_harmonic_[0] ? 1 : 0;
        result.findings.push_back({"not_recorded_well",
                                   "the slate comes back at " + figure(difference[worst].value_or(-99.0), 1, true) +
                                       " dB re operating level with " + figure(third_harmonic_[worst] * 100.0, 1) +
                                       " % third harmonic, expected about 0 dB and below 1 %: check bias, record "
                                       "level and the record head",
                                   -1});
    }
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const bool other_present = slate_[1 - c].present;
        if (slate_[c].sent && other_present &&
            (!slate_[c].present || (difference[c] && *difference[c] < kMissing_db))) {
            result.findings.push_back({"channel_missing",
                                       "the slate is not in the return on the " + channel_name(channel) +
                                           " channel: expected " + figure(config_.capture_dbfs_at_operating_level, 1) +
                                           " dBFS",
                                       channel});
            continue;
        }
        if (slate_[c].onset_found && slate_[c].inverted) {
            result.findings.push_back(
                {"polarity", "the slate comes back with opposite polarity on the " + channel_name(channel) + " channel",
                 channel});
        }
        if (well && difference[c] && std::abs(*difference[c]) > config_.limits.level_difference_db) {
            result.findings.push_back({"level_difference",
                                       "the slate is " + figure(*difference[c], 2, true) +
                                           " dB re operating level on the " + channel_name(channel) +
                                           " channel, limit +-" + figure(config_.limits.level_difference_db, 2) + " dB",
                                       channel});
        }
    }
}

void PrintJudge::judge_noise(ComparisonResult& result) const {
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        const double noise_db = whole_noise_dbfs(c);
        if (noise_from_gap_ && proof_.off_tape && noise_db > evidence_.operating_dbfs + kNoiseLimit_db) {
            result.findings.push_back({"unexpected_signal",
                                       "the return is at " + figure(noise_db, 1) + " dBFS in the gap on the " +
                                           channel_name(channel) + " channel, expected tape noise below " +
                                           figure(evidence_.operating_dbfs + kNoiseLimit_db, 1) +
                                           " dBFS: tape not erased, or hum",
                                       channel});
        }
        // The first gap after the slate is what others are held against.
        const auto first = std::find_if(gaps_.begin(), gaps_.end(), [](const GapResult& gap) {
            return gap.start_tape_s >= 0.0 && gap.noise_a_dbfs[0];
        });
        for (auto gap = first; gap != gaps_.end(); ++gap) {
            const HumLine* hum = new_hum(*gap, *first, c, config_.limits.noise_rise_db);
            if (gap == first || hum == nullptr) {
                continue;
            }
            result.findings.push_back({"unexpected_signal",
                                       "the gap at " + figure(gap->start_tape_s, 1) + " s holds hum on the " +
                                           channel_name(channel) + " channel, " + figure(hum->dbfs[c], 1) +
                                           " dBFS at " + figure(hum->frequency_hz, 0) +
                                           " Hz, which the side's first gap did not: look for its source",
                                       channel, gap->start_tape_s, gap->start_tape_s + gap->duration_s,
                                       hum->frequency_hz, hum->frequency_hz});
            for (TrackResult& track : result.tracks) {
                rename_response(track, channel, *gap, first->noise_dbfs[c].value_or(0.0));
            }
            break;
        }
        for (auto gap = first; gap != gaps_.end(); ++gap) {
            const double rise_db = gap->noise_a_dbfs[c].value_or(-200.0) - first->noise_a_dbfs[c].value_or(-200.0);
            if (gap != first && rise_db > config_.limits.noise_rise_db) {
                result.findings.push_back({"noise",
                                           "the gap at " + figure(gap->start_tape_s, 1) + " s is " +
                                               figure(rise_db, 1, true) +
                                               " dB (A) noisier than the side's first on the " + channel_name(channel) +
                                               " channel, at " + figure(gap->noise_a_dbfs[c].value_or(-200.0), 1) +
                                               " dBFS; limit " + figure(config_.limits.noise_rise_db, 1) + " dB",
                                           channel, gap->start_tape_s, gap->start_tape_s + gap->duration_s});
                break;
            }
        }
    }
}

double PrintJudge::whole_noise_dbfs(std::size_t channel) const noexcept {
    const double power =
        static_cast<double>(noise_hop_[2 * dsp::kWholeBand + channel]) / static_cast<double>(energy_config_.hop_frames);
    return power_db(std::max(power, 1e-20));
}

/// What was lost is told late (an xrun is known after its frames): holes in it are no drop-outs.
void PrintJudge::tell_losses(TrackResult& result, const TrackPlan& plan) const {
    const auto lost_here = [&](double from_s, double to_s) {
        const auto from = plan.first_frame + static_cast<std::int64_t>(from_s * rate_hz_);
        const auto to = plan.first_frame + static_cast<std::int64_t>(to_s * rate_hz_);
        return excluded(from, to - from + 1);
    };
    std::erase_if(result.dropouts, [&](const Dropout& d) {
        return lost_here(d.programme_time_s, d.programme_time_s + d.length_ms * 1e-3);
    });
    if (std::none_of(result.dropouts.begin(), result.dropouts.end(), [](const Dropout& d) { return d.over_limit; })) {
        std::erase_if(result.findings, [](const Finding& f) { return f.reason == "dropout"; });
    }
    Stretch longest;
    std::vector<Excluded> lost = lost_;
    std::sort(lost.begin(), lost.end(),
              [](const Excluded& a, const Excluded& b) { return a.first_frame < b.first_frame; });
    std::vector<Stretch> stretches;
    for (const Excluded& e : lost) {
        const std::int64_t from = std::max(e.first_frame, plan.first_frame);
        const std::int64_t to = std::min(e.first_frame + e.frames, plan.first_frame + plan.frames);
        if (from >= to) {
            continue;
        }
        const double from_s = static_cast<double>(from - plan.first_frame) / rate_hz_;
        const double to_s = static_cast<double>(to - plan.first_frame) / rate_hz_;
        if (!stretches.empty() && stretches.back().reason == e.reason && from_s <= stretches.back().to_s + 1e-6) {
            stretches.back().to_s = std::max(stretches.back().to_s, to_s);
        } else {
            stretches.push_back({from_s, to_s, e.reason});
        }
        if (stretches.back().to_s - stretches.back().from_s > longest.to_s - longest.from_s) {
            longest = stretches.back();
        }
    }
    if (const double longest_s = longest.to_s - longest.from_s; longest_s > config_.limits.not_proven_s) {
        result.findings.push_back({"not_proven",
                                   "a stretch of " + figure(longest_s, 2) + " s is not proven: " + longest.reason +
                                       "; limit " + figure(config_.limits.not_proven_s, 2) + " s",
                                   -1, longest.from_s, longest.to_s});
    }
    result.not_proven.insert(result.not_proven.begin(), stretches.begin(), stretches.end());
    result.pass = result.findings.empty();
}

ComparisonResult PrintJudge::finish() {
    advance(true);
    update_proof();
    return so_far();
}

ComparisonResult PrintJudge::so_far() const {
    ComparisonResult result;
    result.tracks = results_;
    std::size_t track = 0;
    for (const Section& section : sections_) {
        if (section.kind == SectionKind::Track && track < result.tracks.size()) {
            tell_losses(result.tracks[track++], section.plan);
        }
    }
    result.off_tape = proof_.off_tape;
    result.off_tape_text = proof_.text;
    result.clock_difference_ppm = clocks_.difference_ppm();
    result.slate.found = slate_[0].onset_found || slate_[1].onset_found;
    result.mode = replay_ ? "replay" : "live";
    result.compared_band_hz = {20.0, highest_compared_hz(config_)};
    result.tones = tones_;
    result.voices = voices_;
    result.gaps = gaps_;
    for (std::size_t c = 0; c < 2; ++c) {
        if (slate_[c].onset_found && result.slate.onset_return_frame < 0) {
            result.slate.onset_return_frame = static_cast<std::int64_t>(std::llround(slate_[c].onset_return_frame));
            result.slate.frequency_hz = slate_[c].came_cycles_per_frame * clocks_.tape_return.rate_hz();
        }
        if (slate_[c].present && slate_sums_.frames > 0) {
            result.slate.level_dbfs[c] = power_db(std::max(1e-20, 2.0 * slate_sums_.came[c] / slate_sums_.frames));
            result.slate.level_difference_db[c] = slate_difference_db_[c];
            result.slate.third_harmonic[c] = third_harmonic_[c];
        }
        if (noise_hop_[2 * dsp::kWholeBand + c] > 0.0F) {
            result.noise_dbfs[c] = whole_noise_dbfs(c);
        }
    }
    if (slate_lag_ && with_slate_ && !from_programme_) {
        result.slate.delay_ms = delay_.delay_s(*slate_lag_, clocks_) * 1e3;
    }
    if (result.slate.found) {
        result.for_next_run = {result.slate.level_dbfs,
                               result.slate.level_difference_db,
                               result.slate.third_harmonic,
                               {},
                               result.noise_dbfs};
        if (result.slate.delay_ms) {
            result.for_next_run.head_delay_s = *result.slate.delay_ms * 1e-3;
        }
    } else if (config_.earlier) {
        result.for_next_run = *config_.earlier;
    }
    judge_print(result);
    result.pass = result.findings.empty() && (result.slate.found || (from_programme_ && delay_.acquired()));
    std::vector<Finding> all = result.findings;
    for (const TrackResult& each : result.tracks) {
        result.pass = result.pass && each.pass;
        all.insert(all.end(), each.findings.begin(), each.findings.end());
    }
    const auto worst = std::min_element(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
        return gravity(a.reason) < gravity(b.reason);
    });
    if (worst != all.end()) {
        result.reason = worst->reason;
    }
    return result;
}

} // namespace overbias::mastering
