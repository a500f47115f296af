// SPDX-License-Identifier: Apache-2.0
// Schema of the logbook: what later versions cannot add to old data is there from the start. 1: sessions, events,
// prints; 2: alignments. An older file is brought up to date when it is opened, in one transaction.
#pragma once

#include "logbook/database.hpp"

namespace overbias::logbook {

inline constexpr int kSchemaVersion = 2;

/// Creates the tables in an empty file; checks an existing one and adds what is new since it was written. Throws
/// DatabaseError: not a logbook, a newer schema.
void prepare_schema(Database& database, const std::string& file);

} // namespace overbias::logbook
