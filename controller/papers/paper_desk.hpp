// SPDX-License-Identifier: Apache-2.0
// The papers of a print session, as the doors have them: the command `document` (certificate, box labels, cue sheet as
// PDF, JSON or text) and the command `certificate_check`. Files go through the doors as base64 (RFC 4648).
//
// Papers are made of the report as the logbook has it, which is under the logbook's chain: never of a file that anybody
// could have written. A certificate is signed once for a report, kept in <sessions>/<session>/certificate.json and
// .pdf, and its hash is logged (event `certificate_signed`); asked for again it is the same file. Reports are read and
// pages laid out on the worker's thread.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/command_registry.hpp"
#include "controller/worker.hpp"
#include "logbook/logbook.hpp"

#include <filesystem>

namespace overbias::controller {

struct PaperDesk {
    Timeline& timeline;
    Worker& worker;
    logbook::Logbook& logbook;
    std::filesystem::path sessions; ///< folder of a folder for each print session
    std::filesystem::path key_file; ///< signing key, made on first use
};

/// The registry keeps a copy of `desk`; what it refers to must outlive it.
void add_paper_commands(CommandRegistry& registry, const PaperDesk& desk);

} // namespace overbias::controller
