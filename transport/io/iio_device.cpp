// SPDX-License-Identifier: Apache-2.0
#include "transport/io/iio_device.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace overbias::transport {

namespace {

namespace fs = std::filesystem;

class File {
  public:
    File(const fs::path& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC)) {}
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

/// The first line of an attribute; an attribute is one page at most, and those read here a few characters. The error
/// is the errno.
struct Text {
    std::string line;
    int error = 0;
};

Text read_text(const fs::path& path) {
    const File file(path, O_RDONLY);
    if (file.get() < 0) {
        return {.line = {}, .error = errno};
    }
    std::array<char, 256> bytes{};
    ssize_t got = 0;
    do {
        got = ::read(file.get(), bytes.data(), bytes.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return {.line = {}, .error = errno};
    }
    const std::string_view text(bytes.data(), static_cast<std::size_t>(got));
    return {.line = std::string(text.substr(0, text.find('\n')))};
}

std::string words_of(int error) {
    return std::error_code(error, std::generic_category()).message();
}

bool is_called(const fs::path& device, const std::string& name) {
    return read_text(device / "name").line == name || read_text(device / "label").line == name;
}

} // namespace

IioDevice::IioDevice(std::string name, fs::path root) : name_(std::move(name)), root_(std::move(root)) {
}

Error IioDevice::lost(const std::string& attribute, const std::string& why) {
    folder_.reset();
    return Error{"converter \"" + name_ + "\", " + attribute + ": " + why};
}

Result<void> IioDevice::find() {
    if (folder_ && is_called(*folder_, name_)) { // not another one that has taken its number
        return {};
    }
    folder_.reset();
    std::optional<fs::path> found;
    std::string others;
    std::error_code error;
    for (fs::directory_iterator entry(root_, error), end; !error && entry != end; entry.increment(error)) {
        if (!entry->path().filename().string().starts_with("iio:device")) {
            continue;
        }
        if (is_called(entry->path(), name_)) {
            if (found) {
                return Error{"converter \"" + name_ + "\": " + found->filename().string() + " and " +
                             entry->path().filename().string() +
                             " are both called that; give each a label in the device tree and name it by that"};
            }
            found = entry->path();
        } else if (const std::string name = read_text(entry->path() / "name").line; !name.empty()) {
            others += (others.empty() ? "\"" : ", \"") + name + "\"";
        }
    }
    if (!found) {
        return Error{"converter \"" + name_ + "\" is not there: expected a device of that name or label in " +
                     root_.string() + ", got " + (others.empty() ? "none" : others) +
                     "; connect it and load its driver"};
    }
    folder_ = std::move(found);
    return {};
}

Result<std::optional<double>> IioDevice::read_if_any(const std::string& attribute) {
    if (auto there = find(); !there) {
        return there.error();
    }
    const Text text = read_text(*folder_ / attribute);
    if (text.error == ENOENT) {
        return std::optional<double>{};
    }
    if (text.error != 0) {
        return lost(attribute, "can't be read: " + words_of(text.error));
    }
    double value = 0.0;
    const char* end = text.line.data() + text.line.size();
    const auto [at, error] = std::from_chars(text.line.data(), end, value);
    if (error != std::errc() || at != end || !std::isfinite(value)) {
        return lost(attribute, "expected a number, got \"" + text.line + "\"");
    }
    return std::optional(value);
}

Result<double> IioDevice::read(const std::string& attribute) {
    auto value = read_if_any(attribute);
    if (!value) {
        return value.error();
    }
    if (!*value) {
        return lost(attribute, "the device has no such attribute; correct the number of the channel");
    }
    return **value;
}

Result<void> IioDevice::write(const std::string& attribute, long value) {
    if (auto there = find(); !there) {
        return there;
    }
    const File file(*folder_ / attribute, O_WRONLY | O_TRUNC);
    if (file.get() < 0) {
        return lost(attribute, "can't be written: " + words_of(errno));
    }
    const std::string text = std::to_string(value) + "\n";
    ssize_t put = 0;
    do {
        put = ::write(file.get(), text.data(), text.size());
    } while (put < 0 && errno == EINTR);
    if (put != static_cast<ssize_t>(text.size())) {
        return lost(attribute, "can't be written: " + (put < 0 ? words_of(errno) : "only in part"));
    }
    return {};
}

} // namespace overbias::transport
