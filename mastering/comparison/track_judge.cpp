// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/track_judge.hpp"

#include "base/units.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kUnexpected_db = 10.0;
constexpr double kAstray = 0.6;
constexpr double kBeside_s = 0.02; // a missing stretch: what is told at its edges belongs to it
constexpr double kLongestDropout_s = 0.05;
constexpr double kDisturbed_s = 2.0; // and what is only told near it rests on a ratio that it has disturbed

} // namespace

TrackJudge::TrackJudge(const DropoutSettings& dropouts, const FrameAnalyser& analyser, double missing_s)
    : rate_hz_(analyser.rate_hz()), frame_s_(static_cast<double>(analyser.frame_size()) / analyser.rate_hz()),
      levels_(rate_hz_), trace_(rate_hz_, dropouts.hop_frames), close_up_(rate_hz_, analyser.frame_size()),
      dropouts_(dropouts),
      missing_(rate_hz_, static_cast<std::int64_t>(analyser.frame_size()), dropouts.hop_frames, missing_s),
      spectrum_(analyser) {
}

void TrackJudge::begin(const TrackPlan& plan, const LevelReference& reference, const LaneEnergies& noise_hop) {
    plan_ = plan;
    reference_ = reference;
    levels_.begin(plan.first_frame, reference);
    trace_.begin(plan.first_frame, reference.gain, noise_hop);
    close_up_.begin();
    match_.begin();
    silence_.begin();
    dropouts_.begin(plan.first_frame, plan.frames, reference.gain, noise_hop);
    missing_.begin(plan.first_frame, reference.gain, noise_hop);
    spectrum_.begin(reference);
    held_.any = false;
}

void TrackJudge::add_frame(std::int64_t frame, const FrameFigures& figures, FrameAnalyser& analyser, DelayTrack& delay,
                           const ClockMap& clocks, double cut, const Streams& streams) {
    std::array<FrameUse, 2> use = frame_use(figures, reference_);
    const std::array<bool, 2> clear{use[0].clear, use[1].clear};
    match_.add(figures, clear);
    silence_.add(frame, figures, reference_.noise, reference_.gain);
    const std::array<bool, 2> gone =
        missing_.add(frame, figures, use, streams.sent, streams.came, clocks, {delay.lag(0), delay.lag(1)});
    measure_held(gone);
    for (std::size_t c = 0; c < 2; ++c) {
        use[c].fallen = gone[c];
        held_.after_missing[c] = held_.any && held_.use[c].fallen;
        const bool sure = std::abs(figures.delay[c].correlation) > 0.5;
        held_.behind[c] = sure ? figures.delay[c].samples : delay.expected(static_cast<int>(c)) - cut;
    }
    held_.any = true;
    held_.frame = frame;
    held_.figures = figures;
    held_.use = use;
    delay.update(figures, analyser, clocks, frame + static_cast<std::int64_t>(analyser.frame_size() / 2), cut, clear);
    trace_.add(frame, frame + static_cast<std::int64_t>(analyser.frame_size()), streams.sent, streams.came, clocks,
               {delay.lag(0), delay.lag(1)});
    close_up_.add(frame, delay, clocks, {streams.sent_frames, streams.came_frames});
}

void TrackJudge::measure_held(const std::array<bool, 2>& before_missing) {
    if (!held_.any) {
        return;
    }
    std::array<FrameUse, 2> use = held_.use;
    for (std::size_t c = 0; c < 2; ++c) {
        // A clear programme that is not found at its delay is another one.
        const bool astray = use[c].clear && std::abs(held_.figures.delay[c].correlation) < kAstray;
        use[c].measured = !(use[c].fallen || before_missing[c] || held_.after_missing[c] || astray);
    }
    levels_.add(held_.frame, held_.figures, use);
    spectrum_.add(held_.figures, use, held_.behind);
}

void TrackJudge::end() {
    measure_held({false, false});
    held_.any = false;
    missing_.finish();
}

std::optional<double> TrackJudge::first_missing_s(int channel) const {
    std::optional<double> first_s;
    for (const MissingStretch& stretch : missing_.stretches()) {
        const double from_s = static_cast<double>(stretch.from - plan_.first_frame) / rate_hz_;
        if (stretch.channel == channel && (!first_s || from_s < *first_s)) {
            first_s = from_s;
        }
    }
    return first_s;
}

/// The programme was found at its delay in most frames that could tell, if only by its lows: its time is shaken too
/// fast for a correlation over the track, but it is there.
bool TrackJudge::followed(const PrintFacts& facts, std::int64_t frames) const {
    const auto& seen = facts.delay.observations();
    const auto found = std::count_if(seen.begin(), seen.end(), [&](const auto& each) {
        return each.reference_frame >= plan_.first_frame && each.reference_frame < plan_.first_frame + plan_.frames;
    });
    return 2 * found > frames;
}

