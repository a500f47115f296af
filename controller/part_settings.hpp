// SPDX-License-Identifier: Apache-2.0
// The configuration as each part of the installation wants it. Pure functions.
#pragma once

#include "audio/block_engine.hpp"
#include "calibration/procedure/procedure.hpp"
#include "controller/config.hpp"
#include "mastering/off_tape_comparison.hpp"
#include "mastering/print_plan.hpp"
#include "transport/transport.hpp"

namespace overbias::controller {

[[nodiscard]] transport::TransportConfig transport_config(const Config& config);
/// For an engine that is turned every `turn_s`: one block a turn, four blocks of playback latency.
[[nodiscard]] audio::EngineConfig engine_config(const Config& config, double turn_s);
/// What a print request leaves out.
[[nodiscard]] mastering::PrintRequest print_defaults(const PrintConfig& print);
[[nodiscard]] mastering::PrintInstallation print_installation(const Config& config);
[[nodiscard]] mastering::ComparisonConfig comparison_config(const Config& config);
[[nodiscard]] calibration::AlignmentLimits alignment_limits(const AlignmentConfig& alignment);

} // namespace overbias::controller
