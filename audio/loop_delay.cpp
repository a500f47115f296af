// SPDX-License-Identifier: Apache-2.0
#include "audio/loop_delay.hpp"

#include "base/figure.hpp"
#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>

namespace overbias::audio {

namespace {

constexpr double kLow_hz = 300.0;
constexpr double kHigh_hz = 12000.0;
constexpr double kFade_s = 0.02;
constexpr double kHeard = 0.5;            // correlation from which it is our signal
constexpr double kSameDelay_frames = 1.0; // two converters of one card are as good as simultaneous
constexpr double kMostLevelDifference_db = 1.0;
constexpr double kFullScale = 0x1p31;

using Spectrum = std::vector<std::complex<float>>;

/// Level re a full-scale sine.
double dbfs(double mean_square) {
    return 10.0 * std::log10(std::max(2.0 * mean_square, 1e-20));
}

/// `size` samples of one channel, zero after the first `count`; Hann-windowed over those when asked.
std::vector<float> one_channel(std::span<const std::int32_t> interleaved, std::size_t channel, std::size_t from,
                               std::size_t count, std::size_t size, bool windowed) {
    std::vector<float> samples(size, 0.0F);
    for (std::size_t i = 0; i < count; ++i) {
        const double turn = 2.0 * std::numbers::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
        const double weight = windowed ? 0.5 - 0.5 * std::cos(turn) : 1.0;
        samples[i] =
            static_cast<float>(weight * static_cast<double>(interleaved[2 * (from + i) + channel]) / kFullScale);
    }
    return samples;
}

/// A stream's clock: straight through its two points.
class Line {
  public:
    Line(const ClockPoints& points, double nominal_hz) : origin_(points.begin), frame_s_(1.0 / nominal_hz) {
        const auto frames = static_cast<double>(points.end.frame - points.begin.frame);
        if (frames > 0.0) {
            frame_s_ = seconds(points.end.at - points.begin.at) / frames;
        }
    }
    /// Seconds of deck time after `reference`.
    [[nodiscard]] double time_s(double frame, DeckTime reference) const {
        return seconds(origin_.at - reference) + (frame - static_cast<double>(origin_.frame)) * frame_s_;
    }
    [[nodiscard]] double frame(double time_s, DeckTime reference) const {
        return static_cast<double>(origin_.frame) + (time_s - seconds(origin_.at - reference)) / frame_s_;
    }
    [[nodiscard]] double off_nominal(double nominal_hz) const { return std::abs(1.0 / (frame_s_ * nominal_hz) - 1.0); }

  private:
    StreamTimestamp origin_;
    double frame_s_;
};

std::string describe(const LoopMeasurement& found) {
    constexpr std::array<const char*, 2> kNames{"left", "right"};
    std::string text;
    const auto add = [&text](const std::string& sentence) { text += (text.empty() ? "" : "; ") + sentence; };
    const auto& channels = found.channels;
    for (std::size_t c = 0; c < 2; ++c) {
        if (!channels[c].heard) {
            add(std::string("nothing of the signal came back on the ") + kNames[c] + " channel (" +
                figure(channels[c].came_back_dbfs, 1) + " dBFS there): expected a cable from output to input");
        }
    }
    if (channels[0].heard && channels[1].heard && channels[0].other && channels[1].other) {
        add("left and right are swapped: change the two plugs at one end");
    } else {
        for (std::size_t c = 0; c < 2; ++c) {
            if (channels[c].heard && channels[c].other) {
                add(std::string("the ") + kNames[c] + " input hears the " + kNames[1 - c] + " output: check the plugs");
            }
        }
    }
    for (std::size_t c = 0; c < 2; ++c) {
        if (channels[c].heard && channels[c].inverted) {
            add(std::string("the ") + kNames[c] +
                " channel comes back inverted: pins 2 and 3 are changed over in a cable or an input");
        }
    }
    if (channels[0].heard && channels[1].heard) {
        const double apart = channels[1].delay_frames - channels[0].delay_frames;
        const double level = channels[1].level_difference_db - channels[0].level_difference_db;
        if (std::abs(apart) > kSameDelay_frames) {
            add("the right channel comes " + figure(apart, 2, true) +
                " frames after the left: expected the same; is one of them routed through something?");
        }
        if (std::abs(level) > kMostLevelDifference_db) {
            add("the right channel comes back " + figure(level, 1, true) +
                " dB against the left: expected within 1 dB; check balanced and unbalanced plugs and the trims");
        }
    }
    return text;
}

} // namespace

std::vector<std::int32_t> loop_signal(double sample_rate_hz, double level_dbfs) {
    const auto frames = static_cast<std::size_t>(std::lround(sample_rate_hz));
    const std::size_t size = std::bit_ceil(frames);
    dsp::RealFft fft(size);
    std::vector<std::int32_t> signal(2 * frames);
    std::mt19937 random(20231); // NOLINT: the same noise each time
    const auto fade = static_cast<std::size_t>(kFade_s * sample_rate_hz);
    const auto bin = [&](double hz) {
        return static_cast<std::size_t>(hz * static_cast<double>(size) / sample_rate_hz);
    };
    for (std::size_t channel = 0; channel < 2; ++channel) {
        Spectrum spectrum(fft.bins());
        const std::size_t last = std::min(bin(std::min(kHigh_hz, 0.4 * sample_rate_hz)), fft.bins() - 1);
        for (std::size_t k = bin(kLow_hz); k < last; ++k) {
            // flat, with phases of its own; std::uniform_real_distribution differs between libraries
            const double phase = 2.0 * std::numbers::pi * static_cast<double>(random()) / 4294967296.0;
            spectrum[k] = std::complex<float>(std::polar(1.0, phase));
        }
        std::vector<float> samples(size);
        fft.inverse(spectrum, samples);
        double sum = 0.0;
        for (std::size_t i = 0; i < frames; ++i) {
            sum += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
        }
        const double wanted = std::pow(10.0, level_dbfs / 20.0) / std::numbers::sqrt2;
        const double gain = wanted / std::sqrt(sum / static_cast<double>(frames));
        for (std::size_t i = 0; i < frames; ++i) {
            const double edge = std::min({1.0, static_cast<double>(i) / static_cast<double>(fade),
                                          static_cast<double>(frames - 1 - i) / static_cast<double>(fade)});
            const double value = std::clamp(static_cast<double>(samples[i]) * gain * edge, -0.99, 0.99);
            signal[2 * i + channel] = static_cast<std::int32_t>(std::lround(value * 0x1p23)) * 256;
        }
    }
    return signal;
}

namespace {

/// One recording with its places: where each piece of the signal would be captured if the converters took no time.
class Search {
  public:
    Search(const LoopRecording& recording, const Line& played, const Line& captured)
        : recording_(recording), played_(played), captured_(captured), frames_(recording.sent.size() / 2),
          rate_hz_(recording.sample_rate_hz), piece_(frames_ / kPieces), fine_fft_(std::bit_ceil(piece_)),
          fine_(fine_fft_.size(), rate_hz_, kLow_hz, highest_hz(rate_hz_)) {}

