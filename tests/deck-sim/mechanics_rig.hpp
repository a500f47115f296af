// SPDX-License-Identifier: Apache-2.0
// MechanicsRig: the deck's mechanics on a bench, stepped by hand, with somebody who presses keys and watches
// everything.
#pragma once

#include "deck-sim/mechanics/mechanics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace overbias::deck_sim {

class MechanicsRig {
  public:
    explicit MechanicsRig(const Settings& settings = {}, std::vector<Fault> faults = {})
        : faults_(std::move(faults)), mechanics(settings, faults_) {}

    void step() {
        const double t0_s = 0.001 * static_cast<double>(steps_++);
        last = mechanics.step(t0_s, 0.001 * static_cast<double>(steps_));
        const TapeDrive& drive = mechanics.drive();
        if (drive.taut()) {
            least_tension_n = std::min({least_tension_n, drive.supply_tension_n(), drive.take_up_tension_n()});
            greatest_tension_n = std::max({greatest_tension_n, drive.supply_tension_n(), drive.take_up_tension_n()});
        }
        if (watch) {
            watch(last);
        }
    }
    void run(double duration_s) {
        for (auto n = std::llround(duration_s * 1000.0); n > 0; --n) {
            step();
        }
    }
    /// Steps until `done`; the seconds that took, or -1 when `limit_s` passed first.
    double run_until(const std::function<bool()>& done, double limit_s) {
        const std::int64_t from = steps_;
        while (!done()) {
            if (static_cast<double>(steps_ - from) * 0.001 >= limit_s) {
                return -1.0;
            }
            step();
        }
        return static_cast<double>(steps_ - from) * 0.001;
    }
    void press(Contact contact, double for_s = 0.1) {
        mechanics.contact(contact, true);
        run(for_s);
        mechanics.contact(contact, false);
    }
    void press_record_and_play() {
        mechanics.contact(Contact::Record, true);
        mechanics.contact(Contact::Play, true);
        run(0.1);
        mechanics.contact(Contact::Record, false);
        mechanics.contact(Contact::Play, false);
    }
    /// Leaves the power-on state behind: brakes act.
    void forget_tensions() {
        least_tension_n = 1e9;
        greatest_tension_n = -1e9;
    }
    [[nodiscard]] bool tally(Tally which) const { return mechanics.tallies()[static_cast<std::size_t>(which)]; }
    [[nodiscard]] double now_s() const { return 0.001 * static_cast<double>(steps_); }
    [[nodiscard]] double place_m() const { return mechanics.drive().place_m(); }

  private:
    std::vector<Fault> faults_;
    std::int64_t steps_ = 0;

  public:
    Mechanics mechanics;
    MotionStep last;
    std::function<void(const MotionStep&)> watch;
    double least_tension_n = 1e9, greatest_tension_n = -1e9;
};

/// The default deck with its tape wound to a place, and as steady as no deck is.
inline Settings steady_deck(double start_place_m) {
    Settings settings;
    settings.start_place_m = start_place_m;
    settings.speed_error = 0.0;
    settings.wow_peak = settings.capstan_flutter_peak = settings.roller_flutter_peak = settings.scrape_flutter_rms =
        0.0;
    return settings;
}

} // namespace overbias::deck_sim
