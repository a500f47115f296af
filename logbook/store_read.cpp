// SPDX-License-Identifier: Apache-2.0
// Reading the store back, and the proof that it was not changed.
#include "base/sha256.hpp"
#include "logbook/event_chain.hpp"
#include "logbook/store.hpp"

#include <utility>

namespace overbias::logbook {

namespace {

constexpr const char* kEventColumns =
    "seq, session_uuid, kind, detail, utc_ns, monotonic_ns, boot_id, audio_frame, tape_m, prev_hash, hash";

StoredEvent event_of(Statement& row) {
    StoredEvent stored;
    stored.seq = row.integer(0);
    stored.event.session_uuid = row.text(1);
    stored.event.kind = row.text(2);
    stored.event.detail_json = row.text(3);
    stored.event.at = {.utc_ns = row.integer(4), .monotonic_ns = row.integer(5), .boot_id = row.text(6)};
    if (!row.is_null(7)) {
        stored.event.audio_frame = row.integer(7);
    }
    if (!row.is_null(8)) {
        stored.event.tape_m = row.real(8);
    }
    stored.prev_hash = row.text(9);
    stored.hash = row.text(10);
    return stored;
}

constexpr const char* kSessionColumns =
    "uuid, deck_uuid, head_block_uuid, reel_uuid, kind, simulated, start_utc_ns, "
    "start_monotonic_ns, start_boot_id, state, end_utc_ns, last_event_seq, started_seq, "
    "(SELECT tape_m FROM events WHERE session_uuid = sessions.uuid AND kind = 'proven' ORDER BY seq DESC LIMIT 1)";

StoredSession session_of(Statement& row) {
    StoredSession stored;
    stored.session = {.uuid = row.text(0),
                      .deck_uuid = row.text(1),
                      .head_block_uuid = row.text(2),
                      .reel_uuid = row.text(3),
                      .kind = row.text(4),
                      .simulated = row.integer(5) != 0,
                      .start = {.utc_ns = row.integer(6), .monotonic_ns = row.integer(7), .boot_id = row.text(8)}};
    stored.state = row.text(9);
    if (!row.is_null(10)) {
        stored.end_utc_ns = row.integer(10);
    }
    if (!row.is_null(11)) {
        stored.last_event_seq = row.integer(11);
    }
    if (!row.is_null(13)) {
        stored.last_proven_m = row.real(13);
    }
    return stored;
}

const std::string kPrints = "SELECT p.uuid, p.session_uuid, p.verdict, p.reason, p.report, p.report_sha256, e.utc_ns, "
                            "e.monotonic_ns, e.boot_id, s.simulated FROM prints p JOIN events e ON e.seq = p.event_seq "
                            "JOIN sessions s ON s.uuid = p.session_uuid";

} // namespace

bool chain_broken(ChainReport& report, std::int64_t seq, const std::string& what) {
    report.intact = false;
    report.broken_seq = seq;
    report.text =
        "event " + std::to_string(seq) + ": " + what + "; what was logged has been changed or damaged from here on";
    return false;
}

/// Detail of event `seq` when it is of `kind`.
std::optional<std::string> detail_of(Statement& lookup, std::int64_t seq, const char* kind) {
    lookup.reset();
    lookup.bind(1, seq);
    if (!lookup.step() || lookup.text(0) != kind) {
        return std::nullopt;
    }
    return lookup.text(1);
}

std::vector<StoredEvent> Store::events(const std::string& session_uuid, std::int64_t after_seq, std::size_t limit) {
    Statement rows(database_, (std::string("SELECT ") + kEventColumns +
                               " FROM events WHERE seq > ?1 AND (?2 = '' OR session_uuid = ?2) ORDER BY seq LIMIT ?3")
                                  .c_str());
    rows.bind(1, after_seq).bind(2, session_uuid).bind(3, static_cast<std::int64_t>(limit));
    std::vector<StoredEvent> all;
    while (rows.step()) {
        all.push_back(event_of(rows));
    }
    return all;
}

std::vector<StoredSession> Store::sessions(std::size_t limit) {
    Statement rows(database_, (std::string("SELECT ") + kSessionColumns +
                               " FROM sessions ORDER BY start_utc_ns DESC, started_seq DESC LIMIT ?1")
                                  .c_str());
    rows.bind(1, static_cast<std::int64_t>(limit));
    std::vector<StoredSession> all;
    while (rows.step()) {
        all.push_back(session_of(rows));
    }
    return all;
}

std::vector<StoredPrint> Store::prints(std::size_t limit) {
    Statement rows(database_, (kPrints + " ORDER BY p.utc_ns DESC, p.event_seq DESC LIMIT ?1").c_str());
    rows.bind(1, static_cast<std::int64_t>(limit));
    return read_prints(rows);
}

std::optional<StoredPrint> Store::print_of(const std::string& uuid) {
    Statement rows(database_, (kPrints + " WHERE ?1 = '' OR p.uuid = ?1 OR json_extract(p.report, '$.session') = ?1 "
                                         "ORDER BY p.event_seq DESC LIMIT 1")
                                  .c_str());
    rows.bind(1, uuid);
    auto found = read_prints(rows);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::optional<StoredEvent> Store::newest_event() {
    Statement row(database_,
                  (std::string("SELECT ") + kEventColumns + " FROM events ORDER BY seq DESC LIMIT 1").c_str());
    return row.step() ? std::optional(event_of(row)) : std::nullopt;
}

std::vector<StoredPrint> Store::read_prints(Statement& rows) {
    Statement track_rows(
        database_, "SELECT file, file_sha256, verdict, start_tape_m FROM tracks WHERE print_uuid = ?1 ORDER BY place");
    std::vector<StoredPrint> all;
    while (rows.step()) {
        StoredPrint stored;
        stored.print = {.uuid = rows.text(0),
                        .session_uuid = rows.text(1),
                        .verdict = rows.text(2),
                        .reason = rows.text(3),
                        .report_json = rows.text(4),
                        .at = {.utc_ns = rows.integer(6), .monotonic_ns = rows.integer(7), .boot_id = rows.text(8)},
                        .tracks = {}};
        stored.report_sha256 = rows.text(5);
        stored.simulated = rows.integer(9) != 0;
        track_rows.reset();
        track_rows.bind(1, stored.print.uuid);
        while (track_rows.step()) {
            TrackRecord track{.file = track_rows.text(0),
                              .file_sha256 = track_rows.text(1),
                              .verdict = track_rows.text(2),
                              .start_tape_m = {}};
            if (!track_rows.is_null(3)) {
                track.start_tape_m = track_rows.real(3);
            }
            stored.print.tracks.push_back(std::move(track));
        }
        all.push_back(std::move(stored));
    }
    return all;
}

ChainReport Store::verify_chain() {
    ChainReport report;
    std::string prev_hash = first_prev_hash();
    Statement rows(database_, (std::string("SELECT ") + kEventColumns + " FROM events ORDER BY seq").c_str());
    while (rows.step()) {
        const StoredEvent stored = event_of(rows);
        if (stored.seq != report.events + 1) {
            (void)chain_broken(report, report.events + 1, "is missing, the next one is " + std::to_string(stored.seq));
            return report;
        }
        if (stored.prev_hash != prev_hash) {
            (void)chain_broken(report, stored.seq, "does not follow the one before it");
            return report;
        }
        if (stored.hash != event_hash(stored.seq, stored.event, prev_hash)) {
            (void)chain_broken(report, stored.seq, "does not match its hash");
            return report;
        }
        prev_hash = stored.hash;
        ++report.events;
    }
    // sqlite's own note of the highest number ever given
    const std::string highest =
        database_.text_of("SELECT seq FROM sqlite_sequence WHERE name = 'events'").value_or("0");
    if (highest != std::to_string(report.events)) {
        (void)chain_broken(report, report.events + 1, "is missing, " + highest + " were written");
        return report;
    }
    if (sessions_intact(report) && reports_intact(report) && alignments_intact(report)) {
        report.intact = true;
        report.text = std::to_string(report.events) + " events, every one follows from the one before";
    }
    return report;
}

bool Store::sessions_intact(ChainReport& report) {
    Statement lookup(database_, "SELECT kind, detail FROM events WHERE seq = ?1");
    Statement rows(database_,
                   (std::string("SELECT ") + kSessionColumns + " FROM sessions ORDER BY started_seq").c_str());
    while (rows.step()) {
        const std::int64_t seq = rows.integer(12);
        if (detail_of(lookup, seq, "session_started") != session_detail(session_of(rows).session)) {
            return chain_broken(report, seq, "session " + rows.text(0) + " is no longer what was started");
        }
    }
    return true;
}

bool Store::reports_intact(ChainReport& report) {
    Statement orphans(
        database_,
        "SELECT min(seq) FROM events WHERE kind = 'print_recorded' AND seq NOT IN (SELECT event_seq FROM prints)");
    if (orphans.step() && !orphans.is_null(0)) {
        return chain_broken(report, orphans.integer(0), "its print is missing");
    }
    Statement lookup(database_, "SELECT kind, detail FROM events WHERE seq = ?1");
    Statement rows(database_, "SELECT uuid, verdict, reason, report, event_seq FROM prints ORDER BY event_seq");
    while (rows.step()) {
        PrintRecord print;
        print.uuid = rows.text(0);
        print.verdict = rows.text(1);
        print.reason = rows.text(2);
        if (detail_of(lookup, rows.integer(4), "print_recorded") != print_detail(print, sha256_hex(rows.text(3)))) {
            return chain_broken(report, rows.integer(4),
                                "the report of print " + print.uuid + " is no longer what was recorded");
        }
    }
    return true;
}

} // namespace overbias::logbook
