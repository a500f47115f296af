// SPDX-License-Identifier: Apache-2.0
#include "controller/analysers/analyser_figures.hpp"

#include "dsp/analysis/noise.hpp"
#include "dsp/analysis/tape_tones.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

namespace overbias::controller {

using calibration::AzimuthFrom;
using calibration::Channels;
using calibration::FoundTone;
using calibration::StereoFigures;

namespace {

constexpr double kEdge_s = 0.05;     ///< off either end of a tone, which tape_tones.hpp knows to 10 ms
constexpr double kLeastTone_s = 0.3; ///< of it, for its figures
constexpr double kLeastNoise_s = 0.1;
constexpr double kLeastHum_s = 1.0;
constexpr double kLeastProgramme_s = 2.0;
constexpr double kQuiet = 1e-4;         ///< mean square, -40 dBFS: no programme
constexpr double kSilence_dbfs = -90.0; ///< what is quieter is no tone
constexpr double kLeastNoiseRate_hz = 42000.0;
constexpr double kSilence_db = -200.0;
constexpr std::size_t kMostTones = 8;

/// A tone of the mains' first multiples, as hum that drowns the noise is one.
bool may_be_hum(const dsp::TapeTone& tone) {
    return std::ranges::any_of(std::array{50.0, 60.0, 100.0, 120.0, 150.0, 180.0}, [&](double line_hz) {
        constexpr double kWithin = 0.05; // as far as a segment tells low frequencies
        return std::abs(tone.frequency_hz / line_hz - 1.0) < kWithin;
    });
}

Channels part(const Channels& memory, double rate_hz, double begin_s, double end_s) {
    Channels out;
    for (const auto& channel : memory) {
        const auto size = static_cast<double>(channel.size());
        const auto begin = static_cast<std::size_t>(std::clamp(begin_s * rate_hz, 0.0, size));
        const auto end = static_cast<std::size_t>(std::clamp(end_s * rate_hz, static_cast<double>(begin), size));
        const std::span<const float> taken = std::span(channel).subspan(begin, end - begin);
        out.emplace_back(taken.begin(), taken.end());
    }
    return out;
}

double product(std::span<const float> a, std::span<const float> b) {
    double sum = 0.0;
    for (std::size_t n = 0; n < a.size(); ++n) {
        sum += static_cast<double>(a[n]) * b[n];
    }
    return sum / static_cast<double>(std::max<std::size_t>(1, a.size()));
}

class Newest {
  public:
    Newest(const Channels& memory, double rate_hz)
        : memory_(memory), rate_hz_(rate_hz), held_s_(static_cast<double>(memory.at(0).size()) / rate_hz) {}

    StretchFigures measure() {
        const Channels levels = part(memory_, rate_hz_, held_s_ - StretchFigures::kLevels_s, held_s_);
        out_.levels_s = static_cast<double>(levels[0].size()) / rate_hz_;
        const std::array power{product(levels[0], levels[0]), product(levels[1], levels[1])};
        if (power[0] <= 0.0 && power[1] <= 0.0) {
            return out_;
        }
        find_tones();
        const bool quiet = power[0] < kQuiet && power[1] < kQuiet;
        const bool tone = playing_ && (!quiet || !may_be_hum(playing_->tone));
        out_.heard = tone ? Heard::Tone : quiet ? Heard::Noise : Heard::Programme;
        StereoFigures& stereo = out_.stereo.emplace();
        if (power[0] > 0.0 && power[1] > 0.0) {
            stereo.level_difference_db = 10.0 * std::log10(power[1] / power[0]);
            stereo.correlation = product(levels[0], levels[1]) / std::sqrt(power[0] * power[1]);
        }
        if (tone) {
            measure_playing();
        } else if (out_.heard == Heard::Programme && held_s_ >= kLeastProgramme_s) {
            calibration::azimuth_of_programme(memory_, rate_hz_, stereo);
        }
        noise(levels);
        return out_;
    }

  private:
    void find_tones() {
        for (std::size_t c = 0; c < memory_.size(); ++c) {
            dsp::TapeTones tones({.rate_hz = rate_hz_, .silence_dbfs = kSilence_dbfs});
            tones.process(memory_[c]);
            std::vector<dsp::TapeTone> found(tones.played().begin(), tones.played().end());
            if (const dsp::TapeTone* const now = tones.playing()) {
                found.push_back(*now);
                if (!playing_) {
                    playing_ = FoundTone{c, *now};
                }
            }
            for (const dsp::TapeTone& tone : found) {
                FoundTone& ago = out_.tones.emplace_back(FoundTone{c, tone});
                ago.tone.begin_s -= held_s_;
                ago.tone.end_s -= held_s_;
                inside_.push_back({c, tone});
            }
        }
        std::ranges::stable_sort(out_.tones, {}, [](const FoundTone& tone) { return tone.tone.begin_s; });
    }

