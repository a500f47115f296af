// SPDX-License-Identifier: Apache-2.0
// The autolocator on the command line: locate, rtz, cue, mark, repeat, rehearse, punch.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

namespace overbias::controller {

class LocatorLine {
  public:
    struct Ways {
        std::function<CLI::App*(CLI::App* parent, const std::string& name, const std::string& help)> add;
        /// A command that the machine answers: what to tell the operator it is called, method, parameters.
        std::function<void(const std::string& told, const std::string& method, boost::json::object parameters)> command;
        /// A command that answers with cue points and marks.
        std::function<void(const std::string& method, boost::json::object parameters)> places;
    };
    LocatorLine(CLI::App& app, Ways ways);

  private:
    void add_locating();
    void add_cues();
    void add_marks();
    void add_ranges();
    CLI::App* going(CLI::App* parent, const std::string& name, const std::string& help);
    [[nodiscard]] boost::json::object with_play(boost::json::object parameters) const;

    CLI::App& app_;
    Ways ways_;
    std::string place_, name_, word_;
    int number_ = 0;
    int passes_ = 0;
    bool play_ = false;
};

} // namespace overbias::controller
