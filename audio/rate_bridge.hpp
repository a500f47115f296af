// SPDX-License-Identifier: Apache-2.0
// RateBridge: the tape return of a card that captures at another nominal rate than the other card plays, converted to
// the playback's rate, so that who compares the two sees equal rates.
//
// Frame m of the output is at the time of frame m * from / to of the input: frame 0 is frame 0, and the filter's delay
// is taken out (libsoxr, very high quality, linear phase). A gap in the input's numbers is a gap in the output's.
// Crystals that differ from their nominal rates stay as they are: that is for the timestamps to tell.
//
// Thread: one; allocates, so never the audio thread.
#pragma once

#include "audio/block_engine.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

namespace overbias::audio {

class RateBridge {
  public:
    /// Nominal rates, whole Hz. Throws std::invalid_argument when they are not, std::runtime_error when libsoxr cannot.
    RateBridge(double from_rate_hz, double to_rate_hz);
    ~RateBridge();
    RateBridge(const RateBridge&) = delete;
    RateBridge& operator=(const RateBridge&) = delete;

    /// Interleaved left/right, as FrameTap::read() gives them. Frame numbers never go back.
    void push(std::int64_t first_frame, std::span<const std::int32_t> interleaved);
    /// The next run of consecutive frames at the output's rate, up to out.size() / 2; frames == 0: none yet. The filter
    /// holds back some tens of milliseconds.
    FrameTap::Block read(std::span<std::int32_t> out);
    /// The input's clock, in frames of the output.
    [[nodiscard]] StreamTimestamp convert(StreamTimestamp input) const;

  private:
    struct Soxr;
    void begin(std::int64_t first_frame);
    void feed(std::span<const double> interleaved, bool last);
    void finish();
    [[nodiscard]] std::int64_t first_at_or_after(std::int64_t input_frame) const;

    std::int64_t from_, to_; ///< the rates' ratio, in lowest terms
    double to_rate_hz_;
    std::unique_ptr<Soxr> soxr_;
    bool running_ = false;
    std::int64_t next_input_ = 0;
    std::int64_t next_output_ = 0; ///< of the converter
    std::int64_t keep_from_ = 0;   ///< output frames before this one belong to what was before the gap
    std::vector<double> input_, output_;
    std::deque<FrameTap::Block> runs_;
    std::deque<std::int32_t> samples_;
};

} // namespace overbias::audio
