// SPDX-License-Identifier: Apache-2.0
#include "transport/io/gpiod_lines.hpp"

#include "transport/io/gpio_names.hpp"
#include "transport/io/gpiod_lines_impl.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace overbias::transport {

namespace {

namespace asio = boost::asio;

const std::string& kernel_name(const GpioLineConfig& config) {
    return config.line.empty() ? config.name : config.line;
}

struct OpenChips {
    std::vector<std::unique_ptr<gpiod::Chip>> chips;
    std::vector<GpioChipListing> listings; ///< of the same chips
    std::vector<std::string> problems;     ///< of those that could not be opened
};

/// Those that `chip` means. Throws std::runtime_error when there is none.
OpenChips open_chips(const std::string& chip) {
    OpenChips open;
    std::vector<GpioChipListing> others;
    for (const std::string& path : gpio_device_paths(chip)) {
        try {
            auto opened = gpiod::Chip::open(path);
            GpioChipListing listing = opened->list();
            if (is_gpio_chip(listing, chip)) {
                open.chips.push_back(std::move(opened));
                open.listings.push_back(std::move(listing));
            } else {
                others.push_back(std::move(listing));
            }
        } catch (const std::system_error& error) {
            open.problems.push_back(path + ": " + gpio_error_text(error.code().value()));
        }
    }
    if (open.chips.empty()) {
        throw std::runtime_error(no_gpio_chip(chip, others, open.problems));
    }
    return open;
}

/// Everything that is wrong is told at once.
[[noreturn]] void refuse(const std::vector<std::string>& errors, const std::vector<std::string>& problems = {}) {
    std::string text;
    for (const auto* part : {&errors, &problems}) {
        for (const std::string& line : *part) {
            text.append(text.empty() ? "" : "\n").append(line);
        }
    }
    throw std::runtime_error(text);
}

std::vector<GpioPlace> find_places(const GpioLinesConfig& config, const OpenChips& open) {
    std::vector<GpioPlace> places;
    std::vector<std::string> errors, lines;
    for (const auto* group : {&config.outputs, &config.inputs}) {
        for (const GpioLineConfig& line : *group) {
            const bool again = std::count_if(group->begin(), group->end(),
                                             [&](const GpioLineConfig& other) { return other.name == line.name; }) > 1;
            if (line.name.empty() || again) {
                errors.push_back("a GPIO line is called \"" + line.name + "\"; every " +
                                 (group == &config.outputs ? "output" : "input") + " needs a name of its own");
            }
            const auto place = find_free_gpio_line(open.listings, config.chip, kernel_name(line));
            if (!place) {
                errors.push_back(line.name + ": " + place.error().message);
                continue;
            }
            const auto same = std::find_if(places.begin(), places.end(), [&](const GpioPlace& other) {
                return other.chip == place->chip && other.offset == place->offset;
            });
            if (same != places.end()) {
                errors.push_back(line.name + ": GPIO line \"" + kernel_name(line) + "\" is already in use as " +
                                 lines[static_cast<std::size_t>(same - places.begin())] + "; one line, one purpose");
            }
            places.push_back(*place);
            lines.push_back(line.name);
        }
    }
    if (!errors.empty()) {
        refuse(errors, open.problems);
    }
    return places;
}

} // namespace

void GpiodLines::Impl::take_line(const GpioLineConfig& config, bool output, GpioPlace place,
                                 const std::string& consumer, std::vector<std::string>& errors) {
    const std::string where = "GPIO line \"" + kernel_name(config) + "\" (line " + std::to_string(place.offset) +
                              " of " + gpio_chip_text(listings[place.chip]) + ")";
    gpiod::Chip& chip = *chips[place.chip];
    try {
        if (output) {
            outputs.push_back({config, where, chip.output(place.offset, config.active_low, config.drive, consumer)});
            return;
        }
        inputs.push_back({config, where, chip.input(place.offset, config.bias, consumer),
                          asio::posix::stream_descriptor(timeline.io_context())});
        Input& input = inputs.back();
        input.readable.assign(input.line->edge_fd());
        bool high = false;
        if (const int error = input.line->get(high); error != 0) {
            throw std::system_error(error, std::generic_category());
        }
        input.told = high != config.active_low;
    } catch (const std::system_error& error) {
        if (error.code().value() == EBUSY) { // taken since we looked: say by whom
            const auto now = find_free_gpio_line({chip.list()}, {}, kernel_name(config));
            if (!now) {
                errors.push_back(config.name + ": " + now.error().message);
                return;
            }
        }
        errors.push_back(config.name + ": " + where + " was refused: " + gpio_error_text(error.code().value()));
    }
}

