// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/slate_finder.hpp"

#include "dsp/analysis/tone.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <functional>
#include <numbers>
#include <numeric>
#include <span>
#include <vector>

namespace overbias::mastering {
namespace {

constexpr double kTwoPi = 2.0 * std::numbers::pi;
// A tone that comes back this far below what was sent is crosstalk from the other channel, not a slate.
constexpr double kPresentGain = 0.02;

/// Amplitude of the tone over two of its periods, each `step` frames.
struct Envelope {
    std::vector<double> amplitude;
    std::int64_t step = 12;
    double first_centre = 0.0; ///< frame of amplitude[0]

    [[nodiscard]] double frame(double index) const { return first_centre + index * static_cast<double>(step); }
    [[nodiscard]] std::size_t index(double frame_number) const {
        const double at = std::round((frame_number - first_centre) / static_cast<double>(step));
        return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(amplitude.size() - 1)));
    }
    [[nodiscard]] double median(double from_frame, double to_frame) const {
        std::vector<double> part(amplitude.begin() + static_cast<std::ptrdiff_t>(index(from_frame)),
                                 amplitude.begin() + static_cast<std::ptrdiff_t>(index(to_frame)) + 1);
        const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
        std::nth_element(part.begin(), middle, part.end());
        return *middle;
    }
};

Envelope tone_envelope(const std::vector<float>& x, std::int64_t first_frame, double cycles) {
    Envelope envelope;
    const auto width = static_cast<std::size_t>(std::max(8.0, std::round(2.0 / cycles)));
    std::vector<std::complex<double>> sums(x.size() + 1);
    std::complex<double> carrier{1.0, 0.0};
    const std::complex<double> turn = std::polar(1.0, -kTwoPi * cycles);
    for (std::size_t n = 0; n < x.size(); ++n) {
        sums[n + 1] = sums[n] + static_cast<double>(x[n]) * carrier;
        carrier *= turn;
    }
    envelope.first_centre = static_cast<double>(first_frame) + (static_cast<double>(width) - 1.0) / 2.0;
    for (std::size_t n = 0; n + width < sums.size(); n += static_cast<std::size_t>(envelope.step)) {
        envelope.amplitude.push_back(2.0 * std::abs(sums[n + width] - sums[n]) / static_cast<double>(width));
    }
    return envelope;
}

/// The tone of a stretch: its frequency from a short piece, its strength and share from all of it. To refine the
/// frequency over more than a second as well would keep the caller waiting for longer than a block lasts.
dsp::Tone tone_of(std::span<const float> x) {
    constexpr std::size_t kPiece = 8192;
    dsp::Tone tone = dsp::strongest_tone(x.last(std::min(x.size(), kPiece)));
    const double power = std::transform_reduce(x.begin(), x.end(), 0.0, std::plus<>(), [](float sample) {
        return static_cast<double>(sample) * static_cast<double>(sample);
    });
    if (tone.amplitude > 0.0 && power > 0.0) {
        tone.amplitude = std::abs(dsp::tone_at(x, tone.cycles_per_sample));
        tone.share = 0.5 * tone.amplitude * tone.amplitude * static_cast<double>(x.size()) / power;
    }
    return tone;
}

/// The last upward crossing of half the steady amplitude before `steady_frame`; nullopt when it was above all along.
std::optional<double> onset_of(const Envelope& envelope, double steady_amplitude, double steady_frame) {
    const double half = 0.5 * steady_amplitude;
    std::size_t i = envelope.index(steady_frame);
    if (envelope.amplitude[i] < half) {
        return std::nullopt;
    }
    while (i > 0 && envelope.amplitude[i - 1] >= half) {
        --i;
    }
    if (i == 0) {
        return std::nullopt;
    }
    const double below = envelope.amplitude[i - 1];
    const double above = envelope.amplitude[i];
    return envelope.frame(static_cast<double>(i) - 1.0 + (half - below) / (above - below));
}

} // namespace

std::int64_t slate_frames_needed(const SlateSearch& search, double rate_hz) {
    return static_cast<std::int64_t>((search.listen_s + 0.02) * rate_hz);
}

