// SPDX-License-Identifier: Apache-2.0
#include "calibration/reproduce/reproduce_tones.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace overbias::calibration {

namespace {

constexpr std::size_t kPiece = 2048; ///< fewer at once would only cost time
constexpr double kFullScale = 2147483648.0;
constexpr double kNotHeard_dbfs = -200.0;
constexpr double kSameTone = 0.01;

dsp::TapeTonesConfig followed(double rate_hz, double silence_dbfs) {
    return {.rate_hz = rate_hz, .sequence_hz = {}, .within = 0.04, .silence_dbfs = silence_dbfs, .level_ends = false};
}

} // namespace

ReproduceTones::ReproduceTones(double rate_hz, double silence_dbfs)
    : rate_hz_(rate_hz), tracks_{dsp::TapeTones(followed(rate_hz, silence_dbfs)),
                                 dsp::TapeTones(followed(rate_hz, silence_dbfs))} {
    for (auto& pending : pending_) {
        pending.reserve(2 * kPiece);
    }
}

void ReproduceTones::restart() {
    for (std::size_t track = 0; track < kTracks; ++track) {
        tracks_[track].reset();
        pending_[track].clear();
    }
    base_frame_ = -1;
    silent_frames_ = 0;
    lead_.reset();
    ended_.clear();
}

void ReproduceTones::take(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
    if (base_frame_ >= 0 && first_frame != next_frame_) {
        // frames are missing: a tone that goes on is found again
        auto ended = std::move(ended_);
        if (const auto tone = playing()) {
            ended.push_back(*tone);
        }
        restart();
        ended_ = std::move(ended);
    }
    if (base_frame_ < 0) {
        base_frame_ = first_frame;
    }
    for (std::size_t i = 0; i + 1 < interleaved.size(); i += kTracks) {
        for (std::size_t track = 0; track < kTracks; ++track) {
            pending_[track].push_back(static_cast<float>(interleaved[i + track] / kFullScale));
        }
        if (pending_[0].size() == kPiece) {
            feed();
        }
    }
    next_frame_ = first_frame + static_cast<std::int64_t>(interleaved.size() / kTracks);
}

void ReproduceTones::feed() {
    bool silent = true;
    for (std::size_t track = 0; track < kTracks; ++track) {
        tracks_[track].process(pending_[track]);
        silent = silent && tracks_[track].heard() == dsp::TapeTones::Heard::Silence;
    }
    silent_frames_ = silent ? silent_frames_ + static_cast<std::int64_t>(pending_[0].size()) : 0;
    for (auto& pending : pending_) {
        pending.clear();
    }
    look();
}

ReproduceTones::Tone ReproduceTones::tone_of(const dsp::TapeTone& tone) const {
    const auto frame = [&](double at_s) {
        return base_frame_ + static_cast<std::int64_t>(std::llround(at_s * rate_hz_));
    };
    return {.frequency_hz = tone.frequency_hz,
            .begin_frame = frame(tone.begin_s),
            .end_frame = frame(tone.end_s),
            .level_dbfs = {tone.level_dbfs, tone.level_dbfs}};
}

void ReproduceTones::add_other(Tone& tone) const {
    double& level_dbfs = tone.level_dbfs[1 - *lead_];
    level_dbfs = kNotHeard_dbfs;
    const auto same = [&](const dsp::TapeTone& each) {
        const Tone other = tone_of(each);
        return std::abs(other.frequency_hz / tone.frequency_hz - 1.0) < kSameTone &&
               std::min(other.end_frame, tone.end_frame) > std::max(other.begin_frame, tone.begin_frame);
    };
    const dsp::TapeTones& track = tracks_[1 - *lead_];
    for (const dsp::TapeTone& each : track.played()) {
        if (same(each)) {
            level_dbfs = each.level_dbfs;
        }
    }
    if (track.playing() != nullptr && same(*track.playing())) {
        level_dbfs = track.playing()->level_dbfs;
    }
}

void ReproduceTones::look() {
    if (lead_ && tracks_[*lead_].playing() == nullptr) {
        if (!tracks_[*lead_].played().empty()) {
            last_.end_frame = std::max(last_.begin_frame, tone_of(tracks_[*lead_].played().back()).end_frame);
        }
        add_other(last_);
        ended_.push_back(last_);
        lead_.reset();
    }
    for (std::size_t track = 0; !lead_ && track < kTracks; ++track) {
        const dsp::TapeTone* tone = tracks_[track].playing();
        // what the track that was followed has ended already is not taken up again on the other one
        if (tone != nullptr && (ended_.empty() || tone_of(*tone).begin_frame >= ended_.back().end_frame)) {
            lead_ = track;
        }
    }
    if (lead_) {
        last_ = tone_of(*tracks_[*lead_].playing());
    }
}

std::optional<ReproduceTones::Tone> ReproduceTones::playing() const {
    if (!lead_) {
        return std::nullopt;
    }
    Tone tone = last_;
    add_other(tone);
    return tone;
}

bool ReproduceTones::other() const noexcept {
    return !lead_ && std::any_of(tracks_.begin(), tracks_.end(), [](const dsp::TapeTones& each) {
        return each.heard() == dsp::TapeTones::Heard::Other;
    });
}

} // namespace overbias::calibration
