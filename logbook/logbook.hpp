// SPDX-License-Identifier: Apache-2.0
// The logbook: sessions, events, prints and alignments in one sqlite file, each event chained to the one before by
// SHA-256 so that a later change of what was logged shows.
//
// One connection on one thread of its own. Everybody else hands records over through a bounded queue and is never
// blocked by the disk: a full queue is an answer (an error, counted), not a wait. What waits is written in one
// transaction (group commit; WAL, synchronous=FULL, so a commit is on the disk), and only then acknowledged, in the
// order it was handed over.
//
// When the disk is full, read-only, failing, or another program holds the file locked, the state is Degraded: nothing
// is acknowledged, what waits is kept and tried again every `retry_interval`, and status() says what is wrong. A record
// that can never be stored (an unknown session, detail that is not JSON) is refused alone and does not hold up the
// others.
//
// Threads: append(), start_session() ... record_print(), status() on any thread, never the audio thread. flush(),
// verify_chain() and the readers wait for the logbook's thread: not on the control thread. Acknowledgements run on the
// logbook's thread: keep them short, post what is more; they may call append() but nothing that waits.
#pragma once

#include "base/result.hpp"
#include "logbook/records.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace overbias::logbook {

struct LogbookOptions {
    std::size_t queue_records = 4096;
    std::size_t queue_bytes = 16u << 20;           ///< text of what waits
    std::size_t batch_records = 512;               ///< most in one transaction
    std::chrono::milliseconds retry_interval{500}; ///< host time, while Degraded
    std::chrono::milliseconds busy_timeout{200};   ///< waiting for another program's lock, within one attempt
};

struct LogbookStatus {
    bool degraded = false;
    std::string problem;            ///< while degraded: what is wrong and what to do
    std::uint64_t queued = 0;       ///< handed over and not yet on the disk
    std::uint64_t committed = 0;    ///< records on the disk since open
    std::uint64_t commits = 0;      ///< transactions they took
    std::uint64_t refused_full = 0; ///< not taken because the queue was full
    std::uint64_t rejected = 0;     ///< taken, but could not be stored
};

/// After commit: the sequence number of the event that was written (a deck, head block or reel writes none: 0). Or why
/// it is not on the disk and will not be.
using Acknowledged = std::function<void(const Result<std::int64_t>&)>;

class Logbook {
  public:
    /// Opens or creates the file. Sessions that a crash left open become "interrupted", with their last event; their
    /// UUIDs are in interrupted_sessions(). Errors, one line: cannot be opened, not a logbook, of a newer schema, in
    /// use by another daemon.
    [[nodiscard]] static Result<std::unique_ptr<Logbook>> open(const std::filesystem::path& file,
                                                               LogbookOptions options = {});
    /// Tries once more to write what waits, tells what could not be written (acknowledgement with the error), and
    /// closes. Sessions still open stay open in the file and will be found as interrupted.
    ~Logbook();
    Logbook(const Logbook&) = delete;
    Logbook& operator=(const Logbook&) = delete;

    // --- handing over. The result is about the queue only (full, closing); the acknowledgement is about the disk.
    Result<void> append(Event event, Acknowledged acknowledged = {});
    /// Writes or renews the name of a deck, head block, reel.
    Result<void> put(DeckRecord deck, Acknowledged acknowledged = {});
    Result<void> put(HeadBlockRecord head_block, Acknowledged acknowledged = {});
    Result<void> put(ReelRecord reel, Acknowledged acknowledged = {});
    /// Deck, head block and reel are known. Also writes the event "session_started" with what the session is made on.
    Result<void> start_session(SessionRecord session, Acknowledged acknowledged = {});
    /// Also writes the event "session_ended".
    Result<void> end_session(std::string uuid, SessionEnd end = SessionEnd::Closed, Acknowledged acknowledged = {});
    /// Also writes the event "print_recorded" with the report's SHA-256, which puts the report under the chain.
    Result<void> record_print(PrintRecord print, Acknowledged acknowledged = {});

    /// In place of what is stored under its UUID. Also writes the event "alignment_stored" with a SHA-256 of the whole
    /// record, which puts it under the chain. Deck and head block are known.
    Result<void> record_alignment(AlignmentEntry alignment, Acknowledged acknowledged = {});

    // --- waiting
    /// Returns when all that was handed over before is on the disk or was rejected; the error when the disk would not
    /// take it.
    Result<void> flush();
    /// Recomputes every hash from the first event on, and the reports' digests. A cut tail shows too, as long as
    /// sqlite's own sequence table was not cut with it: whoever can rewrite the whole file can rewrite the chain, so a
    /// certificate carries the last hash outside of it.
    [[nodiscard]] Result<ChainReport> verify_chain();
    /// Events with seq > after_seq, oldest first, of one session or (empty uuid) of all.
    [[nodiscard]] Result<std::vector<StoredEvent>> events(std::string session_uuid, std::int64_t after_seq,
                                                          std::size_t limit);
    /// Newest first.
    [[nodiscard]] Result<std::vector<StoredSession>> sessions(std::size_t limit);
    [[nodiscard]] Result<std::vector<StoredPrint>> prints(std::size_t limit);
    /// The newest with that UUID, or whose report is of that session (its member "session"); of all when it is empty.
    [[nodiscard]] Result<std::optional<StoredPrint>> print_of(std::string uuid);
    /// The head of the chain; none in an empty logbook.
    [[nodiscard]] Result<std::optional<StoredEvent>> newest_event();
    /// The newest that many, by the time they were begun, oldest first.
    [[nodiscard]] Result<std::vector<AlignmentEntry>> alignments(std::size_t limit);

    [[nodiscard]] LogbookStatus status() const;
    [[nodiscard]] const std::vector<std::string>& interrupted_sessions() const noexcept;

  private:
    struct Impl;
    explicit Logbook(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace overbias::logbook
