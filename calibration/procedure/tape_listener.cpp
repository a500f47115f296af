// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/tape_listener.hpp"

#include "base/units.hpp"
#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace overbias::calibration {

namespace {

constexpr std::size_t kPieceFrames = 4800;
constexpr double kFullScale = 2147483648.0;
constexpr double kWindow_s = 0.01, kWindowPeriods = 10.0;

/// Sums over windows.
class ToneSum {
  public:
    void add(const std::array<std::complex<double>, 2>& amplitude) {
        for (std::size_t c = 0; c < 2; ++c) {
            power_[c] += std::norm(amplitude[c]);
        }
        across_ += amplitude[1] * std::conj(amplitude[0]);
        ++windows_;
    }
    [[nodiscard]] std::optional<StereoTone> mean() const {
        if (windows_ == 0) {
            return std::nullopt;
        }
        StereoTone tone;
        for (std::size_t c = 0; c < 2; ++c) {
            tone.level_dbfs[c] = power_db(power_[c] / windows_);
        }
        tone.phase_deg = std::arg(across_) * 180.0 / std::numbers::pi;
        return tone;
    }

  private:
    std::array<double, 2> power_{};
    std::complex<double> across_ = 0.0;
    int windows_ = 0;
};

} // namespace

TapeListener::TapeListener(audio::BlockEngine& engine, audio::FrameTap& tap, double return_rate_hz)
    : engine_(engine), return_(engine, tap, return_rate_hz), rate_hz_(engine.sample_rate_hz()),
      samples_(2 * kPieceFrames) {
    listen(frequency_hz_);
    while (tap.read(samples_).frames > 0) {
    }
}

void TapeListener::listen(double frequency_hz) {
    frequency_hz_ = frequency_hz;
    window_frames_ = static_cast<std::int64_t>(std::max(kWindow_s, kWindowPeriods / frequency_hz) * rate_hz_);
    windows_.clear();
    next_window_ = end_frame();
}

void TapeListener::drain() {
    for (auto block = return_.read(samples_); block.frames > 0; block = return_.read(samples_)) {
        if (block.first_frame != end_frame()) {
            // frames are missing: what was before them can't be joined to what follows
            channels_[0].clear();
            channels_[1].clear();
            windows_.clear();
            first_frame_ = next_window_ = block.first_frame;
        }
        for (std::size_t i = 0; i < block.frames; ++i) {
            channels_[0].push_back(static_cast<float>(samples_[2 * i] / kFullScale));
            channels_[1].push_back(static_cast<float>(samples_[2 * i + 1] / kFullScale));
        }
        take_windows();
        if (taker_) {
            taker_(block.first_frame, std::span<const std::int32_t>(samples_).first(2 * block.frames));
        }
    }
    const auto kept = static_cast<std::size_t>(kFramesKept_s * rate_hz_);
    if (channels_[0].size() > 2 * kept) {
        const std::size_t old = channels_[0].size() - kept;
        for (auto& channel : channels_) {
            channel.erase(channel.begin(), channel.begin() + static_cast<std::ptrdiff_t>(old));
        }
        first_frame_ += static_cast<std::int64_t>(old);
    }
}

TapeListener::Window TapeListener::window_at(std::int64_t first_frame) const {
    Window window{.first_frame = first_frame, .amplitude = {}};
    for (std::size_t c = 0; c < 2; ++c) {
        window.amplitude[c] = dsp::tone_at(std::span<const float>(channels_[c])
                                               .subspan(static_cast<std::size_t>(first_frame - first_frame_),
                                                        static_cast<std::size_t>(window_frames_)),
                                           frequency_hz_ / rate_hz_);
    }
    return window;
}

void TapeListener::take_windows() {
    for (; next_window_ + window_frames_ <= end_frame(); next_window_ += window_frames_ / 2) {
        windows_.push_back(window_at(next_window_));
    }
    const auto oldest = end_frame() - static_cast<std::int64_t>(kKept_s * rate_hz_);
    while (!windows_.empty() && windows_.front().first_frame < oldest) {
        windows_.pop_front();
    }
}

double TapeListener::frame_at(DeckTime when) {
    const auto stamp = return_.timestamp();
    return static_cast<double>(stamp.frame) + seconds(when - stamp.at) * rate_hz_;
}

bool TapeListener::heard_until(DeckTime until) {
    return static_cast<double>(end_frame()) >= frame_at(until);
}

std::optional<StereoTone> TapeListener::tone(DeckTime from, DeckTime to) {
    const auto first = static_cast<std::int64_t>(std::ceil(frame_at(from)));
    const auto last = static_cast<std::int64_t>(std::floor(frame_at(to)));
    if (windows_.empty() || windows_.front().first_frame > first + window_frames_ || end_frame() < last) {
        return std::nullopt;
    }
    ToneSum sum;
    for (const Window& window : windows_) {
        if (window.first_frame >= first && window.first_frame + window_frames_ <= last) {
            sum.add(window.amplitude);
        }
    }
    return sum.mean();
}

std::optional<StereoTone> TapeListener::moment(DeckTime from) {
    const auto first = static_cast<std::int64_t>(std::ceil(frame_at(from)));
    if (first < first_frame_ || first + window_frames_ > end_frame()) {
        return std::nullopt;
    }
    ToneSum sum;
    sum.add(window_at(first).amplitude);
    return sum.mean();
}

} // namespace overbias::calibration
