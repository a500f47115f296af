// SPDX-License-Identifier: Apache-2.0
#include "controller/simulated/simulated_remote.hpp"

#include "controller/deck_settings.hpp"
#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/faces/nine_pin_remote.hpp"
#include "deck-sim/faces/studer_remote.hpp"

#include <span>
#include <utility>

namespace overbias::controller {

namespace {

class NinePinLine final : public SimulatedSocket {
  public:
    NinePinLine(Timeline& timeline, deck_sim::SimulatedDeck& deck, transport::SerialSettings settings, int frames_per_s)
        : remote_(deck.remote()), line_(timeline, std::move(settings)),
          face_(timeline, remote_, face_settings(frames_per_s),
                [this](std::span<const std::uint8_t> bytes) { line_.send(bytes); }) {
        line_.on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged) { face_.receive(bytes, damaged); });
    }
    deck_sim::SerialPair& line() override { return line_; }

  private:
    static deck_sim::NinePinSettings face_settings(int frames_per_s) {
        deck_sim::NinePinSettings settings;
        settings.frames_per_s = frames_per_s;
        return settings;
    }
    deck_sim::NinePinRemote remote_;
    deck_sim::SerialPair line_;
    deck_sim::NinePinFace face_;
};

class StuderLine final : public SimulatedSocket {
  public:
    StuderLine(Timeline& timeline, deck_sim::SimulatedDeck& deck, transport::SerialSettings settings, int address)
        : remote_(deck.remote()), line_(timeline, std::move(settings)),
          face_(timeline, remote_, addressed(address),
                [this](std::span<const std::uint8_t> bytes) { line_.send(bytes); }) {
        line_.on_bytes([this](std::span<const std::uint8_t> bytes, bool damaged) { face_.receive(bytes, damaged); });
    }
    deck_sim::SerialPair& line() override { return line_; }

  private:
    static deck_sim::StuderFaceSettings addressed(int address) {
        deck_sim::StuderFaceSettings settings = deck_sim::simulated_studer();
        settings.address = address;
        settings.on_for_long = true; // when the daemon starts
        return settings;
    }
    deck_sim::StuderRemote remote_;
    deck_sim::SerialPair line_;
    deck_sim::StuderFace face_;
};

} // namespace

std::unique_ptr<SimulatedSocket> make_simulated_socket(Timeline& timeline, deck_sim::SimulatedDeck& deck,
                                                       const Config& config) {
    const tape::DeckProfile& profile = config.deck.profile;
    std::vector<transport::SerialSettings> lines = serial_settings(config);
    switch (profile.kind) {
    case tape::DeckDriver::SonyNinePin:
        lines.front().device = "simulated 9-pin socket";
        return std::make_unique<NinePinLine>(timeline, deck, lines.front(), profile.nine_pin.frames_per_s);
    case tape::DeckDriver::StuderAscii:
        lines.front().device = "simulated RS-232 socket";
        return std::make_unique<StuderLine>(timeline, deck, lines.front(), config.serial.address);
    case tape::DeckDriver::ParallelRemote:
    case tape::DeckDriver::DirectDrive:
        break;
    }
    return nullptr;
}

} // namespace overbias::controller
