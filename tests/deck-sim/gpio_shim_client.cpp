// SPDX-License-Identifier: Apache-2.0
// A program that speaks the ioctls of linux/gpio.h to /dev/gpiochip0 and knows nothing of any shim: it does what stdin
// tells it, one line a step, and answers one line. The test preloads the shim into it.
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <iostream>
#include <linux/gpio.h>
#include <map>
#include <poll.h>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

int chip = -1;
std::map<int, int> requests; ///< our number -> descriptor
std::map<int, bool> is_v2;
int next_number = 1;

std::string failed() {
    return std::string("errno ") + ::strerrorname_np(errno);
}

std::string add(int fd, bool v2) {
    requests[next_number] = fd;
    is_v2[next_number] = v2;
    return std::to_string(next_number++);
}

std::vector<unsigned> rest(std::istream& in) {
    std::vector<unsigned> numbers;
    for (unsigned number; in >> number;) {
        numbers.push_back(number);
    }
    return numbers;
}

std::string open_chip() {
    chip = ::open("/dev/gpiochip0", O_RDWR | O_CLOEXEC);
    return chip < 0 ? failed() : "ok";
}

std::string chip_info() {
    gpiochip_info info{};
    if (::ioctl(chip, GPIO_GET_CHIPINFO_IOCTL, &info) != 0) {
        return failed();
    }
    return std::string(info.name) + " " + info.label + " " + std::to_string(info.lines);
}

// "v1-info OFFSET" and "v2-info OFFSET": name consumer flags
std::string line_info(std::istream& in, bool v2) {
    std::ostringstream out;
    if (v2) {
        gpio_v2_line_info info{};
        in >> info.offset;
        if (::ioctl(chip, GPIO_V2_GET_LINEINFO_IOCTL, &info) != 0) {
            return failed();
        }
        out << info.name << " " << (info.consumer[0] != '\0' ? info.consumer : "-") << " " << info.flags;
    } else {
        gpioline_info info{};
        in >> info.line_offset;
        if (::ioctl(chip, GPIO_GET_LINEINFO_IOCTL, &info) != 0) {
            return failed();
        }
        out << info.name << " " << (info.consumer[0] != '\0' ? info.consumer : "-") << " " << info.flags;
    }
    return out.str();
}

// "v2 FLAGS BUFFER VALUES CONSUMER OFFSET...": the number of the request
std::string v2_request(std::istream& in) {
    gpio_v2_line_request request{};
    std::uint64_t flags = 0, values = 0;
    std::string consumer;
    in >> flags >> request.event_buffer_size >> values >> consumer;
    std::strncpy(request.consumer, consumer.c_str(), sizeof request.consumer - 1);
    request.config.flags = flags;
    for (const unsigned offset : rest(in)) {
        request.offsets[request.num_lines++] = offset;
    }
    if (values != 0) {
        request.config.num_attrs = 1;
        request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
        request.config.attrs[0].attr.values = values;
        request.config.attrs[0].mask = ~std::uint64_t{0};
    }
    return ::ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) != 0 ? failed() : add(request.fd, true);
}

// "v1 FLAGS VALUE CONSUMER OFFSET..."
std::string v1_request(std::istream& in) {
    gpiohandle_request request{};
    unsigned value = 0;
    std::string consumer;
    in >> request.flags >> value >> consumer;
    std::strncpy(request.consumer_label, consumer.c_str(), sizeof request.consumer_label - 1);
    for (const unsigned offset : rest(in)) {
        request.default_values[request.lines] = static_cast<std::uint8_t>(value);
        request.lineoffsets[request.lines++] = offset;
    }
    return ::ioctl(chip, GPIO_GET_LINEHANDLE_IOCTL, &request) != 0 ? failed() : add(request.fd, false);
}

// "v1-event HANDLEFLAGS EVENTFLAGS OFFSET"
std::string v1_event(std::istream& in) {
    gpioevent_request request{};
    in >> request.handleflags >> request.eventflags >> request.lineoffset;
    std::strcpy(request.consumer_label, "events");
    return ::ioctl(chip, GPIO_GET_LINEEVENT_IOCTL, &request) != 0 ? failed() : add(request.fd, false);
}

// "set NUMBER MASK BITS"
std::string set(std::istream& in) {
    int number = 0;
    std::uint64_t mask = 0, bits = 0;
    in >> number >> mask >> bits;
    if (is_v2[number]) {
        gpio_v2_line_values values{bits, mask};
        return ::ioctl(requests[number], GPIO_V2_LINE_SET_VALUES_IOCTL, &values) != 0 ? failed() : "ok";
    }
    gpiohandle_data data{};
    for (unsigned i = 0; i < GPIOHANDLES_MAX; ++i) {
        data.values[i] = static_cast<std::uint8_t>((bits >> i) & 1);
    }
    return ::ioctl(requests[number], GPIOHANDLE_SET_LINE_VALUES_IOCTL, &data) != 0 ? failed() : "ok";
}

