// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/address_rules.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unistd.h>

namespace overbias::web_ui {

namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool has_port(std::string_view authority) {
    const auto bracket = authority.rfind(']');
    return authority.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? lower(name.data()) : std::string();
}

} // namespace

AddressRules::AddressRules(std::string_view address, std::uint16_t port, const std::vector<std::string>& host_names)
    : port_(port) {
    if (address != "0.0.0.0" && address != "::") {
        add(address.find(':') == std::string_view::npos ? lower(address) : "[" + lower(address) + "]");
    }
    add("localhost");
    if (const std::string own = host_name(); !own.empty()) {
        add(own);
        add(own + ".local");
    }
    for (const std::string& configured : host_names) {
        const std::string name = lower(configured);
        const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                   std::string_view(".-_:[]").find(c) != std::string_view::npos;
        });
        if (!good) {
            throw std::runtime_error("web: host name '" + configured +
                                     "' is not a name; expected letters, digits, '.', '-' and perhaps ':PORT', without "
                                     "http:// or a path");
        }
        hosts_.insert(name);
        origins_.insert({"http://" + name, "https://" + name});
        if (!has_port(name)) {
            const std::string with_port = name + ":" + std::to_string(port_);
            hosts_.insert(with_port);
            origins_.insert({"http://" + with_port, "https://" + with_port});
        }
    }
}

void AddressRules::add(const std::string& name) {
    const std::string with_port = name + ":" + std::to_string(port_);
    hosts_.insert(with_port);
    origins_.insert("http://" + with_port);
    if (port_ == 80) {
        hosts_.insert(name);
        origins_.insert("http://" + name);
    }
}

bool AddressRules::host_allowed(std::string_view host, std::string_view local) const {
    const std::string given = lower(host);
    const std::string own = std::string(local) + ":" + std::to_string(port_);
    return hosts_.contains(given) || given == own || (port_ == 80 && given == local);
}

bool AddressRules::origin_allowed(std::string_view origin, std::string_view local) const {
    const std::string own = "http://" + std::string(local) + (port_ == 80 ? "" : ":" + std::to_string(port_));
    return origins_.contains(origin) || origin == own;
}

} // namespace overbias::web_ui
