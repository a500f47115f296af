// SPDX-License-Identifier: Apache-2.0
#include "logbook/store.hpp"

#include "base/figure.hpp"
#include "base/sha256.hpp"
#include "logbook/event_chain.hpp"
#include "logbook/schema.hpp"

#include <array>
#include <cmath>
#include <sqlite3.h>
#include <string_view>

namespace overbias::logbook {

namespace {

/// Events that only the store itself writes.
constexpr std::array<std::string_view, 5> kOwnKinds{"session_started", "session_ended", "session_interrupted",
                                                    "print_recorded", "alignment_stored"};

[[noreturn]] void refuse(const std::string& why) {
    throw DatabaseError(SQLITE_CONSTRAINT, why);
}

std::optional<std::string_view> none_if_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

std::string field(const char* key, const std::string& value, bool first = false) {
    return std::string(first ? "{\"" : ",\"") + key + "\":" + json_string(value);
}

std::string name_of(const Event& event) {
    return "event \"" + event.kind + "\"" + (event.session_uuid.empty() ? "" : " of session " + event.session_uuid);
}
std::string name_of(const DeckRecord& deck) {
    return "deck " + deck.uuid;
}
std::string name_of(const HeadBlockRecord& head_block) {
    return "head block " + head_block.uuid;
}
std::string name_of(const ReelRecord& reel) {
    return "reel " + reel.uuid;
}
std::string name_of(const SessionRecord& session) {
    return "session " + session.uuid;
}
std::string name_of(const SessionEnding& ending) {
    return "end of session " + ending.uuid;
}
std::string name_of(const PrintRecord& print) {
    return "print " + print.uuid;
}
std::string name_of(const AlignmentEntry& alignment) {
    return "alignment " + alignment.uuid;
}

} // namespace

std::string session_detail(const SessionRecord& session) {
    return field("deck", session.deck_uuid, true) + field("head_block", session.head_block_uuid) +
           field("reel", session.reel_uuid) + field("kind", session.kind) +
           ",\"simulated\":" + (session.simulated ? "true}" : "false}");
}

std::string print_detail(const PrintRecord& print, const std::string& report_sha256) {
    return field("print", print.uuid, true) + field("verdict", print.verdict) + field("reason", print.reason) +
           field("report_sha256", report_sha256) + "}";
}

Store::Store(const std::filesystem::path& file, int busy_timeout_ms) : database_(file, busy_timeout_ms) {
    prepare_schema(database_, file.string());
    insert_event_.emplace(database_,
                          "INSERT INTO events (seq, session_uuid, kind, detail, utc_ns, monotonic_ns, boot_id, "
                          "audio_frame, tape_m, prev_hash, hash) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
}

void Store::begin() {
    database_.run("BEGIN IMMEDIATE");
    load_head();
}

void Store::commit() {
    database_.run("COMMIT");
}

void Store::roll_back() noexcept {
    insert_event_->reset();
    database_.roll_back();
}

void Store::load_head() {
    Statement last(database_, "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1");
    const bool any = last.step();
    head_seq_ = any ? last.integer(0) : 0;
    head_hash_ = any ? last.text(1) : first_prev_hash();
}

std::int64_t Store::write(const Record& record) {
    const std::int64_t seq_before = head_seq_;
    const std::string hash_before = head_hash_;
    database_.run("SAVEPOINT record");
    try {
        const std::int64_t seq = std::visit([this](const auto& one) { return put(one); }, record);
        database_.run("RELEASE record");
        return seq;
    } catch (const DatabaseError& error) {
        if (error.of_the_record()) { // after any other error the whole transaction goes
            insert_event_->reset();
            database_.run("ROLLBACK TO record");
            database_.run("RELEASE record");
            head_seq_ = seq_before;
            head_hash_ = hash_before;
            throw DatabaseError(error.code(),
                                std::visit([](const auto& one) { return name_of(one); }, record) + ": " + error.what());
        }
        throw;
    }
}

std::int64_t Store::add_event(const Event& event) {
    if (event.tape_m && !std::isfinite(*event.tape_m)) {
        refuse("tape_m is not a finite number");
    }
    const std::int64_t seq = head_seq_ + 1;
    const std::string hash = event_hash(seq, event, head_hash_);
    insert_event_->bind(1, seq)
        .bind(2, none_if_empty(event.session_uuid))
        .bind(3, event.kind)
        .bind(4, event.detail_json)
        .bind(5, event.at.utc_ns)
        .bind(6, event.at.monotonic_ns)
        .bind(7, event.at.boot_id)
        .bind(8, event.audio_frame)
        .bind(9, event.tape_m)
        .bind(10, head_hash_)
        .bind(11, hash)
        .execute();
    head_seq_ = seq;
    head_hash_ = hash;
    return seq;
}

std::int64_t Store::put(const Event& event) {
    for (const std::string_view own : kOwnKinds) {
        if (event.kind == own) {
            refuse("this kind of event is written by the logbook itself");
        }
    }
    return add_event(event);
}

std::int64_t Store::put(const DeckRecord& deck) {
    Statement(database_, "INSERT INTO decks (uuid, name, profile, simulated) VALUES (?1, ?2, ?3, ?4) "
                         "ON CONFLICT (uuid) DO UPDATE SET name = ?2, profile = ?3, simulated = ?4")
        .bind(1, deck.uuid)
        .bind(2, deck.name)
        .bind(3, deck.profile)
        .bind(4, std::int64_t{deck.simulated})
        .execute();
    return 0;
}

std::int64_t Store::put(const HeadBlockRecord& head_block) {
    Statement(database_, "INSERT INTO head_blocks (uuid, deck_uuid, name) VALUES (?1, ?2, ?3) "
                         "ON CONFLICT (uuid) DO UPDATE SET deck_uuid = ?2, name = ?3")
        .bind(1, head_block.uuid)
        .bind(2, head_block.deck_uuid)
        .bind(3, head_block.name)
        .execute();
    return 0;
}

std::int64_t Store::put(const ReelRecord& reel) {
    if (!std::isfinite(reel.length_m)) {
        refuse("length_m is not a finite number");
    }
    Statement(database_, "INSERT INTO reels (uuid, label, stock, batch, length_m) VALUES (?1, ?2, ?3, ?4, ?5) "
                         "ON CONFLICT (uuid) DO UPDATE SET label = ?2, stock = ?3, batch = ?4, length_m = ?5")
        .bind(1, reel.uuid)
        .bind(2, reel.label)
        .bind(3, reel.stock)
        .bind(4, reel.batch)
        .bind(5, reel.length_m)
        .execute();
    return 0;
}

std::int64_t Store::put(const SessionRecord& session) {
    Statement(
        database_,
        "INSERT INTO sessions (uuid, deck_uuid, head_block_uuid, reel_uuid, kind, simulated, state, start_utc_ns, "
        "start_monotonic_ns, start_boot_id, started_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'open', ?7, ?8, ?9, ?10)")
        .bind(1, session.uuid)
        .bind(2, session.deck_uuid)
        .bind(3, session.head_block_uuid)
        .bind(4, none_if_empty(session.reel_uuid))
        .bind(5, session.kind)
        .bind(6, std::int64_t{session.simulated})
        .bind(7, session.start.utc_ns)
        .bind(8, session.start.monotonic_ns)
        .bind(9, session.start.boot_id)
        .bind(10, head_seq_ + 1)
        .execute();
    return add_event({.session_uuid = session.uuid,
                      .kind = "session_started",
                      .detail_json = session_detail(session),
                      .at = session.start,
                      .audio_frame = {},
                      .tape_m = {}});
}

std::int64_t Store::put(const SessionEnding& ending) {
    const char* state = ending.end == SessionEnd::Closed ? "closed" : "interrupted";
    Statement(database_, "UPDATE sessions SET state = ?2, end_utc_ns = ?3, end_monotonic_ns = ?4, end_boot_id = ?5 "
                         "WHERE uuid = ?1 AND state = 'open'")
        .bind(1, ending.uuid)
        .bind(2, state)
        .bind(3, ending.at.utc_ns)
        .bind(4, ending.at.monotonic_ns)
        .bind(5, ending.at.boot_id)
        .execute();
    if (sqlite3_changes(database_.handle()) == 0) {
        refuse("it is not open");
    }
    return add_event({.session_uuid = ending.uuid,
                      .kind = "session_ended",
                      .detail_json = field("state", state, true) + "}",
                      .at = ending.at,
                      .audio_frame = {},
                      .tape_m = {}});
}

std::int64_t Store::put(const PrintRecord& print) {
    const std::string digest = sha256_hex(print.report_json);
    const std::int64_t seq = add_event({.session_uuid = print.session_uuid,
                                        .kind = "print_recorded",
                                        .detail_json = print_detail(print, digest),
                                        .at = print.at,
                                        .audio_frame = {},
                                        .tape_m = {}});
    Statement(database_,
              "INSERT INTO prints (uuid, session_uuid, utc_ns, verdict, reason, report, report_sha256, event_seq) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
        .bind(1, print.uuid)
        .bind(2, print.session_uuid)
        .bind(3, print.at.utc_ns)
        .bind(4, print.verdict)
        .bind(5, print.reason)
        .bind(6, print.report_json)
        .bind(7, digest)
        .bind(8, seq)
        .execute();
    std::int64_t place = 0;
    for (const TrackRecord& track : print.tracks) {
        Statement(database_, "INSERT INTO tracks (print_uuid, place, file, file_sha256, verdict, start_tape_m) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .bind(1, print.uuid)
            .bind(2, place++)
            .bind(3, track.file)
            .bind(4, track.file_sha256)
            .bind(5, track.verdict)
            .bind(6, track.start_tape_m)
            .execute();
    }
    return seq;
}

std::int64_t Store::last_event_of(const std::string& session_uuid) {
    Statement last(database_, "SELECT max(seq) FROM events WHERE session_uuid = ?1");
    last.bind(1, session_uuid);
    return last.step() && !last.is_null(0) ? last.integer(0) : 0;
}

std::vector<std::string> Store::mark_interrupted() {
    std::vector<std::string> left_open;
    begin();
    try {
        Statement open(database_, "SELECT uuid FROM sessions WHERE state = 'open' ORDER BY start_utc_ns");
        while (open.step()) {
            left_open.push_back(open.text(0));
        }
        for (const std::string& uuid : left_open) {
            const std::int64_t last = last_event_of(uuid);
            // it ended no earlier than its last event; when it really ended is not known
            Statement(database_, "UPDATE sessions SET state = 'interrupted', last_event_seq = ?2, "
                                 "(end_utc_ns, end_monotonic_ns, end_boot_id) = "
                                 "(SELECT utc_ns, monotonic_ns, boot_id FROM events WHERE seq = ?2) WHERE uuid = ?1")
                .bind(1, uuid)
                .bind(2, last)
                .execute();
            // of a print: how far the tape had been judged is what is known of it now
            Statement proven(database_, "SELECT tape_m FROM events WHERE session_uuid = ?1 AND kind = 'proven' "
                                        "ORDER BY seq DESC LIMIT 1");
            proven.bind(1, uuid);
            const bool some = proven.step() && !proven.is_null(0);
            const double proven_m = some ? proven.real(0) : 0.0;
            add_event({.session_uuid = uuid,
                       .kind = "session_interrupted",
                       .detail_json = "{\"last_event_seq\":" + std::to_string(last) +
                                      (some ? ",\"last_proven_m\":" + figure(proven_m, 3) : "") + "}",
                       .at = host_now(),
                       .audio_frame = {},
                       .tape_m = some ? std::optional(proven_m) : std::nullopt});
        }
        commit();
    } catch (...) {
        roll_back();
        throw;
    }
    return left_open;
}

} // namespace overbias::logbook
