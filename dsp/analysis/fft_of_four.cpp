// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft_of_four.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::dsp {
namespace {

std::complex<float> turn(double part) {
    return std::complex<float>(std::polar(1.0, -2.0 * std::numbers::pi * part));
}

} // namespace

FftOfFour::FftOfFour(std::size_t size) : size_(size), points_(size / 2), other_(size / 2) {
    if (size < 8 || !std::has_single_bit(size)) {
        throw std::invalid_argument("FFT of four: expected a power of two of 8 or more, got " + std::to_string(size));
    }
    for (std::size_t n = size / 2; n >= 4; n /= 4) {
        for (std::size_t p = 0; p < n / 4; ++p) {
            const double part = static_cast<double>(p) / static_cast<double>(n);
            turns_.push_back(turn(part));
            turns_.push_back(turn(2.0 * part));
            turns_.push_back(turn(3.0 * part));
        }
    }
    for (std::size_t k = 0; k <= size / 2; ++k) {
        apart_.push_back(turn(static_cast<double>(k) / static_cast<double>(size)));
    }
}

void FftOfFour::transform() noexcept {
    const auto times = [](const Point& x, std::complex<float> w) {
        return Point{x.re * w.real() - x.im * w.imag(), x.re * w.imag() + x.im * w.real()};
    };
    const std::complex<float>* turns = turns_.data();
    std::size_t n = size_ / 2;
    std::size_t stride = 1;
    for (; n >= 4; n /= 4, stride *= 4) {
        const std::size_t quarter = n / 4;
        const Point* const x = points_.data();
        Point* const y = other_.data();
        for (std::size_t p = 0; p < quarter; ++p, turns += 3) {
            const std::complex<float> w1 = turns[0];
            const std::complex<float> w2 = turns[1];
            const std::complex<float> w3 = turns[2];
            for (std::size_t q = 0; q < stride; ++q) {
                const Point& a = x[q + stride * p];
                const Point& b = x[q + stride * (p + quarter)];
                const Point& c = x[q + stride * (p + 2 * quarter)];
                const Point& d = x[q + stride * (p + 3 * quarter)];
                const Point sum{a.re + c.re, a.im + c.im};
                const Point difference{a.re - c.re, a.im - c.im};
                const Point other_sum{b.re + d.re, b.im + d.im};
                const Point turned{d.im - b.im, b.re - d.re}; // j (b - d)
                Point* const to = y + q + stride * 4 * p;
                to[0] = {sum.re + other_sum.re, sum.im + other_sum.im};
                to[stride] = times({difference.re - turned.re, difference.im - turned.im}, w1);
                to[2 * stride] = times({sum.re - other_sum.re, sum.im - other_sum.im}, w2);
                to[3 * stride] = times({difference.re + turned.re, difference.im + turned.im}, w3);
            }
        }
        std::swap(points_, other_);
    }
    if (n == 2) {
        for (std::size_t q = 0; q < stride; ++q) {
            const Point a = points_[q];
            const Point b = points_[q + stride];
            other_[q] = {a.re + b.re, a.im + b.im};
            other_[q + stride] = {a.re - b.re, a.im - b.im};
        }
        std::swap(points_, other_);
    }
}

void FftOfFour::forward(std::span<const float> first, std::span<const float> second, std::span<const float> window,
                        const Spectra& out) noexcept {
    assert(first.size() == 2 * size_ && second.size() == 2 * size_ && window.size() == size_);
    for (std::size_t n = 0; n < size_ / 2; ++n) {
        const float* const a = first.data() + 4 * n;
        const float* const b = second.data() + 4 * n;
        points_[n] = {Lanes{a[0], a[1], b[0], b[1]} * window[2 * n], Lanes{a[2], a[3], b[2], b[3]} * window[2 * n + 1]};
    }
    transform();
    take_apart(out);
}

void FftOfFour::forward(std::span<const float> frames, const Spectra& out) noexcept {
    assert(frames.size() == 4 * size_);
    for (std::size_t n = 0; n < size_ / 2; ++n) {
        const float* const a = frames.data() + 8 * n;
        points_[n] = {Lanes{a[0], a[1], a[2], a[3]}, Lanes{a[4], a[5], a[6], a[7]}};
    }
    transform();
    take_apart(out);
}

void FftOfFour::take_apart(const Spectra& out) noexcept {
    const std::size_t half = size_ / 2;
    const std::size_t bins = std::min(half + 1, out[0].size());
    for (std::size_t k = 0; k < bins; ++k) {
        const Point& z = points_[k % half];
        const Point& mirror = points_[(half - k) % half];
        const Lanes even_re = 0.5F * (z.re + mirror.re);
        const Lanes even_im = 0.5F * (z.im - mirror.im);
        const Lanes odd_re = 0.5F * (z.im + mirror.im);
        const Lanes odd_im = -0.5F * (z.re - mirror.re);
        const std::complex<float> w = apart_[k];
        const Lanes re = even_re + odd_re * w.real() - odd_im * w.imag();
        const Lanes im = even_im + odd_re * w.imag() + odd_im * w.real();
        for (std::size_t lane = 0; lane < 4; ++lane) {
            out[lane][k] = {re[lane], im[lane]};
        }
    }
}

} // namespace overbias::dsp