void GpiodLines::Impl::request(const GpioLinesConfig& config) {
    OpenChips open = open_chips(config.chip);
    const std::vector<GpioPlace> places = find_places(config, open);
    chips = std::move(open.chips);
    listings = std::move(open.listings);
    std::vector<std::string> errors;
    std::size_t next = 0;
    for (const GpioLineConfig& line : config.outputs) {
        take_line(line, true, places[next++], config.consumer, errors);
    }
    for (const GpioLineConfig& line : config.inputs) {
        take_line(line, false, places[next++], config.consumer, errors);
    }
    if (!errors.empty()) {
        close();
        refuse(errors);
    }
    for (std::size_t input = 0; input < inputs.size(); ++input) {
        wait(input);
    }
}

void GpiodLines::Impl::close() noexcept {
    closed = true;
    for (const Output& output : outputs) {
        drive(output, false);
    }
    for (Input& input : inputs) {
        if (input.readable.is_open()) {
            input.readable.release(); // the descriptor is the line's
        }
    }
    inputs.clear();
    outputs.clear();
    chips.clear();
}

void GpiodLines::Impl::drive(const Output& output, bool active) noexcept {
    if (const int error = output.line->set(active != output.config.active_low); error != 0) {
        fail(output.where, error);
    }
}

bool GpiodLines::Impl::level(std::size_t input, bool& active) noexcept {
    bool high = false;
    if (const int error = inputs[input].line->get(high); error != 0) {
        fail(inputs[input].where, error);
        return false;
    }
    active = high != inputs[input].config.active_low;
    return true;
}

/// Only notes it, and tells later: whoever called is perhaps just making the deck safe, line by line.
void GpiodLines::Impl::fail(const std::string& where, int error) noexcept {
    if (!lost.empty() || closed) {
        return;
    }
    lost = where + " has failed: " + gpio_error_text(error);
    timeline.post([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->tell_lost();
        }
    });
}

void GpiodLines::Impl::tell_lost() {
    if (!closed && !lost.empty() && !lost_told && lost_listener) {
        lost_told = true;
        const auto callback = lost_listener;
        callback(lost);
    }
}

GpiodLines::GpiodLines(SteadyTimeline& timeline, const GpioLinesConfig& config)
    : impl_(std::make_shared<Impl>(timeline)) {
    impl_->request(config);
}

GpiodLines::~GpiodLines() {
    impl_->close();
}

Result<LineId> GpiodLines::find_output(std::string_view name) {
    std::string names;
    for (std::size_t i = 0; i < impl_->outputs.size(); ++i) {
        if (impl_->outputs[i].config.name == name) {
            return LineId{static_cast<int>(i)};
        }
        names.append(names.empty() ? "" : ", ").append(impl_->outputs[i].config.name);
    }
    return Error{"no GPIO output is called \"" + std::string(name) + "\"; there are: " + names +
                 " (gpio.outputs in the configuration adds one)"};
}

Result<LineId> GpiodLines::find_input(std::string_view name) {
    std::string names;
    for (std::size_t i = 0; i < impl_->inputs.size(); ++i) {
        if (impl_->inputs[i].config.name == name) {
            return impl_->input_id(i);
        }
        names.append(names.empty() ? "" : ", ").append(impl_->inputs[i].config.name);
    }
    return Error{"no GPIO input is called \"" + std::string(name) + "\"; there are: " + names +
                 " (gpio.inputs in the configuration adds one)"};
}

void GpiodLines::set(LineId output, bool active) {
    if (output.value < 0 || static_cast<std::size_t>(output.value) >= impl_->outputs.size()) {
        throw std::invalid_argument("GPIO line id " + std::to_string(output.value) + " is not an output's");
    }
    impl_->drive(impl_->outputs[static_cast<std::size_t>(output.value)], active);
}

bool GpiodLines::get(LineId input) const {
    const auto index = static_cast<std::size_t>(input.value) - impl_->outputs.size();
    if (input.value < 0 || index >= impl_->inputs.size()) {
        throw std::invalid_argument("GPIO line id " + std::to_string(input.value) + " is not an input's");
    }
    bool active = impl_->inputs[index].told;
    (void)impl_->level(index, active);
    return active;
}

void GpiodLines::on_edge(std::function<void(const LineEdge&)> listener) {
    impl_->listener.reset();
    impl_->wake_up(); // what came before is nobody's
    impl_->listener = std::make_shared<const Impl::Listener>(std::move(listener));
}

void GpiodLines::on_lost(std::function<void(const std::string& what)> listener) {
    impl_->lost_listener = std::move(listener);
    impl_->timeline.post([weak = impl_->weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->tell_lost();
        }
    });
}

std::string GpiodLines::library() {
    return "libgpiod " + gpiod::library_version();
}

} // namespace overbias::transport
