// SPDX-License-Identifier: Apache-2.0
#include "logbook/logbook.hpp"

#include "base/journal.hpp"
#include "logbook/file_lock.hpp"
#include "logbook/store.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <system_error>

namespace overbias::logbook {

namespace {

constexpr std::size_t kThreadStack = 512 * 1024;
constexpr std::size_t kRecordOverhead = 256; ///< of what waits, besides its texts

struct Pending {
    Record record;
    Acknowledged acknowledged;
    std::size_t bytes = 0;
};

std::size_t text_bytes(const Event& event) {
    return event.detail_json.size() + event.kind.size();
}
std::size_t text_bytes(const PrintRecord& print) {
    return print.report_json.size() + print.tracks.size() * kRecordOverhead;
}
std::size_t text_bytes(const AlignmentEntry& alignment) {
    return alignment.values.size() * kRecordOverhead;
}
template <typename Other>
std::size_t text_bytes(const Other&) {
    return 0;
}

void stamp_if_empty(HostStamp& stamp) {
    if (stamp.utc_ns == 0) {
        stamp = host_now();
    }
}

} // namespace

struct Logbook::Impl {
    using Read = std::function<void(Store&)>;

    // --- set before the thread starts
    LogbookOptions options;
    std::unique_ptr<FileLock> lock_file;
    std::unique_ptr<Store> store; ///< the logbook thread's
    std::vector<std::string> interrupted;
    pthread_t thread{};

    // --- under the mutex
    mutable std::mutex mutex;
    std::condition_variable work; ///< wakes the logbook's thread
    std::condition_variable done; ///< wakes who waits in flush()
    std::deque<Pending> queue;
    std::deque<Read> reads;
    std::size_t bytes = 0; ///< of all that waits
    std::uint64_t handed_over = 0;
    std::uint64_t settled = 0;        ///< committed or rejected, and acknowledged
    std::uint64_t attempts = 0;       ///< started
    std::uint64_t failed_attempt = 0; ///< number of the last that failed
    bool urgent = false;              ///< try now, whatever the retry interval
    bool closing = false;
    LogbookStatus status;

    // --- the logbook thread's own
    std::vector<Pending> batch;
    std::vector<Result<std::int64_t>> outcomes;

    void loop();
    bool write_batch(std::unique_lock<std::mutex>& lock);
    std::optional<std::string> store_batch();
    void acknowledge_batch();
    void give_up();

    Result<void> hand_over(Record record, Acknowledged acknowledged);
    template <typename T>
    Result<T> read(std::function<T(Store&)> from);
};

void Logbook::Impl::loop() {
    std::unique_lock lock(mutex);
    const auto has_work = [this] { return closing || urgent || !reads.empty(); };
    for (;;) {
        if (status.degraded) {
            work.wait_for(lock, options.retry_interval, has_work);
        } else {
            work.wait(lock, [&] { return has_work() || !queue.empty(); });
        }
        urgent = false;
        while ((!batch.empty() || !queue.empty()) && write_batch(lock)) {
        }
        while (!reads.empty()) {
            const Read one = std::move(reads.front());
            reads.pop_front();
            lock.unlock();
            one(*store);
            lock.lock();
        }
        if (closing && (status.degraded || (batch.empty() && queue.empty()))) {
            break;
        }
    }
    lock.unlock();
    give_up();
}

/// One transaction. False when the disk did not take it; what was to be written is then kept in `batch`.
bool Logbook::Impl::write_batch(std::unique_lock<std::mutex>& lock) {
    while (batch.size() < options.batch_records && !queue.empty()) {
        batch.push_back(std::move(queue.front()));
        queue.pop_front();
    }
    ++attempts;
    lock.unlock();
    const std::optional<std::string> problem = store_batch();
    if (!problem) {
        acknowledge_batch(); // before flush() returns
    }
    lock.lock();
    if (problem) {
        if (!status.degraded) {
            journal(JournalLevel::Error, "logbook", "degraded: " + *problem);
        }
        status.degraded = true;
        status.problem = *problem;
        failed_attempt = attempts;
    } else {
        if (status.degraded) {
            journal(JournalLevel::Notice, "logbook", "writes again; nothing that was waiting is lost");
        }
        status.degraded = false;
        status.problem.clear();
        ++status.commits;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            bytes -= batch[i].bytes;
            ++(outcomes[i].ok() ? status.committed : status.rejected);
        }
        settled += batch.size();
        batch.clear();
    }
    done.notify_all();
    return !problem;
}

