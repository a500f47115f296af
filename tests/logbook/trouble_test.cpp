// SPDX-License-Identifier: Apache-2.0
// The disk is full, the file is locked, foreign, too new: nothing is acknowledged that is not on the disk, and nobody
// waits for it.
#include "logbook_bench.hpp"

#include <csignal>
#include <fstream>
#include <future>
#include <gmock/gmock.h>
#include <sys/resource.h>

namespace overbias::logbook {
namespace {

using testing::HasSubstr;

/// A disk on which no file of this process can grow beyond `bytes`.
class FullDisk {
  public:
    explicit FullDisk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit limit = before_;
        limit.rlim_cur = bytes;
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    }
    ~FullDisk() { make_room(); }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;
    void make_room() { setrlimit(RLIMIT_FSIZE, &before_); }

  private:
    rlimit before_{};
};

TEST(LogbookTrouble, FullDiskDegradesAndEverythingIsThereOnceThereIsRoom) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.retry_interval = std::chrono::hours(1)});
    ASSERT_TRUE(logbook->append(event_of_kind("before")).ok());
    ASSERT_TRUE(logbook->flush().ok());
    std::atomic<int> acknowledged{0};
    {
        FullDisk disk(std::filesystem::file_size(directory.file("logbook.db-wal")) + 100);
        Event big = event_of_kind("big");
        big.detail_json = "{\"x\":\"" + std::string(20000, 'x') + "\"}";
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(logbook->append(big, [&](const auto& seq) { acknowledged += seq.ok() ? 1 : 100; }).ok());
        }
        const auto flushed = logbook->flush();
        ASSERT_FALSE(flushed.ok());
        EXPECT_THAT(flushed.error().message, HasSubstr("logbook.db"));
        EXPECT_THAT(flushed.error().message, HasSubstr("disk"));
        EXPECT_TRUE(logbook->status().degraded);
        EXPECT_EQ(logbook->status().queued, 3u);
        EXPECT_EQ(acknowledged, 0);
    }
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_EQ(acknowledged, 3);
    EXPECT_FALSE(logbook->status().degraded);
    const auto report = logbook->verify_chain();
    EXPECT_TRUE(report->intact) << report->text;
    EXPECT_EQ(report->events, 4);
}

TEST(LogbookTrouble, LockedFileDegradesAndTheQueueIsBounded) {
    const LogbookDirectory directory;
    auto logbook =
        opened(directory.file(), {.queue_records = 5, .retry_interval = std::chrono::hours(1), .busy_timeout = {}});
    SideDoor door(directory.file());
    door.run("BEGIN IMMEDIATE");
    ASSERT_TRUE(logbook->append(event_of_kind("0")).ok());
    const auto flushed = logbook->flush();
    ASSERT_FALSE(flushed.ok());
    EXPECT_THAT(flushed.error().message, HasSubstr("locked"));
    for (int i = 1; i < 5; ++i) {
        EXPECT_TRUE(logbook->append(event_of_kind("n" + std::to_string(i))).ok());
    }
    const auto full = logbook->append(event_of_kind("one too many"));
    ASSERT_FALSE(full.ok());
    EXPECT_THAT(full.error().message, HasSubstr("queue is full (5 records"));
    EXPECT_THAT(full.error().message, HasSubstr("locked"));
    EXPECT_EQ(logbook->status().refused_full, 1u);
    EXPECT_EQ(logbook->status().queued, 5u);
    door.run("ROLLBACK");
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_EQ(logbook->verify_chain()->events, 5);
    EXPECT_TRUE(logbook->append(event_of_kind("room again")).ok());
}

TEST(LogbookTrouble, RetriesByItselfOnceTheLockIsGone) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.retry_interval = std::chrono::milliseconds(1), .busy_timeout = {}});
    std::promise<void> written;
    {
        SideDoor door(directory.file());
        door.run("BEGIN IMMEDIATE");
        ASSERT_TRUE(logbook->append(event_of_kind("patient"), [&](const auto&) { written.set_value(); }).ok());
        ASSERT_FALSE(logbook->flush().ok());
        door.run("ROLLBACK");
    }
    EXPECT_EQ(written.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
}

