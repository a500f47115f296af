// SPDX-License-Identifier: Apache-2.0
// Sample rate conversion as a stream (libsoxr, very high quality, linear phase): frame 0 of the output is at the same
// time as frame 0 of the input, and the output has exactly round(input frames * ratio) frames. Thread: one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace overbias::audio {

/// Frames of the output for `frames` of input.
[[nodiscard]] std::int64_t converted_frames(std::int64_t frames, double from_rate_hz, double to_rate_hz) noexcept;

class SampleRateConversion {
  public:
    /// Fills interleaved frames (full scale 1.0) and returns how many; 0 at the end.
    using Source = std::function<std::size_t(std::span<double>)>;

    /// Throws std::runtime_error when libsoxr cannot do it.
    SampleRateConversion(double from_rate_hz, double to_rate_hz, std::size_t channels, std::int64_t input_frames,
                         Source source);
    ~SampleRateConversion();
    SampleRateConversion(const SampleRateConversion&) = delete;
    SampleRateConversion& operator=(const SampleRateConversion&) = delete;

    /// Up to out.size() / channels interleaved frames; 0 at the end.
    std::size_t read(std::span<double> out);

  private:
    struct Soxr;
    std::unique_ptr<Soxr> soxr_;
    std::size_t channels_;
    std::int64_t left_; ///< frames still to be given out
};

} // namespace overbias::audio
