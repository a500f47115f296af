// SPDX-License-Identifier: Apache-2.0
#include "child_process.hpp"

#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ; // NOLINT

namespace overbias::live {

namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

std::string last_lines(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    const std::string all = text.str();
    constexpr std::size_t kShown = 2000;
    return all.size() > kShown ? "..." + all.substr(all.size() - kShown) : all;
}

std::vector<std::string> environment_of(const std::map<std::string, std::string>& more) {
    std::vector<std::string> all;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string word = *each;
        if (!more.contains(word.substr(0, word.find('=')))) {
            all.push_back(word);
        }
    }
    for (const auto& [name, value] : more) {
        all.push_back(name + "=" + value);
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words) {
        list.push_back(word.data());
    }
    list.push_back(nullptr);
    return list;
}

} // namespace

std::int64_t monotonic_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

ChildProcess::ChildProcess(const Start& start) : name_(start.program.filename().string()), errors_(start.errors) {
    std::array<int, 2> output{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    const int errors = ::open(start.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    std::string program = start.program.string();
    std::vector<std::string> words{program};
    words.insert(words.end(), start.arguments.begin(), start.arguments.end());
    std::vector<std::string> variables = environment_of(start.environment);
    std::vector<char*> argument_list = pointers(words), environment_list = pointers(variables);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) { // only what is safe between fork and exec
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(127);
        }
        ::dup2(nothing, STDIN_FILENO);
        ::dup2(output[1], STDOUT_FILENO);
        ::dup2(errors, STDERR_FILENO);
        ::execve(program.c_str(), argument_list.data(), environment_list.data());
        ::_exit(127);
    }
    ::close(output[1]);
    ::close(errors);
    ::close(nothing);
    output_ = output[0];
    if (pid_ < 0) {
        throw std::system_error(errno, std::generic_category(), "fork");
    }
    pidfd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (pidfd_ < 0) {
        throw std::system_error(errno, std::generic_category(), "pidfd_open");
    }
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        reap();
    }
    ::close(pidfd_);
    ::close(output_);
}

void ChildProcess::reap() {
    int waited = 0;
    while (::waitpid(pid_, &waited, 0) < 0 && errno == EINTR) {
    }
    status_ = WIFEXITED(waited) ? WEXITSTATUS(waited) : 128 + WTERMSIG(waited);
    pid_ = -1;
}

std::string ChildProcess::line(std::chrono::seconds patience) {
    const auto deadline = Clock::now() + patience;
    while (true) {
        const std::size_t end = heard_.find('\n');
        if (end != std::string::npos) {
            const std::string line = heard_.substr(0, end);
            heard_.erase(0, end + 1);
            return line;
        }
        pollfd wanted{output_, POLLIN, 0};
        if (::poll(&wanted, 1, milliseconds_until(deadline)) == 0) {
            throw std::runtime_error(name_ + " said nothing for " + std::to_string(patience.count()) +
                                     " s; it wrote:\n" + last_lines(errors_));
        }
        std::array<char, 1024> chunk{};
        const ssize_t got = ::read(output_, chunk.data(), chunk.size());
        if (got == 0) {
            throw std::runtime_error(name_ + " ended; it wrote:\n" + last_lines(errors_));
        }
        if (got > 0) {
            heard_.append(chunk.data(), static_cast<std::size_t>(got));
        }
    }
}

std::int64_t ChildProcess::kill_hard() {
    const std::int64_t at_ns = monotonic_ns();
    ::kill(pid_, SIGKILL);
    reap();
    return at_ns;
}

int ChildProcess::end(int signal, std::chrono::seconds patience) {
    if (pid_ < 0) {
        return status_;
    }
    if (signal != 0) {
        ::kill(pid_, signal);
    }
    const auto deadline = Clock::now() + patience;
    pollfd ended{pidfd_, POLLIN, 0};
    int ready = 0;
    do {
        ready = ::poll(&ended, 1, milliseconds_until(deadline));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) {
        throw std::runtime_error(name_ + " did not end within " + std::to_string(patience.count()) + " s; it wrote:\n" +
                                 last_lines(errors_));
    }
    reap();
    return status_;
}

} // namespace overbias::live
