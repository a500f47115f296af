// SPDX-License-Identifier: Apache-2.0
// Alignments in the store. What is stored is written over by what the same alignment has come to since; the event that
// goes with each time carries a digest of it.
#include "base/sha256.hpp"
#include "logbook/event_chain.hpp"
#include "logbook/netstring.hpp"
#include "logbook/store.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace overbias::logbook {

namespace {

/// Of "overbias-alignment-1", then every field of the record and of each value in the order they are declared in; see
/// event_chain.hpp for numbers and null.
std::string digest_of(const AlignmentEntry& alignment) {
    std::string out;
    add_netstring(out, "overbias-alignment-1");
    for (const std::string* text : {&alignment.uuid, &alignment.deck_uuid, &alignment.head_block_uuid}) {
        add_netstring(out, *text);
    }
    add_netstring(out, double_digits(alignment.speed_ips));
    for (const std::string* text : {&alignment.equalisation, &alignment.stock, &alignment.batch, &alignment.procedure,
                                    &alignment.begun_at, &alignment.ended_at}) {
        add_netstring(out, *text);
    }
    add_netstring(out, std::to_string(alignment.values.size()));
    for (const AlignmentValue& value : alignment.values) {
        add_netstring(out, value.id);
        add_netstring(out, std::to_string(value.channel));
        add_netstring(out, double_digits(value.reading));
        add_netstring(out, value.unit);
        add_netstring(out, value.target);
        add_netstring(out, value.tolerance);
        add_netstring(out, double_digits(value.averaging_s));
        for (const std::string* text :
             {&value.accepted_at, &value.accepted_by, &value.calibration_tape, &value.bound, &value.remark}) {
            add_netstring(out, *text);
        }
    }
    add_netstring(out, alignment.operators);
    add_netstring(out, alignment.measured_by);
    return sha256_hex(out);
}

std::optional<double> real_or_null(Statement& row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.real(column));
}

constexpr const char* kColumns = "uuid, deck_uuid, head_block_uuid, speed_ips, equalisation, stock, batch, procedure, "
                                 "begun_at, ended_at, event_seq, "
                                 "operators, measured_by";

AlignmentEntry entry_of(Statement& row) {
    return {.uuid = row.text(0),
            .deck_uuid = row.text(1),
            .head_block_uuid = row.text(2),
            .speed_ips = row.real(3),
            .equalisation = row.text(4),
            .stock = row.text(5),
            .batch = row.text(6),
            .procedure = row.text(7),
            .begun_at = row.text(8),
            .ended_at = row.text(9),
            .values = {},
            .operators = row.text(11),
            .measured_by = row.text(12)};
}

/// Reads the values of one alignment after the other.
class ValueReader {
  public:
    explicit ValueReader(Database& database)
        : rows_(database, "SELECT id, channel, reading, unit, target, tolerance, averaging_s, accepted_at, "
                          "accepted_by, calibration_tape, bound, remark FROM alignment_steps WHERE alignment_uuid = ?1 "
                          "ORDER BY place") {}
    void read_into(AlignmentEntry& alignment) {
        rows_.reset();
        rows_.bind(1, alignment.uuid);
        while (rows_.step()) {
            alignment.values.push_back({.id = rows_.text(0),
                                        .channel = static_cast<int>(rows_.integer(1)),
                                        .reading = rows_.real(2),
                                        .unit = rows_.text(3),
                                        .target = real_or_null(rows_, 4),
                                        .tolerance = real_or_null(rows_, 5),
                                        .averaging_s = rows_.real(6),
                                        .accepted_at = rows_.text(7),
                                        .accepted_by = rows_.text(8),
                                        .calibration_tape = rows_.text(9),
                                        .bound = rows_.text(10),
                                        .remark = rows_.text(11)});
        }
    }

  private:
    Statement rows_;
};

} // namespace

std::string alignment_detail(const AlignmentEntry& alignment) {
    return "{\"alignment\":" + json_string(alignment.uuid) + ",\"procedure\":" + json_string(alignment.procedure) +
           ",\"ended_at\":" + json_string(alignment.ended_at) +
           ",\"values\":" + std::to_string(alignment.values.size()) + ",\"sha256\":\"" + digest_of(alignment) + "\"}";
}

