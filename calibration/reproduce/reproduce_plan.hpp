// SPDX-License-Identifier: Apache-2.0
// What a reproduce alignment reads off a calibration tape: which of its tones serve which step, and what they ought to
// read on this deck. And whether what was heard is that tape. Pure functions; any thread.
#pragma once

#include "calibration/reproduce/reproduce_job.hpp"
#include "tape/calibration_tape.hpp"
#include "tape/calibration_tape_match.hpp"
#include "transport/deck_adjust.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::calibration {

/// The deck, as it is believed to be set.
struct ReproduceDeck {
    double speed_ips = 15.0;
    tape::Equalisation equalisation = tape::Equalisation::Iec1;
    tape::Fluxivity operating_level;
};

/// What this tone of the tape reads on an aligned deck, dB re operating level: the tape's fluxivity
/// (tape/fluxivity.hpp), its own level, and what the tape's equalisation gives on a deck set to another, re 1 kHz
/// (tape::mismatch_db). The tape must have a reference, and be of the deck's speed.
[[nodiscard]] double expected_db(const tape::CalibrationTape& tape, std::size_t tone, const ReproduceDeck& deck);

struct ReproduceStep {
    enum class Reads {
        Coarse, ///< how much later the right track is, us, at 1 kHz: within half its period
        Timing, ///< the same at the high tone, in the period that Coarse tells
        Level,  ///< dB against expected_db()
    };
    std::string id, title, instruction;
    Reads reads = Reads::Level;
    std::size_t tone = 0; ///< of the tape
    std::optional<transport::Adjuster> turns{};
    bool turns_head = false;
    std::optional<double> tolerance{}; ///< empty: only read
    double aim = 0.0;                  ///< by hand: within this
    double averaging_s = 0.0;
    std::string remark; ///< stored with it
    std::string note;   ///< for the operator: a warning

    [[nodiscard]] std::string_view unit() const noexcept { return reads == Reads::Level ? "dB" : "us"; }
    /// Something is turned in it.
    [[nodiscard]] bool is_turned() const noexcept { return turns_head || turns.has_value(); }
};

/// The steps for those tones of the tape that it has (or that were heard: `there`, of each tone). `missing`: in words,
/// what can't be aligned for want of a tone; empty: all can.
struct ReproducePlan {
    std::vector<ReproduceStep> steps;
    std::vector<std::size_t> others; ///< tones that serve no step
    std::string missing;
};
[[nodiscard]] ReproducePlan reproduce_plan(const tape::CalibrationTape& tape, const std::vector<bool>& there,
                                           const ReproduceDeck& deck, const ReproduceLimits& limits);

/// A tape is listened to once before anything is turned: with so many tones its equalisation can be told; or because
/// tones of one frequency can only be told apart by where they are.
[[nodiscard]] bool listened_to_first(const tape::CalibrationTape& tape);

/// Which tape was heard.
struct NamedTape {
    enum class Verdict {
        Right,        ///< the chosen one, or the only one that fits
        Wrong,        ///< another tape, speed or deck speed: not to be aligned with
        Equalisation, ///< the tape, but tape or deck is of another equalisation than believed
        Unclear,      ///< without a chosen one: several fit
    } verdict = Verdict::Wrong;
    std::optional<tape::CalibrationTape> tape; ///< Right, Equalisation
    std::vector<std::size_t> tones;            ///< of each heard tone: which of the tape's, or TapeFit::kNone
    double speed_error = 0.0;                  ///< of the deck, with this tape
    std::string words;                         ///< what was heard, and what is wrong
};
/// `heard`: on each track, the same tones in one order. `chosen` null: any of the tapes. `still_playing`: more may
/// come.
[[nodiscard]] NamedTape name_tape(const std::array<std::vector<tape::HeardTone>, 2>& heard,
                                  std::span<const tape::CalibrationTape> tapes, const tape::CalibrationTape* chosen,
                                  const ReproduceDeck& deck, bool still_playing);

/// In words, when the readings of both tracks at this tone are about what another position of the deck's equalisation
/// switch would give; empty: they are not. For tapes with too few tones to be sure.
[[nodiscard]] std::string equalisation_hint(const tape::CalibrationTape& tape, std::size_t tone,
                                            const ReproduceDeck& deck, const std::array<double, 2>& readings_db);

/// "1 kHz".
[[nodiscard]] std::string hz_text(double frequency_hz);

} // namespace overbias::calibration
