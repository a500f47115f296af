// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/track_judge.hpp"

#include "base/units.hpp"
#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kWindow_s = 5.0;
constexpr std::size_t kDelayFewest = 8; // sure frames for a figure of delay
constexpr double kTrend_s = 10.0;       // of the delay, for a change of speed
constexpr double kUnexpected_db = 10.0;

} // namespace

TrackJudge::TrackJudge(const DropoutSettings& dropouts, double rate_hz)
    : rate_hz_(rate_hz), levels_(kWindow_s, rate_hz), dropouts_(dropouts) {
}

void TrackJudge::begin(const TrackPlan& plan, const LevelReference& reference, const LaneEnergies& noise_hop) {
    plan_ = plan;
    reference_ = reference;
    levels_.begin(plan.first_frame, reference);
    match_.begin();
    silence_.begin();
    dropouts_.begin(plan.first_frame, plan.frames, reference.gain, noise_hop);
}

void TrackJudge::add_frame(std::int64_t frame, const FrameFigures& figures, FrameAnalyser& analyser, DelayTrack& delay,
                           const ClockMap& clocks, double cut) {
    const std::array<bool, 2> clear = levels_.add(frame, figures);
    match_.add(figures, clear);
    delay.update(figures, analyser, clocks, frame + static_cast<std::int64_t>(analyser.frame_size() / 2), cut, clear);
    silence_.add(frame, figures, reference_.noise, reference_.gain);
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
    if (match[0].judged && match[1].judged && match[0].unrelated && match[1].unrelated && facts.recorded_well) {
        result.findings.push_back({"not_off_tape",
                                   "what comes back is not the programme that was sent (correlation " +
                                       figure(match[0].own_correlation, 2) + " and " +
                                       figure(match[1].own_correlation, 2) + ", expected near 1)",
                                   -1});
        return;
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
            result.findings.push_back({"channel_missing",
                                       "the " + channel_name(channel) +
                                           " channel is not in the return: more "
                                           "than 20 dB below what was sent",
                                       channel});
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

void TrackJudge::judge_delay(const PrintFacts& facts, TrackResult& result) const {
    std::vector<double> all;
    std::vector<double> apart;
    std::vector<std::vector<double>> trend;
    for (const auto& seen : facts.delay.observations()) {
        if (seen.reference_frame < plan_.first_frame || seen.reference_frame >= plan_.first_frame + plan_.frames) {
            continue;
        }
        const double at_s = static_cast<double>(seen.reference_frame - plan_.first_frame) / rate_hz_;
        const auto slot = static_cast<std::size_t>(at_s / kTrend_s);
        trend.resize(std::max(trend.size(), slot + 1));
        double sum = 0.0;
        int channels = 0;
        for (int channel = 0; channel < 2; ++channel) {
            if (seen.sure[static_cast<std::size_t>(channel)] > 0.0F) {
                sum += facts.delay.delay_s(seen, channel, facts.clocks);
                ++channels;
            }
        }
        all.push_back(sum / channels);
        trend[slot].push_back(sum / channels);
        if (channels == 2) {
            apart.push_back(facts.delay.delay_s(seen, 1, facts.clocks) - facts.delay.delay_s(seen, 0, facts.clocks));
        }
    }
    result.speed_source = facts.config.calibrated_head_delay_s > 0.0
                              ? "head delay against calibrated delay"
                              : "not known: no head delay is stored from a calibration tape";
    if (apart.size() >= kDelayFewest) {
        // Right behind left by this time turns a phase at 1 kHz.
        result.phase_deg = 360.0 * 1000.0 * *median_of(apart);
        if (std::abs(*result.phase_deg) > facts.config.limits.phase_deg_at_1khz) {
            result.findings.push_back({"phase",
                                       "right against left at 1 kHz: " + figure(*result.phase_deg, 1, true) +
                                           " degrees, limit " + figure(facts.config.limits.phase_deg_at_1khz, 0) +
                                           ": check azimuth",
                                       -1});
        }
    }
    if (all.size() < kDelayFewest) {
        if (facts.config.calibrated_head_delay_s > 0.0) {
            result.speed_source = "not known: not enough programme to follow the delay";
        }
        return;
    }
    const double delay_s = *median_of(all);
    result.delay_ms = delay_s * 1e3;
    if (facts.config.calibrated_head_delay_s > 0.0) {
        result.speed_error_ppm = (facts.config.calibrated_head_delay_s / delay_s - 1.0) * 1e6;
    }
    if (!facts.slate_delay_s) {
        return;
    }
    const auto change_of = [&](double delay) { return (*facts.slate_delay_s / delay - 1.0) * 1e6; };
    double worst = change_of(delay_s);
    double at_s = 0.0;
    for (std::size_t slot = 0; slot < trend.size(); ++slot) {
        if (trend[slot].size() >= 3 * kDelayFewest) {
            if (const double change = change_of(*median_of(trend[slot])); std::abs(change) > std::abs(worst)) {
                worst = change;
                at_s = static_cast<double>(slot) * kTrend_s;
            }
        }
    }
    result.speed_change_ppm = worst;
    if (std::abs(worst) > facts.config.limits.speed_change_ppm) {
        result.findings.push_back({"speed_change",
                                   "tape speed changed by " + figure(worst, 0, true) +
                                       " ppm against the start of the print, from " + clock_time(at_s) +
                                       " of the track on; limit " + figure(facts.config.limits.speed_change_ppm, 0) +
                                       " ppm",
                                   -1});
    }
}

void TrackJudge::judge_dropouts(const PrintFacts& facts, TrackResult& result) const {
    const double metres_per_frame = metres_per_second(facts.config.tape_speed_ips) / rate_hz_;
    result.judged_share = dropouts_.judged_share();
    for (const DropoutEvent& event : dropouts_.events()) {
        // With the wrong programme on a channel every window is a hole: the finding that says so is enough.
        const bool explained = std::any_of(result.findings.begin(), result.findings.end(), [&](const Finding& f) {
            return (f.channel < 0 || f.channel == event.channel) &&
                   (f.reason == "no_signal" || f.reason == "channel_missing" || f.reason == "channels_swapped" ||
                    f.reason == "not_off_tape");
        });
        if (explained) {
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
        d.kind = event.spacing ? "spacing" : "flat";
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
             count == 1 ? first.channel : -1});
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
                 channel});
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
    judge_delay(facts, result);
    judge_dropouts(facts, result);
    judge_silence(facts, result);
    note_quiet(result);
    result.pass = result.findings.empty();
    return result;
}

} // namespace overbias::mastering
