// SPDX-License-Identifier: Apache-2.0
// Frames of the Sony 9-pin protocol (P2): CMD1 (kind in the high, count of data bytes in the low four bits), CMD2, up
// to 15 data bytes, and the low byte of the sum of all before. Pure: keeps no clock, sends nothing.
//
// Published descriptions followed: M. Delille, SONY9PIN_SPECIFICATION (Joker); H. Koba, Sony9PinRemote. Thread: any.
#pragma once

#include "base/async/timeline.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

/// CMD1 and CMD2 without the count of data bytes.
enum class NinePinCommand : std::uint16_t {
    // --- asked
    DeviceType = 0x0011,
    Stop = 0x2000,
    Play = 0x2001,
    Record = 0x2002,
    FastForward = 0x2010,
    ShuttleForward = 0x2013,
    Rewind = 0x2020,
    ShuttleReverse = 0x2023,
    CueUp = 0x2031,
    TimeSense = 0x600C,
    StatusSense = 0x6020,
    // --- answered
    Acknowledge = 0x1001,
    DeviceTypeIs = 0x1011,
    NotAcknowledge = 0x1012,
    Timer1Is = 0x7000,
    LtcIs = 0x7004,
    LtcHeldIs = 0x7014, ///< interpolated: the tape does not run at a speed at which it can be read
    StatusIs = 0x7020,
};

struct NinePinFrame {
    static constexpr std::size_t kMostData = 15;

    NinePinCommand command{};
    std::array<std::uint8_t, kMostData> bytes{};
    std::size_t count = 0;

    NinePinFrame() = default;
    /// At most kMostData bytes; more are cut off.
    explicit NinePinFrame(NinePinCommand of, std::initializer_list<std::uint8_t> data = {});
    [[nodiscard]] std::span<const std::uint8_t> data() const noexcept { return std::span(bytes).first(count); }
    [[nodiscard]] bool operator==(const NinePinFrame&) const = default;
};

/// The frame as it goes over the line, checksum included.
[[nodiscard]] std::vector<std::uint8_t> nine_pin_bytes(const NinePinFrame& frame);

/// Bytes back to frames. After a frame that does not hold (checksum, a damaged byte) everything is thrown away until
/// the line has been quiet for the gap, or reset(): a slave speaks only when asked, so the next frame begins after
/// that.
class NinePinDecoder {
  public:
    /// Longest pause between two bytes of a frame.
    static constexpr DeckDuration kByteGap = std::chrono::milliseconds(10);

    /// `allowance`: added to the gap, for a host that hands bytes over late.
    explicit NinePinDecoder(DeckDuration allowance = {}) : gap_(kByteGap + allowance) {}

    enum class Outcome {
        More,     ///< the frame goes on
        Frame,    ///< frame() is whole and its checksum right
        Checksum, ///< whole, and its checksum wrong
        Damaged,  ///< the host flagged a byte of it (parity, framing, overrun)
        Rubbish,  ///< thrown away after one of the two above
    };
    Outcome take(std::uint8_t byte, bool damaged, DeckTime at) noexcept;
    [[nodiscard]] const NinePinFrame& frame() const noexcept { return frame_; }
    /// A frame has begun and is not whole.
    [[nodiscard]] bool under_way() const noexcept { return have_ != 0; }
    /// Whatever comes next begins a frame.
    void reset() noexcept;

  private:
    DeckDuration gap_;
    DeckTime last_at_ = DeckTime::min();
    NinePinFrame frame_;
    std::array<std::uint8_t, NinePinFrame::kMostData + 3> raw_{};
    std::size_t have_ = 0;
    bool throwing_away_ = false;
};

/// NAK in words, every bit that is set: "checksum error, parity error".
[[nodiscard]] std::string nine_pin_refusal(std::uint8_t bits);
/// NAK bits that blame the line, so that sending the same again may help; the others blame the command.
[[nodiscard]] constexpr bool nine_pin_line_error(std::uint8_t bits) noexcept {
    return (bits & 0xF4U) != 0;
}

/// Shuttle data for `ratio` = speed / play speed, 0 or more: the byte N means 10^(N / 32 - 2), N = 0 holds still, and a
/// second byte M adds M / 256 of the way to the speed of N + 1. `fraction`: with that second byte.
[[nodiscard]] NinePinFrame nine_pin_shuttle(double ratio, bool forward, bool fraction);
/// The ratio that those bytes mean.
[[nodiscard]] double nine_pin_shuttle_ratio(std::span<const std::uint8_t> data) noexcept;

/// Frames of a day from FF SS MM HH (packed BCD; bit 6 of the first: drop frame, whose numbers leave two frames out at
/// every minute but the tenth). Empty when a digit is none, or a field is out of range.
[[nodiscard]] std::optional<std::int64_t> nine_pin_frames(std::span<const std::uint8_t> time,
                                                          int frames_per_s) noexcept;
/// The reverse, without drop frame; taken modulo a day.
[[nodiscard]] std::array<std::uint8_t, 4> nine_pin_time(std::int64_t frames, int frames_per_s) noexcept;

/// "61 20 0A 8B".
[[nodiscard]] std::string hex_words(std::span<const std::uint8_t> bytes);
/// What is asked, in words: "PLAY", "status".
[[nodiscard]] const char* name_of(NinePinCommand command) noexcept;

} // namespace overbias::transport
