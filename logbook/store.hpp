// SPDX-License-Identifier: Apache-2.0
// The store behind the logbook: records into tables and back, inside transactions that the caller opens. One thread.
// Throws DatabaseError.
#pragma once

#include "logbook/database.hpp"
#include "logbook/records.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace overbias::logbook {

struct SessionEnding {
    std::string uuid;
    SessionEnd end = SessionEnd::Closed;
    HostStamp at{};
};

using Record = std::variant<Event, DeckRecord, HeadBlockRecord, ReelRecord, SessionRecord, SessionEnding, PrintRecord,
                            AlignmentEntry>;

class Store {
  public:
    Store(const std::filesystem::path& file, int busy_timeout_ms);

    // --- one transaction
    void begin();
    /// Writes one record, whole or not at all; the number of its event, 0 when it has none. After an error of the
    /// record itself the transaction goes on.
    std::int64_t write(const Record& record);
    void commit();
    void roll_back() noexcept;

    /// Sessions that were left open: marked, in a transaction of its own. Their UUIDs.
    [[nodiscard]] std::vector<std::string> mark_interrupted();

    // --- reading
    [[nodiscard]] ChainReport verify_chain();
    [[nodiscard]] std::vector<StoredEvent> events(const std::string& session_uuid, std::int64_t after_seq,
                                                  std::size_t limit);
    [[nodiscard]] std::vector<StoredSession> sessions(std::size_t limit);
    [[nodiscard]] std::vector<StoredPrint> prints(std::size_t limit);
    /// The newest with that UUID, or whose report is of that session; of all when it is empty.
    [[nodiscard]] std::optional<StoredPrint> print_of(const std::string& uuid);
    [[nodiscard]] std::optional<StoredEvent> newest_event();
    /// The newest that many, oldest first.
    [[nodiscard]] std::vector<AlignmentEntry> alignments(std::size_t limit);

  private:
    [[nodiscard]] std::vector<StoredPrint> read_prints(Statement& rows);
    void load_head();
    std::int64_t add_event(const Event& event);
    std::int64_t put(const Event& event);
    std::int64_t put(const DeckRecord& deck);
    std::int64_t put(const HeadBlockRecord& head_block);
    std::int64_t put(const ReelRecord& reel);
    std::int64_t put(const SessionRecord& session);
    std::int64_t put(const SessionEnding& ending);
    std::int64_t put(const PrintRecord& print);
    std::int64_t put(const AlignmentEntry& alignment);
    [[nodiscard]] std::int64_t last_event_of(const std::string& session_uuid);
    [[nodiscard]] bool reports_intact(ChainReport& report);
    [[nodiscard]] bool sessions_intact(ChainReport& report);
    [[nodiscard]] bool alignments_intact(ChainReport& report);

    Database database_;
    std::optional<Statement> insert_event_;
    std::int64_t head_seq_ = 0; ///< of the newest event
    std::string head_hash_;
};

/// Detail of the events that the store writes itself: what verify_chain() compares the tables with.
[[nodiscard]] std::string session_detail(const SessionRecord& session);
[[nodiscard]] std::string print_detail(const PrintRecord& print, const std::string& report_sha256);
[[nodiscard]] std::string alignment_detail(const AlignmentEntry& alignment);
/// Says in `report` what does not fit at event `seq`; false.
bool chain_broken(ChainReport& report, std::int64_t seq, const std::string& what);
/// Detail of event `seq` when it is of `kind`; `lookup` gives kind and detail of a number.
[[nodiscard]] std::optional<std::string> detail_of(Statement& lookup, std::int64_t seq, const char* kind);

} // namespace overbias::logbook
