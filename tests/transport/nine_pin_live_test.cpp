// SPDX-License-Identifier: Apache-2.0
// SonyNinePin on a real tty: the host's line discipline and its clock between the driver and the deck's socket.
#include "deck-sim/faces/nine_pin_face.hpp"
#include "deck-sim/process/pty.hpp"
#include "timeline_thread.hpp"
#include "transport/drivers/sony_nine_pin.hpp"
#include "transport/io/serial_port.hpp"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

namespace overbias::transport {
namespace {

/// A deck whose lamps follow its keys.
class LampDeck final : public deck_sim::NinePinDeck {
  public:
    void press(Key key) override {
        now.stopped = now.still = key == Key::Stop;
        now.playing = key == Key::Play || key == Key::Record;
        now.recording = key == Key::Record;
        now.fast_forwarding = key == Key::FastForward;
        now.rewinding = key == Key::Rewind;
    }
    void enable_local_keys(bool) override {}
    [[nodiscard]] State state() const override { return now; }
    State now{.stopped = true};
};

class NinePinLive : public testing::Test {
  protected:
    NinePinLive() {
        std::string pattern = std::filesystem::temp_directory_path() / "nine-pin-live.XXXXXX";
        folder = ::mkdtemp(pattern.data());
        control.call([this] {
            plug_in();
            port.emplace(control.timeline, SerialSettings{folder / "nine-pin", 38400, SerialParity::Odd, false});
            driver.emplace(control.timeline, *port, NinePinConfig{});
        });
    }
    ~NinePinLive() override {
        control.call([this] {
            driver.reset();
            port.reset();
            pull();
        });
        std::filesystem::remove_all(folder);
    }
    void plug_in() {
        line = std::make_unique<deck_sim::Pty>(control.timeline.io_context(), folder / "nine-pin");
        face = std::make_unique<deck_sim::NinePinFace>(
            control.timeline, deck, deck_sim::NinePinSettings{},
            [this](std::span<const std::uint8_t> bytes) { line->write(bytes); });
        line->on_bytes([this](std::span<const std::uint8_t> bytes) { face->receive(bytes); });
    }
    void pull() {
        face.reset();
        line.reset();
    }

    std::filesystem::path folder;
    LampDeck deck;
    test::TimelineThread control;
    std::unique_ptr<deck_sim::Pty> line;
    std::unique_ptr<deck_sim::NinePinFace> face;
    std::optional<SerialPort> port;
    std::optional<SonyNinePin> driver;
};

TEST_F(NinePinLive, KeysAndLampsGoThroughARealTerminal) {
    ASSERT_TRUE(control.comes_true([this] { return driver->link().up; }));
    for (const auto& [key, lamp] : {std::pair{Key::Play, &Tallies::play}, std::pair{Key::Record, &Tallies::record},
                                    std::pair{Key::FastForward, &Tallies::fast_forward},
                                    std::pair{Key::Rewind, &Tallies::rewind}, std::pair{Key::Stop, &Tallies::stop}}) {
        ASSERT_TRUE(control.call([&] { return driver->press(key); }));
        EXPECT_TRUE(control.comes_true([&] { return driver->tallies().*lamp == true; }));
    }
}

TEST_F(NinePinLive, APulledAdapterIsLostAtOnceAndFoundAgainAndNothingResumes) {
    ASSERT_TRUE(control.comes_true([this] { return driver->link().up; }));
    ASSERT_TRUE(control.call([&] { return driver->press(Key::Play); }));
    ASSERT_TRUE(control.comes_true([this] { return deck.now.playing; }));
    const DeckTime pulled = control.call([this] {
        pull();
        return control.timeline.now();
    });
    ASSERT_TRUE(control.comes_true([this] { return !driver->link().up; }));
    EXPECT_LT(seconds(control.call([this] { return control.timeline.now(); }) - pulled), 0.3);
    EXPECT_EQ(control.call([this] { return driver->tallies(); }), Tallies{});
    const Result<void> refused = control.call([this] { return driver->press(Key::Rewind); });
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, testing::HasSubstr("trying again in"));
    control.call([this] {
        plug_in();
        driver->make_safe();
    });
    ASSERT_TRUE(control.comes_true([this] { return driver->tallies().stop == true; }));
    EXPECT_FALSE(deck.now.rewinding);
    EXPECT_FALSE(deck.now.playing) << "STOP was wanted while the line was away";
}

} // namespace
} // namespace overbias::transport
