// SPDX-License-Identifier: Apache-2.0
// Where the tape stood and what was marked on it, and what the locator has learned of the deck, kept over a restart:
// place.json in the state directory. A place that is read back is believed as Doubtful at most
// (transport/position/stored_position.hpp). Thread: any.
#pragma once

#include "base/result.hpp"
#include "transport/locator.hpp"
#include "transport/position/cue_points.hpp"
#include "transport/position/stored_position.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace overbias::controller {

struct KeptPlace {
    transport::StoredPosition position;
    transport::StoredCuePoints cues;
    std::string deck; ///< profile of the deck that `learned` is of
    transport::LocatorMemory learned;
    bool operator==(const KeptPlace&) const = default;
};

/// Nothing when there is no file yet. One that can't be used is set aside as place.json.unusable, so that nothing is
/// written over it; the Error names both and what is wrong. A file of a newer version is such a one; of the first
/// version, which had no number, nothing has been learned.
[[nodiscard]] Result<std::optional<KeptPlace>> load_place(const std::filesystem::path& state_dir);
/// Replaces the file as a whole.
[[nodiscard]] Result<void> store_place(const std::filesystem::path& state_dir, const KeptPlace& place);

} // namespace overbias::controller
