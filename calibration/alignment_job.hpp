// SPDX-License-Identifier: Apache-2.0
// The alignment job: runs a procedure (procedure.hpp) on the deck: into record through the machine's interlocks, tones
// from the oscillator, readings off tape, adjusters set from here (automatic) or turned by a person (guided), until the
// procedure has nothing left to turn. Every accepted value goes into an alignment record at once. Before the first step
// it makes sure that what comes back comes off tape, from the right track and in phase, and says in words what is wrong
// else. It ends with the deck stopped and record off; whatever else ends it, the machine and the runner do that
// (transport/job.hpp). Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "audio/oscillator.hpp"
#include "calibration/operator_port.hpp"
#include "calibration/procedure.hpp"
#include "tape/history.hpp"
#include "tape/level_chart.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <functional>
#include <memory>
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
};

/// Throws std::invalid_argument, in words for the operator, when the deck lacks an adjuster that an automatic procedure
/// sets, or a guided one has no operator.
[[nodiscard]] std::unique_ptr<transport::Job> make_alignment_job(AlignmentContext context, Procedure procedure);

} // namespace overbias::calibration
