// SPDX-License-Identifier: Apache-2.0
#include "controller/deck_driver.hpp"

#include "base/journal.hpp"
#include "controller/deck_settings.hpp"
#include "controller/device_settings.hpp"
#include "transport/drivers/direct_drive.hpp"
#include "transport/drivers/parallel_remote.hpp"
#include "transport/drivers/sony_nine_pin.hpp"
#include "transport/drivers/studer_ascii.hpp"

#include <stdexcept>

namespace overbias::controller {

namespace {

std::unique_ptr<transport::Deck> make_parallel(const Config& config, const DeckPorts& ports, DeckUse use) {
    transport::ParallelRemoteConfig remote = parallel_remote_config(config.deck.profile, config.tape.speed_ips);
    if (use == DeckUse::Run) {
        remote.speed_at_start_ips = config.tape.speed_ips;
    }
    return std::make_unique<transport::ParallelRemote>(ports.timeline, ports.lines, ports.tach, remote);
}

transport::SerialLink& only_link(const DeckPorts& ports, const std::string& driver) {
    if (ports.links.size() != 1) {
        throw std::invalid_argument(driver + ": expected one serial line, got " + std::to_string(ports.links.size()) +
                                    ": leave serial.more_devices out");
    }
    return *ports.links.front();
}

std::unique_ptr<transport::Deck> make_nine_pin(const Config& config, const DeckPorts& ports) {
    transport::SerialLink& link = only_link(ports, config.deck.profile.driver);
    auto deck = std::make_unique<transport::SonyNinePin>(ports.timeline, link, nine_pin_config(config));
    if (ports.trace != nullptr) {
        deck->trace(ports.trace->watch_serial(link.name(), nine_pin_words));
    }
    return deck;
}

std::unique_ptr<transport::Deck> make_studer(const Config& config, const DeckPorts& ports) {
    transport::SerialLink& link = only_link(ports, config.deck.profile.driver);
    // the deck's own timer counts where it has one
    transport::Tach* const tach = config.deck.profile.studer.timer_query.empty() ? ports.tach : nullptr;
    auto deck = std::make_unique<transport::StuderAscii>(ports.timeline, link, tach, studer_config(config));
    if (ports.trace != nullptr) {
        deck->set_trace(ports.trace->watch_serial(link.name(), studer_words));
    }
    return deck;
}

std::unique_ptr<transport::Deck> make_direct_drive(const Config& config, const DeckPorts& ports) {
    if (ports.tach == nullptr) {
        throw std::invalid_argument("direct drive: expected a tach (gpio.tach, deck.tach_edges_per_metre), got none: "
                                    "the motors are steered by it");
    }
    auto deck = std::make_unique<transport::DirectDrive>(
        ports.timeline, ports.links, ports.lines, *ports.tach, direct_drive_config(config),
        [](const std::string& budget) { journal(JournalLevel::Info, "overbiasd", budget); });
    if (ports.trace != nullptr) {
        deck->trace(ports.trace->watch_serial("motor controllers", vesc_words));
    }
    return deck;
}

} // namespace

std::unique_ptr<transport::Deck> make_deck(const Config& config, const DeckPorts& ports, DeckUse use) {
    switch (config.deck.profile.kind) {
    case tape::DeckDriver::ParallelRemote:
        break;
    case tape::DeckDriver::SonyNinePin:
        return make_nine_pin(config, ports);
    case tape::DeckDriver::StuderAscii:
        return make_studer(config, ports);
    case tape::DeckDriver::DirectDrive:
        return make_direct_drive(config, ports);
    }
    return make_parallel(config, ports, use);
}

} // namespace overbias::controller
