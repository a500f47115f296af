// SPDX-License-Identifier: Apache-2.0
// TapeFollower's inside. Parts: tape_follower.cpp (the walk and what is given out), tape_follower_look.cpp (one look:
// where a piece of the programme is in the return), tape_follower_lost.cpp (finding the tape again). Private to
// mastering/verify. Thread: one.
#pragma once

#include "dsp/analysis/delay_estimator.hpp"
#include "dsp/analysis/fft.hpp"
#include "mastering/verify/frame_store.hpp"
#include "mastering/verify/tape_follower.hpp"

#include <algorithm>
#include <atomic>
#include <complex>
#include <cstddef>
#include <limits>
#include <utility>

namespace overbias::mastering {

struct TapeFollower::Impl {
    Impl(double rate, Out out_used, Stretch stretch_used, Apart apart_used);

    // --- tape_follower_look.cpp
    struct Look {
        bool audible = false; ///< programme that should stand well over what the return has in silence
        bool fits = false;
        double off = 0.0; ///< found place less expected, frames of the return
        double weight = 0.0;
        double correlation = 0.0; ///< the better channel's, without sign
        std::array<std::optional<double>, 2> channel;
        double sent_power = 0.0, came_power = 0.0; ///< in the band, both channels
    };
    void cut(std::int64_t centre_frame, double place, double speed);
    [[nodiscard]] Look compare(double reach);
    [[nodiscard]] Look look(std::int64_t knot, double place, double reach);
    void learn(const Look& seen);

    // --- tape_follower.cpp
    void advance(bool last);
    [[nodiscard]] bool there(std::int64_t knot, double place) const;
    [[nodiscard]] double expected(std::int64_t knot) const;
    [[nodiscard]] double uncertainty(std::int64_t knot) const;
    void take(std::int64_t knot, double place, const Look& seen);
    void give(bool last);
    void give_interval(std::int64_t knot);
    void forget();
    [[nodiscard]] std::int64_t knots_of(double seconds) const {
        return static_cast<std::int64_t>(seconds * rate_hz / static_cast<double>(hop));
    }

    // --- tape_follower_lost.cpp
    struct Search {
        std::atomic<bool> done{false};
        Result<ProgrammeMatch> match = Error{};
        double from_s = 0.0;   ///< of the programme
        std::int64_t from = 0; ///< return frame
    };
    void look_around();
    void take_search();
    void jump_to(double programme_frame, double return_frame, double speed);

    double rate_hz;
    Out out;
    Stretch stretch;
    Apart apart;
    std::size_t size;
    std::int64_t hop;
    dsp::RealFft fft;
    dsp::DelayEstimator estimator;
    FrameStore programme, came;
    ReturnMap map;
    std::vector<LostStretch> losses;
    std::vector<Point> points;

    // the walk
    std::int64_t cursor = 0; ///< next knot to look at
    std::int64_t given = 0;  ///< next knot whose interval is given out
    std::int64_t given_frame = 0;
    std::int64_t last_knot = -1;    ///< last measured, of this branch
    double last_place = 0.0;        ///< followed place of it ...
    double slope = 0.0;             ///< ... and return frames a knot
    double first_uncertainty = 0.0; ///< until something was measured
    bool measured = false;
    int branch = 0;

    // what fits and what does not
    std::int64_t misses = 0;           ///< audible knots in a row that did not fit
    std::int64_t lost_knot = -1;       ///< first of them; -1: none
    std::int64_t look_around_at = 0;   ///< not before that knot
    double look_again_s = 0.0;         ///< from the last search to the next
    std::shared_ptr<Search> searching; ///< on its way
    bool lost = false;
    std::array<int, 2> sign{}; ///< of the correlation; 0: not known
    bool swapped = false;
    double gain = 0.0;                                      ///< came / sent power in the band; 0: not known
    double quiet = std::numeric_limits<double>::infinity(); ///< least power of the return in the band

    // of one look
    std::vector<float> window, time;
    std::array<std::vector<std::complex<float>>, 2> sent_bins, came_bins;
    std::array<double, 2> sent_power{}, came_power{};
    std::vector<float> piece, came_piece; ///< given out
};

} // namespace overbias::mastering
