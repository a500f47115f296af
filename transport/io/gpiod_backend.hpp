// SPDX-License-Identifier: Apache-2.0
// What GpiodLines needs of libgpiod, the same for both versions of it (gpiod_v1.cpp, gpiod_v2.cpp; one is built).
// Levels are electrical here; polarity is GpiodLines' affair. Failures are errnos. Thread: one at a time.
#pragma once

#include "transport/io/gpio_names.hpp"
#include "transport/io/gpiod_lines.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport::gpiod {

struct Edge {
    bool high = false;
    std::chrono::nanoseconds at{}; ///< CLOCK_MONOTONIC, from the kernel
};

/// A requested line; given back when destroyed. The chip must outlive it.
class Line {
  public:
    Line() = default;
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    virtual ~Line() = default;

    [[nodiscard]] virtual int set(bool high) noexcept = 0;
    [[nodiscard]] virtual int get(bool& high) const noexcept = 0;
    /// Becomes readable when an input has edges. The line's own; -1 for outputs.
    [[nodiscard]] virtual int edge_fd() const noexcept = 0;
    /// Appends some of the edges that wait. Only when the descriptor is readable: else it would wait for one.
    [[nodiscard]] virtual int read_edges(std::vector<Edge>& edges) = 0;
};

class Chip {
  public:
    /// Throws std::system_error.
    [[nodiscard]] static std::unique_ptr<Chip> open(const std::string& path);
    Chip() = default;
    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;
    virtual ~Chip() = default;

    /// Throws std::system_error.
    [[nodiscard]] virtual GpioChipListing list() = 0;
    /// An output that drives `high` from the first moment. Throws std::system_error.
    [[nodiscard]] virtual std::unique_ptr<Line> output(unsigned offset, bool high, GpioLineConfig::Drive drive,
                                                       const std::string& consumer) = 0;
    /// An input with both edges. Throws std::system_error.
    [[nodiscard]] virtual std::unique_ptr<Line> input(unsigned offset, GpioLineConfig::Bias bias,
                                                      const std::string& consumer) = 0;
};

/// "1.6.3".
[[nodiscard]] std::string library_version();

} // namespace overbias::transport::gpiod
