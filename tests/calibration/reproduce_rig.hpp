// SPDX-License-Identifier: Apache-2.0
// A simulated deck, calibration tapes for it, and a person with a clumsy hand who does what the views say.
#pragma once

#include "alignment_rig.hpp"
#include "calibration/reproduce/reproduce_job.hpp"
#include "deck-sim/screwdriver.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::test {

/// 1 kHz, 10 kHz and 50 Hz at 250 nWb/m, made up for fringing: what a profile says, and what is on the tape. Each tone
/// `seconds`.
[[nodiscard]] tape::CalibrationTape three_tones(tape::Equalisation equalisation = tape::Equalisation::Iec1);
[[nodiscard]] deck_sim::TapeContent three_tones_content(double seconds = 20.0);
/// 1, 8, 16 kHz, octaves from 63 Hz and 20 kHz, full track, not made up for fringing, announced by a voice.
[[nodiscard]] tape::CalibrationTape ten_tones(tape::Equalisation equalisation = tape::Equalisation::Iec1);
[[nodiscard]] deck_sim::TapeContent ten_tones_content(double seconds = 8.0);

/// Threads what it is asked for, turns as it is told, and accepts what has held.
class ReproduceOperator : public calibration::OperatorPort {
  public:
    ReproduceOperator(AlignmentRig& rig, deck_sim::TapeContent content, std::uint64_t seed = 1);

    void show(const calibration::AlignmentView& view) override;
    std::optional<calibration::OperatorWord> take() override;

    /// Instead of its own answer to a view of this step; it may do something to the deck first.
    std::map<std::string, std::function<calibration::OperatorWord()>> answers;
    /// Called with every view.
    std::function<void(const calibration::AlignmentView&)> sees;
    std::vector<calibration::AlignmentView> seen; ///< one of each note
    std::vector<std::string> confirmed;           ///< step ids, in their order
    bool tape_is_on = false;
    /// That one of the notes has this text.
    [[nodiscard]] bool was_told(const std::string& text) const;

  private:
    void turn(const calibration::AlignmentView& view);

    AlignmentRig& rig_;
    deck_sim::TapeContent content_;
    deck_sim::Screwdriver head_;
    double way_ = -1.0, turn_us_ = 0.0;
    bool known_ = false; ///< which way the head turns
    std::map<std::string, std::vector<std::unique_ptr<deck_sim::Screwdriver>>> hands_;
    int views_ = 0;
    std::string step_;
    std::optional<calibration::OperatorWord> says_;
};

/// Puts this tape on the deck, at its beginning. Throws std::runtime_error.
void thread(AlignmentRig& rig, const deck_sim::TapeContent& content);

/// The rig's context for a deck whose operating level is 250 nWb/m ANSI.
[[nodiscard]] calibration::AlignmentContext reproduce_context(AlignmentRig& rig, calibration::OperatorPort& person,
                                                              bool guided);

/// How many decks: 3, or OVERBIAS_ALIGNMENT_SEEDS.
[[nodiscard]] std::uint64_t reproduce_seeds();

/// Takes the tach out of the rig's deck: nobody counts the tape.
void without_tach(AlignmentRig& rig);

struct Metered {
    std::array<double, 2> level_db{}; ///< re operating level
    double late_us = 0.0;             ///< the right track against the left, within half a period
};
/// What a technician's own meter reads of this tone of the tape: threads it before that tone.
[[nodiscard]] Metered metered(AlignmentRig& rig, const deck_sim::TapeContent& content, std::size_t tone,
                              const deck_sim::Settings& settings, double seconds);

} // namespace overbias::test
