// SPDX-License-Identifier: Apache-2.0
// Distortion at operating level, and the MOL.
#include "base/figure.hpp"
#include "calibration/proof/proof_job_impl.hpp"
#include "dsp/analysis/distortion.hpp"
#include "dsp/analysis/mol_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr double kMolFirst_db = 3.0, kMolLowest_db = -20.0; ///< re operating level
constexpr double kMolReading_s = 1.5;
constexpr std::size_t kMostLevels = 24; ///< that are sent for both tracks
constexpr double kNothing_db = -200.0;

using Distortions = std::array<Result<dsp::Distortion>, 2>;

std::function<Distortions()> distortions(TapeStretch taken, double about_hz) {
    const auto stretch = std::make_shared<const TapeStretch>(std::move(taken));
    return [stretch, about_hz]() -> Distortions {
        const auto of = [&](std::size_t track) {
            return tried([&] {
                return dsp::measure_distortion(stretch->channels[track], stretch->rate_hz,
                                               {.fundamental_hz = about_hz});
            });
        };
        return {of(0), of(1)};
    };
}

} // namespace

Task<void> ProofJob::distortion() {
    if (has_both("proof.level") && has_both("proof.h3") && has_both("proof.thd")) {
        co_return;
    }
    begin_part("distortion at operating level", "proof.thd");
    co_await be_recording();
    const double hz = setup_.distortion_hz;
    co_await play(dsp::sine_signal(hz, play_dbfs(0.0)), audio::OscillatorChannels::Both);
    TapeStretch taken = co_await take_stretch(setup_.distortion_s);
    if (overloaded(taken)) {
        not_measured("proof.thd", "the capture converter is overloaded at operating level; set its level and the level "
                                  "chart of the installation");
        co_return;
    }
    std::function<Distortions()> work = distortions(std::move(taken), hz);
    const Distortions found = co_await calculated(std::move(work));
    for (std::size_t track = 0; track < kTracks; ++track) {
        must_come_back(track, found[track] ? re_operating(found[track]->fundamental_dbfs) : kNothing_db, 0.0);
    }
    const auto of = [&](const char* id, std::size_t track, double value, const char* unit) {
        Reading reading;
        reading.id = id;
        reading.channel = static_cast<int>(track) + 1;
        reading.value = value;
        reading.unit = unit;
        reading.averaging_s = setup_.distortion_s;
        return reading;
    };
    for (std::size_t track = 0; track < kTracks; ++track) {
        store(of("proof.level", track, re_operating(found[track]->fundamental_dbfs), "dB"));
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        const double third = found[track]->third_percent();
        const double noise = found[track]->third_noise_percent;
        Reading reading = of("proof.h3", track, std::max(third, noise), "%");
        reading.limit = proof_limit(setup_.limits.third_harmonic_percent, tape::Bound::AtMost, "%");
        reading.better_than = third < noise;
        store(std::move(reading));
    }
    for (std::size_t track = 0; track < kTracks; ++track) {
        store(of("proof.thd", track, found[track]->thd_f_percent, "%"));
    }
    keep();
}

/// Both tracks at once: what is sent for one tells of the other too.
Task<void> ProofJob::mol() {
    const std::string id = "proof.mol";
    if (has_both(id)) {
        co_return;
    }
    begin_part("MOL", id);
    const auto& chart = context_.installation.chart;
    dsp::MolSearchConfig config;
    config.lowest_sent_db = kMolLowest_db;
    config.highest_sent_db = fitting(chart.play_headroom_db());
    config.first_sent_db = std::min(kMolFirst_db, config.highest_sent_db);
    if (config.highest_sent_db <= config.lowest_sent_db) {
        not_measured(id, "the converters have no room over " + figure(config.highest_sent_db, 1) +
                             " dB re operating level; set the level chart of the installation");
        co_return;
    }
    co_await be_recording();
    std::array<dsp::MolSearch, kTracks> searches{dsp::MolSearch(config), dsp::MolSearch(config)};
    for (std::size_t levels = 0; levels < kMostLevels; ++levels) {
        auto sent_db = searches[0].next_level();
        if (!sent_db) {
            sent_db = searches[1].next_level();
        }
        if (!sent_db) {
            break;
        }
        co_await play(dsp::sine_signal(setup_.distortion_hz, play_dbfs(*sent_db)), audio::OscillatorChannels::Both);
        TapeStretch taken = co_await take_stretch(kMolReading_s);
        if (overloaded(taken)) {
            not_measured(id, "the capture converter is overloaded by what comes back of " + figure(*sent_db, 1) +
                                 " dB re operating level; lower its level, and set the level chart");
            co_return;
        }
        std::function<Distortions()> work = distortions(std::move(taken), setup_.distortion_hz);
        const Distortions found = co_await calculated(std::move(work));
        for (std::size_t track = 0; track < kTracks; ++track) {
            const double level_db = found[track] ? re_operating(found[track]->fundamental_dbfs) : kNothing_db;
            must_come_back(track, level_db, *sent_db);
            dsp::MolReading reading = dsp::mol_reading(*sent_db, *found[track]);
            const double to_operating_db = level_db - reading.fundamental_db;
            reading.fundamental_db += to_operating_db;
            reading.third_db += to_operating_db;
            reading.noise_db += to_operating_db;
            (void)searches[track].add(reading); // figures that are not numbers tell nothing
        }
    }
    using Verdict = dsp::MolResult::Verdict;
    for (std::size_t track = 0; track < kTracks; ++track) {
        const dsp::MolResult result = searches[track].result();
        Reading reading;
        reading.id = id;
        reading.channel = static_cast<int>(track) + 1;
        reading.averaging_s = kMolReading_s;
        reading.value = result.output_db;
        if (result.verdict == Verdict::MoreThan || result.verdict == Verdict::LessThan) {
            const bool more = result.verdict == Verdict::MoreThan;
            reading.value = result.bound_db.value_or(result.output_db);
            reading.limit.bound = more ? tape::Bound::AtLeast : tape::Bound::AtMost;
            reading.limit.remark = more ? "more than this: 3 % is not reached with what the converters have room for"
                                        : "less than this: the softest tone that was sent is already above 3 %";
        } else if (result.verdict == Verdict::Extrapolated) {
            reading.limit.remark = "a little beyond the loudest tone that was sent";
        } else if (result.verdict != Verdict::Found) {
            not_measured(id, "track " + std::to_string(track + 1) + ": no third harmonic stands out of the noise");
            continue;
        }
        store(std::move(reading));
    }
    keep();
}

} // namespace overbias::calibration
