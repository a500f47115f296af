// SPDX-License-Identifier: Apache-2.0
// libgpiod 2 (Debian 13): kernel interface v2.
#include "transport/io/gpiod_backend.hpp"

#include <cerrno>
#include <gpiod.h>
#include <system_error>

namespace overbias::transport::gpiod {

namespace {

constexpr std::size_t kEdgePlaces = 64; // of a tally line; what the kernel can't keep, the level read afterwards mends

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

std::string text(const char* words) {
    return words == nullptr ? std::string() : std::string(words);
}

template <auto Free>
struct FreedBy {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};
using ChipHandle = std::unique_ptr<gpiod_chip, FreedBy<gpiod_chip_close>>;
using ChipInfo = std::unique_ptr<gpiod_chip_info, FreedBy<gpiod_chip_info_free>>;
using LineInfo = std::unique_ptr<gpiod_line_info, FreedBy<gpiod_line_info_free>>;
using Settings = std::unique_ptr<gpiod_line_settings, FreedBy<gpiod_line_settings_free>>;
using LineConfig = std::unique_ptr<gpiod_line_config, FreedBy<gpiod_line_config_free>>;
using RequestConfig = std::unique_ptr<gpiod_request_config, FreedBy<gpiod_request_config_free>>;
using RequestHandle = std::unique_ptr<gpiod_line_request, FreedBy<gpiod_line_request_release>>;
using EdgeBuffer = std::unique_ptr<gpiod_edge_event_buffer, FreedBy<gpiod_edge_event_buffer_free>>;

template <typename Handle, typename Pointer>
Handle own(Pointer* made, const char* what) {
    if (made == nullptr) {
        fail(what);
    }
    return Handle(made);
}

void check(int status, const char* what) {
    if (status != 0) {
        fail(what);
    }
}

class LineV2 final : public Line {
  public:
    LineV2(RequestHandle request, unsigned offset, bool has_edges)
        : request_(std::move(request)), offset_(offset),
          fd_(has_edges ? gpiod_line_request_get_fd(request_.get()) : -1) {
        if (has_edges) {
            buffer_ = own<EdgeBuffer>(gpiod_edge_event_buffer_new(kEdgePlaces), "making room for edges");
        }
    }
    int set(bool high) noexcept override {
        const auto value = high ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
        return gpiod_line_request_set_value(request_.get(), offset_, value) == 0 ? 0 : errno;
    }
    int get(bool& high) const noexcept override {
        const gpiod_line_value value = gpiod_line_request_get_value(request_.get(), offset_);
        if (value == GPIOD_LINE_VALUE_ERROR) {
            return errno;
        }
        high = value == GPIOD_LINE_VALUE_ACTIVE;
        return 0;
    }
    int edge_fd() const noexcept override { return fd_; }
    int read_edges(std::vector<Edge>& edges) override {
        const int count = gpiod_line_request_read_edge_events(request_.get(), buffer_.get(), kEdgePlaces);
        if (count < 0) {
            return errno;
        }
        for (int i = 0; i < count; ++i) {
            gpiod_edge_event* const event =
                gpiod_edge_event_buffer_get_event(buffer_.get(), static_cast<unsigned long>(i));
            edges.push_back({gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
                             std::chrono::nanoseconds(gpiod_edge_event_get_timestamp_ns(event))});
        }
        return 0;
    }

  private:
    RequestHandle request_;
    unsigned offset_;
    int fd_;
    EdgeBuffer buffer_;
};

class ChipV2 final : public Chip {
  public:
    explicit ChipV2(const std::string& path) : path_(path), chip_(gpiod_chip_open(path.c_str())) {
        if (!chip_) {
            fail("opening " + path);
        }
    }

    GpioChipListing list() override {
        const auto info = own<ChipInfo>(gpiod_chip_get_info(chip_.get()), "asking the chip");
        GpioChipListing listing{
            path_, text(gpiod_chip_info_get_name(info.get())), text(gpiod_chip_info_get_label(info.get())), {}};
        for (unsigned offset = 0; offset < gpiod_chip_info_get_num_lines(info.get()); ++offset) {
            const auto line = own<LineInfo>(gpiod_chip_get_line_info(chip_.get(), offset), "asking for a line");
            listing.lines.push_back({text(gpiod_line_info_get_name(line.get())),
                                     text(gpiod_line_info_get_consumer(line.get())),
                                     gpiod_line_info_is_used(line.get())});
        }
        return listing;
    }
    std::unique_ptr<Line> output(unsigned offset, bool high, GpioLineConfig::Drive drive,
                                 const std::string& consumer) override {
        const auto settings = own<Settings>(gpiod_line_settings_new(), "making line settings");
        const auto value = high ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
        const auto how = drive == GpioLineConfig::Drive::OpenDrain    ? GPIOD_LINE_DRIVE_OPEN_DRAIN
                         : drive == GpioLineConfig::Drive::OpenSource ? GPIOD_LINE_DRIVE_OPEN_SOURCE
                                                                      : GPIOD_LINE_DRIVE_PUSH_PULL;
        check(gpiod_line_settings_set_direction(settings.get(), GPIOD_LINE_DIRECTION_OUTPUT), "setting the direction");
        check(gpiod_line_settings_set_drive(settings.get(), how), "setting the drive");
        check(gpiod_line_settings_set_output_value(settings.get(), value), "setting the first level");
        return std::make_unique<LineV2>(request(offset, settings, consumer), offset, false);
    }
    std::unique_ptr<Line> input(unsigned offset, GpioLineConfig::Bias bias, const std::string& consumer) override {
        const auto settings = own<Settings>(gpiod_line_settings_new(), "making line settings");
        const auto how = bias == GpioLineConfig::Bias::PullUp     ? GPIOD_LINE_BIAS_PULL_UP
                         : bias == GpioLineConfig::Bias::PullDown ? GPIOD_LINE_BIAS_PULL_DOWN
                         : bias == GpioLineConfig::Bias::Disabled ? GPIOD_LINE_BIAS_DISABLED
                                                                  : GPIOD_LINE_BIAS_AS_IS;
        check(gpiod_line_settings_set_direction(settings.get(), GPIOD_LINE_DIRECTION_INPUT), "setting the direction");
        check(gpiod_line_settings_set_edge_detection(settings.get(), GPIOD_LINE_EDGE_BOTH), "asking for edges");
        check(gpiod_line_settings_set_bias(settings.get(), how), "setting the bias");
        return std::make_unique<LineV2>(request(offset, settings, consumer), offset, true);
    }

  private:
    RequestHandle request(unsigned offset, const Settings& settings, const std::string& consumer) {
        const auto lines = own<LineConfig>(gpiod_line_config_new(), "making a line configuration");
        const auto how = own<RequestConfig>(gpiod_request_config_new(), "making a request");
        check(gpiod_line_config_add_line_settings(lines.get(), &offset, 1, settings.get()), "configuring a line");
        gpiod_request_config_set_consumer(how.get(), consumer.c_str());
        gpiod_request_config_set_event_buffer_size(how.get(), kEdgePlaces);
        return own<RequestHandle>(gpiod_chip_request_lines(chip_.get(), how.get(), lines.get()), "requesting a line");
    }
    std::string path_;
    ChipHandle chip_;
};

} // namespace

std::unique_ptr<Chip> Chip::open(const std::string& path) {
    return std::make_unique<ChipV2>(path);
}

std::string library_version() {
    return text(gpiod_api_version());
}

} // namespace overbias::transport::gpiod
