// SPDX-License-Identifier: Apache-2.0
// Schema 1 of the logbook: what later versions cannot add to old data is there from the start.
#pragma once

#include "logbook/database.hpp"

namespace overbias::logbook {

inline constexpr int kSchemaVersion = 1;

/// Creates the tables in an empty file; checks an existing one. Throws DatabaseError: not a logbook, a newer schema.
void prepare_schema(Database& database, const std::string& file);

} // namespace overbias::logbook
