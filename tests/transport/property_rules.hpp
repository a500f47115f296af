// SPDX-License-Identifier: Apache-2.0
// The rules of the property test: what must hold whatever is done. They are checked against the deck's own truth (its
// mechanics and its logic) and against what the test itself has commanded, never against the machine's opinion, which
// is only looked at where the rule is about that opinion.
#pragma once

#include "property_plant.hpp"
#include "transport/transport.hpp"

#include <cmath>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

namespace overbias::transport::property {

class Rules {
  public:
    Rules(const Plant& plant, const Timeline& timeline, std::function<const MachineState*()> state)
        : plant_(plant), timeline_(timeline), state_(std::move(state)) {}

    // --- what the test tells of its own doings
    std::optional<Press> want; ///< the motion last commanded and neither reached nor taken back; Stop stands for locate
    std::optional<Press> offer; ///< of the command being given
    bool armed = false;         ///< by the test's own book
    std::optional<double> breaks_at_s;
    bool link_cut = false;
    bool off = false; ///< the machine is being taken down

    void hand(sim::Contact key) {
        const double v = std::abs(plant_.speed());
        if ((key == sim::Contact::Play || key == sim::Contact::Record) && v > 0.8) {
            torn_by_hand_ = true;
        }
        if (key == sim::Contact::Record) {
            hand_record_at_ = now();
        }
        hand_at_ = now();
        hand_moved_ = true;
    }
    void hands_on_reels() { hand_at_ = now(), hand_moved_ = true; }
    void restarted() { restarted_at_ = now(); }
    void threaded() { threaded_at_ = now(); }
    void power_changed() { disturbed_at_ = now(); }
    void arm() { armed = true, armed_at_ = now(); }
    void forget_wants() { want.reset(), done_.reset(), armed = arm_used_ = false; }

    /// A command has been answered; `goes`: accepted or deferred.
    void answered(bool goes, bool at_once) {
        if (goes && at_once && offer == Press::Record) {
            arm_used_ = arm_used_ || armed; // RECORD's contact closes a moment later
            armed = false;
        }
        // before and after: what it met may have come about in the call itself, and a fault may have come after it
        if (pressed_ && (!goes || (met_none_ && accepts_none()))) {
            fail("a key was pressed by a command that was refused");
        }
        pressed_ = false;
        if (goes && offer) {
            want = offer;
        }
        offer.reset();
    }

    [[nodiscard]] const std::string& violation() const { return violation_; }
    void fail(const std::string& what) {
        if (violation_.empty() && !off) {
            violation_ = what + " (tape " + std::to_string(plant_.speed()) + " m/s, deck mode " +
                         std::to_string(static_cast<int>(plant_.mechanics.logic().mode())) + ", machine " +
                         (state_() != nullptr ? std::string(name_of(state_()->current)) : "gone") + ")";
        }
    }

    /// The machine is about to do this to the deck.
    void touched(Press press) {
        ++touches[static_cast<std::size_t>(press)];
        const double v = plant_.speed();
        const bool playing = plant_.mechanics.logic().mode() == sim::DeckLogic::Mode::Playing;
        switch (press) {
        case Press::Play:
        case Press::RecordExit:
            asked(press, {Press::Play, Press::Record, Press::Stop});
            // the mains have just failed in play: no lamp can have told
            if (!playing && std::abs(v) >= 0.03 && !unseen(0.3) && !lately(disturbed_at_, 0.1)) {
                fail("PLAY pressed while the tape moves");
            }
            torn_by_hand_ = torn_by_hand_ || (std::abs(v) > 0.8 && unseen(0.3));
            break;
        case Press::Record:
            asked(press, {Press::Record});
            if (!armed && !arm_used_) {
                fail("RECORD pressed and nobody had armed it");
            }
            armed = armed && (arm_used_ || lately(armed_at_, 0.1)); // one of them is used up
            arm_used_ = false;
            if (!(playing && std::abs(v / play_m_s() - 1.0) < 0.12) && !lately(hand_at_, 0.2) &&
                !lately(disturbed_at_, 0.2) && !slack_lately(0.3)) {
                fail("RECORD pressed without play");
            }
            record_pressed_at_ = now();
            break;
        case Press::FastForward:
        case Press::LibraryForward:
            asked(press, {press, Press::Stop});
            record_is_off(press);
            if (v < -1.0 && !unseen(0.5)) {
                fail("wind reversed while the tape moves");
            }
            break;
        case Press::Rewind:
        case Press::LibraryReverse:
            asked(press, {press, Press::Stop});
            record_is_off(press);
            if (v > 1.0 && !unseen(0.5)) {
                fail("wind reversed while the tape moves");
            }
            break;
        case Press::Shuttle:
            asked(press, {press, Press::Stop});
            record_is_off(press);
            break;
        case Press::Edit:
            asked(press, {press});
            record_is_off(press);
            if (std::abs(v) >= 0.03 && !unseen(0.3)) {
                fail("edit mode entered while the tape moves");
            }
            break;
        case Press::DefeatLifters:
            // a counter read over a link tells a speed of some tenths of a second ago
            if (fast_since_ && !lately(fast_since_, speed_lag_s()) && !unseen(0.3)) {
                fail("lifters defeated above the cue limit");
            }
            break;
        case Press::SelectSpeed:
            record_is_off(press);
            if (std::abs(v) >= 0.03 && !unseen(0.3)) {
                fail("speed switched while the tape moves");
            }
            break;
        case Press::SetReady:
            record_is_off(press);
            break;
        case Press::ThreadTensionOn:
            if (plant_.mechanics.logic().mode() != sim::DeckLogic::Mode::TapeOut && !lately(threaded_at_, 0.3) &&
                !plant_.stuck[static_cast<std::size_t>(sim::Tally::TapeOut)]) {
                fail("threading tension with the tape in");
            }
            break;
        default:
            break;
        }
    }

