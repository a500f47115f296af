// SPDX-License-Identifier: Apache-2.0
// Setting bias by overbias while a person turns its screw: what to turn next, from level readings alone. Where the
// screw stands is not known, so the side of the peak is followed through what the level does: down to under-bias, up
// through the peak, on until the output has dropped by the stock's figure. A turn too far is taken back below the peak
// and done again from there, because backlash and the level's flat top make a step back untrustworthy. Readings come
// evenly in time; no clock, no I/O. Thread: any one.
#pragma once

#include "calibration/record/bias_search.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace overbias::calibration {

class BiasGuide {
  public:
    enum class Turn { Up, Back, Hold };
    struct Config {
        OverbiasTarget target;
        std::size_t hold_readings = 5; ///< within tolerance in a row, then it is done
    };

    explicit BiasGuide(const Config& config);

    void add(double level_db);

    [[nodiscard]] Turn turn() const noexcept { return turn_; }
    /// The drop is right and was held.
    [[nodiscard]] bool done() const noexcept { return phase_ == Phase::Past && held_ >= config_.hold_readings; }
    /// The peak of this way up has been passed: peak_db() and drop_db() hold.
    [[nodiscard]] bool past_peak() const noexcept { return phase_ == Phase::Past; }
    [[nodiscard]] double peak_db() const noexcept { return peak_db_; }
    [[nodiscard]] double drop_db() const noexcept { return peak_db_ - level_db_; }
    [[nodiscard]] double to_go_db() const noexcept { return config_.target.drop_db - drop_db(); }
    /// For the hands behind the machine: "1.2 dB to go".
    [[nodiscard]] const std::string& words() const noexcept { return words_; }

  private:
    enum class Phase {
        Reduce, ///< to under-bias
        Raise,  ///< to the peak
        Past,   ///< on the far side
        Back,   ///< turned too far: below the peak again
    };
    void begin(Phase phase);
    void follow();
    void say();

    Config config_;
    Phase phase_ = Phase::Reduce;
    Turn turn_ = Turn::Back;
    std::vector<double> last_; ///< the readings that level_db_ is the mean of
    double level_db_ = 0.0;
    double first_db_ = 0.0, highest_db_, lowest_db_; ///< of this leg
    double peak_db_ = 0.0;
    std::size_t readings_ = 0; ///< of this leg
    std::size_t held_ = 0;
    double before_db_ = -1e9; ///< highest of the leg before
    bool seen_near_peak_ = false;
    std::string words_;
};

} // namespace overbias::calibration
