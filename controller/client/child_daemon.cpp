// SPDX-License-Identifier: Apache-2.0
#include "controller/client/child_daemon.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace overbias::controller {

namespace {

constexpr std::string_view kReady = "overbiasd: ready, socket ";

std::string program() {
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    return ((error ? std::filesystem::path("/usr/bin") : self.parent_path()) / "overbiasd").string();
}

/// Only what is safe between fork and exec.
[[noreturn]] void execute(const std::string& path, std::vector<char*>& arguments) {
    ::execv(path.c_str(), arguments.data());
    const std::string_view message = "overbias: cannot start overbiasd, which should stand beside this program\n";
    const ssize_t ignored = ::write(STDERR_FILENO, message.data(), message.size());
    static_cast<void>(ignored);
    ::_exit(4);
}

std::vector<char*> argument_list(std::string& path, std::vector<std::string>& arguments) {
    std::vector<char*> list{path.data()};
    for (std::string& argument : arguments) {
        list.push_back(argument.data());
    }
    list.push_back(nullptr);
    return list;
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

} // namespace

ChildDaemon::ChildDaemon(const std::vector<std::string>& given) {
    std::array<int, 2> output{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        throw ChildFailed(4, "cannot make a pipe: " + std::generic_category().message(errno));
    }
    std::string path = program();
    std::vector<std::string> arguments = given;
    std::vector<char*> list = argument_list(path, arguments);
    child_ = ::fork();
    if (child_ < 0) {
        throw ChildFailed(4, "cannot start overbiasd: " + std::generic_category().message(errno));
    }
    if (child_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM); // it goes when we go, however that happens
        ::setpgid(0, 0);                    // Ctrl-C is for us; we then end it in order
        ::dup2(output[1], STDOUT_FILENO);
        execute(path, list);
    }
    ::close(output[1]);
    std::string said;
    std::array<char, 512> chunk{};
    while (said.find('\n') == std::string::npos) {
        const ssize_t got = ::read(output[0], chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        said.append(chunk.data(), static_cast<std::size_t>(got));
    }
    ::close(output[0]);
    if (!said.starts_with(kReady) || said.find('\n') == std::string::npos) {
        ::kill(child_, SIGTERM);
        const int status = wait_for(child_);
        throw ChildFailed(status == 0 ? 4 : status, "the daemon with the simulated deck did not start");
    }
    socket_ = said.substr(kReady.size(), said.find('\n') - kReady.size());
}

ChildDaemon::~ChildDaemon() {
    ::kill(child_, SIGTERM);
    wait_for(child_);
}

void become_daemon(const std::vector<std::string>& given) {
    std::string path = program();
    std::vector<std::string> arguments = given;
    std::vector<char*> list = argument_list(path, arguments);
    execute(path, list);
}

} // namespace overbias::controller
