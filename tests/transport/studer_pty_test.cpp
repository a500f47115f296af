// SPDX-License-Identifier: Apache-2.0
// The Studer driver on a real pseudo terminal: XOFF and XON are heeded by the terminal itself.
#include "deck-sim/faces/studer_face.hpp"
#include "deck-sim/process/pty.hpp"
#include "timeline_thread.hpp"
#include "transport/drivers/studer_ascii.hpp"
#include "transport/io/serial_port.hpp"

#include <atomic>
#include <filesystem>
#include <gtest/gtest.h>

namespace overbias::transport::test {
namespace {

class CountingDeck : public deck_sim::StuderDeck {
  public:
    void press(Key key) override { ++(key == Key::Stop ? stops : plays); }
    void select_speed(double) override {}
    [[nodiscard]] State state() const override { return {}; }
    std::atomic<int> plays{0}, stops{0};
};

TEST(StuderOnAPty, PlaysAndIsHeldByXoffUntilXon) {
    std::string pattern = std::filesystem::temp_directory_path() / "studer-pty.XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(pattern.data());
    TimelineThread thread;
    CountingDeck tape;
    std::unique_ptr<deck_sim::Pty> pty;
    std::unique_ptr<deck_sim::StuderFace> face;
    std::unique_ptr<SerialPort> port;
    std::unique_ptr<StuderAscii> deck;
    std::size_t heard = 0;
    deck_sim::StuderFaceSettings settings;
    settings.ready_after = DeckDuration(0);
    thread.call([&] {
        pty = std::make_unique<deck_sim::Pty>(thread.timeline.io_context(), folder / "deck");
        face = std::make_unique<deck_sim::StuderFace>(thread.timeline, tape, settings,
                                                      [&](std::span<const std::uint8_t> bytes) { pty->write(bytes); });
        pty->on_bytes([&](std::span<const std::uint8_t> bytes) {
            heard += bytes.size();
            face->receive(bytes);
        });
        port = std::make_unique<SerialPort>(
            thread.timeline, SerialSettings{folder / "deck", 9600, SerialParity::None, /*xon_xoff=*/true});
        StuderAsciiConfig config;
        config.answer_s = 0.3; // a busy host is not a dead deck
        deck = std::make_unique<StuderAscii>(thread.timeline, *port, nullptr, config);
    });
    EXPECT_TRUE(thread.comes_true([&] { return deck->link().up; }));
    EXPECT_TRUE(thread.call([&] { return deck->press(Key::Play).ok(); }));
    EXPECT_TRUE(thread.comes_true([&] { return tape.plays == 1; }));

    thread.call([&] {
        face->hang(true);
        heard = 0;
    });
    EXPECT_TRUE(thread.comes_true([&] { return !deck->link().up; })) << "held: nothing is answered";
    thread.call([&] { deck->make_safe(); });
    constexpr std::size_t kOnTheWay = 4; // one query; that and its repetitions are more
    EXPECT_LE(thread.call([&] { return heard; }), kOnTheWay) << "the terminal held them";
    EXPECT_EQ(tape.stops, 0);
    thread.call([&] { face->hang(false); });
    EXPECT_TRUE(thread.comes_true([&] { return tape.stops > 0 && deck->link().up; }));
    thread.call([&] {
        deck.reset();
        port.reset();
        face.reset();
        pty.reset();
    });
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace overbias::transport::test
