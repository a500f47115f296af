// SPDX-License-Identifier: Apache-2.0
#include "logbook_bench.hpp"

#include <atomic>
#include <gmock/gmock.h>
#include <thread>

namespace overbias::logbook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Logbook, KeepsASessionWithEverythingEveryEventMustCarry) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    Event event = event_of_kind("record_on", kSession);
    event.detail_json = R"({"by":"job"})";
    event.audio_frame = 123456789012;
    event.tape_m = 12.345678901234567;
    event.at = {.utc_ns = 1'700'000'000'123'456'789, .monotonic_ns = 42, .boot_id = "boot"};
    ASSERT_TRUE(logbook->append(event).ok());
    ASSERT_TRUE(logbook->record_print(a_print()).ok());
    ASSERT_TRUE(logbook->end_session(kSession).ok());
    ASSERT_TRUE(logbook->flush().ok());
    logbook.reset();

    logbook = opened(directory.file());
    EXPECT_TRUE(logbook->interrupted_sessions().empty());
    const auto events = logbook->events(kSession, 0, 100);
    ASSERT_TRUE(events.ok());
    std::vector<std::string> kinds;
    for (const StoredEvent& one : *events) {
        kinds.push_back(one.event.kind);
    }
    EXPECT_THAT(kinds, ElementsAre("session_started", "record_on", "print_recorded", "session_ended"));
    const Event& kept = (*events)[1].event;
    EXPECT_EQ(kept.detail_json, event.detail_json);
    EXPECT_EQ(kept.at.utc_ns, event.at.utc_ns);
    EXPECT_EQ(kept.at.monotonic_ns, 42);
    EXPECT_EQ(kept.at.boot_id, "boot");
    EXPECT_EQ(kept.audio_frame, event.audio_frame);
    EXPECT_EQ(kept.tape_m, event.tape_m);
    EXPECT_FALSE((*events)[0].event.tape_m.has_value());
    EXPECT_GT((*events)[0].event.at.utc_ns, 1'600'000'000'000'000'000);
    EXPECT_FALSE((*events)[0].event.at.boot_id.empty());
    const auto sessions = logbook->sessions(10);
    ASSERT_EQ(sessions->size(), 1u);
    EXPECT_EQ(sessions->front().state, "closed");
    EXPECT_TRUE(sessions->front().session.simulated);
    const auto prints = logbook->prints(10);
    ASSERT_EQ(prints->size(), 1u);
    EXPECT_EQ(prints->front().print.report_json, a_print().report_json);
    EXPECT_EQ(prints->front().print.tracks.at(0).file, "side-a.wav");
    EXPECT_EQ(prints->front().print.tracks.at(0).start_tape_m, 12.5);
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(report->events, 4);
}

TEST(Logbook, FindsAPrintByItsUuidOrByTheSessionThatItsReportNames) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    EXPECT_FALSE(logbook->newest_event()->has_value());
    EXPECT_FALSE(logbook->print_of({})->has_value());
    begin_session(*logbook);
    PrintRecord first = a_print(), second = a_print();
    first.report_json = R"({"session":"reel-7","made":1})";
    second.report_json = R"({"session":"reel-7","made":2})";
    second.uuid = "0d000000-0000-4000-8000-0000000000ff";
    ASSERT_TRUE(logbook->record_print(first).ok());
    ASSERT_TRUE(logbook->record_print(second).ok());
    ASSERT_TRUE(logbook->flush().ok());
    const auto report_of = [&](const std::string& uuid) {
        const auto found = logbook->print_of(uuid);
        return found && *found ? (*found)->print.report_json : std::string("none");
    };
    EXPECT_EQ(report_of(first.uuid), first.report_json);
    EXPECT_EQ(report_of(second.uuid), second.report_json);
    EXPECT_EQ(report_of("reel-7"), second.report_json); // the newest
    EXPECT_EQ(report_of(""), second.report_json);
    EXPECT_EQ(report_of("reel-8"), "none");
    EXPECT_EQ((*logbook->print_of("reel-7"))->print.tracks.size(), a_print().tracks.size());
    EXPECT_TRUE((*logbook->print_of("reel-7"))->simulated);
    const auto all = logbook->events({}, 0, 100);
    const auto head = logbook->newest_event();
    ASSERT_TRUE(head.ok() && head->has_value());
    EXPECT_EQ((*head)->seq, all->back().seq);
    EXPECT_EQ((*head)->hash, all->back().hash);
}

TEST(Logbook, AcknowledgedOnlyWhenAnotherConnectionCanReadIt) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.batch_records = 3});
    std::atomic<int> acknowledged{0}, unseen{0};
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(logbook
                        ->append(event_of_kind("tick"),
                                 [&](const Result<std::int64_t>& seq) {
                                     SideDoor door(directory.file());
                                     const std::string here =
                                         door.text("SELECT count(*) FROM events WHERE seq = " + std::to_string(*seq));
                                     unseen += here == "1" ? 0 : 1;
                                     ++acknowledged;
                                 })
                        .ok());
    }
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_EQ(acknowledged, 10);
    EXPECT_EQ(unseen, 0);
    EXPECT_EQ(logbook->status().committed, 10u);
}