std::optional<std::string> Logbook::Impl::store_batch() {
    outcomes.clear();
    try {
        store->begin();
        for (const Pending& pending : batch) {
            try {
                outcomes.emplace_back(store->write(pending.record));
            } catch (const DatabaseError& error) {
                if (!error.of_the_record()) {
                    throw;
                }
                outcomes.emplace_back(Error{error.what()});
                journal(JournalLevel::Error, "logbook", std::string("a record was refused: ") + error.what());
            }
        }
        store->commit();
        return std::nullopt;
    } catch (const std::exception& error) {
        store->roll_back();
        return error.what();
    }
}

void Logbook::Impl::acknowledge_batch() {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (batch[i].acknowledged) {
            batch[i].acknowledged(outcomes[i]);
        }
    }
}

/// At the end: what the disk would not take is told to those who handed it over.
void Logbook::Impl::give_up() {
    std::unique_lock lock(mutex);
    std::vector<Pending> left = std::move(batch);
    std::move(queue.begin(), queue.end(), std::back_inserter(left));
    queue.clear();
    const std::string problem = status.problem;
    lock.unlock();
    for (const Pending& pending : left) {
        if (pending.acknowledged) {
            pending.acknowledged(Error{"not written to the logbook: " + problem});
        }
    }
    if (!left.empty()) {
        journal(JournalLevel::Error, "logbook",
                "closed with " + std::to_string(left.size()) + " records not written: " + problem);
    }
}

Result<void> Logbook::Impl::hand_over(Record record, Acknowledged acknowledged) {
    const std::size_t size = kRecordOverhead + std::visit([](const auto& one) { return text_bytes(one); }, record);
    const std::lock_guard lock(mutex);
    const std::uint64_t waiting = handed_over - settled;
    if (closing) {
        return Error{"the logbook is closing"};
    }
    if (waiting >= options.queue_records || bytes + size > options.queue_bytes) {
        ++status.refused_full;
        return Error{"the logbook's queue is full (" + std::to_string(waiting) + " records wait for the disk)" +
                     (status.degraded ? ": " + status.problem : std::string("; the disk is too slow"))};
    }
    queue.push_back({std::move(record), std::move(acknowledged), size});
    bytes += size;
    ++handed_over;
    work.notify_one();
    return {};
}

template <typename T>
Result<T> Logbook::Impl::read(std::function<T(Store&)> from) {
    std::promise<Result<T>> promise;
    auto answer = promise.get_future();
    {
        const std::lock_guard lock(mutex);
        if (closing) {
            return Error{"the logbook is closing"};
        }
        reads.emplace_back([&](Store& from_store) {
            try {
                promise.set_value(from(from_store));
            } catch (const std::exception& error) {
                promise.set_value(Error{error.what()});
            }
        });
        work.notify_one();
    }
    return answer.get();
}

Result<std::unique_ptr<Logbook>> Logbook::open(const std::filesystem::path& file, LogbookOptions options) {
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    impl->lock_file = std::make_unique<FileLock>(file);
    if (!impl->lock_file->error().empty()) {
        return Error{impl->lock_file->error()};
    }
    try {
        impl->store = std::make_unique<Store>(file, static_cast<int>(options.busy_timeout.count()));
        impl->interrupted = impl->store->mark_interrupted();
    } catch (const DatabaseError& error) {
        return Error{error.what()};
    }
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kThreadStack);
    const auto run = [](void* self) -> void* {
        static_cast<Impl*>(self)->loop();
        return nullptr;
    };
    const int failure = pthread_create(&impl->thread, &attributes, run, impl.get());
    pthread_attr_destroy(&attributes);
    if (failure != 0) {
        return Error{"the logbook's thread cannot be started: " + std::generic_category().message(failure)};
    }
    pthread_setname_np(impl->thread, "logbook");
    return std::unique_ptr<Logbook>(new Logbook(std::move(impl)));
}