std::int64_t Store::put(const AlignmentEntry& alignment) {
    const std::int64_t seq = add_event({.session_uuid = {},
                                        .kind = "alignment_stored",
                                        .detail_json = alignment_detail(alignment),
                                        .at = host_now(),
                                        .audio_frame = {},
                                        .tape_m = {}});
    Statement(database_,
              "INSERT INTO alignments (uuid, deck_uuid, head_block_uuid, speed_ips, equalisation, stock, batch, "
              "procedure, begun_at, ended_at, event_seq, operators, measured_by) "
              "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) "
              "ON CONFLICT (uuid) DO UPDATE SET deck_uuid = ?2, head_block_uuid = ?3, speed_ips = ?4, "
              "equalisation = ?5, stock = ?6, batch = ?7, procedure = ?8, begun_at = ?9, ended_at = ?10, "
              "event_seq = ?11, operators = ?12, measured_by = ?13")
        .bind(1, alignment.uuid)
        .bind(2, alignment.deck_uuid)
        .bind(3, alignment.head_block_uuid)
        .bind(4, alignment.speed_ips)
        .bind(5, alignment.equalisation)
        .bind(6, alignment.stock)
        .bind(7, alignment.batch)
        .bind(8, alignment.procedure)
        .bind(9, alignment.begun_at)
        .bind(10, alignment.ended_at)
        .bind(11, seq)
        .bind(12, alignment.operators)
        .bind(13, alignment.measured_by)
        .execute();
    Statement(database_, "DELETE FROM alignment_steps WHERE alignment_uuid = ?1").bind(1, alignment.uuid).execute();
    Statement insert(database_, "INSERT INTO alignment_steps (alignment_uuid, place, id, channel, reading, unit, "
                                "target, tolerance, averaging_s, accepted_at, accepted_by, calibration_tape, "
                                "bound, remark) "
                                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    std::int64_t place = 0;
    for (const AlignmentValue& value : alignment.values) {
        insert.bind(1, alignment.uuid)
            .bind(2, place++)
            .bind(3, value.id)
            .bind(4, std::int64_t{value.channel})
            .bind(5, value.reading)
            .bind(6, value.unit)
            .bind(7, value.target)
            .bind(8, value.tolerance)
            .bind(9, value.averaging_s)
            .bind(10, value.accepted_at)
            .bind(11, value.accepted_by)
            .bind(12, value.calibration_tape)
            .bind(13, value.bound)
            .bind(14, value.remark)
            .execute();
    }
    return seq;
}

std::vector<AlignmentEntry> Store::alignments(std::size_t limit) {
    Statement rows(database_, (std::string("SELECT ") + kColumns +
                               " FROM alignments ORDER BY begun_at DESC, event_seq DESC LIMIT ?1")
                                  .c_str());
    rows.bind(1, static_cast<std::int64_t>(limit));
    ValueReader values(database_);
    std::vector<AlignmentEntry> all;
    while (rows.step()) {
        AlignmentEntry entry = entry_of(rows);
        values.read_into(entry);
        all.push_back(std::move(entry));
    }
    std::reverse(all.begin(), all.end());
    return all;
}

bool Store::alignments_intact(ChainReport& report) {
    Statement orphans(database_, "SELECT min(seq) FROM events WHERE kind = 'alignment_stored' AND "
                                 "detail ->> 'alignment' NOT IN (SELECT uuid FROM alignments)");
    if (orphans.step() && !orphans.is_null(0)) {
        return chain_broken(report, orphans.integer(0), "its alignment is missing");
    }
    // the newest of each alignment is what has to be there now
    Statement older(database_, "SELECT min(e.seq) FROM events e JOIN alignments a ON a.uuid = e.detail ->> 'alignment' "
                               "WHERE e.kind = 'alignment_stored' AND e.seq > a.event_seq");
    if (older.step() && !older.is_null(0)) {
        return chain_broken(report, older.integer(0), "an older state of its alignment has been put back");
    }
    Statement lookup(database_, "SELECT kind, detail FROM events WHERE seq = ?1");
    Statement rows(database_, (std::string("SELECT ") + kColumns + " FROM alignments ORDER BY event_seq").c_str());
    ValueReader values(database_);
    while (rows.step()) {
        AlignmentEntry entry = entry_of(rows);
        values.read_into(entry);
        const std::int64_t seq = rows.integer(10);
        if (detail_of(lookup, seq, "alignment_stored") != alignment_detail(entry)) {
            return chain_broken(report, seq, "alignment " + entry.uuid + " is no longer what was accepted");
        }
    }
    return true;
}

} // namespace overbias::logbook
