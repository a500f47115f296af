// SPDX-License-Identifier: Apache-2.0
// Noise of the recorded tape, crosstalk, and the bias that is left on the line.
#include "base/figure.hpp"
#include "base/units.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "dsp/analysis/crosstalk.hpp"
#include "dsp/analysis/lock_in.hpp"
#include "dsp/analysis/noise.hpp"
#include "dsp/analysis/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <numbers>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace overbias::calibration {

namespace {

/// Above, short wavelengths saturate the tape; 10 dB less is sent.
constexpr double kSaturatesFrom_hz = 5000.0, kSaturates_db = 10.0;

/// Where an audio converter's filter begins, as a share of its sample rate.
constexpr double kConverterBand = 0.45;
constexpr double kBiasOff = 0.01;                      ///< of its frequency: so far to both sides it is looked for
constexpr double kPull = 0.0005, kLeastPull_hz = 20.0; ///< of the lock-in, about what was found
constexpr double kLockInBand = 1.5;                    ///< pull ranges to both sides: what the lock-in lets in
constexpr double kLockInSettles = 30.0;                ///< over the pull range; before it reads, with some to spare
constexpr double kSegment_s = 1.0;
constexpr double kSilence = 1e-10; ///< -200 dBFS

std::string khz(double hz) {
    std::string text = figure(hz / 1000.0, 1);
    if (text.ends_with(".0")) {
        text.resize(text.size() - 2);
    }
    return text + " kHz";
}

double bias_pull_hz(double bias_hz) {
    return std::max(kPull * bias_hz, kLeastPull_hz);
}

/// The highest line about there, then a lock-in on that: what it finds, or the noise in its band, is the most that any
/// line about there has. Throws std::invalid_argument where there is no whole reading.
dsp::LockInReading bias_heard(std::span<const float> channel, double rate_hz, double bias_hz, double reading_s) {
    const dsp::PowerSpectrum spectrum(channel, rate_hz, kSegment_s, dsp::PowerSpectrum::Window::blackman_harris);
    dsp::LockInConfig config;
    config.rate_hz = rate_hz;
    config.expected_hz = spectrum.peak_hz(bias_hz * (1.0 - kBiasOff), bias_hz * (1.0 + kBiasOff));
    config.pull_hz = bias_pull_hz(bias_hz);
    config.reading_s = reading_s;
    dsp::LockIn lock_in(config);
    std::vector<dsp::LockInReading> readings(lock_in.most_readings(channel.size()));
    if (lock_in.process(channel, readings) == 0) {
        throw std::invalid_argument("bias residual: " + std::to_string(channel.size()) + " samples at " + khz(rate_hz) +
                                    " are too few for a reading of " + figure(reading_s, 1) + " s");
    }
    return readings.front();
}

} // namespace

Task<void> ProofJob::noise() {
    if (has_both("proof.noise.a") && has_both("proof.noise.468") && has_both("proof.noise.band")) {
        co_return;
    }
    begin_part("noise of biased tape", "proof.noise");
    co_await be_recording();
    co_await play_silence();
    TapeStretch taken = co_await take_stretch(setup_.noise_s);
    const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
    using Both = std::array<Result<dsp::NoiseLevels>, kTracks>;
    std::function<Both()> work = [stretch]() -> Both {
        const auto of = [&](std::size_t track) {
            return tried([&] { return dsp::measure_noise(stretch->channels[track], stretch->rate_hz); });
        };
        return {of(0), of(1)};
    };
    const Both found = co_await calculated(std::move(work));
    ProofLimit shown;
    if (const auto& promised = setup_.limits.signal_to_noise_db) {
        shown.remark = "the deck's sheet: signal to noise " + tape::figure_text(*promised, "dB") +
                       (promised->unsure ? "" : " (" + promised->source + ")") +
                       "; only shown, its weighting and level are not said";
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        if (!found[track]) {
            not_measured("proof.noise", "track " + std::to_string(track + 1) + ": " + found[track].error().message);
        }
    }
    for (const auto& [id, level] : {std::pair{"proof.noise.a", &dsp::NoiseLevels::a_dbfs},
                                    std::pair{"proof.noise.468", &dsp::NoiseLevels::itu468_dbfs},
                                    std::pair{"proof.noise.band", &dsp::NoiseLevels::band_dbfs}}) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            if (found[track]) {
                Reading reading;
                reading.id = id;
                reading.channel = static_cast<int>(track) + 1;
                reading.value = re_operating(*found[track].*level);
                reading.averaging_s = setup_.noise_s;
                reading.limit = shown;
                store(std::move(reading));
            }
        }
    }
    store_noise_re_mol();
    keep();
}

void ProofJob::store_noise_re_mol() {
    for (const char* id : {"proof.noise.a", "proof.noise.468"}) {
        for (int channel = 1; channel <= static_cast<int>(kTracks); ++channel) {
            const tape::AlignmentStep* mol = context_.record.step("proof.mol", channel);
            const tape::AlignmentStep* noise = context_.record.step(id, channel);
            if (mol == nullptr || !mol->remark.empty() || noise == nullptr) { // not found, or only a bound
                continue;
            }
            Reading reading;
            reading.id = std::string(id) + ".mol";
            reading.channel = channel;
            reading.value = noise->reading - mol->reading;
            reading.averaging_s = setup_.noise_s;
            store(std::move(reading));
        }
    }
}

