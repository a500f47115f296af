// SPDX-License-Identifier: Apache-2.0
#include "transport/io/tach_gpio.hpp"

#include "base/latest_value.hpp"
#include "transport/io/gpio_names.hpp"
#include "transport/io/tach_thread.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/gpio.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::transport {

namespace {

constexpr unsigned kEdgePlaces = 1024; // the most the kernel gives; 0.13 s at 8000 edges a second
constexpr std::size_t kEdgesAtOnce = 64;
constexpr int kOvertakeMs = 2; // how long an edge may come after one with a larger number

class Descriptor {
  public:
    explicit Descriptor(int value = -1) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(value_, other.value_);
        return *this;
    }
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const noexcept { return value_; }

  private:
    int value_;
};

template <std::size_t Size>
std::string text(const char (&words)[Size]) {
    return {words, ::strnlen(words, Size)};
}

struct TachChip {
    Descriptor device;
    GpioChipListing listing;
};

[[noreturn]] void fail_with_errno() {
    throw std::system_error(errno, std::generic_category());
}

/// Throws std::system_error.
TachChip open_chip(const std::string& path) {
    TachChip chip{Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC)), {path, {}, {}, {}}};
    gpiochip_info info{};
    if (chip.device.get() < 0 || ::ioctl(chip.device.get(), GPIO_GET_CHIPINFO_IOCTL, &info) != 0) {
        fail_with_errno();
    }
    chip.listing.name = text(info.name);
    chip.listing.label = text(info.label);
    for (unsigned offset = 0; offset < info.lines; ++offset) {
        gpio_v2_line_info line{};
        line.offset = offset;
        if (::ioctl(chip.device.get(), GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0) {
            fail_with_errno();
        }
        chip.listing.lines.push_back(
            {text(line.name), text(line.consumer), (line.flags & GPIO_V2_LINE_FLAG_USED) != 0});
    }
    return chip;
}

struct TachLines {
    Descriptor request;
    std::string where;
    std::vector<unsigned> offsets; ///< of a, b
};

Descriptor request_lines(const TachChip& chip, const std::vector<unsigned>& offsets, const std::string& consumer) {
    gpio_v2_line_request request{};
    std::copy(offsets.begin(), offsets.end(), request.offsets);
    request.num_lines = static_cast<std::uint32_t>(offsets.size());
    request.event_buffer_size = kEdgePlaces;
    request.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
    consumer.copy(request.consumer, sizeof request.consumer - 1);
    if (::ioctl(chip.device.get(), GPIO_V2_GET_LINE_IOCTL, &request) != 0) {
        fail_with_errno();
    }
    return Descriptor(request.fd);
}

TachLines find_and_request(const TachGpioConfig& config) {
    std::vector<TachChip> chips;
    std::vector<GpioChipListing> listings, others;
    std::vector<std::string> problems, errors;
    for (const std::string& path : gpio_device_paths(config.chip)) {
        try {
            TachChip chip = open_chip(path);
            (is_gpio_chip(chip.listing, config.chip) ? listings : others).push_back(chip.listing);
            if (is_gpio_chip(chip.listing, config.chip)) {
                chips.push_back(std::move(chip));
            }
        } catch (const std::system_error& error) {
            problems.push_back(path + ": " + gpio_error_text(error.code().value()));
        }
    }
    if (chips.empty()) {
        throw std::runtime_error("tach: " + no_gpio_chip(config.chip, others, problems));
    }
    std::vector<std::string> names{config.line_a};
    if (config.kind != TachKind::Single) {
        names.push_back(config.line_b);
    }
    std::vector<GpioPlace> places;
    std::string refused;
    for (const std::string& name : names) {
        const auto place = find_free_gpio_line(listings, config.chip, name);
        if (place) {
            places.push_back(*place);
        } else {
            refused += (refused.empty() ? "tach: " : "\ntach: ") + place.error().message;
        }
    }
    if (!refused.empty()) {
        throw std::runtime_error(refused);
    }
    if (places.front().chip != places.back().chip || (names.size() == 2 && names[0] == names[1])) {
        throw std::runtime_error("tach: lines \"" + names[0] + "\" (" + gpio_chip_text(listings[places[0].chip]) +
                                 ") and \"" + names[1] + "\" (" + gpio_chip_text(listings[places[1].chip]) +
                                 ") must be two lines of one chip: only then is the order of their edges known");
    }
    TachLines lines;
    const TachChip& chip = chips[places.front().chip];
    for (std::size_t i = 0; i < names.size(); ++i) {
        lines.offsets.push_back(places[i].offset);
        lines.where += (i == 0 ? "tach: GPIO line \"" : " and \"") + names[i] + '"';
    }
    lines.where += " of " + gpio_chip_text(chip.listing);
    try {
        lines.request = request_lines(chip, lines.offsets, config.consumer);
    } catch (const std::system_error& error) {
        throw std::runtime_error(lines.where + " refused: " + gpio_error_text(error.code().value()));
    }
    return lines;
}

