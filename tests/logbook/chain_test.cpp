// SPDX-License-Identifier: Apache-2.0
#include "logbook/event_chain.hpp"
#include "logbook_bench.hpp"

#include <gmock/gmock.h>

namespace overbias::logbook {
namespace {

using testing::HasSubstr;

TEST(EventChain, CanonicalFormAndHashAreFixedForGood) {
    Event event;
    event.session_uuid = "s";
    event.kind = "record_on";
    event.detail_json = R"({"a":1})";
    event.at = {.utc_ns = 1700000000000000000, .monotonic_ns = 5, .boot_id = "b"};
    event.audio_frame = 480;
    event.tape_m = 1.5;
    const std::string canonical = canonical_event(7, event, first_prev_hash());
    EXPECT_EQ(canonical, "16:overbias-event-1,1:7,1:s,9:record_on,7:{\"a\":1},19:1700000000000000000,1:5,1:b,3:480,"
                         "16:3ff8000000000000,64:0000000000000000000000000000000000000000000000000000000000000000,");
    // printf '%s' '<the text above>' | sha256sum
    EXPECT_EQ(event_hash(7, event, first_prev_hash()),
              "751637d1fa5bd51822211c72b70459e77494f61cc7362ed8fef092abf8dd58d9");
    event.audio_frame.reset();
    event.tape_m.reset();
    EXPECT_THAT(canonical_event(7, event, "p"), HasSubstr("1:b,--1:p,"));
}

TEST(EventChain, TextCannotMoveIntoTheNextField) {
    Event one = event_of_kind("ab"), other = event_of_kind("a");
    one.detail_json = "c";
    other.detail_json = "bc";
    EXPECT_NE(canonical_event(1, one, ""), canonical_event(1, other, ""));
}

TEST(EventChain, JsonStringEscapes) {
    EXPECT_EQ(json_string("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\u000a\\u0001\"");
}

/// What verify_chain() says after somebody did this to a logbook of 6 events: 1 session_started, 2 a, 3 b, 4
/// print_recorded, 5 c, 6 session_ended.
std::string said_after(const std::string& tampering) {
    static const LogbookDirectory original;
    if (!std::filesystem::exists(original.file())) {
        auto logbook = opened(original.file());
        begin_session(*logbook);
        for (const char* kind : {"a", "b"}) {
            Event event = event_of_kind(kind, kSession);
            event.tape_m = 10.0;
            EXPECT_TRUE(logbook->append(event).ok());
        }
        EXPECT_TRUE(logbook->record_print(a_print()).ok());
        EXPECT_TRUE(logbook->append(event_of_kind("c", kSession)).ok());
        EXPECT_TRUE(logbook->end_session(kSession).ok());
        EXPECT_TRUE(logbook->flush().ok());
    }
    const LogbookDirectory directory;
    std::filesystem::copy_file(original.file(), directory.file()); // closed: its write-ahead log is empty
    {
        SideDoor door(directory.file());
        door.run("PRAGMA synchronous = OFF");
        door.unlock_events();
        door.run(tampering);
    }
    const auto report = opened(directory.file())->verify_chain();
    EXPECT_TRUE(report.ok());
    return report->intact ? "intact " + std::to_string(report->events)
                          : std::to_string(*report->broken_seq) + ": " + report->text;
}

TEST(EventChain, UntouchedIsIntact) {
    EXPECT_EQ(said_after("SELECT 1"), "intact 6");
}

TEST(EventChain, EveryColumnOfARowIsCovered) {
    for (const char* change : {"session_uuid = NULL", "kind = 'x'", "detail = '{\"x\":1}'", "utc_ns = utc_ns + 1",
                               "monotonic_ns = monotonic_ns + 1", "boot_id = 'other'", "audio_frame = 1",
                               "tape_m = 10.000000001", "tape_m = NULL", "hash = prev_hash"}) {
        EXPECT_THAT(said_after(std::string("UPDATE events SET ") + change + " WHERE seq = 3"),
                    HasSubstr("3: event 3: does not match"))
            << change;
    }
    EXPECT_THAT(said_after("UPDATE events SET prev_hash = hash WHERE seq = 3"),
                HasSubstr("3: event 3: does not follow"));
}

TEST(EventChain, RemovedSwappedAndCutRowsAreFound) {
    EXPECT_THAT(said_after("DELETE FROM events WHERE seq = 3"), HasSubstr("3: event 3: is missing"));
    EXPECT_THAT(said_after("DELETE FROM events WHERE seq = 1"), HasSubstr("1: event 1: is missing"));
    EXPECT_THAT(said_after("DELETE FROM events WHERE seq >= 5"), HasSubstr("5: event 5: is missing, 6 were written"));
    EXPECT_THAT(said_after("UPDATE events SET seq = 99 WHERE seq = 2; UPDATE events SET seq = 2 WHERE seq = 3; "
                           "UPDATE events SET seq = 3 WHERE seq = 99"),
                HasSubstr("2: event 2: does not follow"));
}

TEST(EventChain, ReportsAndSessionsAreUnderTheChain) {
    EXPECT_THAT(said_after("UPDATE prints SET report = '{\"verdict\":\"pass\"}'"),
                HasSubstr("4: event 4: the report of print"));
    EXPECT_THAT(said_after("UPDATE prints SET verdict = 'pass'"), HasSubstr("4: event 4: the report"));
    EXPECT_THAT(said_after("DELETE FROM tracks; DELETE FROM prints"), HasSubstr("4: event 4: its print is missing"));
    EXPECT_THAT(said_after("UPDATE sessions SET simulated = 0"), HasSubstr("1: event 1: session"));
}

TEST(EventChain, EventsAreNotChangedByAccident) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    ASSERT_TRUE(logbook->append(event_of_kind("a")).ok());
    ASSERT_TRUE(logbook->flush().ok());
    SideDoor door(directory.file());
    EXPECT_TRUE(door.refused("UPDATE events SET kind = 'b'"));
    EXPECT_TRUE(door.refused("DELETE FROM events"));
}

} // namespace
} // namespace overbias::logbook
