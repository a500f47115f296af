// SPDX-License-Identifier: Apache-2.0
// The commands meters and meters_reset: the live meters for those who ask. Every figure comes with the standard it is
// measured to, its weighting and its detector.
#pragma once

#include "controller/command_registry.hpp"
#include "controller/meter_worker.hpp"

#include <boost/json/object.hpp>
#include <functional>

namespace overbias::controller {

/// `references`: of the worker, for what 0 VU stands at.
[[nodiscard]] boost::json::object meters_json(const MeterReaders::Reading& reading,
                                              const MeterWorkerConfig& references);

/// `worker`: on the timeline's thread; null when the daemon runs without meters. What it gives must outlive the
/// registry's last call.
void add_meter_commands(CommandRegistry& registry, std::function<MeterWorker*()> worker);

} // namespace overbias::controller
