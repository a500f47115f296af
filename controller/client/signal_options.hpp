// SPDX-License-Identifier: Apache-2.0
// The test signals on the command line: one subcommand a signal, each with the options that go with it.
#pragma once

#include "controller/signal_request.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <string_view>

namespace overbias::controller {

class SignalOptions {
  public:
    struct Ways {
        /// Adds the options that every signal has here.
        std::function<void(CLI::App& signal)> common;
        std::function<void()> chosen;
        bool repeat = false;  ///< offers --repeat where there is something to repeat
        bool silence = false; ///< offers silence
    };
    /// Adds them to `parent`. This must outlive it.
    SignalOptions(CLI::App& parent, const Ways& ways);

    /// What was asked for.
    [[nodiscard]] const SignalRequest& request() const noexcept { return request_; }

  private:
    void add(CLI::App& signal, std::string_view part, const Ways& ways);
    SignalRequest request_;
};

/// "sine" -> "a sine"
[[nodiscard]] std::string signal_help(std::string_view signal);

} // namespace overbias::controller