void TrackJudge::judge_presence(const PrintFacts& facts, TrackResult& result) const {
    std::array<bool, 2> missing{};
    std::array<bool, 2> sent{};
    for (int channel = 0; channel < 2; ++channel) {
        const std::int64_t frames = levels_.frames_with_programme(channel);
        sent[static_cast<std::size_t>(channel)] = frames >= 6;
        missing[static_cast<std::size_t>(channel)] = frames >= 6 && levels_.frames_missing(channel) * 2 > frames;
    }
    const bool both = (missing[0] || !sent[0]) && (missing[1] || !sent[1]) && (missing[0] || missing[1]);
    const std::array<ChannelMatch, 2> match{match_.result(0), match_.result(1)};
    if (both && facts.recorded_well) {
        result.findings.push_back({"no_signal",
                                   "the programme is not in the return: expected it at about the slate's level, "
                                   "more than 20 dB lower on every channel",
                                   -1});
        return;
    }
    if (!followed(facts, std::max(match[0].frames, match[1].frames)) && match[0].judged && match[1].judged &&
        match[0].unrelated && match[1].unrelated && facts.recorded_well) {
        result.findings.push_back({"not_off_tape",
                                   "what comes back is not the programme that was sent (correlation " +
                                       figure(match[0].own_correlation, 2) + " and " +
                                       figure(match[1].own_correlation, 2) + ", expected near 1)",
                                   -1});
        return;
    }
    if (facts.input_from) {
        const double from_s = static_cast<double>(*facts.input_from - plan_.first_frame) / rate_hz_;
        result.findings.push_back({"not_off_tape",
                                   "from " + clock_time_ms(from_s) +
                                       " of the track on the return is the deck's input, not the tape: monitor "
                                       "switched to input or sync",
                                   -1, std::max(0.0, from_s)});
    }
    if (exchanged(match[0], match[1])) {
        result.findings.push_back({"channels_swapped",
                                   "left and right are exchanged: each returned channel carries the other "
                                   "one's programme; exchange the cables of record or return",
                                   -1});
    }
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        if (missing[c] && !both) {
            Finding finding{"channel_missing",
                            "the " + channel_name(channel) +
                                " channel is not in the return: more "
                                "than 20 dB below what was sent",
                            channel};
            finding.from_s = first_missing_s(channel);
            result.findings.push_back(finding);
        } else if (match[c].judged && match[c].swapped && !match[1 - c].swapped && sent[c]) {
            result.findings.push_back({"channels_swapped",
                                       "the returned " + channel_name(channel) + " channel carries the " +
                                           channel_name(1 - channel) + " one's programme",
                                       channel});
        }
        if (match[c].judged && match[c].inverted && !missing[c]) {
            result.findings.push_back(
                {"polarity",
                 "the " + channel_name(channel) +
                     " channel comes back with opposite polarity "
                     "(correlation " +
                     figure(match[c].swapped ? match[c].other_correlation : match[c].own_correlation, 2) + ")",
                 channel});
        }
    }
}

/// Where the return falls away for longer than any drop-out but something still comes: bias or the record head failed.
std::vector<MissingStretch> TrackJudge::long_holes(double least_s) const {
    std::vector<MissingStretch> holes;
    for (int channel = 0; channel < 2; ++channel) {
        std::vector<std::array<double, 2>> falls;
        for (const DropoutEvent& event : dropouts_.events()) {
            if (event.channel == channel && event.over_limit && event.length_s > kLongestDropout_s) {
                falls.push_back({event.start_frame, event.start_frame + event.length_s * rate_hz_});
            }
        }
        std::sort(falls.begin(), falls.end());
        for (std::size_t first = 0, next = 0; first < falls.size(); first = next) {
            double to = falls[first][1];
            double down = to - falls[first][0];
            for (next = first + 1; next < falls.size() && falls[next][0] - to < least_s * rate_hz_; ++next) {
                to = std::max(to, falls[next][1]);
                down += falls[next][1] - falls[next][0];
            }
            if (down >= least_s * rate_hz_) {
                holes.push_back({channel, static_cast<std::int64_t>(falls[first][0]), static_cast<std::int64_t>(to)});
            }
        }
    }
    return holes;
}

/// What is missing, and long holes that are not part of it.
std::vector<MissingStretch> TrackJudge::all_missing(double least_s) const {
    std::vector<MissingStretch> all = missing_.stretches();
    const std::size_t seen = all.size();
    for (const MissingStretch& hole : long_holes(least_s)) {
        const bool known =
            std::any_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seen), [&](const MissingStretch& other) {
                return other.channel == hole.channel && other.from < hole.to && other.to > hole.from;
            });
        if (!known) {
            all.push_back(hole);
        }
    }
    return all;
}