    /// Capture frame at which playback frame `place` of the signal is expected.
    [[nodiscard]] double expected(double place) const {
        const DeckTime reference = recording_.played.begin.at;
        const double frame = static_cast<double>(recording_.sent_from) + place;
        return captured_.frame(played_.time_s(frame, reference), reference);
    }
    [[nodiscard]] double earliest() const { return std::floor(expected(0.0) - kLoopEarliest_s * rate_hz_); }
    [[nodiscard]] double latest() const {
        return std::ceil(expected(static_cast<double>(frames_)) + recording_.latest_s * rate_hz_) + 2.0;
    }

    /// The signal of `source` as it came back on `input`.
    struct Found {
        double delay_frames = 0.0, gain = 0.0, correlation = 0.0;
    };
    /// Delay of the middle quarter, to a few frames; crystals apart by a hundred ppm smear no more than that.
    [[nodiscard]] Found coarse(std::size_t source, std::size_t input) const {
        const std::size_t quarter = frames_ / 4;
        const std::size_t from = (frames_ - quarter) / 2;
        const auto reach = static_cast<std::size_t>((kLoopEarliest_s + recording_.latest_s) * rate_hz_);
        const double place = expected(static_cast<double>(from));
        const auto first = static_cast<std::int64_t>(std::floor(place - kLoopEarliest_s * rate_hz_));
        dsp::RealFft fft(std::bit_ceil(quarter + reach));
        dsp::DelayEstimator estimator(fft.size(), rate_hz_, kLow_hz, highest_hz(rate_hz_));
        Spectrum x(fft.bins());
        Spectrum y(fft.bins());
        fft.forward(one_channel(recording_.sent, source, from, quarter, fft.size(), false), x);
        fft.forward(one_channel(recording_.came_back, input, index(first), quarter + reach, fft.size(), false), y);
        const double half = static_cast<double>(reach) / 2.0;
        const dsp::DelayEstimate estimate = estimator.coarse(x, y, half, half);
        return {static_cast<double>(first) + estimate.samples - place, 0.0, estimate.correlation};
    }
    /// Mean over pieces so short that two crystals hardly part in one. They lie half over each other, so that their
    /// windows add up to a level stretch: side by side they would be so many looks a second at a tape's flutter, and
    /// flutter at just that rate would read as delay. From the middle outward each piece is looked for where its
    /// neighbour was found: a tape's wow moves the delay by more than the estimator finds by itself.
    [[nodiscard]] Found fine(std::size_t source, std::size_t input, double guess_frames) {
        constexpr std::size_t kLooks = 2 * kPieces - 1, kMiddle = kPieces - 1;
        Found mean;
        const auto add = [&](std::size_t look, double& guess) {
            const Found one = piece(source, input, look * (piece_ / 2), guess);
            if (std::abs(one.correlation) >= kHeard) {
                guess = std::clamp(one.delay_frames, -kLoopEarliest_s * rate_hz_, recording_.latest_s * rate_hz_);
            }
            mean.delay_frames += one.delay_frames / kLooks;
            mean.gain += one.gain / kLooks;
            mean.correlation += one.correlation / kLooks;
        };
        double after = guess_frames;
        add(kMiddle, after);
        double before = after;
        for (std::size_t look = kMiddle + 1; look < kLooks; ++look) {
            add(look, after);
        }
        for (std::size_t look = kMiddle; look-- > 0;) {
            add(look, before);
        }
        return mean;
    }

