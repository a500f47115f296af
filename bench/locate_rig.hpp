// SPDX-License-Identifier: Apache-2.0
// LocateRig: the transport with its driver on the simulated deck's mechanics alone (no magnetics, so it is fast), with
// somebody who watches every millisecond of the deck's truth. Seeded; on simulated time. Thread: one.
#pragma once

#include "base/async/simulated_timeline.hpp"
#include "deck-sim/mechanics/mechanics.hpp"
#include "transport/drivers/manual_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/transport.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::bench {

/// A kind of deck to locate on.
struct LocateProfile {
    std::string_view name;
    deck_sim::Settings deck;
    bool shuttles = false;
    double counter_steps_per_metre =
        0.0;                   ///< of the deck's own counter, read 30 times a second; 0: the roller is counted
    double zero_place_m = 2.0; ///< of the tape lies before the counter's zero, and this much stays on the supply reel
    [[nodiscard]] double length_m() const noexcept { return deck.tape_length_m - 2.0 * zero_place_m; }
};

/// keys: the default deck, FF, REW, PLAY, STOP through its remote socket. shuttle: the same deck with its reel servo.
/// small-reels: keys on 7 in reels of 1200 ft at 7.5 ips with half the wind speed, a coarser roller, and a deck that
/// senses motion itself. serial: the shuttle deck known by its own counter alone, as over a serial link.
[[nodiscard]] const std::vector<LocateProfile>& locate_profiles();

struct Locate {
    double from_m = 0.0, to_m = 0.0; ///< by the counter
    double from_place_m = 0.0;       ///< on the tape, true
    double took_s = 0.0;             ///< until the machine says Stopped
    double rest_s = 0.0;             ///< until the tape stood for good, true
    double error_m = 0.0;            ///< by the counter
    double true_error_m = 0.0;       ///< of the tape
    std::string wrong{};             ///< empty, or what the machine or the watcher says
};

class WatchedLines;

class LocateRig {
  public:
    /// A deck never met before, with the tape standing `start_m` from the counter's zero.
    LocateRig(const LocateProfile& profile, std::uint64_t seed, double start_m);
    ~LocateRig();

    Locate go(double to_m);
    [[nodiscard]] double position_m() { return transport_->state().position_m; }

  private:
    void advance();
    void watch(const deck_sim::MotionStep& step);
    void complain(const std::string& what);

    LocateProfile profile_;
    SimulatedTimeline timeline_;
    deck_sim::Mechanics mechanics_;
    DeckTime reached_{};
    deck_sim::DeckLogic::Mode mode_ = deck_sim::DeckLogic::Mode::Stopped;
    double moved_at_s_ = 0.0;
    std::string wrong_;
    std::unique_ptr<WatchedLines> lines_;
    std::unique_ptr<transport::Tach> tach_;
    PeriodicTimer clock_;
    std::unique_ptr<transport::Deck> deck_;
    transport::ManualAdjust adjust_;
    std::unique_ptr<transport::Transport> transport_;
};

/// `count` locates, `session` of them each on a deck never met before that starts at a random place of the reel.
/// Distances are log-uniform from 0.381 m (1 s at 15 ips) to the whole of it, either way; where one fits on neither
/// side the tape is first located, uncounted, to a random place from where it does. Told of every locate, and of an
/// uncounted one when it went wrong.
void locate_at_random(const LocateProfile& profile, std::uint64_t seed, int count, int session,
                      const std::function<void(const Locate&)>& done);

} // namespace overbias::bench
