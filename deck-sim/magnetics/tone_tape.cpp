// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/magnetics/tone_tape.hpp"

#include "base/units.hpp"
#include "deck-sim/magnetics/curves.hpp"
#include "deck-sim/magnetics/medium.hpp"
#include "deck-sim/magnetics/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace overbias::deck_sim::magnetics {

namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
constexpr double kFringing_m = 0.381 / 200.0;
constexpr double kEdge_s = 0.002;          // a tone comes and goes within this
constexpr double kTrackSpacing_m = 4.0e-3; // of the heads that tell its azimuth
constexpr double kSyllable_s = 0.18;
constexpr double kSpeech_db = -12.0; // rms re reference fluxivity
constexpr double kHighestVoice_hz = 3200.0;

void add(std::int16_t& cell, double flux) noexcept {
    constexpr double kLsb = 32767.0 / kFullScaleFlux;
    cell = static_cast<std::int16_t>(std::clamp(std::lround(static_cast<double>(cell) + flux * kLsb), -32767L, 32767L));
}

void require(bool ok, const std::string& what) {
    if (!ok) {
        throw std::invalid_argument("simulated tape: " + what);
    }
}

/// One syllable: a voice on a pitch with two formants, or the hiss of a consonant.
struct Syllable {
    static constexpr std::size_t kMost = 32;
    double pitch_hz = 120.0;
    double loudness = 1.0;
    bool hiss = false;
    std::size_t partials = 0;
    std::array<double, kMost> weight{};

    explicit Syllable(std::uint64_t seed) {
        Random random(seed);
        pitch_hz = 95.0 + 60.0 * random.uniform();
        loudness = 0.5 + random.uniform();
        hiss = random.uniform() < 0.25;
        const double first_hz = 300.0 + 500.0 * random.uniform();
        const double second_hz = 900.0 + 1400.0 * random.uniform();
        partials = std::min(kMost, static_cast<std::size_t>(kHighestVoice_hz / pitch_hz));
        double power = 0.0;
        for (std::size_t k = 0; k < partials; ++k) {
            const double hz = pitch_hz * static_cast<double>(k + 1);
            const double from_first = (hz - first_hz) / 120.0;
            const double from_second = (hz - second_hz) / 200.0;
            weight[k] = 1.0 / (1.0 + from_first * from_first) + 0.5 / (1.0 + from_second * from_second);
            power += 0.5 * weight[k] * weight[k];
        }
        for (double& one : weight) {
            one /= std::sqrt(power);
        }
    }
};

} // namespace

double fringing_db(double most_db, double wavelength_m) {
    const double ratio = kFringing_m / wavelength_m;
    return most_db / (1.0 + ratio * ratio);
}

ToneTape::ToneTape(const TapeContent& content, double cell_m)
    : cell_m_(cell_m), speed_m_s_(metres_per_second(content.speed_ips)),
      half_shift_m_(0.5 * azimuth_shift_m(kTrackSpacing_m, content.azimuth_rad)) {
    const FluxStandard standard = flux_standard(content.equalisation, content.speed_ips);
    require(content.begin_m >= 0.0, "begin_m must not be negative");
    double at_m = content.begin_m;
    std::uint64_t seed = 1;
    for (const TapeTone& tone : content.tones) {
        require(tone.frequency_hz >= 10.0 && tone.frequency_hz <= 24000.0,
                "a tone of " + std::to_string(tone.frequency_hz) + " Hz: expected 10 to 24000");
        require(tone.seconds >= 0.0 && tone.gap_s >= 0.0 && tone.announcement_s >= 0.0, "times must not be negative");
        if (tone.announcement_s > 0.0) {
            const double end_m = at_m + tone.announcement_s * speed_m_s_;
            stretches_.push_back(
                {at_m, end_m, 0.0, amplitude_from_db(content.fluxivity_db + kSpeech_db), seed++ * 1000});
            at_m = end_m + tone.gap_s * speed_m_s_;
        }
        const double wavelength_m = speed_m_s_ / tone.frequency_hz;
        const double level_db = content.fluxivity_db + tone.level_db + flux_re_1khz_db(standard, tone.frequency_hz) +
                                fringing_db(content.fringing_db, wavelength_m);
        const double end_m = at_m + tone.seconds * speed_m_s_;
        stretches_.push_back({at_m, end_m, wavelength_m, amplitude_from_db(level_db), 0});
        at_m = end_m + tone.gap_s * speed_m_s_;
    }
    for (const TapeHole& hole : content.holes) {
        const double begin_m = content.begin_m + hole.at_s * speed_m_s_;
        holes_.push_back({begin_m, begin_m + hole.length_ms * 1e-3 * speed_m_s_, amplitude_from_db(-hole.depth_db)});
    }
}

