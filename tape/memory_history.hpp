// SPDX-License-Identifier: Apache-2.0
// AlignmentHistory in memory: what was stored since the program began, or was put in at start-up. One thread.
#pragma once

#include "tape/history.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace overbias::tape {

class MemoryAlignmentHistory : public AlignmentHistory {
  public:
    MemoryAlignmentHistory() = default;
    explicit MemoryAlignmentHistory(std::vector<AlignmentRecord> records) : records_(std::move(records)) { sort(); }

    [[nodiscard]] Result<void> store(const AlignmentRecord& record) override {
        if (record.uuid.empty() || record.begun_at.empty()) {
            return Error{"an alignment record was not stored: expected a uuid and the time it was begun at, got " +
                         std::string(record.uuid.empty() ? "no uuid" : "no time")};
        }
        const auto same = std::find_if(records_.begin(), records_.end(),
                                       [&](const AlignmentRecord& each) { return each.uuid == record.uuid; });
        if (same != records_.end()) {
            *same = record;
        } else {
            records_.push_back(record);
        }
        sort();
        return {};
    }
    [[nodiscard]] std::optional<AlignmentRecord> earlier(const AlignmentKey& key, std::size_t n) const override {
        for (auto each = records_.rbegin(); each != records_.rend(); ++each) {
            if (each->key == key && !each->ended_at.empty() && n-- == 0) {
                return *each;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<AlignmentRecord> unfinished(const AlignmentKey& key,
                                                            std::string_view procedure) const override {
        for (auto each = records_.rbegin(); each != records_.rend(); ++each) {
            if (each->key == key && each->procedure == procedure) {
                return each->ended_at.empty() ? std::optional(*each) : std::nullopt;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::vector<AlignmentStep> values(const AlignmentKey& key, std::string_view step_id,
                                                    int channel) const override {
        std::vector<AlignmentStep> all;
        for (const AlignmentRecord& record : records_) {
            for (const AlignmentStep& step : record.steps) {
                if (record.key == key && step.id == step_id && step.channel == channel) {
                    all.push_back(step);
                }
            }
        }
        return all;
    }

    /// Oldest first.
    [[nodiscard]] const std::vector<AlignmentRecord>& records() const noexcept { return records_; }

  private:
    /// By the time each was begun: ISO 8601 in UTC sorts as text.
    void sort() {
        std::stable_sort(records_.begin(), records_.end(),
                         [](const AlignmentRecord& a, const AlignmentRecord& b) { return a.begun_at < b.begun_at; });
    }
    std::vector<AlignmentRecord> records_;
};

} // namespace overbias::tape
