// SPDX-License-Identifier: Apache-2.0
// The end of PrintJudge: what is left is judged, findings of the print as a whole, the verdict.
#include "base/units.hpp"
#include "mastering/comparison/print_judge.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace overbias::mastering {
namespace {

// Most grave first; as off_tape_result.hpp says.
constexpr std::array<std::string_view, 14> kGravity{
    "not_off_tape",      "no_signal",        "channel_missing",   "channels_swapped",   "polarity",
    "not_recorded_well", "level_difference", "level_droop",       "frequency_response", "phase",
    "dropout",           "speed_change",     "unexpected_signal", "not_proven"};

std::size_t gravity(const ReasonWord& reason) {
    return static_cast<std::size_t>(std::find(kGravity.begin(), kGravity.end(), reason) - kGravity.begin());
}

constexpr double kNotWell_db = -6.0;
constexpr double kNotWellHarmonic = 0.1;
constexpr double kMissing_db = -30.0;
constexpr double kNoiseLimit_db = -40.0; // re operating level, unweighted: no erased tape is that loud

} // namespace

void PrintJudge::judge_print(ComparisonResult& result) const {
    if (!proof_.off_tape) {
        result.findings.push_back({proof_.nothing_came ? "no_signal" : "not_off_tape", proof_.text, -1});
    }
    const auto difference = slate_difference_db_;
    const bool well =
        !((difference[0] && *difference[0] < kNotWell_db && (!difference[1] || *difference[1] < kNotWell_db)) ||
          (difference[1] && *difference[1] < kNotWell_db && !difference[0]) ||
          std::max(third_harmonic_[0], third_harmonic_[1]) > kNotWellHarmonic);
    if (!well) {
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
        const double noise_db = whole_noise_dbfs(c);
        if (noise_from_gap_ && proof_.off_tape && noise_db > evidence_.operating_dbfs + kNoiseLimit_db) {
            result.findings.push_back({"unexpected_signal",
                                       "the return is at " + figure(noise_db, 1) + " dBFS in the gap on the " +
                                           channel_name(channel) + " channel, expected tape noise below " +
                                           figure(evidence_.operating_dbfs + kNoiseLimit_db, 1) +
                                           " dBFS: tape not erased, or hum",
                                       channel});
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
    double longest_s = 0.0;
    std::string reason;
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
        if (const double length_s = stretches.back().to_s - stretches.back().from_s; length_s > longest_s) {
            longest_s = length_s;
            reason = e.reason;
        }
    }
    if (longest_s > config_.limits.not_proven_s) {
        result.findings.push_back({"not_proven",
                                   "a stretch of " + figure(longest_s, 2) + " s is not proven: " + reason + "; limit " +
                                       figure(config_.limits.not_proven_s, 2) + " s",
                                   -1});
    }
    result.not_proven.insert(result.not_proven.begin(), stretches.begin(), stretches.end());
    result.pass = result.findings.empty();
}

ComparisonResult PrintJudge::finish() {
    advance(true);
    update_proof();
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
    result.slate.found = slate_lag_.has_value();
    for (std::size_t c = 0; c < 2; ++c) {
        if (slate_[c].onset_found && result.slate.onset_return_frame < 0) {
            result.slate.onset_return_frame = static_cast<std::int64_t>(std::llround(slate_[c].onset_return_frame));
            result.slate.frequency_hz = slate_[c].came_cycles_per_frame * clocks_.tape_return.rate_hz();
        }
        if (slate_[c].present && slate_sums_.frames > 0) {
            result.slate.level_dbfs[c] = power_db(std::max(1e-20, 2.0 * slate_sums_.came[c] / slate_sums_.frames));
            result.slate.level_difference_db[c] = slate_difference_db_[c];
        }
        if (noise_hop_[2 * dsp::kWholeBand + c] > 0.0F) {
            result.noise_dbfs[c] = whole_noise_dbfs(c);
        }
    }
    if (slate_lag_) {
        result.slate.delay_ms = delay_.delay_s(*slate_lag_, clocks_) * 1e3;
    }
    judge_print(result);
    result.pass = result.findings.empty() && result.slate.found;
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
