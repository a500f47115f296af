// SPDX-License-Identifier: Apache-2.0
#include "comparison_tape_model.hpp"

#include "comparison_interpolator.hpp"
#include "comparison_model_parts.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <numbers>
#include <sstream>

namespace comparison_test {
namespace {

using namespace overbias::mastering;

constexpr double kTwoPi = 2.0 * std::numbers::pi;

double amplitude(double db) {
    return std::pow(10.0, db / 20.0);
}

const Interpolator& interpolator() {
    static const Interpolator instance;
    return instance;
}

/// x (27 + x^2) / (27 + 9 x^2) behaves like tanh and has x - 0.296 x^3 near zero. 3 % third harmonic at +10 dB re
/// operating level: 0.296 a^2 A^2 / 4 = 0.03 with A^2 = 10.
constexpr double kDriveAtOperating = 0.2013;

double saturate(double x) {
    const double drive = kDriveAtOperating / amplitude(kOperatingDbfs);
    const double u = std::clamp(x * drive, -3.0, 3.0);
    return u * (27.0 + u * u) / (27.0 + 9.0 * u * u) / drive;
}

/// Without bias small signals hardly leave a trace and large ones are bent.
double without_bias(double x) {
    const double u = x / amplitude(kOperatingDbfs);
    return 0.2 * amplitude(kOperatingDbfs) * u * u * u / (1.0 + u * u);
}

/// A new level is drawn ten times a second, and approached along a raised cosine.
void flutter_treble(double most_db, unsigned seed, int channel, std::vector<float>& tape) {
    Noise random(seed * 31 + 101 + static_cast<unsigned>(channel));
    const double share = 1.0 - std::exp(-kTwoPi * 3000.0 / kModelRate);
    constexpr std::size_t kLeg = 4800;
    constexpr std::size_t kPiece = 48; // a millisecond is one level
    double from_db = 0.0;
    double to_db = 0.0;
    double low = 0.0;
    for (std::size_t n = 0; n < tape.size(); n += kPiece) {
        if (n % kLeg == 0) {
            from_db = to_db;
            to_db = most_db * std::clamp(0.8 * random.next(), -1.0, 1.0);
        }
        const double part = 0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(n % kLeg) / kLeg);
        const double gain = amplitude(from_db + part * (to_db - from_db));
        for (std::size_t k = n; k < std::min(n + kPiece, tape.size()); ++k) {
            const double x = static_cast<double>(tape[k]);
            low += share * (x - low);
            tape[k] = static_cast<float>(low + gain * (x - low));
        }
    }
}

std::vector<float> recorded(const DeckModel& deck, const std::vector<float>& played, int channel,
                            std::int64_t track_from, std::int64_t record_from, const PrintModel& plan) {
    std::vector<float> tape(played.size(), 0.0F);
    const auto c = static_cast<std::size_t>(channel);
    const double k = 35e-6 * kModelRate;
    const double programme_gain = amplitude(deck.programme_gain_db);
    const double droop = amplitude(deck.droop_db);
    const double residue = amplitude(deck.residue_db);
    double before = 0.0;
    double out = 0.0;
    double low = 0.0;
    for (std::size_t n = 0; n < played.size(); ++n) {
        const auto at = static_cast<std::int64_t>(n);
        const auto old = n < plan.old_tape.size() / 2 ? static_cast<double>(plan.old_tape[2 * n + c]) : 0.0;
        if (deck.no_record || at < record_from) {
            tape[n] = static_cast<float>(old);
            continue;
        }
        double x = static_cast<double>(played[n]);
        const double track_s = static_cast<double>(at - track_from) / kModelRate;
        if (at >= track_from - static_cast<std::int64_t>(0.5 * kModelRate)) {
            x *= programme_gain;
        }
        if (track_s >= deck.droop_from_s) {
            x *= droop;
        }
        if (deck.no_bias) {
            x = without_bias(x);
        } else if (deck.saturation) {
            // Record emphasis drives the tape at high frequencies; the reproduce side takes it back.
            const double driven = x + k * (x - before);
            before = x;
            out = (saturate(driven) + k * out) / (1.0 + k);
            x = out;
        }
        if (deck.missing_from_s >= 0.0 && track_s >= deck.missing_from_s &&
            track_s < deck.missing_from_s + deck.missing_s &&
            (deck.missing_channel < 0 || deck.missing_channel == channel)) {
            x = 0.0;
        }
        low += 0.45 * (x - low); // one pole at about 4.6 kHz
        if (track_s >= deck.treble_droop_from_s && deck.treble_droop_db != 0.0) {
            x = low + amplitude(deck.treble_droop_db) * (x - low);
        }
        tape[n] = static_cast<float>(x + residue * old);
    }
    if (deck.hf_flutter_db > 0.0) {
        flutter_treble(deck.hf_flutter_db, deck.seed, channel, tape);
    }
    for (const TapeFault& fault : deck.dropouts) {
        if (fault.channel != channel) {
            continue;
        }
        const auto from = static_cast<std::size_t>(track_from + std::llround(fault.programme_s * kModelRate));
        const auto length = static_cast<std::size_t>(std::llround(fault.length_ms * 1e-3 * kModelRate));
        const std::vector<float> clean = tape;
        for (std::size_t n = from; n < from + length && n + 64 < tape.size(); ++n) {
            if (!fault.spacing) {
                tape[n] = static_cast<float>(static_cast<double>(clean[n]) * amplitude(-fault.depth_db));
                continue;
            }
            // Loss e^(-2 pi b f): a kernel b / (pi (b^2 + t^2)), each tap its integral over one sample.
            const double phase = static_cast<double>(n - from) / static_cast<double>(length);
            const double shape = 0.5 - 0.5 * std::cos(kTwoPi * phase);
            const double b = shape * fault.depth_db / (8.6859 * kTwoPi * 10000.0) * kModelRate;
            if (b < 1e-3) {
                continue;
            }
            double sum = 0.0;
            for (int t = -48; t <= 48; ++t) {
                const double tap = (std::atan((t + 0.5) / b) - std::atan((t - 0.5) / b)) / std::numbers::pi;
                sum += tap * static_cast<double>(clean[static_cast<std::size_t>(static_cast<std::int64_t>(n) + t)]);
            }
            tape[n] = static_cast<float>(sum);
        }
    }
    return tape;
}

} // namespace

