// SPDX-License-Identifier: Apache-2.0
// A ScriptedRig whose deck offers every mode there is.
#pragma once

#include "scripted_rig.hpp"

#include <gtest/gtest.h>

namespace overbias::transport::test {

/// Its log begins empty: what the machine does to a deck it does not know yet has been looked at.
struct FullRig : ScriptedRig {
    explicit FullRig(const Prepare& prepare = {})
        : ScriptedRig([&](test::ScriptedDeck& rich, TransportConfig& settings) {
              rich.offer_everything();
              if (prepare) {
                  prepare(rich, settings);
              }
          }) {
        // how the last one left the lifters is not known; over a link they are restored as soon as it is up
        EXPECT_EQ(deck.keys(), deck.capabilities_.link ? "dd" : "d");
        clear();
    }
    void into_shuttle(double m_s) {
        EXPECT_EQ(transport->shuttle(m_s).status, CommandStatus::Accepted);
        tell([](Tallies& t) { t.stop = t.play = false; });
        speed_m_s = m_s;
        run(0.2);
        EXPECT_EQ(motion(), Motion::Shuttling);
        clear();
    }
    void link(bool up) {
        deck.link_ = {up, up ? "" : "/dev/ttyS0: no answer for 0.1 s"};
        if (!up) {
            deck.tally = {};
        }
        deck.tell();
    }
};

} // namespace overbias::transport::test
