// SPDX-License-Identifier: Apache-2.0
// serial_bench [COUNT]: a round trip over a serial line, the length of a 9-pin status sense: 4 bytes there, 13 back.
//
// ours:  median microseconds through SerialPort as the drivers use it: send() on the timeline's thread, until the last
//        byte of the answer has come to on_bytes().
// other: the same with write(), poll() and read() on a raw descriptor of the same terminal's make, in a thread of its
//        own as ours is.
// Each has a pseudo terminal of its own, answered by the same far end (a thread that reads and writes the master);
// COUNT (3000) round trips of each, in turn. Ends with 1 when the ratio is above its limit of 1.3.
#include "base/async/steady_timeline.hpp"
#include "bench/bench_numbers.hpp"
#include "transport/io/serial_port.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <future>
#include <poll.h>
#include <pty.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace overbias::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kLimit = 1.3;
constexpr std::array<std::uint8_t, 4> kQuestion{0x61, 0x20, 0x0A, 0x8B};
constexpr std::array<std::uint8_t, 13> kAnswer{0x7A, 0x20, 0x00, 0x20, 0x02, 0, 0, 0, 0, 0, 0, 0, 0xBC};

/// The device's end of a line: answers every question.
class FarEnd {
  public:
    FarEnd() {
        int slave = -1;
        std::array<char, 128> name{};
        if (::openpty(&master_, &slave, name.data(), nullptr, nullptr) != 0) {
            throw std::runtime_error("no pseudo terminal");
        }
        termios raw{};
        ::tcgetattr(slave, &raw);
        ::cfmakeraw(&raw);
        ::tcsetattr(slave, TCSANOW, &raw);
        slave_ = slave; // kept open, so that the line never hangs up
        path_ = name.data();
        thread_ = std::thread([this] { serve(); });
    }
    ~FarEnd() {
        eventfd_write(end_, 1);
        thread_.join();
        for (const int fd : {master_, slave_, end_}) {
            ::close(fd);
        }
    }
    FarEnd(const FarEnd&) = delete;
    FarEnd& operator=(const FarEnd&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    void serve() const {
        std::array<pollfd, 2> wait{{{master_, POLLIN, 0}, {end_, POLLIN, 0}}};
        std::size_t heard = 0;
        while (::poll(wait.data(), wait.size(), -1) > 0 && wait[1].revents == 0) {
            std::array<std::uint8_t, 64> some{};
            const ssize_t got = ::read(master_, some.data(), some.size());
            heard += got > 0 ? static_cast<std::size_t>(got) : 0;
            for (; heard >= kQuestion.size(); heard -= kQuestion.size()) {
                if (::write(master_, kAnswer.data(), kAnswer.size()) != static_cast<ssize_t>(kAnswer.size())) {
                    return;
                }
            }
        }
    }
    int master_ = -1, slave_ = -1, end_ = eventfd(0, 0);
    std::string path_;
    std::thread thread_;
};

/// SerialPort on its timeline's thread.
class OurLine {
  public:
    explicit OurLine(const std::string& path) : port_(timeline_, {.device = path, .baud = 38400}) {
        port_.on_bytes([this](std::span<const std::uint8_t> bytes, bool, DeckTime) {
            heard_ += bytes.size();
            if (heard_ == kAnswer.size()) {
                done_.set_value(Clock::now());
            }
        });
        thread_ = std::thread([this] { timeline_.run(); });
    }
    ~OurLine() {
        timeline_.stop();
        thread_.join();
    }
    OurLine(const OurLine&) = delete;
    OurLine& operator=(const OurLine&) = delete;
    double round_trip() {
        heard_ = 0;
        done_ = std::promise<Clock::time_point>();
        Clock::time_point sent;
        timeline_.post([this, &sent] {
            sent = Clock::now();
            if (!port_.send(kQuestion)) {
                done_.set_value(sent);
            }
        });
        auto answered = done_.get_future();
        if (answered.wait_for(std::chrono::seconds(5)) != std::future_status::ready || heard_ != kAnswer.size()) {
            throw std::runtime_error("ours: no answer within 5 s");
        }
        return std::chrono::duration<double, std::micro>(answered.get() - sent).count();
    }

  private:
    SteadyTimeline timeline_;
    transport::SerialPort port_;
    std::size_t heard_ = 0;
    std::promise<Clock::time_point> done_;
    std::thread thread_;
};

/// write, poll, read.
class RawLine {
  public:
    explicit RawLine(const std::string& path)
        : fd_(::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)), thread_([this] { serve(); }) {}
    ~RawLine() {
        eventfd_write(go_, kEnd);
        thread_.join();
        ::close(fd_);
        ::close(go_);
    }
    RawLine(const RawLine&) = delete;
    RawLine& operator=(const RawLine&) = delete;
    [[nodiscard]] double round_trip() {
        took_us_ = std::promise<double>();
        auto took = took_us_.get_future();
        eventfd_write(go_, 1);
        return took.get();
    }

  private:
    static constexpr eventfd_t kEnd = 1000;
    void serve() {
        for (eventfd_t what = 0; eventfd_read(go_, &what) == 0 && what < kEnd;) {
            try {
                took_us_.set_value(ask());
            } catch (...) {
                took_us_.set_exception(std::current_exception());
            }
        }
    }
    [[nodiscard]] double ask() const {
        const Clock::time_point sent = Clock::now();
        if (::write(fd_, kQuestion.data(), kQuestion.size()) != static_cast<ssize_t>(kQuestion.size())) {
            throw std::runtime_error("raw: the line takes nothing");
        }
        pollfd wait{fd_, POLLIN, 0};
        std::array<std::uint8_t, 64> some{};
        for (std::size_t heard = 0; heard < kAnswer.size();) {
            if (::poll(&wait, 1, 5000) != 1) {
                throw std::runtime_error("raw: no answer within 5 s");
            }
            const ssize_t got = ::read(fd_, some.data(), some.size());
            heard += got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        return std::chrono::duration<double, std::micro>(Clock::now() - sent).count();
    }
    int fd_, go_ = eventfd(0, 0);
    std::promise<double> took_us_;
    std::thread thread_;
};

int run(int count) {
    FarEnd our_end, raw_end;
    OurLine ours(our_end.path());
    RawLine raw(raw_end.path());
    std::vector<double> our_us, raw_us;
    constexpr int kWarmUp = 50;
    for (int turn = 0; turn < count + kWarmUp; ++turn) {
        double ours_took = 0.0, raw_took = 0.0;
        for (const bool ours_now : {turn % 2 == 0, turn % 2 != 0}) {
            (ours_now ? ours_took : raw_took) = ours_now ? ours.round_trip() : raw.round_trip();
        }
        if (turn >= kWarmUp) {
            our_us.push_back(ours_took);
            raw_us.push_back(raw_took);
        }
    }
    return print_comparison("serial/roundtrip-vs-raw", our_us, raw_us) <= kLimit ? 0 : 1;
}

} // namespace
} // namespace overbias::bench

int main(int argc, char** argv) {
    try {
        return overbias::bench::run(argc > 1 ? std::atoi(argv[1]) : 3000);
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "serial_bench: %s\n", failure.what());
        return 2;
    }
}
