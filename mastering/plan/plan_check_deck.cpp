// SPDX-License-Identifier: Apache-2.0
// A plan against the deck: what it is lined up for, and when it was aligned for this tape.
#include "base/figure.hpp"
#include "base/toml/message_text.hpp"
#include "mastering/plan/plan_check_parts.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

namespace overbias::mastering {

namespace {

constexpr double kSameSpeed = 0.001;
constexpr double kSameLevel_db = 0.05;
/// Procedures that judge what is recorded on this tape (docs/alignment.md).
constexpr std::array<std::string_view, 3> kJudgeRecording{"record", "proof", "quick"};

PlanFinding finding(std::string kind, std::string words) {
    PlanFinding said;
    said.kind = std::move(kind);
    said.words = std::move(words);
    return said;
}

/// Days since 1970 of "2024-05-03T10:15:00.000Z"; empty: it is no such time.
std::optional<double> days_of(const std::string& utc) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    int hour = 0;
    int minute = 0;
    double second = 0.0;
    if (std::sscanf(utc.c_str(), "%4d-%2u-%2uT%2d:%2d:%lf", &year, &month, &day, &hour, &minute, &second) != 6) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok()) {
        return std::nullopt;
    }
    return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()) +
           (hour * 3600.0 + minute * 60.0 + second) / 86400.0;
}

void check_set_up(PlanCheck& check, const PlanDeck& deck) {
    const PlanTape& tape = check.plan.tape;
    const auto has_speed = [&](double ips) { return std::abs(ips / tape.speed_ips - 1.0) < kSameSpeed; };
    if (!deck.speeds_ips.empty() && std::ranges::none_of(deck.speeds_ips, has_speed)) {
        std::string speeds;
        for (const double each : deck.speeds_ips) {
            speeds += (speeds.empty() ? "" : ", ") + number_text(each);
        }
        check.refusals.push_back(finding("deck_speed", "the plan is for " + number_text(tape.speed_ips) + " ips, and " +
                                                           deck.name + " runs at " + speeds +
                                                           " ips; choose one of these"));
    } else if (!has_speed(deck.speed_ips)) {
        check.refusals.push_back(finding("deck_speed", "the plan is for " + number_text(tape.speed_ips) +
                                                           " ips, and the deck is set up for " +
                                                           number_text(deck.speed_ips) +
                                                           " ips: line it up for that speed and change tape.speed_ips "
                                                           "of the configuration, or change the plan"));
    }
    if (tape.equalisation != deck.equalisation) {
        check.refusals.push_back(
            finding("deck_equalisation",
                    "the plan is for " + std::string(tape::equalisation_name(tape.equalisation)) +
                        ", and the deck is lined up to " + std::string(tape::equalisation_name(deck.equalisation)) +
                        ": line it up and change tape.equalisation of the configuration, or change the plan"));
    }
    if (std::abs(tape::level_db(tape.operating_level, deck.operating_level)) > kSameLevel_db) {
        check.refusals.push_back(
            finding("deck_operating_level",
                    "operating level of the plan is " + tape::fluxivity_text(tape.operating_level) +
                        ", and the deck is lined up to " + tape::fluxivity_text(deck.operating_level) +
                        ": line it up and change tape.operating_level of the configuration, or change the plan"));
    }
}

std::string for_what(const PlanTape& tape) {
    return tape.stock + (tape.batch.empty() ? ", batch not known" : ", batch " + tape.batch) + ", " +
           number_text(tape.speed_ips) + " ips, " + std::string(tape::equalisation_name(tape.equalisation));
}

/// Why the deck can't be taken for aligned; empty: it is.
std::string not_aligned(PlanCheck& check, const PlanDeck& deck) {
    const auto record = std::ranges::find_if(deck.alignments, [](const tape::AlignmentRecord& each) {
        return std::ranges::find(kJudgeRecording, each.procedure) != kJudgeRecording.end() && !each.ended_at.empty();
    });
    const std::string what = for_what(check.plan.tape);
    if (record == deck.alignments.end()) {
        return "the deck has not been aligned for this tape (" + what + "): run 'overbias align record'";
    }
    check.alignment = *record;
    const auto then = days_of(record->ended_at);
    const auto now = days_of(deck.now_utc);
    if (!then || !now) {
        return "the alignment of " + record->ended_at + " has no time that can be read";
    }
    check.alignment_days = static_cast<int>(std::floor(std::max(0.0, *now - *then)));
    const tape::AlignmentVerdict verdict = tape::verdict_of(*record);
    if (verdict == tape::AlignmentVerdict::Fail || verdict == tape::AlignmentVerdict::Unfinished) {
        return "the last alignment for this tape (" + what + "; " + record->procedure + ", " + record->ended_at +
               ") ended with " + std::string(tape::verdict_words(verdict)) + ": align the deck again";
    }
    const int within = check.plan.alignment_within_days;
    if (*now - *then > within) {
        return "the deck was aligned for this tape (" + what + ") " + figure(*now - *then, 1) +
               " days ago, expected within " + std::to_string(within) +
               " days: run 'overbias align quick', or the whole alignment";
    }
    return {};
}

void check_alignment(PlanCheck& check, const PlanDeck& deck) {
    if (check.plan.alignment_within_days == 0) {
        check.notes.push_back(
            finding("alignment_not_asked_for", "the deck's alignment was not checked: alignment.within_days is 0"));
        return;
    }
    const std::string why = not_aligned(check, deck);
    if (why.empty()) {
        return;
    }
    const AlignmentOverride& let = check.plan.alignment_override;
    if (!let.given()) {
        check.refusals.push_back(finding(
            "not_aligned", why + "; or override it with name and reason (alignment.override_name, override_reason)"));
        return;
    }
    check.alignment_overridden = true;
    PlanFinding overridden = finding("alignment_overridden", why + "; let pass by " + let.name + ": " + let.reason);
    overridden.basis = "alignment.within_days = " + std::to_string(check.plan.alignment_within_days);
    check.warnings.push_back(std::move(overridden));
}

} // namespace

void check_deck(PlanCheck& check, const PlanCheckContext& context) {
    if (!context.deck) {
        check.notes.push_back(finding("no_deck",
                                      "no deck was asked: what it is lined up for, its alignment and where a "
                                      "print could go on were not checked"));
        return;
    }
    check_set_up(check, *context.deck);
    check_alignment(check, *context.deck);
}

} // namespace overbias::mastering
