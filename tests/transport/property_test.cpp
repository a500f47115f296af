// SPDX-License-Identifier: Apache-2.0
// Random commands, hands on the deck and faults, through the machine and a deck of deck-sim's mechanics, under the
// rules of property_rules.hpp. Half of the lives reach it through the parallel remote (with and without lamps), half
// over a link that can be cut. What may never be, by the deck's own truth:
//   - RECORD is pressed only armed, asked for, in play and at play speed; the deck never records otherwise than by that
//     key or by a hand
//   - no other key of motion, no speed and no record-ready is touched while the deck records
//   - never two motion contacts at once, never RECORD's contact alone
//   - PLAY only with the tape still, a wind never against a running tape; the tape is never torn
//   - without tape the deck stops recording within the lag of its sensor
//   - in Unknown, Faulted and TapeOut no key but STOP; no key that the last commands did not ask for: nothing resumes
//     after a fault, a lost link, a restart; after a fault the tape comes to rest
//   - record that nobody asked for is stopped, whatever the machine thinks it is doing
//   - lifters are not defeated above the cue limit, and do not stay so
//   - the speed is switched, and edit mode entered, only with the tape still
//   - the machine does not say Recording, or Stopped, when it is not so; while the link is lost it says Unknown
//   - every command is answered; denied and deferred ones with a reason, the others without
// One life has at most one failed sensor (a stuck lamp, a dead or losing tach); hands, power cuts, a torn tape, the end
// of the tape, lost links and restarts of the machine come on top. OVERBIAS_PROPERTY_ACTIONS sets the number of random
// actions (100 000, a tenth of scripts/soak's), OVERBIAS_SEED the seed; a failure prints the life that repeats it
// (OVERBIAS_PROPERTY_LIFE).
#include "property_life.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace overbias::transport {

namespace {

long number_from(const char* name, long otherwise) {
    const char* const text = std::getenv(name);
    return text != nullptr ? std::strtol(text, nullptr, 10) : otherwise;
}

} // namespace

TEST(Property, NoRandomLifeBreaksAnInterlock) {
    const long actions = number_from("OVERBIAS_PROPERTY_ACTIONS", 100'000);
    const auto seed = static_cast<std::uint64_t>(number_from("OVERBIAS_SEED", 4));
    const long only = number_from("OVERBIAS_PROPERTY_LIFE", -1);
    constexpr int kActionsALife = 250;
    constexpr int kMostTold = 10; // lives that fail, before the run is given up
    int failed = 0;
    property::Coverage coverage;
    std::printf("seed %llu, %ld actions\n", static_cast<unsigned long long>(seed), actions);
    for (long life = only >= 0 ? only : 0; life * kActionsALife < actions; ++life) {
        property::Life one(seed * 1'000'003U + static_cast<std::uint64_t>(life), coverage);
        const std::string violation = one.run(kActionsALife);
        if (!violation.empty()) {
            ADD_FAILURE() << "repeat with OVERBIAS_SEED=" << seed << " OVERBIAS_PROPERTY_LIFE=" << life << ": "
                          << violation;
            ++failed;
        }
        if (only >= 0 || failed == kMostTold) {
            return;
        }
    }
    for (const auto& [what, count] : coverage.counts) {
        std::printf("  %-28s %ld\n", what.c_str(), count);
    }
    std::printf("  recordings %ld, by hand %ld, tach edges %ld\n", coverage.recordings, coverage.hand_recordings,
                coverage.edges);
    // a run that went nowhere shows nothing
    for (const char* state : {"Unknown", "Stopped", "Starting", "Playing", "Recording", "FastForwarding", "Rewinding",
                              "Shuttling", "Editing", "Locating", "Braking", "TapeOut", "Faulted"}) {
        EXPECT_GT(coverage.counts[state], actions / 1000) << state;
    }
    for (const char* what : {"play goes",
                             "record goes",
                             "punch out goes",
                             "locate goes",
                             "library forward goes",
                             "library reverse goes",
                             "shuttle goes",
                             "edit goes",
                             "defeat lifters goes",
                             "thread goes",
                             "select speed goes",
                             "set ready goes",
                             "clear fault goes",
                             "hands on the reels",
                             "power cut",
                             "link cut",
                             "threaded",
                             "stuck lamp",
                             "dead tach",
                             "lost edges",
                             "restart"}) {
        EXPECT_GT(coverage.counts[what], actions / 5000) << what;
    }
    EXPECT_GT(coverage.recordings, actions / 500);
    EXPECT_GT(coverage.hand_recordings, actions / 1000);
}

} // namespace overbias::transport
