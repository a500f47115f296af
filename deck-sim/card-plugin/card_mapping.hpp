// SPDX-License-Identifier: Apache-2.0
// The file of a simulated card, mapped; made by the card, opened by its clients. Thread: one.
#pragma once

#include "deck-sim/card-plugin/shared_card.hpp"

#include <string>

namespace overbias::deck_sim {

class CardMapping {
  public:
    CardMapping() = default;
    ~CardMapping();
    CardMapping(const CardMapping&) = delete;
    CardMapping& operator=(const CardMapping&) = delete;

    /// Makes the file anew (an older one of that name is left to those who still have it) and takes byte 0.
    /// 0, or a negative errno.
    [[nodiscard]] int create(const std::string& file, std::size_t playback_channels, std::size_t capture_channels);
    /// Opens what a card has made. -ENODEV: no file, or the card behind it is gone or not running yet.
    [[nodiscard]] int open(const std::string& file);

    [[nodiscard]] SharedCard& card() const noexcept { return *card_; }
    [[nodiscard]] const CardSlots& playback() const noexcept { return playback_; }
    [[nodiscard]] const CardSlots& capture() const noexcept { return capture_; }

    /// Takes a byte of the file for this open file; false when another has it.
    [[nodiscard]] bool claim(std::int64_t byte) const noexcept;
    /// Another open file holds the byte.
    [[nodiscard]] bool claimed_elsewhere(std::int64_t byte) const noexcept;
    /// Wakes those who watch the file.
    void touch() const noexcept;

    /// Byte of whoever has playback, for a card as it is plugged now.
    [[nodiscard]] std::int64_t playback_byte() const noexcept {
        return 1 + static_cast<std::int64_t>(card_->plug_number.load(std::memory_order_acquire));
    }
    static constexpr std::int64_t kCardByte = 0;

  private:
    [[nodiscard]] int map(std::size_t bytes);
    void lay_out(std::size_t playback_channels, std::size_t capture_channels) noexcept;

    int fd_ = -1;
    std::size_t bytes_ = 0;
    SharedCard* card_ = nullptr;
    CardSlots playback_, capture_;
};

/// CLOCK_MONOTONIC.
[[nodiscard]] std::int64_t monotonic_ns() noexcept;

} // namespace overbias::deck_sim
