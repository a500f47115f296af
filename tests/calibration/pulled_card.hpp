// SPDX-License-Identifier: Apache-2.0
// A sound card whose cable can be pulled.
#pragma once

#include "audio/ports/pcm.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace overbias::test {

class PulledCard final : public audio::Pcm, private audio::CaptureStream {
  public:
    explicit PulledCard(audio::Pcm& inner) : inner_(inner) {}
    [[nodiscard]] audio::CaptureStream& capture() noexcept override { return *this; }
    [[nodiscard]] audio::PlaybackStream& playback() noexcept override { return inner_.playback(); }
    [[nodiscard]] Result<void> start(std::size_t latency) override { return inner_.start(latency); }
    void stop() noexcept override { inner_.stop(); }
    void pull() noexcept { pulled_ = true; }

  private:
    [[nodiscard]] const audio::StreamFormat& format() const noexcept override { return inner_.capture().format(); }
    [[nodiscard]] audio::StreamState rt_state() noexcept override {
        return pulled_ ? audio::StreamState::Lost : inner_.capture().rt_state();
    }
    [[nodiscard]] std::size_t rt_available() noexcept override { return pulled_ ? 0 : inner_.capture().rt_available(); }
    std::size_t rt_read(std::span<std::int32_t> out, std::int64_t& first_frame) noexcept override {
        return pulled_ ? 0 : inner_.capture().rt_read(out, first_frame);
    }
    bool rt_recover() noexcept override { return !pulled_ && inner_.capture().rt_recover(); }
    [[nodiscard]] audio::StreamTimestamp rt_timestamp() noexcept override { return inner_.capture().rt_timestamp(); }

    audio::Pcm& inner_;
    bool pulled_ = false;
};

} // namespace overbias::test
