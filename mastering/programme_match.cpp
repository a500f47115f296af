// SPDX-License-Identifier: Apache-2.0
#include "mastering/programme_match.hpp"

#include "base/figure.hpp"
#include "dsp/analysis/fft.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <optional>
#include <vector>

namespace overbias::mastering {

namespace {

using Frames = std::ptrdiff_t;
using Bins = std::vector<std::complex<float>>;

constexpr Frames kBlock = 1000;        ///< 0.25 s
constexpr std::size_t kFft = 4096;     ///< a segment of the reference ...
constexpr Frames kHop = kFft - kBlock; ///< ... and the lags it gives, less one
constexpr float kPreEmphasis = 0.95F;
constexpr double kAudible = 2.5e-4; ///< -72 dBFS rms after pre-emphasis: above tape noise, below any programme
constexpr double kFloor = 1.2e-4;   ///< added to the rms of both: what is near silence is like nothing
constexpr double kMostSpeedError = 0.005;
constexpr double kSpeedStep = 0.00005; ///< 0.15 ms at the ends of six seconds
constexpr Frames kApart = 160;         ///< 40 ms: places nearer to each other are one
constexpr std::size_t kCandidates = 6;
constexpr Frames kOnTheLine = 3; ///< 0.75 ms
constexpr double kAgrees = 0.3;  ///< rho of a block that counts as agreeing

struct Stereo {
    std::vector<float> left, right;
    std::vector<double> energy; ///< of both, up to but without frame n
    [[nodiscard]] Frames frames() const { return static_cast<Frames>(left.size()); }
    [[nodiscard]] double energy_of(Frames from, Frames count) const {
        return energy[static_cast<std::size_t>(from + count)] - energy[static_cast<std::size_t>(from)];
    }
};

Stereo pre_emphasised(std::span<const float> interleaved) {
    const std::size_t frames = interleaved.size() / 2;
    Stereo out{std::vector<float>(frames), std::vector<float>(frames), std::vector<double>(frames + 1)};
    float left = 0.0F, right = 0.0F;
    for (std::size_t n = 0; n < frames; ++n) {
        out.left[n] = interleaved[2 * n] - kPreEmphasis * left;
        out.right[n] = interleaved[2 * n + 1] - kPreEmphasis * right;
        left = interleaved[2 * n];
        right = interleaved[2 * n + 1];
        const double l = out.left[n], r = out.right[n];
        out.energy[n + 1] = out.energy[n] + l * l + r * r;
    }
    return out;
}

/// Energy of a block of both channels at that rms.
constexpr double block_energy(double rms) {
    return 2.0 * static_cast<double>(kBlock) * rms * rms;
}

double norm(double heard_energy, double reference_energy) {
    return std::sqrt((heard_energy + block_energy(kFloor)) * (std::max(reference_energy, 0.0) + block_energy(kFloor)));
}

/// The largest |value| within `reach` either side.
void widen(std::vector<float>& values, Frames reach, std::vector<float>& scratch) {
    scratch = values;
    const auto count = static_cast<Frames>(values.size());
    std::vector<Frames> queue(values.size()); // places of falling values that are still within reach
    std::size_t head = 0, tail = 0;
    Frames next = 0;
    for (Frames n = 0; n < count; ++n) {
        for (; next < count && next <= n + reach; ++next) {
            const float value = std::abs(scratch[static_cast<std::size_t>(next)]);
            while (tail > head && std::abs(scratch[static_cast<std::size_t>(queue[tail - 1])]) <= value) {
                --tail;
            }
            queue[tail++] = next;
        }
        while (queue[head] < n - reach) {
            ++head;
        }
        values[static_cast<std::size_t>(n)] = std::abs(scratch[static_cast<std::size_t>(queue[head])]);
    }
}

class Matcher {
  public:
    Matcher(std::span<const float> heard, std::span<const float> reference)
        : heard_(pre_emphasised(heard)), reference_(pre_emphasised(reference)), fft_(kFft) {
        for (Frames from = 0; from + kBlock <= heard_.frames(); from += kBlock) {
            if (heard_.energy_of(from, kBlock) > block_energy(kAudible)) {
                blocks_.push_back(from);
            }
        }
        middle_ = 0.5 * static_cast<double>(heard_.frames());
    }
    [[nodiscard]] std::size_t blocks() const { return blocks_.size(); }
    [[nodiscard]] Frames places() const { return reference_.frames() - heard_.frames() + 1; }

    /// Where the first frame heard may lie in the reference, best first.
    std::vector<Frames> candidates();