    /// The newest `most_s` of a tone.
    [[nodiscard]] Channels newest_of(const dsp::TapeTone& tone, double most_s) const {
        // a tone that was there when the memory begins has no edge there
        const double begin_s = tone.begin_s < kEdge_s ? 0.0 : tone.begin_s + kEdge_s;
        const double end_s = held_s_ - tone.end_s < kEdge_s ? held_s_ : tone.end_s - kEdge_s;
        return part(memory_, rate_hz_, std::max(begin_s, end_s - most_s), end_s);
    }

    void measure_playing() {
        const dsp::TapeTone& tone = playing_->tone;
        out_.tone_plays_s = tone.end_s - tone.begin_s;
        out_.tone_channel = playing_->channel;
        const Channels newest = newest_of(tone, StretchFigures::kTone_s);
        const double newest_s = static_cast<double>(newest[0].size()) / rate_hz_;
        if (newest_s < kLeastTone_s) {
            return;
        }
        out_.tone = calibration::measure_tone(newest, rate_hz_, tone.frequency_hz);
        out_.tone->start_s = -out_.tone_plays_s;
        out_.tone->duration_s = newest_s;
        const auto& level = out_.tone->level_dbfs;
        out_.stereo->level_difference_db = level[0] && level[1] ? std::optional(*level[1] - *level[0]) : std::nullopt;
        azimuth(tone);
    }

    /// Of all tones in the memory together, so that whole periods can be told; of the playing one alone for `now`.
    void azimuth(const dsp::TapeTone& playing) {
        std::vector<Channels> all;
        for (const FoundTone& found : inside_) {
            const bool same = found.tone.begin_s == playing.begin_s;
            if (found.channel == playing_->channel && !same && all.size() + 1 < kMostTones) {
                Channels samples = newest_of(found.tone, held_s_);
                if (static_cast<double>(samples[0].size()) >= kLeastTone_s * rate_hz_) {
                    all.push_back(std::move(samples));
                }
            }
        }
        all.push_back(newest_of(playing, held_s_));
        calibration::azimuth_of_tones(all, all.size() - 1, rate_hz_, *out_.stereo);
        StereoFigures now;
        calibration::azimuth_of_tones({newest_of(playing, StretchFigures::kAzimuthNow_s)}, 0, rate_hz_, now);
        if (now.azimuth_us && now.azimuth_period_us && out_.stereo->azimuth_us) { // the whole periods are the mean's
            *now.azimuth_us += *now.azimuth_period_us *
                               std::round((*out_.stereo->azimuth_us - *now.azimuth_us) / *now.azimuth_period_us);
        }
        out_.azimuth_now_us = now.azimuth_us;
        out_.azimuth_now_error_us = now.azimuth_error_us;
        out_.azimuth_now_s = now.azimuth_averaging_s;
    }

    void noise(const Channels& levels) {
        if (out_.levels_s < kLeastNoise_s || rate_hz_ < kLeastNoiseRate_hz) {
            return;
        }
        calibration::NoiseFigures& noise = out_.noise.emplace();
        for (const auto& channel : levels) {
            const dsp::NoiseLevels one = dsp::measure_noise(channel, rate_hz_);
            noise.rms_dbfs.push_back(std::max(kSilence_db, one.rms_dbfs));
            noise.band_dbfs.push_back(std::max(kSilence_db, one.band_dbfs));
            noise.a_weighted_dbfs.push_back(std::max(kSilence_db, one.a_dbfs));
            noise.c_weighted_dbfs.push_back(std::max(kSilence_db, one.c_dbfs));
            noise.itu468_dbqps.push_back(std::max(kSilence_db, one.itu468_dbfs));
            noise.ccir_arm_dbfs.push_back(std::max(kSilence_db, one.ccir_arm_dbfs));
            if (out_.heard == Heard::Noise && out_.levels_s >= kLeastHum_s) {
                out_.hum.push_back(dsp::find_hum(channel, rate_hz_));
            }
        }
    }

    const Channels& memory_;
    double rate_hz_, held_s_;
    StretchFigures out_;
    std::optional<FoundTone> playing_; ///< times from the memory's beginning
    std::vector<FoundTone> inside_;    ///< so too
};

} // namespace

StretchFigures measure_newest(const Channels& memory, double rate_hz) {
    return memory.size() == 2 && !memory[0].empty() ? Newest(memory, rate_hz).measure() : StretchFigures{};
}

} // namespace overbias::controller
