// SPDX-License-Identifier: Apache-2.0
#include "tape/alignment_record.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace overbias::tape {

bool AlignmentKey::operator==(const AlignmentKey& other) const noexcept {
    return deck_uuid == other.deck_uuid && head_block_uuid == other.head_block_uuid &&
           std::abs(speed_ips - other.speed_ips) <= 1e-3 * std::abs(speed_ips) && equalisation == other.equalisation &&
           stock == other.stock && batch == other.batch;
}

std::optional<bool> AlignmentStep::within() const noexcept {
    if (!target || !tolerance) {
        return std::nullopt;
    }
    const double off = reading - *target;
    switch (bound) { // each is false for what is no number
    case Bound::AtLeast:
        return off >= -*tolerance;
    case Bound::AtMost:
        return off <= *tolerance;
    case Bound::BothSides:
        break;
    }
    return std::abs(off) <= *tolerance;
}

const AlignmentStep* AlignmentRecord::step(std::string_view id, int channel) const noexcept {
    const auto last = std::find_if(steps.rbegin(), steps.rend(),
                                   [&](const AlignmentStep& each) { return each.id == id && each.channel == channel; });
    return last == steps.rend() ? nullptr : &*last;
}

bool AlignmentRecord::passed() const noexcept {
    return !ended_at.empty() && std::all_of(steps.begin(), steps.end(), [&](const AlignmentStep& each) {
        return step(each.id, each.channel)->within().value_or(true);
    });
}

AlignmentVerdict verdict_of(const AlignmentRecord& record) noexcept {
    if (record.ended_at.empty()) {
        return AlignmentVerdict::Unfinished;
    }
    if (!record.passed()) {
        return AlignmentVerdict::Fail;
    }
    const bool judged = std::any_of(record.steps.begin(), record.steps.end(), [&](const AlignmentStep& each) {
        return record.step(each.id, each.channel)->within().has_value();
    });
    return judged ? AlignmentVerdict::Pass : AlignmentVerdict::NotJudged;
}

std::string_view verdict_name(AlignmentVerdict verdict) noexcept {
    switch (verdict) {
    case AlignmentVerdict::Pass:
        return "pass";
    case AlignmentVerdict::Fail:
        return "fail";
    case AlignmentVerdict::Unfinished:
        return "unfinished";
    case AlignmentVerdict::NotJudged:
        break;
    }
    return "not_judged";
}

std::string_view verdict_words(AlignmentVerdict verdict) noexcept {
    switch (verdict) {
    case AlignmentVerdict::Pass:
        return "PASS";
    case AlignmentVerdict::Fail:
        return "FAIL";
    case AlignmentVerdict::Unfinished:
        return "NOT FINISHED";
    case AlignmentVerdict::NotJudged:
        break;
    }
    return "NOT JUDGED";
}

void add_name(std::string& names, std::string_view name) {
    const std::string within = ", " + names + ", ";
    if (name.empty() || within.find(", " + std::string(name) + ", ") != std::string::npos) {
        return;
    }
    names += (names.empty() ? "" : ", ") + std::string(name);
}

std::vector<AlignmentChange> alignment_changes(const AlignmentRecord& now, const AlignmentRecord& then) {
    std::vector<AlignmentChange> changes;
    for (const AlignmentStep& each : now.steps) {
        const AlignmentStep* last = now.step(each.id, each.channel);
        const AlignmentStep* before = then.step(each.id, each.channel);
        if (last != &each || before == nullptr || before->unit != each.unit) {
            continue;
        }
        changes.push_back(
            {.id = each.id, .channel = each.channel, .unit = each.unit, .then = before->reading, .now = each.reading});
    }
    return changes;
}

} // namespace overbias::tape
