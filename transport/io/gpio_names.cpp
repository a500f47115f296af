// SPDX-License-Identifier: Apache-2.0
#include "transport/io/gpio_names.hpp"

#include "base/nearest_word.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace overbias::transport {

namespace {

std::string in_quotes(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string place_text(const GpioChipListing& chip, unsigned offset) {
    return "line " + std::to_string(offset) + " of " + gpio_chip_text(chip);
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        text.append(text.empty() ? "" : between).append(part);
    }
    return text;
}

/// The names that are near, or all of them when they are few.
std::string names_nearby(const std::vector<GpioChipListing>& chips, std::string_view line) {
    std::vector<std::string> names;
    for (const GpioChipListing& chip : chips) {
        for (const GpioLineListing& listing : chip.lines) {
            if (!listing.name.empty()) {
                names.push_back(listing.name);
            }
        }
    }
    if (names.empty()) {
        return "its lines have no names (gpio-line-names in the device tree gives them)";
    }
    std::vector<std::string> near, left = names;
    while (near.size() < 3) { // three guesses
        const std::string next = nearest_word(line, left);
        if (next.empty()) {
            break;
        }
        near.push_back(in_quotes(next));
        std::erase(left, next);
    }
    if (!near.empty()) {
        return "the nearest name is " + join(near, ", then ");
    }
    constexpr std::size_t kMost = 32;
    const bool more = names.size() > kMost;
    names.resize(std::min(names.size(), kMost));
    return "there are " + join(names, ", ") + (more ? ", ... (gpioinfo lists all)" : "");
}

std::size_t device_number(const std::string& path) {
    const std::size_t digits = path.find_last_not_of("0123456789") + 1;
    std::size_t number = 0;
    for (const char digit : path.substr(digits)) {
        number = number * 10 + static_cast<std::size_t>(digit - '0');
    }
    return number;
}

} // namespace

std::vector<std::string> gpio_device_paths(const std::string& chip) {
    if (chip.find('/') != std::string::npos) {
        return {chip};
    }
    std::vector<std::string> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/dev", error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with("gpiochip")) {
            paths.push_back(entry.path().string());
        }
    }
    std::sort(paths.begin(), paths.end(),
              [](const std::string& a, const std::string& b) { return device_number(a) < device_number(b); });
    return paths;
}

bool is_gpio_chip(const GpioChipListing& listing, std::string_view chip) {
    return chip.empty() || chip == listing.path || chip == listing.name || chip == listing.label;
}

std::string gpio_chip_text(const GpioChipListing& chip) {
    return chip.name + (chip.label.empty() ? "" : " [" + chip.label + "]");
}

std::string gpio_error_text(int error) {
    const std::string what = std::generic_category().message(error);
    switch (error) {
    case EACCES:
    case EPERM:
        return what + ": let the daemon's user belong to the group that owns the device (often \"gpio\")";
    case ENXIO:
    case EOPNOTSUPP:
        return what + ": the chip can't do what is asked of this line (edges need an interrupt; bias and drive need "
                      "hardware for them)";
    case ENOTTY:
        return what + ": the kernel is older than 5.10, or this is no GPIO chip";
    case ENODEV:
        return what + ": the chip is gone; is its cable plugged in?";
    default:
        return what;
    }
}

std::string no_gpio_chip(std::string_view chip, const std::vector<GpioChipListing>& others,
                         const std::vector<std::string>& problems) {
    std::string text = chip.empty() ? "no GPIO chip could be opened" : "there is no GPIO chip " + in_quotes(chip);
    std::vector<std::string> names;
    for (const GpioChipListing& other : others) {
        names.push_back(gpio_chip_text(other));
    }
    if (!names.empty()) {
        text += "; there is " + join(names, ", ");
    }
    if (!problems.empty()) {
        text += "; " + join(problems, "; ");
    }
    if (names.empty() && problems.empty()) {
        text += ": this machine has no /dev/gpiochip*";
    }
    return text;
}

Result<GpioPlace> find_free_gpio_line(const std::vector<GpioChipListing>& chips, std::string_view chip,
                                      std::string_view line) {
    std::vector<GpioPlace> places;
    std::vector<std::string> chip_names;
    for (std::size_t c = 0; c < chips.size(); ++c) {
        chip_names.push_back(gpio_chip_text(chips[c]));
        for (std::size_t offset = 0; offset < chips[c].lines.size(); ++offset) {
            if (!line.empty() && chips[c].lines[offset].name == line) {
                places.push_back({c, static_cast<unsigned>(offset)});
            }
        }
    }
    if (places.empty()) {
        return Error{"GPIO line " + in_quotes(line) + " is not on " + join(chip_names, ", ") + ": " +
                     names_nearby(chips, line)};
    }
    if (places.size() > 1) {
        std::vector<std::string> texts;
        bool one_chip = true;
        for (const GpioPlace& place : places) {
            texts.push_back(place_text(chips[place.chip], place.offset));
            one_chip = one_chip && place.chip == places.front().chip;
        }
        return Error{"GPIO line " + in_quotes(line) + " is there " + std::to_string(places.size()) +
                     " times: " + join(texts, ", ") + "; " +
                     (one_chip       ? "give its lines names of their own in the device tree"
                      : chip.empty() ? "say which chip is meant (gpio.chip)"
                                     : "give gpio.chip as a path: " + in_quotes(chip) + " means more than one chip")};
    }
    const GpioPlace place = places.front();
    const GpioLineListing& found = chips[place.chip].lines[place.offset];
    if (found.used) {
        return Error{"GPIO line " + in_quotes(line) + " (" + place_text(chips[place.chip], place.offset) +
                     ") is busy: " +
                     (found.consumer.empty() ? std::string("somebody who gives no name") : in_quotes(found.consumer)) +
                     " holds it; end that program, or take the line out of the configuration"};
    }
    return place;
}

} // namespace overbias::transport
