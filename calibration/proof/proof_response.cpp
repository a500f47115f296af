// SPDX-License-Identifier: Apache-2.0
// Response by a series of tones and by sweep, and the tracks' timing.
#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "dsp/analysis/frequency_response.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

constexpr double kReference_hz = 1000.0;
/// Nominal frequencies of the third octaves, IEC 61260-1.
constexpr std::array kThirdOctaves_hz{20.0,   25.0,   31.5,   40.0,    50.0,    63.0,    80.0,   100.0,
                                      125.0,  160.0,  200.0,  250.0,   315.0,   400.0,   500.0,  630.0,
                                      800.0,  1000.0, 1250.0, 1600.0,  2000.0,  2500.0,  3150.0, 4000.0,
                                      5000.0, 6300.0, 8000.0, 10000.0, 12500.0, 16000.0, 20000.0};
constexpr double kHighest = 0.45; ///< of the sample rate
constexpr double kTone_s = 1.0, kPeriods = 50.0;
/// In the middle of the band a tone that is gone is a fault; at its ends that may be what the deck does.
constexpr double kMiddleFrom_hz = 100.0, kMiddleTo_hz = 5000.0, kGone_db = 35.0;

constexpr double kSweepFrom_hz = 20.0, kSweepTo_hz = 20000.0;
/// Flutter while the sweep passes makes its response uneven within a sixth of an octave: means of so many points.
constexpr int kPointsOfMean = 16;
constexpr double kPointsPerOctave = 6.0;
constexpr double kAfterSweep_s = 1.0; ///< the impulse response, and what lies written ahead of the sweep
constexpr int kSweepTries = 2;

constexpr double kTiming_hz = 10000.0, kTimingTells_s = 2.0;

bool middle_hz(double hz) {
    return hz >= kMiddleFrom_hz && hz <= kMiddleTo_hz;
}

} // namespace

std::vector<double> proof_tones_hz(const ProofSetup& setup, double rate_hz) {
    std::vector<double> wanted(kThirdOctaves_hz.begin(), kThirdOctaves_hz.end());
    if (!setup.tones_hz.empty()) {
        wanted = setup.tones_hz;
    }
    std::erase_if(wanted, [&](double hz) { return hz == kReference_hz || hz > kHighest * rate_hz; });
    return wanted;
}

double proof_tone_s(double frequency_hz) {
    return std::max(kTone_s, kPeriods / frequency_hz);
}

std::vector<double> ProofJob::tones_hz() const {
    return proof_tones_hz(setup_, context_.engine.sample_rate_hz());
}

Task<void> ProofJob::tones() {
    const std::string level_id = "proof.response.level";
    std::vector<double> missing;
    for (const double hz : tones_hz()) {
        if (!has_both("proof.response." + hz_id(hz))) {
            missing.push_back(hz);
        }
    }
    if (missing.empty() && has_both(level_id)) {
        co_return;
    }
    begin_part("response by tones", "proof.response");
    co_await be_recording();
    const double sent_db = setup_.response_level_db;
    const double level_dbfs = play_dbfs(sent_db);
    co_await play(dsp::sine_signal(kReference_hz, level_dbfs), audio::OscillatorChannels::Both);
    const StereoTone reference = co_await read(proof_tone_s(kReference_hz));
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double level_db = re_operating(reference.level_dbfs[track]);
        must_come_back(track, level_db, sent_db);
        if (!has(level_id, static_cast<int>(track) + 1)) { // what was broken off reads it again and has stored it
            Reading reading;
            reading.id = level_id;
            reading.channel = static_cast<int>(track) + 1;
            reading.value = level_db - sent_db;
            reading.averaging_s = proof_tone_s(kReference_hz);
            store(std::move(reading));
        }
    }
    keep();
    for (const double hz : missing) {
        const std::string id = "proof.response." + hz_id(hz);
        co_await play(dsp::sine_signal(hz, level_dbfs), audio::OscillatorChannels::Both);
        const StereoTone tone = co_await read(proof_tone_s(hz));
        for (std::size_t track = 0; track < kTracks; ++track) {
            const double re_reference_db = tone.level_dbfs[track] - reference.level_dbfs[track];
            if (middle_hz(hz)) {
                must_come_back(track, re_operating(tone.level_dbfs[track]), sent_db);
            } else if (!(re_reference_db > -kGone_db)) {
                not_measured(id, "track " + std::to_string(track + 1) + ": nothing of " + hz_id(hz) +
                                     " Hz comes off tape within " + figure(kGone_db, 0) + " dB of 1 kHz");
                continue;
            }
            Reading reading;
            reading.id = id;
            reading.channel = static_cast<int>(track) + 1;
            reading.value = re_reference_db;
            reading.averaging_s = proof_tone_s(hz);
            reading.limit = response_limit(setup_.limits.response, hz);
            store(std::move(reading));
        }
        keep();
    }
}

