// SPDX-License-Identifier: Apache-2.0
#include "controller/default_places.hpp"

#include <cstdlib>

namespace overbias::controller {

namespace fs = std::filesystem;

fs::path user_state_dir() {
    const char* state = std::getenv("XDG_STATE_HOME"); // NOLINT(concurrency-mt-unsafe): at start-up
    if (state != nullptr && *state == '/') {
        return fs::path(state) / "overbias";
    }
    const char* home = std::getenv("HOME"); // NOLINT(concurrency-mt-unsafe): at start-up
    if (home != nullptr && *home == '/') {
        return fs::path(home) / ".local/state/overbias";
    }
    return kServiceStateDir;
}

fs::path simulated_state_dir() {
    return user_state_dir() / "simulated";
}

} // namespace overbias::controller
