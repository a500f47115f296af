// SPDX-License-Identifier: Apache-2.0
#include "audio/sample_rate_conversion.hpp"

#include <algorithm>
#include <cmath>
#include <soxr.h>
#include <stdexcept>
#include <string>

namespace overbias::audio {

namespace {
constexpr std::size_t kInputFrames = 4096;
} // namespace

struct SampleRateConversion::Soxr {
    soxr_t handle = nullptr;
    Source source;
    std::size_t channels = 0;
    std::vector<double> input;

    ~Soxr() { soxr_delete(handle); }

    static std::size_t pull(void* self_pointer, soxr_in_t* data, std::size_t wanted) {
        auto& self = *static_cast<Soxr*>(self_pointer);
        *data = self.input.data();
        return self.source(std::span(self.input).first(std::min(wanted, kInputFrames) * self.channels));
    }
};

std::int64_t converted_frames(std::int64_t frames, double from_rate_hz, double to_rate_hz) noexcept {
    return std::llround(static_cast<long double>(frames) * static_cast<long double>(to_rate_hz) /
                        static_cast<long double>(from_rate_hz));
}

SampleRateConversion::SampleRateConversion(double from_rate_hz, double to_rate_hz, std::size_t channels,
                                           std::int64_t input_frames, Source source)
    : soxr_(std::make_unique<Soxr>()), channels_(channels),
      left_(converted_frames(input_frames, from_rate_hz, to_rate_hz)) {
    soxr_->source = std::move(source);
    soxr_->channels = channels;
    soxr_->input.resize(kInputFrames * channels);
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, SOXR_LINEAR_PHASE);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t error = nullptr;
    soxr_->handle =
        soxr_create(from_rate_hz, to_rate_hz, static_cast<unsigned>(channels), &error, &io, &quality, &runtime);
    if (error == nullptr) {
        error = soxr_set_input_fn(soxr_->handle, &Soxr::pull, soxr_.get(), kInputFrames);
    }
    if (error != nullptr) {
        throw std::runtime_error("sample rate conversion from " + std::to_string(from_rate_hz) + " Hz to " +
                                 std::to_string(to_rate_hz) + " Hz cannot be set up: " + error);
    }
}

SampleRateConversion::~SampleRateConversion() = default;

std::size_t SampleRateConversion::read(std::span<double> out) {
    const std::size_t wanted = std::min(out.size() / channels_, static_cast<std::size_t>(left_));
    std::size_t done = 0;
    while (done < wanted) {
        const std::size_t got = soxr_output(soxr_->handle, out.data() + done * channels_, wanted - done);
        if (got == 0) {
            // libsoxr may end a frame before the rounded length; the source's own silence follows
            std::fill(out.begin() + static_cast<std::ptrdiff_t>(done * channels_),
                      out.begin() + static_cast<std::ptrdiff_t>(wanted * channels_), 0.0);
            done = wanted;
            break;
        }
        done += got;
    }
    left_ -= static_cast<std::int64_t>(done);
    return done;
}

} // namespace overbias::audio
