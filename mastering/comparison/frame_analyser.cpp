// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/frame_analyser.hpp"

#include "dsp/analysis/window.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>

namespace overbias::mastering {
namespace {

// The power of two nearest to 85 ms: 4096 at 44.1 and 48 kHz, 8192 at 96 kHz.
std::size_t frame_size_for(double rate_hz) {
    return std::bit_floor(static_cast<std::size_t>(0.085334 * rate_hz * std::numbers::sqrt2));
}

constexpr double kDelayBandLow = 400.0;
constexpr double kDelayBandHigh = 5000.0;
constexpr double kLowBandHigh = 1250.0;
// What the record amplifier adds before the tape saturates: the flux standard (35 us, IEC 60094-1 at 15 in/s) undone,
// and about as much again for what short wavelengths lose in recording. At 10 kHz together 12 dB, which puts saturation
// there 10 to 12 dB below 1 kHz, as data sheets do (MOL against SOL10).
constexpr double kEmphasis_s = 35e-6;
constexpr double kShortWave_s = 20e-6;

/// Samples that are taken as one where drive is told. The emphasis rises without end; what a file of a high rate
/// carries far above the compared band, shaped noise mostly, would pass for drive.
std::size_t drive_step(double rate_hz) {
    return rate_hz > 132000.0 ? 4 : rate_hz > 66000.0 ? 2 : 1;
}

/// Left and right in a register.
using Pair = float __attribute__((vector_size(8)));

struct Moments {
    Pair plain2{}, plain4{}, emphasised2{}, emphasised4{}, peak{};
};

/// `cube` gets, one pair for each step, the emphasised signal's third power with the emphasis undone: what a cubic
/// saturation takes away, but for its factor.
template <std::size_t Step>
Moments drive_of(std::span<const float> interleaved, float emphasis, float short_wave, std::span<float> cube) {
    constexpr float kShare = 1.0F / static_cast<float>(Step);
    const auto sample = [&](std::size_t n) {
        const float* const from = interleaved.data() + 2 * n * Step;
        Pair sum{from[0], from[1]};
        for (std::size_t s = 1; s < Step; ++s) {
            sum += Pair{from[2 * s], from[2 * s + 1]};
        }
        return sum * kShare;
    };
    // the two corners, undone one after the other
    const float new_share = 1.0F / (1.0F + short_wave);
    const float new_flat_share = 1.0F / (1.0F + emphasis);
    const float old_share = short_wave * new_share;
    const float old_flat_share = emphasis * new_flat_share;
    Moments sums;
    Pair before = sample(0);
    Pair first_before = before;
    Pair longer{};
    Pair flat{};
    for (std::size_t n = 0; n < cube.size() / 2; ++n) {
        const Pair x = sample(n);
        const Pair first = x + emphasis * (x - before);
        const Pair e = first + short_wave * (first - first_before);
        before = x;
        first_before = first;
        const Pair xx = x * x;
        const Pair ee = e * e;
        sums.plain2 += xx;
        sums.plain4 += xx * xx;
        sums.emphasised2 += ee;
        sums.emphasised4 += ee * ee;
        sums.peak = ee > sums.peak ? ee : sums.peak;
        longer = new_share * (ee * e) + old_share * longer;
        flat = new_flat_share * longer + old_flat_share * flat;
        cube[2 * n] = flat[0];
        cube[2 * n + 1] = flat[1];
    }
    return sums;
}

float power_of(const std::complex<float>* bins, std::size_t count) {
    dsp::TwoBins a{};
    dsp::TwoBins b{};
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4) {
        const dsp::TwoBins x = dsp::load_bins(bins + k);
        const dsp::TwoBins y = dsp::load_bins(bins + k + 2);
        a += x * x;
        b += y * y;
    }
    a += b;
    float power = (a[0] + a[1]) + (a[2] + a[3]);
    for (; k < count; ++k) {
        power += bins[k].real() * bins[k].real() + bins[k].imag() * bins[k].imag();
    }
    return power;
}

/// Sum of conj(x) y.
std::complex<float> cross_of(const std::complex<float>* x, const std::complex<float>* y, std::size_t count) {
    dsp::TwoBins real{};
    dsp::TwoBins crossed{};
    std::size_t k = 0;
    for (; k + 2 <= count; k += 2) {
        const dsp::TwoBins a = dsp::load_bins(x + k);
        const dsp::TwoBins b = dsp::load_bins(y + k);
        real += a * b;
        crossed += a * dsp::crossed(b);
    }
    std::complex<float> sum{(real[0] + real[1]) + (real[2] + real[3]),
                            (crossed[0] - crossed[1]) + (crossed[2] - crossed[3])};
    for (; k < count; ++k) {
        sum += std::complex<float>{x[k].real() * y[k].real() + x[k].imag() * y[k].imag(),
                                   x[k].real() * y[k].imag() - x[k].imag() * y[k].real()};
    }
    return sum;
}

} // namespace

