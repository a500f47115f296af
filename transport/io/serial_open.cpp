// SPDX-License-Identifier: Apache-2.0
#include "transport/io/serial_open.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <linux/serial.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <thread>
#include <unistd.h>

namespace overbias::transport {

namespace {

struct Rate {
    int baud;
    speed_t code;
};
constexpr std::array kRates{Rate{1200, B1200},     Rate{2400, B2400},     Rate{4800, B4800},
                            Rate{9600, B9600},     Rate{19200, B19200},   Rate{38400, B38400},
                            Rate{57600, B57600},   Rate{115200, B115200}, Rate{230400, B230400},
                            Rate{460800, B460800}, Rate{921600, B921600}, Rate{1000000, B1000000}};

const Rate* rate_of(int baud) noexcept {
    const auto* found =
        std::find_if(kRates.begin(), kRates.end(), [baud](const Rate& rate) { return rate.baud == baud; });
    return found == kRates.end() ? nullptr : found;
}

/// Pseudo terminals (majors 136 to 143) have neither baud rate nor parity.
bool is_pseudo_terminal(int descriptor) {
    struct stat about {};
    return ::fstat(descriptor, &about) == 0 && S_ISCHR(about.st_mode) && major(about.st_rdev) >= 136 &&
           major(about.st_rdev) <= 143;
}

std::string real_path(const std::string& device) {
    std::array<char, PATH_MAX> path{};
    return ::realpath(device.c_str(), path.data()) != nullptr ? path.data() : device;
}

std::string group_of(const std::string& device) {
    struct stat about {};
    std::array<char, 1024> buffer{};
    group entry{};
    group* found = nullptr;
    if (::stat(device.c_str(), &about) == 0 &&
        ::getgrgid_r(about.st_gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        return found->gr_name;
    }
    return "dialout";
}

Error in_use(const std::string& device) {
    const std::string users = users_of_device(device);
    return {"is in use by " + (users.empty() ? "another program" : users) + ", and a deck takes one master; end it"};
}

Error cannot_open(const std::string& device, int why) {
    switch (why) {
    case ENOENT:
    case ENODEV:
    case ENXIO:
        return {"there is no such device: is the adapter plugged in? (ls -l /dev/serial/by-id)"};
    case EACCES:
    case EPERM:
        return {"permission denied: add the daemon's user to group " + group_of(device)};
    case EBUSY:
        return in_use(device);
    default:
        return {std::string("can't be opened: ") + std::strerror(why)};
    }
}

Result<void> set(int descriptor, const SerialSettings& settings) {
    termios wanted{};
    if (::tcgetattr(descriptor, &wanted) != 0) {
        return Error{std::string("is no serial port: ") + std::strerror(errno)};
    }
    ::cfmakeraw(&wanted);
    wanted.c_iflag &= ~static_cast<tcflag_t>(IGNPAR | IGNBRK | BRKINT | IXON | IXOFF | IXANY | ISTRIP);
    wanted.c_iflag |= INPCK | PARMRK;
    if (settings.xon_xoff) {
        wanted.c_iflag |= IXON | IXOFF;
    }
    wanted.c_cflag &= ~static_cast<tcflag_t>(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS | HUPCL);
    wanted.c_cflag |= CS8 | CREAD | CLOCAL;
    if (settings.parity != SerialParity::None) {
        wanted.c_cflag |= settings.parity == SerialParity::Odd ? PARENB | PARODD : PARENB;
    }
    wanted.c_cc[VMIN] = 1;
    wanted.c_cc[VTIME] = 0;
    ::cfsetspeed(&wanted, rate_of(settings.baud)->code);
    // the answer of tcsetattr() says little: it is "done" when anything was, and an error on a pseudo terminal that is
    // asked for parity twice. What counts is what stands afterwards.
    ::tcsetattr(descriptor, TCSANOW, &wanted);
    termios got{};
    if (::tcgetattr(descriptor, &got) != 0) {
        return Error{std::string("its settings can't be read back: ") + std::strerror(errno)};
    }
    const tcflag_t parity = is_pseudo_terminal(descriptor) ? 0 : PARENB | PARODD;
    if (((got.c_cflag ^ wanted.c_cflag) & (parity | CSIZE | CSTOPB | CREAD)) != 0 || got.c_iflag != wanted.c_iflag ||
        ::cfgetospeed(&got) != ::cfgetospeed(&wanted)) {
        return Error{"does not take " + std::to_string(settings.baud) + " baud, 8 data bits, " +
                     (settings.parity == SerialParity::None  ? "no"
                      : settings.parity == SerialParity::Odd ? "odd"
                                                             : "even") +
                     " parity: use another adapter"};
    }
    // USB adapters that hold bytes back for 16 ms send them at once then; others do not know it
    serial_struct more{};
    if (::ioctl(descriptor, TIOCGSERIAL, &more) == 0 && (more.flags & ASYNC_LOW_LATENCY) == 0) {
        more.flags |= ASYNC_LOW_LATENCY;
        ::ioctl(descriptor, TIOCSSERIAL, &more);
    }
    ::tcflush(descriptor, TCIFLUSH); // what came before our settings was read with somebody else's
    return {};
}

} // namespace

bool serial_baud_exists(int baud) noexcept {
    return rate_of(baud) != nullptr;
}

Result<int> open_serial(const SerialSettings& settings) {
    const int descriptor = ::open(settings.device.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return cannot_open(settings.device, errno);
    }
    const auto give_up = [descriptor](Error error) {
        ::close(descriptor);
        return error;
    };
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) { // TIOCEXCL does not keep root out
        return give_up(in_use(settings.device));
    }
    if (auto done = set(descriptor, settings); !done) {
        return give_up(done.error());
    }
    if (::ioctl(descriptor, TIOCEXCL) != 0) {
        return give_up({std::string("can't be had for ourselves alone: ") + std::strerror(errno)});
    }
    return descriptor;
}

void leave_serial(int descriptor, double waits_s) noexcept {
    // close() itself would wait for a line that is held, for half a minute
    const auto until = std::chrono::steady_clock::now() + std::chrono::duration<double>(waits_s);
    int waiting = 0;
    while (::ioctl(descriptor, TIOCOUTQ, &waiting) == 0 && waiting > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::tcflush(descriptor, TCIOFLUSH);
    ::ioctl(descriptor, TIOCNXCL); // a terminal that others hold open too would stay ours
}

std::string users_of_device(const std::string& device) {
    namespace fs = std::filesystem;
    const std::string wanted = real_path(device);
    std::string users;
    std::error_code error;
    for (fs::directory_iterator process("/proc", error), end; !error && process != end; process.increment(error)) {
        const std::string pid = process->path().filename();
        if (pid.find_first_not_of("0123456789") != std::string::npos) {
            continue;
        }
        std::error_code hidden; // other users' are
        for (fs::directory_iterator file(process->path() / "fd", hidden), none; !hidden && file != none;
             file.increment(hidden)) {
            std::error_code gone;
            if (fs::read_symlink(file->path(), gone) != wanted || gone) {
                continue;
            }
            std::string name;
            std::ifstream(process->path() / "comm") >> name;
            users += (users.empty() ? "" : ", ") + name + " (pid " + pid + ")";
            break;
        }
    }
    return users;
}

} // namespace overbias::transport
