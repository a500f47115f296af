// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/third_octave_peaks.hpp"

#include "dsp/analysis/third_octave.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>

namespace overbias::dsp {

namespace {

constexpr std::size_t kSections = 3;
constexpr std::size_t kGroupBands = 16;
constexpr std::size_t kLanes = 2 * kGroupBands;     ///< lane 2 * band + channel; lanes without a band stay at nothing
constexpr std::size_t kHops = 4;                    ///< of the average
constexpr int kLowestBand = -13, kHighestBand = 12; ///< 50 Hz, 16 kHz
constexpr double kLowRate_hz = 8000.0;
constexpr int kLowPassOrder = 8;
constexpr double kLowPass_hz = 2500.0; ///< what would fold below 1.12 kHz at 8 kHz lies above 6.8 kHz: -69 dB there
constexpr float kFloor = 1e-12F;       ///< added with changing sign: filters fed with nothing would go denormal

double centre_hz(int band) {
    return 1000.0 * std::pow(10.0, band / 10.0);
}

/// Filters side by side, one lane a band and channel, transposed direct form II.
struct Bank {
    using Lanes = std::array<float, kLanes>;
    struct alignas(64) Section {
        Lanes gain{}, minus_a1{}, minus_a2{}, s1{}, s2{};
    };
    std::array<Section, kSections> sections{};
    alignas(64) Lanes sum{};

    void set(std::size_t band, double band_hz, double rate_hz) {
        const auto filter = third_octave_filter(band_hz, rate_hz);
        for (std::size_t k = 0; k < kSections; ++k) {
            for (std::size_t lane = 2 * band; lane < 2 * band + 2; ++lane) {
                sections[k].gain[lane] = static_cast<float>(filter[k].b0);
                sections[k].minus_a1[lane] = static_cast<float>(-filter[k].a1);
                sections[k].minus_a2[lane] = static_cast<float>(-filter[k].a2);
            }
        }
    }
    /// A frame through every filter; squares are summed. Zeros of each section lie at z = 1 and z = -1: b = g (1, 0,
    /// -1).
    void frame(float left, float right) noexcept {
        alignas(64) Lanes x;
        for (std::size_t lane = 0; lane < kLanes; lane += 2) {
            x[lane] = left;
            x[lane + 1] = right;
        }
        for (Section& section : sections) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const float in = section.gain[lane] * x[lane];
                const float y = in + section.s1[lane];
                section.s1[lane] = section.minus_a1[lane] * y + section.s2[lane];
                section.s2[lane] = section.minus_a2[lane] * y - in;
                x[lane] = y;
            }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            sum[lane] += x[lane] * x[lane];
        }
    }
};

} // namespace

std::array<BiquadCoefficients, 3> third_octave_filter(double band_hz, double rate_hz) {
    using Complex = std::complex<double>;
    const double edge = std::pow(10.0, 1.0 / 20.0);
    if (!(band_hz > 0.0 && band_hz * edge < 0.5 * rate_hz)) {
        throw std::invalid_argument("third octave filter: the band does not lie below half the sample rate");
    }
    const auto warped = [rate_hz](double hz) { return 2.0 * rate_hz * std::tan(std::numbers::pi * hz / rate_hz); };
    const double low = warped(band_hz / edge);
    const double high = warped(band_hz * edge);
    const double centre_squared = low * high;
    const double width = high - low;
    const auto roots = [&](Complex pole) {
        const Complex half = 0.5 * width * pole;
        const Complex root = std::sqrt(half * half - centre_squared);
        return std::array{half + root, half - root};
    };
    const std::array complex_pair = roots(std::polar(1.0, 2.0 * std::numbers::pi / 3.0));
    const std::array poles{roots(Complex(-1.0, 0.0))[0], complex_pair[0], complex_pair[1]};
    std::array<BiquadCoefficients, 3> filter;
    for (std::size_t k = 0; k < poles.size(); ++k) {
        const Complex z = (2.0 * rate_hz + poles[k]) / (2.0 * rate_hz - poles[k]);
        BiquadCoefficients& section = filter[k];
        section = {.b0 = 1.0, .b1 = 0.0, .b2 = -1.0, .a1 = -2.0 * z.real(), .a2 = std::norm(z)};
        const double gain = 1.0 / magnitude(section, band_hz, rate_hz);
        section.b0 = gain;
        section.b2 = -gain;
    }
    return filter;
}