FrameAnalyser::FrameAnalyser(double rate_hz, double highest_hz)
    : rate_hz_(rate_hz), size_(frame_size_for(rate_hz)), fft_(size_), both_(size_),
      cube_fft_(size_ / drive_step(rate_hz)),
      band_hz_(dsp::ThirdOctaveBands(size_, rate_hz, 50.0, 16000.0).nominal_hz()),
      delay_(size_, rate_hz, kDelayBandLow, kDelayBandHigh), low_delay_(size_, rate_hz, kDelayBandLow, kLowBandHigh),
      window_(dsp::hann_window(size_)), windowed_(size_), cube_(2 * cube_fft_.size()),
      scale_(static_cast<float>(2.0 / (static_cast<double>(size_) * dsp::window_power(window_)))),
      drive_step_(drive_step(rate_hz)),
      emphasis_(static_cast<float>(kEmphasis_s * rate_hz / static_cast<double>(drive_step_))),
      short_wave_(static_cast<float>(kShortWave_s * rate_hz / static_cast<double>(drive_step_))) {
    assert(band_hz_.size() == kBands);
    for (std::size_t edge = 0; edge <= kFineBands; ++edge) {
        const double hz = 1000.0 * std::pow(10.0, (static_cast<double>(edge) - 68.0) / 40.0);
        const double bin = std::ceil(hz * static_cast<double>(size_) / rate_hz);
        // A band that does not lie wholly below the highest frequency holds nothing.
        fine_bin_[edge] = edge > 0 && hz > highest_hz
                              ? fine_bin_[edge - 1]
                              : std::min(fft_.bins(), static_cast<std::size_t>(std::max(1.0, bin)));
    }
    for (auto& bins : cube_bins_) {
        bins.resize(cube_fft_.bins());
    }
    const auto held = [this](std::size_t k) {
        std::complex<double> sum{};
        for (std::size_t n = 0; n < drive_step_; ++n) {
            sum += std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(k * n) / static_cast<double>(size_));
        }
        return std::complex<float>(sum);
    };
    const std::size_t told = std::min(cube_fft_.bins(), fine_bin_[kFirstFine + 4 * kBands]);
    for (std::size_t k = 0; drive_step_ > 1 && k + 2 <= cube_fft_.bins() && k < told; k += 2) {
        held_.emplace_back(held(k), held(k + 1));
    }
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

void FrameAnalyser::tell_drive(std::span<const float> sent, FrameFigures& out) {
    const auto of = drive_step_ == 1 ? drive_of<1> : drive_step_ == 2 ? drive_of<2> : drive_of<4>;
    const Moments sums = of(sent, emphasis_, short_wave_, cube_);
    const std::size_t steps = size_ / drive_step_;
    const auto ratio = [](float fourth, float second) {
        return second > 0.0F ? static_cast<double>(fourth / second) : 0.0;
    };
    for (std::size_t c = 0; c < 2; ++c) {
        const auto lane = static_cast<int>(c);
        out.drive[c] = ratio(sums.plain4[lane], sums.plain2[lane]);
        out.emphasised_drive[c] = ratio(sums.emphasised4[lane], sums.emphasised2[lane]);
        out.emphasised_peak[c] = static_cast<double>(sums.peak[lane]);
        out.emphasised_power[c] = static_cast<double>(sums.emphasised2[lane]) / static_cast<double>(steps);
    }
    for (std::size_t n = 0; n < steps; ++n) {
        const float window = window_[n * drive_step_];
        cube_[2 * n] *= window;
        cube_[2 * n + 1] *= window;
    }
    cube_fft_.forward(cube_, cube_bins_[0], cube_bins_[1]);
    for (std::size_t c = 0; c < 2; ++c) {
        drive_of_bands(c, out.sent[c], out.band_drive[c]);
    }
}

/// What the cube has in common with what was sent, over that: a band's own share of the drive.
void FrameAnalyser::drive_of_bands(std::size_t channel, const BandPowers& power, BandPowers& out) {
    Spectrum& cube = cube_bins_[channel];
    // Each value stands for a step of frames: its spectrum is that of one, times that of a step.
    for (std::size_t k = 0; k < held_.size(); ++k) {
        dsp::store_bins(cube.data() + 2 * k, times(dsp::load_bins(cube.data() + 2 * k), held_[k]));
    }
    for (std::size_t b = 0; b < kBands; ++b) {
        const std::size_t first = std::min(cube.size(), fine_bin_[kFirstFine + 4 * b]);
        const std::size_t last = std::min(cube.size(), fine_bin_[kFirstFine + 4 * b + 4]);
        const float common = scale_ * cross_of(sent_[channel].data() + first, cube.data() + first, last - first).real();
        out[b] = power[b] > 0.0F ? std::max(0.0F, common / power[b]) : 0.0F;
    }
}

