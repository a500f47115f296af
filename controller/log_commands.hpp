// SPDX-License-Identifier: Apache-2.0
// The command log: events, sessions, prints, and the check of the chain. Reading waits for the disk and runs on the
// worker's thread.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/log_keeper.hpp"
#include "controller/worker.hpp"

namespace overbias::controller {

/// All three must outlive the registry's use.
void add_log_commands(CommandRegistry& registry, LogKeeper& keeper, Worker& worker, Timeline& timeline);

} // namespace overbias::controller
