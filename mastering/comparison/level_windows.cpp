// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/level_windows.hpp"

#include "base/units.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

// 3 % third harmonic at +10 dB re operating level: c A^2 / 4 = 0.03 with A^2 = 10 gives c = 0.012 in units of operating
// level's peak.
constexpr double kCubic = 0.012;
constexpr double kModerate = 0.012; // loss of gain up to which a frame is moderate: 0.1 dB
constexpr double kModerateHigh = 0.04;
constexpr std::size_t kHighBand = 17; // 2.5 kHz: from here on the record emphasis counts
constexpr float kOverNoise = 31.6F;   // 15 dB
constexpr double kProgramme = 100.0;  // 20 dB
// Third-order products of a noise-like programme have about 2/3 loss^2 of its power, a tenth of that in one band: a
// band has to stand well over them. Of the frame's power:
constexpr double kProducts = 20.0;        // with room for a loss that is not spread evenly over the frame
constexpr double kMostProductsHot = 1e-3; // a hot frame is judged with an allowance anyway
// Where a cubic says nothing: a loss of all there is, or a click that clips the tape and carries most of a frame's bass
// with it.
constexpr double kNoLaw = 1.0;
constexpr double kClipped = 0.07;
constexpr double kClickCrest = 40.0; // square of peak over mean
constexpr int kFewestFrames = 6;     // half a second
constexpr int kFewestInWindow = 8;

} // namespace

void LevelWindows::begin(std::int64_t first_frame, const LevelReference& reference) {
    first_frame_ = first_frame;
    reference_ = reference;
    windows_.clear();
    programme_frames_ = missing_frames_ = {};
}

std::array<bool, 2> LevelWindows::add(std::int64_t frame, const FrameFigures& figures) {
    const auto index = static_cast<std::size_t>((frame - first_frame_) / window_frames_);
    if (index >= windows_.size()) {
        windows_.resize(index + 1);
    }
    std::array<bool, 2> clear{};
    for (std::size_t c = 0; c < 2; ++c) {
        const double gain = reference_.gain[c];
        const double loss = kCubic * figures.drive[c] / (2.0 * reference_.operating_power);
        const double high_loss = kCubic * figures.emphasised_drive[c] / (2.0 * reference_.operating_power);
        const double strongest_loss = std::max(loss, high_loss);
        const bool hot = loss > kModerate || high_loss > kModerateHigh;
        const double all_products = kProducts * strongest_loss * strongest_loss;
        const double products = hot ? std::min(kMostProductsHot, all_products) : all_products;
        double noise = 0.0;
        double middle_noise = 0.0;
        for (std::size_t b = 0; b < kBands; ++b) {
            noise += static_cast<double>(reference_.noise[c][b]);
            // 400 Hz to 5 kHz, as the delay estimator
            middle_noise += b >= 9 && b <= 20 ? static_cast<double>(reference_.noise[c][b]) : 0.0;
        }
        clear[c] = figures.sent_middle[c] * gain > kProgramme * middle_noise;
        if (figures.sent_power[c] * gain > kProgramme * noise) {
            ++programme_frames_[c];
            const double came = std::max(0.0, figures.came_power[c] - noise);
            missing_frames_[c] += came < 0.01 * gain * figures.sent_power[c] ? 1 : 0;
        }
        const double peak_loss = kCubic * figures.emphasised_peak[c] / (2.0 * reference_.operating_power);
        const bool clipped =
            peak_loss > kClipped && figures.emphasised_peak[c] > kClickCrest * figures.emphasised_power[c];
        if (strongest_loss > kNoLaw || clipped) {
            continue;
        }
        for (std::size_t b = 0; b < kBands; ++b) {
            const float sent = figures.sent[c][b];
            const float floor = reference_.noise[c][b];
            if (!(sent * static_cast<float>(gain) > kOverNoise * floor)) {
                continue;
            }
            const double driven = std::max(loss, high_loss); // one coating: what drives it hard takes from every band
            if (static_cast<double>(sent) < products * figures.sent_power[c]) {
                continue;
            }
            Sums& sums = windows_[index][c][hot ? 1 : 0];
            sums.sent[b] += sent;
            sums.came[b] += figures.came[c][b] - floor;
            sums.drive[b] += static_cast<float>(driven);
            ++sums.frames[b];
        }
    }
    return clear;
}

bool LevelWindows::hot_class(int channel, std::size_t band) const {
    int moderate = 0;
    int hot = 0;
    for (const Window& w : windows_) {
        const auto& sums = w[static_cast<std::size_t>(channel)];
        moderate += sums[0].frames[band];
        hot += sums[1].frames[band];
    }
    return moderate < kFewestFrames || moderate * 20 < hot;
}

BandFigure LevelWindows::figure_of(int channel, std::size_t band, std::size_t first_window, std::size_t last_window,
                                   int fewest) const {
    BandFigure figure;
    figure.hot = hot_class(channel, band);
    double sent = 0.0;
    double came = 0.0;
    double drive = 0.0;
    int frames = 0;
    for (std::size_t w = first_window; w <= last_window; ++w) {
        const Sums& sums = windows_[w][static_cast<std::size_t>(channel)][figure.hot ? 1 : 0];
        sent += static_cast<double>(sums.sent[band]);
        came += static_cast<double>(sums.came[band]);
        drive += static_cast<double>(sums.drive[band]);
        frames += sums.frames[band];
    }
    if (frames >= fewest && sent > 0.0) {
        figure.db = power_db(std::max(came, 1e-6 * sent) / sent);
        figure.drive = std::min(1.0, drive / frames);
    }
    return figure;
}

BandFigure LevelWindows::band(int channel, std::size_t band) const {
    return windows_.empty() ? BandFigure{} : figure_of(channel, band, 0, windows_.size() - 1, kFewestFrames);
}

BandFigure LevelWindows::band(int channel, std::size_t band, std::size_t window) const {
    return figure_of(channel, band, window, window, kFewestInWindow);
}

BandFigure LevelWindows::level(int channel, std::size_t first, std::size_t last) const {
    BandFigure figure;
    for (const bool hot : {false, true}) {
        double sent = 0.0;
        double came = 0.0;
        double drive = 0.0;
        int frames = 0;
        for (std::size_t b = first; b <= last; ++b) {
            int band_frames = 0;
            double band_sent = 0.0;
            double band_drive = 0.0;
            for (const Window& w : windows_) {
                const Sums& sums = w[static_cast<std::size_t>(channel)][hot ? 1 : 0];
                sent += static_cast<double>(sums.sent[b]);
                came += static_cast<double>(sums.came[b]);
                band_sent += static_cast<double>(sums.sent[b]);
                band_drive += static_cast<double>(sums.drive[b]);
                band_frames += sums.frames[b];
            }
            drive += band_frames > 0 ? band_sent * band_drive / band_frames : 0.0;
            frames = std::max(frames, band_frames);
        }
        if (frames >= kFewestFrames && sent > 0.0) {
            figure.db = power_db(std::max(came, 1e-6 * sent) / sent);
            figure.hot = hot;
            figure.drive = std::min(1.0, drive / sent);
            return figure;
        }
    }
    return figure;
}

} // namespace overbias::mastering
