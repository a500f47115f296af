// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_trace.hpp"

#include "transport/drivers/nine_pin_frame.hpp"
#include "transport/drivers/vesc_messages.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace overbias::controller {

namespace json = boost::json;

/// Passes everything on and notes it.
class DeckTrace::WatchedLines final : public transport::Lines {
  public:
    WatchedLines(DeckTrace& trace, transport::Lines& inner) : trace_(trace), inner_(inner) {}
    ~WatchedLines() override { inner_.on_edge({}); }

    [[nodiscard]] Result<transport::LineId> find_output(std::string_view name) override {
        return found(inner_.find_output(name), name, true);
    }
    [[nodiscard]] Result<transport::LineId> find_input(std::string_view name) override {
        return found(inner_.find_input(name), name, false);
    }
    void set(transport::LineId output, bool active) override {
        inner_.set(output, active);
        trace_.changed(output, true, active, trace_.timeline_.now());
    }
    [[nodiscard]] bool get(transport::LineId input) const override { return inner_.get(input); }
    void on_edge(std::function<void(const transport::LineEdge&)> listener) override {
        inner_.on_edge([this, listener = std::move(listener)](const transport::LineEdge& edge) {
            trace_.changed(edge.line, false, edge.active, edge.at);
            if (listener) {
                listener(edge);
            }
        });
    }

  private:
    Result<transport::LineId> found(Result<transport::LineId> line, std::string_view name, bool output) {
        if (line) {
            trace_.add({.name = std::string(name),
                        .id = *line,
                        .output = output,
                        .active = !output && inner_.get(*line),
                        .changes = 0,
                        .changed_at = {}});
        }
        return line;
    }
    DeckTrace& trace_;
    transport::Lines& inner_;
};

std::unique_ptr<transport::Lines> DeckTrace::watch(transport::Lines& inner) {
    return std::make_unique<WatchedLines>(*this, inner);
}

void DeckTrace::add(Line line) {
    const bool known = std::ranges::any_of(
        lines_, [&line](const Line& each) { return each.output == line.output && each.id == line.id; });
    if (!known) {
        lines_.push_back(std::move(line));
    }
}

void DeckTrace::changed(transport::LineId id, bool output, bool active, DeckTime at) {
    const auto line =
        std::ranges::find_if(lines_, [id, output](const Line& each) { return each.output == output && each.id == id; });
    if (line == lines_.end() || (output && line->active == active)) {
        return;
    }
    line->active = active;
    ++line->changes;
    line->changed_at = at;
    if (listener_ && std::ranges::find(restless_, line->name) == restless_.end()) {
        json::object event = json_of(*line);
        event["event"] = "line";
        listener_(event);
    }
}

transport::SerialTrace DeckTrace::watch_serial(const std::string& link, Decode decode) {
    links_.push_back({.name = link, .decode = std::move(decode)});
    frames_.resize(kFrames);
    return [this, index = links_.size() - 1](bool sent, std::span<const std::uint8_t> bytes, DeckTime at) {
        frame(index, sent, bytes, at);
    };
}

void DeckTrace::frame(std::size_t link, bool sent, std::span<const std::uint8_t> bytes, DeckTime at) {
    Frame& kept = frames_[frames_seen_ % kFrames];
    ++frames_seen_;
    kept.link = link;
    kept.sent = sent;
    kept.at = at;
    kept.length = bytes.size();
    std::ranges::copy(bytes.first(std::min(bytes.size(), kFrameBytes)), kept.bytes.begin());
    if (listener_) {
        json::object event = json_of(kept);
        event["event"] = "frame";
        listener_(event);
    }
}

json::object DeckTrace::json_of(const Line& line) const {
    json::object object{
        {"name", line.name},
        {"direction", line.output ? "out" : "in"},
        {"active", line.active},
        {"changes", line.changes},
        {"changed_at_s", line.changes == 0 ? json::value(nullptr) : json::value(seconds(line.changed_at))}};
    if (const auto pin = pins_.find(line.name); pin != pins_.end()) {
        object["pin"] = pin->second;
    }
    return object;
}

json::object DeckTrace::json_of(const Frame& frame) const {
    const auto kept = std::span(frame.bytes).first(std::min(frame.length, kFrameBytes));
    json::object object{{"link", links_[frame.link].name},
                        {"sent", frame.sent},
                        {"at_s", seconds(frame.at)},
                        {"hex", transport::hex_words(kept)}};
    if (frame.length > kept.size()) {
        object["cut_bytes"] = frame.length - kept.size();
    }
    if (const Decode& decode = links_[frame.link].decode) {
        if (std::string words = decode(frame.sent, kept); !words.empty()) {
            object["means"] = std::move(words);
        }
    }
    return object;
}

json::object DeckTrace::snapshot() const {
    json::array lines, frames;
    for (const Line& line : lines_) {
        lines.push_back(json_of(line));
    }
    const std::uint64_t kept = std::min<std::uint64_t>(frames_seen_, kFrames);
    for (std::uint64_t frame = frames_seen_ - kept; frame < frames_seen_; ++frame) {
        frames.push_back(json_of(frames_[frame % kFrames]));
    }
    return {{"now_s", seconds(timeline_.now())},
            {"lines", std::move(lines)},
            {"frames", std::move(frames)},
            {"frames_seen", frames_seen_}};
}

std::string nine_pin_words(bool sent, std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 3) {
        return {};
    }
    const auto kind = static_cast<std::uint16_t>((bytes[0] & 0xF0U) << 8U | bytes[1]);
    const auto command = static_cast<transport::NinePinCommand>(kind);
    if (!sent && command == transport::NinePinCommand::NotAcknowledge && bytes.size() > 3) {
        return "refused: " + transport::nine_pin_refusal(bytes[2]);
    }
    return transport::name_of(command);
}

std::string studer_words(bool, std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text += byte >= 0x20 && byte < 0x7F ? static_cast<char>(byte) : ' ';
    }
    const auto end = text.find_last_not_of(' ');
    return end == std::string::npos ? std::string() : text.substr(0, end + 1);
}

namespace {

const char* vesc_command(std::uint8_t command) noexcept {
    using Command = transport::vesc::Command;
    switch (static_cast<Command>(command)) {
    case Command::FirmwareVersion:
        return "firmware version";
    case Command::GetValues:
    case Command::GetValuesSelective:
        return "values";
    case Command::SetDuty:
        return "set duty";
    case Command::SetCurrent:
        return "set current";
    case Command::SetCurrentBrake:
        return "set brake current";
    case Command::SetRpm:
        return "set speed";
    case Command::Alive:
        return "alive";
    case Command::GetDecodedAdc:
        return "tension arms";
    case Command::ForwardCan:
        break;
    }
    return "";
}

} // namespace

std::string vesc_words(bool, std::span<const std::uint8_t> bytes) {
    // 02 length payload, or 03 length in two bytes
    const std::size_t head = !bytes.empty() && bytes[0] == 3 ? 3 : 2;
    if (bytes.size() <= head) {
        return {};
    }
    const std::span<const std::uint8_t> payload = bytes.subspan(head);
    if (payload[0] == static_cast<std::uint8_t>(transport::vesc::Command::ForwardCan) && payload.size() > 2) {
        return std::string(vesc_command(payload[2])) + ", controller " + std::to_string(payload[1]);
    }
    return vesc_command(payload[0]);
}

} // namespace overbias::controller
