// SPDX-License-Identifier: Apache-2.0
#include "controller/supervisor.hpp"

#include <utility>

namespace overbias::controller {

namespace {
/// In record the audio thread has to turn at least so often, or what is on the tape could not be proven.
constexpr DeckDuration kAudioPatience = std::chrono::milliseconds(200);
/// The tick itself: when it stays away so long, the control thread is stuck in something.
constexpr DeckDuration kTickPatience = std::chrono::milliseconds(100);
} // namespace

Supervisor::Supervisor(const Parts& parts, std::function<void()> card_changed)
    : parts_(parts), drive_(parts.back_ends.drive(parts.engine)),
      worker_(parts.timeline.simulated() ? nullptr : std::make_unique<Worker>()),
      card_(parts.timeline, parts.engine, *drive_, parts.back_ends.card(),
            {.elsewhere = [this](std::function<void()> work) { card_work(std::move(work)); },
             .lost = [this](const std::string& what) { parts_.transport.raise_fault(what); },
             .changed = std::move(card_changed),
             .engine_is_free = [this] { return !parts_.runner.busy(); }}),
      ticked_at_(parts.timeline.now()), heartbeat_(parts.back_ends.heartbeat([this] { return may_beat(); })) {
}

Supervisor::~Supervisor() {
    heartbeat_.reset();
    worker_.reset(); // an attempt to open the card comes to its end
    if (started_) {
        card_.stop();
    }
}

/// A simulated card keeps nobody waiting, and what turns its engine are timers: nothing but the timeline's thread may
/// touch them.
void Supervisor::card_work(std::function<void()> work) {
    if (worker_) {
        worker_->post(std::move(work));
    } else {
        parts_.timeline.post(std::move(work));
    }
}

Result<void> Supervisor::start() {
    auto started = card_.start();
    started_ = started.ok();
    return started;
}

void Supervisor::tick() {
    ticked_at_ = parts_.timeline.now();
    card_.tick();
    watch_audio_thread();
    watch_deck();
}

bool Supervisor::holds_record() const {
    const transport::MachineState& state = parts_.transport.state();
    return state.arm == transport::RecordArm::Armed || state.current == transport::Motion::Recording ||
           state.requested == transport::Motion::Recording || state.record_tally;
}

void Supervisor::watch_audio_thread() {
    const DeckTime now = parts_.timeline.now();
    const std::uint64_t turns = drive_->turns();
    if (turns != turns_seen_ || !holds_record()) {
        turns_seen_ = turns;
        turned_at_ = now;
        audio_stalled_ = false;
        return;
    }
    if (now - turned_at_ >= kAudioPatience && !audio_stalled_) {
        audio_stalled_ = true;
        parts_.transport.raise_fault("the audio thread has not turned for 0.2 s while record was armed: record off and "
                                     "stop; see what else keeps this machine busy");
    }
}

void Supervisor::watch_deck() {
    if (!deck_lost_.empty()) {
        return;
    }
    deck_lost_ = parts_.back_ends.deck_lost();
    if (!deck_lost_.empty()) {
        deck_lost_ = "the way to the deck is gone: " + deck_lost_ +
                     "; look at the deck and stop it by hand, then restart the daemon";
        parts_.transport.raise_fault(deck_lost_);
    }
}

bool Supervisor::may_beat() const {
    return deck_lost_.empty() && !audio_stalled_ && parts_.timeline.now() - ticked_at_ < kTickPatience;
}

std::string Supervisor::record_obstacle() const {
    if (!deck_lost_.empty()) {
        return deck_lost_;
    }
    if (card_.lost()) {
        return card_.problem();
    }
    if (needs_acknowledgement() && !acknowledged_) {
        return "nothing would stop this deck if the daemon died: its profile names nothing in [made_safe] that would, "
               "and a deck in record goes on erasing to the end of the reel. Say that you know and stay with "
               "it: acknowledge_no_hardware_stop (once a session)";
    }
    return {};
}

std::string Supervisor::clear_obstacle() const {
    return deck_lost_;
}

bool Supervisor::needs_acknowledgement() const noexcept {
    return !parts_.profile.stops_without_daemon();
}

} // namespace overbias::controller
