// SPDX-License-Identifier: Apache-2.0
// libgpiod 1.5 and 1.6 (Debian 12): kernel interface v1. A line handle or an event descriptor for each line; the kernel
// keeps 16 edges a line and throws newer ones away without a trace.
#include "transport/io/gpiod_backend.hpp"

#include <cerrno>
#include <gpiod.h>
#include <system_error>

namespace overbias::transport::gpiod {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string text(const char* words) {
    return words == nullptr ? std::string() : std::string(words);
}

class LineV1 final : public Line {
  public:
    LineV1(gpiod_line* line, const gpiod_line_request_config& config, int initial) : line_(line) {
        if (gpiod_line_request(line_, &config, initial) != 0) {
            fail("requesting a line");
        }
        fd_ = config.request_type == GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES ? gpiod_line_event_get_fd(line_) : -1;
    }
    ~LineV1() override { gpiod_line_release(line_); }

    int set(bool high) noexcept override { return gpiod_line_set_value(line_, high ? 1 : 0) == 0 ? 0 : errno; }
    int get(bool& high) const noexcept override {
        const int value = gpiod_line_get_value(line_);
        if (value < 0) {
            return errno;
        }
        high = value == 1;
        return 0;
    }
    int edge_fd() const noexcept override { return fd_; }
    int read_edges(std::vector<Edge>& edges) override {
        gpiod_line_event events[16]; // as many as the kernel keeps
        const int count = gpiod_line_event_read_multiple(line_, events, std::size(events));
        if (count < 0) {
            return errno;
        }
        for (int i = 0; i < count; ++i) {
            const gpiod_line_event& event = events[i];
            edges.push_back({event.event_type == GPIOD_LINE_EVENT_RISING_EDGE,
                             std::chrono::seconds(event.ts.tv_sec) + std::chrono::nanoseconds(event.ts.tv_nsec)});
        }
        return 0;
    }

  private:
    gpiod_line* line_; // the chip's
    int fd_ = -1;
};

class ChipV1 final : public Chip {
  public:
    explicit ChipV1(const std::string& path) : path_(path), chip_(gpiod_chip_open(path.c_str())) {
        if (chip_ == nullptr) {
            fail("opening " + path);
        }
    }
    ~ChipV1() override { gpiod_chip_close(chip_); }

    GpioChipListing list() override {
        GpioChipListing listing{path_, text(gpiod_chip_name(chip_)), text(gpiod_chip_label(chip_)), {}};
        for (unsigned offset = 0; offset < gpiod_chip_num_lines(chip_); ++offset) {
            gpiod_line* const line = at(offset);
            listing.lines.push_back(
                {text(gpiod_line_name(line)), text(gpiod_line_consumer(line)), gpiod_line_is_used(line)});
        }
        return listing;
    }
    std::unique_ptr<Line> output(unsigned offset, bool high, GpioLineConfig::Drive drive,
                                 const std::string& consumer) override {
        const int flags = drive == GpioLineConfig::Drive::OpenDrain    ? int{GPIOD_LINE_REQUEST_FLAG_OPEN_DRAIN}
                          : drive == GpioLineConfig::Drive::OpenSource ? int{GPIOD_LINE_REQUEST_FLAG_OPEN_SOURCE}
                                                                       : 0;
        return std::make_unique<LineV1>(
            at(offset), gpiod_line_request_config{consumer.c_str(), GPIOD_LINE_REQUEST_DIRECTION_OUTPUT, flags},
            high ? 1 : 0);
    }
    std::unique_ptr<Line> input(unsigned offset, GpioLineConfig::Bias bias, const std::string& consumer) override {
        const int flags = bias == GpioLineConfig::Bias::PullUp     ? int{GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP}
                          : bias == GpioLineConfig::Bias::PullDown ? int{GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN}
                          : bias == GpioLineConfig::Bias::Disabled ? int{GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE}
                                                                   : 0;
        return std::make_unique<LineV1>(
            at(offset), gpiod_line_request_config{consumer.c_str(), GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES, flags}, 0);
    }

  private:
    gpiod_line* at(unsigned offset) {
        gpiod_line* const line = gpiod_chip_get_line(chip_, offset);
        if (line == nullptr) {
            fail("asking for line " + std::to_string(offset));
        }
        return line;
    }
    std::string path_;
    gpiod_chip* chip_;
};

} // namespace

std::unique_ptr<Chip> Chip::open(const std::string& path) {
    return std::make_unique<ChipV1>(path);
}

std::string library_version() {
    return text(gpiod_version_string());
}

} // namespace overbias::transport::gpiod
