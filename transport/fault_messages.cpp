// SPDX-License-Identifier: Apache-2.0
#include "transport/fault_messages.hpp"

#include "base/figure.hpp"

namespace overbias::transport {

std::string metres_text(double value_m) {
    return figure(value_m, 2) + " m";
}

namespace {

/// What the machine saw. What the deck itself said of it is added by fault_message().
std::string seen(Event event, const FaultContext& context) {
    const std::string at = "at " + metres_text(context.position_m);
    const bool recording = context.recording;
    switch (event) {
    case Event::PlayTallyLost:
        return std::string("play tally lost ") + (recording ? "while recording " : "in play ") + at +
               (recording ? ": record off and stop; " : ": ") +
               "the deck was stopped by hand, or the tally line is open";
    case Event::RecordTallyLost:
        return "record tally lost while recording " + at +
               ": record off and stop; the deck left record by itself or by hand";
    case Event::PunchOut:
        return "punch-out " + at +
               ": the tape is not seen to run at play speed, so PLAY was not pressed: record off and stop; a hand on "
               "the deck's keys, or the play tally or the tach is wrong";
    case Event::UnaskedRecord:
        if (context.link_lost_in_record) {
            return "the link was lost while recording, and the deck still records " + at +
                   ": stop pressed; everything from where the link was lost up to here has been recorded over. See "
                   "that the record lamp goes out, press STOP on the deck if it does not, then clear the fault";
        }
        return "record tally lit " + at +
               " and nobody asked for record: stop pressed; check the deck's record key and the record line";
    case Event::RecordTimeout:
        return "record was pressed " + at +
               " and no record tally came: record off and stop; check record-ready and the tally line";
    case Event::MotionLost:
        return "no tach " + at +
               " although the tape was told to move: record off and stop; check roller, tach line and tape";
    case Event::StartTimeout: {
        std::string text = "the tape was told to move " + at + " and ";
        if (!context.motion_seen) {
            text += context.has_tach ? "no tach edge came in that direction: check roller, tach line and tape"
                                     : "the deck showed no play tally: check the tally lines";
        } else {
            text += "play was not proven: the tape runs at " + figure(context.speed_ips, 2) + " ips, expected " +
                    figure(context.expected_ips, 2) + " ips" + (context.proof_by_tally ? " and the play tally" : "") +
                    "; check the deck's speed switch and its profile";
        }
        return text;
    }
    case Event::StillTimeout:
        return "the tape was not still in time after stop: check the deck's brakes and the tach";
    case Event::TapeOut:
        return "tape out or broken " + at + ": record off and halt; thread the tape, then zero the counter";
    case Event::LinkLost:
        return std::string("the link to the deck is lost ") + (recording ? "while recording " : "") + at + ": " +
               (context.link_problem.empty() ? "it does not answer" : context.link_problem) +
               "; record off and stop were sent, but whether they arrived is not known: " +
               (recording ? "the deck may still be recording. Stop it by hand and see that the record lamp is out"
                          : "stop the deck by hand");
    case Event::LocateFailed:
        return "locate failed";
    case Event::DeckError:
        return "the deck could not be reached";
    case Event::UnaskedForward:
    case Event::UnaskedRewind:
        return "the deck was put into wind by hand " + at;
    default:
        return std::string(name_of(event));
    }
}

} // namespace

std::string fault_message(Event event, const FaultContext& context) {
    const bool follows_a_key = event == Event::StartTimeout || event == Event::RecordTimeout ||
                               event == Event::StillTimeout || event == Event::MotionLost;
    return seen(event, context) +
           (follows_a_key && !context.refusal.empty() ? "; the deck's own words: " + context.refusal : "");
}

} // namespace overbias::transport
