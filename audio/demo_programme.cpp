// SPDX-License-Identifier: Apache-2.0
// Plucked strings: Karplus and Strong, "Digital synthesis of plucked-string and drum timbres", Computer Music Journal
// 7(2), 1983.
#include "audio/demo_programme.hpp"

#include "audio/dither.hpp"
#include "audio/sndfile_handle.hpp"
#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace overbias::audio {

namespace {

constexpr double kRateHz = 48000.0;
constexpr double kBeat_s = 60.0 / 92.0;
constexpr double kPeakDbfs = -3.0;
constexpr double kFadeIn_s = 0.5;
constexpr double kFadeOut_s = 2.0;
constexpr double kTwoPi = 2.0 * std::numbers::pi;

/// Four bars that go round: root of the bass and the notes above it, in MIDI note numbers.
struct Bar {
    int bass;
    std::array<int, 4> chord;
};
constexpr std::array<Bar, 4> kBars{Bar{33, {57, 60, 64, 67}}, Bar{29, {53, 57, 60, 64}}, Bar{36, {55, 60, 64, 71}},
                                   Bar{31, {55, 59, 62, 66}}};

double pitch_hz(int midi_note) {
    return 440.0 * std::exp2((midi_note - 69) / 12.0);
}

/// Uniform noise, -1 to 1, from the same source as the dither.
class Noise {
  public:
    explicit Noise(std::uint64_t seed) : source_(24, seed, 7) {}
    double operator()() noexcept { return source_.triangular_lsb(); }

  private:
    DitheredQuantiser source_;
};

class Mix {
  public:
    explicit Mix(std::size_t frames) : samples_(frames * 2) {}

    /// Adds what `voice` gives frame by frame for `length_s` from `start_s`; pan -1 is left, 1 right (constant power).
    template <typename Voice>
    void add(double start_s, double length_s, double gain, double pan, Voice&& voice) {
        const auto first = static_cast<std::size_t>(start_s * kRateHz);
        const auto count = static_cast<std::size_t>(length_s * kRateHz);
        const double angle = (pan + 1.0) * std::numbers::pi / 4.0;
        const double left = gain * std::cos(angle);
        const double right = gain * std::sin(angle);
        for (std::size_t i = 0; i < count && (first + i) * 2 < samples_.size(); ++i) {
            const double sample = voice(static_cast<double>(i) / kRateHz);
            samples_[2 * (first + i)] += left * sample;
            samples_[2 * (first + i) + 1] += right * sample;
        }
    }
    [[nodiscard]] std::vector<double>& samples() noexcept { return samples_; }

