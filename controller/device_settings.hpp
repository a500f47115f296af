// SPDX-License-Identifier: Apache-2.0
// Profile and configuration as drivers and back ends want them, for the simulated deck and for a real one alike. Pure,
// but for make_adjust(), which looks for its lines.
#pragma once

#include "audio/alsa_pcm.hpp"
#include "controller/config.hpp"
#include "transport/deck_adjust.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/io/gpiod_lines.hpp"
#include "transport/io/tach_gpio.hpp"

#include <memory>

namespace overbias::controller {

/// The heartbeat line's name among the outputs.
inline constexpr const char* kHeartbeatLine = "heartbeat";

/// `speed_ips`: what a counter that shows time counts at.
[[nodiscard]] transport::ParallelRemoteConfig parallel_remote_config(const tape::DeckProfile& profile,
                                                                     double speed_ips);
/// Relays where the profile names them, else the operator's hand.
[[nodiscard]] std::unique_ptr<transport::DeckAdjust> make_adjust(const tape::DeckProfile& profile,
                                                                 transport::Lines& lines);
[[nodiscard]] audio::AlsaConfig alsa_config(const AudioConfig& audio);
/// The deck's contacts and tallies, and the heartbeat line when there is one.
[[nodiscard]] transport::GpioLinesConfig gpio_lines_config(const GpioConfig& gpio);
[[nodiscard]] transport::TachGpioConfig tach_gpio_config(const std::string& chip, const GpioTachSettings& tach);

} // namespace overbias::controller