TEST(LogbookTrouble, QueueIsBoundedInBytesToo) {
    const LogbookDirectory directory;
    auto logbook =
        opened(directory.file(), {.queue_bytes = 10000, .retry_interval = std::chrono::hours(1), .busy_timeout = {}});
    Event big = event_of_kind("big");
    big.detail_json = "{\"x\":\"" + std::string(9900, 'x') + "\"}";
    EXPECT_FALSE(logbook->append(big).ok());
    big.detail_json = "{\"x\":\"" + std::string(6000, 'x') + "\"}";
    EXPECT_TRUE(logbook->append(big).ok());
    ASSERT_TRUE(logbook->flush().ok());
    EXPECT_TRUE(logbook->append(big).ok()) << "room is given back";
}

TEST(LogbookTrouble, ClosingWithADeadDiskTellsWhatWasNotWritten) {
    const LogbookDirectory directory;
    auto logbook = opened(directory.file(), {.retry_interval = std::chrono::hours(1), .busy_timeout = {}});
    SideDoor door(directory.file());
    door.run("BEGIN IMMEDIATE");
    std::vector<std::string> answers;
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(logbook
                        ->append(event_of_kind("lost"),
                                 [&](const auto& seq) { answers.push_back(seq ? "written" : seq.error().message); })
                        .ok());
    }
    ASSERT_FALSE(logbook->flush().ok());
    logbook.reset();
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_THAT(answers[1], HasSubstr("not written to the logbook: "));
}

TEST(LogbookTrouble, NewerSchemaIsRefusedAndLeftAlone) {
    const LogbookDirectory directory;
    opened(directory.file()).reset();
    SideDoor(directory.file()).run("UPDATE meta SET value = '3' WHERE key = 'schema_version'");
    const auto newer = Logbook::open(directory.file());
    ASSERT_FALSE(newer.ok());
    EXPECT_EQ(newer.error().message,
              directory.file().string() +
                  ": expected schema 2, got 3; use the Overbias that wrote this logbook, or a newer one");
    EXPECT_EQ(SideDoor(directory.file()).text("SELECT value FROM meta"), "3");
}

TEST(LogbookTrouble, OtherFilesAreNotLogbooks) {
    const LogbookDirectory directory;
    std::ofstream(directory.file("letter.db"))
        << "Dear sir, please find enclosed the tape. It is not a database at all, and never was one.\n";
    EXPECT_THAT(Logbook::open(directory.file("letter.db")).error().message, HasSubstr("not a logbook"));
    std::ofstream(directory.file("other.db")).flush();
    SideDoor(directory.file("other.db")).run("CREATE TABLE music (title TEXT)");
    EXPECT_THAT(Logbook::open(directory.file("other.db")).error().message, HasSubstr("another program's database"));
    EXPECT_EQ(SideDoor(directory.file("other.db")).text("PRAGMA journal_mode"), "delete")
        << "a foreign file is left as it was";
    EXPECT_THAT(Logbook::open("/nowhere/at/all/logbook.db").error().message, HasSubstr("/nowhere/at/all/logbook.db"));
    std::filesystem::create_directory(directory.file("folder.db"));
    EXPECT_THAT(Logbook::open(directory.file("folder.db")).error().message, HasSubstr("cannot be opened"));
}

TEST(LogbookTrouble, SecondDaemonIsRefused) {
    const LogbookDirectory directory;
    const auto first = opened(directory.file());
    const auto second = Logbook::open(directory.file());
    ASSERT_FALSE(second.ok());
    EXPECT_THAT(second.error().message, HasSubstr("in use by another overbiasd"));
}

TEST(LogbookTrouble, JournalIsAWriteAheadLog) {
    const LogbookDirectory directory;
    const auto logbook = opened(directory.file());
    EXPECT_EQ(SideDoor(directory.file()).text("PRAGMA journal_mode"), "wal");
}

} // namespace
} // namespace overbias::logbook