double FrameAnalyser::fine_hz(std::size_t band) const noexcept {
    const std::size_t first = fine_bin_[band];
    const std::size_t last = fine_bin_[band + 1];
    return first == last ? 0.0 : 0.5 * static_cast<double>(first + last - 1) * rate_hz_ / static_cast<double>(size_);
}

void FrameAnalyser::sum_fine(const Spectrum& bins, FinePowers& fine, BandPowers& thirds, double& whole) const noexcept {
    for (std::size_t band = 0; band < kFineBands; ++band) {
        const std::size_t first = fine_bin_[band];
        const float power = power_of(bins.data() + first, fine_bin_[band + 1] - first);
        fine[band] = power * scale_;
    }
    whole = 0.0;
    for (std::size_t b = 0; b < kBands; ++b) {
        const float* const first = fine.data() + kFirstFine + 4 * b;
        thirds[b] = (first[0] + first[1]) + (first[2] + first[3]);
        whole += static_cast<double>(thirds[b]);
    }
}

void FrameAnalyser::sum_cross(std::size_t channel, FineCross& out) const noexcept {
    for (std::size_t band = 0; band < kFineBands; ++band) {
        const std::size_t first = fine_bin_[band];
        out[band] = scale_ *
                    cross_of(sent_[channel].data() + first, came_[channel].data() + first, fine_bin_[band + 1] - first);
    }
}

void FrameAnalyser::analyse_return(std::span<const float> came, FrameFigures& out) {
    for (std::size_t c = 0; c < 2; ++c) {
        transform(came, c, came_[c]);
        sum_fine(came_[c], out.fine_came[c], out.came[c], out.came_power[c]);
    }
}

void FrameAnalyser::analyse(std::span<const float> sent, std::span<const float> came, std::array<double, 2> delay_guess,
                            FrameFigures& out) {
    // What lies above the highest band is never asked for.
    const std::size_t used = std::max(fine_bin_.back(), delay_.last_bin());
    both_.forward(sent, came, window_,
                  {std::span(sent_[0]).first(used), std::span(sent_[1]).first(used), std::span(came_[0]).first(used),
                   std::span(came_[1]).first(used)});
    for (std::size_t c = 0; c < 2; ++c) {
        sum_fine(came_[c], out.fine_came[c], out.came[c], out.came_power[c]);
        sum_fine(sent_[c], out.fine_sent[c], out.sent[c], out.sent_power[c]);
        sum_cross(c, out.fine_cross[c]);
    }
    tell_drive(sent, out);
    const std::size_t first = delay_.first_bin();
    const std::size_t last = delay_.last_bin();
    const auto middle = [&](const Spectrum& bins) {
        return static_cast<double>(power_of(bins.data() + first, last - first) * scale_);
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

dsp::DelayEstimate FrameAnalyser::search_low(int channel, double delay_guess, double reach) {
    const auto c = static_cast<std::size_t>(channel);
    return low_delay_.coarse(sent_[c], came_[c], delay_guess, reach);
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

double FrameAnalyser::sent_tone_hz() const noexcept {
    const double per_bin = rate_hz_ / static_cast<double>(size_);
    std::size_t best = 0;
    double most = 0.0;
    const auto power_of = [&](std::size_t k) {
        return static_cast<double>(std::norm(sent_[0][k])) + static_cast<double>(std::norm(sent_[1][k]));
    };
    for (std::size_t k = 2; k + 2 < fine_bin_.back(); ++k) {
        if (const double power = power_of(k); power > most) {
            most = power;
            best = k;
        }
    }
    if (best == 0) {
        return 0.0;
    }
    // A Hann window's main lobe: the ratio of the two highest bins gives the place, d = (2 r - 1) / (r + 1).
    const double left = std::sqrt(power_of(best - 1));
    const double right = std::sqrt(power_of(best + 1));
    const double ratio = std::max(left, right) / std::sqrt(most);
    const double off = (2.0 * ratio - 1.0) / (ratio + 1.0);
    return per_bin * (static_cast<double>(best) + (right >= left ? off : -off));
}

std::complex<double> FrameAnalyser::right_against_left(double frequency_hz, double width_hz) const noexcept {
    const double per_bin = rate_hz_ / static_cast<double>(size_);
    const auto first = static_cast<std::size_t>(std::max(1.0, std::ceil((frequency_hz - width_hz) / per_bin)));
    const auto last = std::min(came_[0].size() - 1, static_cast<std::size_t>((frequency_hz + width_hz) / per_bin));
    std::complex<double> came{};
    std::complex<double> sent{};
    for (std::size_t k = first; k <= last; ++k) {
        came += std::complex<double>(std::conj(came_[0][k]) * came_[1][k]);
        sent += std::complex<double>(std::conj(sent_[0][k]) * sent_[1][k]);
    }
    return came * std::conj(sent);
}

} // namespace overbias::mastering
