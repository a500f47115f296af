// SPDX-License-Identifier: Apache-2.0
// Forces, torques and times of the drive. The Studer A80 states 70 to 100 gf of tension in play and wind, at most 500
// gf in start, stop and reversal, and 3 s to stop from wind: docs/simulated-deck.md derives these from that.
#pragma once

namespace overbias::deck_sim {

inline constexpr double kHoldBackTension_n = 0.80;      // 82 gf
inline constexpr double kGuideFriction_n = 0.10;        // heads, guides and rollers
inline constexpr double kBearing_n_m = 0.004;           // each reel
inline constexpr double kWindStallTorque_n_m = 0.46;    // of the motor that pulls, at rest
inline constexpr double kLargestPack_m = 0.178;         // the rim of a 14 in reel
inline constexpr double kPayingOutBrake_n_m = 0.40;     // differential band brakes: the reel that pays tape out is held
inline constexpr double kTakingInBrake_n_m = 0.20;      // harder, so that no loop is thrown
inline constexpr double kPinchGrip_n = 12.0;            // friction of the pressed pinch roller
inline constexpr double kCapstanGripTime_s = 0.010;     // how fast the last slip on the capstan dies away
inline constexpr double kBreakingPull_n = 11.6 * 4.448; // 11.6 lb for quarter-inch tape
inline constexpr double kBreakingSlip_m_s =
    1.0; // pinch roller closed on tape that is this much off the capstan's speed
inline constexpr double kStill_m_s = 1e-6;
// Assumed, of no particular machine:
inline constexpr double kServoTime_s = 0.050;      // of the reel servo's speed loop
inline constexpr double kServoRests_m_s = 0.020;   // asked for 0 and slower than this it leaves the rest to friction
inline constexpr double kThreadTorque_n_m = 0.015; // takes up a slack end of tape ...
inline constexpr double kThreadTurn_rad_s = 1.5;   // ... and a bare reel creeps no faster than this
inline constexpr double kHandsPull_n = 8.0;        // of somebody who turns the reels by hand ...
inline constexpr double kHandsTime_s = 0.100;      // ... and how quickly
inline constexpr double kHandsTension_n = 0.30;    // ... and keeps the tape from slackening

} // namespace overbias::deck_sim
