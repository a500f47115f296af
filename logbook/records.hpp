// SPDX-License-Identifier: Apache-2.0
// What the logbook keeps: plain data. Times are host stamps (base/host_time.hpp); an empty stamp is filled in by
// append() on the caller's thread. Texts are UTF-8.
#pragma once

#include "base/host_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace overbias::logbook {

struct DeckRecord {
    std::string uuid;
    std::string name;
    std::string profile; ///< id of the deck profile
    bool simulated = false;
};

struct HeadBlockRecord {
    std::string uuid;
    std::string deck_uuid;
    std::string name; ///< may be empty
};

struct ReelRecord {
    std::string uuid;
    std::string label; ///< as on the box; may be empty
    std::string stock; ///< id of the tape stock
    std::string batch; ///< may be empty
    double length_m = 0.0;
};

struct SessionRecord {
    std::string uuid;
    std::string deck_uuid;
    std::string head_block_uuid;
    std::string reel_uuid; ///< empty: no reel is named
    std::string kind;      ///< "print", "transfer", "alignment", "transport"
    bool simulated = false;
    HostStamp start{};
};

/// How a session came to its end.
enum class SessionEnd { Closed, Interrupted };

struct Event {
    std::string session_uuid; ///< empty: of the daemon itself
    std::string kind;         ///< "record_on", "fault", ...
    std::string detail_json = "{}";
    HostStamp at{};
    std::optional<std::int64_t> audio_frame; ///< playback frame number
    std::optional<double> tape_m;            ///< from the reel's reference
};

struct TrackRecord {
    std::string file;
    std::string file_sha256;
    std::string verdict; ///< "pass", "fail"
    std::optional<double> start_tape_m;
};

struct PrintRecord {
    std::string uuid;
    std::string session_uuid;
    std::string verdict; ///< "pass", "fail"
    std::string reason;  ///< fixed word, empty on pass
    std::string report_json;
    HostStamp at{};
    std::vector<TrackRecord> tracks;
};

/// One accepted value of an alignment.
struct AlignmentValue {
    std::string id;  ///< of the procedure's step
    int channel = 0; ///< from 1; 0: of the deck, or between channels
    double reading = 0.0;
    std::string unit;
    std::optional<double> target, tolerance;
    double averaging_s = 0.0;
    std::string accepted_at, accepted_by, calibration_tape;
    std::string bound{}; ///< "at_least", "at_most"; empty: to both sides
    std::string remark{};
    [[nodiscard]] bool operator==(const AlignmentValue&) const = default;
};

/// An alignment of a deck, as far as it has come; it is written anew with every accepted value.
struct AlignmentEntry {
    std::string uuid;
    std::string deck_uuid, head_block_uuid;
    double speed_ips = 0.0;
    std::string equalisation, stock, batch;
    std::string procedure;
    std::string begun_at, ended_at; ///< UTC, ISO 8601; no end: it goes on, or was broken off
    std::vector<AlignmentValue> values;
    std::string operators{}, measured_by{}; ///< who ran it, by which program; empty: not told
    [[nodiscard]] bool operator==(const AlignmentEntry&) const = default;
};

// --- what is read back

struct StoredEvent {
    std::int64_t seq = 0;
    Event event;
    std::string prev_hash, hash;
};

struct StoredSession {
    SessionRecord session;
    std::string state; ///< "open", "closed", "interrupted"
    std::optional<std::int64_t> end_utc_ns;
    std::optional<std::int64_t> last_event_seq; ///< of an interrupted session
    std::optional<double> last_proven_m;        ///< of a print: the place of its last event "proven"
};

struct StoredPrint {
    PrintRecord print; ///< with its tracks
    std::string report_sha256;
    bool simulated = false; ///< its session was
};

/// What verify_chain() found.
struct ChainReport {
    bool intact = false;
    std::int64_t events = 0;                ///< checked, up to the first broken one
    std::optional<std::int64_t> broken_seq; ///< first row that does not fit
    std::string text;                       ///< in words, for the operator
};

} // namespace overbias::logbook