struct Counted {
    std::int64_t edges = 0;
    std::uint64_t lost = 0;
    std::int64_t last_edge_ns = 0;
};

} // namespace

struct TachGpio::Impl {
    Impl(const SteadyTimeline& timeline_of_tach, const TachGpioConfig& config)
        : timeline(timeline_of_tach), kind(config.kind), active_low(config.active_low), lines(find_and_request(config)),
          end(::eventfd(0, EFD_CLOEXEC)), decoder(config.kind, config.reversed, level(0), level(1)) {
        if (end.get() < 0) {
            throw std::runtime_error(lines.where + ": no event descriptor: " + std::generic_category().message(errno));
        }
        thread.emplace([this] { count(); });
    }
    ~Impl() {
        const std::uint64_t one = 1;
        (void)!::write(end.get(), &one, sizeof one);
        thread.reset(); // waits for its end
    }

    bool level(std::size_t line) {
        if (line >= lines.offsets.size()) {
            return false;
        }
        gpio_v2_line_values values{};
        values.mask = std::uint64_t{1} << line;
        if (::ioctl(lines.request.get(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) != 0) {
            throw std::runtime_error(lines.where + " can't be read: " + gpio_error_text(errno));
        }
        return ((values.bits & values.mask) != 0) != active_low;
    }

    void count() {
        while (true) {
            std::array<pollfd, 2> wait{{{lines.request.get(), POLLIN, 0}, {end.get(), POLLIN, 0}}};
            const int ready = ::poll(wait.data(), wait.size(), decoder.waiting() ? kOvertakeMs : -1);
            if (ready < 0 && errno != EINTR) {
                return lose(errno);
            }
            if (wait[1].revents != 0) {
                return;
            }
            if (ready == 0) {
                decoder.give_up_waiting();
                publish();
            } else if ((wait[0].revents & POLLIN) != 0) {
                if (const int error = read_edges(); error != 0) {
                    return lose(error);
                }
            } else if (ready > 0) {
                return lose(ENODEV);
            }
        }
    }

    int read_edges() {
        std::array<gpio_v2_line_event, kEdgesAtOnce> events;
        const ssize_t bytes = ::read(lines.request.get(), events.data(), sizeof events);
        if (bytes < 0) {
            return errno == EINTR || errno == EAGAIN ? 0 : errno;
        }
        const auto whole = static_cast<std::size_t>(bytes) / sizeof events[0];
        if (whole == 0) {
            return ENODEV; // end of file
        }
        for (std::size_t i = 0; i < whole; ++i) {
            const gpio_v2_line_event& event = events[i];
            decoder.add({event.offset != lines.offsets.front(),
                         (event.id == GPIO_V2_LINE_EVENT_RISING_EDGE) != active_low, event.seqno,
                         std::chrono::nanoseconds(event.timestamp_ns)});
        }
        publish();
        return 0;
    }

    void publish() { counted.rt_publish({decoder.edges(), decoder.lost(), decoder.last_edge().count()}); }
    void lose(int error) {
        const std::scoped_lock lock(lost_mutex);
        lost = lines.where + " has failed: " + gpio_error_text(error);
    }

    const SteadyTimeline& timeline;
    const TachKind kind;
    const bool active_low;
    TachLines lines;
    Descriptor end; ///< written to when the thread shall end
    TachDecoder decoder;
    LatestValue<Counted> counted;
    mutable std::mutex lost_mutex;
    std::string lost;
    std::optional<TachThread> thread;
};

TachGpio::TachGpio(const SteadyTimeline& timeline, const TachGpioConfig& config)
    : impl_(std::make_unique<Impl>(timeline, config)) {
}
TachGpio::~TachGpio() = default;

TachReading TachGpio::read() {
    const Counted counted = impl_->counted.rt_latest();
    TachReading reading;
    reading.edges = counted.edges;
    reading.lost = counted.lost;
    reading.direction_known = impl_->kind != TachKind::Single;
    if (counted.last_edge_ns != 0) {
        reading.last_edge = impl_->timeline.at_monotonic(std::chrono::nanoseconds(counted.last_edge_ns));
    }
    return reading;
}

std::string TachGpio::lost() const {
    const std::scoped_lock lock(impl_->lost_mutex);
    return impl_->lost;
}

bool TachGpio::real_time() const noexcept {
    return impl_->thread->real_time();
}

} // namespace overbias::transport
