// SPDX-License-Identifier: Apache-2.0
// A GpioServer on a thread of its own, and programs that reach it through the preloaded shim.
#pragma once

#include "deck-sim/process/gpio_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <mutex>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace overbias::deck_sim {

inline std::chrono::nanoseconds monotonic_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class GpioRig {
  public:
    struct Output {
        unsigned offset;
        bool high;
        bool operator==(const Output&) const = default;
    };
    struct Release {
        std::vector<unsigned> offsets;
        int pid;
    };

    explicit GpioRig(GpioChip::OnRelease on_release = GpioChip::OnRelease::PullDown) {
        std::string pattern = std::filesystem::temp_directory_path() / "gpio-shim-test.XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        GpioChip chip;
        chip.lines = {"RELAY_PLAY", "RELAY_RECORD", "HEARTBEAT", "TALLY_PLAY", "TACH_A", "TACH_B"};
        chip.on_release = on_release;
        server_ = std::make_unique<GpioServer>(io_, socket(), chip);
        server_->on_output([this](unsigned offset, bool high) {
            const std::lock_guard lock(mutex_);
            outputs_.push_back({offset, high});
            changed_.notify_all();
        });
        server_->on_release([this](const std::vector<unsigned>& offsets, int pid) {
            const std::lock_guard lock(mutex_);
            releases_.push_back({offsets, pid});
            changed_.notify_all();
        });
        thread_ = std::thread([this] { io_.run(); });
    }
    ~GpioRig() {
        boost::asio::post(io_, [this] { server_.reset(); });
        work_.reset();
        thread_.join();
        std::filesystem::remove_all(folder_);
    }
    GpioRig(const GpioRig&) = delete;
    GpioRig& operator=(const GpioRig&) = delete;

    static constexpr unsigned kPlay = 0, kRecord = 1, kHeartbeat = 2, kTallyPlay = 3, kTachA = 4, kTachB = 5;

    [[nodiscard]] std::filesystem::path socket() const { return folder_ / "gpio.sock"; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    boost::asio::io_context& io() { return io_; }
    GpioServer& server() { return *server_; } ///< on its own thread only

    /// Runs `act` on the server's thread and waits for it.
    template <typename Act>
    auto on_server(Act act) {
        std::packaged_task<decltype(act(std::declval<GpioServer&>()))()> task([&] { return act(*server_); });
        auto done = task.get_future();
        boost::asio::post(io_, [&task] { task(); });
        return done.get();
    }
    bool level(unsigned offset) {
        return on_server([offset](GpioServer& server) { return server.level(offset); });
    }
    void drive(unsigned offset, bool high) {
        on_server([offset, high](GpioServer& server) { server.drive(offset, high, monotonic_now()); });
    }
    /// Waits until what the listeners have noted fulfils the condition.
    bool wait_for(const std::function<bool(const std::vector<Output>&, const std::vector<Release>&)>& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return condition(outputs_, releases_); });
    }
    bool wait_for_outputs(const std::vector<Output>& expected) {
        return wait_for([&](const auto& outputs, const auto&) { return outputs == expected; });
    }

    /// The environment for a program that is to see the chip.
    [[nodiscard]] std::vector<std::string> environment() const {
        return {"LD_PRELOAD=" OVERBIAS_GPIO_SHIM, "OVERBIAS_GPIO_SOCKET=" + socket().string(),
                // a sanitizer in the program must not mind that the shim is loaded before it
                "ASAN_OPTIONS=verify_asan_link_order=0"};
    }

  private:
    std::filesystem::path folder_;
    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(io_);
    std::unique_ptr<GpioServer> server_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Output> outputs_;
    std::vector<Release> releases_;
};

/// A program with pipes to its stdin and stdout. Ends with the object.
class Program {
  public:
    Program(std::vector<std::string> command, const std::vector<std::string>& environment) {
        int to[2], from[2];
        if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipes to be had");
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(to[0], STDIN_FILENO);
            ::dup2(from[1], STDOUT_FILENO);
            for (const std::string& setting : environment) {
                ::putenv(const_cast<char*>(setting.c_str()));
            }
            std::vector<char*> arguments;
            for (std::string& argument : command) {
                arguments.push_back(argument.data());
            }
            arguments.push_back(nullptr);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(to[0]);
        ::close(from[1]);
        in_ = to[1];
        out_ = from[0];
    }
    ~Program() {
        kill();
        ::close(out_);
        if (in_ >= 0) {
            ::close(in_);
        }
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    [[nodiscard]] int pid() const { return pid_; }
    void kill(int signal = SIGKILL) {
        if (!reaped_) {
            ::kill(pid_, signal);
            (void)status();
        }
    }
    void tell(const std::string& line) {
        const std::string text = line + "\n";
        if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            throw std::runtime_error("the program does not listen any more");
        }
    }
    /// The next line it says; throws when none comes in 10 s.
    std::string line() {
        for (;;) {
            if (const auto end = read_.find('\n'); end != std::string::npos) {
                std::string found = read_.substr(0, end);
                read_.erase(0, end + 1);
                return found;
            }
            if (!read_more()) {
                throw std::runtime_error("the program said no line; so far: " + read_);
            }
        }
    }
    std::string ask(const std::string& step) {
        tell(step);
        return line();
    }
    /// Everything it says until it ends.
    std::string all() {
        ::close(in_);
        in_ = -1;
        while (read_more()) {
        }
        return read_;
    }
    int status() {
        if (!reaped_) {
            ::waitpid(pid_, &status_, 0);
            reaped_ = true;
        }
        return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    }

  private:
    bool read_more() {
        pollfd wait{out_, POLLIN, 0};
        char buffer[65536];
        const ssize_t got =
            ::poll(&wait, 1, 10'000) == 1 ? ::read(out_, static_cast<void*>(buffer), sizeof buffer) : -1;
        if (got > 0) {
            read_.append(buffer, static_cast<std::size_t>(got));
        }
        return got > 0;
    }

    int pid_ = -1, in_ = -1, out_ = -1, status_ = 0;
    bool reaped_ = false;
    std::string read_;
};

} // namespace overbias::deck_sim
