// SPDX-License-Identifier: Apache-2.0
// The daemon's journal: one line a message on standard error, with the priority prefix systemd reads (<3> error ... <7>
// debug) when standard error is the journal, and a plain word otherwise. Any thread; never on the audio thread.
#pragma once

#include <string_view>

namespace overbias {

enum class JournalLevel { Error = 3, Warning = 4, Notice = 5, Info = 6, Debug = 7 };

/// Writes "component: message". Messages name the object, what was expected, what came and what to do.
void journal(JournalLevel level, std::string_view component, std::string_view message);
/// Messages above `level` are dropped; Info by default.
void set_journal_level(JournalLevel level) noexcept;

} // namespace overbias