    /// After every millisecond of the deck.
    void look() {
        const MachineState* const state = state_();
        if (state == nullptr) {
            return;
        }
        const auto& drive = plant_.mechanics.drive();
        const double v = std::abs(plant_.speed());
        const bool recording = plant_.recording();
        const bool connected = plant_.mechanics.logic().powered() && !link_cut;
        if (recording && !was_recording_) {
            const bool hand_last =
                lately(hand_record_at_, 1.0) && (!record_pressed_at_ || *hand_record_at_ > *record_pressed_at_);
            by_hand_ = hand_last || !lately(record_pressed_at_, 0.4);
            ++(by_hand_ ? hand_recordings : recordings);
            if (by_hand_ && !lately(hand_record_at_, 1.0)) {
                fail("the deck records and nobody pressed RECORD");
            }
        }
        was_recording_ = recording;
        slack_at_ = drive.taut() ? std::optional<DeckTime>() : slack_at_.value_or(now());
        if (recording && slack_at_ && !lately(slack_at_, 0.35)) {
            fail("the deck records without tape");
        }
        const bool record_lamp = !plant_.stuck[static_cast<std::size_t>(sim::Tally::Record)] && has_tallies;
        const bool ours = state->current == Motion::Recording || state->requested == Motion::Recording;
        if (lasts(unasked_since_, recording && by_hand_ && !ours && record_lamp && connected,
                  1.4)) { // pressed again every second
            fail("the deck records unasked and no STOP came");
        }
        const bool fast = v > kCueLimit * 1.1;
        fast_since_ = fast ? fast_since_.value_or(now()) : std::optional<DeckTime>();
        if (lasts(lifters_since_, plant_.mechanics.logic().lifters_defeated() && fast && connected && !unseen(0.3),
                  speed_lag_s() + 0.1)) {
            fail("lifters stay defeated above the cue limit");
        }
        if (lasts(false_record_since_, state->current == Motion::Recording && !recording && record_lamp, 0.5)) {
            fail("the machine says Recording and the deck does not record");
        }
        hand_moved_ = !lasts(rests_since_, v < 0.01 && !lately(hand_at_, 1.0), 0.3) && hand_moved_;
        const bool sees = !plant_.tach_dead && !hand_moved_;
        if (lasts(false_stop_since_, state->current == Motion::Stopped && v > 0.06 && sees && connected, 1.5)) {
            fail("the machine says Stopped and the tape moves");
        }
        const bool halted = state->current == Motion::Faulted || state->current == Motion::TapeOut;
        if (lasts(halted_since_, halted && v > 0.05 && !hand_moved_ && connected, 15.0)) {
            fail("the tape does not come to rest after a fault");
        }
        if (linked && lasts(dark_since_, !connected && state->current != Motion::Unknown, 0.3)) {
            fail("the link is lost and the machine pretends to know");
        }
        if (drive.broken() && !torn_by_hand_ && !(breaks_at_s && seconds(now()) >= *breaks_at_s)) {
            fail("the tape was torn");
        }
        reached(*state);
    }

