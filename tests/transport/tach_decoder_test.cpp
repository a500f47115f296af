// SPDX-License-Identifier: Apache-2.0
#include "transport/io/tach_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace overbias::transport {

namespace {

using namespace std::chrono_literals;

/// A roller in quarter turns: where its two contacts are closed is a drawing, not a formula of the decoder.
struct Roller {
    static constexpr std::array<std::pair<bool, bool>, 4> kDrawing{
        {{false, false}, {true, false}, {true, true}, {false, true}}};
    int place = 0;
    std::uint32_t sequence = 0;

    TachEdge step(int by) {
        const auto before = kDrawing[static_cast<std::size_t>(place & 3)];
        place += by;
        const auto now = kDrawing[static_cast<std::size_t>(place & 3)];
        const bool of_b = before.second != now.second;
        return {of_b, of_b ? now.second : now.first, ++sequence, sequence * 1us};
    }
};

TachDecoder quadrature(bool reversed = false) {
    return {TachKind::Quadrature, reversed, false, false};
}

TEST(TachDecoder, CountsEveryQuadratureEdgeBothWays) {
    for (const bool reversed : {false, true}) {
        Roller roller;
        TachDecoder decoder = quadrature(reversed);
        for (int i = 0; i < 1003; ++i) {
            decoder.add(roller.step(1));
        }
        EXPECT_EQ(decoder.edges(), reversed ? -1003 : 1003);
        for (int i = 0; i < 2001; ++i) {
            decoder.add(roller.step(-1));
        }
        EXPECT_EQ(decoder.edges(), reversed ? 998 : -998);
        EXPECT_EQ(decoder.lost(), 0u);
        EXPECT_EQ(decoder.last_edge(), 3004us);
    }
}

TEST(TachDecoder, StartsFromAnyPlace) {
    for (int start = 0; start < 4; ++start) {
        Roller roller{start};
        const auto [a, b] = Roller::kDrawing[static_cast<std::size_t>(start)];
        TachDecoder decoder(TachKind::Quadrature, false, a, b);
        decoder.add(roller.step(1));
        decoder.add(roller.step(1));
        decoder.add(roller.step(-1));
        EXPECT_EQ(decoder.edges(), 1) << start;
        EXPECT_EQ(decoder.lost(), 0u) << start;
    }
}

TEST(TachDecoder, AGapInTheSequenceIsLostAndTheCountGoesOn) {
    Roller roller;
    TachDecoder decoder = quadrature();
    for (int i = 0; i < 10; ++i) {
        decoder.add(roller.step(1));
    }
    for (int i = 0; i < 7; ++i) {
        (void)roller.step(1); // nobody hears of these
    }
    for (int i = 0; i < 10; ++i) {
        decoder.add(roller.step(1));
    }
    EXPECT_TRUE(decoder.waiting());
    EXPECT_EQ(decoder.edges(), 10);
    decoder.give_up_waiting();
    EXPECT_FALSE(decoder.waiting());
    EXPECT_EQ(decoder.lost(), 7u);
    const auto after_gap = decoder.edges();
    EXPECT_GE(after_gap, 10 + 7); // the first edges may be read wrongly, no more than that
    for (int i = 0; i < 100; ++i) {
        decoder.add(roller.step(1));
    }
    EXPECT_EQ(decoder.edges(), after_gap + 100);
    EXPECT_EQ(decoder.lost(), 7u);
}

TEST(TachDecoder, EdgesThatOvertakeEachOtherAreTakenInTheirOrder) {
    Roller roller;
    TachDecoder decoder = quadrature();
    std::vector<TachEdge> edges;
    for (int i = 0; i < 400; ++i) {
        edges.push_back(roller.step(i < 300 ? 1 : -1));
    }
    for (std::size_t i = 0; i + 5 <= edges.size(); i += 5) {
        std::reverse(edges.begin() + static_cast<std::ptrdiff_t>(i),
                     edges.begin() + static_cast<std::ptrdiff_t>(i + 5));
    }
    for (const TachEdge& edge : edges) {
        decoder.add(edge);
    }
    EXPECT_FALSE(decoder.waiting());
    EXPECT_EQ(decoder.edges(), 200);
    EXPECT_EQ(decoder.lost(), 0u);
}

TEST(TachDecoder, GivesUpByItselfWhenTooManyWait) {
    Roller roller;
    TachDecoder decoder = quadrature();
    (void)roller.step(1);
    for (int i = 0; i < 1000; ++i) {
        decoder.add(roller.step(1));
    }
    EXPECT_EQ(decoder.lost(), 1u);
    EXPECT_FALSE(decoder.waiting());
    EXPECT_NEAR(static_cast<double>(decoder.edges()), 1001.0, 4.0); // each line's first edge after the gap may mislead
}

TEST(TachDecoder, ALineThatRisesTwiceHasLostAnEdge) {
    TachDecoder decoder = quadrature();
    decoder.add({false, true, 1, 1us});
    decoder.add({false, true, 2, 2us}); // coalesced by the interrupt controller: no gap in the numbers
    EXPECT_EQ(decoder.edges(), 1);
    EXPECT_EQ(decoder.lost(), 1u);
    decoder.add({true, true, 3, 3us});
    EXPECT_EQ(decoder.edges(), 2);
    EXPECT_EQ(decoder.lost(), 1u);
}

TEST(TachDecoder, AnEdgeOlderThanTheFirstLookIsNoLoss) {
    TachDecoder decoder(TachKind::Quadrature, false, true, false); // the look saw a high already
    decoder.add({false, true, 1, 1us});
    EXPECT_EQ(decoder.edges(), 0);
    EXPECT_EQ(decoder.lost(), 0u);
}

TEST(TachDecoder, SequenceNumbersWrap) {
    TachDecoder decoder = quadrature();
    Roller roller;
    const TachEdge first = roller.step(1);
    decoder.add({first.of_b, first.high, std::numeric_limits<std::uint32_t>::max() / 2, 1us});
    decoder.give_up_waiting();
    const auto lost = decoder.lost();
    roller.sequence = std::numeric_limits<std::uint32_t>::max() / 2;
    const TachEdge second = roller.step(1);
    decoder.add(second);
    roller.sequence = std::numeric_limits<std::uint32_t>::max() - 50;
    TachEdge edge = roller.step(1);
    decoder.add(edge);
    decoder.give_up_waiting();
    EXPECT_GT(decoder.lost(), lost);
    const auto lost_then = decoder.lost();
    for (int i = 0; i < 200; ++i) {
        decoder.add(roller.step(1));
    }
    EXPECT_EQ(decoder.lost(), lost_then);
    EXPECT_EQ(decoder.edges(), 203);
}

TEST(TachDecoder, ASinglePhaseCountsUp) {
    TachDecoder decoder(TachKind::Single, true, false, false);
    for (std::uint32_t i = 1; i <= 50; ++i) {
        decoder.add({false, i % 2 == 1, i, i * 1ms});
    }
    EXPECT_EQ(decoder.edges(), 50); // though reversed: who reads takes the sign from the command
    EXPECT_EQ(decoder.last_edge(), 50ms);
}

TEST(TachDecoder, PulsesCountTheWayTheOtherLineSays) {
    TachDecoder decoder(TachKind::PulseDirection, false, false, true);
    std::uint32_t sequence = 0;
    const auto pulses = [&](int count) {
        for (int i = 0; i < count; ++i) {
            decoder.add({false, true, ++sequence, 1us});
            decoder.add({false, false, ++sequence, 2us});
        }
    };
    pulses(30);
    EXPECT_EQ(decoder.edges(), 30);
    decoder.add({true, false, ++sequence, 3us});
    pulses(50);
    EXPECT_EQ(decoder.edges(), -20);
    EXPECT_EQ(decoder.lost(), 0u);
}

} // namespace

} // namespace overbias::transport
