// SPDX-License-Identifier: Apache-2.0
// BiasWatch: the bias monitor of a deck with its set-up values and its concerns. It is given what the deck does and
// what is read (bias_link.hpp wires it), and tells who has asked. Thread: one, the timeline's; times are deck time,
// seconds.
#pragma once

#include "base/result.hpp"
#include "calibration/bias/bias_monitor.hpp"
#include "controller/bias/bias_set_ups.hpp"
#include "transport/concern.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace overbias::controller {

/// A concern with the figure it is about, as it stood then.
struct BiasConcern {
    transport::Concern concern;
    std::string at_utc;
    calibration::BiasFigure figure;
};

/// A figure that was, or was not, taken as set-up.
struct BiasTaken {
    calibration::BiasFigure figure;
    std::string why; ///< it was not; empty: it was
};

class BiasWatch {
  public:
    struct Hooks {
        std::function<std::string()> utc_now;
        std::function<void(const BiasConcern&)> concern;
        /// Values of now were taken as set-up, and are in set_ups().
        std::function<void(const std::vector<BiasTaken>&, const std::string& by)> set_up;
    };
    /// The sources have passed tape::usable_bias_source().
    BiasWatch(std::vector<tape::BiasSource> sources, BiasKey key, BiasSetUps set_ups, Hooks hooks,
              const calibration::BiasMonitorSettings& settings = {});

    // What the deck does.
    void recording(double at_s, bool on);
    /// An alignment runs, which turns the bias itself: nothing is judged, and what was heard before is forgotten.
    void aligning(double at_s, bool on);
    /// Another speed or equalisation: other set-up values, and a history of its own.
    void change_key(double at_s, BiasKey key);

    // What is read.
    void reading(double at_s, std::size_t source, calibration::BiasQuantity quantity, std::optional<double> value);
    /// Samples of the capture were lost: nothing is concluded from it.
    void gap(double at_s);
    /// No answer comes from this source.
    void silent(double at_s, std::size_t source) { tell(monitor_.tick(at_s, source)); }
    /// Why no reading comes; empty: it does. True when that is news.
    bool problem(std::size_t source, std::string words);
    /// A figure off tape: every source of kind "tape" on this track takes it.
    void off_tape(double at_s, int track, calibration::BiasQuantity quantity, double value);
    /// The same, measured by an alignment that has set the bias: it becomes set-up when that has passed.
    void aligned_off_tape(int track, calibration::BiasQuantity quantity, double value);

    // Set-up values.
    /// Takes the means of now (of one track); while the deck does not record, of what was measured off tape. Refused
    /// where there is nothing to take; the error says why and what to do.
    [[nodiscard]] Result<std::vector<BiasTaken>> set_up(std::optional<int> track);
    /// An alignment has just accepted the bias it had set: what is read from now on may become its set-up value.
    void bias_was_set(double at_s);
    /// It has passed: what was read since is set-up from now on. Otherwise it is forgotten.
    void alignment_ended(bool passed);

    // What there is to tell.
    [[nodiscard]] const std::vector<tape::BiasSource>& sources() const noexcept { return sources_; }
    [[nodiscard]] const BiasKey& key() const noexcept { return key_; }
    [[nodiscard]] const BiasSetUps& set_ups() const noexcept { return set_ups_; }
    [[nodiscard]] const calibration::BiasMonitor& monitor() const noexcept { return monitor_; }
    [[nodiscard]] const calibration::BiasMonitorSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] bool is_recording() const noexcept { return recording_since_s_.has_value(); }
    /// Of all; never good while a source gives no readings.
    [[nodiscard]] calibration::BiasState state() const noexcept;
    /// Why a figure is not judged; empty: it is.
    [[nodiscard]] std::string why(const calibration::BiasFigure& figure) const;
    /// Why none is; empty: some is.
    [[nodiscard]] std::string why() const;
    [[nodiscard]] const std::string& problem_of(std::size_t source) const { return problems_.at(source); }
    [[nodiscard]] const BiasSetUp* set_up_of(const calibration::BiasFigure& figure) const;
    /// Warnings and failures that stand: since they came, or of the last recording.
    [[nodiscard]] std::vector<BiasConcern> concerns() const;
    /// Why a print can't be told to stop on a failure: a source that listens while the deck records could not tell one,
    /// or none does. Empty: all can.
    [[nodiscard]] std::string cannot_fail() const;

  private:
    struct Mean {
        double sum = 0.0;
        std::size_t count = 0;
    };
    using FigureId = std::pair<std::size_t, calibration::BiasQuantity>;

    void tell(const calibration::BiasMonitor::Concerns& said);
    void use_set_ups();
    [[nodiscard]] std::string cannot_fail(std::size_t source) const;
    [[nodiscard]] std::string why_not_taken(const calibration::BiasFigure& figure) const;
    void store(const std::vector<BiasTaken>& taken, const std::string& by);

    std::vector<tape::BiasSource> sources_;
    BiasKey key_;
    BiasSetUps set_ups_;
    Hooks hooks_;
    calibration::BiasMonitorSettings settings_;
    calibration::BiasMonitor monitor_;
    std::vector<std::string> problems_; ///< of each source
    std::optional<double> recording_since_s_;
    std::map<std::string, BiasConcern> standing_; ///< by subject
    bool aligning_ = false;
    std::optional<double> set_at_s_;   ///< by an alignment that runs
    std::map<FigureId, Mean> aligned_; ///< read since
};

} // namespace overbias::controller
