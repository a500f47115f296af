// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/process/serial_socket.hpp"

#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace overbias::deck_sim {

namespace json = boost::json;

namespace {

bool truth_of(const json::value& value, const char* name) {
    if (!value.is_bool()) {
        throw std::invalid_argument(std::string("expected '") + name + "': true or false");
    }
    return value.get_bool();
}

std::uint64_t count_of(const json::value& value, const char* name, std::uint64_t most) {
    const auto count = value.is_number() ? value.to_number<std::int64_t>() : -1;
    if (count < 0 || static_cast<std::uint64_t>(count) > most) {
        throw std::invalid_argument(std::string("expected '") + name + "': a number from 0 to " + std::to_string(most));
    }
    return static_cast<std::uint64_t>(count);
}

} // namespace

SerialSocket::SerialSocket(boost::asio::io_context& io, SerialPair& line, std::filesystem::path link)
    : io_(io), line_(line), link_(std::move(link)) {
    line_.link().on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged, DeckTime) {
        if (terminal_ && !damaged) {
            terminal_->write(bytes);
        }
    });
    open();
}

SerialSocket::~SerialSocket() {
    line_.link().on_bytes({});
}

void SerialSocket::open() {
    terminal_ = std::make_unique<Pty>(io_, link_);
    terminal_->on_bytes([this](std::span<const std::uint8_t> bytes) { (void)line_.link().send(bytes); });
}

void SerialSocket::plug(bool in) {
    if (in && !terminal_) {
        open();
    } else if (!in) {
        terminal_.reset();
    }
}

void SerialSocket::obey(const json::object& request) {
    using Way = SerialPair::Way;
    bool named_one = false;
    const auto given = [&](const char* name) {
        const json::value* value = request.if_contains(name);
        named_one = named_one || value != nullptr;
        return value;
    };
    if (const json::value* value = given("silent")) {
        line_.faults(Way::ToDriver).silent = truth_of(*value, "silent");
    }
    if (const json::value* value = given("cut_after")) {
        auto& cut = line_.faults(Way::ToDriver).cut_after;
        cut.reset();
        if (!value->is_null()) {
            cut = count_of(*value, "cut_after", 4096);
        }
    }
    if (const json::value* value = given("flood")) {
        line_.flood(truth_of(*value, "flood"));
    }
    if (const json::value* value = given("echo")) {
        line_.echo(truth_of(*value, "echo"));
    }
    if (const json::value* value = given("wrong_parity")) {
        line_.faults(Way::ToDevice).wrong_parity = truth_of(*value, "wrong_parity");
    }
    if (const json::value* value = given("noise")) {
        line_.noise(Way::ToDriver,
                    static_cast<std::uint8_t>(count_of(*value, "noise", std::numeric_limits<std::uint8_t>::max())));
    }
    if (const json::value* value = given("plugged")) {
        plug(truth_of(*value, "plugged"));
    }
    if (!named_one) {
        throw std::invalid_argument("expected one of silent, cut_after, flood, echo, wrong_parity, noise, plugged: "
                                    "what is wrong with the line");
    }
}

} // namespace overbias::deck_sim