Task<void> ProofJob::crosstalk() {
    for (const double hz : setup_.crosstalk_hz) {
        const std::string id = "proof.crosstalk." + hz_id(hz);
        for (std::size_t carries = 0; carries < kTracks; ++carries) {
            const std::size_t listens = 1 - carries;
            if (has(id, static_cast<int>(listens) + 1)) {
                continue;
            }
            begin_part("crosstalk at " + hz_id(hz) + " Hz", id);
            co_await be_recording();
            const double sent_db = fitting(setup_.crosstalk_level_db - (hz > kSaturatesFrom_hz ? kSaturates_db : 0.0));
            co_await play(dsp::sine_signal(hz, play_dbfs(sent_db)),
                          carries == 0 ? audio::OscillatorChannels::Left : audio::OscillatorChannels::Right);
            TapeStretch taken = co_await take_stretch(setup_.crosstalk_s);
            const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
            std::function<Result<dsp::Crosstalk>()> work = [stretch, carries, listens, hz] {
                return tried([&] {
                    return dsp::measure_crosstalk(stretch->channels[carries], stretch->channels[listens],
                                                  stretch->rate_hz, hz);
                });
            };
            const Result<dsp::Crosstalk> found = co_await calculated(std::move(work));
            if (!found) {
                not_measured(id, "track " + std::to_string(listens + 1) + ": " + found.error().message);
                continue;
            }
            must_come_back(carries, re_operating(found->tone_dbfs), sent_db);
            Reading reading;
            reading.id = id;
            reading.channel = static_cast<int>(listens) + 1;
            reading.value = found->separation_db;
            reading.averaging_s = setup_.crosstalk_s;
            reading.better_than = found->better_than;
            if (hz == 1000.0) { // where the sheet's figure holds
                reading.limit = proof_limit(setup_.limits.crosstalk_db, tape::Bound::AtLeast, "dB");
            }
            store(std::move(reading));
            keep();
        }
    }
}

std::string ProofJob::bias_out_of_reach() const {
    if (!setup_.bias_hz) {
        return "the profile names no bias frequency";
    }
    const double works_at_hz = context_.engine.sample_rate_hz(), return_hz = context_.installation.return_rate_hz;
    const double top_hz = kConverterBand * std::min(works_at_hz, return_hz);
    if (*setup_.bias_hz <= top_hz) {
        return "";
    }
    return "bias at " + khz(*setup_.bias_hz) + ": " +
           (return_hz <= works_at_hz ? "a converter of " + khz(return_hz) + " hears up to "
                                     : "what comes back at " + khz(return_hz) + " is converted to the playback's " +
                                           khz(works_at_hz) + ", and that holds up to ") +
           khz(top_hz);
}

Task<void> ProofJob::bias_residual() {
    const std::string id = "proof.bias_residual";
    if (has_both(id)) {
        co_return;
    }
    if (std::string why = bias_out_of_reach(); !why.empty()) {
        not_measured(id, std::move(why));
        co_return;
    }
    begin_part("bias residual", id);
    co_await be_recording();
    co_await play_silence();
    const double bias_hz = *setup_.bias_hz, reading_s = setup_.bias_residual_s;
    TapeStretch taken = co_await take_stretch(reading_s + kLockInSettles / bias_pull_hz(bias_hz));
    const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
    using Both = std::array<Result<dsp::LockInReading>, kTracks>;
    std::function<Both()> work = [stretch, bias_hz, reading_s]() -> Both {
        const auto of = [&](std::size_t track) {
            return tried([&] { return bias_heard(stretch->channels[track], stretch->rate_hz, bias_hz, reading_s); });
        };
        return {of(0), of(1)};
    };
    const Both found = co_await calculated(std::move(work));
    for (std::size_t track = 0; track < kTracks; ++track) {
        const int channel = static_cast<int>(track) + 1;
        if (has(id, channel)) {
            continue;
        }
        if (!found[track]) {
            not_measured(id, "track " + std::to_string(channel) + ": " + found[track].error().message);
            continue;
        }
        const dsp::LockInReading& heard = *found[track];
        Reading reading;
        reading.id = id;
        reading.channel = channel;
        reading.averaging_s = setup_.bias_residual_s;
        // without a carrier: all there is in its band, as loud as a sine of that power
        const double peak = heard.carrier ? heard.amplitude : std::numbers::sqrt2 * heard.band_rms;
        reading.value = re_operating(amplitude_db(std::max(peak, kSilence)));
        if (heard.carrier) {
            reading.limit.remark = "bias at " + khz(heard.frequency_hz);
        } else {
            reading.limit.bound = tape::Bound::AtMost;
            reading.limit.remark = "at most this, the noise in " +
                                   figure(2.0 * kLockInBand * bias_pull_hz(bias_hz), 0) +
                                   " Hz: nothing stands out of it within 1 % of " + khz(bias_hz);
        }
        store(std::move(reading));
    }
    keep();
}

} // namespace overbias::calibration