void TrackJudge::judge_dropouts(const PrintFacts& facts, TrackResult& result) const {
    const double metres_per_frame = metres_per_second(facts.config.tape_speed_ips) / rate_hz_;
    result.judged_share = dropouts_.judged_share();
    const std::vector<MissingStretch> gone = all_missing(facts.config.limits.missing_s);
    for (const DropoutEvent& event : dropouts_.events()) {
        // With the wrong programme on a channel every window is a hole: the finding that says so is enough.
        const bool explained = std::any_of(result.findings.begin(), result.findings.end(), [&](const Finding& f) {
            return (f.channel < 0 || f.channel == event.channel) &&
                   (f.reason == "no_signal" || f.reason == "channel_missing" || f.reason == "channels_swapped" ||
                    f.reason == "not_off_tape");
        });
        const double beside = (event.over_limit ? kBeside_s : kDisturbed_s) * rate_hz_;
        const bool within = std::any_of(gone.begin(), gone.end(), [&](const auto& m) {
            return m.channel == event.channel && event.start_frame < static_cast<double>(m.to) + beside &&
                   event.start_frame + event.length_s * rate_hz_ > static_cast<double>(m.from) - beside;
        });
        if (explained || within) {
            continue;
        }
        Dropout d;
        const double from_slate = event.start_frame - static_cast<double>(facts.slate_frame);
        d.tape_m = from_slate * metres_per_frame;
        d.tape_time_s = from_slate / rate_hz_;
        d.programme_time_s = (event.start_frame - static_cast<double>(plan_.first_frame)) / rate_hz_;
        d.channel = event.channel;
        d.length_ms = event.length_s * 1e3;
        d.depth_db = event.depth_db;
        d.kind = !event.kind_known ? "unknown" : event.spacing ? "spacing" : "flat";
        d.over_limit = event.over_limit;
        result.dropouts.push_back(d);
    }
    std::sort(result.dropouts.begin(), result.dropouts.end(),
              [](const Dropout& a, const Dropout& b) { return a.programme_time_s < b.programme_time_s; });
    const auto fails = [](const Dropout& d) { return d.over_limit; };
    const auto count = std::count_if(result.dropouts.begin(), result.dropouts.end(), fails);
    if (count > 0) {
        const Dropout& first = *std::find_if(result.dropouts.begin(), result.dropouts.end(), fails);
        result.findings.push_back(
            {"dropout",
             std::to_string(count) + (count == 1 ? " drop-out" : " drop-outs") + ", the first at " +
                 clock_time(first.programme_time_s) + " of the track, " + figure(first.tape_m, 3) +
                 " m from the slate, " + channel_name(first.channel) + ", " + figure(first.length_ms, 1) + " ms, " +
                 figure(first.depth_db, 1) + " dB (" + first.kind + "); limit " +
                 figure(facts.config.limits.dropout_depth_db, 1) + " dB for " +
                 figure(facts.config.limits.dropout_length_ms, 1) + " ms",
             count == 1 ? first.channel : -1, first.programme_time_s, first.programme_time_s + first.length_ms * 1e-3});
    }
}

void TrackJudge::judge_silence(const PrintFacts& facts, TrackResult& result) const {
    for (int channel = 0; channel < 2; ++channel) {
        const auto& worst = silence_.worst(channel);
        if (worst.over_noise_db > kUnexpected_db) {
            result.findings.push_back(
                {"unexpected_signal",
                 "while nothing was sent the " + channel_name(channel) + " return was " +
                     figure(worst.over_noise_db, 1) + " dB over its noise at " + figure(facts.band_hz[worst.band], 0) +
                     " Hz, at " + clock_time(static_cast<double>(worst.frame - plan_.first_frame) / rate_hz_) +
                     " of the track: an old programme is not erased, or hum or another source gets in",
                 channel, static_cast<double>(worst.frame - plan_.first_frame) / rate_hz_, std::nullopt,
                 facts.band_hz[worst.band], facts.band_hz[worst.band]});
        }
    }
}

void TrackJudge::note_quiet(TrackResult& result) const {
    for (const auto& quiet : dropouts_.quiet_stretches()) {
        result.not_proven.push_back({static_cast<double>(quiet[0] - plan_.first_frame) / rate_hz_,
                                     static_cast<double>(quiet[1] - plan_.first_frame) / rate_hz_,
                                     "not enough signal over the tape's noise"});
    }
}

TrackResult TrackJudge::result(const PrintFacts& facts) const {
    TrackResult result;
    result.name = plan_.name;
    const double from_slate_s = static_cast<double>(plan_.first_frame - facts.slate_frame) / rate_hz_;
    result.start_tape_s = from_slate_s;
    result.start_tape_m = from_slate_s * metres_per_second(facts.config.tape_speed_ips);
    judge_presence(facts, result);
    judge_levels(facts, result);
    judge_response(facts, result);
    judge_missing(facts, result);
    const std::vector<DelayPoint> points = delay_points(facts);
    judge_delay(facts, result, points);
    judge_azimuth(facts, result, points);
    judge_wow(facts, result, points);
    judge_speed_change(facts, result, points);
    judge_dropouts(facts, result);
    judge_silence(facts, result);
    note_quiet(result);
    add_seconds(facts, result, points);
    add_figures(facts, result);
    result.pass = result.findings.empty();
    return result;
}

} // namespace overbias::mastering
