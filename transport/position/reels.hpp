// SPDX-License-Identifier: Apache-2.0
// The two reels: how much tape is on each, how that and the tension change, and whether the roller agrees with them.
// SI units throughout.
//
// The edge of the wound tape covers an area of length x thickness, so with hub radius r0, thickness t, length L:
//   radius      r = v / w            v: tape speed by the counter, w: turns of the reel, rad/s
//   tape on it  L = pi (r^2 - r0^2) / t
// and of both reels together, since what leaves one goes to the other (the path between them is left out):
//   rs^2 + rt^2 = 2 r0^2 + L t / pi = S      L: the whole tape
// so that the reels alone tell the speed and the place, without the roller:
//   v = sqrt(S / (1/ws^2 + 1/wt^2)),   rs^2 = S / (1 + (ws/wt)^2)
// Source: geometry; r = v / w and L = pi (r^2 - r0^2) / t also in RTZ's and Studer's decks, and the A820 unloads the
// tape with "INCORRECT RADIUS MEASUREMENT" when reel tach and roller disagree (whatsbestforum.com 21746). Pure. Thread:
// any, one at a time.
#pragma once

#include "transport/deck.hpp"
#include "transport/position/trend.hpp"

#include <optional>
#include <string>

namespace overbias::transport {

/// From the tape stock and the reel in use. There is no default: they differ by stock and hub.
struct ReelGeometry {
    double hub_radius_m = 0.0;
    double tape_thickness_m = 0.0; ///< base, oxide and back together
    double tape_length_m = 0.0;    ///< the whole tape
};

[[nodiscard]] double pack_radius_m(const ReelGeometry& geometry, double length_m) noexcept;
/// 0 when the radius is that of the hub or less.
[[nodiscard]] double pack_length_m(const ReelGeometry& geometry, double radius_m) noexcept;

struct ReelWatchConfig {
    ReelGeometry geometry;
    double smooth_s = 0.5;        ///< speeds are averaged over about this
    double least_speed_m_s = 0.1; ///< below it the last radius holds
    /// The roller is doubted when it and the reels differ by more than this share. 5 % of thickness are 1.7 % of speed
    /// on a 2500 ft reel, so a stock given by its round name passes.
    double doubt_share = 0.03;
    double doubt_after_s = 1.0; ///< and for this long
    double trend_window_s = 60.0;
    double stale_s = 0.5; ///< a reading older than this is none
};

struct ReelSide {
    std::optional<double> radius_m;
    std::optional<double> tape_m; ///< on this reel
    std::optional<double> radius_trend_m_s;
    std::optional<double> tension_n;
    std::optional<double> tension_trend_n_s;
};

struct ReelReport {
    ReelSide supply, take_up;
    /// Tape still on the supply reel, by the reels; by length and place where reels tell nothing (or the tape has not
    /// moved yet).
    double remaining_m = 0.0;
    bool remaining_by_reels = false;
    std::optional<double> speed_by_reels_m_s; ///< signed; without the roller
    std::optional<double> place_by_reels_m;   ///< from the tape's beginning; needs both reels
    std::string warning;                      ///< empty, or that roller and reels disagree, and what to do
};

/// Playing time of that much tape; none at a speed of 0.
[[nodiscard]] std::optional<double> playing_time_s(double length_m, double speed_m_s) noexcept;

class ReelWatch {
  public:
    /// Throws std::invalid_argument naming the figure of the geometry that is not above 0.
    explicit ReelWatch(const ReelWatchConfig& config);

    /// `roller_speed_m_s` signed, `place_m` by the counter, from the tape's beginning.
    const ReelReport& update(DeckTime now, const ReelReading& reels, double roller_speed_m_s, double place_m);
    [[nodiscard]] const ReelReport& report() const noexcept { return report_; }
    /// The roller is known to be good (slip test passed) while the tape moves now: from here on roller and reels are
    /// compared by how they are now, which takes the error of the geometry out. False when it does not move enough.
    bool trust_roller_now() noexcept;
    /// Other tape, other reels.
    void tape_changed(const ReelGeometry& geometry);

  private:
    struct Side {
        double turn_rad_s = 0.0; ///< smoothed
        Trend radius, tension;
        explicit Side(double window_s) : radius(window_s), tension(window_s) {}
    };
    void smooth(DeckTime now, const ReelReading& reels, double roller_speed_m_s);
    void measure(DeckTime now, Side& side, ReelSide& out, bool known, const std::optional<double>& tension_n) const;
    void ask_the_reels(double place_m);
    void compare(DeckTime now);

    ReelWatchConfig config_;
    Side supply_, take_up_;
    bool supply_known_ = false, take_up_known_ = false;
    double roller_m_s_ = 0.0; ///< smoothed alike
    bool steady_ = false;     ///< no start or stop under way
    double trust_ = 1.0;      ///< speed by roller over speed by reels, when the roller was trusted
    std::optional<DeckTime> updated_, doubted_since_;
    ReelReport report_;
};

} // namespace overbias::transport