TEST(Logbook, AppendsFromTwoThreadsFormOneChainInOrderOfEach) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.queue_records = 10000});
    std::vector<std::int64_t> order_a, order_b; // written on the logbook's thread, read after flush
    const auto writer = [&](const char* kind, std::vector<std::int64_t>& order) {
        for (int i = 0; i < 500; ++i) {
            EXPECT_TRUE(
                logbook->append(event_of_kind(kind), [&order](const auto& seq) { order.push_back(*seq); }).ok());
        }
    };
    std::thread a(writer, "a", std::ref(order_a));
    std::thread b(writer, "b", std::ref(order_b));
    a.join();
    b.join();
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_EQ(order_a.size(), 500u);
    EXPECT_TRUE(std::is_sorted(order_a.begin(), order_a.end()));
    EXPECT_TRUE(std::is_sorted(order_b.begin(), order_b.end()));
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(report->events, 1000);
    EXPECT_LT(logbook->status().commits, 1000u) << "what waits is to be committed together";
}

TEST(Logbook, SessionLeftOpenByACrashIsInterruptedWithItsLastEvent) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    std::int64_t last = 0;
    ASSERT_TRUE(logbook->append(event_of_kind("record_on", kSession), [&](const auto& seq) { last = *seq; }).ok());
    ASSERT_TRUE(logbook->append(event_of_kind("daemon_note")).ok()); // of no session
    ASSERT_TRUE(logbook->flush().ok());
    const auto crashed = directory.copied_as_after_a_crash();

    auto after = opened(crashed);
    EXPECT_THAT(after->interrupted_sessions(), ElementsAre(kSession));
    const auto sessions = after->sessions(1);
    EXPECT_EQ(sessions->at(0).state, "interrupted");
    EXPECT_EQ(sessions->at(0).last_event_seq, last);
    const auto events = after->events(kSession, last - 1, 10);
    ASSERT_EQ(events->size(), 2u);
    EXPECT_EQ(sessions->at(0).end_utc_ns, events->at(0).event.at.utc_ns);
    EXPECT_EQ(events->at(1).event.kind, "session_interrupted");
    EXPECT_TRUE(after->verify_chain()->intact);
    after.reset();
    EXPECT_TRUE(opened(crashed)->interrupted_sessions().empty()); // told once
}

TEST(Logbook, RecordThatCannotBeStoredIsRefusedAlone) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    std::vector<std::string> answers;
    const auto keep = [&](const Result<std::int64_t>& seq) {
        answers.push_back(seq ? std::to_string(*seq) : seq.error().message);
    };
    Event no_json = event_of_kind("bad");
    no_json.detail_json = "{not json";
    Event no_number = event_of_kind("bad");
    no_number.tape_m = std::numeric_limits<double>::quiet_NaN();
    ASSERT_TRUE(logbook->append(event_of_kind("first"), keep).ok());
    ASSERT_TRUE(logbook->append(no_json, keep).ok());
    ASSERT_TRUE(logbook->append(event_of_kind("lost", "no-such-session"), keep).ok());
    ASSERT_TRUE(logbook->append(no_number, keep).ok());
    ASSERT_TRUE(logbook->append(event_of_kind("print_recorded"), keep).ok());
    ASSERT_TRUE(logbook->end_session("no-such-session", SessionEnd::Closed, keep).ok());
    ASSERT_TRUE(logbook->append(event_of_kind("second"), keep).ok());
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_THAT(answers,
                ElementsAre("1", AllOf(HasSubstr("event \"bad\""), HasSubstr("json_valid")), HasSubstr("FOREIGN KEY"),
                            HasSubstr("not a finite"), HasSubstr("by the logbook itself"),
                            HasSubstr("end of session no-such-session: it is not open"), "2"));
    EXPECT_EQ(logbook->status().rejected, 5u);
    EXPECT_FALSE(logbook->status().degraded);
    EXPECT_TRUE(logbook->verify_chain()->intact);
}

TEST(Logbook, PrintRefusedHalfWayLeavesNoTraceInItsTransaction) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.retry_interval = std::chrono::hours(1), .busy_timeout = {}});
    begin_session(*logbook);
    ASSERT_TRUE(logbook->flush().ok());
    SideDoor door(directory.file());
    door.run("BEGIN IMMEDIATE"); // so that what follows is one transaction
    PrintRecord bad = a_print();
    bad.verdict = "perhaps";
    bool refused = false;
    ASSERT_TRUE(logbook->append(event_of_kind("before")).ok());
    ASSERT_TRUE(logbook->record_print(bad, [&](const auto& seq) { refused = !seq.ok(); }).ok());
    ASSERT_TRUE(logbook->append(event_of_kind("after")).ok());
    ASSERT_FALSE(logbook->flush().ok());
    door.run("ROLLBACK");
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_TRUE(refused);
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(report->events, 3); // session_started, before, after
}

TEST(Logbook, MinusZeroAndAwkwardTextsKeepTheChain) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    Event event = event_of_kind("kind, with 3:net,strings\n\"quotes\"");
    event.tape_m = -0.0;
    event.detail_json = "{\"text\":\"\xC3\xA4\xC3\xB6\"}";
    ASSERT_TRUE(logbook->append(event).ok());
    event.tape_m = 762.0; // a whole number: sqlite keeps it as an integer
    ASSERT_TRUE(logbook->append(event).ok());
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(report->events, 2);
}

} // namespace
} // namespace overbias::logbook
