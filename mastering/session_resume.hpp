// SPDX-License-Identifier: Apache-2.0
// A stored session made ready to go on: its plan read, its files hashed again, its sides laid out as they were.
// Thread: any (a worker's): it reads files.
#pragma once

#include "base/result.hpp"
#include "mastering/print_job.hpp"

#include <optional>

namespace overbias::mastering {

/// The plan that the session was begun with.
[[nodiscard]] Result<ReelPlan> plan_of_session(const PrintSession& session);

/// `from`: empty for the first boundary after which something is still to be printed. The error names what is in the
/// way: nothing is left to print, a file is not what it was, the gap is too short (and which boundary would do), the
/// deck is another one or set up otherwise.
[[nodiscard]] Result<SessionPrint> resume_session(PrintSession session, std::optional<Boundary> from,
                                                  const PrintInstallation& installation, const PrintIdentity& identity,
                                                  const std::optional<double>& erase_to_record_m,
                                                  const FileInspector& inspect = {});

} // namespace overbias::mastering
