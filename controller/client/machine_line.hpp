// SPDX-License-Identifier: Apache-2.0
// The machine's commands on the command line: each is one method of the daemon, its words as the operator types them.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

namespace overbias::controller {

class MachineLine {
  public:
    /// Called when the operator has given a command: what to tell him it is called, the method, its parameters.
    using Chosen =
        std::function<void(const std::string& told, const std::string& method, boost::json::object parameters)>;
    /// Adds the commands with `add(name, help)`, which makes a subcommand with the common options.
    MachineLine(const std::function<CLI::App*(const std::string& name, const std::string& help)>& add, Chosen chosen);

  private:
    void add_keys();
    void add_modes();
    void add_places();
    void plain(const char* name, const char* method, const char* help);
    void with_switch(const char* name, const char* method, const char* help);

    std::function<CLI::App*(const std::string&, const std::string&)> add_;
    Chosen chosen_;
    std::string place_, word_, on_;
    double number_ = 0.0;
    int track_ = 0;
};

} // namespace overbias::controller
