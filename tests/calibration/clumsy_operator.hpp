// SPDX-License-Identifier: Apache-2.0
// An operator with a clumsy hand, for guided alignments of the simulated deck.
#pragma once

#include "calibration/procedure/operator_port.hpp"
#include "deck-sim/screwdriver.hpp"
#include "deck-sim/simulated_deck.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace overbias::test {

/// Turns the head and both tracks' screws with a clumsy hand, as the views say, and accepts what has held. Which way
/// the head has to be turned is found out by trying.
class ClumsyOperator : public calibration::OperatorPort {
  public:
    ClumsyOperator(deck_sim::SimulatedDeck& deck, std::uint64_t seed)
        : head_([&deck] { return deck.screw(deck_sim::Screw::RecordAzimuth, 0); },
                [&deck](double to) { deck.set_screw(deck_sim::Screw::RecordAzimuth, 0, to); }, {}, seed) {
        for (const deck_sim::Screw screw : {deck_sim::Screw::Bias, deck_sim::Screw::RecordLevel,
                                            deck_sim::Screw::RecordHigh, deck_sim::Screw::RecordLow}) {
            for (std::size_t track = 0; track < 2; ++track) {
                hands_.push_back(std::make_unique<deck_sim::Screwdriver>(
                    [&deck, screw, track] { return deck.screw(screw, track); },
                    [&deck, screw, track](double to) { deck.set_screw(screw, track, to); },
                    deck_sim::Screwdriver::Hand{}, seed * 10 + track));
            }
        }
    }
    void show(const calibration::AlignmentView& view) override {
        done_ = view.done();
        // looks what a turn has done before the next; the timing is the mean of some seconds
        if (++views_ % (view.unit == "us" ? 25 : 6) != 0) {
            return;
        }
        for (const calibration::TrackReading& track : view.tracks) {
            if (!track.turn || *track.turn == 0.0) {
                continue;
            }
            if (track.channel == 0) {
                // another microsecond is the weave's
                known_ = known_ || std::abs(*track.turn) < std::abs(turn_us_) - 3.0;
                if (!known_ && std::abs(*track.turn) > std::abs(turn_us_) + 1.0) {
                    way_ = -way_;
                }
                turn_us_ = *track.turn;
                head_.turn(way_ * turn_us_ * 0.004);
                continue;
            }
            const std::size_t screw = view.step_id == "record.bias"    ? 0
                                      : view.step_id == "record.level" ? 1
                                      : view.step_id == "record.high"  ? 2
                                                                       : 3;
            // a whole travel is some 20 dB of bias, or 12 dB of level
            const double by = screw == 0 ? std::clamp(0.015 * *track.turn, -0.02, 0.015) : *track.turn / 14.0;
            hands_[2 * screw + static_cast<std::size_t>(track.channel - 1)]->turn(by);
        }
    }
    std::optional<calibration::OperatorWord> take() override {
        return std::exchange(done_, false) ? std::optional(calibration::OperatorWord{}) : std::nullopt;
    }

  private:
    deck_sim::Screwdriver head_;
    double way_ = -1.0, turn_us_ = 0.0;
    bool known_ = false; ///< which way the head turns
    std::vector<std::unique_ptr<deck_sim::Screwdriver>> hands_;
    int views_ = 0;
    bool done_ = false;
};

} // namespace overbias::test
