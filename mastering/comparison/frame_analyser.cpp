// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/frame_analyser.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace overbias::mastering {
namespace {

// The power of two nearest to 85 ms: 4096 at 44.1 and 48 kHz, 8192 at 96 kHz.
std::size_t frame_size_for(double rate_hz) {
    return std::bit_floor(static_cast<std::size_t>(0.085334 * rate_hz * std::numbers::sqrt2));
}

constexpr double kDelayBandLow = 400.0;
constexpr double kDelayBandHigh = 5000.0;
// What the record amplifier adds before the tape saturates: the flux standard (35 us, IEC 60094-1 at 15 in/s) undone,
// and about as much again for what short wavelengths lose in recording. At 10 kHz together 12 dB, which puts saturation
// there 10 to 12 dB below 1 kHz, as data sheets do (MOL against SOL10).
constexpr double kEmphasis_s = 35e-6;
constexpr double kShortWave_s = 20e-6;

struct Moments {
    double plain, emphasised, peak, power;
};

Moments drive_of(std::span<const float> interleaved, std::size_t channel, float emphasis, float short_wave) {
    float p2 = 0.0F;
    float p4 = 0.0F;
    float e2 = 0.0F;
    float e4 = 0.0F;
    float peak = 0.0F;
    float before = interleaved[channel];
    float first_before = before;
    for (std::size_t n = channel; n < interleaved.size(); n += 2) {
        const float x = interleaved[n];
        const float first = x + emphasis * (x - before);
        const float e = first + short_wave * (first - first_before);
        before = x;
        first_before = first;
        const float xx = x * x;
        const float ee = e * e;
        p2 += xx;
        p4 += xx * xx;
        e2 += ee;
        e4 += ee * ee;
        peak = std::max(peak, ee);
    }
    return {p2 > 0.0F ? static_cast<double>(p4 / p2) : 0.0, e2 > 0.0F ? static_cast<double>(e4 / e2) : 0.0,
            static_cast<double>(peak), 2.0 * static_cast<double>(e2) / static_cast<double>(interleaved.size())};
}

} // namespace

FrameAnalyser::FrameAnalyser(double rate_hz)
    : rate_hz_(rate_hz), size_(frame_size_for(rate_hz)), fft_(size_), bands_(size_, rate_hz, 50.0, 16000.0),
      delay_(size_, rate_hz, kDelayBandLow, kDelayBandHigh), window_(dsp::hann_window(size_)), windowed_(size_),
      scale_(static_cast<float>(2.0 / (static_cast<double>(size_) * dsp::window_power(window_)))),
      emphasis_(static_cast<float>(kEmphasis_s * rate_hz)), short_wave_(static_cast<float>(kShortWave_s * rate_hz)) {
    assert(bands_.size() == kBands);
    for (auto* spectra : {&sent_, &came_}) {
        for (auto& bins : *spectra) {
            bins.resize(fft_.bins());
        }
    }
}

void FrameAnalyser::transform(std::span<const float> interleaved, std::size_t channel, Spectrum& out) {
    for (std::size_t n = 0; n < size_; ++n) {
        windowed_[n] = interleaved[2 * n + channel] * window_[n];
    }
    fft_.forward(windowed_, out);
}

void FrameAnalyser::analyse_return(std::span<const float> came, FrameFigures& out) {
    for (std::size_t c = 0; c < 2; ++c) {
        transform(came, c, came_[c]);
        bands_.sum(came_[c], out.came[c]);
        out.came_power[c] = 0.0;
        for (float& power : out.came[c]) {
            power *= scale_;
            out.came_power[c] += static_cast<double>(power);
        }
    }
}

void FrameAnalyser::analyse(std::span<const float> sent, std::span<const float> came, std::array<double, 2> delay_guess,
                            FrameFigures& out) {
    analyse_return(came, out);
    for (std::size_t c = 0; c < 2; ++c) {
        transform(sent, c, sent_[c]);
        bands_.sum(sent_[c], out.sent[c]);
        out.sent_power[c] = 0.0;
        for (float& power : out.sent[c]) {
            power *= scale_;
            out.sent_power[c] += static_cast<double>(power);
        }
        const Moments moments = drive_of(sent, c, emphasis_, short_wave_);
        out.drive[c] = moments.plain;
        out.emphasised_drive[c] = moments.emphasised;
        out.emphasised_peak[c] = moments.peak;
        out.emphasised_power[c] = moments.power;
    }
    const std::size_t first = delay_.first_bin();
    const std::size_t last = delay_.last_bin();
    const auto middle = [&](const Spectrum& bins) {
        float sum = 0.0F;
        for (std::size_t k = first; k < last; ++k) {
            sum += bins[k].real() * bins[k].real() + bins[k].imag() * bins[k].imag();
        }
        return static_cast<double>(sum * scale_);
    };
    for (std::size_t c = 0; c < 2; ++c) {
        out.delay[c] = delay_.fine(sent_[c], came_[c], delay_guess[c]);
        out.sent_middle[c] = middle(sent_[c]);
        out.came_middle[c] = middle(came_[c]);
    }
    for (std::size_t from = 0; from < 2; ++from) {
        for (std::size_t to = 0; to < 2; ++to) {
            const double delay = out.delay[to].correlation != 0.0 ? out.delay[to].samples : delay_guess[to];
            const auto cross =
                dsp::band_cross(sent_[from], came_[to], first, last, size_, from == to ? delay : delay_guess[to]);
            out.cross[from][to] = cross.real() * static_cast<double>(scale_);
        }
    }
}

dsp::DelayEstimate FrameAnalyser::search(int channel, double delay_guess, double reach) {
    const auto c = static_cast<std::size_t>(channel);
    return delay_.coarse(sent_[c], came_[c], delay_guess, reach);
}

double FrameAnalyser::power_near(const Spectrum& bins, double frequency_hz, double width_hz) const noexcept {
    const double per_bin = rate_hz_ / static_cast<double>(size_);
    const auto last = std::min(bins.size() - 1, static_cast<std::size_t>((frequency_hz + width_hz) / per_bin));
    double sum = 0.0;
    for (auto k = static_cast<std::size_t>(std::max(1.0, std::ceil((frequency_hz - width_hz) / per_bin))); k <= last;
         ++k) {
        sum += static_cast<double>(std::norm(bins[k]));
    }
    return sum * static_cast<double>(scale_);
}

double FrameAnalyser::came_power_near(int channel, double frequency_hz, double width_hz) const noexcept {
    return power_near(came_[static_cast<std::size_t>(channel)], frequency_hz, width_hz);
}

double FrameAnalyser::sent_power_near(int channel, double frequency_hz, double width_hz) const noexcept {
    return power_near(sent_[static_cast<std::size_t>(channel)], frequency_hz, width_hz);
}

} // namespace overbias::mastering
