// SPDX-License-Identifier: Apache-2.0
// `overbias deck ...`: what is measured of the deck and read from it, on the command line.
#pragma once

#include "controller/client/rpc_client.hpp"

#include <CLI/CLI.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string>

namespace overbias::controller {

class DeckLine {
  public:
    struct Ways {
        std::function<RpcClient()> daemon;
        std::function<void(CLI::App&)> add_common; ///< options every command has
        std::function<void(std::function<int()>)> chosen;
        std::function<void(const boost::json::value& answer, const std::string& text)> show;
        std::function<bool()> json;
    };
    /// Adds the commands to `deck`.
    DeckLine(CLI::App& deck, Ways ways);

  private:
    CLI::App* subcommand(const char* name, const char* help);
    void add_reels();
    void add_lines();
    void add_memory();
    [[nodiscard]] int lines() const;
    [[nodiscard]] int save() const;
    [[nodiscard]] int restore() const;
    void add_measurement(const char* name, const char* method, const char* help, const char* figure, const char* asks);
    [[nodiscard]] int measure(const std::string& method, const std::string& figure, const std::string& asks) const;
    [[nodiscard]] int step(RpcClient& daemon, const std::string& method, boost::json::object parameters) const;

    CLI::App& deck_;
    Ways ways_;
    bool begin_ = false, follow_ = false, other_software_ = false;
    std::string file_;
    std::string finish_, reading_error_;
};

} // namespace overbias::controller
