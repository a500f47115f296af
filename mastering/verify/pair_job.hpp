// SPDX-License-Identifier: Apache-2.0
// The pair job: a recording from any source judged off tape while it is made (pair_comparison.hpp). The deck is driven
// by the operator, who has put it into record before; or, when told so, by the job, with the arming and the interlocks
// of every record path. Ends after a silence of the source, or with the deck leaving record. Thread: the timeline's.
#pragma once

#include "audio/block_engine.hpp"
#include "mastering/print_job.hpp"
#include "mastering/verify/pair_comparison.hpp"
#include "transport/job.hpp"
#include "transport/transport.hpp"

#include <memory>
#include <string>

namespace overbias::mastering {

struct PairContext {
    Timeline& timeline;
    transport::Transport& transport;
    audio::BlockEngine& engine;
    audio::FrameTap& source;      ///< the pair on the deck's line input
    audio::FrameTap& tape_return; ///< of the same capture
    ComparisonConfig comparison;  ///< at the capture's rate; the source pair's level of operating level as "play"
    PrintIdentity identity;
};

struct PairTask {
    bool record = false;         ///< the job arms, records and stops
    double end_silence_s = 15.0; ///< of the source: the recording is over
    double patience_s = 600.0;   ///< for the first programme
    std::string source, tape;    ///< in words, for the report: "capture channels 3 and 4"
};

[[nodiscard]] std::unique_ptr<transport::Job> make_pair_job(PairContext context, PairTask task);

} // namespace overbias::mastering