Task<void> ProofJob::sweep() {
    const std::string id = "proof.response.sweep.";
    if (std::any_of(context_.record.steps.begin(), context_.record.steps.end(),
                    [&](const tape::AlignmentStep& each) { return each.id.starts_with(id); })) {
        co_return; // all its points come at once
    }
    begin_part("response by sweep", "proof.response.sweep");
    co_await be_recording();
    dsp::SweepResponseConfig config;
    config.rate_hz = context_.engine.sample_rate_hz();
    config.from_hz = kSweepFrom_hz;
    config.to_hz = std::min(kSweepTo_hz, kHighest * config.rate_hz);
    config.duration_s = setup_.sweep_s;
    config.points_per_octave = kPointsPerOctave * kPointsOfMean;
    const double level_dbfs = play_dbfs(setup_.response_level_db);
    const double length_s = setup_.sweep_s + seconds(back_at(DeckTime{}) - DeckTime{}) + kAfterSweep_s;
    using Both = std::array<dsp::SweepResponse, kTracks>;
    Both found;
    for (int tries = 0; tries < kSweepTries && !(found[0].found && found[1].found); ++tries) {
        co_await play_silence();
        const dsp::Signal signal = dsp::sweep_signal(config.from_hz, config.to_hz, setup_.sweep_s, level_dbfs);
        if (auto playing = context_.oscillator.play(signal, audio::OscillatorChannels::Both); !playing) {
            fault("the oscillator: " + playing.error().message);
        }
        TapeStretch taken = co_await take_stretch(length_s);
        const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
        std::function<Both()> work = [stretch, level_dbfs, config] {
            Both both;
            for (std::size_t track = 0; track < kTracks; ++track) {
                both[track] = dsp::response_from_sweep(stretch->channels[track], level_dbfs, config);
            }
            return both;
        };
        found = co_await calculated(std::move(work));
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        if (!found[track].found) {
            not_measured(id + "1000", "track " + std::to_string(track + 1) +
                                          ": the sweep is not found in what came off tape; was the sound card stopped "
                                          "meanwhile?");
            continue;
        }
        // the mean of each sixth of an octave about its middle; at the ends the half that there is
        const auto& points = found[track].points;
        std::vector<dsp::ResponsePoint> means;
        for (std::size_t at = 0; at < points.size(); at += kPointsOfMean) {
            const std::size_t half = kPointsOfMean / 2;
            const std::size_t from = at < half ? 0 : at - half;
            const std::size_t to = std::min(points.size(), at + half + 1);
            double power = 0.0;
            for (std::size_t i = from; i < to; ++i) {
                power += power_from_db(points[i].level_db);
            }
            means.push_back({points[at].frequency_hz, power_db(power / static_cast<double>(to - from)), 1.0, 0.0});
        }
        const auto away = [](const dsp::ResponsePoint& a, const dsp::ResponsePoint& b) {
            return std::abs(std::log(a.frequency_hz / kReference_hz)) <
                   std::abs(std::log(b.frequency_hz / kReference_hz));
        };
        const double reference_db = std::min_element(means.begin(), means.end(), away)->level_db;
        for (const dsp::ResponsePoint& point : means) {
            Reading reading;
            reading.id = id + hz_id(point.frequency_hz);
            reading.channel = static_cast<int>(track) + 1;
            reading.value = point.level_db - reference_db;
            reading.averaging_s = setup_.sweep_s;
            reading.limit = response_limit(setup_.limits.response, point.frequency_hz);
            if (setup_.tones) { // which are the steadier ones
                reading.limit.tolerance.reset();
            }
            store(std::move(reading));
        }
    }
    keep();
}

Task<void> ProofJob::timing() {
    const std::string id = "proof.timing";
    if (has(id, 0)) {
        co_return;
    }
    begin_part("timing of the tracks", id);
    co_await be_recording();
    const double level_dbfs = play_dbfs(setup_.response_level_db);
    const auto late_us = [](const StereoTone& tone, double hz) { return -1e6 * tone.phase_deg / 360.0 / hz; };
    co_await play(dsp::sine_signal(kReference_hz, level_dbfs), audio::OscillatorChannels::Both);
    const StereoTone low = co_await read(kTimingTells_s);
    co_await play(dsp::sine_signal(kTiming_hz, level_dbfs), audio::OscillatorChannels::Both);
    const StereoTone high = co_await read(setup_.timing_s);
    for (std::size_t track = 0; track < kTracks; ++track) {
        must_come_back(track, re_operating(low.level_dbfs[track]), setup_.response_level_db);
        if (re_operating(high.level_dbfs[track]) < setup_.response_level_db - kGone_db) {
            not_measured(id, "track " + std::to_string(track + 1) + ": 10 kHz does not come off tape");
            co_return;
        }
    }
    const double period_us = 1e6 / kTiming_hz;
    const double within_us = late_us(high, kTiming_hz);
    Reading reading;
    reading.id = id;
    reading.value = within_us + period_us * std::round((late_us(low, kReference_hz) - within_us) / period_us);
    reading.unit = "us";
    reading.averaging_s = setup_.timing_s;
    reading.limit = proof_limit(setup_.limits.timing_us, tape::Bound::BothSides, "us");
    store(std::move(reading));
    keep();
}

} // namespace overbias::calibration
