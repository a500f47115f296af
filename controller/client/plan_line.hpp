// SPDX-License-Identifier: Apache-2.0
// `overbias plan ...`: reel plans begun, checked and played dry, on the command line. With a daemon the plan is held
// against its deck; without one against a configuration, files and lengths only.
#pragma once

#include "controller/client/rpc_client.hpp"
#include "mastering/plan/reel_plan_text.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <vector>

namespace overbias::controller {

struct Config;

class PlanLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<bool()> daemon_named;        ///< --socket or --state-dir was given
        std::function<void(CLI::App&)> add_common; ///< options every command has
        std::function<void(std::function<int()>)> chosen;
        std::function<bool()> json;
        std::function<void(const boost::json::value& answer, const std::string& text)> show;
    };
    /// Adds the commands to `plan`.
    PlanLine(CLI::App& plan, Ways ways);

  private:
    void add_places(CLI::App& to);
    [[nodiscard]] int check(bool cue_sheet) const;
    [[nodiscard]] int begin() const;
    /// What a daemon says; null: there is none, and none was named.
    [[nodiscard]] boost::json::value asked(const std::string& method, const boost::json::object& parameters) const;
    [[nodiscard]] boost::json::value checked_here() const;
    [[nodiscard]] Config config() const;

    Ways ways_;
    std::string file_, config_, title_;
    std::vector<std::string> files_;
    bool split_ = false, offline_ = false;
};

} // namespace overbias::controller