double ToneTape::hole_gain(double place_m) const noexcept {
    double gain = 1.0;
    for (const Hole& hole : holes_) {
        gain *= place_m >= hole.begin_m && place_m < hole.end_m ? hole.gain : 1.0;
    }
    return gain;
}

void ToneTape::add(std::int64_t first, std::span<std::int16_t> cells) const noexcept {
    const std::size_t count = cells.size() / 2;
    const auto cell_of = [&](double place_m) {
        const auto cell = static_cast<std::int64_t>(std::ceil(place_m / cell_m_)) - first;
        return static_cast<std::size_t>(std::clamp<std::int64_t>(cell, 0, static_cast<std::int64_t>(count)));
    };
    for (const Stretch& stretch : stretches_) {
        const std::size_t from = cell_of(stretch.begin_m);
        const std::size_t to = cell_of(stretch.end_m);
        if (from < to && stretch.wavelength_m > 0.0) {
            add_tone(stretch, first, from, to, cells);
        } else if (from < to) {
            add_speech(stretch, first, from, to, cells);
        }
    }
}

void ToneTape::add_tone(const Stretch& stretch, std::int64_t first, std::size_t from, std::size_t to,
                        std::span<std::int16_t> cells) const noexcept {
    for (std::size_t i = from; i < to; ++i) {
        const double place_m = static_cast<double>(first + static_cast<std::int64_t>(i)) * cell_m_;
        const double inside_s = std::min(place_m - stretch.begin_m, stretch.end_m - place_m) / speed_m_s_;
        const double flux = stretch.flux * std::min(inside_s / kEdge_s, 1.0) * hole_gain(place_m);
        for (std::size_t c = 0; c < 2; ++c) {
            // the right track's gap stood half the shift further on
            const double off_m = c == 0 ? half_shift_m_ : -half_shift_m_;
            const double turns = (place_m - stretch.begin_m + off_m) / stretch.wavelength_m;
            magnetics::add(cells[2 * i + c], flux * std::sin(kTwoPi * (turns - std::floor(turns))));
        }
    }
}

void ToneTape::add_speech(const Stretch& stretch, std::int64_t first, std::size_t from, std::size_t to,
                          std::span<std::int16_t> cells) const noexcept {
    std::size_t i = from;
    while (i < to) {
        const double here_s =
            (static_cast<double>(first + static_cast<std::int64_t>(i)) * cell_m_ - stretch.begin_m) / speed_m_s_;
        const double number = std::floor(here_s / kSyllable_s + 1e-9);
        const Syllable syllable(stretch.seed + static_cast<std::uint64_t>(number));
        Random hiss(stretch.seed + static_cast<std::uint64_t>(first + static_cast<std::int64_t>(i)));
        double before = 0.0;
        for (; i < to; ++i) {
            const double place_m = static_cast<double>(first + static_cast<std::int64_t>(i)) * cell_m_;
            const double age_s = (place_m - stretch.begin_m) / speed_m_s_ - number * kSyllable_s;
            if (age_s >= kSyllable_s) {
                break;
            }
            double value = 0.0;
            if (syllable.hiss) {
                const double now = std::sqrt(12.0) * (hiss.uniform() - 0.5);
                value = 0.5 * (now + before); // dull, as a voice is
                before = now;
            } else { // partials of one pitch: Chebyshev's recurrence
                const double turns = syllable.pitch_hz * std::max(age_s, 0.0);
                const double angle = kTwoPi * (turns - std::floor(turns));
                const double twice_cosine = 2.0 * std::cos(angle);
                double sine = std::sin(angle);
                double sine_before = 0.0;
                for (std::size_t k = 0; k < syllable.partials; ++k) {
                    value += syllable.weight[k] * sine;
                    const double next = twice_cosine * sine - sine_before;
                    sine_before = sine;
                    sine = next;
                }
            }
            const double envelope = std::sin(std::numbers::pi * std::clamp(age_s / kSyllable_s, 0.0, 1.0));
            const double flux = stretch.flux * syllable.loudness * envelope * value * hole_gain(place_m);
            magnetics::add(cells[2 * i], flux);
            magnetics::add(cells[2 * i + 1], flux);
        }
    }
}

} // namespace overbias::deck_sim::magnetics
