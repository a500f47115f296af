// SPDX-License-Identifier: Apache-2.0
// `overbias generate SIGNAL ... FILE`: a test signal as a sound file. Needs no daemon.
#pragma once

#include "audio/signal_file.hpp"
#include "controller/client/signal_options.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

namespace overbias::controller {

class GenerateLine {
  public:
    /// `chosen` gets what is to be done, which gives the exit status and throws UnusableArgument (print_command.hpp).
    /// `json`: --json was given.
    GenerateLine(CLI::App& generate, bool& json, const std::function<void(std::function<int()>)>& chosen);

  private:
    void add_common(CLI::App& signal);
    [[nodiscard]] int write() const;

    audio::SignalFileOptions options_;
    std::string file_, bits_ = "24", channel_ = "both";
    bool& json_;
    std::unique_ptr<SignalOptions> signals_;
};

} // namespace overbias::controller
