// SPDX-License-Identifier: Apache-2.0
// What a Studer's answers to status and timer queries say, read as the profile tells; and the check of what the profile
// tells. Thread: one.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/deck.hpp"
#include "transport/drivers/studer_answer.hpp"
#include "transport/drivers/studer_ascii.hpp"
#include "transport/io/tach.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::transport {

/// Collects what is wrong with a configuration.
class StuderCheck {
  public:
    void that(bool holds, const std::string& complaint);
    void command(const char* key, const std::string& text);
    void query(const char* key, const std::string& text);
    std::optional<StuderAnswer> pattern(const char* key, const std::string& text);
    /// Throws std::invalid_argument with everything that was found.
    void finish() const;

  private:
    std::string complaints_;
};

/// Reads the status answer.
class StuderStatusReader {
  public:
    StuderStatusReader(const StuderStatus& status, StuderCheck& check);
    /// Nothing when it was not understood.
    [[nodiscard]] std::optional<Tallies> read(const std::string& answer) const;

  private:
    using Tally = std::optional<bool> Tallies::*;
    struct Rule {
        StuderAnswer answer;
        std::vector<Tally> lit;
    };
    Tally use(const std::string& name, StuderCheck& check);
    Tallies dark_; ///< those that are told of, all dark
    std::vector<Rule> rules_;
    std::optional<StuderAnswer> hex_;
    std::vector<std::pair<Tally, int>> bits_;
};

/// Tape passed, from the deck's own timer. The timer may be set or zeroed at the deck: only steps that a tape can make
/// count.
class StuderTimerCounter {
  public:
    static constexpr double kEdgesPerMetre = 1000.0;

    StuderTimerCounter(const StuderTimer& timer, double speed_ips, StuderCheck& check);
    /// False when the answer was not understood.
    bool take(const std::string& answer, DeckTime now);
    /// Where the tape goes from here on until the next answer nobody knows.
    void break_off();
    /// The deck was switched to this speed; the tape is still.
    void speed(double ips);
    [[nodiscard]] const TachReading& reading() const noexcept { return reading_; }

  private:
    double most_m_s_, speed_m_s_;
    std::optional<StuderAnswer> answer_;
    std::optional<double> last_s_;
    DeckTime last_at_{};
    double place_m_ = 0.0;
    TachReading reading_;
};

} // namespace overbias::transport
