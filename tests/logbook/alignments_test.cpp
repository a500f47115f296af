// SPDX-License-Identifier: Apache-2.0
// Alignments in the logbook: what comes back, what a kill leaves, what a later change shows.
#include "logbook_bench.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <gmock/gmock.h>
#include <limits>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace overbias::logbook {
namespace {

using testing::HasSubstr;

AlignmentEntry an_alignment(const std::string& uuid = "0d000000-0000-4000-8000-0000000000a1",
                            const std::string& begun_at = "2024-05-03T10:15:00.000Z") {
    return {.uuid = uuid,
            .deck_uuid = kDeck,
            .head_block_uuid = kHeads,
            .speed_ips = 15.0,
            .equalisation = "IEC1",
            .stock = "generic",
            .batch = "17-A",
            .procedure = "record",
            .begun_at = begun_at,
            .ended_at = {},
            .values = {},
            .operators = "F. Meyer",
            .measured_by = "overbiasd 9.8.7"};
}

AlignmentValue a_value(const std::string& id, int channel, double reading) {
    return {.id = id,
            .channel = channel,
            .reading = reading,
            .unit = "dB",
            .target = 3.0,
            .tolerance = 0.25,
            .averaging_s = 0.5,
            .accepted_at = "2024-05-03T10:16:00.000Z",
            .accepted_by = "F. Meyer",
            .calibration_tape = {},
            .bound = "at_least",
            .remark = "better than"};
}

TEST(LoggedAlignments, ComeBackAsTheyWereWithWhatWasAcceptedLater) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    AlignmentEntry alignment = an_alignment();
    AlignmentEntry later = an_alignment("0d000000-0000-4000-8000-0000000000a2", "2024-05-04T10:15:00.000Z");
    ASSERT_TRUE(logbook->record_alignment(later).ok());
    ASSERT_TRUE(logbook->record_alignment(alignment).ok());
    alignment.values.push_back(a_value("record.bias", 1, 0.1 + 0.2)); // no short decimal
    alignment.values.push_back(a_value("record.bias", 2, -1e-300));
    alignment.values.back().target.reset();
    alignment.values.back().tolerance.reset();
    ASSERT_TRUE(logbook->record_alignment(alignment).ok());
    alignment.values.erase(alignment.values.begin());
    alignment.ended_at = "2024-05-03T10:20:00.000Z";
    alignment.operators += ", B. Lang"; // gone on with
    alignment.measured_by += ", overbiasd 9.8.8";
    ASSERT_TRUE(logbook->record_alignment(alignment).ok());
    ASSERT_TRUE(logbook->flush().ok());
    logbook.reset();

    logbook = opened(directory.file());
    const auto kept = logbook->alignments(10);
    ASSERT_TRUE(kept.ok());
    ASSERT_EQ(kept->size(), 2u);
    EXPECT_EQ(kept->at(0), alignment);
    EXPECT_EQ(kept->at(1), later);
    const auto newest = logbook->alignments(1);
    ASSERT_EQ(newest->size(), 1u);
    EXPECT_EQ(newest->front().uuid, later.uuid);
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
}

TEST(LoggedAlignments, WhatWasAcknowledgedOutlivesAKill) {
    const LogbookDirectory directory;
    std::array<int, 2> pipe_ends{};
    ASSERT_EQ(pipe(pipe_ends.data()), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) { // a daemon that never comes to an orderly end
        auto logbook = opened(directory.file());
        begin_session(*logbook);
        AlignmentEntry alignment = an_alignment();
        for (int step = 0;; ++step) {
            alignment.values.push_back(a_value("step", 1, step));
            if (!logbook->record_alignment(alignment, [&](const Result<std::int64_t>& seq) {
                    const char told = seq.ok() ? 'k' : 'x';
                    (void)!write(pipe_ends[1], &told, 1);
                })) {
                (void)logbook->flush(); // its queue is full: go on as fast as the disk does
            }
            if (step == 300) {
                pause();
            }
        }
    }
    close(pipe_ends[1]);
    std::size_t acknowledged = 0;
    for (char told = 0; acknowledged < 40 && read(pipe_ends[0], &told, 1) == 1;) {
        ASSERT_EQ(told, 'k');
        ++acknowledged;
    }
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    for (char told = 0; read(pipe_ends[0], &told, 1) == 1;) { // what it still told
        ++acknowledged;
    }
    close(pipe_ends[0]);

    auto logbook = opened(directory.file());
    const auto kept = logbook->alignments(10);
    ASSERT_TRUE(kept.ok());
    ASSERT_EQ(kept->size(), 1u);
    ASSERT_GE(kept->front().values.size(), acknowledged);
    EXPECT_GE(acknowledged, 40u);
    for (std::size_t step = 0; step < kept->front().values.size(); ++step) {
        EXPECT_EQ(kept->front().values[step], a_value("step", 1, static_cast<double>(step)));
    }
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
}

