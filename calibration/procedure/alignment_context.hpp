// SPDX-License-Identifier: Apache-2.0
// What every alignment procedure is given: the deck, the signals to it and from it, the record it fills and the person
// who turns. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/oscillator.hpp"
#include "base/async/timeline.hpp"
#include "calibration/procedure/operator_port.hpp"
#include "tape/alignment_record.hpp"
#include "tape/history.hpp"
#include "tape/level_chart.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <string>

namespace overbias::calibration {

struct AlignmentInstallation {
    tape::LevelChart chart;
    double tape_speed_ips = 15.0;
    double record_to_reproduce_m = 0.035; ///< between the heads, as the profile has it
    double round_trip_s = 0.0;            ///< of the converters, without a tape between (audio/loop_delay.hpp)
    double return_rate_hz = 48000.0;      ///< nominal
};

struct AlignmentContext {
    Timeline& timeline;
    transport::Transport& transport;
    transport::DeckAdjust& adjust;
    audio::BlockEngine& engine;
    audio::Oscillator& oscillator; ///< of the engine
    audio::FrameTap& tape_return;  ///< at least 0.2 s
    AlignmentInstallation installation;
    tape::AlignmentRecord record; ///< uuid, key and begun_at; steps of one that was broken off are gone on from
    tape::AlignmentHistory& history;
    std::function<std::string()> utc_now;
    std::string operator_name{};           ///< of guided values
    OperatorPort* operator_port = nullptr; ///< null: nobody watches
    bool guided = false;                   ///< true: a person turns, and needs operator_port
    bool rewind = true;                    ///< at the end back to where it began, if the counter is known
    /// Runs what it is given on another thread, soon, once: long calculations, which touch nothing that is not their
    /// own. Empty: they are done at once on the timeline's thread, which simulated time needs and a real deck must not
    /// have.
    std::function<void(std::function<void()>)> run_elsewhere{};
};

} // namespace overbias::calibration
