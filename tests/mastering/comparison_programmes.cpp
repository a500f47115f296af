// SPDX-License-Identifier: Apache-2.0
#include "comparison_programmes.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <stdexcept>
#include <tuple>

namespace comparison_test {
namespace {

constexpr double kFullTurn = 2.0 * std::numbers::pi;

struct Maker {
    Maker(unsigned seed, double duration_s)
        : random(seed * 7919U + 13U), frames(static_cast<std::size_t>(duration_s * kModelRate)), out(2 * frames, 0.0F) {
    }

    std::mt19937 random;
    std::size_t frames;
    Stereo out;

    double uniform(double a, double b) { return a + (b - a) * static_cast<double>(random()) / 4294967295.0; }
    double noise() { return uniform(-1.0, 1.0) + uniform(-1.0, 1.0); }

    /// A struck note: partials that die the sooner the higher they are.
    void note(double at_s, double hz, double level, double pan, double decay_s, int partials, double brightness) {
        const auto from = static_cast<std::size_t>(at_s * kModelRate);
        const auto length =
            std::min(frames - std::min(frames, from), static_cast<std::size_t>(5.0 * decay_s * kModelRate));
        for (int k = 1; k <= partials; ++k) {
            const double f = hz * k * std::sqrt(1.0 + 0.0004 * k * k);
            if (f > 18000.0) {
                break;
            }
            double re = 1.0;
            double im = 0.0;
            const double turn = kFullTurn * f / kModelRate;
            const double shrink = std::exp(-k / (decay_s * kModelRate * 2.0));
            const double tr = std::cos(turn) * shrink;
            const double ti = std::sin(turn) * shrink;
            const double strength = level * std::pow(static_cast<double>(k), -brightness);
            for (std::size_t n = 0; n < length; ++n) {
                const double attack = std::min(1.0, static_cast<double>(n) / (0.0015 * kModelRate));
                const auto y = static_cast<float>(strength * im * attack);
                out[2 * (from + n)] += static_cast<float>(1.0 - pan) * y;
                out[2 * (from + n) + 1] += static_cast<float>(pan) * y;
                const double next = re * tr - im * ti;
                im = re * ti + im * tr;
                re = next;
            }
        }
    }

    /// A burst of noise through a one-pole high-pass (or low-pass), dying away.
    void burst(double at_s, double level, double pan, double decay_s, double corner, bool high) {
        const auto from = static_cast<std::size_t>(at_s * kModelRate);
        const auto length =
            std::min(frames - std::min(frames, from), static_cast<std::size_t>(6.0 * decay_s * kModelRate));
        const double a = 1.0 - std::exp(-kFullTurn * corner / kModelRate);
        double low = 0.0;
        double lower = 0.0;
        double envelope = level;
        const double shrink = std::exp(-1.0 / (decay_s * kModelRate));
        for (std::size_t n = 0; n < length; ++n) {
            const double x = noise();
            low += a * (x - low);
            lower += a * (low - lower);
            const double y = (high ? x - low - (low - lower) : lower) * envelope;
            envelope *= shrink;
            out[2 * (from + n)] += static_cast<float>((1.0 - pan) * y);
            out[2 * (from + n) + 1] += static_cast<float>(pan * y);
        }
    }

    void kick(double at_s, double level) {
        const auto from = static_cast<std::size_t>(at_s * kModelRate);
        const auto length = std::min(frames - std::min(frames, from), static_cast<std::size_t>(0.25 * kModelRate));
        double phase = 0.0;
        for (std::size_t n = 0; n < length; ++n) {
            const double t = static_cast<double>(n) / kModelRate;
            phase += kFullTurn * (50.0 + 150.0 * std::exp(-t / 0.02)) / kModelRate;
            const auto y = static_cast<float>(level * std::sin(phase) * std::exp(-t / 0.09));
            out[2 * (from + n)] += y;
            out[2 * (from + n) + 1] += y;
        }
    }