TEST(LoggedAlignments, ALaterChangeShows) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    AlignmentEntry alignment = an_alignment();
    alignment.values.push_back(a_value("record.bias", 1, 3.2));
    ASSERT_TRUE(logbook->record_alignment(alignment).ok());
    alignment.values.push_back(a_value("record.bias", 2, 3.1));
    ASSERT_TRUE(logbook->record_alignment(alignment).ok());
    ASSERT_TRUE(logbook->flush().ok());
    ASSERT_TRUE(logbook->verify_chain()->intact);

    SideDoor door(directory.file());
    door.run("UPDATE alignment_steps SET reading = 3.0 WHERE place = 1");
    EXPECT_THAT(logbook->verify_chain()->text, HasSubstr("is no longer what was accepted"));
    door.run("UPDATE alignment_steps SET reading = 3.1 WHERE place = 1");
    EXPECT_TRUE(logbook->verify_chain()->intact);

    for (const std::string column : {"operators", "measured_by"}) {
        const std::string was = door.text(("SELECT " + column + " FROM alignments").c_str());
        door.run(("UPDATE alignments SET " + column + " = 'another'").c_str());
        EXPECT_THAT(logbook->verify_chain()->text, HasSubstr("is no longer what was accepted")) << column;
        door.run(("UPDATE alignments SET " + column + " = '" + was + "'").c_str());
        EXPECT_TRUE(logbook->verify_chain()->intact) << column;
    }

    // the state of the first event, whole: it fits its event, but a newer one has been written
    door.run("DELETE FROM alignment_steps WHERE place = 1");
    door.run("UPDATE alignments SET event_seq = event_seq - 1");
    EXPECT_THAT(logbook->verify_chain()->text, HasSubstr("an older state of its alignment has been put back"));

    door.run("DELETE FROM alignment_steps");
    door.run("DELETE FROM alignments");
    EXPECT_THAT(logbook->verify_chain()->text, HasSubstr("its alignment is missing"));
}

TEST(LoggedAlignments, AReadingThatIsNoNumberIsRefusedAloneAndSaidSo) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    AlignmentEntry alignment = an_alignment();
    alignment.values.push_back(a_value("record.level", 1, std::numeric_limits<double>::quiet_NaN()));
    std::string why;
    ASSERT_TRUE(logbook
                    ->record_alignment(alignment,
                                       [&](const Result<std::int64_t>& seq) {
                                           why = seq ? std::string("stored") : seq.error().message;
                                       })
                    .ok());
    ASSERT_TRUE(logbook->append(event_of_kind("tick")).ok());
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_THAT(why, HasSubstr("alignment " + alignment.uuid));
    EXPECT_TRUE(logbook->alignments(10)->empty());
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(logbook->status().rejected, 1u);
}

TEST(LoggedAlignments, ALogbookFromBeforeAlignmentsGetsTheirTablesAndKeepsItsEvents) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file());
    begin_session(*logbook);
    ASSERT_TRUE(logbook->end_session(kSession).ok());
    ASSERT_TRUE(logbook->flush().ok());
    const std::int64_t events = logbook->verify_chain()->events;
    logbook.reset();
    SideDoor(directory.file())
        .run("DROP TABLE alignment_steps; DROP TABLE alignments; "
             "UPDATE meta SET value = '1' WHERE key = 'schema_version'");

    logbook = opened(directory.file());
    ASSERT_TRUE(logbook);
    ASSERT_TRUE(logbook->record_alignment(an_alignment()).ok());
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_EQ(logbook->alignments(10)->size(), 1u);
    EXPECT_EQ(logbook->verify_chain()->events, events + 1);
    EXPECT_EQ(SideDoor(directory.file()).text("SELECT value FROM meta WHERE key = 'schema_version'"), "2");
}

} // namespace
} // namespace overbias::logbook
