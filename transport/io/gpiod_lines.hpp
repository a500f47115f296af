// SPDX-License-Identifier: Apache-2.0
// GpiodLines: Lines over the GPIO character device through libgpiod, version 1.6 (Debian 12) or 2 (Debian 13), chosen
// at build. Lines are found by their name in the kernel (device tree, gpio-line-names) on the chip with the given label
// or name, or on any chip: never by number. Debounce is ours (the driver's), so that both versions behave alike.
//
// Outputs are requested at their inactive level and set inactive before they are given back; what the controller does
// with a line that was given back, or whose owner was killed, is its own affair: released is not stopped.
// Thread: the timeline's.
#pragma once

#include "base/async/steady_timeline.hpp"
#include "transport/io/lines.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport {

struct GpioLineConfig {
    std::string name;        ///< as the port calls it ("stop", "tally_play")
    std::string line;        ///< as the kernel calls it; empty: the same
    bool active_low = false; ///< active when the line is low
    enum class Bias { AsIs, PullUp, PullDown, Disabled } bias = Bias::AsIs;       ///< inputs
    enum class Drive { PushPull, OpenDrain, OpenSource } drive = Drive::PushPull; ///< outputs
};

struct GpioLinesConfig {
    std::string chip; ///< label or name of the chip ("pinctrl-bcm2711", "gpiochip0"); empty: every chip is searched
    std::string consumer = "overbias";
    std::vector<GpioLineConfig> outputs, inputs;
};

class GpiodLines final : public Lines {
  public:
    /// Requests every line at once. Throws std::runtime_error with one line for each that could not be had: name,
    /// where it was looked for, the nearest name there is, who holds it when it is busy.
    GpiodLines(SteadyTimeline& timeline, const GpioLinesConfig& config);
    ~GpiodLines() override;

    [[nodiscard]] Result<LineId> find_output(std::string_view name) override;
    [[nodiscard]] Result<LineId> find_input(std::string_view name) override;
    void set(LineId output, bool active) override;
    [[nodiscard]] bool get(LineId input) const override;
    void on_edge(std::function<void(const LineEdge&)> listener) override;

    /// Called once when the chip is gone (an unplugged expander) or a call failed; the object is of no more use.
    void on_lost(std::function<void(const std::string& what)> listener);
    /// "libgpiod 1.6.3" or "libgpiod 2.2.1".
    [[nodiscard]] static std::string library();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_; ///< shared with the handlers that wait for edges
};

} // namespace overbias::transport