std::optional<std::array<SlateChannel, 2>> find_slate(const FrameRing& reference, const FrameRing& tape_return,
                                                      const ClockMap& clocks, const SlateSearch& search,
                                                      double rate_hz) {
    const auto frames = [&](double seconds) { return static_cast<std::int64_t>(std::llround(seconds * rate_hz)); };
    const std::int64_t lead = frames(0.1);
    const auto mapped =
        static_cast<std::int64_t>(std::llround(clocks.return_frame(static_cast<double>(search.first_frame))));
    std::int64_t sent_from = std::max(reference.begin(), search.first_frame - lead);
    const std::int64_t sent_frames = search.first_frame + frames(search.listen_s) - sent_from;
    const std::int64_t came_from =
        std::max(tape_return.begin(), mapped + frames(std::min(search.earliest_s, -search.before_s)));
    const std::int64_t came_frames = mapped + frames(search.listen_s) - came_from;
    if (sent_frames <= 0 || came_frames <= 0 || !reference.has(sent_from, sent_frames) ||
        !tape_return.has(came_from, came_frames)) {
        return std::nullopt;
    }
    std::array<SlateChannel, 2> result;
    for (int channel = 0; channel < 2; ++channel) {
        SlateChannel& slate = result[static_cast<std::size_t>(channel)];
        std::vector<float> sent = reference.channel(sent_from, sent_frames, channel);
        const std::vector<float> came = tape_return.channel(came_from, came_frames, channel);
        // The tone is looked for where the reference is surely in it.
        const auto tail = static_cast<std::size_t>(frames(search.listen_s - 0.1));
        const dsp::Tone tone = tone_of(std::span<const float>(sent).last(std::min(sent.size(), tail)));
        if (tone.amplitude < 1e-4 || tone.share < 0.5) {
            continue;
        }
        slate.sent = true;
        slate.sent_amplitude = tone.amplitude;
        const Envelope sent_envelope = tone_envelope(sent, sent_from, tone.cycles_per_sample);
        const Envelope came_envelope = tone_envelope(came, came_from, tone.cycles_per_sample);
        const double steady = static_cast<double>(mapped) + search.latest_s * rate_hz;
        slate.came_amplitude = came_envelope.median(steady, static_cast<double>(mapped) + search.listen_s * rate_hz);
        slate.present = slate.came_amplitude > kPresentGain * search.expected_gain * slate.sent_amplitude;
        const double due = static_cast<double>(mapped) + search.expected_delay_s * rate_hz;
        slate.before_amplitude = came_envelope.median(due - search.before_s * rate_hz, due - 0.01 * rate_hz);
        // A reference that is seen only from inside the slate has its onset where the plan says.
        const double sent_onset = onset_of(sent_envelope, slate.sent_amplitude,
                                           static_cast<double>(search.first_frame) + 0.5 * search.listen_s * rate_hz)
                                      .value_or(static_cast<double>(search.first_frame) - 0.5);
        const auto came_onset = onset_of(came_envelope, slate.came_amplitude, steady);
        if (!slate.present || !came_onset) {
            continue;
        }
        slate.onset_found = true;
        slate.onset_return_frame = *came_onset;
        const double rough_lag = *came_onset - clocks.return_frame(sent_onset);
        // Phase of both tones at places that belong together under the rough lag; soon after the onset, before wow has
        // moved it by a quarter of a period.
        const std::int64_t span = frames(0.06);
        const auto sent_at = static_cast<std::int64_t>(std::llround(sent_onset)) + frames(0.02);
        const auto came_at = static_cast<std::int64_t>(std::llround(*came_onset)) + frames(0.02);
        const std::int64_t whole = frames(std::min(0.5, 0.5 * (search.listen_s - search.latest_s)));
        const dsp::Tone came_whole = dsp::refine_tone(
            std::span(came).subspan(static_cast<std::size_t>(came_at - came_from), static_cast<std::size_t>(whole)),
            tone.cycles_per_sample);
        const dsp::Tone sent_tone = dsp::refine_tone(
            std::span(sent).subspan(static_cast<std::size_t>(sent_at - sent_from), static_cast<std::size_t>(span)),
            tone.cycles_per_sample);
        const dsp::Tone came_tone = dsp::refine_tone(
            std::span(came).subspan(static_cast<std::size_t>(came_at - came_from), static_cast<std::size_t>(span)),
            tone.cycles_per_sample);
        slate.came_cycles_per_frame = came_whole.cycles_per_sample;
        const double middle = (static_cast<double>(span) - 1.0) / 2.0;
        const double sent_place = clocks.return_frame(static_cast<double>(sent_at) + middle) + rough_lag;
        const double came_place = static_cast<double>(came_at) + middle;
        double ahead = came_tone.phase_rad + kTwoPi * came_tone.cycles_per_sample * (sent_place - came_place) -
                       sent_tone.phase_rad;
        ahead = std::remainder(ahead, kTwoPi);
        if (std::abs(ahead) > std::numbers::pi / 2.0) {
            slate.inverted = true;
            ahead = std::remainder(ahead - std::numbers::pi, kTwoPi);
        }
        slate.lag_frames = rough_lag - ahead / (kTwoPi * came_tone.cycles_per_sample);
    }
    return result;
}

} // namespace overbias::mastering
