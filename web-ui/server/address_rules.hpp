// SPDX-License-Identifier: Apache-2.0
// Which Host and Origin headers are ours. A page of an attacker's that has its name resolve to this machine (DNS
// rebinding) sends that name as Host and Origin alike, so both are compared with a fixed list and not with each other.
// Thread: any; nothing changes after construction.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace overbias::web_ui {

class AddressRules {
  public:
    /// `address` is what the server listens on. `host_names`: as an operator configures them, "deck.studio.lan" or
    /// "deck.studio.lan:8443"; one without a port stands for our port and for a proxy on 80 or 443 in front of us.
    /// Throws std::runtime_error for one that cannot be a name.
    AddressRules(std::string_view address, std::uint16_t port, const std::vector<std::string>& host_names);

    /// `local` is the numeric address that this connection came in at ("192.168.1.7", "[::1]"): that one is always
    /// right, since no other site can have it as its name.
    [[nodiscard]] bool host_allowed(std::string_view host, std::string_view local) const;
    /// "http://name:port", exactly; "https://" for configured names.
    [[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view local) const;

  private:
    void add(const std::string& name);
    std::uint16_t port_;
    std::set<std::string, std::less<>> hosts_, origins_;
};

} // namespace overbias::web_ui
