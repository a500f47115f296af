// SPDX-License-Identifier: Apache-2.0
// The bias monitor as JSON (docs/api.md, "Bias"): the same in answers, status, notifications and log. Thread: the
// timeline's.
#pragma once

#include "controller/bias/bias_watch.hpp"

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace overbias::controller {

/// What the capture has lost since the daemon began.
struct BiasLosses {
    std::uint64_t gaps = 0, lost_frames = 0;
};

/// What `bias` answers. `now_s`: deck time.
[[nodiscard]] boost::json::object bias_json(const BiasWatch& watch, const BiasLosses& losses, double now_s,
                                            bool history);
/// What it answers where nothing is watched.
[[nodiscard]] boost::json::object no_bias_json();
/// Short, for `status`.
[[nodiscard]] boost::json::object bias_status_json(const BiasWatch& watch);
/// `job`: its UUID; empty: none runs.
[[nodiscard]] boost::json::object bias_concern_json(const BiasWatch& watch, const BiasConcern& concern,
                                                    const std::string& job);
/// What `bias_set_up` answers.
[[nodiscard]] boost::json::object bias_taken_json(const BiasWatch& watch, const std::vector<BiasTaken>& taken);

/// "not_judged", "good", "warn", "fail", "missing".
[[nodiscard]] const char* bias_state_word(calibration::BiasState state) noexcept;

} // namespace overbias::controller
