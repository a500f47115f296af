// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/tape_digest.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace overbias::deck_sim {

namespace {
constexpr std::int64_t kCellsAtOnce = 16384;
}

Result<TapeDigest> TapeDigest::make(SimulatedDeck& deck, double from_m, double to_m, double piece_m) {
    if (!(from_m >= 0.0 && to_m > from_m && to_m <= 10'000.0)) {
        return Error{"digest: expected 0 <= from_m < to_m, got from_m " + std::to_string(from_m) + " and to_m " +
                     std::to_string(to_m)};
    }
    const double pieces = std::ceil((to_m - from_m) / piece_m - 1e-9);
    if (!(piece_m >= 0.001) || pieces > static_cast<double>(kMostPieces)) {
        return Error{"digest: expected piece_m of at least 0.001, and at most " + std::to_string(kMostPieces) +
                     " pieces, got piece_m " + std::to_string(piece_m)};
    }
    const double cell_m = deck.tape_cell_m();
    std::vector<std::int64_t> borders;
    for (int piece = 0; piece <= static_cast<int>(pieces); ++piece) {
        borders.push_back(static_cast<std::int64_t>(std::ceil(std::min(from_m + piece * piece_m, to_m) / cell_m)));
    }
    return TapeDigest(deck, std::move(borders));
}

TapeDigest::TapeDigest(SimulatedDeck& deck, std::vector<std::int64_t> borders)
    : deck_(&deck), borders_(std::move(borders)), next_cell_(borders_.front()), hash_(std::make_unique<Sha256>()),
      cells_(static_cast<std::size_t>(kCellsAtOnce) * 2) {
}

bool TapeDigest::step() {
    std::int64_t left = kCellsAtOnce;
    while (left > 0 && pieces_.size() + 1 < borders_.size()) {
        const std::int64_t end = borders_[pieces_.size() + 1];
        const std::int64_t count = std::min(end - next_cell_, left);
        const std::span<std::int16_t> part(cells_.data(), static_cast<std::size_t>(count) * 2);
        deck_->read_tape(next_cell_, part);
        hash_->update(std::as_bytes(part));
        next_cell_ += count;
        left -= count;
        if (next_cell_ == end) {
            pieces_.push_back(hash_->hex());
            hash_ = std::make_unique<Sha256>();
        }
    }
    return pieces_.size() + 1 == borders_.size();
}

} // namespace overbias::deck_sim
