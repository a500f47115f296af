// SPDX-License-Identifier: Apache-2.0
// A directory of its own with a logbook in it, and a second look at the file that goes round the product.
#pragma once

#include "logbook/logbook.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <string>

namespace overbias::logbook {

class LogbookDirectory {
  public:
    LogbookDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "overbias-logbook-XXXXXX").string();
        EXPECT_NE(mkdtemp(name.data()), nullptr);
        directory_ = name;
    }
    ~LogbookDirectory() { std::filesystem::remove_all(directory_); }
    LogbookDirectory(const LogbookDirectory&) = delete;
    LogbookDirectory& operator=(const LogbookDirectory&) = delete;
    [[nodiscard]] std::filesystem::path file(const char* name = "logbook.db") const { return directory_ / name; }

    /// What a machine would find after the power went: database and write-ahead log as they are now.
    [[nodiscard]] std::filesystem::path copied_as_after_a_crash() const {
        std::filesystem::copy_file(file(), file("crashed.db"));
        if (std::filesystem::exists(file("logbook.db-wal"))) {
            std::filesystem::copy_file(file("logbook.db-wal"), file("crashed.db-wal"));
        }
        return file("crashed.db");
    }

  private:
    std::filesystem::path directory_;
};

/// A second connection.
class SideDoor {
  public:
    explicit SideDoor(const std::filesystem::path& file) {
        EXPECT_EQ(sqlite3_open_v2(file.c_str(), &handle_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
    }
    ~SideDoor() { sqlite3_close(handle_); }
    SideDoor(const SideDoor&) = delete;
    SideDoor& operator=(const SideDoor&) = delete;

    void run(const std::string& sql) {
        char* why = nullptr;
        EXPECT_EQ(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &why), SQLITE_OK)
            << sql << ": " << (why == nullptr ? "" : why);
        sqlite3_free(why);
    }
    [[nodiscard]] bool refused(const std::string& sql) {
        return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK;
    }
    [[nodiscard]] std::string text(const std::string& sql) {
        sqlite3_stmt* row = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &row, nullptr), SQLITE_OK) << sql;
        std::string found;
        if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_type(row, 0) != SQLITE_NULL) {
            found = reinterpret_cast<const char*>(sqlite3_column_text(row, 0));
        }
        sqlite3_finalize(row);
        return found;
    }
    /// Takes the locks away that keep accidents from the events.
    void unlock_events() { run("DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_removed"); }

  private:
    sqlite3* handle_ = nullptr;
};

inline std::unique_ptr<Logbook> opened(const std::filesystem::path& file, LogbookOptions options = {}) {
    auto logbook = Logbook::open(file, options);
    EXPECT_TRUE(logbook.ok()) << (logbook.ok() ? "" : logbook.error().message);
    return logbook.ok() ? std::move(logbook).value() : nullptr;
}

inline Event event_of_kind(const std::string& kind, const std::string& session = {}) {
    Event event;
    event.session_uuid = session;
    event.kind = kind;
    return event;
}

inline constexpr const char* kDeck = "0d000000-0000-4000-8000-000000000001";
inline constexpr const char* kHeads = "0d000000-0000-4000-8000-000000000002";
inline constexpr const char* kReel = "0d000000-0000-4000-8000-000000000003";
inline constexpr const char* kSession = "0d000000-0000-4000-8000-000000000004";
inline constexpr const char* kPrint = "0d000000-0000-4000-8000-000000000005";

/// Deck, head block, reel and an open session.
inline void begin_session(Logbook& logbook, const std::string& uuid = kSession) {
    EXPECT_TRUE(logbook.put(DeckRecord{.uuid = kDeck, .name = "deck", .profile = "simulated", .simulated = true}).ok());
    EXPECT_TRUE(logbook.put(HeadBlockRecord{.uuid = kHeads, .deck_uuid = kDeck, .name = ""}).ok());
    EXPECT_TRUE(
        logbook
            .put(ReelRecord{.uuid = kReel, .label = "Side A", .stock = "generic-2500ft", .batch = "", .length_m = 762})
            .ok());
    EXPECT_TRUE(logbook
                    .start_session({.uuid = uuid,
                                    .deck_uuid = kDeck,
                                    .head_block_uuid = kHeads,
                                    .reel_uuid = kReel,
                                    .kind = "print",
                                    .simulated = true,
                                    .start = {}})
                    .ok());
}

inline PrintRecord a_print() {
    return {.uuid = kPrint,
            .session_uuid = kSession,
            .verdict = "fail",
            .reason = "dropout",
            .report_json = "{\"verdict\":\"fail\"}",
            .at = {},
            .tracks = {
                {.file = "side-a.wav", .file_sha256 = std::string(64, 'a'), .verdict = "fail", .start_tape_m = 12.5}}};
}

} // namespace overbias::logbook
