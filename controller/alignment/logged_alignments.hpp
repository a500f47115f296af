// SPDX-License-Identifier: Apache-2.0
// LoggedAlignments: earlier alignments, out of the logbook and into it. Everything is read once, at start-up; what is
// stored later is known at once and handed to the logbook's thread, which writes it. What the logbook could not take,
// or could not write, is an error of the next store() and in the journal: an alignment does not go on whose values are
// not kept. Thread: the timeline's.
#pragma once

#include "base/async/timeline.hpp"
#include "logbook/logbook.hpp"
#include "tape/history.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::tape {
class MemoryAlignmentHistory;
}

namespace overbias::controller {

class LoggedAlignments final : public tape::AlignmentHistory {
  public:
    /// Waits for the logbook's thread: at start-up. What can't be read as an alignment is told in the journal and left
    /// out. The logbook must outlive it.
    LoggedAlignments(logbook::Logbook& logbook, Timeline& timeline);
    ~LoggedAlignments() override;

    [[nodiscard]] Result<void> store(const tape::AlignmentRecord& record) override;
    [[nodiscard]] std::optional<tape::AlignmentRecord> earlier(const tape::AlignmentKey& key,
                                                               std::size_t n) const override;
    [[nodiscard]] std::optional<tape::AlignmentRecord> unfinished(const tape::AlignmentKey& key,
                                                                  std::string_view procedure) const override;
    [[nodiscard]] std::vector<tape::AlignmentStep> values(const tape::AlignmentKey& key, std::string_view step_id,
                                                          int channel) const override;

    /// Oldest first.
    [[nodiscard]] const std::vector<tape::AlignmentRecord>& records() const noexcept;
    /// Null: there is none.
    [[nodiscard]] const tape::AlignmentRecord* find(std::string_view uuid) const noexcept;
    /// Called, on the timeline's thread, when a record is on the disk, with its UUID and how many of its values are.
    /// One listener.
    void on_stored(std::function<void(const std::string& uuid, std::size_t values)> listener) {
        stored_ = std::move(listener);
    }

  private:
    struct Shared; ///< with acknowledgements, which come on the logbook's thread
    logbook::Logbook& logbook_;
    Timeline& timeline_;
    std::unique_ptr<tape::MemoryAlignmentHistory> known_;
    std::shared_ptr<Shared> shared_;
    std::function<void(const std::string&, std::size_t)> stored_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

[[nodiscard]] logbook::AlignmentEntry entry_of(const tape::AlignmentRecord& record);
/// The error: an equalisation that is none.
[[nodiscard]] Result<tape::AlignmentRecord> record_of(const logbook::AlignmentEntry& entry);

} // namespace overbias::controller
