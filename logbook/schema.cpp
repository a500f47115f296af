// SPDX-License-Identifier: Apache-2.0
#include "logbook/schema.hpp"

#include <sqlite3.h>
#include <string>

namespace overbias::logbook {

namespace {

constexpr const char* kApplicationId =
    "1331839564"; // "ObBL" as a number, sqlite.org/fileformat.html 1.3.6: tells a logbook from any other database

// Events are only ever added: the triggers keep accidents away (the chain shows intent).
constexpr const char* kTables = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE decks (
    uuid TEXT PRIMARY KEY, name TEXT NOT NULL, profile TEXT NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE head_blocks (
    uuid TEXT PRIMARY KEY, deck_uuid TEXT NOT NULL REFERENCES decks (uuid), name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE reels (
    uuid TEXT PRIMARY KEY, label TEXT NOT NULL, stock TEXT NOT NULL, batch TEXT NOT NULL, length_m REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
    uuid TEXT PRIMARY KEY,
    deck_uuid TEXT NOT NULL REFERENCES decks (uuid),
    head_block_uuid TEXT NOT NULL REFERENCES head_blocks (uuid),
    reel_uuid TEXT REFERENCES reels (uuid),
    kind TEXT NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'interrupted')),
    start_utc_ns INTEGER NOT NULL, start_monotonic_ns INTEGER NOT NULL, start_boot_id TEXT NOT NULL,
    end_utc_ns INTEGER, end_monotonic_ns INTEGER, end_boot_id TEXT,
    started_seq INTEGER NOT NULL, -- of its "session_started" event
    last_event_seq INTEGER        -- of an interrupted session
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_start ON sessions (start_utc_ns);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    session_uuid TEXT REFERENCES sessions (uuid) DEFERRABLE INITIALLY IMMEDIATE, -- null: of the daemon itself
    kind TEXT NOT NULL CHECK (kind <> ''),
    detail TEXT NOT NULL CHECK (json_valid(detail)),
    utc_ns INTEGER NOT NULL, monotonic_ns INTEGER NOT NULL, boot_id TEXT NOT NULL,
    audio_frame INTEGER, tape_m REAL,
    prev_hash TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_session ON events (session_uuid, seq);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END;
CREATE TABLE prints (
    uuid TEXT PRIMARY KEY,
    session_uuid TEXT NOT NULL REFERENCES sessions (uuid),
    utc_ns INTEGER NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail')),
    reason TEXT NOT NULL,
    report TEXT NOT NULL CHECK (json_valid(report)),
    report_sha256 TEXT NOT NULL,
    event_seq INTEGER NOT NULL REFERENCES events (seq)
) STRICT;
CREATE INDEX prints_by_time ON prints (utc_ns);
CREATE TABLE tracks (
    print_uuid TEXT NOT NULL REFERENCES prints (uuid), place INTEGER NOT NULL,
    file TEXT NOT NULL, file_sha256 TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail')), start_tape_m REAL,
    PRIMARY KEY (print_uuid, place)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kAlignmentTables = R"sql(
CREATE TABLE alignments (
    uuid TEXT PRIMARY KEY,
    deck_uuid TEXT NOT NULL REFERENCES decks (uuid),
    head_block_uuid TEXT NOT NULL REFERENCES head_blocks (uuid),
    speed_ips REAL NOT NULL, equalisation TEXT NOT NULL, stock TEXT NOT NULL, batch TEXT NOT NULL,
    procedure TEXT NOT NULL CHECK (procedure <> ''),
    begun_at TEXT NOT NULL CHECK (begun_at <> ''), ended_at TEXT NOT NULL, -- UTC, ISO 8601
    operators TEXT NOT NULL, measured_by TEXT NOT NULL,
    event_seq INTEGER NOT NULL REFERENCES events (seq)                     -- the last time it was stored
) STRICT, WITHOUT ROWID;
CREATE INDEX alignments_by_time ON alignments (begun_at);
CREATE TABLE alignment_steps (
    alignment_uuid TEXT NOT NULL REFERENCES alignments (uuid), place INTEGER NOT NULL,
    id TEXT NOT NULL CHECK (id <> ''), channel INTEGER NOT NULL, reading REAL NOT NULL, unit TEXT NOT NULL,
    target REAL, tolerance REAL, averaging_s REAL NOT NULL,
    accepted_at TEXT NOT NULL, accepted_by TEXT NOT NULL, calibration_tape TEXT NOT NULL,
    bound TEXT NOT NULL CHECK (bound IN ('', 'at_least', 'at_most')), remark TEXT NOT NULL,
    PRIMARY KEY (alignment_uuid, place)
) STRICT, WITHOUT ROWID;
)sql";

void create(Database& database) {
    database.run("BEGIN IMMEDIATE");
    database.run(kTables);
    database.run(kAlignmentTables);
    database.run(("INSERT INTO meta VALUES ('schema_version', '" + std::to_string(kSchemaVersion) + "')").c_str());
    database.run((std::string("PRAGMA application_id = ") + kApplicationId).c_str());
    database.run("COMMIT");
}

void upgrade_from_1(Database& database) {
    database.run("BEGIN IMMEDIATE");
    try {
        database.run(kAlignmentTables);
        database.run("UPDATE meta SET value = '2' WHERE key = 'schema_version'");
        database.run("COMMIT");
    } catch (...) {
        database.roll_back();
        throw;
    }
}

} // namespace

void prepare_schema(Database& database, const std::string& file) {
    if (database.text_of("SELECT count(*) FROM sqlite_master") == "0" &&
        database.text_of("PRAGMA application_id") == "0") {
        if (database.text_of("PRAGMA journal_mode = WAL") != "wal") {
            throw DatabaseError(
                SQLITE_CANTOPEN,
                file + ": this file system cannot keep a write-ahead log; put the logbook on a local disk");
        }
        create(database);
        return;
    }
    if (database.text_of("PRAGMA application_id") != kApplicationId) {
        throw DatabaseError(SQLITE_NOTADB,
                            file + ": expected an Overbias logbook, got another program's database; move it away");
    }
    const std::string version =
        database.text_of("SELECT value FROM meta WHERE key = 'schema_version'").value_or("none");
    if (version != "1" && version != std::to_string(kSchemaVersion)) {
        throw DatabaseError(SQLITE_MISMATCH, file + ": expected schema " + std::to_string(kSchemaVersion) + ", got " +
                                                 version +
                                                 "; use the Overbias that wrote this logbook, or a newer one");
    }
    if (database.text_of("PRAGMA journal_mode = WAL") != "wal") {
        throw DatabaseError(
            SQLITE_CANTOPEN,
            file + ": the write-ahead log cannot be used; is the file read-only or held by another program?");
    }
    if (version == "1") {
        upgrade_from_1(database);
    }
}

} // namespace overbias::logbook
