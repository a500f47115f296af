// SPDX-License-Identifier: Apache-2.0
#include "calibration/procedure/guided_step.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace overbias::calibration {

GuidedStep::GuidedStep(const ProcedureStep& step, double aim, std::size_t hold_readings, std::size_t tracks)
    : step_(step), aim_(std::min(aim, step.tolerance)), hold_readings_(hold_readings),
      bias_(tracks,
            BiasGuide({.target = {.drop_db = step.target, .tolerance_db = aim_}, .hold_readings = hold_readings})),
      level_(tracks, LevelGuide({.level_db = step.target, .tolerance_db = aim_}, hold_readings)),
      turned_(step.reads == Reads::Overbias) {
}

std::vector<TrackReading> GuidedStep::look(const std::vector<double>& levels_db, double late_us) {
    std::vector<TrackReading> shown;
    if (step_.reads == Reads::Timing) {
        shown.push_back(look_at_timing(late_us));
        return shown;
    }
    for (std::size_t track = 0; track < level_.size(); ++track) {
        shown.push_back(step_.reads == Reads::Overbias ? look_at_bias(track, levels_db[track])
                                                       : look_at_level(track, levels_db[track]));
        shown.back().channel = static_cast<int>(track) + 1;
    }
    return shown;
}

TrackReading GuidedStep::look_at_bias(std::size_t track, double level_db) {
    BiasGuide& guide = bias_[track];
    guide.add(level_db);
    TrackReading one;
    if (guide.past_peak()) {
        one.reading = guide.drop_db();
    }
    switch (guide.turn()) {
    case BiasGuide::Turn::Up:
        one.turn = guide.past_peak() ? guide.to_go_db() : 1.0;
        break;
    case BiasGuide::Turn::Back:
        one.turn = -1.0;
        break;
    case BiasGuide::Turn::Hold:
        one.turn = 0.0;
        break;
    }
    one.done = guide.done();
    one.words = guide.words();
    return one;
}

TrackReading GuidedStep::look_at_level(std::size_t track, double level_db) {
    LevelGuide& guide = level_[track];
    guide.add(level_db);
    TrackReading one;
    one.reading = level_db;
    one.done = guide.done();
    one.words = guide.words();
    if (step_.turns) {
        const bool off = std::abs(guide.to_go_db()) > aim_;
        turned_ = turned_ || off;
        one.turn = off ? guide.to_go_db() : 0.0;
    }
    return one;
}

TrackReading GuidedStep::look_at_timing(double late_us) {
    TrackReading one;
    one.reading = late_us;
    const double off_us = late_us - step_.target;
    const bool off = std::abs(off_us) > aim_;
    timing_held_ = off ? 0 : timing_held_ + 1;
    one.done = timing_held_ >= hold_readings_;
    one.words = "the right track is " + figure(std::abs(off_us), 1) + (off_us > 0.0 ? " us late" : " us early");
    if (step_.turns_head) {
        turned_ = turned_ || off;
        one.turn = off ? -off_us : 0.0;
        one.words += off ? ": turn the record head's azimuth" : one.done ? ": done" : ": hold it there";
    }
    return one;
}

std::string GuidedStep::not_yet() const {
    for (std::size_t track = 0; step_.reads == Reads::Overbias && track < bias_.size(); ++track) {
        if (!bias_[track].past_peak()) {
            return "track " + std::to_string(track + 1) +
                   " has not been turned through its peak yet: there is no drop "
                   "to accept";
        }
    }
    return {};
}

} // namespace overbias::calibration
