// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/serial_sockets.hpp"

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <charconv>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace overbias::deck_sim {

namespace {

using transport::SerialParity;

constexpr std::string_view kSpeedUnit = "ips";

const std::map<std::string_view, StuderDeck::Key>& key_names() {
    using Key = StuderDeck::Key;
    static const std::map<std::string_view, Key> names{{"record", Key::Record},
                                                       {"record_exit", Key::RecordExit},
                                                       {"fast_forward", Key::FastForward},
                                                       {"rewind", Key::Rewind},
                                                       {"edit", Key::Edit},
                                                       {"leave_edit", Key::LeaveEdit},
                                                       {"library_forward", Key::LibraryForward},
                                                       {"library_rewind", Key::LibraryRewind},
                                                       {"lifters_off", Key::LiftersOff},
                                                       {"lifters_on", Key::LiftersOn}};
    return names;
}

} // namespace

StuderFaceSettings studer_settings(const std::vector<std::string>& commands) {
    StuderFaceSettings settings = simulated_studer();
    for (const std::string& command : commands) {
        const std::size_t equals = command.find('=');
        const std::string name = command.substr(0, equals);
        const std::string text = equals == std::string::npos ? "" : command.substr(equals + 1);
        if (text.empty()) {
            throw std::invalid_argument("Studer command '" + command + "': expected NAME=TEXT, like rewind=RWD");
        }
        double speed_ips = 0.0;
        const bool speed = name.ends_with(kSpeedUnit) &&
                           std::from_chars(name.data(), name.data() + name.size() - kSpeedUnit.size(), speed_ips).ptr ==
                               name.data() + name.size() - kSpeedUnit.size();
        if (const auto key = key_names().find(name); key != key_names().end()) {
            settings.keys[text] = key->second;
        } else if (speed) {
            settings.speeds_ips[text] = speed_ips;
        } else if (name == "status") {
            settings.status_query = text;
        } else if (name == "timer") {
            settings.timer_query = text;
        } else if (name == "memory") {
            settings.memory = text;
        } else {
            std::string names;
            for (const auto& [one, key_of_it] : key_names()) {
                names.append(one).append(", ");
            }
            throw std::invalid_argument("Studer command '" + name + "': there is none of that name; there are " +
                                        names + "status, timer, memory and a speed like 15ips");
        }
    }
    return settings;
}

SerialSockets::SerialSockets(boost::asio::io_context& io, Timeline& timeline, SimulatedDeck& deck, DeckWiring& wiring,
                             const DeckDirectory& directory, StuderFaceSettings studer)
    : nine_pin_deck_(timeline, deck, wiring),
      nine_pin_line_(timeline, {.device = directory.nine_pin(), .baud = 38400, .parity = SerialParity::Odd}),
      nine_pin_socket_(io, nine_pin_line_, directory.nine_pin()),
      nine_pin_(timeline, nine_pin_deck_, {},
                [this](std::span<const std::uint8_t> bytes) { nine_pin_line_.send(bytes); }),
      studer_deck_(deck.remote()),
      studer_line_(timeline, {.device = directory.studer(), .baud = 9600, .parity = SerialParity::None}),
      studer_socket_(io, studer_line_, directory.studer()),
      studer_(timeline, studer_deck_, std::move(studer),
              [this](std::span<const std::uint8_t> bytes) { studer_line_.send(bytes); }) {
    nine_pin_line_.on_bytes(
        [this](std::span<const std::uint8_t> bytes, bool damaged) { nine_pin_.receive(bytes, damaged); });
    studer_line_.on_bytes(
        [this](std::span<const std::uint8_t> bytes, bool damaged) { studer_.receive(bytes, damaged); });
}

void SerialSockets::obey(const boost::json::object& request) {
    const boost::json::value* socket = request.if_contains("socket");
    const std::string name =
        socket != nullptr && socket->is_string() ? boost::json::value_to<std::string>(*socket) : std::string();
    if (name != "nine_pin" && name != "studer") {
        throw std::invalid_argument("expected 'socket': \"nine_pin\" or \"studer\"");
    }
    (name == "studer" ? studer_socket_ : nine_pin_socket_).obey(request);
}

} // namespace overbias::deck_sim
