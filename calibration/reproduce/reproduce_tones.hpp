// SPDX-License-Identifier: Apache-2.0
// ReproduceTones: the tones of a calibration tape as they come off both tracks of a deck that somebody turns at. A
// tone is followed on the track that was sure of it first; its level may change. Frames are those of
// TapeListener::on_frames(). No time, no I/O. Thread: one; allocates in the constructor and when a tone ends.
#pragma once

#include "dsp/analysis/tape_tones.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace overbias::calibration {

class ReproduceTones {
  public:
    struct Tone {
        double frequency_hz = 0.0;
        std::int64_t begin_frame = 0;
        std::int64_t end_frame = 0; ///< so far it is certain while it plays
        /// Mean while it played; below full scale by 200 dB where the track was not sure of a tone.
        std::array<double, 2> level_dbfs{};
    };

    /// Below silence_dbfs it is silent.
    ReproduceTones(double rate_hz, double silence_dbfs);

    void take(std::int64_t first_frame, std::span<const std::int32_t> interleaved);
    /// The tape was put somewhere else: forgets what it heard.
    void restart();

    [[nodiscard]] std::optional<Tone> playing() const;
    /// Those that have ended since restart(), first to last.
    [[nodiscard]] const std::vector<Tone>& ended() const noexcept { return ended_; }
    /// For so long neither track has had anything but silence.
    [[nodiscard]] double silent_s() const noexcept { return static_cast<double>(silent_frames_) / rate_hz_; }
    /// Something that is no tone: the announcer.
    [[nodiscard]] bool other() const noexcept;

  private:
    static constexpr std::size_t kTracks = 2;
    void feed();
    void look();
    [[nodiscard]] Tone tone_of(const dsp::TapeTone& tone) const;
    /// What the other track had at that time.
    void add_other(Tone& tone) const;

    double rate_hz_;
    std::array<dsp::TapeTones, kTracks> tracks_;
    std::array<std::vector<float>, kTracks> pending_;
    std::int64_t base_frame_ = -1; ///< of their first sample
    std::int64_t next_frame_ = 0;
    std::int64_t silent_frames_ = 0;
    std::optional<std::size_t> lead_; ///< the track whose tone plays
    Tone last_;                       ///< of the lead, as it was last
    std::vector<Tone> ended_;
};

} // namespace overbias::calibration