Logbook::Logbook(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
}

Logbook::~Logbook() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->closing = true;
        impl_->work.notify_one();
    }
    pthread_join(impl_->thread, nullptr);
}

Result<void> Logbook::append(Event event, Acknowledged acknowledged) {
    stamp_if_empty(event.at);
    return impl_->hand_over(std::move(event), std::move(acknowledged));
}

Result<void> Logbook::put(DeckRecord deck, Acknowledged acknowledged) {
    return impl_->hand_over(std::move(deck), std::move(acknowledged));
}

Result<void> Logbook::put(HeadBlockRecord head_block, Acknowledged acknowledged) {
    return impl_->hand_over(std::move(head_block), std::move(acknowledged));
}

Result<void> Logbook::put(ReelRecord reel, Acknowledged acknowledged) {
    return impl_->hand_over(std::move(reel), std::move(acknowledged));
}

Result<void> Logbook::start_session(SessionRecord session, Acknowledged acknowledged) {
    stamp_if_empty(session.start);
    return impl_->hand_over(std::move(session), std::move(acknowledged));
}

Result<void> Logbook::end_session(std::string uuid, SessionEnd end, Acknowledged acknowledged) {
    return impl_->hand_over(SessionEnding{.uuid = std::move(uuid), .end = end, .at = host_now()},
                            std::move(acknowledged));
}

Result<void> Logbook::record_print(PrintRecord print, Acknowledged acknowledged) {
    stamp_if_empty(print.at);
    return impl_->hand_over(std::move(print), std::move(acknowledged));
}

Result<void> Logbook::record_alignment(AlignmentEntry alignment, Acknowledged acknowledged) {
    return impl_->hand_over(std::move(alignment), std::move(acknowledged));
}

Result<void> Logbook::flush() {
    std::unique_lock lock(impl_->mutex);
    const std::uint64_t target = impl_->handed_over;
    const std::uint64_t next_attempt = impl_->attempts + 1; // one that may be running began before this call
    impl_->urgent = true;
    impl_->work.notify_one();
    impl_->done.wait(lock, [&] { return impl_->settled >= target || impl_->failed_attempt >= next_attempt; });
    if (impl_->settled >= target) {
        return {};
    }
    return Error{impl_->status.problem};
}

Result<ChainReport> Logbook::verify_chain() {
    return impl_->read<ChainReport>([](Store& store) { return store.verify_chain(); });
}

Result<std::vector<StoredEvent>> Logbook::events(std::string session_uuid, std::int64_t after_seq, std::size_t limit) {
    return impl_->read<std::vector<StoredEvent>>(
        [&](Store& store) { return store.events(session_uuid, after_seq, limit); });
}

Result<std::vector<StoredSession>> Logbook::sessions(std::size_t limit) {
    return impl_->read<std::vector<StoredSession>>([&](Store& store) { return store.sessions(limit); });
}

Result<std::vector<StoredPrint>> Logbook::prints(std::size_t limit) {
    return impl_->read<std::vector<StoredPrint>>([&](Store& store) { return store.prints(limit); });
}

Result<std::optional<StoredPrint>> Logbook::print_of(std::string uuid) {
    return impl_->read<std::optional<StoredPrint>>([&](Store& store) { return store.print_of(uuid); });
}

Result<std::optional<StoredEvent>> Logbook::newest_event() {
    return impl_->read<std::optional<StoredEvent>>([](Store& store) { return store.newest_event(); });
}

Result<std::vector<AlignmentEntry>> Logbook::alignments(std::size_t limit) {
    return impl_->read<std::vector<AlignmentEntry>>([&](Store& store) { return store.alignments(limit); });
}

LogbookStatus Logbook::status() const {
    const std::lock_guard lock(impl_->mutex);
    LogbookStatus now = impl_->status;
    now.queued = impl_->handed_over - impl_->settled;
    return now;
}

const std::vector<std::string>& Logbook::interrupted_sessions() const noexcept {
    return impl_->interrupted;
}

} // namespace overbias::logbook