    struct Line {
        Frames place = 0; ///< of the first frame heard, if the speed were right
        double speed_error = 0.0;
        double mean_rho = 0.0; ///< signed
    };
    /// The best line near a place.
    [[nodiscard]] Line best_line(Frames place) const;
    [[nodiscard]] ProgrammeMatch measure(const Line& line) const;

  private:
    /// How far a block is shifted by that speed error, the middle of what was heard being held.
    [[nodiscard]] double shift(Frames block, double speed_error) const {
        return speed_error * (static_cast<double>(block) + 0.5 * static_cast<double>(kBlock) - middle_);
    }
    [[nodiscard]] double rho(Frames block, Frames lag) const;
    [[nodiscard]] double between_samples(const Line& line, Frames place, const std::vector<double>& rhos,
                                         Frames span) const;
    void transform_reference();
    void correlate(Frames block, std::vector<float>& rho_of_lag);

    Stereo heard_, reference_;
    dsp::RealFft fft_;
    std::vector<Frames> blocks_; ///< first frames of the audible ones
    double middle_ = 0.0;
    std::vector<std::array<Bins, 2>> segments_;
};

void Matcher::transform_reference() {
    std::vector<float> piece(kFft);
    for (Frames from = 0; from + kBlock <= reference_.frames(); from += kHop) {
        std::array<Bins, 2>& segment = segments_.emplace_back();
        const Frames count = std::min<Frames>(static_cast<Frames>(kFft), reference_.frames() - from);
        for (std::size_t channel = 0; channel < 2; ++channel) {
            const auto& samples = channel == 0 ? reference_.left : reference_.right;
            std::fill(piece.begin(), piece.end(), 0.0F);
            std::copy_n(samples.begin() + from, count, piece.begin());
            segment[channel].resize(fft_.bins());
            fft_.forward(piece, segment[channel]);
        }
    }
}

void Matcher::correlate(Frames block, std::vector<float>& rho_of_lag) {
    std::vector<float> piece(kFft);
    std::array<Bins, 2> spectra{Bins(fft_.bins()), Bins(fft_.bins())};
    for (std::size_t channel = 0; channel < 2; ++channel) {
        const auto& samples = channel == 0 ? heard_.left : heard_.right;
        std::fill(piece.begin(), piece.end(), 0.0F);
        std::copy_n(samples.begin() + block, kBlock, piece.begin());
        fft_.forward(piece, spectra[channel]);
    }
    const double energy = heard_.energy_of(block, kBlock);
    const auto lags = static_cast<Frames>(rho_of_lag.size());
    Bins cross(fft_.bins());
    for (std::size_t s = 0; s < segments_.size(); ++s) {
        for (std::size_t k = 0; k < cross.size(); ++k) {
            cross[k] = std::conj(spectra[0][k]) * segments_[s][0][k] + std::conj(spectra[1][k]) * segments_[s][1][k];
        }
        fft_.inverse(cross, piece);
        const Frames from = static_cast<Frames>(s) * kHop;
        for (Frames n = 0; n < kHop && from + n < lags; ++n) {
            const double scale = norm(energy, reference_.energy_of(from + n, kBlock));
            rho_of_lag[static_cast<std::size_t>(from + n)] =
                static_cast<float>(static_cast<double>(piece[static_cast<std::size_t>(n)]) / scale);
        }
    }
}

std::vector<Frames> Matcher::candidates() {
    transform_reference();
    std::vector<float> sum(static_cast<std::size_t>(places()), 0.0F);
    std::vector<float> rho_of_lag(static_cast<std::size_t>(reference_.frames() - kBlock + 1)), scratch;
    for (const Frames block : blocks_) {
        correlate(block, rho_of_lag);
        widen(rho_of_lag, static_cast<Frames>(std::ceil(std::abs(shift(block, kMostSpeedError)))) + 2, scratch);
        for (std::size_t place = 0; place < sum.size(); ++place) {
            sum[place] += rho_of_lag[place + static_cast<std::size_t>(block)];
        }
    }
    std::vector<Frames> best;
    while (best.size() < kCandidates) {
        const auto top = std::max_element(sum.begin(), sum.end());
        if (*top <= 0.0F) {
            break;
        }
        const Frames place = top - sum.begin();
        best.push_back(place);
        const Frames from = std::max<Frames>(0, place - kApart);
        const Frames to = std::min<Frames>(static_cast<Frames>(sum.size()), place + kApart + 1);
        std::fill(sum.begin() + from, sum.begin() + to, 0.0F);
    }
    return best;
}

double Matcher::rho(Frames block, Frames lag) const {
    if (lag < 0 || lag + kBlock > reference_.frames()) {
        return 0.0;
    }
    float sum = 0.0F;
    const float* left = heard_.left.data() + block;
    const float* right = heard_.right.data() + block;
    const float* reference_left = reference_.left.data() + lag;
    const float* reference_right = reference_.right.data() + lag;
    for (Frames n = 0; n < kBlock; ++n) {
        sum += left[n] * reference_left[n] + right[n] * reference_right[n];
    }
    return static_cast<double>(sum) / norm(heard_.energy_of(block, kBlock), reference_.energy_of(lag, kBlock));
}

Matcher::Line Matcher::best_line(Frames place) const {
    const Frames reach = kApart / 2;
    const auto most_shift = static_cast<Frames>(std::ceil(std::abs(shift(0, kMostSpeedError)))) + 1;
    const Frames span = reach + most_shift + 10; // of lags either side, and for what is between the samples
    const auto width = static_cast<std::size_t>(2 * span + 1);
    std::vector<double> rhos(blocks_.size() * width);
    for (std::size_t m = 0; m < blocks_.size(); ++m) {
        for (Frames n = -span; n <= span; ++n) {
            rhos[m * width + static_cast<std::size_t>(n + span)] = rho(blocks_[m], place + blocks_[m] + n);
        }
    }
    Line best;
    const int steps = static_cast<int>(std::lround(kMostSpeedError / kSpeedStep));
    for (int step = -steps; step <= steps; ++step) {
        const double error = step * kSpeedStep;
        for (Frames n = -reach; n <= reach; ++n) {
            double sum = 0.0;
            for (std::size_t m = 0; m < blocks_.size(); ++m) {
                const auto at = static_cast<Frames>(std::lround(shift(blocks_[m], error))) + n + span;
                sum += rhos[m * width + static_cast<std::size_t>(at)];
            }
            sum /= static_cast<double>(blocks_.size());
            if (std::abs(sum) > std::abs(best.mean_rho)) {
                best = {place + n, error, sum};
            }
        }
    }
    best.mean_rho = between_samples(best, place, rhos, span);
    return best;
}

/// The peak of the mean between the samples: two places that carry the same, but lie differently between the samples,
/// must come out alike. `rhos` holds for each block those at the lags within `span` of `place`.
double Matcher::between_samples(const Line& line, Frames place, const std::vector<double>& rhos, Frames span) const {
    constexpr double kStep = 0.125;
    constexpr int kSteps = 8; // one sample either way
    constexpr Frames kTaps = 8;
    const auto width = static_cast<std::size_t>(2 * span + 1);
    double best = 0.0;
    for (int step = -kSteps; step <= kSteps; ++step) {
        double sum = 0.0;
        for (std::size_t m = 0; m < blocks_.size(); ++m) {
            const double at =
                static_cast<double>(line.place - place + span) + shift(blocks_[m], line.speed_error) + step * kStep;
            const auto below = static_cast<Frames>(std::floor(at));
            for (Frames n = below - kTaps + 1; n <= below + kTaps; ++n) {
                if (n >= 0 && n < static_cast<Frames>(width)) {
                    const double x = std::numbers::pi * (at - static_cast<double>(n));
                    const double window = 0.5 + 0.5 * std::cos(x / static_cast<double>(kTaps));
                    const double sinc = std::abs(x) < 1e-9 ? 1.0 : std::sin(x) / x;
                    sum += rhos[m * width + static_cast<std::size_t>(n)] * sinc * window;
                }
            }
        }
        sum /= static_cast<double>(blocks_.size());
        best = std::abs(sum) > std::abs(best) ? sum : best;
    }
    return best;
}

ProgrammeMatch Matcher::measure(const Line& line) const {
    ProgrammeMatch out;
    out.correlation = std::abs(line.mean_rho);
    out.inverted = line.mean_rho < 0.0;
    out.blocks = static_cast<int>(blocks_.size());
    // the peak of each block near the line, between the samples by a parabola
    const double sign = out.inverted ? -1.0 : 1.0;
    std::vector<double> heard_at, found_at;
    for (const Frames block : blocks_) {
        const Frames due = line.place + block + static_cast<Frames>(std::lround(shift(block, line.speed_error)));
        std::array<double, 2 * kOnTheLine + 1> near{};
        for (Frames n = -kOnTheLine; n <= kOnTheLine; ++n) {
            near[static_cast<std::size_t>(n + kOnTheLine)] = sign * rho(block, due + n);
        }
        const auto top = std::max_element(near.begin(), near.end());
        if (*top < kAgrees || top == near.begin() || top == near.end() - 1) {
            continue;
        }
        const double bend = top[-1] - 2.0 * top[0] + top[1];
        const double between = bend < 0.0 ? 0.5 * (top[-1] - top[1]) / bend : 0.0;
        heard_at.push_back(static_cast<double>(block) + 0.5 * static_cast<double>(kBlock));
        found_at.push_back(static_cast<double>(due + (top - near.begin()) - kOnTheLine) + between +
                           0.5 * static_cast<double>(kBlock));
    }
    out.agreeing = static_cast<int>(heard_at.size());
    if (out.agreeing < 2) {
        return out;
    }
    const auto count = static_cast<double>(out.agreeing);
    double mean_x = 0.0, mean_y = 0.0, xx = 0.0, xy = 0.0, residual = 0.0;
    for (std::size_t n = 0; n < heard_at.size(); ++n) {
        mean_x += heard_at[n] / count;
        mean_y += found_at[n] / count;
    }
    for (std::size_t n = 0; n < heard_at.size(); ++n) {
        xx += (heard_at[n] - mean_x) * (heard_at[n] - mean_x);
        xy += (heard_at[n] - mean_x) * (found_at[n] - mean_y);
    }
    out.speed = xy / xx;
    for (std::size_t n = 0; n < heard_at.size(); ++n) {
        const double off = found_at[n] - mean_y - out.speed * (heard_at[n] - mean_x);
        residual += off * off;
    }
    out.heard_s = mean_x / kMatchRate_hz;
    out.programme_s = mean_y / kMatchRate_hz;
    out.uncertainty_s = std::max(std::sqrt(residual / std::max(1.0, count - 2.0)), 0.5) / kMatchRate_hz;
    return out;
}

Error nothing(const std::string& why) {
    return Error{why};
}

std::string share(double value) {
    return figure(value, 2);
}

} // namespace

Result<ProgrammeMatch> match_programme(std::span<const float> heard, std::span<const float> reference,
                                       const MatchLimits& limits) {
    if (reference.size() < heard.size() || heard.size() / 2 < static_cast<std::size_t>(2 * kBlock)) {
        return nothing("too little to compare: " + figure(static_cast<double>(heard.size()) / 2.0 / kMatchRate_hz, 1) +
                       " s heard, " + figure(static_cast<double>(reference.size()) / 2.0 / kMatchRate_hz, 1) +
                       " s of programme");
    }
    Matcher matcher(heard, reference);
    const double audible_s = static_cast<double>(matcher.blocks() * static_cast<std::size_t>(kBlock)) / kMatchRate_hz;
    if (audible_s < limits.least_audible_s) {
        return nothing("only " + figure(audible_s, 2) + " s of what came off tape are audible, needed are " +
                       figure(limits.least_audible_s, 1) + " s");
    }
    std::vector<Matcher::Line> lines;
    for (const Frames place : matcher.candidates()) {
        lines.push_back(matcher.best_line(place));
    }
    std::ranges::sort(lines, [](const auto& a, const auto& b) { return std::abs(a.mean_rho) > std::abs(b.mean_rho); });
    if (lines.empty() || std::abs(lines[0].mean_rho) < limits.least_correlation) {
        return nothing("what came off tape is like no place of it: the best correlation is " +
                       share(lines.empty() ? 0.0 : std::abs(lines[0].mean_rho)) + ", needed is " +
                       share(limits.least_correlation));
    }
    ProgrammeMatch match = matcher.measure(lines[0]);
    for (const Matcher::Line& other : lines) {
        if (std::abs(other.place - lines[0].place) > kApart) {
            match.runner_up = std::abs(other.mean_rho) / match.correlation;
            break;
        }
    }
    if (match.runner_up > limits.most_runner_up) {
        return nothing("what came off tape fits more than one place: the next best is " +
                       figure(100.0 * match.runner_up, 0) + " % as good as the best (limit " +
                       figure(100.0 * limits.most_runner_up, 0) + " %)");
    }
    if (match.agreeing < limits.least_agreeing * match.blocks) {
        return nothing("only " + std::to_string(match.agreeing) + " of " + std::to_string(match.blocks) +
                       " pieces lie on one line of place against time");
    }
    return match;
}

} // namespace overbias::mastering
