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
constexpr int kFewestInSecond = 4; // a third of it

/// Bands weighted by what was sent in them.
class LevelSum {
  public:
    void add(double sent, double came, double drive, int frames) {
        sent_ += sent;
        came_ += came;
        drive_ += frames > 0 ? sent * drive / frames : 0.0;
        frames_ = std::max(frames_, frames);
    }
    [[nodiscard]] bool enough(int fewest) const { return frames_ >= fewest && sent_ > 0.0; }
    [[nodiscard]] BandFigure figure(bool hot) const {
        return {power_db(std::max(came_, 1e-6 * sent_) / sent_), hot, std::min(1.0, drive_ / sent_)};
    }

  private:
    double sent_ = 0.0, came_ = 0.0, drive_ = 0.0;
    int frames_ = 0;
};

} // namespace

std::array<FrameUse, 2> frame_use(const FrameFigures& figures, const LevelReference& reference) {
    std::array<FrameUse, 2> use{};
    for (std::size_t c = 0; c < 2; ++c) {
        const double gain = reference.gain[c];
        const double loss = kCubic * figures.drive[c] / (2.0 * reference.operating_power);
        const double high_loss = kCubic * figures.emphasised_drive[c] / (2.0 * reference.operating_power);
        double noise = 0.0;
        double middle_noise = 0.0;
        for (std::size_t b = 0; b < kBands; ++b) {
            noise += static_cast<double>(reference.noise[c][b]);
            // 400 Hz to 5 kHz, as the delay estimator
            middle_noise += b >= 9 && b <= 20 ? static_cast<double>(reference.noise[c][b]) : 0.0;
        }
        use[c].loss = std::max(loss, high_loss);
        use[c].hot = loss > kModerate || high_loss > kModerateHigh;
        use[c].clear = figures.sent_middle[c] * gain > kProgramme * middle_noise;
        use[c].programme = figures.sent_power[c] * gain > kProgramme * noise;
        use[c].missing =
            use[c].programme && std::max(0.0, figures.came_power[c] - noise) < 0.01 * gain * figures.sent_power[c];
        const double peak_loss = kCubic * figures.emphasised_peak[c] / (2.0 * reference.operating_power);
        const bool clicks =
            peak_loss > kClipped && figures.emphasised_peak[c] > kClickCrest * figures.emphasised_power[c];
        use[c].clipped = use[c].loss > kNoLaw || clicks;
    }
    return use;
}

void LevelWindows::begin(std::int64_t first_frame, const LevelReference& reference) {
    first_frame_ = first_frame;
    reference_ = reference;
    seconds_.clear();
    totals_ = {};
    frames_ = 0;
    programme_frames_ = missing_frames_ = {};
}

void LevelWindows::add(std::int64_t frame, const FrameFigures& figures, const std::array<FrameUse, 2>& use) {
    const auto index = static_cast<std::size_t>((frame - first_frame_) / second_frames_);
    if (index >= seconds_.size()) {
        seconds_.resize(index + 1);
    }
    ++frames_;
    for (std::size_t c = 0; c < 2; ++c) {
        const double gain = reference_.gain[c];
        const bool hot = use[c].hot;
        const double all_products = kProducts * use[c].loss * use[c].loss;
        const double products = hot ? std::min(kMostProductsHot, all_products) : all_products;
        programme_frames_[c] += use[c].programme ? 1 : 0;
        missing_frames_[c] += use[c].missing ? 1 : 0;
        if (use[c].clipped || !use[c].measured) {
            continue;
        }
        for (std::size_t b = 0; b < kBands; ++b) {
            const float sent = figures.sent[c][b];
            const float floor = reference_.noise[c][b];
            if (!(sent * static_cast<float>(gain) > kOverNoise * floor)) {
                continue;
            }
            const double driven = use[c].loss; // one coating: what drives it hard takes from every band
            if (static_cast<double>(sent) < products * figures.sent_power[c]) {
                continue;
            }
            Sums& sums = seconds_[index][c][hot ? 1 : 0];
            sums.sent[b] += sent;
            sums.came[b] += figures.came[c][b] - floor;
            sums.drive[b] += static_cast<float>(driven);
            const float own =
                sent * static_cast<float>(kCubic / (2.0 * reference_.operating_power)) * figures.band_drive[c][b];
            sums.own_drive[b] += own;
            ++sums.frames[b];
            Totals& total = totals_[c][hot ? 1 : 0];
            total.sent[b] += static_cast<double>(sent);
            total.came[b] += static_cast<double>(figures.came[c][b] - floor);
            total.drive[b] += driven;
            total.own_drive[b] += static_cast<double>(own);
            ++total.frames[b];
        }
    }
}

