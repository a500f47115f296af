// SPDX-License-Identifier: Apache-2.0
#include "mastering/comparison/off_tape_proof.hpp"

#include "mastering/comparison/words.hpp"

#include <algorithm>
#include <cmath>

namespace overbias::mastering {
namespace {

constexpr double kToneBefore_db = -40.0; // re the slate: erased tape is at -60 and lower
constexpr double kLeadInOverGap_db = 10.0;
constexpr double kTapeNoise_db = 2.5; // over the electronics at rest
constexpr double kDead_db = 6.0;      // over the electronics at rest: nothing came, not even tape noise
constexpr double kLoud_db = -40.0;    // re operating level: no tape noise is that loud

void fail(OffTapeVerdict& verdict, const std::string& sentence) {
    verdict.off_tape = false;
    verdict.failures += (verdict.failures.empty() ? "" : "; ") + sentence;
}

void say(OffTapeVerdict& verdict, const std::string& sentence) {
    verdict.text += (verdict.text.empty() ? "" : "; ") + sentence;
}

void judge_delay(const OffTapeEvidence& e, OffTapeVerdict& verdict) {
    const std::string expected = "expected " + figure(e.expected_delay_s * 1e3, 2) + " ms +-" +
                                 figure(e.expected_delay_s * e.tolerance * 1e3, 2) + " ms from the head distance";
    if (!e.delay_s) {
        const bool something = e.slate_present[0] || e.slate_present[1];
        fail(verdict, something ? "the slate's tone is in the return but does not begin when it should: " + expected
                                : "the slate is not in the return: " + expected +
                                      " (tape return connected and switched to reproduce? record taken?)");
        return;
    }
    const std::string got = "delay " + figure(*e.delay_s * 1e3, 2) + " ms, " + expected;
    if (std::abs(*e.delay_s - e.expected_delay_s) > e.tolerance * e.expected_delay_s) {
        const bool direct = std::abs(*e.delay_s) < 0.25 * e.expected_delay_s;
        verdict.direct = direct;
        fail(verdict,
             got +
                 (direct
                      ? ": the return is the deck's input or the record head (monitor switched to input or sync, or a "
                        "loop): switch it to reproduce"
                      : ": check the head distance in the deck profile and the tape speed"));
    } else {
        say(verdict, got);
    }
}

void judge_absence(const OffTapeEvidence& e, OffTapeVerdict& verdict) {
    if (e.tone_before_db && *e.tone_before_db > kToneBefore_db) {
        fail(verdict, "the slate's tone was in the return before it could be there, at " +
                          figure(*e.tone_before_db, 1) + " dB re the slate, expected below " +
                          figure(kToneBefore_db, 0) + ": an old programme is playing and nothing is erased");
        return;
    }
    bool judged = false;
    for (std::size_t c = 0; c < 2; ++c) {
        if (e.lead_in_db[c] && e.gap_db[c]) {
            judged = true;
            if (*e.lead_in_db[c] > *e.gap_db[c] + kLeadInOverGap_db) {
                fail(verdict, "the return was at " + figure(*e.lead_in_db[c], 1) +
                                  " dBFS before the slate was due on the " + channel_name(static_cast<int>(c)) +
                                  " channel, expected tape noise (" + figure(*e.gap_db[c], 1) +
                                  " dBFS in the gap): an old programme is playing");
                return;
            }
        }
    }
    if (judged || e.tone_before_db) {
        say(verdict, "absent before it was due");
    } else {
        fail(verdict, "the return before the slate was not seen, so nothing shows that the programme is new");
    }
}

void judge_noise_of(const OffTapeEvidence& e, std::size_t c, OffTapeVerdict& verdict) {
    const std::string got = figure(*e.gap_db[c], 1) + " dBFS against " + figure(*e.rest_db[c], 1) + " dBFS at rest (" +
                            channel_name(static_cast<int>(c)) + ")";
    if (*e.gap_db[c] < *e.rest_db[c] + kTapeNoise_db) {
        fail(verdict, "no tape noise: " + got + ", expected at least " + figure(kTapeNoise_db, 1) + " dB more");
    } else {
        say(verdict, "tape noise " + got);
    }
}

void judge_noise(const OffTapeEvidence& e, OffTapeVerdict& verdict) {
    bool judged = false;
    for (std::size_t c = 0; c < 2; ++c) {
        if (!e.gap_db[c] || !e.slate_present[c]) {
            continue;
        }
        if (!e.rest_db[c]) {
            fail(verdict,
                 "the return was not seen with the deck at rest, so tape noise can't be told from the electronics");
            return;
        }
        judged = true;
        judge_noise_of(e, c, verdict);
    }
    if (!judged && (e.slate_present[0] || e.slate_present[1])) {
        fail(verdict, "no silent stretch in the return, so tape noise was not shown");
    }
}

/// The delay of the programme: against the head distance and against the earlier run of this side.
void judge_programme_delay(const OffTapeEvidence& e, OffTapeVerdict& verdict) {
    if (!e.delay_s) {
        fail(verdict, "the programme was not found in the return (tape return connected and switched to reproduce? "
                      "record taken?)");
        return;
    }
    judge_delay(e, verdict);
    if (!e.earlier_delay_s) {
        return;
    }
    const std::string against = figure(*e.delay_s * 1e3, 2) + " ms against " + figure(*e.earlier_delay_s * 1e3, 2) +
                                " ms in the side's earlier run";
    if (std::abs(*e.delay_s - *e.earlier_delay_s) > e.tolerance * *e.earlier_delay_s) {
        fail(verdict, "the programme's delay is " + against);
    } else {
        say(verdict, against);
    }
}

/// Without a slate: the gap before the programme is silent.
void judge_gap(const OffTapeEvidence& e, OffTapeVerdict& verdict) {
    bool judged = false;
    for (std::size_t c = 0; c < 2; ++c) {
        const auto& quiet = e.gap_db[c] ? e.gap_db[c] : e.lead_in_db[c];
        if (!quiet) {
            continue;
        }
        judged = true;
        const double most =
            e.earlier_noise_db[c] ? *e.earlier_noise_db[c] + kLeadInOverGap_db : e.operating_dbfs + kLoud_db;
        if (*quiet > most) {
            fail(verdict, "the return was at " + figure(*quiet, 1) + " dBFS before the programme was due on the " +
                              channel_name(static_cast<int>(c)) + " channel, expected tape noise below " +
                              figure(most, 1) + " dBFS: an old programme is playing");
            return;
        }
    }
    say(verdict, judged ? "absent before it was due" : "absence before it was due not shown: no silence before it");
}

/// What a reel that is played later can show.
OffTapeVerdict judge_replay(const OffTapeEvidence& e) {
    OffTapeVerdict verdict;
    verdict.off_tape = true;
    say(verdict, "played back later: nothing is said of the head delay");
    bool heard = false;
    for (std::size_t c = 0; c < 2; ++c) {
        heard = heard || (e.gap_db[c] && e.rest_db[c]);
    }
    if (!heard) {
        say(verdict, "tape noise not judged: no gap, or the return was not heard with the deck at rest");
    } else {
        for (std::size_t c = 0; c < 2; ++c) {
            if (e.gap_db[c] && e.rest_db[c]) {
                judge_noise_of(e, c, verdict);
            }
        }
    }
    if (e.tone_before_db && *e.tone_before_db > kToneBefore_db) {
        say(verdict,
            "the slate's tone is there before it is due, at " + figure(*e.tone_before_db, 1) + " dB re the slate");
    }
    verdict.text = verdict.off_tape ? "off tape: " + verdict.text : "not off tape: " + verdict.failures;
    return verdict;
}

} // namespace

OffTapeVerdict judge_off_tape(const OffTapeEvidence& e) {
    if (e.replay) {
        return judge_replay(e);
    }
    OffTapeVerdict verdict;
    verdict.off_tape = true;
    if (!e.with_slate) {
        judge_programme_delay(e, verdict);
        judge_gap(e, verdict);
        for (std::size_t c = 0; c < 2; ++c) {
            if (e.gap_db[c] && e.rest_db[c]) {
                judge_noise_of(e, c, verdict);
            } else if (c == 0) {
                say(verdict, "tape noise not judged: no gap, or the return was not heard with the deck at rest");
            }
        }
        verdict.text = verdict.off_tape ? "off tape: " + verdict.text : "not off tape: " + verdict.failures;
        return verdict;
    }
    if (!e.slate_sent) {
        fail(verdict, "no slate was sent where the plan has it, so nothing can be proven");
        return verdict;
    }
    judge_delay(e, verdict);
    judge_absence(e, verdict);
    judge_noise(e, verdict);
    if (!e.slate_present[0] && !e.slate_present[1]) {
        // A dead line is no signal. Tape noise or another programme where the slate should be is a return that is not
        // what was sent.
        bool loud = false;
        for (std::size_t c = 0; c < 2; ++c) {
            const double dead = e.rest_db[c] ? *e.rest_db[c] + kDead_db : e.operating_dbfs + kLoud_db;
            loud = loud || (e.during_slate_db[c] && *e.during_slate_db[c] > dead);
        }
        verdict.nothing_came = !loud;
    }
    verdict.text = verdict.off_tape ? "off tape: " + verdict.text : "not off tape: " + verdict.failures;
    return verdict;
}

} // namespace overbias::mastering
