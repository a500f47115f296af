// SPDX-License-Identifier: Apache-2.0
// Watches the bias of a deck: every figure of every source that its profile names ([[bias_monitor]]) against what it
// was at set-up, with warnings, alarms, a trend and a history for the plot.
//
// Level: 20 log10(now / set-up) dB; frequency and third harmonic: (now / set-up - 1) in percent; 10 kHz level and noise
// off tape: the difference in dB. A third harmonic and a noise that fall are no concern. Limits are the profile's; a
// figure that the profile marks as unsure, or does not give, raises no alarm.
//
// A deck has bias only while it records. What hears or measures bias is judged from `settle_s` and one averaging time
// after record began (or readings came back), on the mean over that time; figures off tape are means already, come when
// they are measured, and are judged one by one. A state is left again only when the drift is well within its limit.
// Pure: times are the caller's (deck time, seconds, never backwards), any thread that is one.
#pragma once

#include "base/result.hpp"
#include "calibration/bias/drift_trend.hpp"
#include "tape/bias_source.hpp"
#include "transport/concern.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace overbias::calibration {

enum class BiasQuantity {
    Level,         ///< tape::bias_level() of a source
    Frequency,     ///< of the bias itself, Hz
    HighFrequency, ///< 10 kHz off tape, dB re 1 kHz or re what was sent
    ThirdHarmonic, ///< off tape, % of the fundamental
    Noise,         ///< of biased tape, dB
};

/// "bias level", "bias frequency", "10 kHz level", "third harmonic", "noise".
[[nodiscard]] const char* bias_quantity_name(BiasQuantity quantity) noexcept;

struct BiasMonitorSettings {
    double averaging_s = 5.0;
    double settle_s = 2.0;    ///< of the bias oscillator and its lock-in after record began
    double missing_s = 5.0;   ///< recording, and no bias for so long: failure
    double gone_db = 20.0;    ///< so far below set-up there is no bias: noise, or what leaks from another track
    double clear_share = 0.8; ///< a state is left below this share of its limit
    double history_step_s = 10.0;
    std::size_t history_points = 1080; ///< three hours at 10 s
    double trend_over_s = 3600.0;
    double trend_least_s = 300.0; ///< no trend from less
};

enum class BiasState {
    NotJudged, ///< no set-up value, no limits, or the deck does not record
    Good,
    Warn,
    Fail,
    Missing, ///< the deck records and there is no bias
};

/// One watched figure as it stands.
struct BiasFigure {
    std::size_t source = 0; ///< index into the profile's sources
    int track = 1;
    BiasQuantity quantity = BiasQuantity::Level;
    BiasState state = BiasState::NotJudged;
    std::optional<double> now; ///< mean, in the quantity's unit
    std::optional<double> set_up;
    std::optional<double> newest_s; ///< of the newest reading in the mean
    /// From the least to the greatest reading in the mean, in drift_unit(); empty: it is not a whole averaging time
    /// yet.
    std::optional<double> spread;
    std::optional<double> drift;         ///< in drift_unit()
    std::optional<double> drift_percent; ///< of level, frequency, third harmonic
    std::optional<DriftTrend> trend;
    /// By the trend, until the drift is at the failure limit; empty where the trend leads nowhere.
    std::optional<double> hours_to_fail;
    [[nodiscard]] const char* drift_unit() const noexcept;
};

class BiasMonitor {
  public:
    /// The sources have passed tape::usable_bias_source(). Throws std::invalid_argument for settings that are none.
    explicit BiasMonitor(std::vector<tape::BiasSource> sources, const BiasMonitorSettings& settings = {});

    using Concerns = std::vector<transport::Concern>;

    /// Stores what the figure was at set-up, for example from the last alignment record. The error names the figure.
    Result<void> set_up(std::size_t source, BiasQuantity quantity, double value);
    /// Record began (as the tally says) or ended. What was judged in the last recording is forgotten, history is kept.
    void recording(double at_s, bool on);
    /// A reading; empty: there was none (no carrier, converter lost). Returns what has changed for the worse or better.
    [[nodiscard]] Concerns take(double at_s, std::size_t source, BiasQuantity quantity, std::optional<double> value);
    /// To be called once a second or so: finds that readings have stopped, of one source or (empty) of any.
    [[nodiscard]] Concerns tick(double at_s, std::optional<std::size_t> source = std::nullopt);
    /// Nobody listened to this source until now (samples were lost on the way): what it did meanwhile is not known, and
    /// nothing is concluded from it.
    void gap(double at_s, std::size_t source);

    /// Every watched figure, sources in order.
    [[nodiscard]] std::vector<BiasFigure> figures() const;
    /// For the plot; empty for what is not watched.
    [[nodiscard]] std::vector<DriftPoint> history(std::size_t source, BiasQuantity quantity) const;
    /// The worst state of all; good only when everything that a source says of the bias now, and that has a set-up
    /// value and limits, is judged good.
    [[nodiscard]] BiasState worst() const noexcept;

  private:
    struct Reading {
        double at_s = 0.0;
        double value = 0.0;
    };
    struct Watch {
        std::size_t source = 0;
        BiasQuantity quantity = BiasQuantity::Level;
        std::optional<double> set_up;
        std::deque<Reading> window; ///< of the averaging time, without a gap
        double whole_s = 0.0;       ///< from then on the window is a whole averaging time
        std::deque<DriftPoint> history;
        double step_sum = 0.0, step_from_s = 0.0;
        std::size_t step_count = 0;
        std::optional<double> seen_s; ///< of the last reading that was one
        BiasState state = BiasState::NotJudged;
    };
    [[nodiscard]] const Watch* find(std::size_t source, BiasQuantity quantity) const noexcept;
    [[nodiscard]] bool from_tape(const Watch& watch) const noexcept;
    /// Of the quantities of a source, the one that says that there is no bias.
    [[nodiscard]] bool tells_missing(const Watch& watch) const noexcept;
    [[nodiscard]] const tape::BiasLimit& limit_of(const Watch& watch) const noexcept;
    [[nodiscard]] std::optional<double> mean(const Watch& watch) const noexcept;
    [[nodiscard]] std::optional<double> drift(const Watch& watch) const noexcept;
    [[nodiscard]] BiasState judged(const Watch& watch) const noexcept;
    [[nodiscard]] bool waits_for_readings(const Watch& watch) const noexcept;
    [[nodiscard]] std::string words(const Watch& watch, BiasState was) const;
    void keep(Watch& watch, double at_s);
    static void forget(Watch& watch) noexcept;
    void change(Watch& watch, BiasState to, double at_s, Concerns& said);

    std::vector<tape::BiasSource> sources_;
    BiasMonitorSettings settings_;
    std::vector<Watch> watches_;
    std::optional<double> record_since_s_;
};

} // namespace overbias::calibration
