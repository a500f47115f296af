// SPDX-License-Identifier: Apache-2.0
// TapeDigest: what the tape really carries, piece by piece as a hash, so that a test sees which places were altered and
// which were not. It is made a little at a time, so that the deck beside it keeps time. Thread: the timeline's.
#pragma once

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::deck_sim {

class TapeDigest {
  public:
    static constexpr std::int64_t kMostPieces = 100'000;

    /// Pieces [from, from + piece), [from + piece, ...) up to `to`, the last one shorter when it does not come out
    /// even. A piece is the cells that begin in it. An Error when the three make no sense.
    [[nodiscard]] static Result<TapeDigest> make(SimulatedDeck& deck, double from_m, double to_m, double piece_m);

    /// Reads a little more; true when all is read. Some 0.3 ms a call.
    bool step();
    /// One SHA-256 in hexadecimal for each piece, over its 16-bit cells (left, right, in the machine's byte order).
    [[nodiscard]] const std::vector<std::string>& pieces() const noexcept { return pieces_; }

  private:
    TapeDigest(SimulatedDeck& deck, std::vector<std::int64_t> borders);

    SimulatedDeck* deck_;
    std::vector<std::int64_t> borders_; ///< cells; one more than pieces
    std::int64_t next_cell_;
    std::unique_ptr<Sha256> hash_;
    std::vector<std::string> pieces_;
    std::vector<std::int16_t> cells_;
};

} // namespace overbias::deck_sim