  private:
    static constexpr std::size_t kPieces = 16;
    /// The piece of the signal that begins at frame `from` of it.
    [[nodiscard]] Found piece(std::size_t source, std::size_t input, std::size_t from, double guess_frames) {
        Spectrum x(fine_fft_.bins());
        Spectrum y(fine_fft_.bins());
        // what is found belongs to the piece's middle
        const double half = static_cast<double>(piece_) / 2.0;
        const double place = expected(static_cast<double>(from) + half) - half;
        const auto first = static_cast<std::int64_t>(std::llround(place + guess_frames));
        fine_fft_.forward(one_channel(recording_.sent, source, from, piece_, fine_fft_.size(), true), x);
        fine_fft_.forward(one_channel(recording_.came_back, input, index(first), piece_, fine_fft_.size(), true), y);
        const dsp::DelayEstimate estimate = fine_.fine(x, y, place + guess_frames - static_cast<double>(first));
        const auto power = [&](const Spectrum& a, const Spectrum& b, double delay) {
            return dsp::band_cross(a, b, fine_.first_bin(), fine_.last_bin(), fine_fft_.size(), delay).real();
        };
        return {.delay_frames = static_cast<double>(first) + estimate.samples - place,
                .gain = power(x, y, estimate.samples) / power(x, x, 0.0),
                .correlation = estimate.correlation};
    }
    static double highest_hz(double rate_hz) { return std::min(kHigh_hz, 0.4 * rate_hz); }
    [[nodiscard]] std::size_t index(std::int64_t capture_frame) const {
        return static_cast<std::size_t>(capture_frame - recording_.came_back_from);
    }

    const LoopRecording& recording_;
    const Line& played_;
    const Line& captured_;
    std::size_t frames_;
    double rate_hz_;
    std::size_t piece_;
    dsp::RealFft fine_fft_;
    dsp::DelayEstimator fine_;
};

} // namespace

Result<LoopMeasurement> measure_loop(const LoopRecording& recording) {
    const double rate_hz = recording.sample_rate_hz;
    const Line played(recording.played, rate_hz);
    const Line captured(recording.captured, rate_hz);
    for (const Line* line : {&played, &captured}) {
        if (!(line->off_nominal(rate_hz) < 0.01)) {
            return Error{"loop measurement: the card's timestamps run at another rate than its " + figure(rate_hz, 0) +
                         " Hz; expected within 1 %; measure again, and if it stays, the card's clock is switched to "
                         "another rate"};
        }
    }
    Search search(recording, played, captured);
    const auto from = static_cast<std::int64_t>(search.earliest());
    const auto to = static_cast<std::int64_t>(search.latest());
    const std::int64_t end = recording.came_back_from + static_cast<std::int64_t>(recording.came_back.size() / 2);
    if (recording.sent.size() / 2 != static_cast<std::size_t>(std::lround(rate_hz)) ||
        from < recording.came_back_from || to > end) {
        return Error{"loop measurement: capture frames " + std::to_string(from) + " to " + std::to_string(to) +
                     " are needed, " + std::to_string(recording.came_back_from) + " to " + std::to_string(end) +
                     " are there; play all of the signal and capture from before it until 0.2 s after it"};
    }
    LoopMeasurement found;
    for (std::size_t input = 0; input < 2; ++input) {
        LoopChannel& channel = found.channels[input];
        double square = 0.0;
        for (std::int64_t frame = from; frame < to; ++frame) {
            const auto at = 2 * static_cast<std::size_t>(frame - recording.came_back_from) + input;
            square += std::pow(static_cast<double>(recording.came_back[at]) / kFullScale, 2.0);
        }
        channel.came_back_dbfs = dbfs(square / static_cast<double>(to - from));
        const std::array<Search::Found, 2> coarse{search.coarse(0, input), search.coarse(1, input)};
        const std::size_t source =
            std::abs(coarse[1 - input].correlation) > std::abs(coarse[input].correlation) ? 1 - input : input;
        const Search::Found fine = search.fine(source, input, coarse[source].delay_frames);
        channel.confidence = std::min(1.0, std::abs(fine.correlation));
        channel.heard = channel.confidence >= kHeard;
        if (channel.heard) {
            channel.other = source != input;
            channel.inverted = fine.correlation < 0.0;
            channel.delay_frames = fine.delay_frames;
            channel.level_difference_db = 20.0 * std::log10(std::abs(fine.gain));
        }
    }
    found.delay_frames = (found.channels[0].delay_frames + found.channels[1].delay_frames) / 2.0;
    found.problem = describe(found);
    return found;
}

} // namespace overbias::audio
