// SPDX-License-Identifier: Apache-2.0
// `overbias certificate`, `overbias label`, `overbias cue-sheet` on the command line.
#pragma once

#include "controller/client/paper_command.hpp"
#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <vector>

namespace overbias::controller {

class PaperLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<CLI::App*(const std::string& name, const std::string& help)> add;
        std::function<void(CLI::App&)> add_common; ///< options every command has
        std::function<void(std::function<int()>)> chosen;
        std::function<void(const boost::json::value& answer, const std::string& text)> show;
        std::function<bool()> json;
    };
    explicit PaperLine(Ways ways);

  private:
    void add_certificate();
    void add_label();
    void add_cue_sheet();
    void add_output(CLI::App& to);
    [[nodiscard]] int write() const;
    [[nodiscard]] int verify() const;

    Ways ways_;
    PaperRequest request_{.which = "latest", .kind = {}, .format = {}, .width_mm = {}, .height_mm = {}, .spine_mm = {}};
    std::string size_ = "10.5";
    std::vector<std::string> files_;
    bool force_ = false;
    CertificateQuestion question_;
};

} // namespace overbias::controller
