// SPDX-License-Identifier: Apache-2.0
// The alignment job: runs a procedure (procedure.hpp) on the deck: into record through the machine's interlocks, tones
// from the oscillator, readings off tape, adjusters set from here (automatic) or turned by a person (guided), until the
// procedure has nothing left to turn. Every accepted value goes into an alignment record at once. Before the first step
// it makes sure that what comes back comes off tape, from the right track and in phase, and says in words what is wrong
// else. It ends with the deck stopped and record off; whatever else ends it, the machine and the runner do that
// (transport/job.hpp). Thread: the timeline's.
#pragma once

#include "calibration/procedure/alignment_context.hpp"
#include "calibration/procedure/procedure.hpp"
#include "transport/job.hpp"

#include <memory>

namespace overbias::calibration {

/// Throws std::invalid_argument, in words for the operator, when the deck lacks an adjuster that an automatic procedure
/// sets, or a guided one has no operator.
[[nodiscard]] std::unique_ptr<transport::Job> make_alignment_job(AlignmentContext context, Procedure procedure);

} // namespace overbias::calibration
