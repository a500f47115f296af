// SPDX-License-Identifier: Apache-2.0
// PlaybackTap: a Pcm that passes everything through and, when asked, writes what is played into a file, word for word,
// so that a test can show that what was printed reached the card bit for bit. Thread: as the Pcm behind it.
#pragma once

#include "audio/ports/pcm.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace overbias::deck_sim {

class PlaybackTap final : public audio::Pcm {
  public:
    explicit PlaybackTap(audio::Pcm& behind) : behind_(behind), playback_(behind.playback()) {}

    [[nodiscard]] audio::CaptureStream& capture() noexcept override { return behind_.capture(); }
    [[nodiscard]] audio::PlaybackStream& playback() noexcept override { return playback_; }
    [[nodiscard]] Result<void> start(std::size_t latency_frames) override { return behind_.start(latency_frames); }
    void stop() noexcept override { behind_.stop(); }

    /// From the next frame on into `file`: signed 32 bit words in the machine's byte order, interleaved, frames that
    /// were lost as silence. Error when the file can't be made, or one is being written already.
    [[nodiscard]] Result<void> record_to(const std::filesystem::path& file);
    /// Closes the file; how many frames it holds. Error when not all could be written, or nothing was being recorded.
    [[nodiscard]] Result<std::int64_t> end_recording();

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { std::fclose(file); }
    };
    class Playback final : public audio::PlaybackStream {
      public:
        explicit Playback(audio::PlaybackStream& behind) : behind_(behind) {}
        [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return behind_.format(); }
        [[nodiscard]] audio::StreamState rt_state() noexcept override { return behind_.rt_state(); }
        [[nodiscard]] std::size_t rt_writable() noexcept override { return behind_.rt_writable(); }
        std::size_t rt_write(std::span<const std::int32_t> in, std::int64_t& first_frame) noexcept override;
        bool rt_recover() noexcept override { return behind_.rt_recover(); }
        [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override { return behind_.rt_timestamp(); }

        std::unique_ptr<std::FILE, Close> file;
        std::int64_t frames = 0; ///< in the file
        bool failed = false;

      private:
        audio::PlaybackStream& behind_;
        std::int64_t next_ = 0;
    };

    audio::Pcm& behind_;
    Playback playback_;
};

} // namespace overbias::deck_sim
