// SPDX-License-Identifier: Apache-2.0
#include "dsp/analysis/fft.hpp"

#include <kiss_fftr.h>

#include <cassert>
#include <new>
#include <stdexcept>
#include <string>

namespace overbias::dsp {

static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>), "KissFFT is built for another sample type");

struct RealFft::Plans {
    explicit Plans(int size)
        : forward(kiss_fftr_alloc(size, 0, nullptr, nullptr)), inverse(kiss_fftr_alloc(size, 1, nullptr, nullptr)) {
        if (forward == nullptr || inverse == nullptr) {
            kiss_fftr_free(forward);
            kiss_fftr_free(inverse);
            throw std::bad_alloc();
        }
    }
    ~Plans() {
        kiss_fftr_free(forward);
        kiss_fftr_free(inverse);
    }
    Plans(const Plans&) = delete;
    Plans& operator=(const Plans&) = delete;
    kiss_fftr_cfg forward;
    kiss_fftr_cfg inverse;
};

RealFft::RealFft(std::size_t size) : size_(size) {
    if (size < 4 || size % 2 != 0) {
        throw std::invalid_argument("real FFT: expected an even size of 4 or more, got " + std::to_string(size));
    }
    plans_ = std::make_unique<Plans>(static_cast<int>(size));
}
RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;

void RealFft::forward(std::span<const float> time, std::span<std::complex<float>> bins) {
    assert(time.size() == size_ && bins.size() == this->bins());
    kiss_fftr(plans_->forward, time.data(), reinterpret_cast<kiss_fft_cpx*>(bins.data()));
}

void RealFft::inverse(std::span<const std::complex<float>> bins, std::span<float> time) {
    assert(time.size() == size_ && bins.size() == this->bins());
    kiss_fftri(plans_->inverse, reinterpret_cast<const kiss_fft_cpx*>(bins.data()), time.data());
    const float scale = 1.0F / static_cast<float>(size_);
    for (float& x : time) {
        x *= scale;
    }
}

} // namespace overbias::dsp
