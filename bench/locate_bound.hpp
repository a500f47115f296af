// SPDX-License-Identifier: Apache-2.0
// The least time in which this deck could bring the tape from rest at one place to rest at another, from deck-sim's own
// reels, motors, brakes and solenoids. Thread: any.
#pragma once

#include "deck-sim/settings.hpp"

namespace overbias::bench {

/// Seconds from the key to the tape standing. Throws std::invalid_argument when a place is not on the tape.
///
/// The deck's strongest means each way, switched over once at the best millisecond: its wind motor with all it has,
/// then its brakes. (With one bounded force to speed up and one to slow down, one switch is time-optimal. The brakes
/// slow down harder than the reel servo, which asks for 2.5 m/s2, and than the other motor, which its keys may not
/// reach before the tape is still.) Solenoids and brakes take the time they take. No waiting, no looking, no tolerance:
/// the tape ends exactly there.
[[nodiscard]] double least_locate_time_s(const deck_sim::Settings& deck, double from_place_m, double to_place_m);

/// The settle that ends every locate, which no machine is spared: how long the motion sensor must show no motion before
/// the tape may be called still. Slower than 10 mm/s is still; a roller needs the time of one edge at that speed to
/// tell, and no sensor is believed in less than 0.15 s.
[[nodiscard]] double mandatory_settle_s(const deck_sim::Settings& deck);

} // namespace overbias::bench