ComparisonConfig model_config() {
    ComparisonConfig config;
    config.sample_rate_hz = kModelRate;
    config.tape_speed_ips = 15.0;
    config.record_to_reproduce_m = 0.0350; // the profile's figure, not the deck's own
    config.round_trip_s = 61.37 / kModelRate;
    config.play_dbfs_at_operating_level = kOperatingDbfs;
    config.capture_dbfs_at_operating_level = kOperatingDbfs;
    return config;
}

Printed print_tracks(const DeckModel& deck, const PrintModel& plan, const std::vector<const Stereo*>& tracks,
                     const ComparisonConfig& config,
                     const std::function<void(OffTapeComparison&, std::int64_t)>& before_end) {
    const auto frames = [](double s) { return static_cast<std::int64_t>(std::llround(s * kModelRate)); };
    OffTapeComparison comparison(config);
    // What is played: silence, slate, gap, tracks with gaps between, silence.
    constexpr std::int64_t kFirstPlayed = 7000; // frame numbers do not begin at nought
    std::vector<std::array<std::int64_t, 2>> sections;
    std::int64_t at = frames(plan.lead_s);
    std::array<std::vector<float>, 2> played;
    const std::int64_t slate_from = at;
    comparison.add_section(SectionKind::Gap, "lead-in", kFirstPlayed + frames(plan.record_at_s),
                           slate_from - frames(plan.record_at_s));
    if (plan.slate) {
        comparison.add_section(SectionKind::Slate, "slate", kFirstPlayed + at, frames(plan.slate_s));
        at += frames(plan.slate_s);
    }
    std::vector<std::int64_t> tone_from;
    for (const PrintModel::Tone& tone : plan.tones) {
        tone_from.push_back(at);
        comparison.add_section(SectionKind::Tone, "tone", kFirstPlayed + at, frames(tone.duration_s));
        at += frames(tone.duration_s);
    }
    const std::int64_t voice_from = at;
    if (!plan.voice.empty()) {
        comparison.add_section(SectionKind::Voice, "voice", kFirstPlayed + at,
                               static_cast<std::int64_t>(plan.voice.size() / 2));
        at += static_cast<std::int64_t>(plan.voice.size() / 2);
    }
    std::int64_t first_track = -1;
    std::vector<std::int64_t> track_from;
    for (const Stereo* track : tracks) {
        comparison.add_section(SectionKind::Gap, "gap", kFirstPlayed + at, frames(plan.gap_s));
        at += frames(plan.gap_s);
        first_track = first_track < 0 ? at : first_track;
        track_from.push_back(at);
        comparison.add_section(SectionKind::Track, "track " + std::to_string(track_from.size()), kFirstPlayed + at,
                               static_cast<std::int64_t>(track->size() / 2));
        at += static_cast<std::int64_t>(track->size() / 2);
    }
    const std::int64_t total = at + frames(plan.post_s);
    for (std::size_t c = 0; c < 2; ++c) {
        played[c].assign(static_cast<std::size_t>(total), 0.0F);
        for (std::int64_t n = 0; plan.slate && n < frames(plan.slate_s); ++n) {
            played[c][static_cast<std::size_t>(slate_from + n)] = static_cast<float>(
                amplitude(kOperatingDbfs) * std::sin(kTwoPi * 1000.0 * static_cast<double>(n) / kModelRate));
        }
        for (std::size_t t = 0; t < plan.tones.size(); ++t) {
            const PrintModel::Tone& tone = plan.tones[t];
            for (std::int64_t n = 0; n < frames(tone.duration_s); ++n) {
                played[c][static_cast<std::size_t>(tone_from[t] + n)] =
                    static_cast<float>(amplitude(kOperatingDbfs + tone.level_db) *
                                       std::sin(kTwoPi * tone.hz * static_cast<double>(n) / kModelRate));
            }
        }
        for (std::size_t n = 0; n < plan.voice.size() / 2; ++n) {
            played[c][static_cast<std::size_t>(voice_from) + n] = plan.voice[2 * n + c];
        }
        for (std::size_t t = 0; t < tracks.size(); ++t) {
            for (std::size_t n = 0; n < tracks[t]->size() / 2; ++n) {
                played[c][static_cast<std::size_t>(track_from[t]) + n] = (*tracks[t])[2 * n + c];
            }
        }
    }
    std::array<std::vector<float>, 2> tape;
    for (int c = 0; c < 2; ++c) {
        tape[static_cast<std::size_t>(c)] =
            recorded(deck, played[static_cast<std::size_t>(c)], c, first_track, frames(plan.record_at_s), plan);
    }
    // Reproduce. Time 0 is when playback frame 0 of the model leaves the converter.
    const double play_rate = kModelRate * (1.0 + deck.play_ppm * 1e-6);
    const double capture_rate = kModelRate * (1.0 + deck.capture_ppm * 1e-6);
    const double speed = deck.speed_ips * 0.0254 * (1.0 + deck.speed_error);
    const double change_at = static_cast<double>(first_track) / kModelRate + deck.speed_change_from_s;
    const double late_wow_at = static_cast<double>(first_track) / kModelRate + deck.late_wow_from_s;
    const auto late_swing = [&](double t) {
        const double turn = kTwoPi * deck.late_wow_hz;
        return t < late_wow_at ? 0.0 : deck.late_wow_peak / turn * (1.0 - std::cos(turn * (t - late_wow_at)));
    };
    const auto wobble = [&](double t) {
        const double phase = 0.7 * deck.seed;
        return deck.wow_peak / (kTwoPi * deck.wow_hz) * std::sin(kTwoPi * deck.wow_hz * t + phase) +
               deck.capstan_peak / (kTwoPi * deck.capstan_hz) * std::sin(kTwoPi * deck.capstan_hz * t + 2.0 * phase) +
               deck.scrape_peak / (kTwoPi * deck.scrape_hz) * std::sin(kTwoPi * deck.scrape_hz * t + 3.0 * phase) +
               late_swing(t);
    };
    const auto delay_at = [&](double t) {
        if (deck.replay) {
            return 0.0005 + 12e-6 * std::sin(kTwoPi * 0.21 * t);
        }
        // What was recorded before the change ran some of its way at the speed before.
        const double since = std::max(0.0, t - change_at);
        const double changed = std::min(since, deck.head_m / (speed * (1.0 + deck.speed_change)));
        const double base = (deck.head_m - speed * (1.0 + deck.speed_change) * changed) / speed + changed;
        return deck.monitor_input || deck.monitor_sync ? 0.0 : base - (wobble(t) - wobble(t - base));
    };
    std::array<Noise, 2> noise{Noise(deck.seed * 2 + 1), Noise(deck.seed * 2 + 2)};
    std::array<PeakFilter, 2> bump{PeakFilter(60.0, deck.bump_db, 1.0), PeakFilter(60.0, deck.bump_db, 1.0)};
    std::array<PeakFilter, 2> treble{PeakFilter(16000.0, deck.treble_db, 0.7),
                                     PeakFilter(16000.0, deck.treble_db, 0.7)};
    std::array<double, 2> noise_before{};
    const bool direct = deck.monitor_input || deck.monitor_sync;
    const double tape_noise = direct ? 0.0 : amplitude(kOperatingDbfs - 3.01 + deck.noise_db);
    const double rest_noise = amplitude(deck.rest_noise_dbfs);
    const double hum = deck.hum_dbfs > -200.0 ? amplitude(deck.hum_dbfs) : 0.0;
    const std::array<double, 2> gain{amplitude(deck.gain_db[0]), amplitude(deck.gain_db[1])};

    Printed printed;
    constexpr std::int64_t kBlock = 480;
    constexpr std::int64_t kFirstCaptured = 123456;
    std::vector<float> block;
    Noise jitter(deck.seed + 77);
    double cpu_s = 0.0;
    bool past_slate = false;
    for (std::int64_t first = 0; first < total; first += kBlock) {
        const std::int64_t size = std::min(kBlock, total - first);
        std::vector<float> returned(static_cast<std::size_t>(2 * size));
        double delay_from = 0.0;
        double weave = 0.0;
        for (std::int64_t n = 0; n < size; ++n) {
            const std::int64_t m = first + n;
            const double t = static_cast<double>(m) / capture_rate;
            if (n % 32 == 0) {
                delay_from = delay_at(t);
                weave = deck.weave_s * std::sin(kTwoPi * 0.31 * t + static_cast<double>(deck.seed));
            }
            const double head_time = t - deck.round_trip_frames / kModelRate;
            const bool moving = t >= plan.play_at_s;
            const double at_s = head_time - static_cast<double>(first_track) / kModelRate;
            const bool input = direct || (deck.input_from_s >= 0.0 && at_s >= deck.input_from_s);
            const double late = deck.late_noise_db != 0.0 && !tracks.empty() &&
                                        at_s > static_cast<double>(tracks.front()->size() / 2) / kModelRate
                                    ? amplitude(deck.late_noise_db)
                                    : 1.0;
            for (std::size_t c = 0; c < 2; ++c) {
                const std::size_t source = deck.swap ? 1 - c : c;
                const double tilt = at_s >= deck.tilt_from_s ? deck.tilt_s : 0.0;
                const double azimuth = input || source == 0 ? 0.0 : deck.azimuth_s + tilt + weave;
                double x = 0.0;
                const double hiss = noise[c].next();
                if (moving || input) {
                    const double place = (head_time - (input ? 0.0 : delay_from) - azimuth) * play_rate;
                    x = interpolator().read(input ? played[source] : tape[source], place);
                    x += (input ? 0.0 : tape_noise * late) * 0.9 *
                         (hiss - 0.48 * noise_before[c]); // rises a little towards the top
                    noise_before[c] = hiss;
                }
                x = treble[c].run(bump[c].run(x)) * gain[c];
                x *= deck.invert[c] ? -1.0 : 1.0;
                x = deck.mute[c] ? 0.0 : x;
                x += rest_noise * hiss + (hum > 0.0 ? hum * std::sin(kTwoPi * 100.0 * t) : 0.0);
                returned[static_cast<std::size_t>(2 * n) + c] =
                    static_cast<float>(std::nearbyint(x * 8388608.0) / 8388608.0);
            }
        }
        block.resize(static_cast<std::size_t>(2 * size));
        for (std::int64_t n = 0; n < size; ++n) {
            block[static_cast<std::size_t>(2 * n)] = played[0][static_cast<std::size_t>(first + n)];
            block[static_cast<std::size_t>(2 * n + 1)] = played[1][static_cast<std::size_t>(first + n)];
        }
        const std::clock_t before = std::clock();
        if (first % (48 * kBlock) == 0) {
            const double t = static_cast<double>(first) / kModelRate;
            comparison.set_clocks({kFirstPlayed + first,
                                   55.0 + static_cast<double>(first) / play_rate + deck.clock_jitter_s * jitter.next()},
                                  {kFirstCaptured + static_cast<std::int64_t>(t * capture_rate),
                                   55.0 +
                                       static_cast<double>(static_cast<std::int64_t>(t * capture_rate)) / capture_rate +
                                       deck.clock_jitter_s * jitter.next()});
        }
        comparison.push_reference(kFirstPlayed + first, block);
        const bool lost = deck.lost_return_at >= 0 && first >= first_track + deck.lost_return_at &&
                          first < first_track + deck.lost_return_at + deck.lost_return_frames;
        if (!lost) {
            comparison.push_return(kFirstCaptured + first, returned);
        }
        cpu_s += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
        if (!past_slate && first > slate_from + frames(plan.slate_s) + frames(0.5)) {
            past_slate = true;
            printed.live_after_slate = comparison.live();
        }
    }
    if (before_end) {
        before_end(comparison, kFirstPlayed + first_track);
    }
    const std::clock_t before = std::clock();
    printed.result = comparison.finish();
    cpu_s += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    printed.cpu_ns_per_frame = cpu_s * 1e9 / static_cast<double>(total);
    return printed;
}

