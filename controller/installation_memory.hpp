// SPDX-License-Identifier: Apache-2.0
// What an installation brings along from before: measured round trip, where the tape was left, what the locator had
// learned; and as what it is entered into the logbook. Thread: any.
#pragma once

#include "controller/back_ends.hpp"
#include "controller/config.hpp"
#include "controller/identity.hpp"
#include "controller/log_keeper.hpp"
#include "controller/place_file.hpp"
#include "transport/transport.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::controller {

/// What cannot be done without. Throws std::runtime_error with the error's words.
template <typename T>
T or_throw(Result<T> result) {
    if (!result) {
        throw std::runtime_error(result.error().message);
    }
    return std::move(result).value();
}

/// With the measured round trip and line levels, where the configuration leaves them out. Throws std::runtime_error.
[[nodiscard]] Config with_round_trip(Config config);
/// The measured delay between this head block's heads goes before what the configuration says. Throws
/// std::runtime_error.
void take_head_delay(Config& config, const Identity& identity);
/// Where the tape was left. A file that can't be used is told: nothing in it is needed to work.
[[nodiscard]] std::optional<KeptPlace> kept_place(const Config& config);
/// What the locator had learned, of this kind of deck.
[[nodiscard]] transport::LocatorMemory learned_before(const std::optional<KeptPlace>& kept, const Config& config);
[[nodiscard]] LogSubject log_subject(const Config& config, const Identity& identity, const std::string& reel_uuid,
                                     bool simulated);

} // namespace overbias::controller
