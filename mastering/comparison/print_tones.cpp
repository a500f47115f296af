// SPDX-License-Identifier: Apache-2.0
// The part of PrintJudge that deals with the slate's further tones and its voice.
#include "base/units.hpp"
#include "mastering/comparison/print_judge.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <utility>

namespace overbias::mastering {
namespace {

constexpr double kToneWidth_hz = 60.0;
constexpr double kPresent_db = -30.0; // as far below what was sent a tone is not there
constexpr int kFewestFrames = 4;
constexpr int kFewestVoice = 6;

} // namespace

void PrintJudge::add_tone_frame(std::int64_t frame, const Section& section) {
    const auto size = static_cast<std::int64_t>(analyser_.frame_size());
    const std::int64_t end = section.plan.first_frame + section.plan.frames;
    if (frame < section.plan.first_frame + size || frame + 2 * size > end) {
        return; // onset and end
    }
    if (tone_sums_.frames == 0) {
        tone_sums_.frequency_hz = analyser_.sent_tone_hz();
    }
    const double hz = tone_sums_.frequency_hz;
    const double width_hz = std::min(kToneWidth_hz, 0.5 * hz);
    for (int channel = 0; channel < 2; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        tone_sums_.sent[c] += analyser_.sent_power_near(channel, hz, width_hz);
        tone_sums_.came[c] += analyser_.came_power_near(channel, hz, width_hz);
    }
    if (const auto phase = analyser_.right_against_left(hz, width_hz); std::abs(phase) > 0.0) {
        tone_sums_.phase_rad.push_back(std::arg(phase));
    }
    ++tone_sums_.frames;
}

void PrintJudge::end_tone(const Section& section) {
    ToneResult tone;
    tone.name = section.plan.name;
    tone.start_tape_s = tape_start_s(section);
    tone.start_tape_m = tone.start_tape_s * metres_per_second(config_.tape_speed_ips);
    tone.duration_s = static_cast<double>(section.plan.frames) / rate_hz_;
    const double frame_s = static_cast<double>(analyser_.frame_size()) / rate_hz_;
    const double operating_db = config_.capture_dbfs_at_operating_level - config_.play_dbfs_at_operating_level;
    std::array<bool, 2> there{};
    if (tone_sums_.frames >= kFewestFrames && tone_sums_.frequency_hz > 0.0) {
        tone.frequency_hz = tone_sums_.frequency_hz * clocks_.reference.rate_hz() / rate_hz_;
        tone.averaging_s = tone_sums_.frames * frame_s;
        for (std::size_t c = 0; c < 2; ++c) {
            const double sent = tone_sums_.sent[c] / tone_sums_.frames;
            const double came = tone_sums_.came[c] / tone_sums_.frames;
            if (sent < 1e-10) {
                continue; // nothing was sent on this channel
            }
            const double difference_db = power_db(std::max(came, 1e-20) / sent) - operating_db;
            there[c] = difference_db > kPresent_db;
            tone.found = tone.found || there[c];
            tone.level_dbfs[c] = power_db(std::max(2.0 * came, 1e-20));
            tone.level_re_operating_db[c] = *tone.level_dbfs[c] - config_.capture_dbfs_at_operating_level;
            tone.level_difference_db[c] = difference_db;
        }
    }
    if (there[0] && there[1] && !tone_sums_.phase_rad.empty()) {
        // Round the first value, so that phases near half a turn do not fall apart.
        const double near_rad = tone_sums_.phase_rad.front();
        double sum = 0.0;
        double squares = 0.0;
        for (const double phase : tone_sums_.phase_rad) {
            const double off = std::remainder(phase - near_rad, 2.0 * std::numbers::pi);
            sum += off;
            squares += off * off;
        }
        const auto count = static_cast<double>(tone_sums_.phase_rad.size());
        const double mean = sum / count;
        const double phase = std::remainder(near_rad + mean, 2.0 * std::numbers::pi);
        const double us_per_rad = -1e6 / (2.0 * std::numbers::pi * tone_sums_.frequency_hz);
        tone.phase_deg = -phase * 180.0 / std::numbers::pi; // right behind left is positive
        tone.azimuth_us = phase * us_per_rad;
        tone.azimuth_spread_us = std::sqrt(std::max(0.0, squares / count - mean * mean)) * std::abs(us_per_rad);
    }
    tones_.push_back(std::move(tone));
}

void PrintJudge::end_voice(const Section& section) {
    VoiceResult voice;
    voice.name = section.plan.name;
    voice.start_tape_s = tape_start_s(section);
    voice.start_tape_m = voice.start_tape_s * metres_per_second(config_.tape_speed_ips);
    voice.duration_s = static_cast<double>(section.plan.frames) / rate_hz_;
    if (voice_sums_.programme >= kFewestVoice) {
        voice.there = voice_sums_.missing * 2 <= voice_sums_.programme;
    }
    voices_.push_back(std::move(voice));
}

} // namespace overbias::mastering