  private:
    std::vector<double> samples_;
};

void pluck(Mix& mix, Noise& noise, double start_s, double frequency_hz, double gain, double pan) {
    std::vector<double> string(static_cast<std::size_t>(kRateHz / frequency_hz));
    for (double& sample : string) {
        sample = noise();
    }
    std::size_t at = 0;
    mix.add(start_s, 1.8, gain, pan, [&](double) {
        const std::size_t next = (at + 1) % string.size();
        const double out = string[at];
        string[at] = 0.997 * (0.62 * string[at] + 0.38 * string[next]); // brighter than the plain mean of two
        at = next;
        return out;
    });
}

void bass(Mix& mix, double start_s, double frequency_hz, double length_s) {
    mix.add(start_s, length_s, 0.30, 0.0, [=](double t) {
        const double attack = std::min(1.0, t / 0.006);
        const double release = std::min(1.0, (length_s - t) / 0.02);
        double sum = 0.0;
        for (int harmonic = 1; harmonic <= 6; ++harmonic) {
            sum += std::exp(-t * (1.0 + 1.5 * harmonic)) / harmonic * std::sin(kTwoPi * frequency_hz * harmonic * t);
        }
        return attack * release * sum;
    });
}

/// Noise that rises with frequency: second difference, so that it has little below 4 kHz and much at 16.
void shaker(Mix& mix, Noise& noise, double start_s, double gain, double decay_s) {
    double one = 0.0;
    double two = 0.0;
    mix.add(start_s, decay_s * 6.0, gain, 0.45, [&](double t) {
        const double now = noise();
        const double high = now - 1.6 * one + 0.7 * two;
        two = one;
        one = now;
        return std::min(1.0, t / 0.002) * std::exp(-t / decay_s) * high;
    });
}

void brush(Mix& mix, Noise& noise, double start_s) {
    double low = 0.0;
    mix.add(start_s, 0.4, 0.22, -0.2, [&](double t) {
        low += 0.35 * (noise() - low);
        return std::min(1.0, t / 0.001) * std::exp(-t / 0.07) *
               (low + 0.6 * std::exp(-t / 0.03) * std::sin(kTwoPi * 185.0 * t));
    });
}

void pad(Mix& mix, double start_s, const Bar& bar) {
    const double length_s = 4.0 * kBeat_s + 0.3;
    for (std::size_t voice = 0; voice < bar.chord.size(); ++voice) {
        const double frequency_hz = pitch_hz(bar.chord[voice]) * (1.0 + 0.0007 * (static_cast<double>(voice) - 1.5));
        const double pan = voice % 2 == 0 ? -0.8 : 0.8;
        mix.add(start_s, length_s, 0.055, pan, [=](double t) {
            const double swell = std::min({1.0, t / 0.25, (length_s - t) / 0.3});
            double sum = 0.0;
            for (int harmonic = 1; harmonic <= 9; ++harmonic) {
                sum += std::sin(kTwoPi * frequency_hz * harmonic * t + 0.4 * harmonic * std::sin(kTwoPi * 0.7 * t)) /
                       harmonic;
            }
            return swell * sum;
        });
    }
}

void play_bar(Mix& mix, Noise& noise, std::size_t number, double start_s) {
    const Bar& bar = kBars[number % kBars.size()];
    pad(mix, start_s, bar);
    for (std::size_t eighth = 0; eighth < 8; ++eighth) {
        const double at_s = start_s + static_cast<double>(eighth) * kBeat_s / 2.0;
        const double lean = 1.0 + 0.15 * noise();
        pluck(mix, noise, at_s, pitch_hz(bar.chord[(eighth * 3 + number) % 4] + (eighth % 4 == 3 ? 12 : 0)),
              0.20 * lean, -0.55);
        shaker(mix, noise, at_s, 0.055 * lean, 0.035);
        shaker(mix, noise, at_s + kBeat_s / 4.0, 0.035 * lean, 0.06);
    }
    for (std::size_t beat = 0; beat < 4; ++beat) {
        const double at_s = start_s + static_cast<double>(beat) * kBeat_s;
        bass(mix, at_s, pitch_hz(bar.bass + (beat == 3 ? 12 : 0)), kBeat_s * 0.95);
        if (beat % 2 == 1) {
            brush(mix, noise, at_s);
            for (std::size_t string = 0; string < bar.chord.size(); ++string) { // a strum, one string after the other
                pluck(mix, noise, at_s + 0.012 * static_cast<double>(string), pitch_hz(bar.chord[string] + 12), 0.16,
                      0.6);
            }
        }
    }
}

/// Fades, and the loudest sample to -3 dBFS. Rounds off the peaks first: few samples should not hold the whole level
/// down.
void master(std::vector<double>& samples) {
    const std::size_t frames = samples.size() / 2;
    const double length_s = static_cast<double>(frames) / kRateHz;
    const double fade_out_s = std::min(kFadeOut_s, length_s / 4.0);
    double peak = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double t = static_cast<double>(i / 2) / kRateHz;
        const double fade = std::clamp(std::min(t / kFadeIn_s, (length_s - t) / fade_out_s), 0.0, 1.0);
        samples[i] = std::tanh(0.75 * samples[i]) * fade * fade;
        peak = std::max(peak, std::abs(samples[i]));
    }
    const double gain = peak > 0.0 ? amplitude_from_db(kPeakDbfs) / peak : 0.0;
    for (double& sample : samples) {
        sample *= gain;
    }
}

} // namespace

Result<void> write_demo_programme(const std::filesystem::path& path, double seconds, std::uint64_t seed) {
    if (!(seconds >= 1.0 && seconds <= 3600.0)) {
        return Error{path.string() + ": a demo programme lasts 1 to 3600 s, not " + std::to_string(seconds) + " s"};
    }
    const auto frames = static_cast<std::size_t>(std::llround(seconds * kRateHz));
    Mix mix(frames);
    Noise noise(seed);
    const double bar_s = 4.0 * kBeat_s;
    for (std::size_t bar = 0; static_cast<double>(bar) * bar_s < seconds; ++bar) {
        play_bar(mix, noise, bar, static_cast<double>(bar) * bar_s);
    }
    master(mix.samples());

    DitheredQuantiser left(24, seed, 0);
    DitheredQuantiser right(24, seed, 1);
    std::vector<int> codes(frames * 2);
    for (std::size_t i = 0; i < frames; ++i) {
        codes[2 * i] = left.quantise(mix.samples()[2 * i]);
        codes[2 * i + 1] = right.quantise(mix.samples()[2 * i + 1]);
    }
    SF_INFO info{};
    info.samplerate = static_cast<int>(kRateHz);
    info.channels = 2;
    info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
    SndfileHandle file(sf_open(path.c_str(), SFM_WRITE, &info));
    if (!file) {
        return Error{path.string() + ": cannot be written (" + sf_strerror(nullptr) +
                     "); check the folder and its rights"};
    }
    const auto wanted = static_cast<sf_count_t>(frames);
    if (sf_writef_int(file.get(), codes.data(), wanted) != wanted || sf_close(file.release()) != 0) {
        return Error{path.string() + ": could not be written completely; check the space on the disk"};
    }
    return {};
}

} // namespace overbias::audio
