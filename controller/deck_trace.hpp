// SPDX-License-Identifier: Apache-2.0
// DeckTrace: what goes over the wires to the deck, for `overbias deck lines`: every line with its level, its last
// change and how often it changed, and the last frames of the serial links. Noting costs a few stores; text is made
// only when somebody asks. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "transport/io/lines.hpp"
#include "transport/io/serial_link.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace overbias::controller {

class DeckTrace {
  public:
    /// What a frame says in words ("STOP"); empty: nothing worth saying.
    using Decode = std::function<std::string(bool sent, std::span<const std::uint8_t> bytes)>;
    /// An event as it happens: a member of what snapshot() lists under "lines" or "frames", with "event": "line" or
    /// "frame".
    using Listener = std::function<void(const boost::json::object&)>;
    static constexpr std::size_t kFrames = 256;    ///< kept
    static constexpr std::size_t kFrameBytes = 64; ///< kept of each

    explicit DeckTrace(Timeline& timeline) : timeline_(timeline) {}
    DeckTrace(const DeckTrace&) = delete;
    DeckTrace& operator=(const DeckTrace&) = delete;

    /// The same lines, watched. It must outlive nothing of `inner` and this; the trace must outlive it.
    [[nodiscard]] std::unique_ptr<transport::Lines> watch(transport::Lines& inner);
    /// For a driver's trace: frames of the link called `link`.
    [[nodiscard]] transport::SerialTrace watch_serial(const std::string& link, Decode decode);
    /// The deck's pin of each line, for the list.
    void set_pins(std::map<std::string, std::string> pins) { pins_ = std::move(pins); }
    /// Lines that change without end (a display bus): listed as all others, and never told as they happen.
    void set_restless(std::vector<std::string> names) { restless_ = std::move(names); }

    /// {"lines": [{"name", "direction": "out"|"in", "active", "changes", "changed_at_s", "pin"?}],
    ///  "frames": [{"link", "sent", "at_s", "hex", "cut_bytes"?, "means"?}] oldest first, "frames_seen": n, "now_s"}
    [[nodiscard]] boost::json::object snapshot() const;
    /// Tells of every change from now on, until another listener or an empty one takes its place.
    void follow(Listener listener) { listener_ = std::move(listener); }

  private:
    class WatchedLines;
    struct Line {
        std::string name;
        transport::LineId id;
        bool output = false;
        bool active = false;
        std::uint64_t changes = 0;
        DeckTime changed_at{};
    };
    struct Frame {
        std::size_t link = 0;
        bool sent = false;
        DeckTime at{};
        std::size_t length = 0;
        std::array<std::uint8_t, kFrameBytes> bytes{};
    };
    struct Link {
        std::string name;
        Decode decode;
    };
    void add(Line line);
    void changed(transport::LineId id, bool output, bool active, DeckTime at);
    void frame(std::size_t link, bool sent, std::span<const std::uint8_t> bytes, DeckTime at);
    [[nodiscard]] boost::json::object json_of(const Line& line) const;
    [[nodiscard]] boost::json::object json_of(const Frame& frame) const;

    Timeline& timeline_;
    std::vector<Line> lines_;
    std::vector<Link> links_;
    std::vector<Frame> frames_; ///< a ring, once there is a link
    std::uint64_t frames_seen_ = 0;
    std::map<std::string, std::string> pins_;
    std::vector<std::string> restless_;
    Listener listener_;
};

/// Decoders for the drivers' frames.
[[nodiscard]] std::string nine_pin_words(bool sent, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string studer_words(bool sent, std::span<const std::uint8_t> bytes);
/// Whole frames, as the direct drive shows them.
[[nodiscard]] std::string vesc_words(bool sent, std::span<const std::uint8_t> bytes);

} // namespace overbias::controller
