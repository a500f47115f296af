// SPDX-License-Identifier: Apache-2.0
#include "web-ui/server/port_holder.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace overbias::web_ui {

namespace {

/// The sockets that listen on the port, as /proc/PID/fd names them. Columns of proc(5): sl, local_address (ADDRESS:PORT
/// in hexadecimal), rem_address, st (0A: listening), ..., the tenth is the inode.
std::set<std::string> listeners(std::uint16_t port) {
    std::set<std::string> found;
    for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        std::ifstream file(table);
        std::string line;
        std::getline(file, line);
        while (std::getline(file, line)) {
            std::istringstream columns(line);
            std::string number, local, remote, state, skipped, inode;
            columns >> number >> local >> remote >> state;
            for (int i = 0; i < 5; ++i) {
                columns >> skipped;
            }
            columns >> inode;
            const auto colon = local.find(':');
            if (state == "0A" && colon != std::string::npos &&
                std::stoul(local.substr(colon + 1), nullptr, 16) == port) {
                found.insert("socket:[" + inode + "]");
            }
        }
    }
    return found;
}

bool holds(const std::filesystem::path& process, const std::set<std::string>& sockets) {
    std::error_code error;
    std::filesystem::directory_iterator descriptors(process / "fd", error); // an error: not ours to look at
    for (; !error && descriptors != std::filesystem::directory_iterator(); descriptors.increment(error)) {
        std::error_code gone;
        if (sockets.contains(std::filesystem::read_symlink(descriptors->path(), gone).string())) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string port_holder(std::uint16_t port) {
    const std::set<std::string> sockets = listeners(port);
    std::error_code error;
    std::filesystem::directory_iterator processes("/proc", error);
    for (; !sockets.empty() && !error && processes != std::filesystem::directory_iterator();
         processes.increment(error)) {
        const std::string pid = processes->path().filename().string();
        const bool process = std::ranges::all_of(pid, [](unsigned char c) { return std::isdigit(c) != 0; });
        if (process && holds(processes->path(), sockets)) {
            std::ifstream file(processes->path() / "comm");
            std::string name;
            std::getline(file, name);
            return name + " (process " + pid + ")";
        }
    }
    return {};
}

} // namespace overbias::web_ui
