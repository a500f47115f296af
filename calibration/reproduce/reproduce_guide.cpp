// SPDX-License-Identifier: Apache-2.0
#include "calibration/reproduce/reproduce_guide.hpp"

#include "base/figure.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace overbias::calibration {

std::string late_words(double late_us) {
    return "the right track is " + figure(std::abs(late_us), 1) + (late_us > 0.0 ? " us late" : " us early");
}

ReproduceGuide::ReproduceGuide(const ReproduceStep& step, std::size_t hold_readings)
    : step_(step),
      hold_readings_(hold_readings), levels_{LevelGuide({.level_db = 0.0, .tolerance_db = step.aim}, hold_readings),
                                             LevelGuide({.level_db = 0.0, .tolerance_db = step.aim}, hold_readings)} {
}

TrackReading ReproduceGuide::look_at_timing(double late_us) {
    const bool off = std::abs(late_us) > step_.aim;
    held_ = off ? 0 : held_ + 1;
    turned_ = turned_ || off;
    TrackReading one;
    one.reading = late_us;
    one.turn = off ? -late_us : 0.0;
    one.done = held_ >= hold_readings_;
    one.words = late_words(late_us) + (off        ? ": turn the reproduce head's azimuth"
                                       : one.done ? ": done"
                                                  : ": hold it there");
    return one;
}

std::vector<TrackReading> ReproduceGuide::look(const std::array<double, 2>& levels_db, double late_us) {
    if (step_.reads != ReproduceStep::Reads::Level) {
        return {look_at_timing(late_us)};
    }
    std::vector<TrackReading> shown;
    for (std::size_t track = 0; track < levels_.size(); ++track) {
        LevelGuide& guide = levels_[track];
        guide.add(levels_db[track]);
        const bool off = std::abs(guide.to_go_db()) > step_.aim;
        turned_ = turned_ || off;
        shown.push_back({.channel = static_cast<int>(track) + 1,
                         .reading = levels_db[track],
                         .turn = off ? guide.to_go_db() : 0.0,
                         .done = guide.done(),
                         .words = guide.words()});
    }
    return shown;
}

} // namespace overbias::calibration