struct ThirdOctavePeaks::State {
    std::vector<double> nominal_hz;
    std::size_t low_bands = 0; ///< filtered at the low rate
    std::size_t step = 1;      ///< frames to one of the low rate
    std::size_t hop_frames = 0;
    Bank low, high;
    std::array<std::vector<Biquad>, 2> low_pass;
    float floor = kFloor;
    std::array<std::vector<float>, kHops> ring; ///< mean squares of hops
    std::size_t at = 0;
    std::vector<float> powers;
};

ThirdOctavePeaks::ThirdOctavePeaks(double rate_hz) : state_(std::make_unique<State>()) {
    if (!(rate_hz >= 44100.0 && rate_hz <= 768000.0)) {
        throw std::invalid_argument("third octave peaks: expected a sample rate from 44.1 to 768 kHz");
    }
    State& s = *state_;
    s.step = static_cast<std::size_t>(rate_hz / kLowRate_hz);
    const double step = static_cast<double>(s.step);
    s.hop_frames = s.step * static_cast<std::size_t>(std::lround(kAverage_s / kHops * rate_hz / step));
    for (int band = kLowestBand; band <= kHighestBand; ++band) {
        const std::size_t index = s.nominal_hz.size();
        s.nominal_hz.push_back(third_octave_nominal_hz(band));
        if (band < 0) {
            s.low.set(index, centre_hz(band), rate_hz / step);
            s.low_bands = index + 1;
        } else {
            s.high.set(index - s.low_bands, centre_hz(band), rate_hz);
        }
    }
    for (auto& channel : s.low_pass) {
        for (const BiquadCoefficients& section : butterworth_low_pass(kLowPassOrder, kLowPass_hz, rate_hz)) {
            channel.emplace_back(section);
        }
    }
    for (auto& hop : s.ring) {
        hop.assign(2 * s.nominal_hz.size(), 0.0F);
    }
    s.powers.assign(2 * s.nominal_hz.size(), 0.0F);
}

ThirdOctavePeaks::~ThirdOctavePeaks() = default;

const std::vector<double>& ThirdOctavePeaks::nominal_hz() const noexcept {
    return state_->nominal_hz;
}

std::size_t ThirdOctavePeaks::hop_frames() const noexcept {
    return state_->hop_frames;
}

void ThirdOctavePeaks::process(std::span<const float> interleaved) noexcept {
    State& s = *state_;
    s.low.sum.fill(0.0F);
    s.high.sum.fill(0.0F);
    const std::size_t frames = std::min(interleaved.size() / 2, s.hop_frames);
    for (std::size_t i = 0; i < frames; ++i) {
        s.floor = -s.floor;
        const float left = interleaved[2 * i] + s.floor;
        const float right = interleaved[2 * i + 1] + s.floor;
        s.high.frame(left, right);
        double l = left;
        double r = right;
        for (std::size_t k = 0; k < s.low_pass[0].size(); ++k) {
            l = s.low_pass[0][k].rt_process(l);
            r = s.low_pass[1][k].rt_process(r);
        }
        if (i % s.step == 0) { // hops are whole steps
            s.low.frame(static_cast<float>(l), static_cast<float>(r));
        }
    }
    std::vector<float>& hop = s.ring[s.at];
    s.at = (s.at + 1) % kHops;
    const auto high_scale = 2.0F / static_cast<float>(s.hop_frames);
    const auto low_scale = high_scale * static_cast<float>(s.step);
    for (std::size_t lane = 0; lane < hop.size(); ++lane) {
        hop[lane] =
            lane < 2 * s.low_bands ? s.low.sum[lane] * low_scale : s.high.sum[lane - 2 * s.low_bands] * high_scale;
        float all = 0.0F;
        for (const auto& each : s.ring) {
            all += each[lane];
        }
        s.powers[lane] = all / static_cast<float>(kHops);
    }
}

std::span<const float> ThirdOctavePeaks::powers() const noexcept {
    return state_->powers;
}

} // namespace overbias::dsp
