// SPDX-License-Identifier: Apache-2.0
// Clean programme by the hour, for counts of what is wrongly called a defect. OVERBIAS_SOAK_HOURS: of programme (0.5;
// scripts/soak: 10). OVERBIAS_SEED: programmes and decks (1). OVERBIAS_SOAK_PRINT: only this print of them.
#pragma once

#include "comparison_programmes.hpp"

#include <chrono>
#include <random>
#include <string>
#include <vector>

namespace comparison_test {

class CleanHours {
  public:
    static constexpr double kTrack_s = 15.0;

    CleanHours();
    /// True while there is time left; then `programmes` are those of the next print, one of each of
    /// soak_programme_names(). The same are printed five times, each time 2.3 dB softer: making them costs more than
    /// printing.
    [[nodiscard]] bool next();
    /// False: this print was not asked for; its deck is to be drawn all the same.
    [[nodiscard]] bool wanted() const { return only_ == 0 || only_ == begun_; }
    /// A number of the deck that prints.
    [[nodiscard]] double uniform(double a, double b) {
        return a + (b - a) * static_cast<double>(random()) / 4294967295.0;
    }
    /// "print 3, speech (programme 4711, made softer 2 times)"
    [[nodiscard]] std::string name(std::size_t track) const;
    /// Tells now and then how far it is.
    void tell(int alarms);
    [[nodiscard]] double done_h() const { return done_s_ / 3600.0; }
    /// "seed 1: 0.50 hours of clean tape ..., 0 WHAT; 95 % bound: fewer than ... an hour"
    [[nodiscard]] std::string summary(int alarms, const std::string& what) const;

    std::mt19937 random;
    std::vector<Stereo> programmes;

  private:
    double hours_;
    unsigned seed_;
    double done_s_ = 0.0, told_h_ = 0.0;
    unsigned only_;
    unsigned begun_ = 0, programme_seed_ = 0;
    std::chrono::steady_clock::time_point began_;
};

/// Rate at which so few events or fewer have a chance of 5 % (Poisson), in events.
[[nodiscard]] double bound_of_95_percent(int events);

} // namespace comparison_test
