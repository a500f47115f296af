// SPDX-License-Identifier: Apache-2.0
#include "mastering/verify/slate_watch.hpp"

#include "mastering/verify/frame_store.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kBlock_s = 0.01;
constexpr double kTonal = 0.8;
constexpr double kMostSpeedError = 0.015;
constexpr double kAudible = 1e-6; ///< mean square, -60 dBFS
constexpr double kRun_s = 1.2;
constexpr double kSettled_s = 0.1; ///< after the onset, before the frequency is taken
constexpr double kEnvelope_s = 0.005;
constexpr double kKeep_s = 3.0;

} // namespace

struct SlateWatch::Impl {
    Impl(double rate, double tone) : rate_hz(rate), tone_hz(tone), block(std::llround(kBlock_s * rate)) {}

    struct Block {
        std::int64_t first = 0;
        std::complex<double> phasor; ///< of the louder channel, against frame 0 of the return
        double power = 0.0, tone_power = 0.0;
        int channel = 0;
    };

    /// A channel around the tone's frequency over some frames; a sine of amplitude A gives |.| = A.
    [[nodiscard]] std::complex<double> phasor(std::int64_t from, std::int64_t frames, int channel) const {
        std::vector<float> samples(static_cast<std::size_t>(frames));
        store.copy(from, static_cast<std::size_t>(channel), samples);
        const double turn = 2.0 * std::numbers::pi * tone_hz / rate_hz;
        std::complex<double> sum;
        for (std::size_t n = 0; n < samples.size(); ++n) {
            const double at = turn * static_cast<double>(from + static_cast<std::int64_t>(n));
            sum += static_cast<double>(samples[n]) * std::complex(std::cos(at), -std::sin(at));
        }
        return sum * (2.0 / static_cast<double>(frames));
    }

    void take(std::int64_t first) {
        // The louder channel; that of the block before while it is hardly less loud, as one may be inverted.
        std::vector<float> samples(static_cast<std::size_t>(block));
        std::array<double, 2> power{};
        for (std::size_t channel = 0; channel < 2; ++channel) {
            store.copy(first, channel, samples);
            for (const float sample : samples) {
                power[channel] += static_cast<double>(sample) * static_cast<double>(sample);
            }
            power[channel] /= static_cast<double>(block);
        }
        int louder = power[1] > power[0] ? 1 : 0;
        if (!run.empty() &&
            power[static_cast<std::size_t>(run.back().channel)] > 0.5 * power[static_cast<std::size_t>(louder)]) {
            louder = run.back().channel;
        }
        Block best;
        best.first = first;
        best.power = power[static_cast<std::size_t>(louder)];
        best.channel = louder;
        best.phasor = phasor(first, block, louder);
        best.tone_power = 0.5 * std::norm(best.phasor);
        const bool tone = best.power > kAudible && best.tone_power > kTonal * best.power;
        const bool goes_on = run.empty() || steady(run.back(), best);
        if (!tone || !goes_on) {
            run.clear();
            before_run = true;
            if (!tone) {
                return;
            }
        }
        run.push_back(best);
        if (static_cast<double>(run.size()) * kBlock_s >= kRun_s) {
            conclude();
        }
    }

    /// The phase moves as a tone within the range of speeds makes it move.
    [[nodiscard]] bool steady(const Block& a, const Block& b) const {
        const double moved = std::arg(b.phasor * std::conj(a.phasor));
        return std::abs(moved) < 2.0 * std::numbers::pi * tone_hz * kBlock_s * 1.2 * kMostSpeedError + 0.3;
    }

    void conclude() {
        // Frequency: a line through the phase, unwrapped.
        const auto skip = static_cast<std::size_t>(kSettled_s / kBlock_s);
        double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, phase = 0.0, amplitude = 0.0;
        for (std::size_t k = skip; k < run.size(); ++k) {
            if (k > skip) {
                phase += std::arg(run[k].phasor * std::conj(run[k - 1].phasor));
            }
            const auto at = static_cast<double>(run[k].first - run[skip].first) / rate_hz;
            n += 1.0;
            x += at;
            y += phase;
            xx += at * at;
            xy += at * phase;
            amplitude += std::abs(run[k].phasor);
        }
        amplitude /= n;
        const double off_hz = (n * xy - x * y) / (n * xx - x * x) / (2.0 * std::numbers::pi);
        if (std::abs(off_hz) > kMostSpeedError * tone_hz) {
            run.clear();
            return;
        }
        Slate slate;
        slate.speed = tone_hz / (tone_hz + off_hz);
        slate.onset_seen = before_run;
        // Onset: the envelope about the first block of the run.
        const auto window = std::llround(kEnvelope_s * rate_hz);
        const std::int64_t from = run.front().first - 2 * block;
        double last = 0.0;
        slate.return_frame = static_cast<double>(run.front().first);
        const std::int64_t step = std::max<std::int64_t>(1, window / 20);
        for (std::int64_t at = from; at < run.front().first + 2 * block; at += step) {
            const double now = std::abs(phasor(at - window / 2, window, run.front().channel));
            if (now >= 0.5 * amplitude && at > from) {
                const double share = (0.5 * amplitude - last) / (now - last);
                slate.return_frame = static_cast<double>(at - step) + share * static_cast<double>(step);
                break;
            }
            last = now;
        }
        // The recorded fade reaches half its amplitude in its middle.
        slate.return_frame -= 0.5 * kEnvelope_s * rate_hz;
        slate.uncertainty_frames = 0.0004 * rate_hz;
        found = slate;
    }

    double rate_hz, tone_hz;
    std::int64_t block;
    FrameStore store;
    bool begun = false, before_run = false;
    std::int64_t next = 0;
    std::vector<Block> run;
    std::optional<Slate> found;
};

SlateWatch::SlateWatch(double rate_hz, double tone_hz) : impl_(std::make_unique<Impl>(rate_hz, tone_hz)) {
}

SlateWatch::~SlateWatch() = default;

void SlateWatch::push(std::int64_t first_frame, std::span<const float> stereo) {
    Impl& self = *impl_;
    if (self.found) {
        return;
    }
    if (!self.begun) {
        self.begun = true;
        self.store.begin(first_frame);
        self.next = first_frame;
    }
    self.store.push(first_frame, stereo);
    while (!self.found && self.next + self.block <= self.store.end()) {
        self.take(self.next);
        self.next += self.block;
    }
    self.store.forget_before(self.store.end() - static_cast<std::int64_t>(kKeep_s * self.rate_hz));
}

const std::optional<SlateWatch::Slate>& SlateWatch::found() const noexcept {
    return impl_->found;
}

} // namespace overbias::mastering
