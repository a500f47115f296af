// SPDX-License-Identifier: Apache-2.0
// The status bytes of a 9-pin deck, from byte 0. The masks are those on which Sony9PinRemote (H. Koba, Types.h) and
// SONY9PIN_SPECIFICATION (M. Delille) agree. Thread: any.
#pragma once

#include "transport/deck.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

class NinePinStatus {
  public:
    static constexpr std::size_t kBytes = 10; ///< that are asked for
    static constexpr std::size_t kLeast = 3;  ///< fewer do not tell whether the deck moves

    enum class Bit : unsigned { // byte * 8 + bit
        Local = 0,
        ServoReferenceMissing = 4,
        TapeOut = 5,
        Play = 8,
        Record = 9,
        FastForward = 10,
        Rewind = 11,
        Stop = 13,
        Standby = 15,
        CueUpComplete = 16,
        Still = 17,
        Reverse = 18,
        Shuttle = 21,
        OffPlaySpeed = 22,
        ServoLock = 23,
        RecordInhibit = 64,
        SystemAlarm = 65,
        ServoAlarm = 66,
        EndOfTape = 68,
        NearEndOfTape = 69,
        LostLock = 70,
        FunctionAbort = 79,
    };

    /// Takes what the deck told; false when it is too little to know anything.
    bool take(std::span<const std::uint8_t> bytes) noexcept;
    void forget() noexcept { *this = {}; }
    [[nodiscard]] bool known() const noexcept { return count_ != 0; }
    /// False also where the deck did not tell that byte.
    [[nodiscard]] bool is(Bit bit) const noexcept;
    /// Empty while nothing is known.
    [[nodiscard]] Tallies tallies() const;
    /// No motion, no record: what STOP leads to.
    [[nodiscard]] bool stopped() const noexcept;
    /// The lamps and alarms that are lit, in words.
    void describe(std::vector<std::pair<std::string, std::string>>& details) const;
    [[nodiscard]] bool operator==(const NinePinStatus&) const = default;

  private:
    std::array<std::uint8_t, kBytes> bytes_{};
    std::size_t count_ = 0;
};

} // namespace overbias::transport
