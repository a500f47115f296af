// SPDX-License-Identifier: Apache-2.0
// A terminal set to PARMRK marks what its receiver found wrong (termios(3)): a byte with wrong parity or framing comes
// as FF 00 byte, a break as FF 00 00, and a true FF as FF FF. This undoes it. Pure. Thread: any, one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace overbias::transport {

class ParityMarks {
  public:
    using Told = std::function<void(std::span<const std::uint8_t> bytes, bool damaged)>;

    /// Tells the bytes as the line carried them, in runs of sound and of damaged ones. A mark may be cut in two; the
    /// rest of it is waited for.
    void take(std::span<const std::uint8_t> marked, const Told& told) {
        plain_.clear();
        bool damaged = false;
        const auto put = [&](std::uint8_t byte, bool is_damaged) {
            if (is_damaged != damaged && !plain_.empty()) {
                told(plain_, damaged);
                plain_.clear();
            }
            damaged = is_damaged;
            plain_.push_back(byte);
        };
        for (const std::uint8_t byte : marked) {
            switch (mark_) {
            case Mark::None:
                if (byte == kMark) {
                    mark_ = Mark::Begun;
                } else {
                    put(byte, false);
                }
                break;
            case Mark::Begun:
                mark_ = byte == 0 ? Mark::Damaged : Mark::None;
                if (byte != 0) {
                    put(byte, byte != kMark); // FF and something else is no mark of termios
                }
                break;
            case Mark::Damaged:
                mark_ = Mark::None;
                put(byte, true);
                break;
            }
        }
        if (!plain_.empty()) {
            told(plain_, damaged);
        }
    }
    void reset() noexcept { mark_ = Mark::None; }

  private:
    static constexpr std::uint8_t kMark = 0xFF;
    enum class Mark { None, Begun, Damaged } mark_ = Mark::None;
    std::vector<std::uint8_t> plain_;
};

} // namespace overbias::transport
