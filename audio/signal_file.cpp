// SPDX-License-Identifier: Apache-2.0
#include "audio/signal_file.hpp"

#include "audio/sound_file_writer.hpp"
#include "base/figure.hpp"
#include "dsp/generator/signal_voice.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <vector>

namespace overbias::audio {

namespace {

using Kind = dsp::Signal::Kind;

constexpr std::size_t kPiece = 16384; ///< frames
constexpr double kEdge_s = 0.01;
constexpr int kLowestRate_hz = 44100, kHighestRate_hz = 192000;
constexpr double kLongest_s = 86400.0;

bool endless(Kind kind) {
    return kind != Kind::Sequence && kind != Kind::Sweep && kind != Kind::Burst;
}

/// Samples that a tone or sweep of that length takes.
std::int64_t samples(double length_s, double rate_hz) {
    return static_cast<std::int64_t>(std::ceil(length_s * rate_hz - 1e-6));
}

std::string complaint(const dsp::Signal& signal, const SignalFileOptions& options) {
    if (options.sample_rate_hz < kLowestRate_hz || options.sample_rate_hz > kHighestRate_hz) {
        return "a sample rate of " + std::to_string(options.sample_rate_hz) + " Hz; expected 44100 to 192000 Hz";
    }
    if (options.channels != 1 && options.channels != 2) {
        return std::to_string(options.channels) + " channels; expected 1 or 2";
    }
    if (options.channels == 1 && options.carrying != OscillatorChannels::Both) {
        return "one channel is neither left nor right; give 2 channels";
    }
    if (std::string against = dsp::signal_complaint(signal, options.sample_rate_hz); !against.empty()) {
        return against;
    }
    const double seconds = static_cast<double>(signal_frames(signal, options)) / options.sample_rate_hz;
    if (!(seconds >= 0.02 && seconds <= kLongest_s)) {
        return "a length of " + figure(seconds, 3) + " s; expected 0.02 to 86400 s";
    }
    return {};
}

/// 0 at the first sample and at the one after the last.
float edge_gain(std::int64_t at, std::int64_t length, double edge) {
    const auto inside = static_cast<double>(std::min(at, length - at));
    return inside >= edge ? 1.0F : static_cast<float>(0.5 - 0.5 * std::cos(std::numbers::pi * inside / edge));
}

} // namespace

std::int64_t signal_frames(const dsp::Signal& signal, const SignalFileOptions& options) {
    const double rate_hz = options.sample_rate_hz;
    if (signal.kind == Kind::Sequence) {
        std::int64_t frames = 0;
        for (std::size_t n = 0; n < signal.tone_count; ++n) {
            frames += samples(signal.tones[n].duration_s + signal.tones[n].gap_s, rate_hz);
        }
        return frames;
    }
    const double length_s = signal.kind == Kind::Sweep ? signal.duration_s : options.duration_s;
    return length_s > 0.0 && length_s <= kLongest_s ? samples(length_s, rate_hz) : 0;
}

Result<void> write_signal_file(const std::filesystem::path& path, const dsp::Signal& signal,
                               const SignalFileOptions& options, const std::function<bool()>& keep_on) {
    if (const std::string against = complaint(signal, options); !against.empty()) {
        return Error{path.string() + " can't be made: " + against};
    }
    const std::int64_t length = signal_frames(signal, options);
    auto file = SoundFileWriter::create(path,
                                        {.sample_rate_hz = options.sample_rate_hz,
                                         .channels = options.channels,
                                         .bits = options.bits,
                                         .dither_seed = options.seed,
                                         .frames = length},
                                        options.overwrite);
    if (!file) {
        return file.error();
    }
    dsp::SignalVoice voice(options.sample_rate_hz, options.seed);
    voice.rt_start(signal);
    const double edge = std::min(kEdge_s * options.sample_rate_hz, 0.25 * static_cast<double>(length));
    const auto channels = static_cast<std::size_t>(options.channels);
    std::vector<float> mono(kPiece), frames(kPiece * channels);
    for (std::int64_t at = 0; at < length;) {
        if (keep_on && !keep_on()) {
            return Error{path.string() + ": interrupted; nothing was kept"};
        }
        const auto take = static_cast<std::size_t>(std::min<std::int64_t>(kPiece, length - at));
        voice.rt_fill(std::span<float>(mono).first(take));
        for (std::size_t i = 0; i < take; ++i) {
            const float gain = endless(signal.kind) ? edge_gain(at + static_cast<std::int64_t>(i), length, edge) : 1.0F;
            const float value = gain * mono[i];
            frames[channels * i] = options.carrying == OscillatorChannels::Right ? 0.0F : value;
            if (channels == 2) {
                frames[2 * i + 1] = options.carrying == OscillatorChannels::Left ? 0.0F : value;
            }
        }
        if (auto written = file->write(std::span<const float>(frames).first(take * channels)); !written) {
            return written;
        }
        at += static_cast<std::int64_t>(take);
    }
    return file->finish();
}

} // namespace overbias::audio