    bool has_tallies = true, linked = false;
    std::array<long, 17> touches{};
    long recordings = 0, hand_recordings = 0;
    static constexpr double kCueLimit = 1.2;

  private:
    [[nodiscard]] DeckTime now() const { return timeline_.now(); }
    [[nodiscard]] double play_m_s() const { return plant_.mechanics.selected_speed_ips() * 0.0254; }
    /// A hand has moved the tape just now, or the machine has nothing left to see it by: no lamps and a dead tach, and
    /// the motion was a hand's or that of the run before.
    [[nodiscard]] bool unseen(double just_now_s) const {
        return lately(hand_at_, just_now_s) ||
               ((hand_moved_ || lately(restarted_at_, 12.0)) && plant_.tach_dead && !has_tallies);
    }
    [[nodiscard]] double speed_lag_s() const { return linked ? 0.35 : 0.1; }
    [[nodiscard]] bool lately(const std::optional<DeckTime>& at, double within_s) const {
        return at && now() - *at <= deck_seconds(within_s);
    }
    [[nodiscard]] bool slack_lately(double within_s) const { return lately(slack_at_, within_s); }
    bool lasts(std::optional<DeckTime>& since, bool holds, double for_s) const {
        since = holds ? since.value_or(now()) : std::optional<DeckTime>();
        return since && now() - *since > deck_seconds(for_s);
    }
    void asked(Press press, std::initializer_list<Press> wants) {
        bool found = false, waited = false;
        for (const Press one : wants) {
            waited = waited || want == one;
            found = found || waited || offer == one || (done_ == one && lately(done_at_, 0.1));
        }
        const std::string key = std::to_string(static_cast<int>(press));
        if (!found) {
            fail("key " + key + " pressed and nobody asked for it");
        }
        if (offer && waited) {
            return; // an earlier command's, which has come due in this very moment
        }
        if (offer) {
            pressed_ = true; // the state the command met is judged when it has been answered
            met_none_ = accepts_none();
        } else if (accepts_none()) {
            fail("key " + key + " pressed in a state that accepts none");
        }
    }
    [[nodiscard]] bool accepts_none() const {
        const MachineState* const state = state_();
        return state == nullptr || state->current == Motion::Unknown || state->current == Motion::Faulted ||
               state->current == Motion::TapeOut;
    }
    void record_is_off(Press press) {
        if (!plant_.recording()) {
            return;
        }
        // a hand has only just put it into record, or its lamp does not tell
        const bool lamp = has_tallies && !plant_.stuck[static_cast<std::size_t>(sim::Tally::Record)];
        if (by_hand_ && (!lamp || lately(hand_record_at_, 0.3))) {
            return;
        }
        if (lately(hand_record_at_, 0.05)) {
            return; // in the same moment as our key: no lamp can have told
        }
        fail("press " + std::to_string(static_cast<int>(press)) + " while the deck records");
    }
    void reached(const MachineState& state) {
        if (!want) {
            return;
        }
        const auto is = [&](Press press, Motion motion) { return want == press && state.current == motion; };
        if (is(Press::Play, Motion::Playing) || is(Press::Record, Motion::Recording) ||
            is(Press::FastForward, Motion::FastForwarding) || is(Press::Rewind, Motion::Rewinding) ||
            is(Press::LibraryForward, Motion::FastForwarding) || is(Press::LibraryReverse, Motion::Rewinding) ||
            is(Press::Shuttle, Motion::Shuttling) || is(Press::Edit, Motion::Editing) ||
            (want == Press::Stop && state.current != Motion::Locating)) {
            done_ = want; // its contact may still wait for the one before to have opened
            done_at_ = now();
            want.reset();
        }
    }

    const Plant& plant_;
    const Timeline& timeline_;
    std::function<const MachineState*()> state_;
    std::string violation_;
    std::optional<DeckTime> hand_at_, hand_record_at_, threaded_at_, restarted_at_, armed_at_, record_pressed_at_,
        disturbed_at_, slack_at_;
    std::optional<DeckTime> unasked_since_, lifters_since_, fast_since_, rests_since_, false_record_since_,
        false_stop_since_, halted_since_, dark_since_;
    std::optional<Press> done_;
    std::optional<DeckTime> done_at_;
    bool arm_used_ = false;
    bool pressed_ = false, met_none_ = false; ///< by the command being given
    bool was_recording_ = false, by_hand_ = false, hand_moved_ = false, torn_by_hand_ = false;
};

} // namespace overbias::transport::property