// "get NUMBER": the bits
std::string get(std::istream& in) {
    int number = 0;
    in >> number;
    std::uint64_t bits = 0;
    if (is_v2[number]) {
        gpio_v2_line_values values{0, ~std::uint64_t{0}};
        if (::ioctl(requests[number], GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0) {
            return failed();
        }
        bits = values.bits;
    } else {
        gpiohandle_data data{};
        if (::ioctl(requests[number], GPIOHANDLE_GET_LINE_VALUES_IOCTL, &data) != 0) {
            return failed();
        }
        for (unsigned i = 0; i < GPIOHANDLES_MAX; ++i) {
            bits |= std::uint64_t{data.values[i]} << i;
        }
    }
    return std::to_string(bits);
}

// "config NUMBER FLAGS" (v2)
std::string configure(std::istream& in) {
    int number = 0;
    gpio_v2_line_config config{};
    std::uint64_t flags = 0;
    in >> number >> flags;
    config.flags = flags;
    return ::ioctl(requests[number], GPIO_V2_LINE_SET_CONFIG_IOCTL, &config) != 0 ? failed() : "ok";
}

// "read NUMBER COUNT TIMEOUT_MS": id:offset:seqno:line_seqno:time of each edge, until COUNT or nothing comes for so
// long
std::string read_edges(std::istream& in) {
    int number = 0, timeout_ms = 0;
    std::size_t count = 0;
    in >> number >> count >> timeout_ms;
    std::ostringstream out;
    std::size_t got = 0;
    while (got < count) {
        pollfd wait{requests[number], POLLIN | POLLPRI, 0};
        if (::poll(&wait, 1, timeout_ms) <= 0) {
            break;
        }
        gpio_v2_line_event events[64];
        gpioevent_data v1_events[16];
        const bool v2 = is_v2[number];
        const ssize_t bytes = v2 ? ::read(requests[number], static_cast<void*>(events), sizeof events)
                                 : ::read(requests[number], static_cast<void*>(v1_events), sizeof v1_events);
        if (bytes <= 0) {
            out << (bytes < 0 ? failed() : "end-of-file") << " ";
            break;
        }
        const std::size_t size = v2 ? sizeof events[0] : sizeof v1_events[0];
        if (static_cast<std::size_t>(bytes) % size != 0) {
            out << "torn ";
            break;
        }
        for (std::size_t i = 0; i < static_cast<std::size_t>(bytes) / size; ++i, ++got) {
            if (v2) {
                out << events[i].id << ":" << events[i].offset << ":" << events[i].seqno << ":" << events[i].line_seqno
                    << ":" << events[i].timestamp_ns << " ";
            } else {
                out << v1_events[i].id << ":0:0:0:" << v1_events[i].timestamp << " ";
            }
        }
    }
    return out.str();
}

// "poll NUMBER TIMEOUT_MS": what poll() says
std::string poll_events(std::istream& in) {
    int number = 0, timeout_ms = 0;
    in >> number >> timeout_ms;
    pollfd wait{requests[number], POLLIN | POLLPRI, 0};
    if (::poll(&wait, 1, timeout_ms) <= 0) {
        return "nothing";
    }
    return (wait.revents & (POLLHUP | POLLERR)) != 0 ? "hang-up" : "readable";
}

// "close NUMBER"
std::string close_request(std::istream& in) {
    int number = 0;
    in >> number;
    ::close(requests[number]);
    return "ok";
}

// "dup NUMBER": another number for the same request
std::string dup_request(std::istream& in) {
    int number = 0;
    in >> number;
    const int fd = ::dup(requests[number]);
    return fd < 0 ? failed() : add(fd, is_v2[number]);
}

// "fork NUMBER": sets line 0 of the request from a child
std::string set_from_child(std::istream& in) {
    int number = 0;
    in >> number;
    const pid_t child = ::fork();
    if (child == 0) {
        gpio_v2_line_values values{1, 1};
        ::_exit(::ioctl(requests[number], GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0 ? "ok" : "failed";
}

// "threads NUMBER COUNT": two threads, one sets line 0 and the other reads back, COUNT times each
std::string two_threads(std::istream& in) {
    int number = 0, count = 0;
    in >> number >> count;
    int failures = 0;
    std::thread reader([&] {
        for (int i = 0; i < count; ++i) {
            gpio_v2_line_values values{0, 3};
            failures +=
                ::ioctl(requests[number], GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0 || (values.bits & 2) == 0;
        }
    });
    int own = 0;
    for (int i = 0; i < count; ++i) {
        gpio_v2_line_values values{static_cast<std::uint64_t>(i & 1), 1};
        own += ::ioctl(requests[number], GPIO_V2_LINE_SET_VALUES_IOCTL, &values) != 0;
    }
    reader.join();
    return std::to_string(failures + own);
}

// "stat": what the files say of themselves
std::string stats() {
    struct stat by_name {
    }, by_descriptor{};
    if (::stat("/dev/gpiochip0", &by_name) != 0) {
        return failed();
    }
    ::fstat(chip, &by_descriptor);
    char* subsystem = ::realpath("/sys/dev/char/254:0/subsystem", nullptr);
    std::ostringstream out;
    out << (S_ISCHR(by_name.st_mode) ? "chr " : "other ") << major(by_name.st_rdev) << ":" << minor(by_name.st_rdev)
        << (S_ISCHR(by_descriptor.st_mode) ? " chr " : " other ") << (subsystem != nullptr ? subsystem : "none");
    ::free(subsystem);
    return out.str();
}

std::string step(const std::string& line) {
    std::istringstream in(line);
    std::string what;
    in >> what;
    if (what == "open") {
        return open_chip();
    }
    if (what == "chip") {
        return chip_info();
    }
    if (what == "v1-info" || what == "v2-info") {
        return line_info(in, what == "v2-info");
    }
    const std::map<std::string, std::string (*)(std::istream&)> steps{
        {"v2", v2_request},
        {"v1", v1_request},
        {"v1-event", v1_event},
        {"set", set},
        {"get", get},
        {"config", configure},
        {"read", read_edges},
        {"poll", poll_events},
        {"close", close_request},
        {"dup", dup_request},
        {"fork", set_from_child},
        {"threads", two_threads},
    };
    const auto found = steps.find(what);
    return what == "stat" ? stats() : found == steps.end() ? "unknown step " + line : found->second(in);
}

} // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << step(line) << std::endl;
    }
}
