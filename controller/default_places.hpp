// SPDX-License-Identifier: Apache-2.0
// Where daemon and command line meet when nobody says where. At start-up only: reads the environment.
#pragma once

#include <filesystem>

namespace overbias::controller {

/// Name of the socket in the state directory of a daemon.
inline constexpr const char* kSocketName = "overbias.sock";
/// Socket of the installed service, the one with a real deck.
inline constexpr const char* kServiceSocket = "/run/overbias/overbias.sock";
/// State directory of the installed service.
inline constexpr const char* kServiceStateDir = "/var/lib/overbias";

/// This user's folder for state: $XDG_STATE_HOME/overbias, else ~/.local/state/overbias (XDG Base Directory
/// Specification 0.8); /var/lib/overbias for a user without a home.
[[nodiscard]] std::filesystem::path user_state_dir();
/// State directory of `overbiasd --simulate`: apart from a real deck's, so that their logs never mix.
[[nodiscard]] std::filesystem::path simulated_state_dir();

} // namespace overbias::controller
