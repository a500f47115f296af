// SPDX-License-Identifier: Apache-2.0
#include "audio/alsa_format.hpp"

namespace overbias::audio {

namespace {

template <std::size_t Bytes, unsigned Unused>
void unpack(const std::byte* card, std::int32_t* ours, std::size_t step, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t word = 0;
        for (std::size_t k = 0; k < Bytes; ++k) {
            word |= std::to_integer<std::uint32_t>(card[i * Bytes + k]) << (8 * k);
        }
        // what stands above the value in a wider container (sign or rubbish) is shifted out
        ours[i * step] = static_cast<std::int32_t>(word << Unused);
    }
}

template <std::size_t Bytes, unsigned Unused>
void pack(const std::int32_t* ours, std::size_t step, std::byte* card, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const auto word = static_cast<std::uint32_t>(ours[i * step] >> Unused); // arithmetic: keeps the sign
        for (std::size_t k = 0; k < Bytes; ++k) {
            card[i * Bytes + k] = static_cast<std::byte>(word >> (8 * k));
        }
    }
}

} // namespace

std::size_t sample_bytes(CardSample sample) noexcept {
    switch (sample) {
    case CardSample::S32:
    case CardSample::S24:
        return 4;
    case CardSample::S24Packed:
        return 3;
    case CardSample::S16:
        return 2;
    }
    return 4;
}

const char* sample_name(CardSample sample) noexcept {
    switch (sample) {
    case CardSample::S32:
        return "S32_LE";
    case CardSample::S24:
        return "S24_LE";
    case CardSample::S24Packed:
        return "S24_3LE";
    case CardSample::S16:
        return "S16_LE";
    }
    return "?";
}

void rt_from_card(CardSample sample, const std::byte* card, std::int32_t* ours, std::size_t step,
                  std::size_t count) noexcept {
    switch (sample) {
    case CardSample::S32:
        return unpack<4, 0>(card, ours, step, count);
    case CardSample::S24:
        return unpack<4, 8>(card, ours, step, count);
    case CardSample::S24Packed:
        return unpack<3, 8>(card, ours, step, count);
    case CardSample::S16:
        return unpack<2, 16>(card, ours, step, count);
    }
}

void rt_to_card(CardSample sample, const std::int32_t* ours, std::size_t step, std::byte* card,
                std::size_t count) noexcept {
    switch (sample) {
    case CardSample::S32:
        return pack<4, 0>(ours, step, card, count);
    case CardSample::S24:
        return pack<4, 8>(ours, step, card, count);
    case CardSample::S24Packed:
        return pack<3, 8>(ours, step, card, count);
    case CardSample::S16:
        return pack<2, 16>(ours, step, card, count);
    }
}

} // namespace overbias::audio
