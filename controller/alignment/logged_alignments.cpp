// SPDX-License-Identifier: Apache-2.0
#include "controller/alignment/logged_alignments.hpp"

#include "base/journal.hpp"
#include "tape/memory_history.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <utility>

namespace overbias::controller {

namespace {

/// Every one that a studio makes in many years: a proof has some hundred values.
constexpr std::size_t kMostRead = 10000;

} // namespace

logbook::AlignmentEntry entry_of(const tape::AlignmentRecord& record) {
    logbook::AlignmentEntry entry{.uuid = record.uuid,
                                  .deck_uuid = record.key.deck_uuid,
                                  .head_block_uuid = record.key.head_block_uuid,
                                  .speed_ips = record.key.speed_ips,
                                  .equalisation = std::string(tape::equalisation_name(record.key.equalisation)),
                                  .stock = record.key.stock,
                                  .batch = record.key.batch,
                                  .procedure = record.procedure,
                                  .begun_at = record.begun_at,
                                  .ended_at = record.ended_at,
                                  .values = {},
                                  .operators = record.operators,
                                  .measured_by = record.measured_by};
    for (const tape::AlignmentStep& step : record.steps) {
        entry.values.push_back({.id = step.id,
                                .channel = step.channel,
                                .reading = step.reading,
                                .unit = step.unit,
                                .target = step.target,
                                .tolerance = step.tolerance,
                                .averaging_s = step.averaging_s,
                                .accepted_at = step.accepted_at,
                                .accepted_by = step.accepted_by,
                                .calibration_tape = step.calibration_tape,
                                .bound = step.bound == tape::Bound::AtLeast  ? "at_least"
                                         : step.bound == tape::Bound::AtMost ? "at_most"
                                                                             : "",
                                .remark = step.remark});
    }
    return entry;
}

Result<tape::AlignmentRecord> record_of(const logbook::AlignmentEntry& entry) {
    const auto equalisation = tape::equalisation_from_name(entry.equalisation);
    if (!equalisation) {
        return Error{"alignment " + entry.uuid + " in the logbook: expected the equalisation NAB, IEC1 or AES, got '" +
                     entry.equalisation + "'"};
    }
    tape::AlignmentRecord record{.uuid = entry.uuid,
                                 .key = {.deck_uuid = entry.deck_uuid,
                                         .head_block_uuid = entry.head_block_uuid,
                                         .speed_ips = entry.speed_ips,
                                         .equalisation = *equalisation,
                                         .stock = entry.stock,
                                         .batch = entry.batch},
                                 .procedure = entry.procedure,
                                 .begun_at = entry.begun_at,
                                 .ended_at = entry.ended_at,
                                 .steps = {},
                                 .operators = entry.operators,
                                 .measured_by = entry.measured_by};
    for (const logbook::AlignmentValue& value : entry.values) {
        record.steps.push_back({.id = value.id,
                                .channel = value.channel,
                                .reading = value.reading,
                                .unit = value.unit,
                                .target = value.target,
                                .tolerance = value.tolerance,
                                .averaging_s = value.averaging_s,
                                .accepted_at = value.accepted_at,
                                .accepted_by = value.accepted_by,
                                .calibration_tape = value.calibration_tape,
                                .bound = value.bound == "at_least"  ? tape::Bound::AtLeast
                                         : value.bound == "at_most" ? tape::Bound::AtMost
                                                                    : tape::Bound::BothSides,
                                .remark = value.remark});
    }
    return record;
}

struct LoggedAlignments::Shared {
    std::mutex mutex;
    std::string problem; ///< the last that was not written; told once
};

LoggedAlignments::LoggedAlignments(logbook::Logbook& logbook, Timeline& timeline)
    : logbook_(logbook), timeline_(timeline), shared_(std::make_shared<Shared>()) {
    std::vector<tape::AlignmentRecord> records;
    if (const auto entries = logbook.alignments(kMostRead); entries) {
        for (const logbook::AlignmentEntry& entry : *entries) {
            if (auto record = record_of(entry); record) {
                records.push_back(std::move(record).value());
            } else {
                journal(JournalLevel::Error, "logbook", record.error().message);
            }
        }
    } else {
        journal(JournalLevel::Error, "logbook", "earlier alignments can't be read: " + entries.error().message);
    }
    known_ = std::make_unique<tape::MemoryAlignmentHistory>(std::move(records));
}

LoggedAlignments::~LoggedAlignments() = default;

Result<void> LoggedAlignments::store(const tape::AlignmentRecord& record) {
    {
        const std::lock_guard lock(shared_->mutex);
        if (!shared_->problem.empty()) {
            return Error{std::exchange(shared_->problem, {})};
        }
    }
    for (const tape::AlignmentStep& step : record.steps) {
        if (!std::isfinite(step.reading)) {
            return Error{"the reading of " + step.id + " is no number"};
        }
    }
    if (auto taken = known_->store(record); !taken) {
        return taken;
    }
    const auto on_disk = [this, alive = std::weak_ptr<bool>(alive_), uuid = record.uuid, values = record.steps.size()] {
        if (!alive.expired() && stored_) {
            stored_(uuid, values);
        }
    };
    return logbook_.record_alignment(
        entry_of(record), [shared = shared_, timeline = &timeline_, on_disk](const Result<std::int64_t>& seq) {
            if (seq) {
                return timeline->post(on_disk);
            }
            journal(JournalLevel::Error, "logbook", seq.error().message);
            const std::lock_guard lock(shared->mutex);
            shared->problem = seq.error().message;
        });
}

std::optional<tape::AlignmentRecord> LoggedAlignments::earlier(const tape::AlignmentKey& key, std::size_t n) const {
    return known_->earlier(key, n);
}

std::optional<tape::AlignmentRecord> LoggedAlignments::unfinished(const tape::AlignmentKey& key,
                                                                  std::string_view procedure) const {
    return known_->unfinished(key, procedure);
}

std::vector<tape::AlignmentStep> LoggedAlignments::values(const tape::AlignmentKey& key, std::string_view step_id,
                                                          int channel) const {
    return known_->values(key, step_id, channel);
}

const std::vector<tape::AlignmentRecord>& LoggedAlignments::records() const noexcept {
    return known_->records();
}

const tape::AlignmentRecord* LoggedAlignments::find(std::string_view uuid) const noexcept {
    const auto& all = records();
    const auto found = std::ranges::find_if(all, [&](const tape::AlignmentRecord& each) { return each.uuid == uuid; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace overbias::controller