    void shape(const std::function<double(double)>& gain) {
        for (std::size_t n = 0; n < frames; ++n) {
            const auto g = static_cast<float>(gain(static_cast<double>(n) / kModelRate));
            out[2 * n] *= g;
            out[2 * n + 1] *= g;
        }
    }
    [[nodiscard]] double seconds() const { return static_cast<double>(frames) / kModelRate; }
};

void music(Maker& m, bool wide) {
    const double scale[] = {110.0, 130.8, 164.8, 196.0, 220.0, 261.6, 329.6, 392.0, 440.0, 523.3};
    for (double t = 0.05; t < m.seconds() - 0.3; t += 0.25) {
        const double pan = wide ? m.uniform(0.05, 0.95) : 0.5;
        m.note(t, scale[m.random() % 10], m.uniform(0.04, 0.12), pan, 0.5, 24, 1.0);
        m.burst(t + 0.125, m.uniform(0.03, 0.08), wide ? m.uniform(0.1, 0.9) : 0.5, 0.06, 5000.0, true);
    }
}

/// Strings that hold chords of seven voices with vibrato, swelling and sinking over 30 dB: never still, never struck.
void orchestra(Maker& m) {
    constexpr std::size_t kTable = 2048;
    std::vector<float> wave(kTable + 1,
                            0.0F); // one turn of a bowed string: partials fall by 1/k, above the tenth faster
    for (std::size_t n = 0; n <= kTable; ++n) {
        for (int k = 1; k <= 24; ++k) {
            const double strength = (k <= 10 ? 1.0 : std::exp(-0.25 * (k - 10))) / k;
            wave[n] += static_cast<float>(strength * std::sin(kFullTurn * k * static_cast<double>(n) / kTable));
        }
    }
    constexpr double kChord_s = 2.4;
    for (double t = 0.0; t < m.seconds() - 0.5; t += kChord_s) {
        for (const double ratio : {0.5, 1.0, 1.26, 1.5, 2.0, 2.52, 4.0}) {
            const double hz = 98.0 * ratio * std::pow(2.0, static_cast<double>(m.random() % 7) / 12.0);
            const double pan = m.uniform(0.1, 0.9);
            const double vibrato_hz = m.uniform(5.0, 6.5);
            const double depth = m.uniform(0.002, 0.006);
            double turns = m.uniform(0.0, 1.0);
            const auto from = static_cast<std::size_t>(t * kModelRate);
            const auto length = std::min(m.frames - from, static_cast<std::size_t>((kChord_s + 0.5) * kModelRate));
            for (std::size_t n = 0; n < length; ++n) {
                const double s = static_cast<double>(n) / kModelRate;
                turns += hz * (1.0 + depth * std::sin(kFullTurn * vibrato_hz * s)) / kModelRate;
                turns -= std::floor(turns);
                const double at = turns * kTable;
                const auto whole = static_cast<std::size_t>(at);
                const auto part = static_cast<float>(at - static_cast<double>(whole));
                const double bow = std::min({1.0, s / 0.35, (kChord_s + 0.5 - s) / 0.5});
                const double y =
                    0.035 * bow * static_cast<double>(wave[whole] + part * (wave[whole + 1] - wave[whole]));
                m.out[2 * (from + n)] += static_cast<float>((1.0 - pan) * y);
                m.out[2 * (from + n) + 1] += static_cast<float>(pan * y);
            }
        }
    }
    m.shape([&](double t) { return std::pow(10.0, (-15.0 - 15.0 * std::cos(kFullTurn * t / 11.0)) / 20.0); });
}

Stereo make(const std::string& name, unsigned seed, double duration_s) {
    Maker m(seed, duration_s);
    const double end = m.seconds();
    if (name == "sparse_piano") {
        for (double t = 0.3; t < end - 1.0; t += m.uniform(0.7, 1.6)) {
            m.note(t, 55.0 * std::pow(2.0, static_cast<double>(m.random() % 48) / 12.0), m.uniform(0.05, 0.25),
                   m.uniform(0.35, 0.65), m.uniform(0.4, 1.2), 14, 1.7);
        }
    } else if (name == "loud_master") {
        for (double t = 0.0; t < end - 0.3; t += 0.5) {
            m.kick(t, 0.9);
            m.burst(t + 0.25, 0.35, 0.5, 0.08, 1500.0, true);
            const double root = 82.4 * std::pow(2.0, static_cast<double>(m.random() % 12) / 12.0);
            for (const double ratio : {1.0, 1.5, 2.0, 2.52}) {
                m.note(t, root * ratio, 0.22, m.uniform(0.2, 0.8), 0.8, 30, 0.8);
            }
            for (double h = 0.0; h < 0.5; h += 0.125) {
                m.burst(t + h, 0.2, m.uniform(0.3, 0.7), 0.03, 6000.0, true);
            }
        }
        for (float& x : m.out) { // a hard limiter: flat tops at -0.2 dBFS
            x = std::clamp(2.2F * x, -0.977F, 0.977F);
        }
    } else if (name == "mono") {
        music(m, false);
    } else if (name == "wide") {
        music(m, true);
    } else if (name == "orchestra") {
        orchestra(m);
    } else if (name == "speech") {
        double t = 0.4;
        while (t < end - 0.6) {
            const double pitch = m.uniform(95.0, 130.0);
            const double syllable = m.uniform(0.12, 0.3);
            m.burst(t, m.uniform(0.02, 0.06), 0.5, 0.03, 4500.0, true); // a consonant
            for (double p = 0.0; p < syllable; p += 1.0 / pitch) {
                for (const double formant : {620.0, 1350.0, 2600.0, 3600.0}) {
                    m.note(t + 0.05 + p, formant * m.uniform(0.98, 1.02), 0.11 * 620.0 / formant, 0.5, 0.0016, 1, 1.0);
                }
            }
            t += syllable + (m.random() % 5 == 0 ? m.uniform(0.5, 0.9) : m.uniform(0.06, 0.12));
        }
    } else if (name == "fades") {
        music(m, true);
        m.shape([&](double t) {
            const double db = t < 4.0 ? -80.0 + 20.0 * t : t < end - 5.0 ? 0.0 : -20.0 * (t - (end - 5.0));
            return t > end - 0.5 ? 0.0 : std::pow(10.0, db / 20.0);
        });
    } else if (name == "silence") {
        // nothing
    } else if (name == "hi_hat") {
        for (double t = 0.2; t < end - 0.2; t += 0.15) {
            m.burst(t, m.uniform(0.1, 0.35), m.uniform(0.4, 0.6), m.uniform(0.015, 0.06), 7000.0, true);
        }
    } else if (name == "low_only") {
        for (double t = 0.1; t < end - 1.0; t += 0.6) {
            m.note(t, m.uniform(38.0, 90.0), 0.35, 0.5, 1.0, 2, 2.0);
        }
    } else if (name == "pink") {
        for (std::size_t c = 0; c < 2; ++c) { // sum of one-pole noises an octave apart
            double s[9] = {};
            for (std::size_t n = 0; n < m.frames; ++n) {
                double y = 0.0;
                for (int k = 0; k < 9; ++k) {
                    s[k] += (1.0 - std::exp(-kFullTurn * 30.0 * (1 << k) / kModelRate)) * (m.noise() - s[k]);
                    y += s[k];
                }
                m.out[2 * n + c] = static_cast<float>(0.12 * y);
            }
        }
    } else if (name == "sweep") {
        double phase = 0.0;
        for (std::size_t n = 0; n < m.frames; ++n) {
            phase +=
                kFullTurn * 20.0 * std::pow(900.0, static_cast<double>(n) / static_cast<double>(m.frames)) / kModelRate;
            m.out[2 * n] = m.out[2 * n + 1] = static_cast<float>(0.15 * std::sin(phase));
        }
    } else if (name == "clicks") {
        for (double t = 0.2; t < end - 0.2; t += 0.18) {
            const auto n = static_cast<std::size_t>(t * kModelRate);
            m.out[2 * n] += static_cast<float>(m.uniform(-0.8, 0.8));
            m.out[2 * n + 1] += static_cast<float>(m.uniform(-0.8, 0.8));
            m.note(t + 0.09, m.uniform(700.0, 2500.0), 0.3, m.uniform(0.2, 0.8), 0.008, 6, 0.7);
        }
    } else {
        throw std::invalid_argument("no programme " + name);
    }
    return std::move(m.out);
}

} // namespace

const std::vector<std::string>& programme_names() {
    static const std::vector<std::string> names{"sparse_piano", "loud_master", "mono", "speech", "fades",  "silence",
                                                "hi_hat",       "low_only",    "pink", "sweep",  "clicks", "wide"};
    return names;
}

const std::vector<std::string>& soak_programme_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all = programme_names();
        all.emplace_back("orchestra");
        return all;
    }();
    return names;
}

Stereo fresh_programme(const std::string& name, unsigned seed, double duration_s) {
    return make(name, seed, duration_s);
}

const Stereo& programme(std::string_view name, unsigned seed, double duration_s) {
    static std::map<std::tuple<std::string, unsigned, double>, Stereo> made;
    auto& stereo = made[{std::string(name), seed, duration_s}];
    if (stereo.empty()) {
        stereo = make(std::string(name), seed, duration_s);
    }
    return stereo;
}

} // namespace comparison_test
