// SPDX-License-Identifier: Apache-2.0
#include "controller/safety_commands.hpp"

#include <boost/json.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

void add_safety_commands(CommandRegistry& registry, Supervisor& supervisor,
                         std::function<void(const std::string& command, const std::string& answer)> commanded) {
    registry.add({.name = "acknowledge_no_hardware_stop",
                  .help = "says that you know: nothing stops this deck when the daemon dies. Needed once a session "
                          "before arm, on a deck without stop line and heartbeat contact",
                  .handler = [&supervisor, commanded = std::move(commanded)](const json::object&, const Caller&,
                                                                             const Answer& answer) {
                      const bool changes = supervisor.needs_acknowledgement() && !supervisor.acknowledged();
                      supervisor.acknowledge();
                      const std::string status = changes ? "accepted" : "unchanged";
                      const std::string reason =
                          supervisor.needs_acknowledgement()
                              ? "stay with the deck while it records: when the daemon dies it goes on"
                              : "this deck is stopped from outside: no acknowledgement is needed";
                      commanded("acknowledge_no_hardware_stop", status);
                      answer(Reply::with(json::object{{"status", status}, {"reason", reason}}));
                  }});
}

void add_pair_command(CommandRegistry& registry, std::function<std::string()> address) {
    registry.add(
        {.name = "pair",
         .help = "a new address that pairs one browser with the panel, within an hour",
         .handler = [address = std::move(address)](const json::object&, const Caller& caller, const Answer& answer) {
             if (!caller.local) {
                 return answer(Reply::error(ErrorCode::Refused, "pair was refused: a browser is paired from "
                                                                "this machine: overbias pair"));
             }
             const std::string paired = address();
             if (paired.empty()) {
                 return answer(
                     Reply::error(ErrorCode::Refused,
                                  "pair was refused: the daemon was started without a panel (web.listen, --listen)"));
             }
             answer(Reply::with(json::object{{"address", paired}}));
         }});
}

} // namespace overbias::controller
