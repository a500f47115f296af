// SPDX-License-Identifier: Apache-2.0
#include "audio/rate_bridge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <soxr.h>
#include <stdexcept>
#include <string>

namespace overbias::audio {

namespace {

constexpr std::size_t kChunk = 4096;
constexpr double kFullScale = 0x1p31;

std::int64_t whole_hz(double rate_hz) {
    if (!(rate_hz >= 1.0) || rate_hz != std::round(rate_hz)) {
        throw std::invalid_argument("rate bridge: " + std::to_string(rate_hz) + " Hz: expected a whole number above 0");
    }
    return std::llround(rate_hz);
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

} // namespace

struct RateBridge::Soxr {
    soxr_t handle = nullptr;
    ~Soxr() { soxr_delete(handle); }
};

RateBridge::RateBridge(double from_rate_hz, double to_rate_hz)
    : from_(whole_hz(from_rate_hz)), to_(whole_hz(to_rate_hz)), to_rate_hz_(to_rate_hz),
      soxr_(std::make_unique<Soxr>()), output_(2 * kChunk) {
    const std::int64_t common = std::gcd(from_, to_);
    from_ /= common;
    to_ /= common;
    const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I);
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, SOXR_LINEAR_PHASE);
    const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);
    soxr_error_t error = nullptr;
    soxr_->handle = soxr_create(from_rate_hz, to_rate_hz, 2, &error, &io, &quality, &runtime);
    if (error != nullptr) {
        throw std::runtime_error("rate bridge: from " + std::to_string(from_rate_hz) + " Hz to " +
                                 std::to_string(to_rate_hz) + " Hz cannot be set up: " + error);
    }
}

RateBridge::~RateBridge() = default;

std::int64_t RateBridge::first_at_or_after(std::int64_t input_frame) const {
    return -floor_divide(-input_frame * to_, from_);
}

void RateBridge::begin(std::int64_t first_frame) {
    if (soxr_clear(soxr_->handle) != nullptr) {
        throw std::runtime_error("rate bridge: libsoxr cannot begin anew");
    }
    // The converter's output begins with its input. So it begins where a frame of the input and one of the output are
    // at the same time; what is missing up to the first frame is silence, and not handed out.
    const std::int64_t common = floor_divide(first_frame, from_) * from_;
    next_output_ = common / from_ * to_;
    keep_from_ = first_at_or_after(first_frame);
    next_input_ = first_frame;
    running_ = true;
    input_.assign(2 * static_cast<std::size_t>(first_frame - common), 0.0);
    feed(input_, false);
}

void RateBridge::feed(std::span<const double> interleaved, bool last) {
    const std::int64_t end = last ? first_at_or_after(next_input_) : std::numeric_limits<std::int64_t>::max();
    std::size_t given = 0;
    const std::size_t frames = interleaved.size() / 2;
    for (;;) {
        std::size_t taken = 0;
        std::size_t made = 0;
        const bool rest = given < frames;
        if (!rest && !last) {
            return;
        }
        const double* const in = rest ? interleaved.data() + 2 * given : nullptr; // none: the end
        const soxr_error_t error =
            soxr_process(soxr_->handle, in, frames - given, &taken, output_.data(), output_.size() / 2, &made);
        if (error != nullptr) {
            throw std::runtime_error(std::string("rate bridge: libsoxr: ") + error);
        }
        given += taken;
        for (std::size_t i = 0; i < made; ++i, ++next_output_) {
            if (next_output_ < keep_from_ || next_output_ >= end) {
                continue;
            }
            if (runs_.empty() ||
                runs_.back().first_frame + static_cast<std::int64_t>(runs_.back().frames) != next_output_) {
                runs_.push_back({next_output_, 0});
            }
            ++runs_.back().frames;
            for (std::size_t c = 0; c < 2; ++c) {
                samples_.push_back(static_cast<std::int32_t>(
                    std::clamp(std::nearbyint(output_[2 * i + c] * kFullScale), -kFullScale, kFullScale - 1.0)));
            }
        }
        if (!rest && made == 0) {
            return;
        }
    }
}

void RateBridge::finish() {
    feed({}, true);
    running_ = false;
}

void RateBridge::push(std::int64_t first_frame, std::span<const std::int32_t> interleaved) {
    if (interleaved.size() < 2) {
        return;
    }
    if (running_ && first_frame != next_input_) {
        finish();
    }
    if (!running_) {
        begin(first_frame);
    }
    const std::size_t frames = interleaved.size() / 2;
    input_.resize(2 * frames);
    std::transform(interleaved.begin(), interleaved.begin() + static_cast<std::ptrdiff_t>(2 * frames), input_.begin(),
                   [](std::int32_t sample) { return static_cast<double>(sample) / kFullScale; });
    next_input_ += static_cast<std::int64_t>(frames);
    feed(input_, false);
}

FrameTap::Block RateBridge::read(std::span<std::int32_t> out) {
    if (runs_.empty()) {
        return {};
    }
    FrameTap::Block& run = runs_.front();
    const FrameTap::Block block{run.first_frame, std::min(run.frames, out.size() / 2)};
    const auto count = static_cast<std::ptrdiff_t>(2 * block.frames);
    std::copy_n(samples_.begin(), count, out.begin());
    samples_.erase(samples_.begin(), samples_.begin() + count);
    run.first_frame += static_cast<std::int64_t>(block.frames);
    run.frames -= block.frames;
    if (run.frames == 0) {
        runs_.pop_front();
    }
    return block;
}

StreamTimestamp RateBridge::convert(StreamTimestamp input) const {
    const std::int64_t frame = floor_divide(input.frame * to_, from_);
    // the whole frame before it, and when that was
    const auto part = static_cast<double>(input.frame * to_ - frame * from_) / static_cast<double>(from_);
    return {frame, input.at - deck_seconds(part / to_rate_hz_)};
}

} // namespace overbias::audio
