// SPDX-License-Identifier: Apache-2.0
#include "controller/make_safe.hpp"

#include "base/figure.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <thread>

namespace overbias::controller {

namespace {

constexpr int kSeenSafe = 0;
constexpr int kFault = 4;
constexpr DeckDuration kLook = std::chrono::milliseconds(10);
constexpr DeckDuration kStillFor = std::chrono::milliseconds(500); ///< without a tach edge
constexpr DeckDuration kPressAgain = std::chrono::seconds(1);
/// For a serial line that does not come up, or a deck that does not answer: several attempts to open it.
constexpr DeckDuration kLinkPatience = std::chrono::seconds(15);
constexpr auto kLinesPatience = std::chrono::seconds(1);
constexpr auto kLinesRetry = std::chrono::milliseconds(5);

bool moves_or_records(const transport::Tallies& tallies) {
    return tallies.record.value_or(false) || tallies.play.value_or(false) || tallies.fast_forward.value_or(false) ||
           tallies.rewind.value_or(false);
}

/// For how long no step of the tach is a tape that stands: a coarse counter needs more time to show one that creeps.
DeckDuration still_for(const transport::DeckCapabilities& deck) {
    constexpr double kCreeping_m_s = 0.1;
    const double step_s =
        1.0 / (deck.counter_edges_per_metre.value_or(1e6) * deck.counter_still_m_s.value_or(kCreeping_m_s));
    return std::max(kStillFor, deck_seconds(step_s));
}

std::string lit(const transport::Tallies& tallies) {
    std::string words;
    const auto add = [&words](const std::optional<bool>& tally, const char* word) {
        if (tally.value_or(false)) {
            words += (words.empty() ? "" : ", ") + std::string(word);
        }
    };
    add(tallies.record, "record");
    add(tallies.play, "play");
    add(tallies.fast_forward, "fast forward");
    add(tallies.rewind, "rewind");
    return words;
}

} // namespace

Task<MakeSafeResult> stop_and_watch(Timeline& timeline, BareDeck& bare, DeckDuration patience) {
    transport::Deck& deck = bare.deck();
    const DeckTime begin = timeline.now();
    std::string was = lit(deck.tallies());
    deck.make_safe();
    const auto watched = bare.open_watch();
    const bool has_tach = deck.capabilities().tach && watched.ok();
    const bool over_link = deck.capabilities().link;

    DeckTime pressed = begin;
    const DeckDuration still_time = still_for(deck.capabilities());
    transport::TachReading seen = deck.tach();
    DeckTime still_since = timeline.now();
    int presses = 1;
    MakeSafeResult result;
    while (true) {
        co_await timeline.sleep_for(kLook);
        const DeckTime now = timeline.now();
        const transport::Tallies tallies = deck.tallies();
        const bool has_tallies = tallies.play.has_value() || tallies.stop.has_value() || tallies.record.has_value();
        const bool reached = !over_link || deck.link().up; // a serial deck has not been heard when its port opens
        const transport::TachReading tach = deck.tach();
        if (tach.edges != seen.edges || tach.lost != seen.lost ||
            !reached) { // a counter that nobody reads stands still too
            seen = tach;
            still_since = now;
        }
        if (was.empty() && over_link) {
            was = lit(tallies);
        }
        const std::string said = was.empty() ? "" : " (its tallies said: " + was + ")";
        const bool still = !has_tach || now - still_since >= still_time;
        const bool said_stop = has_tach || tallies.stop.value_or(true); // without a tach the stop tally is waited for
        if (now >= deck.busy_until() && reached && (has_tach || has_tallies) && !moves_or_records(tallies) && still &&
            said_stop) {
            result.seen_safe = true;
            result.told = "STOP pressed" + said + (presses > 1 ? " " + std::to_string(presses) + " times" : "") +
                          "; out of record" +
                          (has_tach ? ", no tach for " + figure(seconds(still_time), 1) + " s" : "") + " after " +
                          figure(seconds(now - begin), 2) + " s";
            break;
        }
        if (moves_or_records(tallies) && now - pressed >= kPressAgain) {
            deck.make_safe();
            pressed = now;
            ++presses;
        }
        const bool blind = !has_tach && !has_tallies && reached;
        const bool out_of_time = now - begin >= patience;
        if (!reached && now - begin >= std::min(patience, kLinkPatience)) { // nothing gets through a dead link
            result.told = "STOP could not be given: " + deck.link().problem + "; stop the deck by hand";
            break;
        }
        if (((blind && now - begin >= still_time) || out_of_time) && now >= deck.busy_until()) {
            result.told = "STOP pressed" + said + ", but the deck was not seen to stop within " +
                          figure(seconds(now - begin), 1) + " s: " +
                          (blind                   ? "neither tally nor tach tells what it does"
                           : !lit(tallies).empty() ? "its tallies still say " + lit(tallies)
                           : has_tach && !still    ? "the tach still gives edges"
                                                   : "its stop tally is not lit") +
                          "; stop it by hand";
            break;
        }
    }
    if (!watched) {
        result.told += "; the tach could not be watched: " + watched.error().message;
    }
    co_return result;
}

int make_safe(const std::function<std::unique_ptr<BareDeck>(SteadyTimeline&)>& open, DeckDuration patience) {
    SteadyTimeline timeline;
    std::unique_ptr<BareDeck> bare;
    for (const auto until = std::chrono::steady_clock::now() + kLinesPatience; !bare;) {
        try {
            bare = open(timeline);
        } catch (const std::exception& failure) {
            if (std::chrono::steady_clock::now() >= until) {
                std::fprintf(stderr, "overbiasd: make-safe: the deck could not be reached: %s\nStop it by hand.\n",
                             failure.what());
                return kFault;
            }
            std::this_thread::sleep_for(kLinesRetry);
        }
    }
    MakeSafeResult result;
    const auto watch = [&]() -> Task<void> { result = co_await stop_and_watch(timeline, *bare, patience); };
    const Spawned spawned(watch(), [&](std::exception_ptr failure) {
        if (failure) {
            try {
                std::rethrow_exception(failure);
            } catch (const std::exception& broken) {
                result.told = broken.what();
            }
        }
        timeline.stop();
    });
    timeline.run();
    std::fprintf(result.seen_safe ? stdout : stderr, "overbiasd: make-safe: %s\n", result.told.c_str());
    return result.seen_safe ? kSeenSafe : kFault;
}

} // namespace overbias::controller
