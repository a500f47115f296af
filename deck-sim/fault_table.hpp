// SPDX-License-Identifier: Apache-2.0
// The kinds of faults with their keys: what parsing and --help go by. Thread: any.
#pragma once

#include "deck-sim/faults.hpp"

#include <span>
#include <string>
#include <string_view>

namespace overbias::deck_sim {

/// A key, what it means and how its text gets into a Fault. The setter says what is wrong with the text, or nothing.
struct KeySpec {
    std::string_view name;
    std::string_view meaning; ///< with the unit and the range
    std::string (*set)(Fault& fault, std::string_view text);
};

/// A key as one kind uses it.
struct KeyUse {
    const KeySpec* key;
    enum class Need { Required, Optional, Place } need; ///< Place: one of the kind's place keys
    std::string_view default_text;                      ///< read as if the user had written it; empty: none
};
using Need = KeyUse::Need;

struct KindSpec {
    FaultKind kind;
    std::string_view name;
    std::string_view meaning;
    std::span<const KeyUse> keys;
    bool place_required; ///< without: a kind that may have a place happens from time 0 on
};

/// All of them, in the order of --help.
[[nodiscard]] std::span<const KindSpec> fault_kinds() noexcept;

} // namespace overbias::deck_sim
