// SPDX-License-Identifier: Apache-2.0
#include "deck-sim/faces/studer_face.hpp"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <utility>

namespace overbias::deck_sim {

namespace {

constexpr char kReset = 0x18, kEnd = '\r';
constexpr std::uint8_t kGoOn = 0x11, kHold = 0x13;
constexpr DeckDuration kLook = std::chrono::milliseconds(10);
const std::string kUnknown = "?", kFormatError = "INPUT FORMAT ERROR", kAcknowledged;

std::vector<std::string> words(const std::string& text) {
    std::vector<std::string> out;
    bool open = false;
    for (const char c : text) {
        if (c == ' ' || c == ':') {
            open = false;
        } else if (open) {
            out.back() += c;
        } else {
            out.emplace_back(1, c);
            open = true;
        }
    }
    return out;
}

bool is_number(const std::string& text) {
    if (text.empty() || text.size() > 4) {
        return false;
    }
    for (const char c : text) {
        if (std::isdigit(static_cast<unsigned char>(c)) == 0) {
            return false;
        }
    }
    return true;
}

} // namespace

StuderFace::StuderFace(Timeline& timeline, StuderDeck& deck, StuderFaceSettings settings, Send send)
    : timeline_(timeline), deck_(deck), settings_(std::move(settings)), send_(std::move(send)) {
    if (settings_.address < 0 || settings_.address > 99) {
        throw std::invalid_argument("Studer socket: expected an address from 0 to 99, got " +
                                    std::to_string(settings_.address));
    }
    follow_mains();
    if (settings_.on_for_long) {
        ready_at_ = timeline_.now();
        first_line_ = false;
    }
    looking_ = std::make_unique<PeriodicTimer>(timeline_, kLook, [this] { follow_mains(); });
}

StuderFace::~StuderFace() {
    timeline_.cancel(timer_);
}

void StuderFace::follow_mains() {
    if (const bool powered = deck_.state().powered; powered != on_) {
        powered ? power_on() : power_off();
    }
}

void StuderFace::power_on() {
    on_ = first_line_ = true;
    ready_at_ = timeline_.now() + settings_.ready_after;
}

void StuderFace::power_off() {
    timeline_.cancel(std::exchange(timer_, 0));
    input_.clear();
    on_ = holding_ = hung_ = false;
}

void StuderFace::lose_battery() {
    for (int& value : settings_.values) {
        value = settings_.blank;
    }
}

void StuderFace::hang(bool on) {
    hung_ = on;
    if (on) {
        timeline_.cancel(std::exchange(timer_, 0));
        control(kHold);
        holding_ = true;
    } else {
        holding_ = false;
        control(kGoOn);
        take_next();
    }
}

bool StuderFace::ready() const {
    return on_ && timeline_.now() >= ready_at_;
}

void StuderFace::receive(std::span<const std::uint8_t> bytes, bool damaged) {
    follow_mains();
    if (!ready()) {
        return;
    }
    for (const std::uint8_t byte : bytes) {
        const char c = damaged ? '\x7f' : static_cast<char>(byte);
        if (c == kReset && !hung_) {
            timeline_.cancel(std::exchange(timer_, 0));
            input_.clear();
            if (std::exchange(holding_, false)) {
                control(kGoOn);
            }
        } else if (input_.size() < kInput && byte != kGoOn && byte != kHold && byte != '\n') {
            input_ += c;
        }
    }
    if (input_.size() >= kInput * 3 / 4 && !std::exchange(holding_, true)) {
        control(kHold);
    }
    take_next();
}

void StuderFace::take_next() {
    if (hung_ || timer_ != 0) {
        return;
    }
    const std::size_t end = input_.find(kEnd);
    if (end == std::string::npos) {
        if (input_.size() == kInput) { // a line too long for it
            input_.clear();
            say(kFormatError);
        }
    } else {
        timer_ = timeline_.call_after(settings_.command_time, [this, end] {
            timer_ = 0;
            const std::string line = input_.substr(0, end);
            input_.erase(0, end + 1);
            follow_mains(); // they may have failed while it thought
            if (!on_) {
                return;
            }
            obey(line);
            take_next();
        });
    }
    if (input_.size() <= kInput / 4 && std::exchange(holding_, false)) {
        control(kGoOn);
    }
}

void StuderFace::obey(std::string line) {
    if (std::exchange(first_line_, false) && settings_.first_line_fails) {
        return say(kUnknown);
    }
    bool answered = true;
    const bool addressed = line.size() > 3 && is_number(line.substr(0, 2)) && line[2] == ' ';
    if (addressed) {
        const int address = std::stoi(line.substr(0, 2));
        if (address != 0 && address != settings_.address) {
            return;
        }
        answered = address != 0;
        line.erase(0, 3);
    }
    const std::string text = do_it(line);
    if (answered) {
        say(text);
    }
}

std::string StuderFace::do_it(const std::string& command) {
    if (command.empty()) {
        return kAcknowledged;
    }
    if (command == "PLY" || command == "STP") {
        deck_.press(command == "PLY" ? StuderDeck::Key::Play : StuderDeck::Key::Stop);
        return kAcknowledged;
    }
    if (command == "SD?") {
        return settings_.software_date;
    }
    if (command == "DN?") {
        return std::to_string(settings_.address);
    }
    if (command.starts_with("SDN")) {
        return set_address(command);
    }
    if (const auto key = settings_.keys.find(command); key != settings_.keys.end()) {
        deck_.press(key->second);
        return kAcknowledged;
    }
    if (const auto speed = settings_.speeds_ips.find(command); speed != settings_.speeds_ips.end()) {
        deck_.select_speed(speed->second);
        return kAcknowledged;
    }
    if (!settings_.status_query.empty() && command == settings_.status_query) {
        return status();
    }
    if (!settings_.timer_query.empty() && command == settings_.timer_query) {
        return timer();
    }
    if (!settings_.memory.empty() && command.starts_with(settings_.memory + " ")) {
        return memory_command(command);
    }
    return kUnknown;
}

std::string StuderFace::set_address(const std::string& command) {
    const auto given = words(command);
    if (given.size() != 2 || !is_number(given[1]) || std::stoi(given[1]) > 99) {
        return kFormatError;
    }
    settings_.address = std::stoi(given[1]);
    return kAcknowledged;
}

std::string StuderFace::memory_command(const std::string& command) {
    const bool query = command.ends_with('?');
    const auto given = words(query ? command.substr(0, command.size() - 1) : command);
    if (given.size() != (query ? 2U : 3U) || !is_number(given[1])) {
        return kFormatError;
    }
    const auto index = static_cast<std::size_t>(std::stoi(given[1]));
    if (index >= settings_.values.size()) {
        return kFormatError;
    }
    if (query) {
        return settings_.memory + " " + given[1] + " " + std::to_string(settings_.values[index]);
    }
    if (!is_number(given[2]) || std::stoi(given[2]) > 255) {
        return kFormatError;
    }
    if (!settings_.unwritten.contains(index)) {
        settings_.values[index] = std::stoi(given[2]);
    }
    return kAcknowledged;
}

std::string StuderFace::status() const {
    const StuderDeck::State now = deck_.state();
    const std::array<std::pair<const char*, bool>, 7> modes{{{"tape_out", now.tape_out},
                                                             {"record", now.recording},
                                                             {"play", now.playing},
                                                             {"fast_forward", now.fast_forwarding},
                                                             {"rewind", now.rewinding},
                                                             {"stop", now.stopped},
                                                             {"moving", true}}};
    for (const auto& [mode, holds] : modes) {
        if (holds) {
            const auto word = settings_.status_words.find(mode);
            return word == settings_.status_words.end() ? mode : word->second;
        }
    }
    return {};
}

std::string StuderFace::timer() const {
    const long hundredths = std::lround(std::floor(deck_.state().counter_s * 100.0));
    const long size = std::labs(hundredths);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s%ld:%02ld:%02ld.%02ld", hundredths < 0 ? "-" : "", size / 360000,
                  size / 6000 % 60, size / 100 % 60, size % 100);
    return text.data();
}

void StuderFace::say(const std::string& text) {
    const std::string line = text + "\r\n";
    send_(std::span(reinterpret_cast<const std::uint8_t*>(line.data()), line.size()));
}

void StuderFace::control(std::uint8_t character) {
    send_(std::span(&character, 1));
}

} // namespace overbias::deck_sim
