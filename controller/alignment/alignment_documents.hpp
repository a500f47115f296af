// SPDX-License-Identifier: Apache-2.0
// The command alignment_document: a stored alignment as the file that an engineer keeps: the page that is filed with
// the tape (PDF), a table (CSV), or the record itself (JSON). Files go through the doors as base64 (RFC 4648). The
// profiles are read and the page is laid out on the worker's thread.
#pragma once

#include "base/async/timeline.hpp"
#include "controller/command_registry.hpp"
#include "controller/worker.hpp"
#include "tape/alignment_record.hpp"
#include "tape/history.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::controller {

struct AlignmentDocuments {
    /// Null: there is none.
    std::function<const tape::AlignmentRecord*(std::string_view uuid)> find;
    const tape::AlignmentHistory& history; ///< values over time
    std::string deck_uuid, deck_name;      ///< of the deck whose name is known
    std::vector<std::filesystem::path> profile_directories;
    Timeline& timeline;
    Worker& worker;
};

/// Handlers run on the timeline's thread; everything in `documents` must outlive the registry.
void add_alignment_document(CommandRegistry& registry, AlignmentDocuments documents);

} // namespace overbias::controller
