// SPDX-License-Identifier: Apache-2.0
// Samples as a card has them, and as the rest of the house does: signed 32 bit, left-justified. Widening loses nothing;
// narrowing keeps the upper bits as they are, because a programme comes already dithered to the converter's bits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace overbias::audio {

enum class CardSample {
    S32,       ///< S32_LE
    S24,       ///< S24_LE: the lower three bytes of four
    S24Packed, ///< S24_3LE
    S16,       ///< S16_LE
};

[[nodiscard]] std::size_t sample_bytes(CardSample sample) noexcept;
[[nodiscard]] const char* sample_name(CardSample sample) noexcept; ///< as ALSA writes it

/// `count` samples that lie side by side on the card's side, `step` apart on ours.
void rt_from_card(CardSample sample, const std::byte* card, std::int32_t* ours, std::size_t step,
                  std::size_t count) noexcept;
void rt_to_card(CardSample sample, const std::int32_t* ours, std::size_t step, std::byte* card,
                std::size_t count) noexcept;

} // namespace overbias::audio
