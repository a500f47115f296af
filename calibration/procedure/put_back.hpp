// SPDX-License-Identifier: Apache-2.0
// PutBack: adjusters go back to where they stood, however a step ends, unless what was found is kept. Thread: any one.
#pragma once

#include "transport/deck_adjust.hpp"

#include <cstddef>
#include <vector>

namespace overbias::calibration {

class PutBack {
  public:
    PutBack(transport::DeckAdjust& adjust, transport::Adjuster adjuster) : adjust_(adjust), adjuster_(adjuster) {}
    PutBack(const PutBack&) = delete;
    PutBack& operator=(const PutBack&) = delete;
    ~PutBack() {
        for (std::size_t track = 0; track < stood_.size(); ++track) {
            (void)adjust_.set_adjuster(adjuster_, track, stood_[track]); // nobody is left who could be told of an error
        }
    }
    /// Of the next track, from the first.
    void stood(double position) { stood_.push_back(position); }
    void keep() { stood_.clear(); }

  private:
    transport::DeckAdjust& adjust_;
    transport::Adjuster adjuster_;
    std::vector<double> stood_; ///< of each track
};

} // namespace overbias::calibration