bool LevelWindows::hot_class(int channel, std::size_t band) const {
    const auto& totals = totals_[static_cast<std::size_t>(channel)];
    return totals[0].frames[band] < kFewestFrames || totals[0].frames[band] * 20 < totals[1].frames[band];
}

BandFigure LevelWindows::figure_of(int channel, std::size_t band, std::size_t first, std::size_t last,
                                   int fewest) const {
    BandFigure figure;
    figure.hot = hot_class(channel, band);
    double sent = 0.0;
    double came = 0.0;
    double drive = 0.0;
    double own_drive = 0.0;
    int frames = 0;
    for (std::size_t second = first; second < std::min(last, seconds_.size()); ++second) {
        const Sums& sums = seconds_[second][static_cast<std::size_t>(channel)][figure.hot ? 1 : 0];
        sent += static_cast<double>(sums.sent[band]);
        came += static_cast<double>(sums.came[band]);
        drive += static_cast<double>(sums.drive[band]);
        own_drive += static_cast<double>(sums.own_drive[band]);
        frames += sums.frames[band];
    }
    if (frames >= fewest && sent > 0.0) {
        figure.db = power_db(std::max(came, 1e-6 * sent) / sent);
        figure.drive = std::min(1.0, drive / frames);
        figure.own_drive = std::min(1.0, own_drive / sent);
    }
    return figure;
}

BandFigure LevelWindows::band(int channel, std::size_t band) const {
    BandFigure figure;
    figure.hot = hot_class(channel, band);
    const Totals& total = totals_[static_cast<std::size_t>(channel)][figure.hot ? 1 : 0];
    if (total.frames[band] >= kFewestFrames && total.sent[band] > 0.0) {
        figure.db = power_db(std::max(total.came[band], 1e-6 * total.sent[band]) / total.sent[band]);
        figure.drive = std::min(1.0, total.drive[band] / total.frames[band]);
        figure.own_drive = std::min(1.0, total.own_drive[band] / total.sent[band]);
    }
    return figure;
}

BandFigure LevelWindows::band(int channel, std::size_t band, std::size_t window) const {
    return figure_of(channel, band, window * kWindow_s, (window + 1) * kWindow_s, kFewestInWindow);
}

BandFigure LevelWindows::band_in_second(int channel, std::size_t band, std::size_t second) const {
    return figure_of(channel, band, second, second + 1, kFewestInSecond);
}

BandFigure LevelWindows::level(int channel, std::size_t first, std::size_t last) const {
    for (const bool hot : {false, true}) {
        const Totals& total = totals_[static_cast<std::size_t>(channel)][hot ? 1 : 0];
        LevelSum sum;
        for (std::size_t b = first; b <= last; ++b) {
            sum.add(total.sent[b], total.came[b], total.drive[b], total.frames[b]);
        }
        if (sum.enough(kFewestFrames)) {
            return sum.figure(hot);
        }
    }
    return {};
}

BandFigure LevelWindows::level_in_second(int channel, std::size_t first, std::size_t last, std::size_t second) const {
    for (const bool hot : {false, true}) {
        const Sums& sums = seconds_[second][static_cast<std::size_t>(channel)][hot ? 1 : 0];
        LevelSum sum;
        for (std::size_t b = first; b <= last; ++b) {
            sum.add(static_cast<double>(sums.sent[b]), static_cast<double>(sums.came[b]),
                    static_cast<double>(sums.drive[b]), sums.frames[b]);
        }
        if (sum.enough(kFewestInSecond)) {
            return sum.figure(hot);
        }
    }
    return {};
}

double LevelWindows::share_judged(int channel, std::size_t band) const noexcept {
    const auto& totals = totals_[static_cast<std::size_t>(channel)];
    return frames_ > 0
               ? static_cast<double>(totals[0].frames[band] + totals[1].frames[band]) / static_cast<double>(frames_)
               : 0.0;
}

} // namespace overbias::mastering
