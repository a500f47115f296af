// SPDX-License-Identifier: Apache-2.0
// Oscillator: a test signal on the programme outputs while no programme plays. It belongs to an engine
// (BlockEngine::add_oscillator), whose audio thread it runs on.
//
// Every change is free of clicks: sines and squares go on in their phase, everything else is faded over 10 ms, channels
// too (dsp/generator/generator.hpp). The programme has the right of way: when the queue begins to play, the oscillator
// is faded out first and ends; it ends too when the engine stops or starts. Nothing brings it back but play(). While it
// sounds the samples are dithered to the converter's 24 bits; while it does not they are zero.
//
// Threads: rt_ calls on the audio thread, or on the engine's owner while no rt_process() runs; the rest on one other
// thread, the one that commands.
#pragma once

#include "audio/dither.hpp"
#include "base/latest_value.hpp"
#include "base/result.hpp"
#include "dsp/generator/generator.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::audio {

/// The programme outputs that carry it; the other one is silent.
enum class OscillatorChannels { Both, Left, Right };

class Oscillator {
  public:
    /// Off. Throws std::invalid_argument for a rate that is not above 0.
    explicit Oscillator(double rate_hz);

    /// Plays from the next block on. The error is dsp::signal_complaint's; what played goes on then.
    [[nodiscard]] Result<void> play(const dsp::Signal& signal, OscillatorChannels channels = OscillatorChannels::Both);
    void stop() noexcept;
    /// Asked for, and not ended: by stop(), by a programme, by the engine's stop, or because a sequence or sweep is
    /// over.
    [[nodiscard]] bool playing() const noexcept;
    /// What play() was given last.
    [[nodiscard]] const dsp::Signal& signal() const noexcept { return request_.signal; }
    [[nodiscard]] OscillatorChannels channels() const noexcept { return request_.channels; }
    [[nodiscard]] double rate_hz() const noexcept { return generator_.rate_hz(); }

    /// Where the last play() or stop() is in the playback's frames. From `from_frame` on it can be heard, from
    /// `settled_frame` on nothing else can, and its level is reached. Both -1 until it was written to the card, and for
    /// good when a programme or the engine's end came first.
    struct Change {
        std::int64_t from_frame = -1, settled_frame = -1;
    };
    [[nodiscard]] Change last_change() const noexcept;

    // --- for the engine
    /// The next frames, left and right side by side, left-justified.
    void rt_fill(std::span<std::int32_t> interleaved) noexcept;
    /// `frames` of what rt_fill() gave last, from its frame `offset` on, went to the card as `first_frame` and on.
    void rt_written(std::int64_t first_frame, std::size_t offset, std::size_t frames) noexcept;
    /// A programme wants the outputs: ends. False while it still fades out, and rt_fill() has the frames.
    [[nodiscard]] bool rt_give_way() noexcept;
    /// Ends at once.
    void rt_end() noexcept;

  private:
    struct Request {
        std::uint32_t number = 0;
        dsp::Signal signal;
        OscillatorChannels channels = OscillatorChannels::Both;
    };
    static constexpr std::size_t kPiece = 64;
    static constexpr std::size_t kNowhere = ~std::size_t{0};
    void ask(const dsp::Signal& signal, OscillatorChannels channels) noexcept;
    void rt_take_request() noexcept;
    void rt_begin(std::size_t offset) noexcept;
    void rt_piece(std::span<std::int32_t> interleaved) noexcept;

    // the commanding thread's
    Request request_;
    LatestValue<Request> asked_;
    std::atomic<std::uint32_t> ended_{0};  ///< number of the request that does not sound any more
    std::atomic<std::uint32_t> change_{0}; ///< number of the request that from_frame_ is of
    std::atomic<std::int64_t> from_frame_{-1};

    // the audio thread's
    dsp::Generator generator_;
    std::array<DitheredQuantiser, 2> quantisers_;
    std::array<float, kPiece> mono_{};
    std::array<float, 2> gain_{1.0F, 1.0F}, wanted_gain_{1.0F, 1.0F};
    Request next_;                     ///< the newest taken
    bool waiting_ = false;             ///< it has not begun
    bool sounds_ = false;              ///< the generator was given a signal, and not silence after it
    std::size_t begins_at_ = kNowhere; ///< where it began, in what rt_fill() gave last
};

} // namespace overbias::audio
