// SPDX-License-Identifier: Apache-2.0
// GpiodLines' inside: the lines it holds, and who hears of their edges and of their loss. Parts: gpiod_lines.cpp
// (taking lines, levels), gpiod_edges.cpp (edges in order of time, and those that were missed). Private to
// transport/io/. Thread: the timeline's.
#pragma once

#include "transport/io/gpiod_backend.hpp"
#include "transport/io/gpiod_lines.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace overbias::transport {

// Shared with the handlers that wait for edges: a listener may destroy the GpiodLines that calls it.
struct GpiodLines::Impl : std::enable_shared_from_this<GpiodLines::Impl> {
    struct Output {
        GpioLineConfig config;
        std::string where;
        std::unique_ptr<gpiod::Line> line;
    };
    struct Input {
        GpioLineConfig config;
        std::string where;
        std::unique_ptr<gpiod::Line> line;
        boost::asio::posix::stream_descriptor readable; ///< borrows the line's descriptor
        bool told = false;                              ///< the state the listener knows
        bool failed = false;
        bool had_edges = false; ///< in this wake-up
    };
    struct Seen {
        std::size_t input;
        bool active;
        DeckTime at;
    };
    using Listener = std::function<void(const LineEdge&)>;

    explicit Impl(SteadyTimeline& timeline_of_lines) : timeline(timeline_of_lines) {}

    // --- taking the lines (gpiod_lines.cpp)
    void request(const GpioLinesConfig& config);
    void take_line(const GpioLineConfig& line, bool output, GpioPlace place, const std::string& consumer,
                   std::vector<std::string>& errors);
    void close() noexcept;

    // --- edges (gpiod_edges.cpp)
    void wait(std::size_t input);
    void wake_up();
    std::vector<Seen> drain();
    bool read_one(std::size_t input, short events, std::vector<Seen>& seen);
    void tell(const Seen& edge);
    bool mend_missed(DeckTime now);

    // --- levels, and the loss of a line (gpiod_lines.cpp)
    void drive(const Output& output, bool active) noexcept;
    bool level(std::size_t input, bool& active) noexcept;
    void fail(const std::string& where, int error) noexcept;
    void tell_lost();
    [[nodiscard]] LineId input_id(std::size_t input) const { return {static_cast<int>(outputs.size() + input)}; }

    SteadyTimeline& timeline;
    std::vector<std::unique_ptr<gpiod::Chip>> chips; // outlive the lines
    std::vector<GpioChipListing> listings;
    std::vector<Output> outputs;
    std::deque<Input> inputs;
    std::shared_ptr<const Listener> listener;
    std::function<void(const std::string&)> lost_listener;
    std::string lost;
    DeckTime last_told{};
    bool lost_told = false;
    bool closed = false;
};

} // namespace overbias::transport