Printed print_track(const DeckModel& deck, const Stereo& programme) {
    return print_tracks(deck, PrintModel{}, {&programme});
}

std::string describe(const ComparisonResult& result) {
    std::ostringstream text;
    text << (result.pass ? "pass" : "fail " + result.reason) << "; " << result.off_tape_text << '\n';
    for (const auto& finding : result.findings) {
        text << "  print: " << finding.reason << ": " << finding.text << '\n';
    }
    for (const auto& track : result.tracks) {
        for (const auto& finding : track.findings) {
            text << "  " << track.name << ": " << finding.reason << ": " << finding.text << '\n';
        }
        std::size_t told = 0;
        for (const auto& d : track.dropouts) {
            if (++told > 6) {
                text << "    ... " << track.dropouts.size() << " drop-outs\n";
                break;
            }
            text << "    drop-out " << d.programme_time_s << " s ch " << d.channel << ' ' << d.length_ms << " ms "
                 << d.depth_db << " dB " << d.kind << '\n';
        }
        for (const auto& s : track.not_proven) {
            text << "    not proven " << s.from_s << " to " << s.to_s << ": " << s.reason << '\n';
        }
    }
    return text.str();
}

bool names(const ComparisonResult& result, const std::string& reason, int channel) {
    const auto is = [&](const Finding& f) { return f.reason == reason && (channel == -2 || f.channel == channel); };
    return std::any_of(result.findings.begin(), result.findings.end(), is) ||
           std::any_of(result.tracks.begin(), result.tracks.end(),
                       [&](const TrackResult& t) { return std::any_of(t.findings.begin(), t.findings.end(), is); });
}

} // namespace comparison_test
